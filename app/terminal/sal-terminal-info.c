/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command "info". */
#include "config.h"

#include "sal-terminal-info.h"

#include <sys/wait.h>

#include <glib/gi18n.h>

#include "sal-format.h"

#include "sal-terminal-input.h"
#include "sal-terminal-print.h"
#include "sal-terminal-states.h"

/* META keys of a recording that are shown as they are. */
static const char *const texts[] = {
  "command",
  "python",
  "executable",
  "directory",
  "start",
  "recorder",
  "format",
};

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

/* @known: FALSE: the file does not tell: null. */
static void
add_count (JsonBuilder *builder, const char *name, gboolean known, guint64 count)
{
  json_builder_set_member_name (builder, name);
  if (known)
    json_builder_add_int_value (builder, (gint64)MIN (count, G_MAXINT64));
  else
    json_builder_add_null_value (builder);
}

static void
add_errors (JsonBuilder *builder, const SalProfileCounters *counters)
{
  json_builder_set_member_name (builder, "errors");
  json_builder_begin_object (builder);
  for (guint i = 0; i < counters->n_errors && i < G_N_ELEMENTS (counters->errors); i++)
    add_count (builder, counters->error_names[i], TRUE, counters->errors[i]);
  json_builder_end_object (builder);
}

static void
add_native (JsonBuilder *builder, const SalProfileCounters *counters)
{
  gboolean known = counters->native_samples > 0;
  gboolean has_held = known || counters->held > 0;

  add_count (builder, "native_samples", known, counters->native_samples);
  add_count (builder, "native_seams", known, counters->native_seams);
  add_count (builder, "native_cut", known, counters->native_cut);
  add_count (builder, "held", counters->held > 0, counters->held);
  add_count (builder, "stop_median_ns", has_held, counters->stop_median_ns);
  add_count (builder, "stop_p99_ns", has_held, counters->stop_p99_ns);
  add_count (builder, "copy_median_ns", has_held && counters->copy_median_ns > 0,
             counters->copy_median_ns);
}

