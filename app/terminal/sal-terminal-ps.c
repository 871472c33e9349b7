/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command "ps", and what "record -p" makes of a launcher. */
#include "config.h"

#include "sal-terminal-ps.h"

#include <glib/gi18n.h>

#include "sal-process-scan.h"
#include "sal-session-helper.h"

#include "sal-terminal-print.h"

/* Between the two looks that tell how busy a process is. */
#define LOOK_MS 300

#define ROOT "/proc"

static const char *
get_route_name (SalRoute route)
{
  switch (route)
    {
    case SAL_ROUTE_DIRECT:
      return "direct";
    case SAL_ROUTE_PASSWORD:
      return "password";
    case SAL_ROUTE_NONE:
    default:
      return "none";
    }
}

static SalRoute
get_route (const SalProcessInfo *info, gboolean has_helper)
{
  return info->is_python ? sal_access_get_route (info->access, has_helper) : SAL_ROUTE_NONE;
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL && text[0] != '\0')
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static void
add_process (JsonBuilder *builder, const SalProcessInfo *info, gboolean has_helper)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (info->start_time);
  g_autofree char *start = time != NULL ? g_date_time_format_iso8601 (time) : NULL;
  g_autofree char *reason = sal_process_info_describe (info, has_helper);
  SalRoute route = get_route (info, has_helper);

  json_builder_begin_object (builder);
  add_number (builder, "pid", info->pid);
  add_number (builder, "parent", info->parent);
  add_text (builder, "name", info->name);
  json_builder_set_member_name (builder, "is_python");
  json_builder_add_boolean_value (builder, info->is_python);
  add_text (builder, "python", info->python);
  add_text (builder, "user", info->user);
  add_text (builder, "environment", info->environment);
  add_text (builder, "container", info->container);
  sal_terminal_add_number (builder, "cpu", info->cpu);
  add_text (builder, "start", start);
  add_text (builder, "command", info->command);
  add_text (builder, "route", get_route_name (route));
  add_text (builder, "access", sal_access_get_name (info->access));
  add_text (builder, "reason", route == SAL_ROUTE_NONE ? reason : NULL);
  json_builder_end_object (builder);
}

static gboolean
print_json (GPtrArray *list, gboolean has_helper)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++)
    add_process (builder, g_ptr_array_index (list, i), has_helper);
  json_builder_end_array (builder);
  return sal_terminal_write_json (builder);
}

enum
{
  COLUMN_PID,
  COLUMN_USER,
  COLUMN_PYTHON,
  COLUMN_CPU,
  COLUMN_START,
  COLUMN_ENVIRONMENT,
  COLUMN_CONTAINER,
  COLUMN_ACCESS,
  COLUMN_COMMAND,
  N_COLUMNS,
};

/* Numbers stand at the right. */
static gboolean
is_number (guint column)
{
  return column == COLUMN_PID || column == COLUMN_CPU;
}

static char **
make_heading (void)
{
  char *cells[N_COLUMNS + 1] = {
    [COLUMN_PID] = g_strdup (_ ("PID")),
    [COLUMN_USER] = g_strdup (_ ("User")),
    [COLUMN_PYTHON] = g_strdup (_ ("Python")),
    [COLUMN_CPU] = g_strdup (_ ("CPU %")),
    [COLUMN_START] = g_strdup (_ ("Started")),
    [COLUMN_ENVIRONMENT] = g_strdup (_ ("Environment")),
    [COLUMN_CONTAINER] = g_strdup (_ ("Container")),
    [COLUMN_ACCESS] = g_strdup (_ ("Access")),
    [COLUMN_COMMAND] = g_strdup (_ ("Command")),
  };

  return g_memdup2 (cells, sizeof cells);
}

static char *
dup_cell (const char *text)
{
  return text[0] != '\0' ? sal_terminal_escape (text) : g_strdup ("-");
}

static char **
make_row (const SalProcessInfo *info, gboolean has_helper)
{
  char *cells[N_COLUMNS + 1] = {
    [COLUMN_PID] = g_strdup_printf ("%d", info->pid),
    [COLUMN_USER] = dup_cell (info->user),
    [COLUMN_PYTHON] = dup_cell (info->python),
    [COLUMN_CPU] = g_strdup_printf ("%.1f", 100 * info->cpu),
    [COLUMN_START] = sal_process_info_format_start (info),
    [COLUMN_ENVIRONMENT] = dup_cell (info->environment),
    [COLUMN_CONTAINER] = dup_cell (info->container),
    [COLUMN_ACCESS] = g_strdup (get_route (info, has_helper) == SAL_ROUTE_PASSWORD
                                    ? _ ("With a password")
                                    : sal_process_info_get_label (info)),
    [COLUMN_COMMAND] = sal_terminal_escape (info->command),
  };

  return g_memdup2 (cells, sizeof cells);
}

