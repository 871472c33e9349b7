/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds up the time of threads by state and by what they wait for. */
#include "sal-state-totals.h"

#include <string.h>

#include "sal-profile-private.h"

#define STEPS_PER_CHECK 0xffff
#define N_STATES (SAL_STATE_UNTOLD + 1)

typedef struct
{
  SalProfile *profile;      /* borrowed */
  guint64 states[N_STATES]; /* ns of those that need no wait to tell */
  guint64 *waits;           /* by wait, from 1 */
  GArray *used;             /* of guint16: the waits that are not 0 */
} Sums;

static void
sums_init (Sums *sums, SalProfile *profile)
{
  *sums = (Sums){ .profile = profile };
  sums->waits = g_new0 (guint64, sal_profile_get_n_waits (profile) + 1);
  sums->used = g_array_new (FALSE, FALSE, sizeof (guint16));
}

static void
sums_clear (Sums *sums)
{
  g_free (sums->waits);
  g_array_unref (sums->used);
}

static void
sums_add_wait (Sums *sums, guint16 wait, guint64 ns)
{
  if (sums->waits[wait] == 0 && ns > 0)
    g_array_append_val (sums->used, wait);
  sums->waits[wait] += ns;
}

/* The kernel's account says how much of the time it had a processor, better than the moments that
 * were looked at; these say what the rest was. */
static void
sums_add (Sums *sums, const SalSample *sample)
{
  guint64 cpu_ns = MIN (sample->cpu_ns, sample->weight_ns);
  guint64 rest_ns = sample->weight_ns - cpu_ns;

  if ((sample->state & SAL_SAMPLE_IN_GC) != 0)
    {
      sums->states[SAL_STATE_GC] += sample->weight_ns;
      return;
    }
  sums->states[SAL_STATE_ON_CPU] += cpu_ns;
  if ((sample->state & SAL_SAMPLE_WANTS_GIL) != 0)
    sums->states[SAL_STATE_GIL] += rest_ns;
  else if ((sample->state & SAL_SAMPLE_ON_CPU) != 0)
    sums->states[SAL_STATE_RUNNABLE] += rest_ns;
  else if (sample->wait != 0)
    sums_add_wait (sums, sample->wait, rest_ns);
  else
    sums->states[SAL_STATE_UNTOLD] += rest_ns;
}

static SalState
get_wait_state (const SalWait *wait)
{
  if (wait->kind == SAL_WAIT_STOPPED)
    return SAL_STATE_STOPPED;
  /* Who makes a child by vfork(2) sleeps uninterruptibly, too. */
  return wait->is_disk && wait->kind != SAL_WAIT_CHILD ? SAL_STATE_DISK : SAL_STATE_ASLEEP;
}

static gboolean
is_same (const SalStateRow *a, const SalStateRow *b)
{
  return a->state == b->state && a->wait == b->wait && a->descriptor == b->descriptor;
}

/* By what they are for, and for which file. */
static int
compare_whats (gconstpointer a, gconstpointer b)
{
  const SalStateRow *left = a;
  const SalStateRow *right = b;

  if (left->state != right->state)
    return left->state < right->state ? -1 : 1;
  if (left->wait != right->wait)
    return left->wait < right->wait ? -1 : 1;
  if (left->descriptor != right->descriptor)
    return left->descriptor < right->descriptor ? -1 : 1;
  return strcmp (left->name, right->name);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const SalStateRow *left = a;
  const SalStateRow *right = b;

  if (left->ns != right->ns)
    return left->ns > right->ns ? -1 : 1;
  return compare_whats (a, b);
}

/* Adds up what is for the same file, or for the same at all. @rows are sorted for it. Names are
 * interned: the same text is the same pointer. */
static void
merge_rows (GArray *rows, gboolean by_name)
{
  SalStateRow *at = &g_array_index (rows, SalStateRow, 0);
  guint n = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      if (n == 0 || !is_same (&at[n - 1], &at[i]) || (by_name && at[n - 1].name != at[i].name))
        {
          at[n++] = at[i];
          continue;
        }
      at[n - 1].ns += at[i].ns;
      if (by_name)
        at[n - 1].name_ns += at[i].name_ns;
      else if (at[i].name_ns > at[n - 1].name_ns)
        {
          at[n - 1].name = at[i].name;
          at[n - 1].name_ns = at[i].name_ns;
        }
    }
  g_array_set_size (rows, n);
}

static void
add_state (GArray *rows, SalState state, guint64 ns)
{
  SalStateRow row = { .state = state, .ns = ns, .name = "" };

  if (ns > 0)
    g_array_append_val (rows, row);
}

