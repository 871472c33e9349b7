/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One recording from its start to the program's end. */
#include "sal-command-run.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sal-control-wire.h"
#include "sal-sampler.h"

#include "sal-command-control.h"
#include "sal-command-fault.h"
#include "sal-command-output.h"
#include "sal-command-spawn.h"
#include "sal-command-text.h"
#include "sal-command-tree.h"

#define NS_PER_S 1000000000LL
#define STATUS_EVERY_NS (NS_PER_S / 4)
/* How long a new process may stay unnoticed. */
#define SEARCH_EVERY_NS (NS_PER_S / 500)

typedef struct
{
  const SalCommandOptions *options; /* borrowed */

  /* Owned; descriptors are -1 when there is none (any longer). */
  SalSampler *sampler;
  SalTargetBroker *broker;
  SalCommandTree *tree; /* of the program */
  int output_fd;
  int event_fd;
  int signal_fd;
  int control_fd; /* borrowed */

  /* The world as it was, for the program. */
  sigset_t mask;
  int pipe_ignored;

  /* The program. */
  pid_t pid;
  bool is_child;
  bool has_exited;
  int status; /* as waitpid(2) gives it, -1 = not known */

  /* How it goes. */
  int64_t search_due_ns; /* INT64_MAX = never */
  int64_t status_due_ns;
  int64_t end_ns; /* when the duration is over, INT64_MAX = never */
  bool is_started;
  bool is_stopped;  /* the sampler was told to stop */
  bool is_finished; /* the capture is complete */
  SalCaptureEndReason end_reason;
  SalCommandFault fault;
  int n_signals;
} Run;

static int64_t
get_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void
send_event (Run *run, SalControlEventKind kind)
{
  SalControlEvent event = { .kind = kind };
  SalSamplerStatus status = { 0 };

  if (run->control_fd < 0)
    return;
  if (run->sampler != NULL)
    sal_sampler_get_status (run->sampler, &status);
  event.pid = (uint32_t)run->pid;
  event.fault = run->fault.kind;
  event.error = run->fault.error;
  event.status = kind == SAL_CONTROL_EXITED ? run->status : 0;
  event.end_reason = run->end_reason;
  event.thread_count = status.n_threads;
  event.elapsed_ns = status.elapsed_ns;
  event.samples = status.counters.samples;
  event.missed = status.counters.missed;
  event.late = status.counters.late;
  event.retried = status.counters.retried;
  event.rejected = status.counters.rejected;
  for (size_t i = 0; i < SAL_CAPTURE_N_ERRORS; i++)
    event.errors += status.counters.errors[i];
  event.bytes = status.bytes;
  event.left = status.n_left < UINT32_MAX ? (uint32_t)status.n_left : UINT32_MAX;
  memcpy (event.python, status.python, sizeof event.python);
  event.python[sizeof event.python - 1] = '\0';
  if (run->fault.detail != NULL)
    strncpy (event.detail, run->fault.detail, sizeof event.detail - 1);
  sal_command_control_send (run->control_fd, &event);
}

/* Notes and tells why the recording fails; the first reason counts. */
static void
set_fault (Run *run, SalControlFault kind, int error, const char *detail)
{
  if (run->fault.kind != SAL_CONTROL_FAULT_NONE)
    return;
  run->fault = (SalCommandFault){ kind, error, detail };
  if (run->control_fd >= 0)
    send_event (run, SAL_CONTROL_FAULT);
  else
    sal_command_fault_print (&run->fault, run->pid);
}

static void
stop (Run *run, SalCaptureEndReason reason)
{
  if (run->is_stopped)
    return;
  run->is_stopped = true;
  run->end_reason = reason;
  sal_sampler_stop (run->sampler, reason);
}

