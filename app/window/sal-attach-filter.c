/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds anew what is to be shown whenever the text or the list has changed. */
#include "config.h"

#include "sal-attach-filter.h"

struct _SalAttachFilter
{
  GtkFilter parent_instance;

  /* Owned */
  SalProcessList *list;
  char **words;
  GHashTable *shown; /* of SalProcessItem, as they stand in the list */

  gboolean tree;
};

G_DEFINE_FINAL_TYPE (SalAttachFilter, sal_attach_filter, GTK_TYPE_FILTER)

static gboolean
is_python (SalProcessItem *item)
{
  return sal_process_item_get_info (item)->is_python;
}

/* Itself, or the launcher that it is the program of. */
static gboolean
is_match (SalAttachFilter *self, SalProcessItem *item)
{
  const char *const *words = (const char *const *)self->words;

  if (sal_process_item_matches (item, words))
    return TRUE;
  for (SalProcessItem *above = sal_process_item_get_parent (item);
       above && !is_python (above);
       above = sal_process_item_get_parent (above))
    {
      if (sal_process_item_matches (above, words))
        return TRUE;
    }
  return FALSE;
}

static GHashTable *
find_shown (SalAttachFilter *self)
{
  GHashTable *shown = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  GListModel *model = G_LIST_MODEL (self->list);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (SalProcessItem) item = g_list_model_get_item (model, i);

      if ((!self->tree && !is_python (item)) || !is_match (self, item))
        continue;
      g_hash_table_add (shown, g_object_ref (item));
      for (SalProcessItem *above = sal_process_item_get_parent (item);
           self->tree && above;
           above = sal_process_item_get_parent (above))
        g_hash_table_add (shown, g_object_ref (above));
    }
  return shown;
}

static gboolean
is_same (GHashTable *a, GHashTable *b)
{
  GHashTableIter iter;
  gpointer item;

  if (g_hash_table_size (a) != g_hash_table_size (b))
    return FALSE;
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    {
      if (!g_hash_table_contains (b, item))
        return FALSE;
    }
  return TRUE;
}

static void
update_cb (SalAttachFilter *self)
{
  GHashTable *shown = find_shown (self);
  gboolean same = is_same (shown, self->shown);

  g_hash_table_unref (self->shown);
  self->shown = shown;
  if (!same)
    gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

static gboolean
sal_attach_filter_match (GtkFilter *filter, gpointer item)
{
  return g_hash_table_contains (SAL_ATTACH_FILTER (filter)->shown, item);
}

static void
sal_attach_filter_finalize (GObject *object)
{
  SalAttachFilter *self = SAL_ATTACH_FILTER (object);

  g_clear_object (&self->list);
  g_strfreev (self->words);
  g_hash_table_unref (self->shown);
  G_OBJECT_CLASS (sal_attach_filter_parent_class)->finalize (object);
}

static void
sal_attach_filter_class_init (SalAttachFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sal_attach_filter_finalize;
  GTK_FILTER_CLASS (klass)->match = sal_attach_filter_match;
}

static void
sal_attach_filter_init (SalAttachFilter *self)
{
  self->shown = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->tree = TRUE;
}

SalAttachFilter *
sal_attach_filter_new (SalProcessList *list)
{
  SalAttachFilter *self = g_object_new (SAL_TYPE_ATTACH_FILTER, NULL);

  self->list = g_object_ref (list);
  g_signal_connect_object (list, "refreshed", G_CALLBACK (update_cb), self, G_CONNECT_SWAPPED);
  update_cb (self);
  return self;
}

void
sal_attach_filter_set_text (SalAttachFilter *self, const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (folded, " \t", -1);

  g_return_if_fail (SAL_IS_ATTACH_FILTER (self));

  for (guint i = 0; parts[i]; i++)
    {
      if (*parts[i])
        g_strv_builder_add (words, parts[i]);
    }
  g_strfreev (self->words);
  self->words = g_strv_builder_end (words);
  update_cb (self);
}

void
sal_attach_filter_set_tree (SalAttachFilter *self, gboolean tree)
{
  g_return_if_fail (SAL_IS_ATTACH_FILTER (self));

  self->tree = tree;
  update_cb (self);
}

gboolean
sal_attach_filter_is_match (SalAttachFilter *self, SalProcessItem *item)
{
  g_return_val_if_fail (SAL_IS_ATTACH_FILTER (self), FALSE);

  return is_match (self, item);
}

/* Two siblings, or any two in a flat list. */
static GtkOrdering
compare_siblings (SalProcessItem *a, SalProcessItem *b, GtkSorter *sorter)
{
  const SalProcessInfo *first = sal_process_item_get_info (a);
  const SalProcessInfo *second = sal_process_item_get_info (b);
  GtkOrdering order = sorter ? gtk_sorter_compare (sorter, a, b) : GTK_ORDERING_EQUAL;

  if (order != GTK_ORDERING_EQUAL)
    return order;
  if (first->start_ticks != second->start_ticks)
    return first->start_ticks > second->start_ticks ? GTK_ORDERING_SMALLER : GTK_ORDERING_LARGER;
  return gtk_ordering_from_cmpfunc (second->pid - first->pid);
}

GtkOrdering
sal_attach_filter_compare (SalProcessItem *a, SalProcessItem *b, GtkSorter *sorter, gboolean tree)
{
  guint depth_a = tree ? sal_process_item_get_depth (a) : 0;
  guint depth_b = tree ? sal_process_item_get_depth (b) : 0;
  SalProcessItem *above_a = a;
  SalProcessItem *above_b = b;

  if (!tree)
    return compare_siblings (a, b, sorter);
  for (guint i = depth_b; i < depth_a; i++)
    above_a = sal_process_item_get_parent (above_a);
  for (guint i = depth_a; i < depth_b; i++)
    above_b = sal_process_item_get_parent (above_b);
  /* One is above the other. */
  if (above_a == above_b)
    return gtk_ordering_from_cmpfunc ((int)depth_a - (int)depth_b);
  while (sal_process_item_get_parent (above_a) != sal_process_item_get_parent (above_b))
    {
      above_a = sal_process_item_get_parent (above_a);
      above_b = sal_process_item_get_parent (above_b);
    }
  return compare_siblings (above_a, above_b, sorter);
}
