/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One recording from its start to the program's end. */
#include "sal-command-run.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sal-command-control.h"
#include "sal-command-run-private.h"

#define NS_PER_S 1000000000LL
#define STATUS_EVERY_NS (NS_PER_S / 4)
/* How long a new process may stay unnoticed. */
#define SEARCH_EVERY_NS (NS_PER_S / 500)

static int64_t
get_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void
send_event (SalCommandRun *run, SalControlEventKind kind)
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
  if (run->fault.detail != NULL)
    strncpy (event.detail, run->fault.detail, sizeof event.detail - 1);
  sal_command_control_send (run->control_fd, &event);
}

void
_sal_command_run_set_fault (SalCommandRun *run, SalControlFault kind, int error, const char *detail)
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
stop (SalCommandRun *run, SalCaptureEndReason reason)
{
  if (run->is_stopped)
    return;
  run->is_stopped = true;
  run->end_reason = reason;
  sal_sampler_stop (run->sampler, reason);
}

/* What the end of the search for Python means. */
static SalControlFault
explain (const SalCommandRun *run, const SalSamplerStatus *status)
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
handle_sampler (SalCommandRun *run)
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
      _sal_command_run_set_fault (run,
                                  SAL_CONTROL_FAULT_OUTPUT,
                                  status.output_error,
                                  run->output_name);
      stop (run, SAL_CAPTURE_END_LOST);
    }
  if (status.state == SAL_SAMPLER_FAILED && !run->is_stopped)
    {
      int error = status.python_result == SAL_PYTHON_DENIED ? EPERM : EINVAL;

      memcpy (version, status.python, sizeof version);
      _sal_command_run_set_fault (run, explain (run, &status), error, version);
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
set_end_fault (SalCommandRun *run, const SalSamplerStatus *status)
{
  static char version[sizeof ((SalSamplerStatus *)NULL)->python];

  memcpy (version, status->python, sizeof version);
  if (status->python_result == SAL_PYTHON_UNSUPPORTED)
    _sal_command_run_set_fault (run, SAL_CONTROL_FAULT_PYTHON_VERSION, 0, version);
  else if (status->python_result == SAL_PYTHON_DEBUG_BUILD)
    _sal_command_run_set_fault (run, SAL_CONTROL_FAULT_DEBUG_BUILD, 0, NULL);
  else if (status->has_seen_runtime || !run->is_child)
    _sal_command_run_set_fault (run, SAL_CONTROL_FAULT_ENDED, 0, NULL);
  else
    _sal_command_run_set_fault (run, SAL_CONTROL_FAULT_NOT_PYTHON, 0, NULL);
}

/* The program is waited for to the last of its processes, when all of them are recorded. It stays
 * unreaped until the capture is complete, so that nobody gets its number while it is looked at. */
static void
handle_ends (SalCommandRun *run)
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
handle_search (SalCommandRun *run)
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
handle_order (SalCommandRun *run)
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
handle_signal (SalCommandRun *run)
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
handle_time (SalCommandRun *run)
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
        _sal_command_run_set_fault (run, SAL_CONTROL_FAULT_NOT_PYTHON, 0, NULL);
      stop (run, SAL_CAPTURE_END_DURATION);
    }
}

/* How long poll may sleep. */
static int
get_timeout_ms (const SalCommandRun *run)
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
serve (SalCommandRun *run)
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
get_exit_status (const SalCommandRun *run)
{
  if (run->fault.kind != SAL_CONTROL_FAULT_NONE)
    return sal_command_fault_get_exit_status (&run->fault);
  if (!run->is_child)
    return 0;
  return WIFSIGNALED (run->status) ? 128 + WTERMSIG (run->status) : WEXITSTATUS (run->status);
}

static void
clear (SalCommandRun *run)
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
  SalCommandRun run = {
    .options = options,
    .output_name = options->output != NULL ? options->output : "the output",
    .output_fd = -1,
    .event_fd = -1,
    .signal_fd = -1,
    .control_fd = options->control_fd,
    .status = -1,
    .end_ns = INT64_MAX,
    .end_reason = SAL_CAPTURE_END_LOST,
  };
  bool is_running = _sal_command_run_open (&run);

  if (is_running && !sal_sampler_start (run.sampler))
    {
      _sal_command_run_set_fault (&run, SAL_CONTROL_FAULT_INTERNAL, EAGAIN, NULL);
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