/* The descriptors and signals of our own; none of them reaches the program. */
static bool
prepare (Run *run)
{
  struct sigaction pipe;
  sigset_t signals;

  sigaction (SIGPIPE, NULL, &pipe);
  run->pipe_ignored = pipe.sa_handler == SIG_IGN;
  signal (SIGPIPE, SIG_IGN);
  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGHUP);
  sigprocmask (SIG_BLOCK, &signals, &run->mask);
  run->signal_fd = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  run->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (run->signal_fd < 0 || run->event_fd < 0)
    {
      set_fault (run, SAL_CONTROL_FAULT_INTERNAL, errno, NULL);
      return false;
    }
  return true;
}

/* Whether @fd can be written to; errno tells why not. */
static bool
is_writable (int fd)
{
  int flags = fd < 0 ? -1 : fcntl (fd, F_GETFL);

  if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
    {
      errno = EBADF;
      return false;
    }
  return flags >= 0;
}

/* Hears what the helper says of the processes that it has opened for us. */
static bool
open_broker (Run *run)
{
  const SalCommandOptions *options = run->options;

  if (options->n_brokers == 0)
    return true;
  run->broker = sal_target_broker_new ();
  for (size_t i = 0; run->broker != NULL && i < options->n_brokers; i++)
    {
      pid_t pid;
      SalTargetResult result = sal_target_broker_add (run->broker, options->broker_fds[i], &pid);

      if (result != SAL_TARGET_OK)
        {
          set_fault (run,
                     result == SAL_TARGET_GONE ? SAL_CONTROL_FAULT_NO_PROCESS
                                               : SAL_CONTROL_FAULT_INTERNAL,
                     EPROTO,
                     NULL);
          return false;
        }
    }
  if (run->broker == NULL)
    set_fault (run, SAL_CONTROL_FAULT_INTERNAL, ENOMEM, NULL);
  return run->broker != NULL;
}

/* Opens the output and begins the capture, so that what cannot be written is known before anything
 * runs. */
static bool
open_capture (Run *run)
{
  const SalCommandOptions *options = run->options;
  char *command = options->command != NULL ? sal_command_text_quote (options->command)
                                           : sal_command_text_quote_process (options->pid);
  char *directory = NULL;
  const char *name = options->output != NULL ? options->output : "the output";
  SalCaptureResult result;

  if (options->command == NULL)
    directory = sal_command_text_dup_directory (options->pid);
  else if (options->directory != NULL)
    directory = realpath (options->directory, NULL);
  else
    directory = getcwd (NULL, 0);

  run->output_fd =
      options->output != NULL ? sal_command_output_open (options->output) : options->output_fd;
  result = SAL_CAPTURE_IO;
  if (is_writable (run->output_fd))
    result = sal_sampler_new (&(SalSamplerOptions){
                                  .rate_hz = options->rate_hz,
                                  .native = options->native,
                                  .debuginfod = options->debuginfod,
                                  .output_fd = run->output_fd,
                                  .event_fd = run->event_fd,
                                  .command = command != NULL ? command : "",
                                  .directory = directory,
                                  .broker = run->broker,
                                  .budget = options->budget,
                                  .follows_all = options->subprocesses,
                                  .describe = sal_command_text_quote_process,
                              },
                              &run->sampler);
  if (result != SAL_CAPTURE_OK)
    set_fault (run, SAL_CONTROL_FAULT_OUTPUT, result == SAL_CAPTURE_IO ? errno : ENOMEM, name);
  free (command);
  free (directory);
  return result == SAL_CAPTURE_OK;
}

static void
born_cb (void *data, pid_t pid, pid_t parent)
{
  Run *run = data;

  sal_sampler_add_process (run->sampler, pid, parent, true);
}

/* The program, or one of its processes, has ended. */
static void
ended_cb (void *data, pid_t pid, int status)
{
  Run *run = data;

  sal_sampler_end_process (run->sampler, pid, status);
  if (pid == run->pid)
    {
      run->has_exited = true;
      run->status = status;
    }
}