static void
append_row (GString *out, char **cells, const glong *widths)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      int space = (int)(widths[i] - g_utf8_strlen (cells[i], -1));

      if (widths[i] == 0)
        continue;
      if (i == COLUMN_COMMAND)
        g_string_append (out, cells[i]);
      else if (is_number (i))
        g_string_append_printf (out, "%*s%s  ", space, "", cells[i]);
      else
        g_string_append_printf (out, "%s%*s  ", cells[i], space, "");
    }
  g_string_append_c (out, '\n');
}

static gboolean
has_container (GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    if (((const SalProcessInfo *)g_ptr_array_index (list, i))->container[0] != '\0')
      return TRUE;
  return FALSE;
}

/* A table as wide as what is in it; below a process that cannot be recorded stands why. */
static gboolean
print_text (GPtrArray *list, gboolean has_helper)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  g_autoptr (GString) out = g_string_new (NULL);
  glong widths[N_COLUMNS] = { 0 };

  g_ptr_array_add (rows, make_heading ());
  for (guint i = 0; i < list->len; i++)
    g_ptr_array_add (rows, make_row (g_ptr_array_index (list, i), has_helper));
  for (guint i = 0; i < rows->len; i++)
    for (guint j = 0; j < N_COLUMNS; j++)
      widths[j] = MAX (widths[j], g_utf8_strlen (((char **)rows->pdata[i])[j], -1));
  if (!has_container (list))
    widths[COLUMN_CONTAINER] = 0;

  append_row (out, rows->pdata[0], widths);
  for (guint i = 0; i < list->len; i++)
    {
      const SalProcessInfo *info = g_ptr_array_index (list, i);

      append_row (out, rows->pdata[i + 1], widths);
      if (info->is_python && get_route (info, has_helper) == SAL_ROUTE_NONE)
        {
          g_autofree char *reason = sal_process_info_describe (info, has_helper);
          g_autofree char *escaped = sal_terminal_escape (reason);

          g_string_append_printf (out, "%*s  %s\n", (int)widths[COLUMN_PID], "", escaped);
        }
    }
  return sal_terminal_write (out->str);
}

int
sal_terminal_ps (char **arguments)
{
  g_auto (GStrv) rest = arguments;
  gboolean json = FALSE;
  gboolean has_helper;
  g_autoptr (SalProcessScan) scan = NULL;
  g_autoptr (GPtrArray) list = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
    { NULL },
  };
  int code = sal_terminal_parse (
      "ps",
      NULL,
      _ ("Lists the Python processes of this computer, and why some cannot be recorded."),
      _ ("Programs that started a Python program and wait for it, such as uv or make, are listed,\n"
         "too: “record -p” of one of them records what it started. In JSON, what is not known is\n"
         "null, “cpu” is in processors and “access” one word, for programs.\n\n"
         "Exit codes: 0 done, 1 the list could not be printed, 2 wrong usage."),
      entries,
      FALSE,
      &rest);

  if (code >= 0)
    return code;
  if (rest[0] != NULL)
    return sal_terminal_usage_error (_ ("“%s” is too much: ps takes no names."), rest[0]);
  scan = sal_process_scan_new (ROOT);
  g_ptr_array_unref (sal_process_scan_run (scan, 0));
  g_usleep (LOOK_MS * 1000);
  list = sal_process_scan_run (scan, 0);
  if (list->len == 0 && !json)
    {
      sal_terminal_say (_ ("No Python process is running."));
      return SAL_EXIT_OK;
    }
  has_helper = sal_session_helper_is_installed ();
  return (json ? print_json (list, has_helper) : print_text (list, has_helper)) ? SAL_EXIT_OK
                                                                                : SAL_EXIT_FAILURE;
}

gboolean
sal_terminal_ps_resolve (SalSessionOptions *options)
{
  g_autoptr (SalProcessScan) scan = sal_process_scan_new (ROOT);
  g_autoptr (GPtrArray) list = sal_process_scan_run (scan, options->pid);
  g_autoptr (GPtrArray) started = sal_process_info_find_started (list, options->pid);
  const SalProcessInfo *asked = sal_process_info_find (list, options->pid);
  g_autoptr (GString) names = g_string_new (NULL);

  /* What cannot be helped here becomes the recorder's sentence. */
  if (asked == NULL || asked->is_python || started->len == 0)
    return TRUE;
  for (guint i = 0; i < started->len; i++)
    {
      const SalProcessInfo *info = g_ptr_array_index (started, i);

      g_string_append_printf (names, "%s%d (%s)", i > 0 ? ", " : "", info->pid, info->name);
    }
  if (started->len > 1)
    {
      sal_terminal_say (_ ("Process %d (%s) is not a Python program, but started several; name one "
                           "of them: %s."),
                        asked->pid,
                        asked->name,
                        names->str);
      return FALSE;
    }
  sal_terminal_say (_ ("Process %d (%s) is not a Python program, but started one, which is "
                       "recorded: %s."),
                    asked->pid,
                    asked->name,
                    names->str);
  options->pid = ((const SalProcessInfo *)g_ptr_array_index (started, 0))->pid;
  return TRUE;
}
