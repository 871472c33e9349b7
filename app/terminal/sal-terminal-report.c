/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command "report". */
#include "config.h"

#include "sal-terminal-report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "sal-format.h"
#include "sal-function-table.h"
#include "sal-library-view.h"
#include "sal-thread-forest.h"

#include "sal-terminal-input.h"
#include "sal-terminal-print.h"
#include "sal-terminal-sort.h"
#include "sal-terminal-states.h"
#include "sal-terminal-view.h"

/* Rows of a table on a terminal, where more would push the heaviest out of sight. */
#define TERMINAL_LIMIT 40

/* What is asked for. */
typedef struct
{
  SalTerminalSort sort;
  guint limit;      /* functions; 0 = all */
  gboolean threads; /* each on its own */
  gboolean states;  /* in place of functions */
} Report;

static char *
dup_pstats_name (const SalFunction *function)
{
  g_autofree char *text =
      sal_format_pstats_function (function->name, function->file, function->first_line);

  return sal_terminal_escape (text);
}

/* "parse (/a/b.py:34)". */
static char *
dup_name (const SalFunction *function)
{
  g_autofree char *text = NULL;

  if (function->file[0] == '\0')
    text = g_strdup (function->name);
  else if (function->kind == SAL_FUNCTION_NATIVE && function->first_line == 0)
    text = g_strdup_printf ("%s (%s)", function->name, function->file);
  else
    text = g_strdup_printf ("%s (%s:%u)", function->name, function->file, function->first_line);
  if (function->is_inlined)
    {
      g_autofree char *plain = text;

      /* Translators: a function that the compiler has put into its caller */
      text = g_strdup_printf (_ ("%s, inlined"), plain);
    }
  return sal_terminal_escape (text);
}

static void
append_heading (GString *out, const char *name, const char *value)
{
  g_autofree char *escaped = sal_terminal_escape (value);

  g_string_append_printf (out, "%s: %s\n", name, escaped);
}

static void
append_recording (GString *out, SalProfile *profile)
{
  const SalProfileCounters *counters = sal_profile_get_counters (profile);
  const char *command = sal_profile_get_meta (profile, "command");
  const char *python = sal_profile_get_meta (profile, "python");
  g_autofree char *duration = sal_format_duration_ns (sal_profile_get_duration_ns (profile));
  g_autofree char *samples = sal_format_count (sal_profile_get_n_samples (profile));
  g_autofree char *missed = sal_format_count (counters->missed);
  g_autofree char *rejected = sal_format_count (counters->rejected);
  g_autofree char *numbers = NULL;

  if (command != NULL)
    append_heading (out, _ ("Command"), command);
  if (python != NULL)
    append_heading (out, _ ("Python"), python);
  /* Translators: the first %s is a time such as "1.23 s"; the others are numbers */
  numbers = g_strdup_printf (_ ("%s, %s samples, %s missed, %s rejected"),
                             duration,
                             samples,
                             missed,
                             rejected);
  append_heading (out, _ ("Recorded"), numbers);
  g_string_append_c (out, '\n');
}