/* Starts the program; run->pid is 0 when that failed. */
static bool
spawn (Run *run)
{
  const SalCommandOptions *options = run->options;
  const char *culprit = NULL;
  int error;

  /* The children of those that end become ours then, and stay in sight. */
  if (options->subprocesses)
    (void)prctl (PR_SET_CHILD_SUBREAPER, 1);
  error = sal_command_spawn (options->command,
                             options->directory,
                             &run->mask,
                             run->pipe_ignored,
                             &run->pid,
                             &culprit);
  run->is_child = error == 0;
  if (error != 0)
    {
      run->pid = 0;
      set_fault (run, SAL_CONTROL_FAULT_SPAWN, error, culprit);
    }
  return error == 0;
}

/* Starts the program, or finds the running one. */
static bool
open_program (Run *run)
{
  const SalCommandOptions *options = run->options;
  const SalCommandTreeEvents events = { .born = born_cb, .ended = ended_cb, .data = run };
  struct rlimit files;
  int error;

  run->pid = options->pid;
  if (options->command != NULL && !spawn (run))
    return false;

  /* Two descriptors a thread are kept open; the program was started with the limit as it was. */
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max;
      (void)setrlimit (RLIMIT_NOFILE, &files);
    }
  error = sal_command_tree_new (run->pid,
                                run->is_child && options->subprocesses,
                                &events,
                                &run->tree);
  if (error != 0)
    set_fault (run,
               run->is_child ? SAL_CONTROL_FAULT_INTERNAL : SAL_CONTROL_FAULT_NO_PROCESS,
               error,
               NULL);
  return error == 0;
}

/* What the end of the search for Python means. */
static SalControlFault
explain (const Run *run, const SalSamplerStatus *status)
{
  switch (status->python_result)
    {
    case SAL_PYTHON_NOT_PYTHON:
      return SAL_CONTROL_FAULT_NOT_PYTHON;
    case SAL_PYTHON_UNSUPPORTED:
      return SAL_CONTROL_FAULT_PYTHON_VERSION;
    case SAL_PYTHON_DEBUG_BUILD:
      return SAL_CONTROL_FAULT_DEBUG_BUILD;
    case SAL_PYTHON_DENIED:
      return SAL_CONTROL_FAULT_DENIED;
    case SAL_PYTHON_GONE:
      return run->is_child ? SAL_CONTROL_FAULT_ENDED : SAL_CONTROL_FAULT_NO_PROCESS;
    case SAL_PYTHON_NOT_READY:
      return SAL_CONTROL_FAULT_NOT_PYTHON;
    case SAL_PYTHON_OK:
    case SAL_PYTHON_CORRUPT:
    case SAL_PYTHON_MEMORY:
    default:
      return SAL_CONTROL_FAULT_INTERNAL;
    }
}

static void
handle_sampler (Run *run)
{
  static char version[sizeof ((SalSamplerStatus *)NULL)->python];
  SalSamplerStatus status;
  eventfd_t count;

  (void)eventfd_read (run->event_fd, &count);
  sal_sampler_get_status (run->sampler, &status);
  if (status.has_sampled && !run->is_started)
    {
      run->is_started = true;
      if (run->options->duration_s > 0)
        run->end_ns = get_now () + llround (run->options->duration_s * NS_PER_S);
      send_event (run, SAL_CONTROL_STARTED);
    }
  if (status.output_error != 0)
    {
      set_fault (run,
                 SAL_CONTROL_FAULT_OUTPUT,
                 status.output_error,
                 run->options->output != NULL ? run->options->output : "the output");
      stop (run, SAL_CAPTURE_END_LOST);
    }
  if (status.state == SAL_SAMPLER_FAILED && !run->is_stopped)
    {
      int error = status.python_result == SAL_PYTHON_DENIED ? EPERM : EINVAL;

      memcpy (version, status.python, sizeof version);
      set_fault (run, explain (run, &status), error, version);
      stop (run, SAL_CAPTURE_END_LOST);
    }
  if (status.state == SAL_SAMPLER_FINISHED && !run->is_finished)
    {
      run->is_finished = true;
      send_event (run, SAL_CONTROL_STATUS);
      send_event (run, SAL_CONTROL_FINISHED);
    }
}

