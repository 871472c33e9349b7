/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the Python of a process, however long the process takes to become one. */
#include "sal-sampler-seek.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sal-target-brokered.h"

#include "sal-sampler-clock.h"

#define MS 1000000
#define FIRST_PAUSE_NS (300 * 1000)
#define LONGEST_PAUSE_NS (20 * MS)
/* How long a bad answer must stand before it is believed. */
#define DOUBT_NS (100 * MS)
/* How long an impatient search waits for a runtime that begins or cannot be made out. */
#define GRACE_NS (3000LL * MS)
/* How often a process that is something else is tried all the same. */
#define RAREST_PAUSE_NS (2000LL * MS)

void
sal_sampler_seek_clear (SalSamplerSeek *seek)
{
  sal_python_free (seek->python);
  seek->python = NULL;
  sal_target_free (seek->target);
  seek->target = NULL;
}

static SalPythonResult
from_target (SalTargetResult result)
{
  switch (result)
    {
    case SAL_TARGET_OK:
      return SAL_PYTHON_OK;
    case SAL_TARGET_GONE:
    case SAL_TARGET_ABSENT:
      return SAL_PYTHON_GONE;
    case SAL_TARGET_DENIED:
      return SAL_PYTHON_DENIED;
    case SAL_TARGET_MEMORY:
      return SAL_PYTHON_MEMORY;
    case SAL_TARGET_FAULT:
    case SAL_TARGET_CORRUPT:
    case SAL_TARGET_LIMIT:
    default:
      return SAL_PYTHON_CORRUPT;
    }
}

bool
sal_sampler_seek_has_task (pid_t pid, uint64_t tid)
{
  char path[64];
  struct stat ours;
  struct stat theirs;

  snprintf (path, sizeof path, "/proc/%d/task/%" PRIu64, (int)pid, tid);
  if (access (path, F_OK) == 0)
    return true;
  snprintf (path, sizeof path, "/proc/%d/ns/pid", (int)pid);
  return stat ("/proc/self/ns/pid", &ours) != 0 || stat (path, &theirs) != 0 ||
         ours.st_ino != theirs.st_ino;
}

/* Whether any thread that is seen belongs to the process, as far as that can be told: a thread that
 * moves too fast to be read does not show whose it is. One that is read and has no id that we know
 * is of another namespace, where the process is not. */
static bool
has_own_thread (SalSamplerSeek *seek)
{
  SalPythonLook look;
  bool has_foreign = false;

  if (sal_python_look (seek->python, &look) != SAL_PYTHON_OK)
    return false;
  for (size_t i = 0; i < look.n_threads; i++)
    {
      uint64_t tid = look.threads[i].tid;

      if (tid != 0 && sal_sampler_seek_has_task (seek->pid, tid))
        return true;
      has_foreign = has_foreign || tid != 0 || look.threads[i].result == SAL_PYTHON_LOOK_OK ||
                    look.threads[i].result == SAL_PYTHON_LOOK_EMPTY;
    }
  return !has_foreign;
}

/* Likewise; a child that neither gets a thread of its own nor becomes another program in a while is
 * one that Python does not know of, as the workers of uWSGI are. */
static bool
is_own (SalSamplerSeek *seek, int64_t now_ns)
{
  if (has_own_thread (seek))
    return true;
  if (seek->result != SAL_PYTHON_NOT_READY || seek->since_ns == 0 ||
      now_ns - seek->since_ns < DOUBT_NS)
    return false;
  sal_python_set_unaware (seek->python);
  return has_own_thread (seek);
}

/* One attempt. */
static SalPythonResult
attempt (SalSamplerSeek *seek, int64_t now_ns)
{
  SalPythonResult result =
      from_target (sal_target_broker_open (seek->broker, seek->pid, &seek->target));
  char version[32] = "";

  if (result != SAL_PYTHON_OK)
    return result;
  result = sal_python_open (seek->target, version, &seek->python);
  if (version[0] != '\0')
    memcpy (seek->version, version, sizeof version);
  if (result == SAL_PYTHON_OK && !is_own (seek, now_ns))
    result = SAL_PYTHON_NOT_READY;
  if (result != SAL_PYTHON_OK)
    sal_sampler_seek_clear (seek);
  return result;
}

