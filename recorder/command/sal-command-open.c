/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens what one recording needs: signals, the helper's sessions, the capture, the program. */
#include "sal-command-run-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "sal-command-output.h"
#include "sal-command-spawn.h"
#include "sal-command-text.h"

/* The descriptors and signals of our own; none of them reaches the program. */
static bool
prepare (SalCommandRun *run)
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
  run->signal_fd = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  /* It wakes the sampling thread when a thread that was asked to stop does. */
  sigaddset (&signals, SIGCHLD);
  sigprocmask (SIG_BLOCK, &signals, &run->mask);
  run->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (run->signal_fd < 0 || run->event_fd < 0)
    {
      _sal_command_run_set_fault (run, SAL_CONTROL_FAULT_INTERNAL, errno, NULL);
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
open_broker (SalCommandRun *run)
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
          _sal_command_run_set_fault (run,
                                      result == SAL_TARGET_GONE ? SAL_CONTROL_FAULT_NO_PROCESS
                                                                : SAL_CONTROL_FAULT_INTERNAL,
                                      EPROTO,
                                      NULL);
          return false;
        }
    }
  if (run->broker == NULL)
    _sal_command_run_set_fault (run, SAL_CONTROL_FAULT_INTERNAL, ENOMEM, NULL);
  return run->broker != NULL;
}

/* Opens the output and begins the capture, so that what cannot be written is known before anything
 * runs. */
static bool
open_capture (SalCommandRun *run)
{
  const SalCommandOptions *options = run->options;
  char *command = options->command != NULL ? sal_command_text_quote (options->command)
                                           : sal_command_text_quote_process (options->pid);
  char *directory = NULL;
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
                                  .blocking = options->blocking,
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
    _sal_command_run_set_fault (run,
                                SAL_CONTROL_FAULT_OUTPUT,
                                result == SAL_CAPTURE_IO ? errno : ENOMEM,
                                run->output_name);
  free (command);
  free (directory);
  return result == SAL_CAPTURE_OK;
}

static void
born_cb (void *data, pid_t pid, pid_t parent)
{
  SalCommandRun *run = data;

  sal_sampler_add_process (run->sampler, pid, parent, true);
}

/* The program, or one of its processes, has ended. */
static void
ended_cb (void *data, pid_t pid, int status)
{
  SalCommandRun *run = data;

  sal_sampler_end_process (run->sampler, pid, status);
  if (pid == run->pid)
    {
      run->has_exited = true;
      run->status = status;
    }
}

/* Starts the program; run->pid is 0 when that failed. */
static bool
spawn (SalCommandRun *run)
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
      _sal_command_run_set_fault (run, SAL_CONTROL_FAULT_SPAWN, error, culprit);
    }
  return error == 0;
}

/* Starts the program, or finds the running one. */
static bool
open_program (SalCommandRun *run)
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
    _sal_command_run_set_fault (run,
                                run->is_child ? SAL_CONTROL_FAULT_INTERNAL
                                              : SAL_CONTROL_FAULT_NO_PROCESS,
                                error,
                                NULL);
  return error == 0;
}

bool
_sal_command_run_open (SalCommandRun *run)
{
  return prepare (run) && open_broker (run) && open_capture (run) && open_program (run);
}
