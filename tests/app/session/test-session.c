/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions against a recorder that does as it is told (fake-recorder.c). */
#include "sal-session.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#define DEADLINE_SECONDS 30

typedef struct
{
  SalSession *session;
  GString *states;
  GString *output;
  guint n_status;
  guint n_exited;
  int exit_status;
} Watch;

static void
state_cb (SalSession *session, GParamSpec *pspec, Watch *watch)
{
  static const char letters[] = "isrpdf"; /* idle starting recording stoPping done failed */

  g_string_append_c (watch->states, letters[sal_session_get_state (session)]);
}

static void
status_cb (SalSession *session, Watch *watch)
{
  watch->n_status++;
}

static void
output_cb (SalSession *session, GBytes *bytes, Watch *watch)
{
  g_string_append_len (watch->output,
                       g_bytes_get_data (bytes, NULL),
                       (gssize)g_bytes_get_size (bytes));
}

static void
exited_cb (SalSession *session, int status, Watch *watch)
{
  watch->n_exited++;
  watch->exit_status = status;
}

static void
watch_clear (Watch *watch)
{
  if (watch->session != NULL)
    g_assert_finalize_object (watch->session);
  g_string_free (watch->states, TRUE);
  g_string_free (watch->output, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watch, watch_clear)

/* @script: what the recorder does. */
static SalSessionOptions *
make_options (const char *script)
{
  SalSessionOptions *options = sal_session_options_new ();
  const char *argv[] = { "python3", "program.py", "-x", NULL };
  g_autofree char *variable = g_strconcat ("FAKE_RECORDER=", script, NULL);
  const char *environment[] = { variable, NULL };

  options->argv = g_strdupv ((char **)argv);
  options->environment = g_strdupv ((char **)environment);
  options->capture_output = TRUE;
  return options;
}

static void
watch_begin (Watch *watch, const SalSessionOptions *options)
{
  watch->states = g_string_new (NULL);
  watch->output = g_string_new (NULL);
  watch->session = sal_session_new (options);
  g_signal_connect (watch->session, "notify::state", G_CALLBACK (state_cb), watch);
  g_signal_connect (watch->session, "status", G_CALLBACK (status_cb), watch);
  g_signal_connect (watch->session, "output", G_CALLBACK (output_cb), watch);
  g_signal_connect (watch->session, "exited", G_CALLBACK (exited_cb), watch);
  sal_session_start (watch->session);
}

static gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Turns the main loop until @condition is true. */
#define wait_until(condition)                                                      \
  G_STMT_START                                                                     \
  {                                                                                \
    gint64 deadline = g_get_monotonic_time () + DEADLINE_SECONDS * G_USEC_PER_SEC; \
    guint tick = g_timeout_add (50, tick_cb, NULL);                                \
    while (!(condition))                                                           \
      {                                                                            \
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);                    \
        g_main_context_iteration (NULL, TRUE);                                     \
      }                                                                            \
    g_source_remove (tick);                                                        \
  }                                                                                \
  G_STMT_END

static gboolean
is_over (Watch *watch)
{
  SalSessionState state = sal_session_get_state (watch->session);

  return state == SAL_SESSION_DONE || state == SAL_SESSION_FAILED;
}

/* Starts @script and waits for the end of the recording. */
static void
watch_run (Watch *watch, const char *script)
{
  g_autoptr (SalSessionOptions) options = make_options (script);

  watch_begin (watch, options);
  wait_until (is_over (watch));
}

static void
test_records (void)
{
  g_auto (Watch) watch = { 0 };

  watch_run (&watch, "started,status:10,status:20,write:capture,finished,exited:768");
  wait_until (watch.n_exited > 0);
  g_assert_cmpstr (watch.states->str, ==, "srd");
  g_assert_cmpuint (watch.n_status, ==, 2);
  g_assert_cmpuint (sal_session_get_status (watch.session)->samples, ==, 20);
  g_assert_cmpuint (sal_session_get_status (watch.session)->missed, ==, 7);
  g_assert_cmpuint (sal_session_get_status (watch.session)->n_threads, ==, 3);
  g_assert_cmpint (sal_session_get_status (watch.session)->elapsed_ns, ==, 1500000000);
  g_assert_cmpint (sal_session_get_pid (watch.session), >, 1);
  g_assert_null (sal_session_get_error (watch.session));
  g_assert_cmpint (watch.exit_status, ==, 3 << 8);
  g_assert_cmpint (sal_session_get_exit_status (watch.session), ==, 3 << 8);
}