/* Whether @result, which has stood for @age_ns, ends the search. */
static bool
is_final (const SalSamplerSeek *seek, SalPythonResult result, int64_t age_ns)
{
  switch (result)
    {
    case SAL_PYTHON_OK:
    case SAL_PYTHON_MEMORY:
      return true;
    case SAL_PYTHON_UNSUPPORTED:
    case SAL_PYTHON_DEBUG_BUILD:
    case SAL_PYTHON_DENIED:
      return !seek->is_patient || age_ns > DOUBT_NS;
    case SAL_PYTHON_NOT_PYTHON:
    case SAL_PYTHON_GONE:
      return !seek->is_patient;
    case SAL_PYTHON_NOT_READY:
    case SAL_PYTHON_CORRUPT:
    default:
      return !seek->is_patient && age_ns > GRACE_NS;
    }
}

/* Whether the process has become another program since this was last asked. A program that replaces
 * itself by itself stays unnoticed; what is tried often anyway does not depend on it. */
static bool
has_changed (SalSamplerSeek *seek)
{
  char link[64];
  char path[4096];
  const char *end = path;
  ssize_t n;

  snprintf (link, sizeof link, "/proc/%d/exe", (int)seek->pid);
  n = readlink (link, path, sizeof path - 1);
  path[n < 0 ? 0 : n] = '\0';
  if (n >= (ssize_t)sizeof seek->program)
    end = path + n - (sizeof seek->program - 1);
  if (strcmp (end, seek->program) == 0)
    return false;
  strcpy (seek->program, end);
  return true;
}

/* Whether only another program, or a library loaded later, will change this answer. */
static bool
is_settled (SalPythonResult result)
{
  return result == SAL_PYTHON_NOT_PYTHON || result == SAL_PYTHON_UNSUPPORTED ||
         result == SAL_PYTHON_DEBUG_BUILD || result == SAL_PYTHON_DENIED;
}

/* The longer the answer has been the same, the longer the pause. */
static int64_t
get_pause (int64_t age_ns, int64_t part, int64_t longest)
{
  int64_t pause_ns = age_ns / part;

  if (pause_ns < FIRST_PAUSE_NS)
    return FIRST_PAUSE_NS;
  return pause_ns < longest ? pause_ns : longest;
}

void
sal_sampler_seek_begin (SalSamplerSeek *seek, int64_t now_ns)
{
  sal_sampler_seek_clear (seek);
  seek->due_ns = now_ns;
  seek->since_ns = 0;
  seek->try_ns = now_ns;
}

SalSamplerSeekState
sal_sampler_seek_try (SalSamplerSeek *seek, int64_t now_ns)
{
  bool has_seen_other = has_changed (seek);
  SalPythonResult result;
  int64_t age_ns;

  if (!has_seen_other && seek->since_ns != 0 && is_settled (seek->result) && now_ns < seek->try_ns)
    {
      seek->due_ns = now_ns + get_pause (now_ns - seek->since_ns, 4, LONGEST_PAUSE_NS);
      return is_final (seek, seek->result, now_ns - seek->since_ns) ? SAL_SAMPLER_SEEK_HOPELESS
                                                                    : SAL_SAMPLER_SEEK_PENDING;
    }

  result = attempt (seek, now_ns);
  if (result != seek->result || seek->since_ns == 0 || has_seen_other)
    seek->since_ns = now_ns;
  seek->result = result;
  seek->has_seen_runtime = seek->has_seen_runtime || result == SAL_PYTHON_OK ||
                           result == SAL_PYTHON_NOT_READY || result == SAL_PYTHON_UNSUPPORTED ||
                           result == SAL_PYTHON_DEBUG_BUILD;
  if (result == SAL_PYTHON_OK)
    return SAL_SAMPLER_SEEK_FOUND;

  age_ns = now_ns - seek->since_ns;
  seek->try_ns = now_ns + get_pause (age_ns, 4, RAREST_PAUSE_NS);
  seek->due_ns = now_ns + get_pause (age_ns, 64, LONGEST_PAUSE_NS);
  return is_final (seek, result, age_ns) ? SAL_SAMPLER_SEEK_HOPELESS : SAL_SAMPLER_SEEK_PENDING;
}
