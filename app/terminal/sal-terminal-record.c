/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command "record": its options, and what becomes of the recording. */
#include "config.h"

#include "sal-terminal-record.h"

#include <string.h>
#include <sys/wait.h>

#include <glib/gi18n.h>

#include "sal-format.h"
#include "sal-formats.h"
#include "sal-session.h"

#include "sal-terminal-output.h"
#include "sal-terminal-print.h"
#include "sal-terminal-ps.h"
#include "sal-terminal-report.h"
#include "sal-terminal-run.h"
#include "sal-terminal-view.h"

/* What was asked for. */
typedef struct
{
  char *out; /* (nullable) */
  char *format_name;
  char *rate;
  char *duration;
  char *pid;
  char *budget;
  gboolean subprocesses;
  gboolean native;
  gboolean blocking;
  gboolean debuginfod;
  SalFormat format;
} Request;

static void
request_clear (Request *request)
{
  g_free (request->out);
  g_free (request->format_name);
  g_free (request->rate);
  g_free (request->duration);
  g_free (request->pid);
  g_free (request->budget);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

static gboolean
parse_percent (const char *text, double *percent)
{
  char *end = NULL;

  *percent = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && *percent >= 0 && *percent <= 100;
}

/* Returns −1, or the exit code of a usage error that was said. */
static int
make_options (const Request *request, char **command, SalSessionOptions *options)
{
  gint64 pid = 0;

  if (request->rate != NULL && !sal_session_options_parse_rate (request->rate, &options->rate_hz))
    return sal_terminal_usage_error (_ ("“%s” is not a rate; give samples a second from 0.01 to "
                                        "1000000, or max."),
                                     request->rate);
  if (request->duration != NULL &&
      !sal_session_options_parse_duration (request->duration, &options->duration_s))
    return sal_terminal_usage_error (_ ("“%s” is not a duration; give seconds, more than 0."),
                                     request->duration);
  if (request->budget != NULL && !parse_percent (request->budget, &options->budget_percent))
    return sal_terminal_usage_error (_ ("“%s” is not a budget; give percent of a processor from 0 "
                                        "to 100."),
                                     request->budget);
  if (request->pid != NULL &&
      !g_ascii_string_to_signed (request->pid, 10, 1, G_MAXINT, &pid, NULL))
    return sal_terminal_usage_error (_ ("“%s” is not the number of a process."), request->pid);
  if (request->pid != NULL && command[0] != NULL)
    return sal_terminal_usage_error (_ ("Give either a command to start or a process with -p, "
                                        "not both."));
  if (request->pid == NULL && command[0] == NULL)
    return sal_terminal_usage_error (_ ("Give a command to start, or a process with -p."));
  if (request->format_name != NULL && request->out == NULL)
    return sal_terminal_usage_error (_ ("--format needs a file to write: name it with -o."));
  options->native = request->native;
  options->blocking = request->blocking;
  options->debuginfod = request->debuginfod;
  options->pid = (int)pid;
  options->subprocesses = request->subprocesses;
  options->argv = request->pid == NULL ? g_strdupv (command) : NULL;
  return -1;
}

/* What our own failures exit with: a command's status must not be mistaken for them. */
static int
get_failure_code (const SalSessionOptions *options)
{
  return options->argv != NULL ? SAL_EXIT_RECORD : SAL_EXIT_FAILURE;
}

static gboolean
write_out (const Request *request, SalSession *session, SalProfile *profile)
{
  g_autoptr (GFile) file = g_file_new_for_path (request->out);
  g_autofree char *name = g_filename_display_name (request->out);
  SalExportOptions options = { .title = sal_profile_get_meta (profile, "command") };
  g_autofree char *samples = sal_format_count (sal_profile_get_n_samples (profile));
  g_autofree char *missed = sal_format_count (sal_profile_get_counters (profile)->missed);
  g_autofree char *time = sal_format_duration_ns (sal_profile_get_duration_ns (profile));
  g_autoptr (GError) error = NULL;

  if (!sal_formats_export (profile,
                           request->format,
                           &options,
                           sal_session_get_capture (session),
                           file,
                           NULL,
                           &error))
    {
      sal_terminal_say ("%s", error->message);
      return FALSE;
    }
  /* Translators: a file's name, two numbers and a time such as "1.23 s" */
  sal_terminal_say (_ ("Wrote “%s”: %s samples in %s, %s missed."), name, samples, time, missed);
  return TRUE;
}

/* Returns FALSE when something was wrong and was said. */
static gboolean
use_recording (const Request *request, SalSession *session)
{
  gboolean failed = sal_session_get_state (session) != SAL_SESSION_DONE;
  g_autoptr (GError) error = NULL;
  g_autoptr (SalProfile) profile = NULL;
  const SalTerminalView view = { 0 };
  gboolean used;

  if (sal_session_get_error (session) != NULL)
    sal_terminal_say ("%s", sal_session_get_error (session)->message);
  else if (failed)
    sal_terminal_say (_ ("The recording was given up before it was complete."));
  if (failed && sal_session_get_status (session)->samples == 0)
    return FALSE;

  profile = sal_formats_load (sal_session_get_capture (session), NULL, &error);
  if (profile == NULL)
    {
      /* After a failure one sentence is enough. */
      if (!failed)
        sal_terminal_say ("%s", error->message);
      return FALSE;
    }
  profile = sal_terminal_view_apply (&view, g_steal_pointer (&profile));
  if (request->out != NULL)
    used = write_out (request, session, profile);
  else
    used = sal_terminal_report_print (profile);
  return used && !failed;
}

/* The exit code when the program could not be started, as the shell has it. */
static int
get_spawn_code (const char *program)
{
  g_autofree char *found = NULL;

  if (strchr (program, '/') != NULL)
    return g_file_test (program, G_FILE_TEST_EXISTS) ? SAL_EXIT_NOT_RUN : SAL_EXIT_NOT_FOUND;
  found = g_find_program_in_path (program);
  return found != NULL ? SAL_EXIT_NOT_RUN : SAL_EXIT_NOT_FOUND;
}

static int
get_exit_code (SalSession *session, SalTerminalRunEnd end, gboolean good)
{
  const SalSessionOptions *options = sal_session_get_options (session);
  int status = sal_session_get_exit_status (session);
  int code = 0;

  if (options->argv != NULL &&
      g_error_matches (sal_session_get_error (session), SAL_SESSION_ERROR, SAL_SESSION_ERROR_SPAWN))
    return get_spawn_code (options->argv[0]);
  if (end == SAL_TERMINAL_RUN_ENDED && status != -1)
    code = WIFSIGNALED (status) ? SAL_EXIT_SIGNAL_BASE + WTERMSIG (status) : WEXITSTATUS (status);
  else if (end == SAL_TERMINAL_RUN_LOST && good)
    sal_terminal_say (_ ("Nobody knows how the program ended, because the recorder ended first."));

  if (code == 0 && (!good || end == SAL_TERMINAL_RUN_LOST))
    code = get_failure_code (options);
  return code;
}

static int
record (const Request *request, const SalSessionOptions *options)
{
  g_autoptr (SalSession) session = sal_session_new (options);
  g_autoptr (SalTerminalRun) run = sal_terminal_run_new (session);
  SalTerminalRunEnd end;
  gboolean good;

  sal_terminal_run_record (run);
  good = use_recording (request, session);
  end = sal_terminal_run_wait (run);
  return get_exit_code (session, end, good);
}

static const char *
get_description (void)
{
  return _ ("Options after COMMAND are its own. The ending of OUT names the format: .salamander,\n"
            ".svg, .folded or .speedscope.json. Without -o the table of functions is printed.\n"
            "Ctrl+C ends the recording; what was recorded is written all the same. A program that\n"
            "still runs then, or after -d, is waited for; another Ctrl+C leaves it running.\n\n"
            "Exit codes: that of COMMAND, or 128 + the signal that ended it; 0 when it was left\n"
            "running, and with -p; 2 wrong usage; 126 COMMAND cannot be executed; 127 COMMAND was\n"
            "not found; any other failure: 125 with COMMAND, unless it failed too, 1 with -p.");
}

int
sal_terminal_record (char **arguments)
{
  g_auto (GStrv) command = arguments;
  g_auto (Request) request = { 0 };
  g_autoptr (SalSessionOptions) options = sal_session_options_new ();
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &request.out, N_ ("Write the recording to OUT"),
      N_ ("OUT") },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &request.format_name,
      N_ ("Write salamander, svg, folded or speedscope (default: by the ending of OUT)"),
      N_ ("FORMAT") },
    { "rate", 'r', 0, G_OPTION_ARG_STRING, &request.rate,
      N_ ("Samples a second, or max (default: 1000)"), N_ ("HZ") },
    { "native", 'n', 0, G_OPTION_ARG_NONE, &request.native,
      N_ ("Record native stacks too, holding threads still for a moment each"), NULL },
    { "blocking", 0, 0, G_OPTION_ARG_NONE, &request.blocking,
      N_ ("Hold a thread still where its stack changes faster than it can be read"), NULL },
    { "debuginfod", 0, 0, G_OPTION_ARG_NONE, &request.debuginfod,
      N_ ("Ask the servers of DEBUGINFOD_URLS for names of native functions"), NULL },
    { "duration", 'd', 0, G_OPTION_ARG_STRING, &request.duration,
      N_ ("End the recording after SECONDS"), N_ ("SECONDS") },
    { "pid", 'p', 0, G_OPTION_ARG_STRING, &request.pid, N_ ("Record the running process PID"),
      N_ ("PID") },
    { "subprocesses", 's', 0, G_OPTION_ARG_NONE, &request.subprocesses,
      N_ ("Record child processes too, to the end of the last"), NULL },
    { "budget", 'b', 0, G_OPTION_ARG_STRING, &request.budget,
      N_ ("Look less often when it takes more than PERCENT of a processor; 0: never (default: 10)"),
      N_ ("PERCENT") },
    { NULL },
  };
  int code = sal_terminal_parse ("record",
                                 _ ("(-p PID | [--] COMMAND [ARGUMENT…])"),
                                 _ ("Records where a Python program spends its time."),
                                 get_description (),
                                 entries,
                                 TRUE,
                                 &command);

  if (code < 0)
    code = make_options (&request, command, options);
  if (code >= 0)
    return code;
  if (request.out != NULL)
    {
      request.format = sal_terminal_output_find_format (request.out, request.format_name);
      if (request.format == SAL_FORMAT_UNKNOWN)
        return SAL_EXIT_USAGE;
      if (!sal_terminal_output_check (request.out, &error))
        {
          sal_terminal_say ("%s", error->message);
          return get_failure_code (options);
        }
    }
  if (options->argv == NULL && !sal_terminal_ps_resolve (options))
    return SAL_EXIT_FAILURE;
  return record (&request, options);
}
