/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of programs of several processes: launchers, children, daemons. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include "recording.h"

static const char *
get_string (const Recording *recording, guint32 id)
{
  return id == SAL_CAPTURE_NO_ID ? "" : g_ptr_array_index (recording->strings, id);
}

/* The only process with @word in its command, -1 = none; several fail the test. */
static int
find_process (const Recording *recording, const char *word)
{
  int found = -1;

  for (guint i = 0; i < recording->processes->len; i++)
    {
      guint32 command = g_array_index (recording->processes, SalCaptureProcess, i).command;

      if (strstr (get_string (recording, command), word) == NULL)
        continue;
      g_assert_cmpint (found, ==, -1);
      found = (int)i;
    }
  return found;
}

/* The process with id @pid, which there must be once. */
static int
find_pid (const Recording *recording, GPid pid)
{
  int found = -1;

  for (guint i = 0; i < recording->processes->len; i++)
    if ((GPid)g_array_index (recording->processes, SalCaptureProcess, i).pid == pid)
      {
        g_assert_cmpint (found, ==, -1);
        found = (int)i;
      }
  g_assert_cmpint (found, >=, 0);
  return found;
}

static void
print_processes (const Recording *recording)
{
  for (guint i = 0; i < recording->processes->len; i++)
    {
      const SalCaptureProcess *process =
          &g_array_index (recording->processes, SalCaptureProcess, i);

      g_test_message ("process %u: pid %u, parent %d, Python \"%s\": %s",
                      i,
                      process->pid,
                      (int)process->parent,
                      get_string (recording, process->python),
                      get_string (recording, process->command));
    }
}

/* Nanoseconds of samples with @name (NULL = any) in their stack, of process @process. */
static guint64
sum_process (const Recording *recording, int process, const char *name)
{
  guint64 sum = 0;

  for (guint i = 0; i < recording->threads->len; i++)
    if ((int)g_array_index (recording->threads, SalCaptureThread, i).process == process)
      sum += recording_sum_weights (recording, name, i);
  return sum;
}

/* What @recorder has recorded when its program ends. */
static Recording *
finish (Recorder *recorder)
{
  Recording *recording;
  int status = recorder_wait (recorder);

  if (status != 0)
    g_error ("the recorder ended with %d: %s", status, recorder->err);
  recording = recorder_load (recorder);
  print_processes (recording);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  return recording;
}

static Recording *
record (const char *const *options, const char *const *command)
{
  g_autoptr (Recorder) recorder = recorder_start (FALSE, options, command);

  return finish (recorder);
}

/* A file that programs wait for the end of. */
static char *
make_flag (void)
{
  char *flag = NULL;
  int fd = g_file_open_tmp ("salamander-XXXXXX", &flag, NULL);

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  return flag;
}

/* Has a Python started by @launcher, and ends it when it is being recorded. */
static Recording *
record_launcher (const char *const *launcher, const char *python)
{
  g_autofree char *flag = make_flag ();
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) command = NULL;
  g_autoptr (Recorder) recorder = NULL;

  g_strv_builder_addv (words, (const char **)launcher);
  g_strv_builder_add_many (words,
                           python,
                           "-c",
                           "import os, sys\n"
                           "print('at work', flush=True)\n"
                           "while os.path.exists(sys.argv[1]): pass",
                           flag,
                           NULL);
  command = g_strv_builder_end (words);
  recorder = recorder_start (TRUE, NO_WORDS, (const char *const *)command);
  recorder_await_samples (recorder, 10);
  g_assert_no_errno (g_unlink (flag));
  return finish (recorder);
}

