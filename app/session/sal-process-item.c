/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds a process's values and its place in the tree. */
#include "sal-process-item.h"

#include <math.h>
#include <string.h>

struct _SalProcessItem
{
  GObject parent_instance;

  /* Owned */
  SalProcessInfo *info;
  char *haystack; /* (nullable): not made yet */

  /* State */
  guint depth; /* when it last changed */

  /* Borrowed */
  SalProcessItem *parent;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SalProcessItem, sal_process_item, G_TYPE_OBJECT)

static void
sal_process_item_finalize (GObject *object)
{
  SalProcessItem *self = SAL_PROCESS_ITEM (object);

  sal_process_info_free (self->info);
  g_free (self->haystack);
  G_OBJECT_CLASS (sal_process_item_parent_class)->finalize (object);
}

static void
sal_process_item_class_init (SalProcessItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sal_process_item_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed",
                                          SAL_TYPE_PROCESS_ITEM,
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          0);
}

static void
sal_process_item_init (SalProcessItem *self)
{
}

SalProcessItem *
sal_process_item_new (const SalProcessInfo *info)
{
  SalProcessItem *self;

  g_return_val_if_fail (info != NULL, NULL);

  self = g_object_new (SAL_TYPE_PROCESS_ITEM, NULL);
  self->info = sal_process_info_copy (info);
  return self;
}

/* The processor time is shown as a whole percentage. */
static gboolean
is_same (const SalProcessInfo *a, const SalProcessInfo *b)
{
  return lround (a->cpu * 100) == lround (b->cpu * 100) && a->is_python == b->is_python &&
         a->access == b->access && a->parent == b->parent && g_str_equal (a->name, b->name) &&
         g_str_equal (a->user, b->user) && g_str_equal (a->python, b->python) &&
         g_str_equal (a->environment, b->environment) &&
         g_str_equal (a->container, b->container) && g_str_equal (a->command, b->command);
}

void
sal_process_item_update (SalProcessItem *self, const SalProcessInfo *info)
{
  guint depth = sal_process_item_get_depth (self);
  gboolean same;

  g_return_if_fail (SAL_IS_PROCESS_ITEM (self));
  g_return_if_fail (info != NULL);

  /* Something above it may have come or gone. */
  same = is_same (self->info, info) && depth == self->depth;
  self->depth = depth;
  sal_process_info_free (self->info);
  self->info = sal_process_info_copy (info);
  if (same)
    return;
  g_clear_pointer (&self->haystack, g_free);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

const SalProcessInfo *
sal_process_item_get_info (SalProcessItem *self)
{
  g_return_val_if_fail (SAL_IS_PROCESS_ITEM (self), NULL);
  return self->info;
}

void
sal_process_item_set_parent (SalProcessItem *self, SalProcessItem *parent)
{
  g_return_if_fail (SAL_IS_PROCESS_ITEM (self));

  for (SalProcessItem *above = parent; above != NULL; above = above->parent)
    if (above == self)
      parent = NULL;
  self->parent = parent;
}

SalProcessItem *
sal_process_item_get_parent (SalProcessItem *self)
{
  g_return_val_if_fail (SAL_IS_PROCESS_ITEM (self), NULL);
  return self->parent;
}

guint
sal_process_item_get_depth (SalProcessItem *self)
{
  guint depth = 0;

  g_return_val_if_fail (SAL_IS_PROCESS_ITEM (self), 0);

  for (SalProcessItem *above = self->parent; above != NULL; above = above->parent)
    depth++;
  return depth;
}

gboolean
sal_process_item_matches (SalProcessItem *self, const char *const *words)
{
  g_return_val_if_fail (SAL_IS_PROCESS_ITEM (self), FALSE);

  if (self->haystack == NULL)
    {
      g_autofree char *all = g_strdup_printf ("%d\n%s\n%s\n%s\n%s\n%s\n%s",
                                              self->info->pid,
                                              self->info->name,
                                              self->info->user,
                                              self->info->python,
                                              self->info->environment,
                                              self->info->container,
                                              self->info->command);

      self->haystack = g_utf8_casefold (all, -1);
    }
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (strstr (self->haystack, words[i]) == NULL)
      return FALSE;
  return TRUE;
}