/* (transfer full): the rows of what was added up, which is 0 again then. */
static GArray *
sums_take (Sums *sums)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (SalStateRow));

  for (guint i = 0; i < sums->used->len; i++)
    {
      guint16 number = g_array_index (sums->used, guint16, i);
      SalWait wait = sal_profile_get_wait (sums->profile, number);
      SalStateRow row = { .state = get_wait_state (&wait),
                          .ns = sums->waits[number],
                          .name = "" };

      if (row.state != SAL_STATE_STOPPED)
        {
          row.wait = wait.kind;
          row.descriptor = wait.descriptor_kind;
          row.name = wait.name;
          row.name_ns = *wait.name != '\0' ? row.ns : 0;
        }
      sums->waits[number] = 0;
      g_array_append_val (rows, row);
    }
  g_array_set_size (sums->used, 0);
  g_array_sort (rows, compare_whats);
  merge_rows (rows, TRUE);
  merge_rows (rows, FALSE);
  for (SalState i = 0; i < N_STATES; i++)
    {
      add_state (rows, i, sums->states[i]);
      sums->states[i] = 0;
    }
  g_array_sort (rows, compare_times);
  return rows;
}

/* (transfer full): one byte a stack: whether @function is in it. */
static guint8 *
mark_stacks (SalProfile *profile, guint32 function)
{
  guint32 n_stacks = sal_profile_get_n_stacks (profile);
  guint8 *marks = g_new0 (guint8, MAX (n_stacks, 1));

  for (guint32 i = 0; i < n_stacks; i++)
    {
      guint32 parent = SAL_COLUMN_GET (&profile->stacks, SalStack, i).parent;

      marks[i] = sal_profile_get_stack_function (profile, i) == function ||
                 (parent != SAL_NO_ID && marks[parent] != 0);
    }
  return marks;
}

GArray *
sal_state_totals_new (SalProfile *profile,
                      const SalFilter *filter,
                      guint32 function,
                      GCancellable *cancellable)
{
  guint64 n_samples = sal_profile_get_n_samples (profile);
  g_autofree guint8 *marks = NULL;
  GArray *rows;
  Sums sums;

  if (function != SAL_NO_ID)
    marks = mark_stacks (profile, function);
  sums_init (&sums, profile);
  for (guint64 i = 0; i < n_samples; i++)
    {
      SalSample sample = sal_samples_get (&profile->samples, i);

      if ((i & STEPS_PER_CHECK) == 0 && g_cancellable_is_cancelled (cancellable))
        {
          sums_clear (&sums);
          return NULL;
        }
      if ((filter == NULL || sal_filter_keeps (filter, &sample)) &&
          (marks == NULL || (sample.stack != SAL_NO_ID && marks[sample.stack] != 0)))
        sums_add (&sums, &sample);
    }
  rows = sums_take (&sums);
  sums_clear (&sums);
  return rows;
}

/* (transfer full): the samples' numbers, those of one thread together; @ends: where each thread's
 * end. */
static guint32 *
sort_by_thread (SalProfile *profile, guint32 *ends)
{
  guint32 n_samples = (guint32)sal_profile_get_n_samples (profile);
  guint32 n_threads = sal_profile_get_n_threads (profile);
  guint32 *order = g_new (guint32, MAX (n_samples, 1));
  guint32 at = 0;

  /* First where they begin; filling moves each on to its end. */
  for (guint32 i = 0; i < n_threads; i++)
    {
      ends[i] = at;
      at += (guint32)sal_profile_get_thread (profile, i).n_samples;
    }
  for (guint32 i = 0; i < n_samples; i++)
    order[ends[SAL_COLUMN_GET (&profile->samples.threads, guint32, i)]++] = i;
  return order;
}

GPtrArray *
sal_state_totals_by_thread (SalProfile *profile)
{
  guint32 n_threads = sal_profile_get_n_threads (profile);
  GPtrArray *threads = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  g_autofree guint32 *ends = g_new (guint32, MAX (n_threads, 1));
  g_autofree guint32 *order = sort_by_thread (profile, ends);
  guint32 at = 0;
  Sums sums;

  sums_init (&sums, profile);
  for (guint32 i = 0; i < n_threads; i++)
    {
      for (; at < ends[i]; at++)
        {
          SalSample sample = sal_samples_get (&profile->samples, order[at]);

          sums_add (&sums, &sample);
        }
      g_ptr_array_add (threads, sums_take (&sums));
    }
  sums_clear (&sums);
  return threads;
}