/* What starts the program and waits for it is listed; the program is recorded. */
static void
test_a_launcher_leads_to_its_child (void)
{
  g_autofree char *python = python_find_any ();
  const char *const *launchers[] = {
    WORDS ("timeout", "60"),
    WORDS ("sh", "-c", "\"$0\" \"$@\"; true"),
    WORDS ("sh", "-c", "sh -c '\"$0\" \"$@\"; true' \"$0\" \"$@\"; true"),
  };

  for (gsize i = 0; python != NULL && i < G_N_ELEMENTS (launchers); i++)
    {
      g_autoptr (Recording) recording = record_launcher (launchers[i], python);

      g_assert_cmpuint (recording->process.python, ==, SAL_CAPTURE_NO_ID);
      g_assert_cmpint (recording->process_end.status, ==, 0);
      g_assert_cmpuint (recording->n_processes, ==, i < 2 ? 2 : 3);
      g_assert_cmpuint (recording_sum_weights (recording, "<module>", G_MAXUINT32), >, 0);
      g_assert_cmpuint (sum_process (recording, 0, NULL), ==, 0);
      g_assert_true (g_str_has_prefix (g_hash_table_lookup (recording->metas, "python"), "3."));
    }
}

/* Without being asked for, the children of a Python are left out. */
static void
test_children_are_for_those_who_ask (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("family.py");
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recording = record (NO_WORDS, WORDS (python, target, "fork"));
  g_assert_cmpuint (recording->n_processes, ==, 1);
  g_assert_cmpuint (recording_sum_weights (recording, "start_children", G_MAXUINT32), >, 0);
  g_assert_cmpuint (recording_sum_weights (recording, "child_work", G_MAXUINT32), ==, 0);
}

/* Every child of every way to start one works 0.4 s, and is there in its own right. The forkserver
 * and the resource tracker are Python processes too. */
static void
test_multiprocessing (gconstpointer method)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("family.py");
  g_autoptr (Recording) recording = NULL;
  guint n_children = 0;

  if (python == NULL)
    return;
  recording = record (WORDS ("--subprocesses"), WORDS (python, target, method));
  for (guint i = 0; i < recording->processes->len; i++)
    {
      guint64 worked = sum_process (recording, (int)i, "child_work");

      if (worked == 0)
        continue;
      n_children++;
      g_assert_cmpuint (i, >, 0);
      g_assert_cmpuint (worked, >, 200 * 1000000);
      g_assert_cmpuint (g_array_index (recording->processes, SalCaptureProcess, i).parent,
                        !=,
                        SAL_CAPTURE_NO_ID);
    }
  g_assert_cmpuint (n_children, ==, 2);
  g_assert_cmpuint (sum_process (recording, 0, "start_children"), >, 0);
  g_assert_cmpuint (recording->n_process_ends, ==, recording->n_processes);
}

/* That no process has a thread but its first. */
static void
assert_single_threads (const Recording *recording)
{
  for (guint i = 0; i < recording->threads->len; i++)
    {
      const SalCaptureThread *thread = &g_array_index (recording->threads, SalCaptureThread, i);

      const SalCaptureProcess *process =
          &g_array_index (recording->processes, SalCaptureProcess, thread->process);

      g_assert_cmpuint (thread->tid, ==, process->pid);
    }
}

/* What is not Python is listed and not sampled; what is behind it is sampled. A child that is still
 * on its way to exec shows the threads of its parent: none of them is taken for its own. */
static void
test_others_are_listed (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("family.py");
  g_autoptr (Recording) recording = NULL;
  int sleeper;
  int shell;
  guint n_grandchildren = 0;

  if (python == NULL)
    return;
  recording = record (WORDS ("--subprocesses"), WORDS (python, target, "mixed"));
  sleeper = find_process (recording, "sleep 0.4");
  shell = find_process (recording, "sh -c");
  g_assert_cmpint (sleeper, >, 0);
  g_assert_cmpint (shell, >, 0);
  g_assert_cmpuint (sum_process (recording, sleeper, NULL), ==, 0);
  g_assert_cmpuint (sum_process (recording, shell, NULL), ==, 0);
  for (guint i = 0; i < recording->processes->len; i++)
    if (sum_process (recording, (int)i, "grandchild_work") > 0)
      {
        n_grandchildren++;
        g_assert_cmpint ((int)g_array_index (recording->processes, SalCaptureProcess, i).parent,
                         ==,
                         shell);
      }
  g_assert_cmpuint (n_grandchildren, ==, 1);
  assert_single_threads (recording);
}