/* What there is to say when the program has ended and nothing was recorded. */
static void
set_end_fault (Run *run, const SalSamplerStatus *status)
{
  static char version[sizeof ((SalSamplerStatus *)NULL)->python];

  memcpy (version, status->python, sizeof version);
  if (status->python_result == SAL_PYTHON_UNSUPPORTED)
    set_fault (run, SAL_CONTROL_FAULT_PYTHON_VERSION, 0, version);
  else if (status->python_result == SAL_PYTHON_DEBUG_BUILD)
    set_fault (run, SAL_CONTROL_FAULT_DEBUG_BUILD, 0, NULL);
  else if (status->has_seen_runtime || !run->is_child)
    set_fault (run, SAL_CONTROL_FAULT_ENDED, 0, NULL);
  else
    set_fault (run, SAL_CONTROL_FAULT_NOT_PYTHON, 0, NULL);
}

/* The program is waited for to the last of its processes, when all of them are recorded. It stays
 * unreaped until the capture is complete, so that nobody gets its number while it is looked at. */
static void
handle_ends (Run *run)
{
  SalSamplerStatus status;

  /* Who has ended may have left children. */
  if (run->search_due_ns != INT64_MAX)
    sal_command_tree_search (run->tree);
  sal_command_tree_collect (run->tree);
  if (run->is_stopped || !run->has_exited ||
      (run->options->subprocesses && sal_command_tree_get_n (run->tree) > 0))
    return;

  sal_sampler_get_status (run->sampler, &status);
  if (!status.has_sampled)
    set_end_fault (run, &status);
  stop (run, SAL_CAPTURE_END_EXIT);
}

/* Looks for new processes, as long as they matter. */
static void
handle_search (Run *run)
{
  SalSamplerStatus status;

  if (run->is_stopped)
    run->search_due_ns = INT64_MAX;
  if (run->search_due_ns == INT64_MAX || get_now () < run->search_due_ns)
    return;
  if (!run->options->subprocesses)
    {
      /* A program that is Python itself has no children to be led to. */
      sal_sampler_get_status (run->sampler, &status);
      if (status.is_first_python)
        {
          run->search_due_ns = INT64_MAX;
          return;
        }
    }
  sal_command_tree_search (run->tree);
  run->search_due_ns = get_now () + SEARCH_EVERY_NS;
}

static void
handle_order (Run *run)
{
  SalCommandOrder order;

  while ((order = sal_command_control_receive (run->control_fd)) != SAL_COMMAND_ORDER_NONE)
    {
      /* Who stops once more does not want to wait for names from afar. */
      if (run->is_stopped)
        sal_sampler_hurry (run->sampler);
      stop (run, SAL_CAPTURE_END_REQUEST);
      if (order == SAL_COMMAND_ORDER_KILL && run->is_child && !run->has_exited)
        (void)pidfd_send_signal (sal_command_tree_get_root_fd (run->tree), SIGTERM, NULL, 0);
      if (order == SAL_COMMAND_ORDER_CLOSED)
        {
          run->control_fd = -1;
          return;
        }
    }
}

static void
handle_signal (Run *run)
{
  struct signalfd_siginfo info;

  while (read (run->signal_fd, &info, sizeof info) == sizeof info)
    {
      run->n_signals++;
      stop (run, SAL_CAPTURE_END_REQUEST);
      /* The first ends the recording; another one is from somebody who does not want to wait, be it
       * for names from afar, for the program or for a reader of the capture that does not read. */
      if (run->n_signals == 2 && run->options->debuginfod && !run->is_finished)
        sal_sampler_hurry (run->sampler);
      else if (run->n_signals > 1)
        _exit (128 + (int)info.ssi_signo);
    }
}

