/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the processes of a program and of handing them to and fro. */
#include "sal-sampler-process.h"

#include <glib.h>

#define N_POSTERS 4
#define N_EACH 5000

static void
test_mail_keeps_the_order (void)
{
  SalSamplerMail mail = { 0 };
  SalSamplerProcess *processes[3];
  SalSamplerProcess *taken;

  g_assert_null (sal_sampler_mail_take (&mail));
  for (int i = 0; i < 3; i++)
    {
      processes[i] = sal_sampler_process_new (100 + i, NULL);
      sal_sampler_mail_post (&mail, processes[i]);
    }
  taken = sal_sampler_mail_take (&mail);
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (taken == processes[i]);
      taken = taken->next;
      sal_sampler_process_unref (processes[i]);
    }
  g_assert_null (taken);
  g_assert_null (sal_sampler_mail_take (&mail));
}

static gpointer
post_many (gpointer data)
{
  for (int i = 0; i < N_EACH; i++)
    sal_sampler_mail_post (data, sal_sampler_process_new (1 + i, NULL));
  return NULL;
}

/* From several threads at once nothing is lost, and what one of them posts keeps its order. */
static void
test_mail_from_several_threads (void)
{
  SalSamplerMail mail = { 0 };
  GThread *threads[N_POSTERS];
  int n_of_pid[N_EACH + 1] = { 0 };
  int n_taken = 0;

  for (int i = 0; i < N_POSTERS; i++)
    threads[i] = g_thread_new ("poster", post_many, &mail);
  while (n_taken < N_POSTERS * N_EACH)
    {
      SalSamplerProcess *process = sal_sampler_mail_take (&mail);

      while (process != NULL)
        {
          SalSamplerProcess *next = process->next;

          n_of_pid[process->pid]++;
          if (process->pid > 1)
            g_assert_cmpint (n_of_pid[process->pid], <=, n_of_pid[process->pid - 1]);
          n_taken++;
          sal_sampler_process_unref (process);
          process = next;
        }
    }
  for (int i = 0; i < N_POSTERS; i++)
    g_thread_join (threads[i]);
  g_assert_null (sal_sampler_mail_take (&mail));
}

/* A parent that has ended stays known as long as its children. */
static void
test_children_hold_their_parents (void)
{
  SalSamplerProcess *root = sal_sampler_process_new (10, NULL);
  SalSamplerProcess *child = sal_sampler_process_new (11, root);
  SalSamplerProcess *grandchild = sal_sampler_process_new (12, child);

  sal_sampler_process_unref (root);
  sal_sampler_process_unref (child);
  g_assert_cmpint (grandchild->parent->parent->pid, ==, 10);
  sal_sampler_process_unref (grandchild);
  sal_sampler_process_unref (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/process/mail-order", test_mail_keeps_the_order);
  g_test_add_func ("/sampler/process/mail-threads", test_mail_from_several_threads);
  g_test_add_func ("/sampler/process/parents", test_children_hold_their_parents);
  return g_test_run ();
}