/* How many are seen depends on what else the machine does: any is a proof, all are the aim. */
static void
test_brief_children_are_seen (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("family.py");
  g_autoptr (Recording) recording = NULL;
  guint n_listed = 0;
  guint n_sampled = 0;

  if (python == NULL)
    return;
  recording = record (WORDS ("--subprocesses"), WORDS (python, target, "brief"));
  for (guint i = 1; i < recording->processes->len; i++)
    {
      n_listed++;
      n_sampled += sum_process (recording, (int)i, "<module>") > 0;
    }
  g_test_message ("%u of 10 children listed, %u sampled", n_listed, n_sampled);
  g_assert_cmpuint (n_listed, <=, 10);
  g_assert_cmpuint (n_sampled, >, 0);
}

static void
record_unaware (const char *const *command)
{
  g_autoptr (Recording) recording = record (WORDS ("--subprocesses"), command);
  int worker = (int)recording->processes->len - 1;

  g_assert_cmpint (worker, >, 0);
  g_assert_cmpuint (sum_process (recording, worker, "child_work"), >, 0);
  g_assert_cmpuint (sum_process (recording, worker - 1, "start_unaware"), >, 0);
  g_assert_cmpuint (sum_process (recording, worker - 1, "child_work"), ==, 0);
  assert_single_threads (recording);
}

/* A child that the host has forked without a word to Python, which takes itself for its parent. */
static void
test_children_that_python_does_not_know_of (gconstpointer minor)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("family.py");

  if (python != NULL)
    record_unaware (WORDS (python, target, "unaware"));
}

/* There threads call themselves by other numbers than we do. */
static void
test_children_in_a_namespace (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("family.py");

  if (python != NULL)
    record_unaware (WORDS ("unshare",
                           "--mount",
                           "--pid",
                           "--fork",
                           "--map-root-user",
                           "--mount-proc",
                           python,
                           target,
                           "unaware"));
}

/* A child whose number nobody would expect. */
static void
test_children_with_chosen_numbers (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("family.py");
  g_autofree char *flag = make_flag ();
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  SalControlEvent event;
  guint64 n_wanted;
  int status = 0;

  if (python != NULL)
    g_assert_true (g_spawn_sync (NULL,
                                 (char **)WORDS (python, target, "chosen", "/nowhere"),
                                 NULL,
                                 G_SPAWN_DEFAULT,
                                 NULL,
                                 NULL,
                                 NULL,
                                 NULL,
                                 &status,
                                 NULL));
  if (python == NULL || status == W_EXITCODE (77, 0))
    {
      g_test_skip ("needs the right to choose the number of a process");
      g_assert_no_errno (g_unlink (flag));
      return;
    }
  recorder = recorder_start (TRUE,
                             WORDS ("--subprocesses"),
                             WORDS (python, target, "chosen", flag));
  do
    event = recorder_expect (recorder, SAL_CONTROL_STATUS);
  while (event.thread_count < 2);
  n_wanted = event.samples + 200;
  while (event.samples < n_wanted)
    event = recorder_expect (recorder, SAL_CONTROL_STATUS);
  g_assert_no_errno (g_unlink (flag));
  recording = finish (recorder);
  g_assert_cmpuint (recording->n_processes, ==, 2);
  g_assert_cmpuint (recording->processes->len, ==, 2);
  g_assert_cmpuint (sum_process (recording, 1, "child_work"), >, 0);
}

