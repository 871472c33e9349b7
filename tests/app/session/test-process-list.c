/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of processes: what stays, what goes, and who is below whom, at every moment. */
#include "sal-process-list.h"

#include <string.h>

static SalProcessInfo
make_info (int pid, int parent, gboolean is_python)
{
  static char name[] = "app.py";
  static char none[] = "";

  return (SalProcessInfo){
    .pid = pid,
    .parent = parent,
    .start_ticks = 1,
    .is_python = is_python,
    .name = name,
    .user = none,
    .python = none,
    .environment = none,
    .container = none,
    .command = name,
  };
}

/* A list's contents out of @n values. */
static GPtrArray *
make_infos (const SalProcessInfo *infos, guint n)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)sal_process_info_free);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (list, sal_process_info_copy (&infos[i]));
  return list;
}

static void
set (SalProcessList *list, const SalProcessInfo *infos, guint n)
{
  g_autoptr (GPtrArray) array = make_infos (infos, n);

  sal_process_list_set (list, array);
}

/* The item of @pid; NULL = none. */
static SalProcessItem *
find (SalProcessList *list, int pid)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (SalProcessItem) item = g_list_model_get_item (G_LIST_MODEL (list), i);

      if (sal_process_item_get_info (item)->pid == pid)
        return item; /* the list holds it */
    }
  return NULL;
}

static void
count_cb (gpointer object, gpointer data)
{
  ++*(guint *)data;
}

static void
test_items_stay (void)
{
  g_autoptr (SalProcessList) list = sal_process_list_new ();
  SalProcessInfo infos[] = { make_info (1, 0, TRUE), make_info (2, 0, TRUE) };
  SalProcessItem *first;
  SalProcessItem *second;
  guint n_changes = 0;

  set (list, infos, 2);
  first = find (list, 1);
  second = find (list, 2);
  g_signal_connect (first, "changed", G_CALLBACK (count_cb), &n_changes);
  set (list, infos, 2);
  g_assert_true (find (list, 1) == first);
  g_assert_cmpuint (n_changes, ==, 0);
  infos[0].cpu = 0.5;
  set (list, infos, 2);
  g_assert_true (find (list, 1) == first);
  g_assert_cmpuint (n_changes, ==, 1);
  /* The number is used again: that is another process. */
  infos[1].start_ticks = 2;
  set (list, infos, 2);
  g_assert_true (find (list, 2) != second);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 2);
  set (list, infos, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
}

/* Whoever hears of a change sees a whole tree. */
static void
check_tree_cb (SalProcessList *list, guint position, guint removed, guint added, gpointer data)
{
  SalProcessItem *child = find (list, 3);

  if (child != NULL)
    g_assert_cmpuint (sal_process_item_get_depth (child), ==, *(guint *)data);
}

static void
test_the_tree_stands_during_changes (void)
{
  g_autoptr (SalProcessList) list = sal_process_list_new ();
  SalProcessInfo infos[] = {
    make_info (1, 0, TRUE),
    make_info (2, 1, TRUE),
    make_info (3, 2, TRUE),
    make_info (4, 0, TRUE),
  };
  SalProcessInfo without[] = { make_info (3, 1, TRUE), make_info (1, 0, TRUE) };
  guint depth = 2;

  set (list, infos, 3);
  g_signal_connect (list, "items-changed", G_CALLBACK (check_tree_cb), &depth);
  set (list, infos, 4);
  set (list, infos, 3);
  depth = 1;
  set (list, without, 2);
  g_assert_true (sal_process_item_get_parent (find (list, 3)) == find (list, 1));
  depth = 0;
  without[0].parent = 0;
  set (list, without, 1);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
}

/* What is farther down stands elsewhere, though nothing is new about it. */
static void
test_all_below_hear_of_a_new_depth (void)
{
  g_autoptr (SalProcessList) list = sal_process_list_new ();
  SalProcessInfo infos[] = {
    make_info (3, 2, TRUE),
    make_info (2, 1, TRUE),
    make_info (1, 0, FALSE),
  };
  guint n_changes = 0;

  set (list, infos, 3);
  g_signal_connect (find (list, 3), "changed", G_CALLBACK (count_cb), &n_changes);
  set (list, infos, 3);
  g_assert_cmpuint (n_changes, ==, 0);
  infos[1].parent = 0;
  set (list, infos, 2);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_cmpuint (sal_process_item_get_depth (find (list, 3)), ==, 1);
}

