/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that finds Python in the processes of the program. */
#include "sal-sampler-scout.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sal-sampler-clock.h"

#define NS_PER_S 1000000000
#define LONGEST_WAIT_NS (NS_PER_S / 10)
/* A program may take so long to load libpython after exec. */
#define SETTLED_AFTER_NS (NS_PER_S / 10)

struct _SalSamplerScout
{
  SalSamplerScoutOptions options;
  SalSamplerMail returned; /* from the sampling thread */
  int wake_fd;             /* owned: something has come */
  pthread_t thread;
  bool has_thread;
  atomic_bool is_stopped;

  /* Under the lock. Processes are added by anybody and removed by the thread alone. */
  pthread_mutex_t lock;
  SalSamplerProcess **items;
  size_t n_items;
  size_t capacity;
  SalSamplerScoutStatus status;
};

SalSamplerScout *
sal_sampler_scout_new (const SalSamplerScoutOptions *options)
{
  SalSamplerScout *scout = calloc (1, sizeof *scout);

  if (scout == NULL)
    return NULL;
  scout->options = *options;
  scout->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (scout->wake_fd < 0)
    {
      free (scout);
      return NULL;
    }
  pthread_mutex_init (&scout->lock, NULL);
  return scout;
}

/* The process @pid that has not ended, or NULL. Under the lock. */
static SalSamplerProcess *
find (const SalSamplerScout *scout, pid_t pid)
{
  for (size_t i = scout->n_items; i-- > 0;)
    if (scout->items[i]->pid == pid && !atomic_load (&scout->items[i]->has_ended))
      return scout->items[i];
  return NULL;
}

static bool
append (SalSamplerScout *scout, SalSamplerProcess *process)
{
  if (scout->n_items == scout->capacity)
    {
      size_t capacity = scout->capacity == 0 ? 16 : scout->capacity * 2;
      SalSamplerProcess **items =
          realloc (scout->items, capacity * sizeof (SalSamplerProcess *));

      if (items == NULL)
        return false;
      scout->items = items;
      scout->capacity = capacity;
    }
  scout->items[scout->n_items++] = process;
  return true;
}

void
sal_sampler_scout_add (SalSamplerScout *scout, pid_t pid, pid_t parent_pid, bool is_patient)
{
  SalSamplerProcess *process;

  pthread_mutex_lock (&scout->lock);
  process = sal_sampler_process_new (pid, parent_pid != 0 ? find (scout, parent_pid) : NULL);
  if (process != NULL)
    {
      process->is_root = parent_pid == 0;
      process->seen_ns = sal_sampler_clock_now ();
      process->seek.is_patient = is_patient;
      process->seek.broker = scout->options.broker;
      sal_sampler_seek_begin (&process->seek, process->seen_ns);
      if (!append (scout, process))
        sal_sampler_process_unref (process);
    }
  pthread_mutex_unlock (&scout->lock);
  (void)eventfd_write (scout->wake_fd, 1);
}

void
sal_sampler_scout_end (SalSamplerScout *scout, pid_t pid, int status)
{
  SalSamplerProcess *process;

  pthread_mutex_lock (&scout->lock);
  process = find (scout, pid);
  if (process != NULL)
    {
      atomic_store (&process->status, status);
      atomic_store (&process->has_ended, true);
    }
  pthread_mutex_unlock (&scout->lock);
  (void)eventfd_write (scout->wake_fd, 1);
}

void
sal_sampler_scout_return (SalSamplerScout *scout, SalSamplerProcess *process)
{
  sal_sampler_mail_post (&scout->returned, process);
  (void)eventfd_write (scout->wake_fd, 1);
}

static void
hand_over (SalSamplerScout *scout, SalSamplerProcess *process, SalSamplerWish wish)
{
  process->wish = wish;
  process->is_away = true;
  process->is_listed = true;
  sal_sampler_mail_post (scout->options.out, process);
  (void)eventfd_write (scout->options.out_fd, 1);
}

/* In the middle of exec, and at its end, a process has no command line: the one before stays until
 * there is another. */
static void
renew_command (SalSamplerScout *scout, SalSamplerProcess *process)
{
  char *command = scout->options.describe (process->pid);

  process->is_command_old = command == NULL || command[0] == '\0';
  if (process->is_command_old)
    {
      free (command);
      return;
    }
  free (process->command);
  process->command = command;
}