/* The recording goes on to the end of the daemon, which nobody else waits for. */
static void
test_a_daemon_is_followed (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("family.py");
  g_autoptr (Recording) recording = NULL;
  const SalCaptureProcessEnd *end;

  if (python == NULL)
    return;
  recording = record (WORDS ("--subprocesses"), WORDS (python, target, "daemon"));
  g_assert_cmpuint (sum_process (recording, 0, "daemon_work"), ==, 0);
  g_assert_cmpuint (recording_sum_weights (recording, "daemon_work", G_MAXUINT32),
                    >,
                    300 * 1000000);
  g_assert_cmpint (recording->process_end.time_ns, <, recording->end.time_ns - 300 * 1000000);
  end = &recording->process_end;
  g_assert_cmpint (end->status, ==, 0);
}

static void
test_exec_keeps_the_process (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("execute.py");
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recording = record (WORDS ("--subprocesses"), WORDS (python, target, "1"));
  g_assert_cmpuint (recording->n_processes, ==, 1);
  g_assert_cmpuint (sum_process (recording, 0, "before"), >, 0);
  g_assert_cmpuint (sum_process (recording, 0, "after"), >, 0);
}

/* A process that becomes something else stays in the recording, which says so and goes on to its
 * end. */
static void
test_a_python_that_becomes_another_program (void)
{
  g_autofree char *python = python_find_any ();
  g_autoptr (Recording) recording = NULL;
  /* Processor time: on a busy machine the recorder, too, takes longer until it looks. */
  static const char script[] = "import os, time\n"
                               "while time.process_time() < 0.5: pass\n"
                               "os.execvp('sleep', ['sleep', '0.5'])\n";

  if (python == NULL)
    return;
  recording = record (NO_WORDS, WORDS (python, "-c", script));
  g_assert_cmpuint (recording->n_processes, ==, 1);
  g_assert_cmpuint (recording_sum_weights (recording, "<module>", G_MAXUINT32), >, 0);
  g_assert_cmpint (find_process (recording, "sleep 0.5"), ==, 0);
  g_assert_true (g_str_has_suffix (g_hash_table_lookup (recording->metas, "warning"),
                                   "is not Python and is not recorded: sleep 0.5"));
}

/* A running program with a child: both are recorded, and a child that comes later too. */
static void
test_attach_to_a_family (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("family.py");
  g_autofree char *flag = make_flag ();
  const char *argv[] = { python, target, "wait", flag, NULL };
  g_autofree char *word = NULL;
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  char ready;
  GPid pid;
  int in;
  int out;

  if (python == NULL)
    return;
  g_assert_true (g_spawn_async_with_pipes (NULL,
                                           (char **)argv,
                                           NULL,
                                           G_SPAWN_DO_NOT_REAP_CHILD,
                                           NULL,
                                           NULL,
                                           &pid,
                                           &in,
                                           &out,
                                           NULL,
                                           NULL));
  do
    g_assert_cmpint (read (out, &ready, 1), ==, 1);
  while (ready != '\n');
  word = g_strdup_printf ("--pid=%d", pid);
  recorder = recorder_start (TRUE, WORDS (word, "--subprocesses"), NULL);
  while (recorder_expect (recorder, SAL_CONTROL_STATUS).thread_count < 2)
    continue;
  g_assert_cmpint (write (in, "\n", 1), ==, 1);
  while (recorder_expect (recorder, SAL_CONTROL_STATUS).thread_count < 3)
    continue;
  g_assert_no_errno (g_unlink (flag));
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  recorder_expect (recorder, SAL_CONTROL_FINISHED);
  close (in);
  close (out);

  recording = finish (recorder);
  g_assert_cmpuint (recording->n_processes, ==, 3);
  g_assert_cmpuint (recording->n_process_ends, ==, 3);
  g_assert_cmpuint (sum_process (recording, 0, "wait_and_fork"), >, 0);
  g_assert_cmpuint (sum_process (recording, 1, "child_work"), >, 0);
  g_assert_cmpuint (sum_process (recording, 2, "daemon_work"), >, 0);
}

