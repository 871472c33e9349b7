/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints where the time of threads went by state. */
#include "config.h"

#include "sal-terminal-states.h"

#include <glib/gi18n.h>

#include "sal-terminal-print.h"

static guint64
sum_rows (GArray *rows)
{
  guint64 sum = 0;

  for (guint i = 0; i < rows->len; i++)
    sum += g_array_index (rows, SalStateRow, i).ns;
  return sum;
}

void
sal_terminal_states_append (GString *out, GArray *rows)
{
  double sum = (double)sum_rows (rows);

  g_string_append_printf (out, "%10s %8s  %s\n", _ ("Seconds"), "%", _ ("State"));
  for (guint i = 0; i < rows->len; i++)
    {
      const SalStateRow *row = &g_array_index (rows, SalStateRow, i);
      g_autofree char *words = sal_state_row_describe (row);
      g_autofree char *name = sal_terminal_escape (row->name);

      g_string_append_printf (out,
                              "%10.3f %8.2f  %s",
                              (double)row->ns / 1e9,
                              100 * (double)row->ns / sum,
                              words);
      if (*name != '\0')
        {
          g_string_append (out, ", ");
          /* Translators: a file, for which most of the time was spent */
          g_string_append_printf (out, _ ("mostly %s"), name);
        }
      g_string_append_c (out, '\n');
    }
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

void
sal_terminal_states_add (JsonBuilder *builder, GArray *rows)
{
  double sum = (double)sum_rows (rows);

  json_builder_set_member_name (builder, "states");
  json_builder_begin_array (builder);
  for (guint i = 0; i < rows->len; i++)
    {
      const SalStateRow *row = &g_array_index (rows, SalStateRow, i);

      json_builder_begin_object (builder);
      add_text (builder, "state", sal_state_get_name (row->state));
      if (row->state == SAL_STATE_ASLEEP || row->state == SAL_STATE_DISK)
        {
          add_text (builder, "wait", sal_wait_kind_get_name (row->wait));
          add_text (builder, "descriptor", sal_descriptor_kind_get_name (row->descriptor));
          add_text (builder, "mostly", row->name);
        }
      sal_terminal_add_number (builder, "seconds", (double)row->ns / 1e9);
      sal_terminal_add_number (builder, "percent", 100 * (double)row->ns / sum);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}