/* The capture must know a process before its children. */
static void
list_parents (SalSamplerScout *scout, SalSamplerProcess *process)
{
  SalSamplerProcess *parent = process->parent;

  if (parent == NULL || parent->is_listed)
    return;
  list_parents (scout, parent);
  if (parent->command == NULL)
    renew_command (scout, parent);
  hand_over (scout, parent, SAL_SAMPLER_WISH_LIST);
}

static void
list (SalSamplerScout *scout, SalSamplerProcess *process, SalSamplerWish wish)
{
  list_parents (scout, process);
  hand_over (scout, process, wish);
}

static bool
is_left_out (const SalSamplerScout *scout, const SalSamplerProcess *process)
{
  for (const SalSamplerProcess *at = process->parent; at != NULL; at = at->parent)
    if (at->was_python && !scout->options.follows_all)
      return true;
  return false;
}

/* Whether a result says more about why nothing was recorded than that another process is no
 * Python. */
static bool
is_telling (SalPythonResult result)
{
  return result == SAL_PYTHON_UNSUPPORTED || result == SAL_PYTHON_DEBUG_BUILD;
}

/* Whether a result of one process means that there will be nothing to record. */
static bool
is_failure (const SalSamplerScout *scout, const SalSamplerProcess *process)
{
  switch (process->seek.result)
    {
    case SAL_PYTHON_UNSUPPORTED:
    case SAL_PYTHON_DEBUG_BUILD:
      return !scout->options.follows_all;
    case SAL_PYTHON_NOT_PYTHON:
      return process->is_root && !scout->options.follows_all;
    case SAL_PYTHON_OK:
      return false;
    case SAL_PYTHON_DENIED:
    case SAL_PYTHON_GONE:
    case SAL_PYTHON_NOT_READY:
    case SAL_PYTHON_CORRUPT:
    case SAL_PYTHON_MEMORY:
    default:
      return process->is_root;
    }
}

static void
publish (SalSamplerScout *scout, const SalSamplerProcess *process, SalSamplerSeekState state)
{
  SalSamplerScoutStatus *status = &scout->status;
  bool has_failed = state == SAL_SAMPLER_SEEK_HOPELESS && !status->has_python &&
                    is_failure (scout, process);

  pthread_mutex_lock (&scout->lock);
  if (is_telling (process->seek.result) || (process->is_root && !is_telling (status->result)))
    status->result = process->seek.result;
  if (!status->has_python && process->seek.version[0] != '\0')
    memcpy (status->version, process->seek.version, sizeof status->version);
  status->has_seen_runtime = status->has_seen_runtime || process->seek.has_seen_runtime;
  status->has_python = status->has_python || state == SAL_SAMPLER_SEEK_FOUND;
  status->is_first_python = status->is_first_python ||
                            (process->is_root && state == SAL_SAMPLER_SEEK_FOUND);
  status->has_failed = status->has_failed || has_failed;
  pthread_mutex_unlock (&scout->lock);
  if (has_failed)
    (void)eventfd_write (scout->options.event_fd, 1);
}

/* By which of the kernel's rules process @pid may not be read. Its files are root's when it is not
 * dumpable. Source: proc(5). */
static const char *
find_refusal (pid_t pid)
{
  char path[32];
  char line[256];
  unsigned int uids[3] = { geteuid (), geteuid (), geteuid () };
  struct stat owner;
  FILE *status;

  snprintf (path, sizeof path, "/proc/%d/status", (int)pid);
  status = fopen (path, "re");
  while (status != NULL && fgets (line, sizeof line, status) != NULL &&
         sscanf (line, "Uid: %u %u %u", &uids[0], &uids[1], &uids[2]) != 3)
    ;
  if (status != NULL)
    fclose (status);
  if (uids[0] != geteuid () || uids[1] != geteuid () || uids[2] != geteuid ())
    return SAL_CAPTURE_REFUSED_USER;
  if (stat (path, &owner) == 0 && owner.st_uid != geteuid ())
    return SAL_CAPTURE_REFUSED_PROTECTED;
  return SAL_CAPTURE_REFUSED_DENIED;
}