static void
test_stops (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("started,wait,finished,exited:0");
  g_auto (Watch) watch = { 0 };

  watch_begin (&watch, options);
  wait_until (sal_session_get_state (watch.session) == SAL_SESSION_RECORDING);
  sal_session_stop (watch.session);
  sal_session_stop (watch.session);
  g_assert_cmpint (sal_session_get_state (watch.session), ==, SAL_SESSION_STOPPING);
  wait_until (watch.n_exited == 1 && strstr (watch.output->str, "\n") != NULL);
  g_assert_cmpstr (watch.states->str, ==, "srpd");
  g_assert_cmpstr (watch.output->str, ==, "stop\n");
}

static void
test_stops_before_it_started (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("wait,started,finished,exited:0");
  g_auto (Watch) watch = { 0 };

  watch_begin (&watch, options);
  sal_session_stop (watch.session);
  wait_until (is_over (&watch));
  g_assert_cmpstr (watch.states->str, ==, "spd");
}

/* It has taken the order and does nothing: that is said after a while; what is there is kept. */
static void
test_gives_up_on_a_recorder_that_hangs (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("write:part,started,wait,hold");
  g_auto (Watch) watch = { 0 };

  watch_begin (&watch, options);
  wait_until (sal_session_get_state (watch.session) == SAL_SESSION_RECORDING);
  sal_session_stop (watch.session);
  wait_until (is_over (&watch));
  g_assert_cmpstr (watch.states->str, ==, "srpf");
  g_assert_error (sal_session_get_error (watch.session),
                  SAL_SESSION_ERROR,
                  SAL_SESSION_ERROR_RECORDER);
  g_assert_nonnull (strstr (sal_session_get_error (watch.session)->message, "within 10 seconds"));
  g_assert_true (g_file_query_exists (sal_session_get_capture (watch.session), NULL));
  wait_until (watch.n_exited == 1);
  g_assert_cmpint (watch.exit_status, ==, -1);
}

static void
test_kills (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("started,wait,finished,exited:15");
  g_auto (Watch) watch = { 0 };

  watch_begin (&watch, options);
  wait_until (sal_session_get_state (watch.session) == SAL_SESSION_RECORDING);
  sal_session_kill (watch.session);
  wait_until (watch.n_exited == 1 && strstr (watch.output->str, "\n") != NULL);
  g_assert_cmpstr (watch.output->str, ==, "kill\n");
  g_assert_cmpint (WTERMSIG (watch.exit_status), ==, SIGTERM);
}

static void
test_kills_what_runs_on (void)
{
  g_auto (Watch) watch = { 0 };

  watch_run (&watch, "started,finished,wait,exited:15");
  sal_session_kill (watch.session);
  wait_until (watch.n_exited == 1);
  g_assert_cmpint (sal_session_get_state (watch.session), ==, SAL_SESSION_DONE);
}

static void
test_keeps_the_order_of_output (void)
{
  g_auto (Watch) watch = { 0 };

  watch_run (&watch, "out:one,err:two,input,out:three,started,finished,exited:0");
  wait_until (strstr (watch.output->str, "three\n") != NULL);
  g_assert_cmpstr (watch.output->str, ==, "one\ntwo\nno input\nthree\n");
}

static void
test_ignores_noise (void)
{
  g_auto (Watch) watch = { 0 };

  watch_run (&watch, "noise,started,noise,finished,noise,exited:0");
  wait_until (watch.n_exited == 1);
  g_assert_cmpstr (watch.states->str, ==, "srd");
}

static void
test_passes_options (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("arguments,out:,started,finished,exited:0");
  g_auto (Watch) watch = { 0 };

  options->rate_hz = 0.5;
  options->duration_s = 2.25;
  options->directory = g_strdup ("/tmp/a b");
  watch_begin (&watch, options);
  wait_until (watch.n_exited == 1 && strstr (watch.output->str, "\n") != NULL);
  g_assert_cmpstr (watch.output->str,
                   ==,
                   "[--rate][0.5][--duration][2.25][--budget][10][--output-fd][4][--control-fd][3]"
                   "[--directory][/tmp/a b][--][python3][program.py][-x]\n");
}