/* A connection to a server that listens on @path, or is about to. */
static GSocketConnection *
connect_to (const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  GSocketConnection *connection;

  do
    {
      connection =
          g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (connection == NULL)
        g_usleep (1000);
    }
  while (connection == NULL);
  return connection;
}

/* Lets a worker of prefork.py work for a second, which is long enough to be found in. Returns its
 * process, and its master's in @master. */
static GPid
request (GSocketConnection *connection, GPid *master)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  char answer[64] = "";
  GPid worker;

  g_assert_true (g_output_stream_write_all (out, "1\n", 2, NULL, NULL, NULL));
  g_assert_cmpint (g_input_stream_read (in, answer, sizeof answer - 1, NULL, NULL), >, 0);
  g_assert_cmpint (sscanf (answer, "%d %d", &worker, master), ==, 2);
  return worker;
}

/* Three workers of one master: two from the start, and one in place of that which is killed. What
 * each does is its own. */
static void
test_a_server_with_workers (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("prefork.py");
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  GSocketConnection *connections[3];
  GPid workers[3];
  GPid master;

  if (python == NULL)
    return;
  recorder = recorder_start (FALSE, WORDS ("--subprocesses"), WORDS (python, target, path));
  for (guint i = 0; i < 3; i++)
    {
      connections[i] = connect_to (path);
      workers[i] = request (connections[i], &master);
      if (i == 1)
        g_assert_no_errno (kill (workers[0], SIGKILL));
    }
  g_assert_no_errno (kill (master, SIGTERM));
  recording = finish (recorder);
  for (guint i = 0; i < 3; i++)
    g_object_unref (connections[i]);
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (folder));

  g_assert_cmpuint (recording->n_processes, ==, 4);
  g_assert_cmpuint (recording->n_process_ends, ==, 4);
  g_assert_cmpint ((int)recording->process.pid, ==, master);
  g_assert_cmpuint (sum_process (recording, 0, "supervise"), >, 0);
  g_assert_cmpuint (sum_process (recording, 0, "handle_request"), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      int worker = find_pid (recording, workers[i]);

      g_assert_cmpuint (sum_process (recording, worker, "handle_request"), >, 0);
      g_assert_cmpint (
          (int)g_array_index (recording->processes, SalCaptureProcess, worker).parent, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command/tree/a-launcher", test_a_launcher_leads_to_its_child);
  g_test_add_func ("/command/tree/left-out", test_children_are_for_those_who_ask);
  g_test_add_data_func ("/command/tree/spawn", "spawn", test_multiprocessing);
  g_test_add_data_func ("/command/tree/fork", "fork", test_multiprocessing);
  g_test_add_data_func ("/command/tree/forkserver", "forkserver", test_multiprocessing);
  g_test_add_func ("/command/tree/others", test_others_are_listed);
  g_test_add_func ("/command/tree/brief", test_brief_children_are_seen);
  g_test_add_data_func ("/command/tree/unaware/3.8",
                        "3.8",
                        test_children_that_python_does_not_know_of);
  g_test_add_data_func ("/command/tree/unaware/3.11",
                        "3.11",
                        test_children_that_python_does_not_know_of);
  g_test_add_data_func ("/command/tree/unaware/3.13",
                        "3.13",
                        test_children_that_python_does_not_know_of);
  g_test_add_func ("/command/tree/unaware/namespace", test_children_in_a_namespace);
  g_test_add_func ("/command/tree/chosen-numbers", test_children_with_chosen_numbers);
  g_test_add_func ("/command/tree/daemon", test_a_daemon_is_followed);
  g_test_add_func ("/command/tree/exec", test_exec_keeps_the_process);
  g_test_add_func ("/command/tree/becomes-another", test_a_python_that_becomes_another_program);
  g_test_add_func ("/command/tree/attach", test_attach_to_a_family);
  g_test_add_func ("/command/tree/workers", test_a_server_with_workers);
  return g_test_run ();
}