static void
add_threads (JsonBuilder *builder, SalProfile *profile)
{
  g_autoptr (GPtrArray) states = sal_state_totals_by_thread (profile);

  json_builder_set_member_name (builder, "threads");
  json_builder_begin_array (builder);
  for (guint32 i = 0; i < sal_profile_get_n_threads (profile); i++)
    {
      SalThread thread = sal_profile_get_thread (profile, i);
      SalProcess process = sal_profile_get_process (profile, thread.process);

      json_builder_begin_object (builder);
      add_text (builder, "name", thread.name);
      add_count (builder, "tid", TRUE, thread.tid);
      add_count (builder, "pid", TRUE, process.pid);
      json_builder_set_member_name (builder, "main");
      json_builder_add_boolean_value (builder, thread.is_main);
      add_count (builder, "samples", TRUE, thread.n_samples);
      sal_terminal_add_number (builder, "cpu_s", (double)thread.cpu_ns / 1e9);
      sal_terminal_states_add (builder, states->pdata[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* As a shell has it; −1: not known. */
static int
get_exit_status (const SalProcess *process)
{
  if (process->end_ns == G_MAXINT64 || process->status < 0)
    return -1;
  return WIFSIGNALED (process->status) ? SAL_EXIT_SIGNAL_BASE + WTERMSIG (process->status)
                                       : WEXITSTATUS (process->status);
}

/* @id: SAL_NO_ID: null. */
static void
add_parent (JsonBuilder *builder, SalProfile *profile, guint32 id)
{
  add_count (builder,
             "parent",
             id != SAL_NO_ID,
             id != SAL_NO_ID ? sal_profile_get_process (profile, id).pid : 0);
}

static const char *const refusal_names[] = {
  [SAL_PROCESS_NOT_REFUSED] = NULL,
  [SAL_PROCESS_REFUSED_USER] = "user",
  [SAL_PROCESS_REFUSED_PROTECTED] = "protected",
  [SAL_PROCESS_REFUSED_DENIED] = "denied",
};

static void
add_processes (JsonBuilder *builder, SalProfile *profile)
{
  json_builder_set_member_name (builder, "processes");
  json_builder_begin_array (builder);
  for (guint32 i = 0; i < sal_profile_get_n_processes (profile); i++)
    {
      SalProcess process = sal_profile_get_process (profile, i);
      gboolean has_ended = process.end_ns != G_MAXINT64;
      int status = get_exit_status (&process);

      json_builder_begin_object (builder);
      add_count (builder, "pid", TRUE, process.pid);
      add_parent (builder, profile, process.parent);
      add_text (builder, "command", process.command[0] != '\0' ? process.command : NULL);
      add_text (builder, "python", process.python[0] != '\0' ? process.python : NULL);
      add_text (builder, "refused", refusal_names[process.refusal]);
      sal_terminal_add_number (builder, "start_s", (double)process.start_ns / 1e9);
      if (has_ended)
        sal_terminal_add_number (builder, "end_s", (double)process.end_ns / 1e9);
      else
        add_text (builder, "end_s", NULL);
      add_count (builder, "exit_status", status >= 0, (guint64)status);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_warnings (JsonBuilder *builder, SalProfile *profile)
{
  const char *const *warnings = sal_profile_get_warnings (profile);

  json_builder_set_member_name (builder, "warnings");
  json_builder_begin_array (builder);
  for (guint i = 0; warnings[i] != NULL; i++)
    json_builder_add_string_value (builder, warnings[i]);
  json_builder_end_array (builder);
}

static void
add_rate (JsonBuilder *builder, SalProfile *profile)
{
  const char *rate = sal_profile_get_meta (profile, "rate_hz");

  if (rate != NULL)
    sal_terminal_add_number (builder, "rate_hz", g_ascii_strtod (rate, NULL));
  else
    add_text (builder, "rate_hz", NULL);
}

static gboolean
print_json (SalProfile *profile)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const SalProfileCounters *counters = sal_profile_get_counters (profile);
  gboolean is_recording = sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES;

  json_builder_begin_object (builder);
  add_text (builder, "kind", is_recording ? "samples" : "calls");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    add_text (builder, texts[i], sal_profile_get_meta (profile, texts[i]));
  add_rate (builder, profile);
  sal_terminal_add_number (builder,
                           "duration_s",
                           (double)sal_profile_get_duration_ns (profile) / 1e9);
  add_count (builder, "functions", TRUE, sal_profile_get_n_functions (profile));
  add_count (builder, "samples", is_recording, sal_profile_get_n_samples (profile));
  add_count (builder, "ticks", is_recording, counters->ticks);
  add_count (builder, "missed", is_recording, counters->missed);
  add_count (builder, "late", is_recording, counters->late);
  add_count (builder, "retried", is_recording, counters->retried);
  add_count (builder, "rejected", is_recording, counters->rejected);
  add_count (builder, "withheld", is_recording, counters->withheld);
  add_count (builder, "same_cpu", is_recording, counters->same_cpu);
  add_errors (builder, counters);
  add_native (builder, counters);
  if (is_recording)
    sal_terminal_add_number (builder, "recorder_cpu_s", (double)counters->recorder_cpu_ns / 1e9);
  else
    add_text (builder, "recorder_cpu_s", NULL);
  json_builder_set_member_name (builder, "finished");
  json_builder_add_boolean_value (builder, sal_profile_is_finished (profile));
  add_processes (builder, profile);
  add_threads (builder, profile);
  add_warnings (builder, profile);
  json_builder_end_object (builder);
  return sal_terminal_write_json (builder);
}

static void
append_text (GString *out, const char *name, const char *text)
{
  g_autofree char *escaped = sal_terminal_escape (text);
  g_autofree char *label = g_strconcat (name, ":", NULL);
  glong width = g_utf8_strlen (label, -1);

  g_string_append_printf (out, "%s%*s %s\n", label, (int)MAX (0, 14 - width), "", escaped);
}

static void
append_count (GString *out, const char *name, guint64 count)
{
  g_autofree char *text = sal_format_count (count);

  append_text (out, name, text);
}

/* Native stacks, and what they cost the program. */
static void
append_native (GString *out, const SalProfileCounters *counters)
{
  g_autofree char *median = sal_format_duration_ns ((gint64)counters->stop_median_ns);
  g_autofree char *p99 = sal_format_duration_ns ((gint64)counters->stop_p99_ns);
  g_autofree char *stops = NULL;

  if (counters->native_samples > 0)
    {
      append_count (out, _ ("Native"), counters->native_samples);
      append_count (out, _ ("Seams"), counters->native_seams);
      append_count (out, _ ("Cut"), counters->native_cut);
    }
  /* Translators: how many times a thread was held still */
  if (counters->held > 0)
    append_count (out, _ ("Held"), counters->held);
  if (counters->native_samples == 0 && counters->held == 0)
    return;
  /* Translators: how long threads were held: two times such as "35 µs" */
  stops = g_strdup_printf (_ ("%s, in 99 %% of cases at most %s"), median, p99);
  append_text (out, _ ("Held for"), stops);
  if (counters->copy_median_ns > 0)
    {
      g_autofree char *copy = sal_format_duration_ns ((gint64)counters->copy_median_ns);

      /* Translators: how long copying takes, of the time that a thread is held */
      append_text (out, _ ("Copying"), copy);
    }
}

static void
append_quality (GString *out, SalProfile *profile)
{
  const SalProfileCounters *counters = sal_profile_get_counters (profile);
  const char *rate = sal_profile_get_meta (profile, "rate_hz");
  g_autofree char *cpu = sal_format_duration_ns ((gint64)counters->recorder_cpu_ns);

  if (rate != NULL)
    append_text (out, _ ("Rate"), g_ascii_strtod (rate, NULL) > 0 ? rate : _ ("flat out"));
  append_count (out, _ ("Samples"), sal_profile_get_n_samples (profile));
  append_count (out, _ ("Ticks"), counters->ticks);
  if (counters->withheld > 0)
    append_count (out, _ ("Left out"), counters->withheld);
  append_count (out, _ ("Missed"), counters->missed);
  append_count (out, _ ("Late"), counters->late);
  append_count (out, _ ("Retried"), counters->retried);
  append_count (out, _ ("Rejected"), counters->rejected);
  /* Translators: looks at a program from the processor that it runs on */
  if (counters->same_cpu > 0)
    append_count (out, _ ("Same CPU"), counters->same_cpu);
  for (guint i = 0; i < counters->n_errors && i < G_N_ELEMENTS (counters->errors); i++)
    if (counters->errors[i] > 0)
      {
        /* Translators: %s is the cause of an error, such as "torn" */
        g_autofree char *name = g_strdup_printf (_ ("Errors (%s)"), counters->error_names[i]);

        append_count (out, name, counters->errors[i]);
      }
  append_native (out, counters);
  append_text (out, _ ("Recorder CPU"), cpu);
  append_text (out, _ ("Finished"), sal_profile_is_finished (profile) ? _ ("yes") : _ ("no"));
}

/* What Python the process is, or why that is not known. */
static char *
describe_python (const SalProcess *process)
{
  if (process->python[0] != '\0')
    return g_strconcat ("Python ", process->python, NULL);
  switch (process->refusal)
    {
    case SAL_PROCESS_REFUSED_USER:
      return g_strdup (_ ("refused: it runs as another user"));
    case SAL_PROCESS_REFUSED_PROTECTED:
      return g_strdup (_ ("refused: it protects its memory"));
    case SAL_PROCESS_REFUSED_DENIED:
      return g_strdup (_ ("refused: the system does not let it be read"));
    case SAL_PROCESS_NOT_REFUSED:
    default:
      /* A process that has ended tells nothing any more. */
      return g_strdup (process->command[0] != '\0' ? _ ("not Python")
                                                   : _ ("gone before it was looked at"));
    }
}

static void
append_process (GString *out, const SalProcess *process)
{
  int status = get_exit_status (process);
  g_autofree char *python = describe_python (process);
  g_autoptr (GString) text =
      g_string_new (process->command[0] != '\0' ? process->command : "–");

  g_string_append_printf (text, " (%u)", process->pid);
  g_string_append_printf (text, ", %s, ", python);
  if (status >= 0)
    /* Translators: of a process; %d is its exit status */
    g_string_append_printf (text, _ ("ended with status %d"), status);
  else
    g_string_append (text, process->end_ns != G_MAXINT64 ? _ ("ended") : _ ("ran on"));
  append_text (out, _ ("Process"), text->str);
}

static void
append_threads (GString *out, SalProfile *profile, guint32 process)
{
  for (guint32 i = 0; i < sal_profile_get_n_threads (profile); i++)
    {
      SalThread thread = sal_profile_get_thread (profile, i);
      g_autofree char *tid = g_strdup_printf ("%" G_GUINT64_FORMAT, thread.tid);
      g_autofree char *samples = sal_format_count (thread.n_samples);
      g_autofree char *cpu = sal_format_duration_ns ((gint64)thread.cpu_ns);
      g_autofree char *text = NULL;

      if (thread.process != process)
        continue;
      /* Translators: a thread: its name, its number, its samples, its processor time */
      text = g_strdup_printf (_ ("%s (%s), %s samples, %s on CPU"),
                              thread.name[0] != '\0' ? thread.name : "–",
                              tid,
                              samples,
                              cpu);
      append_text (out, _ ("Thread"), text);
    }
}

/* Each process and then its threads. */
static void
append_processes (GString *out, SalProfile *profile)
{
  for (guint32 i = 0; i < sal_profile_get_n_processes (profile); i++)
    {
      SalProcess process = sal_profile_get_process (profile, i);

      append_process (out, &process);
      append_threads (out, profile, i);
    }
}

static gboolean
print_text (SalProfile *profile)
{
  static const char *const labels[] = {
    N_ ("Command"),
    N_ ("Python"),
    N_ ("Executable"),
    N_ ("Folder"),
    N_ ("Start"),
    N_ ("Recorder"),
    N_ ("Format"),
  };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *duration = sal_format_duration_ns (sal_profile_get_duration_ns (profile));
  const char *const *warnings = sal_profile_get_warnings (profile);

  G_STATIC_ASSERT (G_N_ELEMENTS (labels) == G_N_ELEMENTS (texts));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (sal_profile_get_meta (profile, texts[i]) != NULL)
      append_text (out, _ (labels[i]), sal_profile_get_meta (profile, texts[i]));
  append_text (out, _ ("Duration"), duration);
  append_count (out, _ ("Functions"), sal_profile_get_n_functions (profile));
  if (sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES)
    {
      append_quality (out, profile);
      append_processes (out, profile);
    }
  for (guint i = 0; warnings[i] != NULL; i++)
    append_text (out, _ ("Warning"), warnings[i]);
  return sal_terminal_write (out->str);
}

int
sal_terminal_info (char **arguments)
{
  g_auto (GStrv) rest = arguments;
  gboolean json = FALSE;
  g_autoptr (SalProfile) profile = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
    { NULL },
  };
  int code = sal_terminal_parse (
      "info",
      _ ("FILE"),
      _ ("Tells how a recording or .prof file was made and how good it is."),
      _ ("In JSON, what a file does not tell is null: a .prof file has neither samples nor their\n"
         "counters, command or Python version. Times are in seconds.\n\n"
         "Exit codes: 0 done, 1 the file could not be read, 2 wrong usage."),
      entries,
      FALSE,
      &rest);

  if (code >= 0)
    return code;
  if (g_strv_length (rest) != 1)
    return sal_terminal_usage_error (_ ("Name one FILE to tell about."));
  profile = sal_terminal_input_load (rest[0]);
  if (profile == NULL)
    return SAL_EXIT_FAILURE;
  return (json ? print_json (profile) : print_text (profile)) ? SAL_EXIT_OK : SAL_EXIT_FAILURE;
}