static void
test_attaches (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("arguments,out:,started,finished");
  g_auto (Watch) watch = { 0 };

  g_clear_pointer (&options->argv, g_strfreev);
  options->pid = 4711;
  options->rate_hz = 0;
  options->budget_percent = 0;
  options->subprocesses = TRUE;
  watch_begin (&watch, options);
  wait_until (is_over (&watch) && strstr (watch.output->str, "\n") != NULL);
  g_assert_cmpstr (watch.output->str,
                   ==,
                   "[--rate][max][--budget][0][--subprocesses][--output-fd][4][--control-fd][3]"
                   "[--pid][4711]\n");
  g_assert_cmpint (watch.n_exited, ==, 0);
  g_assert_cmpint (sal_session_get_exit_status (watch.session), ==, -1);
}

static void
test_fails_with_the_fault (void)
{
  g_auto (Watch) watch = { 0 };

  watch_run (&watch, "fault:6:0:3.9.2,finished,exited:0");
  g_assert_cmpstr (watch.states->str, ==, "sf");
  g_assert_error (sal_session_get_error (watch.session),
                  SAL_SESSION_ERROR,
                  SAL_SESSION_ERROR_PYTHON_VERSION);
  wait_until (watch.n_exited == 1);
}

static void
test_notices_a_crash (void)
{
  g_auto (Watch) watch = { 0 };

  watch_run (&watch, "started,status:5,crash");
  g_assert_error (sal_session_get_error (watch.session),
                  SAL_SESSION_ERROR,
                  SAL_SESSION_ERROR_RECORDER);
  /* Whoever waits for the program is told that nobody knows. */
  wait_until (watch.n_exited == 1);
  g_assert_cmpint (watch.exit_status, ==, -1);
  g_assert_cmpuint (sal_session_get_status (watch.session)->samples, ==, 5);
}

static void
test_notices_a_refusal (void)
{
  g_auto (Watch) watch = { 0 };

  watch_run (&watch, "exit:2");
  g_assert_error (sal_session_get_error (watch.session),
                  SAL_SESSION_ERROR,
                  SAL_SESSION_ERROR_RECORDER);
  g_assert_nonnull (strstr (sal_session_get_error (watch.session)->message, "2"));
  g_assert_cmpuint (watch.n_exited, ==, 0);
}

static void
test_missing_recorder (void)
{
  g_autofree char *recorder = g_strdup (g_getenv ("SALAMANDER_RECORDER"));
  g_auto (Watch) watch = { 0 };

  g_setenv ("SALAMANDER_RECORDER", "/nowhere/recorder", TRUE);
  watch_run (&watch, "started");
  g_setenv ("SALAMANDER_RECORDER", recorder, TRUE);
  g_assert_error (sal_session_get_error (watch.session),
                  SAL_SESSION_ERROR,
                  SAL_SESSION_ERROR_RECORDER);
  g_assert_nonnull (strstr (sal_session_get_error (watch.session)->message, "/nowhere/recorder"));
}

static void
test_capture_is_private_and_goes (void)
{
  g_autoptr (GFile) capture = NULL;
  g_autofree char *contents = NULL;
  g_autofree char *path = NULL;
  g_autofree char *folder = NULL;
  struct stat st;

  {
    g_auto (Watch) watch = { 0 };

    watch_run (&watch, "started,write:bytes,finished,exited:0");
    capture = g_object_ref (sal_session_get_capture (watch.session));
    path = g_file_get_path (capture);
    folder = g_path_get_dirname (path);
    g_assert_true (g_str_has_prefix (path, g_get_user_cache_dir ()));
    g_assert_nonnull (strstr (path, "python3"));
    g_assert_true (g_str_has_suffix (path, ".salamander"));
    g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
    g_assert_cmpstr (contents, ==, "bytes");
    g_assert_cmpint (stat (path, &st), ==, 0);
    g_assert_cmpint (st.st_mode & 0777, ==, 0600);
    g_assert_cmpint (stat (folder, &st), ==, 0);
    g_assert_cmpint (st.st_mode & 0777, ==, 0700);
  }
  g_assert_false (g_file_query_exists (capture, NULL));
}