static double
get_percent (guint64 part, guint64 whole)
{
  return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

static void
append_samples (GString *out,
                SalProfile *profile,
                SalFunctionTable *table,
                GPtrArray *rows,
                guint n)
{
  guint64 whole = sal_function_table_get_total_ns (table);

  g_string_append_printf (out,
                          "%10s %8s %10s %8s %11s  %s\n",
                          _ ("Self s"),
                          _ ("Self %"),
                          _ ("Total s"),
                          _ ("Total %"),
                          _ ("Samples"),
                          _ ("Function (file:line)"));
  for (guint i = 0; i < n; i++)
    {
      const SalFunctionRow *row = rows->pdata[i];
      SalFunction function = sal_profile_get_function (profile, row->function);
      g_autofree char *name = dup_name (&function);

      g_string_append_printf (out,
                              "%10.3f %8.2f %10.3f %8.2f %11" G_GUINT64_FORMAT "  %s\n",
                              (double)row->self_ns / 1e9,
                              get_percent (row->self_ns, whole),
                              (double)row->total_ns / 1e9,
                              get_percent (row->total_ns, whole),
                              row->self_samples,
                              name);
    }
}

static void
append_percall (GString *out, double time, gint64 calls)
{
  if (calls > 0)
    g_string_append_printf (out, " %8.3f", time / (double)calls);
  else
    g_string_append_printf (out, " %8s", "");
}

/* Source of the columns: CPython 3.13 Lib/pstats.py, Stats.print_title() and print_line(). */
static void
append_calls (GString *out, SalProfile *profile, SalFunctionTable *table, GPtrArray *rows, guint n)
{
  gint64 ncalls = 0;
  gint64 pcalls = 0;
  g_autofree char *all = NULL;
  g_autofree char *primitive = NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      const SalFunctionRow *row = rows->pdata[i];

      /* The numbers of a damaged file may be any. */
      if (__builtin_add_overflow (ncalls, row->costs.ncalls, &ncalls))
        ncalls = G_MAXINT64;
      if (__builtin_add_overflow (pcalls, row->costs.pcalls, &pcalls))
        pcalls = G_MAXINT64;
    }
  all = g_strdup_printf ("%" G_GINT64_FORMAT, ncalls);
  primitive = g_strdup_printf ("%" G_GINT64_FORMAT, pcalls);
  g_string_append_printf (out,
                          _ ("%s function calls (%s primitive calls) in %.3f seconds"),
                          all,
                          primitive,
                          (double)sal_profile_get_duration_ns (profile) / 1e9);
  /* The names of the columns are pstats' own in every language. */
  g_string_append_printf (out,
                          "\n\n%9s %8s %8s %8s %8s %s\n",
                          "ncalls",
                          "tottime",
                          "percall",
                          "cumtime",
                          "percall",
                          "filename:lineno(function)");
  for (guint i = 0; i < n; i++)
    {
      const SalFunctionRow *row = rows->pdata[i];
      SalFunction function = sal_profile_get_function (profile, row->function);
      g_autofree char *name = dup_pstats_name (&function);
      g_autofree char *calls = NULL;

      if (row->costs.ncalls == row->costs.pcalls)
        calls = g_strdup_printf ("%" G_GINT64_FORMAT, row->costs.ncalls);
      else
        calls = g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                                 row->costs.ncalls,
                                 row->costs.pcalls);
      g_string_append_printf (out, "%9s %8.3f", calls, row->costs.tottime);
      append_percall (out, row->costs.tottime, row->costs.ncalls);
      g_string_append_printf (out, " %8.3f", row->costs.cumtime);
      append_percall (out, row->costs.cumtime, row->costs.pcalls);
      g_string_append_printf (out, " %s\n", name);
    }
}

/* The samples of one thread. A value. */
static SalFilter
filter_thread (SalProfile *profile, guint32 thread, guint8 *mask)
{
  SalFilter filter = { .threads = mask, .n_threads = sal_profile_get_n_threads (profile) };

  memset (mask, 0, filter.n_threads);
  mask[thread] = 1;
  return filter;
}

static void
append_functions (GString *out,
                  SalProfile *profile,
                  const SalFilter *filter,
                  const Report *report)
{
  g_autoptr (SalFunctionTable) table = sal_function_table_new (profile, filter, NULL);
  g_autoptr (GPtrArray) rows = sal_terminal_sort_rows (table, report->sort);
  guint n = report->limit > 0 ? MIN (report->limit, rows->len) : rows->len;

  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    append_calls (out, profile, table, rows, n);
  else
    append_samples (out, profile, table, rows, n);
  if (n < rows->len)
    {
      g_string_append_printf (out,
                              ngettext ("… and %u more function; --limit 0 shows all",
                                        "… and %u more functions; --limit 0 shows all",
                                        rows->len - n),
                              rows->len - n);
      g_string_append_c (out, '\n');
    }
}

static void
append_table (GString *out, SalProfile *profile, const SalFilter *filter, const Report *report)
{
  g_autoptr (GArray) rows = NULL;

  if (!report->states)
    {
      append_functions (out, profile, filter, report);
      return;
    }
  rows = sal_state_totals_new (profile, filter, SAL_NO_ID, NULL);
  sal_terminal_states_append (out, rows);
}

/* A table for each thread that has samples, under its process. */
static void
append_threads (GString *out, SalProfile *profile, const Report *report)
{
  guint32 n_threads = sal_profile_get_n_threads (profile);
  g_autofree guint8 *mask = g_malloc (n_threads);

  for (guint32 i = 0; i < sal_profile_get_n_processes (profile); i++)
    {
      g_autofree char *process = sal_thread_forest_name_process (profile, i);

      for (guint32 j = 0; j < n_threads; j++)
        {
          SalThread thread = sal_profile_get_thread (profile, j);
          g_autofree char *name = NULL;
          SalFilter filter;

          if (thread.process != i || thread.n_samples == 0)
            continue;
          filter = filter_thread (profile, j, mask);
          name = sal_thread_forest_name_thread (profile, j);
          append_heading (out, _ ("Process"), process);
          append_heading (out, _ ("Thread"), name);
          append_table (out, profile, &filter, report);
          g_string_append_c (out, '\n');
        }
    }
}

static gboolean
print_table (SalProfile *profile, const Report *report)
{
  const SalFilter all = { 0 };
  g_autoptr (GString) out = g_string_new (NULL);

  if (sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES)
    append_recording (out, profile);
  if (report->threads)
    append_threads (out, profile, report);
  else
    append_table (out, profile, &all, report);
  return sal_terminal_write (out->str);
}