static void
test_circles_are_broken (void)
{
  g_autoptr (SalProcessList) list = sal_process_list_new ();
  SalProcessInfo infos[] = {
    make_info (1, 2, TRUE),
    make_info (2, 3, FALSE),
    make_info (3, 1, FALSE),
    make_info (4, 4, TRUE),
  };
  g_autoptr (GPtrArray) started = NULL;

  set (list, infos, 4);
  for (int pid = 1; pid <= 4; pid++)
    g_assert_cmpuint (sal_process_item_get_depth (find (list, pid)), <, 3);
  started = sal_process_list_find_started (list, find (list, 3));
  g_assert_cmpuint (started->len, <=, 1);
}

static void
test_launchers_stand_for_what_they_started (void)
{
  g_autoptr (SalProcessList) list = sal_process_list_new ();
  SalProcessInfo infos[] = {
    make_info (1, 0, FALSE),
    make_info (2, 1, FALSE),
    make_info (3, 2, TRUE),
    make_info (4, 3, TRUE),
    make_info (5, 1, TRUE),
  };
  g_autoptr (GPtrArray) of_launcher = NULL;
  g_autoptr (GPtrArray) of_python = NULL;

  set (list, infos, 5);
  of_launcher = sal_process_list_find_started (list, find (list, 1));
  g_assert_cmpuint (of_launcher->len, ==, 2);
  g_assert_true (g_ptr_array_find (of_launcher, find (list, 3), NULL));
  g_assert_true (g_ptr_array_find (of_launcher, find (list, 5), NULL));
  of_python = sal_process_list_find_started (list, find (list, 3));
  g_assert_cmpuint (of_python->len, ==, 1);
  g_assert_true (of_python->pdata[0] == find (list, 3));
}

static void
test_words_match_anywhere (void)
{
  SalProcessInfo info = make_info (4711, 0, TRUE);
  char user[] = "Ämilie";
  const char *both[] = { "app", "471", NULL };
  const char *folded[] = { "ämi", NULL };
  const char *wrong[] = { "app", "nothing", NULL };
  g_autoptr (SalProcessItem) item = NULL;

  info.user = user;
  item = sal_process_item_new (&info);
  g_assert_true (sal_process_item_matches (item, both));
  g_assert_true (sal_process_item_matches (item, folded));
  g_assert_false (sal_process_item_matches (item, wrong));
  g_assert_true (sal_process_item_matches (item, NULL));
}

static void
test_watching (void)
{
  g_autoptr (SalProcessList) list = sal_process_list_new ();
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  guint n_looks = 0;

  g_signal_connect (list, "refreshed", G_CALLBACK (count_cb), &n_looks);
  sal_process_list_set_watching (list, TRUE);
  while (n_looks < 2)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  sal_process_list_set_watching (list, FALSE);
  /* A worker that is still at it brings nothing any longer, and frees the list at its end. */
  sal_process_list_set_watching (list, TRUE);
  sal_process_list_set_watching (list, FALSE);
  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *)&list);
  g_object_unref (list);
  while (list != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (n_looks, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/process-list/items-stay", test_items_stay);
  g_test_add_func ("/session/process-list/the-tree-stands-during-changes",
                   test_the_tree_stands_during_changes);
  g_test_add_func ("/session/process-list/all-below-hear-of-a-new-depth",
                   test_all_below_hear_of_a_new_depth);
  g_test_add_func ("/session/process-list/circles-are-broken", test_circles_are_broken);
  g_test_add_func ("/session/process-list/launchers-stand-for-what-they-started",
                   test_launchers_stand_for_what_they_started);
  g_test_add_func ("/session/process-list/words-match-anywhere", test_words_match_anywhere);
  g_test_add_func ("/session/process-list/watching", test_watching);
  return g_test_run ();
}
