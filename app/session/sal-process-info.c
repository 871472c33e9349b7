/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of the process list. */
#include "config.h"

#include "sal-process-info.h"

#include <glib/gi18n.h>

/* A time of the day is clear for so long. */
#define RECENT_S (20 * 3600)

SalProcessInfo *
sal_process_info_copy (const SalProcessInfo *info)
{
  SalProcessInfo *copy = g_memdup2 (info, sizeof *info);

  copy->name = g_strdup (info->name);
  copy->user = g_strdup (info->user);
  copy->python = g_strdup (info->python);
  copy->environment = g_strdup (info->environment);
  copy->container = g_strdup (info->container);
  copy->command = g_strdup (info->command);
  return copy;
}

void
sal_process_info_free (SalProcessInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->name);
  g_free (info->user);
  g_free (info->python);
  g_free (info->environment);
  g_free (info->container);
  g_free (info->command);
  g_free (info);
}

char *
sal_process_info_describe (const SalProcessInfo *info, gboolean has_helper)
{
  g_autofree char *subject = g_strdup_printf (_ ("process %d"), info->pid);

  if (!info->is_python)
    /* Translators: a program's name and a process's number */
    return g_strdup_printf (_ ("“%s” (process %d) is not a Python program itself; what it started "
                               "is recorded."),
                            info->name,
                            info->pid);
  switch (sal_access_get_route (info->access, has_helper))
    {
    case SAL_ROUTE_DIRECT:
      return g_strdup_printf (_ ("“%s” (process %d) can be recorded."), info->name, info->pid);
    case SAL_ROUTE_PASSWORD:
      return g_strdup_printf (_ ("“%s” (process %d) can be recorded after you have given a "
                                 "password."),
                              info->name,
                              info->pid);
    case SAL_ROUTE_NONE:
    default:
      return sal_access_describe (info->access,
                                  subject,
                                  info->access == SAL_ACCESS_VERSION ? info->python : info->user);
    }
}

const char *
sal_process_info_get_label (const SalProcessInfo *info)
{
  /* Translators: stands in a list beside a program, such as make, that started a Python program */
  return info->is_python ? sal_access_get_label (info->access) : _ ("Starts Python");
}

char *
sal_process_info_format_start (const SalProcessInfo *info)
{
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_local (info->start_time);
  gboolean is_recent = g_get_real_time () / G_USEC_PER_SEC - info->start_time < RECENT_S;

  if (start == NULL)
    return g_strdup ("");
  return g_date_time_format (start, is_recent ? "%H:%M:%S" : "%Y-%m-%d");
}

const SalProcessInfo *
sal_process_info_find (GPtrArray *list, int pid)
{
  for (guint i = 0; i < list->len; i++)
    {
      const SalProcessInfo *info = g_ptr_array_index (list, i);

      if (info->pid == pid)
        return info;
    }
  return NULL;
}

GPtrArray *
sal_process_info_find_started (GPtrArray *list, int pid)
{
  GPtrArray *found = g_ptr_array_new ();
  g_autoptr (GHashTable) starters = g_hash_table_new (NULL, NULL);
  gboolean grows = TRUE;

  g_hash_table_add (starters, GINT_TO_POINTER (pid));
  while (grows)
    {
      grows = FALSE;
      for (guint i = 0; i < list->len; i++)
        {
          SalProcessInfo *info = g_ptr_array_index (list, i);

          if (!g_hash_table_contains (starters, GINT_TO_POINTER (info->parent)))
            continue;
          if (!info->is_python)
            grows = g_hash_table_add (starters, GINT_TO_POINTER (info->pid)) || grows;
          else if (!g_ptr_array_find (found, info, NULL))
            g_ptr_array_add (found, info);
        }
    }
  return found;
}