/* A file stands where the folder of recordings should. */
static void
test_unwritable_capture (void)
{
  g_autofree char *folder =
      g_build_filename (g_get_user_cache_dir (), "salamander", "recordings", NULL);
  g_autoptr (SalSessionOptions) options = make_options ("started");
  g_auto (Watch) watch = { 0 };

  g_rmdir (folder);
  g_assert_true (g_file_set_contents (folder, "", -1, NULL));
  watch_begin (&watch, options);
  g_assert_cmpstr (watch.states->str, ==, "sf");
  g_assert_error (sal_session_get_error (watch.session),
                  SAL_SESSION_ERROR,
                  SAL_SESSION_ERROR_OUTPUT);
  g_assert_nonnull (strstr (sal_session_get_error (watch.session)->message, folder));
  g_unlink (folder);
}

/* The recorder waits for a command and sees the socket's end instead. */
static void
test_disposing_ends_the_recording (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("started,wait,hold");
  pid_t pid;

  {
    g_auto (Watch) watch = { 0 };

    watch_begin (&watch, options);
    wait_until (sal_session_get_state (watch.session) == SAL_SESSION_RECORDING);
    pid = sal_session_get_pid (watch.session);
  }
  wait_until (kill (pid, 0) == -1 && errno == ESRCH);
}

static void
unref_cb (SalSession *session, GParamSpec *pspec, SalSession **owned)
{
  if (sal_session_get_state (session) == SAL_SESSION_DONE)
    g_clear_object (owned);
}

/* A window may drop its session when it hears that it is done. */
static void
test_may_go_in_its_own_signal (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("started,finished,exited:0");
  SalSession *session = sal_session_new (options);
  SalSession *pointer = session;

  g_object_add_weak_pointer (G_OBJECT (session), (gpointer *)&pointer);
  g_signal_connect (session, "notify::state", G_CALLBACK (unref_cb), &session);
  sal_session_start (session);
  wait_until (pointer == NULL);
}

static void
test_options_are_copied (void)
{
  g_autoptr (SalSessionOptions) options = make_options ("x");
  g_autoptr (SalSessionOptions) copy = sal_session_options_copy (options);

  g_assert_true (options->argv != copy->argv);
  g_assert_cmpstrv (options->argv, copy->argv);
  g_assert_cmpstrv (options->environment, copy->environment);
  g_assert_cmpfloat (copy->rate_hz, ==, 1000.0);
}

static void
remove_tree (const char *path)
{
  const char *argv[] = { "/bin/rm", "-rf", path, NULL };

  g_assert_true (g_spawn_sync (NULL,
                               (char **)argv,
                               NULL,
                               G_SPAWN_DEFAULT,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               NULL));
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("session-XXXXXX", NULL);
  int result;

  /* G_TEST_OPTION_ISOLATE_DIRS leaks, which would drown our own leaks. */
  g_setenv ("XDG_CACHE_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/session/records", test_records);
  g_test_add_func ("/session/session/stops", test_stops);
  g_test_add_func ("/session/session/stops-before-it-started", test_stops_before_it_started);
  g_test_add_func ("/session/session/hangs", test_gives_up_on_a_recorder_that_hangs);
  g_test_add_func ("/session/session/kills", test_kills);
  g_test_add_func ("/session/session/kills-what-runs-on", test_kills_what_runs_on);
  g_test_add_func ("/session/session/keeps-the-order-of-output", test_keeps_the_order_of_output);
  g_test_add_func ("/session/session/ignores-noise", test_ignores_noise);
  g_test_add_func ("/session/session/passes-options", test_passes_options);
  g_test_add_func ("/session/session/attaches", test_attaches);
  g_test_add_func ("/session/session/fails-with-the-fault", test_fails_with_the_fault);
  g_test_add_func ("/session/session/notices-a-crash", test_notices_a_crash);
  g_test_add_func ("/session/session/notices-a-refusal", test_notices_a_refusal);
  g_test_add_func ("/session/session/missing-recorder", test_missing_recorder);
  g_test_add_func ("/session/session/capture-is-private-and-goes",
                   test_capture_is_private_and_goes);
  g_test_add_func ("/session/session/unwritable-capture", test_unwritable_capture);
  g_test_add_func ("/session/session/disposing-ends-the-recording",
                   test_disposing_ends_the_recording);
  g_test_add_func ("/session/session/may-go-in-its-own-signal", test_may_go_in_its_own_signal);
  g_test_add_func ("/session/session/options-are-copied", test_options_are_copied);
  result = g_test_run ();
  remove_tree (home);
  return result;
}
