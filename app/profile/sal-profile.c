/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile: tables that never change, shared by reference. */
#include "sal-profile-private.h"

G_DEFINE_BOXED_TYPE (SalProfile, sal_profile, sal_profile_ref, sal_profile_unref)

SalProfile *
sal_profile_ref (SalProfile *profile)
{
  g_return_val_if_fail (profile != NULL, NULL);
  g_atomic_ref_count_inc (&profile->refs);
  return profile;
}

void
sal_profile_unref (SalProfile *profile)
{
  g_return_if_fail (profile != NULL);
  if (!g_atomic_ref_count_dec (&profile->refs))
    return;
  sal_texts_unref (profile->texts);
  g_clear_pointer (&profile->names, sal_texts_unref);
  sal_column_clear (&profile->functions);
  sal_column_clear (&profile->frames);
  sal_column_clear (&profile->stacks);
  sal_column_clear (&profile->waits);
  sal_samples_clear (&profile->samples);
  g_array_unref (profile->costs);
  g_array_unref (profile->edges);
  g_array_unref (profile->processes);
  g_array_unref (profile->threads);
  g_hash_table_unref (profile->meta);
  g_strfreev (profile->warnings);
  g_free (profile);
}

static GArray *
copy_array (GArray *array)
{
  GArray *copy =
      g_array_sized_new (FALSE, FALSE, g_array_get_element_size (array), array->len);

  if (array->len > 0)
    g_array_append_vals (copy, array->data, array->len);
  return copy;
}

SalProfile *
_sal_profile_copy (const SalProfile *profile)
{
  SalProfile *copy = g_new0 (SalProfile, 1);
  GHashTableIter iter;
  gpointer key, value;

  g_atomic_ref_count_init (&copy->refs);
  copy->kind = profile->kind;
  copy->texts = sal_texts_ref (profile->texts);
  copy->names = profile->names != NULL ? sal_texts_ref (profile->names) : NULL;
  sal_column_share (&profile->functions, &copy->functions);
  sal_column_share (&profile->frames, &copy->frames);
  sal_column_share (&profile->stacks, &copy->stacks);
  sal_column_share (&profile->waits, &copy->waits);
  sal_samples_share (&profile->samples, &copy->samples);
  copy->costs = g_array_ref (profile->costs);
  copy->edges = g_array_ref (profile->edges);
  copy->processes = copy_array (profile->processes);
  copy->threads = copy_array (profile->threads);
  copy->meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_iter_init (&iter, profile->meta);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy->meta, g_strdup (key), g_strdup (value));
  copy->warnings = g_strdupv (profile->warnings);
  copy->counters = profile->counters;
  copy->duration_ns = profile->duration_ns;
  copy->is_finished = profile->is_finished;
  return copy;
}

SalProfileKind
sal_profile_get_kind (SalProfile *profile)
{
  return profile->kind;
}

const char *
sal_profile_get_meta (SalProfile *profile, const char *key)
{
  return g_hash_table_lookup (profile->meta, key);
}

const char *const *
sal_profile_get_warnings (SalProfile *profile)
{
  return (const char *const *)profile->warnings;
}

const SalProfileCounters *
sal_profile_get_counters (SalProfile *profile)
{
  return &profile->counters;
}

gint64
sal_profile_get_duration_ns (SalProfile *profile)
{
  return profile->duration_ns;
}

gboolean
sal_profile_is_finished (SalProfile *profile)
{
  return profile->is_finished;
}

guint32
sal_profile_get_n_functions (SalProfile *profile)
{
  return (guint32)profile->functions.length;
}

SalFunction
sal_profile_get_function (SalProfile *profile, guint32 function)
{
  static const SalFunction none = { .name = "", .file = "", .library = "" };

  g_return_val_if_fail (function < profile->functions.length, none);
  return SAL_COLUMN_GET (&profile->functions, SalFunction, function);
}

guint32
sal_profile_get_n_processes (SalProfile *profile)
{
  return profile->processes->len;
}

SalProcess
sal_profile_get_process (SalProfile *profile, guint32 process)
{
  static const SalProcess none = { .parent = SAL_NO_ID, .command = "", .python = "" };

  g_return_val_if_fail (process < profile->processes->len, none);
  return g_array_index (profile->processes, SalProcess, process);
}

guint32
sal_profile_get_n_threads (SalProfile *profile)
{
  return profile->threads->len;
}

SalThread
sal_profile_get_thread (SalProfile *profile, guint32 thread)
{
  static const SalThread none = { .name = "" };

  g_return_val_if_fail (thread < profile->threads->len, none);
  return g_array_index (profile->threads, SalThread, thread);
}

guint32
sal_profile_get_n_frames (SalProfile *profile)
{
  return (guint32)profile->frames.length;
}

SalFrame
sal_profile_get_frame (SalProfile *profile, guint32 frame)
{
  static const SalFrame none = { 0 };

  g_return_val_if_fail (frame < profile->frames.length, none);
  return SAL_COLUMN_GET (&profile->frames, SalFrame, frame);
}

guint32
sal_profile_get_n_stacks (SalProfile *profile)
{
  return (guint32)profile->stacks.length;
}

SalStack
sal_profile_get_stack (SalProfile *profile, guint32 stack)
{
  static const SalStack none = { .parent = SAL_NO_ID };

  g_return_val_if_fail (stack < profile->stacks.length, none);
  return SAL_COLUMN_GET (&profile->stacks, SalStack, stack);
}

guint64
sal_profile_get_n_samples (SalProfile *profile)
{
  return profile->samples.times.length;
}

SalSample
sal_profile_get_sample (SalProfile *profile, guint64 sample)
{
  static const SalSample none = { .stack = SAL_NO_ID };

  g_return_val_if_fail (sample < profile->samples.times.length, none);
  return sal_samples_get (&profile->samples, sample);
}

guint32
sal_profile_get_n_waits (SalProfile *profile)
{
  return (guint32)profile->waits.length;
}

SalWait
sal_profile_get_wait (SalProfile *profile, guint32 wait)
{
  static const SalWait none = { .descriptor = SAL_NO_ID, .name = "" };

  g_return_val_if_fail (wait >= 1 && wait <= profile->waits.length, none);
  return SAL_COLUMN_GET (&profile->waits, SalWait, wait - 1);
}

SalCallCosts
sal_profile_get_costs (SalProfile *profile, guint32 function)
{
  static const SalCallCosts none = { 0 };

  if (function >= profile->costs->len)
    return none;
  return g_array_index (profile->costs, SalCallCosts, function);
}

guint32
sal_profile_get_n_edges (SalProfile *profile)
{
  return profile->edges->len;
}

const SalCallEdge *
sal_profile_get_edges (SalProfile *profile)
{
  return &g_array_index (profile->edges, SalCallEdge, 0);
}