static void
add_count (JsonBuilder *builder, const char *name, guint64 count)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)MIN (count, G_MAXINT64));
}

static void
add_function (JsonBuilder *builder, SalProfile *profile, const SalFunctionRow *row)
{
  SalFunction function = sal_profile_get_function (profile, row->function);
  gboolean is_calls = sal_profile_get_kind (profile) == SAL_PROFILE_CALLS;
  gboolean is_builtin = is_calls && function.kind == SAL_FUNCTION_BUILTIN;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "function");
  json_builder_add_string_value (builder, function.name);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder,
                                 is_builtin && function.file[0] == '\0' ? "~" : function.file);
  add_count (builder, "line", function.first_line);
  if (*function.library != '\0')
    {
      json_builder_set_member_name (builder, "library");
      json_builder_add_string_value (builder, function.library);
      if (function.address != 0)
        add_count (builder, "address", function.address);
    }
  if (function.is_inlined)
    {
      json_builder_set_member_name (builder, "inlined");
      json_builder_add_boolean_value (builder, TRUE);
    }
  if (is_calls)
    {
      json_builder_set_member_name (builder, "ncalls");
      json_builder_add_int_value (builder, row->costs.ncalls);
      json_builder_set_member_name (builder, "pcalls");
      json_builder_add_int_value (builder, row->costs.pcalls);
      sal_terminal_add_number (builder, "tottime", row->costs.tottime);
      sal_terminal_add_number (builder, "cumtime", row->costs.cumtime);
    }
  else
    {
      add_count (builder, "self_samples", row->self_samples);
      add_count (builder, "total_samples", row->total_samples);
      sal_terminal_add_number (builder, "self_s", (double)row->self_ns / 1e9);
      sal_terminal_add_number (builder, "total_s", (double)row->total_ns / 1e9);
    }
  json_builder_end_object (builder);
}

