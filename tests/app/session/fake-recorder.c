/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for salamander-recorder in tests: says and does what the words in the environment's
 * FAKE_RECORDER tell, in their order. Words are separated by commas, their parameters by colons:
 *   started  status:SAMPLES  left:RECORDS  fault:CODE:ERRNO:DETAIL  finished  exited:STATUS  noise
 *   write:TEXT (to the capture)  copy:FILE (to the capture)  out:TEXT  err:TEXT  arguments
 *   directory  input  signals  hold  gate:FILE (waits until it exists)  deaf (to SIGINT)
 *   wait (for a command; prints which)  crash  exit:CODE
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sal-control-wire.h"

static int control_fd = -1;
static int output_fd = -1;

static void
send_event (SalControlEvent event)
{
  event.pid = (uint32_t)getpid ();
  event.elapsed_ns = 1500000000;
  if (send (control_fd, &event, sizeof event, MSG_NOSIGNAL) != sizeof event)
    exit (99);
}

static void
send_fault (const char *parameters)
{
  SalControlEvent event = { .kind = SAL_CONTROL_FAULT };
  const char *detail;

  event.fault = (uint32_t)atoi (parameters);
  detail = strchr (parameters, ':');
  if (detail != NULL)
    {
      event.error = atoi (detail + 1);
      detail = strchr (detail + 1, ':');
    }
  if (detail != NULL)
    snprintf (event.detail, sizeof event.detail, "%s", detail + 1);
  send_event (event);
}

static void
send_noise (void)
{
  SalControlEvent event = { .kind = 12345 };

  send (control_fd, "x", 1, MSG_NOSIGNAL);
  send (control_fd, &event, sizeof event - 1, MSG_NOSIGNAL);
  send_event (event);
}

static void
wait_for_command (void)
{
  SalControlCommand command;
  ssize_t n = recv (control_fd, &command, sizeof command, 0);

  if (n != sizeof command)
    exit (0);
  puts (command.kind == SAL_CONTROL_STOP ? "stop" : "kill");
}

static void
copy_file (const char *path)
{
  char bytes[4096];
  size_t n;
  FILE *file = fopen (path, "rb");

  if (file == NULL)
    exit (97);
  while ((n = fread (bytes, 1, sizeof bytes, file)) > 0)
    if (write (output_fd, bytes, n) != (ssize_t)n)
      exit (97);
  fclose (file);
}

/* Signals that a program must not find ignored. */
static void
print_signals (void)
{
  struct sigaction action;

  sigaction (SIGPIPE, NULL, &action);
  puts (action.sa_handler == SIG_DFL ? "SIGPIPE default" : "SIGPIPE changed");
}

static void
wait_for_file (const char *path)
{
  while (access (path, F_OK) != 0)
    usleep (10000);
}

static void
print_directory (void)
{
  char path[4096];

  puts (getcwd (path, sizeof path) != NULL ? path : "?");
}

static void
do_word (const char *word, const char *parameter, int argc, char **argv)
{
  if (strcmp (word, "started") == 0)
    send_event ((SalControlEvent){ .kind = SAL_CONTROL_STARTED });
  else if (strcmp (word, "status") == 0)
    send_event ((SalControlEvent){ .kind = SAL_CONTROL_STATUS,
                                   .samples = (uint64_t)atoll (parameter),
                                   .missed = 7,
                                   .thread_count = 3 });
  else if (strcmp (word, "left") == 0)
    send_event ((SalControlEvent){ .kind = SAL_CONTROL_STATUS,
                                   .left = (uint32_t)atoll (parameter) });
  else if (strcmp (word, "fault") == 0)
    send_fault (parameter);
  else if (strcmp (word, "finished") == 0)
    send_event ((SalControlEvent){ .kind = SAL_CONTROL_FINISHED });
  else if (strcmp (word, "exited") == 0)
    send_event ((SalControlEvent){ .kind = SAL_CONTROL_EXITED, .status = atoi (parameter) });
  else if (strcmp (word, "noise") == 0)
    send_noise ();
  else if (strcmp (word, "write") == 0)
    dprintf (output_fd, "%s", parameter);
  else if (strcmp (word, "copy") == 0)
    copy_file (parameter);
  else if (strcmp (word, "signals") == 0)
    print_signals ();
  else if (strcmp (word, "out") == 0)
    printf ("%s\n", parameter);
  else if (strcmp (word, "err") == 0)
    fprintf (stderr, "%s\n", parameter);
  else if (strcmp (word, "arguments") == 0)
    for (int i = 1; i < argc; i++)
      printf ("[%s]", argv[i]);
  else if (strcmp (word, "directory") == 0)
    print_directory ();
  else if (strcmp (word, "input") == 0)
    puts (getchar () == EOF ? "no input" : "input");
  else if (strcmp (word, "hold") == 0)
    pause ();
  else if (strcmp (word, "gate") == 0)
    wait_for_file (parameter);
  else if (strcmp (word, "deaf") == 0)
    signal (SIGINT, SIG_IGN);
  else if (strcmp (word, "wait") == 0)
    wait_for_command ();
  else if (strcmp (word, "crash") == 0)
    kill (getpid (), SIGKILL);
  else if (strcmp (word, "exit") == 0)
    exit (atoi (parameter));
  else
    exit (98);
}

int
main (int argc, char **argv)
{
  const char *script = getenv ("FAKE_RECORDER");
  char *words = strdup (script != NULL ? script : "");
  char *rest = words;
  char *word;

  setvbuf (stdout, NULL, _IONBF, 0);
  for (int i = 1; i + 1 < argc && strcmp (argv[i], "--") != 0; i++)
    {
      if (strcmp (argv[i], "--control-fd") == 0)
        control_fd = atoi (argv[i + 1]);
      if (strcmp (argv[i], "--output-fd") == 0)
        output_fd = atoi (argv[i + 1]);
    }
  while ((word = strsep (&rest, ",")) != NULL)
    {
      char *colon = strchr (word, ':');

      if (colon != NULL)
        *colon = '\0';
      do_word (word, colon != NULL ? colon + 1 : "", argc, argv);
    }
  free (words);
  return 0;
}
