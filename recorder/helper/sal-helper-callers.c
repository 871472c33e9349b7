/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much each user has asked of the helper. */
#include "sal-helper-callers.h"

typedef struct
{
  guint n_sessions;
  double calls; /* that the user may still make at once */
  gint64 counted_us;
} Caller;

struct _SalHelperCallers
{
  GHashTable *callers; /* uid → Caller; as many as there are users */
  guint n_sessions;
};

SalHelperCallers *
sal_helper_callers_new (void)
{
  SalHelperCallers *self = g_new0 (SalHelperCallers, 1);

  self->callers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

static Caller *
find_caller (SalHelperCallers *self, guint32 uid, gint64 now_us)
{
  Caller *caller = g_hash_table_lookup (self->callers, GUINT_TO_POINTER (uid));

  if (caller == NULL)
    {
      caller = g_new0 (Caller, 1);
      caller->calls = SAL_HELPER_CALLERS_BURST;
      caller->counted_us = now_us;
      g_hash_table_insert (self->callers, GUINT_TO_POINTER (uid), caller);
    }
  return caller;
}

gboolean
sal_helper_callers_admit (SalHelperCallers *self, guint32 uid, gint64 now_us)
{
  Caller *caller = find_caller (self, uid, now_us);
  double earned = (double)(now_us - caller->counted_us) * SAL_HELPER_CALLERS_PER_SECOND /
                  G_USEC_PER_SEC;

  caller->calls = MIN (caller->calls + MAX (earned, 0), SAL_HELPER_CALLERS_BURST);
  caller->counted_us = now_us;
  if (caller->calls < 1)
    return FALSE;
  caller->calls--;
  if (caller->n_sessions >= SAL_HELPER_CALLERS_SESSIONS_EACH ||
      self->n_sessions >= SAL_HELPER_CALLERS_SESSIONS_ALL)
    return FALSE;
  caller->n_sessions++;
  self->n_sessions++;
  return TRUE;
}

void
sal_helper_callers_leave (SalHelperCallers *self, guint32 uid)
{
  Caller *caller = g_hash_table_lookup (self->callers, GUINT_TO_POINTER (uid));

  g_return_if_fail (caller != NULL && caller->n_sessions > 0);
  caller->n_sessions--;
  self->n_sessions--;
}

guint
sal_helper_callers_get_n_sessions (SalHelperCallers *self)
{
  return self->n_sessions;
}

void
sal_helper_callers_free (SalHelperCallers *self)
{
  g_hash_table_unref (self->callers);
  g_free (self);
}