static const char *
describe_refusal (const char *refusal)
{
  if (strcmp (refusal, SAL_CAPTURE_REFUSED_USER) == 0)
    return "runs as another user, has to be attached to by itself";
  if (strcmp (refusal, SAL_CAPTURE_REFUSED_PROTECTED) == 0)
    return "protects its memory, has to be attached to by itself";
  return "may not be read, has to be attached to by itself";
}

/* Why @process is not sampled, when that needs to be said; NULL when it does not. */
static const char *
find_complaint (SalSamplerProcess *process, SalSamplerSeekState state)
{
  process->refusal = NULL;
  switch (process->seek.result)
    {
    case SAL_PYTHON_UNSUPPORTED:
      return state == SAL_SAMPLER_SEEK_HOPELESS ? "has a Python that cannot be read" : NULL;
    case SAL_PYTHON_DEBUG_BUILD:
      return state == SAL_SAMPLER_SEEK_HOPELESS ? "has a debug build of Python" : NULL;
    case SAL_PYTHON_NOT_PYTHON:
      return process->was_python &&
                     sal_sampler_clock_now () - process->seek.since_ns > SETTLED_AFTER_NS
                 ? "has become a program that is not Python"
                 : NULL;
    case SAL_PYTHON_DENIED:
      /* What the helper opened is one program of one process: not the next, and not its children.
       * That the first cannot be read is told as a fault. */
      if (process->was_python)
        return sal_sampler_clock_now () - process->seek.since_ns > SETTLED_AFTER_NS
                   ? "has become a program that has to be attached to anew"
                   : NULL;
      if (state != SAL_SAMPLER_SEEK_HOPELESS || process->is_root)
        return NULL;
      process->refusal = find_refusal (process->pid);
      return describe_refusal (process->refusal);
    case SAL_PYTHON_OK:
    case SAL_PYTHON_GONE:
    case SAL_PYTHON_NOT_READY:
    case SAL_PYTHON_CORRUPT:
    case SAL_PYTHON_MEMORY:
    default:
      return NULL;
    }
}

/* Says once of each program why it is not recorded (any longer). */
static void
complain (SalSamplerScout *scout, SalSamplerProcess *process, SalSamplerSeekState state)
{
  const char *why = !process->is_given_up ? find_complaint (process, state) : NULL;
  size_t length;
  FILE *text;

  if (why == NULL)
    return;
  process->is_given_up = true;
  text = open_memstream (&process->complaint, &length);
  if (text == NULL)
    return;
  fprintf (text,
           "Process %d %s and is not recorded: %s",
           (int)process->pid,
           why,
           process->command != NULL ? process->command : "");
  if (fclose (text) != 0)
    {
      free (process->complaint);
      process->complaint = NULL;
    }
  list (scout, process, SAL_SAMPLER_WISH_LIST);
}

/* Looks for Python in @process, which is due. */
static void
try (SalSamplerScout *scout, SalSamplerProcess *process)
{
  int64_t before_ns = process->seek.since_ns;
  int64_t now = sal_sampler_clock_now ();
  SalSamplerSeekState state;

  if (is_left_out (scout, process))
    {
      process->seek.due_ns = INT64_MAX;
      return;
    }
  state = sal_sampler_seek_try (&process->seek, now);
  if (state == SAL_SAMPLER_SEEK_FOUND || process->seek.since_ns != before_ns ||
      process->is_command_old)
    renew_command (scout, process);
  publish (scout, process, state);
  if (state == SAL_SAMPLER_SEEK_FOUND)
    {
      process->was_python = true;
      process->is_given_up = false;
      list (scout, process, SAL_SAMPLER_WISH_SAMPLE);
    }
  else
    complain (scout, process, state);
}

/* Lets go of number @i, which is done with. */
static void
drop (SalSamplerScout *scout, size_t i)
{
  SalSamplerProcess *process = scout->items[i];

  pthread_mutex_lock (&scout->lock);
  scout->n_items--;
  memmove (&scout->items[i],
           &scout->items[i + 1],
           (scout->n_items - i) * sizeof (SalSamplerProcess *));
  pthread_mutex_unlock (&scout->lock);
  sal_sampler_process_unref (process);
}