static void
handle_time (Run *run)
{
  int64_t now = get_now ();

  if (run->is_finished)
    return;
  if (now >= run->status_due_ns)
    {
      run->status_due_ns = now + STATUS_EVERY_NS;
      if (run->is_started)
        send_event (run, SAL_CONTROL_STATUS);
    }
  if (now >= run->end_ns && !run->is_stopped)
    {
      if (!run->is_started)
        set_fault (run, SAL_CONTROL_FAULT_NOT_PYTHON, 0, NULL);
      stop (run, SAL_CAPTURE_END_DURATION);
    }
}

/* How long poll may sleep. */
static int
get_timeout_ms (const Run *run)
{
  int64_t due = run->status_due_ns < run->end_ns ? run->status_due_ns : run->end_ns;
  int64_t left;

  if (run->search_due_ns < due)
    due = run->search_due_ns;
  left = due - get_now ();
  if (run->is_finished)
    return -1;
  return left <= 0 ? 0 : (int)(left / 1000000) + 1;
}

/* Serves everybody until the capture is complete and the program, if it is ours, has ended. */
static void
serve (Run *run)
{
  while (!run->is_finished || (run->is_child && !run->has_exited))
    {
      struct pollfd fds[] = {
        { .fd = run->event_fd, .events = POLLIN },
        { .fd = run->signal_fd, .events = POLLIN },
        { .fd = run->control_fd, .events = POLLIN },
        { .fd = sal_command_tree_get_fd (run->tree), .events = POLLIN },
      };

      if (poll (fds, sizeof fds / sizeof fds[0], get_timeout_ms (run)) < 0)
        continue;
      if (fds[0].revents != 0)
        handle_sampler (run);
      if (fds[1].revents != 0)
        handle_signal (run);
      if (fds[2].revents != 0)
        handle_order (run);
      if (fds[3].revents != 0)
        handle_ends (run);
      handle_search (run);
      handle_time (run);
    }
}

static int
get_exit_status (const Run *run)
{
  if (run->fault.kind != SAL_CONTROL_FAULT_NONE)
    return sal_command_fault_get_exit_status (&run->fault);
  if (!run->is_child)
    return 0;
  return WIFSIGNALED (run->status) ? 128 + WTERMSIG (run->status) : WEXITSTATUS (run->status);
}

static void
clear (Run *run)
{
  sal_sampler_free (run->sampler);
  sal_target_broker_free (run->broker);
  if (run->options->output != NULL && run->output_fd >= 0)
    close (run->output_fd);
  if (run->event_fd >= 0)
    close (run->event_fd);
  if (run->signal_fd >= 0)
    close (run->signal_fd);
  sal_command_tree_free (run->tree);
}

int
sal_command_run (const SalCommandOptions *options)
{
  Run run = {
    .options = options,
    .output_fd = -1,
    .event_fd = -1,
    .signal_fd = -1,
    .control_fd = options->control_fd,
    .status = -1,
    .end_ns = INT64_MAX,
    .end_reason = SAL_CAPTURE_END_LOST,
  };
  bool is_running = prepare (&run) && open_broker (&run) && open_capture (&run) &&
                    open_program (&run);

  if (is_running && !sal_sampler_start (run.sampler))
    {
      set_fault (&run, SAL_CONTROL_FAULT_INTERNAL, EAGAIN, NULL);
      is_running = false;
    }
  if (is_running)
    {
      sal_sampler_add_process (run.sampler,
                               run.pid,
                               0,
                               run.is_child || options->subprocesses);
      run.search_due_ns = run.is_child || options->subprocesses ? 0 : INT64_MAX;
      if (options->duration_s > 0)
        run.end_ns = get_now () + llround (options->duration_s * NS_PER_S);
      serve (&run);
    }
  else
    send_event (&run, SAL_CONTROL_FINISHED);

  if (run.is_child)
    {
      int status;

      /* Already known, or the recording could not begin. */
      if (waitpid (run.pid, &status, 0) == run.pid)
        run.status = status;
      send_event (&run, SAL_CONTROL_EXITED);
    }
  clear (&run);
  return get_exit_status (&run);
}