static void
add_functions (JsonBuilder *builder,
               SalProfile *profile,
               const SalFilter *filter,
               const Report *report)
{
  g_autoptr (SalFunctionTable) table = sal_function_table_new (profile, filter, NULL);
  g_autoptr (GPtrArray) rows = sal_terminal_sort_rows (table, report->sort);
  g_autoptr (GArray) states = sal_state_totals_new (profile, filter, SAL_NO_ID, NULL);
  guint n = report->limit > 0 ? MIN (report->limit, rows->len) : rows->len;

  json_builder_set_member_name (builder, "functions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    add_function (builder, profile, rows->pdata[i]);
  json_builder_end_array (builder);
  sal_terminal_states_add (builder, states);
}

static void
add_threads (JsonBuilder *builder, SalProfile *profile, const Report *report)
{
  guint32 n_threads = sal_profile_get_n_threads (profile);
  g_autofree guint8 *mask = g_malloc (n_threads);

  json_builder_set_member_name (builder, "threads");
  json_builder_begin_array (builder);
  for (guint32 i = 0; i < n_threads; i++)
    {
      SalThread thread = sal_profile_get_thread (profile, i);
      SalFilter filter = filter_thread (profile, i, mask);

      if (thread.n_samples == 0)
        continue;
      json_builder_begin_object (builder);
      add_count (builder, "pid", sal_profile_get_process (profile, thread.process).pid);
      add_count (builder, "tid", thread.tid);
      json_builder_set_member_name (builder, "name");
      json_builder_add_string_value (builder, thread.name);
      add_functions (builder, profile, &filter, report);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static gboolean
print_json (SalProfile *profile, const Report *report)
{
  const SalFilter all = { 0 };
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  if (report->threads)
    add_threads (builder, profile, report);
  else
    add_functions (builder, profile, &all, report);
  json_builder_end_object (builder);
  return sal_terminal_write_json (builder);
}

gboolean
sal_terminal_report_print (SalProfile *profile)
{
  const Report report = {
    .sort = SAL_TERMINAL_SORT_SELF,
    .limit = isatty (STDOUT_FILENO) ? TERMINAL_LIMIT : 0,
  };

  return print_table (profile, &report);
}

/* What was asked for; a zeroed one is the usual. */
typedef struct
{
  Report report;
  SalTerminalView view;
  char *sort_name;
  char *limit_text;
  gboolean libraries;
  gboolean json;
} Request;

static void
request_clear (Request *request)
{
  sal_terminal_view_clear (&request->view);
  g_free (request->sort_name);
  g_free (request->limit_text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

/* SAL_EXIT_OK, or says what does not fit a profile of that kind. */
static int
check_kind (const Request *request, SalProfileKind kind)
{
  if (!sal_terminal_sort_fits (request->report.sort, kind))
    {
      if (kind == SAL_PROFILE_CALLS)
        return sal_terminal_usage_error (_ ("A .prof file has no samples to sort by; use self, "
                                            "total, ncalls or pcalls."));
      return sal_terminal_usage_error (_ ("A recording has no “%s” to sort by, since it does not "
                                          "count calls; use self, total or samples."),
                                       request->sort_name);
    }
  if (request->report.threads && kind == SAL_PROFILE_CALLS)
    return sal_terminal_usage_error (_ ("A .prof file does not tell threads apart."));
  if (request->report.states && kind == SAL_PROFILE_CALLS)
    return sal_terminal_usage_error (_ ("A .prof file does not tell what threads waited for."));
  if (request->libraries && kind == SAL_PROFILE_CALLS)
    return sal_terminal_usage_error (_ ("A .prof file does not tell which time of a library is "
                                        "counted twice; --libraries is for recordings."));
  return SAL_EXIT_OK;
}

static int
report_file (const char *path, const Request *request)
{
  g_autoptr (SalProfile) profile = sal_terminal_input_load (path);
  int code;

  if (profile == NULL)
    return SAL_EXIT_FAILURE;
  code = check_kind (request, sal_profile_get_kind (profile));
  if (code != SAL_EXIT_OK)
    return code;
  profile = sal_terminal_view_apply (&request->view, g_steal_pointer (&profile));
  if (profile == NULL)
    return SAL_EXIT_USAGE;
  if (request->libraries)
    {
      g_autoptr (SalProfile) functions = g_steal_pointer (&profile);

      profile = sal_library_view_new (functions);
    }
  if (!(request->json ? print_json (profile, &request->report)
                      : print_table (profile, &request->report)))
    return SAL_EXIT_FAILURE;
  return SAL_EXIT_OK;
}

/* Reads the numbers and names among the options. Returns an exit code, or −1. */
static int
read_options (Request *request)
{
  guint64 limit = !request->json && isatty (STDOUT_FILENO) ? TERMINAL_LIMIT : 0;

  if (request->sort_name != NULL &&
      !sal_terminal_sort_from_name (request->sort_name, &request->report.sort))
    return sal_terminal_usage_error (_ ("“%s” is not a key to sort by; use self, total, samples, "
                                        "ncalls, pcalls, name, file or line."),
                                     request->sort_name);
  if (request->limit_text != NULL &&
      !g_ascii_string_to_unsigned (request->limit_text, 10, 0, G_MAXINT, &limit, NULL))
    return sal_terminal_usage_error (_ ("“%s” is not a number of functions."), request->limit_text);
  request->report.limit = (guint)limit;
  return sal_terminal_view_is_right (&request->view) ? -1 : SAL_EXIT_USAGE;
}

int
sal_terminal_report (char **arguments)
{
  g_auto (GStrv) rest = arguments;
  g_auto (Request) request = { .report.sort = SAL_TERMINAL_SORT_SELF };
  const GOptionEntry entries[] = {
    { "sort", 's', 0, G_OPTION_ARG_STRING, &request.sort_name,
      N_ ("Sort by KEY (default: self)"), N_ ("KEY") },
    { "limit", 'n', 0, G_OPTION_ARG_STRING, &request.limit_text,
      N_ ("Show the first N functions; 0 = all (default: all, on a terminal 40)"), N_ ("N") },
    { "libraries", 'l', 0, G_OPTION_ARG_NONE, &request.libraries,
      N_ ("A row for each library in place of its functions"), NULL },
    { "threads", 't', 0, G_OPTION_ARG_NONE, &request.report.threads,
      N_ ("A table for each thread of each process"), NULL },
    { "states", 0, 0, G_OPTION_ARG_NONE, &request.report.states,
      N_ ("Show where the time of threads went by state, in place of functions"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &request.json, N_ ("Print JSON"), NULL },
    SAL_TERMINAL_VIEW_ENTRIES (&request.view),
    { NULL },
  };
  int code = sal_terminal_parse (
      "report",
      _ ("FILE"),
      _ ("Prints what each function of a recording or .prof file cost."),
      _ ("KEY is self (or tottime, time), total (or cumtime, cumulative), name, file or line; for\n"
         "recordings also samples, for .prof files also ncalls (or calls) and pcalls. Numbers are\n"
         "sorted downwards, names and lines upwards.\n\n"
         "Exit codes: 0 done, 1 the file could not be read, 2 wrong usage."),
      entries,
      FALSE,
      &rest);

  if (code >= 0)
    return code;
  if (g_strv_length (rest) != 1)
    return sal_terminal_usage_error (_ ("Name one FILE to report on."));
  code = read_options (&request);
  return code >= 0 ? code : report_file (rest[0], &request);
}