/* Does what number @i needs; returns false when it was dropped. */
static bool
serve (SalSamplerScout *scout, size_t i, SalSamplerProcess *process)
{
  if (process->is_away)
    return true;
  if (atomic_load (&process->has_ended))
    {
      /* Not worth telling before anything was recorded: the end of the recording sees to it. */
      if (!process->is_ending && is_left_out (scout, process))
        process->is_ending = true;
      if (process->is_ending)
        {
          drop (scout, i);
          return false;
        }
      if (!scout->status.has_python)
        return true;
      sal_sampler_seek_clear (&process->seek);
      process->is_ending = true;
      list (scout, process, SAL_SAMPLER_WISH_END);
      return true;
    }
  if (process->seek.due_ns <= sal_sampler_clock_now ())
    try (scout, process);
  return true;
}

static void
take_back (SalSamplerScout *scout)
{
  SalSamplerProcess *process = sal_sampler_mail_take (&scout->returned);

  while (process != NULL)
    {
      SalSamplerProcess *next = process->next;

      process->is_away = false;
      if (process->wish == SAL_SAMPLER_WISH_SAMPLE)
        {
          /* It has shown that it is Python: becoming another program may take its time. */
          process->seek.is_patient = true;
          sal_sampler_seek_begin (&process->seek, sal_sampler_clock_now ());
        }
      process = next;
    }
}

/* Serves each process once; returns when the first of them is due. */
static int64_t
serve_all (SalSamplerScout *scout)
{
  int64_t due_ns = sal_sampler_clock_now () + LONGEST_WAIT_NS;

  for (size_t i = 0;;)
    {
      SalSamplerProcess *process;

      pthread_mutex_lock (&scout->lock);
      process = i < scout->n_items ? scout->items[i] : NULL;
      pthread_mutex_unlock (&scout->lock);
      if (process == NULL || atomic_load (&scout->is_stopped))
        return due_ns;
      if (!serve (scout, i, process))
        continue;
      if (!process->is_away && process->seek.due_ns < due_ns && !atomic_load (&process->has_ended))
        due_ns = process->seek.due_ns;
      i++;
    }
}

static void
wait_until (SalSamplerScout *scout, int64_t due_ns)
{
  struct pollfd wake = { .fd = scout->wake_fd, .events = POLLIN };
  int64_t left_ns = due_ns - sal_sampler_clock_now ();
  struct timespec left = { .tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S };
  eventfd_t count;

  if (left_ns <= 0)
    left = (struct timespec){ 0 };
  if (ppoll (&wake, 1, &left, NULL) > 0)
    (void)eventfd_read (scout->wake_fd, &count);
}

static void *
run (void *data)
{
  SalSamplerScout *scout = data;

  while (!atomic_load (&scout->is_stopped))
    {
      int64_t due_ns;

      take_back (scout);
      due_ns = serve_all (scout);
      if (!atomic_load (&scout->is_stopped))
        wait_until (scout, due_ns);
    }
  return NULL;
}

bool
sal_sampler_scout_start (SalSamplerScout *scout)
{
  scout->has_thread = pthread_create (&scout->thread, NULL, run, scout) == 0;
  return scout->has_thread;
}

void
sal_sampler_scout_get_status (SalSamplerScout *scout, SalSamplerScoutStatus *status)
{
  pthread_mutex_lock (&scout->lock);
  *status = scout->status;
  pthread_mutex_unlock (&scout->lock);
}

void
sal_sampler_scout_stop (SalSamplerScout *scout)
{
  if (!scout->has_thread)
    return;
  atomic_store (&scout->is_stopped, true);
  (void)eventfd_write (scout->wake_fd, 1);
  pthread_join (scout->thread, NULL);
  scout->has_thread = false;
  take_back (scout);
}

SalSamplerProcess *
sal_sampler_scout_get_process (SalSamplerScout *scout, size_t i)
{
  return i < scout->n_items ? scout->items[i] : NULL;
}

void
sal_sampler_scout_free (SalSamplerScout *scout)
{
  if (scout == NULL)
    return;
  sal_sampler_scout_stop (scout);
  for (size_t i = 0; i < scout->n_items; i++)
    sal_sampler_process_unref (scout->items[i]);
  free (scout->items);
  close (scout->wake_fd);
  pthread_mutex_destroy (&scout->lock);
  free (scout);
}
