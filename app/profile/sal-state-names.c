/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of states of threads and of what they wait for, for people and for machines. */
#include <glib/gi18n.h>

#include "sal-state-totals.h"

typedef struct
{
  const char *name; /* NULL = none */
  const char *text; /* likewise; untranslated */
} Name;

static const Name states[] = {
  [SAL_STATE_ON_CPU] = { "on-cpu", N_ ("On CPU") },
  [SAL_STATE_RUNNABLE] = { "runnable", N_ ("Waiting for a processor") },
  [SAL_STATE_GIL] = { "gil", N_ ("Waiting for the GIL") },
  [SAL_STATE_GC] = { "gc", N_ ("Collecting garbage") },
  [SAL_STATE_DISK] = { "disk", NULL },
  [SAL_STATE_ASLEEP] = { "asleep", NULL },
  /* Translators: of a thread, by a signal or a debugger */
  [SAL_STATE_STOPPED] = { "stopped", N_ ("Stopped") },
  /* Translators: of a thread that was not on a processor, the recording does not tell why */
  [SAL_STATE_UNTOLD] = { "untold", N_ ("Off CPU") },
};

static const Name waits[] = {
  [SAL_WAIT_UNKNOWN] = { "unknown", NC_ ("wait", "not known what for") },
  [SAL_WAIT_OTHER] = { "other", NC_ ("wait", "another system call") },
  [SAL_WAIT_LOCK] = { "lock", NC_ ("wait", "lock") },
  [SAL_WAIT_SLEEP] = { "sleep", NC_ ("wait", "sleep") },
  [SAL_WAIT_POLL] = { "poll", NC_ ("wait", "poll") },
  [SAL_WAIT_READ] = { "read", NC_ ("wait", "read") },
  [SAL_WAIT_WRITE] = { "write", NC_ ("wait", "write") },
  [SAL_WAIT_RECEIVE] = { "receive", NC_ ("wait", "receive") },
  [SAL_WAIT_SEND] = { "send", NC_ ("wait", "send") },
  [SAL_WAIT_ACCEPT] = { "accept", NC_ ("wait", "accept") },
  [SAL_WAIT_CONNECT] = { "connect", NC_ ("wait", "connect") },
  [SAL_WAIT_CHILD] = { "child", NC_ ("wait", "child process") },
  [SAL_WAIT_OPEN] = { "open", NC_ ("wait", "open") },
  [SAL_WAIT_SYNC] = { "sync", NC_ ("wait", "sync") },
  [SAL_WAIT_FILE_LOCK] = { "file-lock", NC_ ("wait", "file lock") },
  [SAL_WAIT_SIGNAL] = { "signal", NC_ ("wait", "signal") },
  [SAL_WAIT_MEMORY] = { "memory", NC_ ("wait", "memory") },
  [SAL_WAIT_STOPPED] = { "stopped", NULL },
};

static const Name descriptors[] = {
  [SAL_DESCRIPTOR_NONE] = { NULL, NULL },
  [SAL_DESCRIPTOR_UNKNOWN] = { "unknown", NULL },
  [SAL_DESCRIPTOR_FILE] = { "file", NC_ ("descriptor", "file") },
  [SAL_DESCRIPTOR_PIPE] = { "pipe", NC_ ("descriptor", "pipe") },
  [SAL_DESCRIPTOR_SOCKET] = { "socket", NC_ ("descriptor", "socket") },
  [SAL_DESCRIPTOR_DEVICE] = { "device", NC_ ("descriptor", "device") },
  /* Translators: something that is neither file nor socket: an event descriptor, for example */
  [SAL_DESCRIPTOR_OTHER] = { "other", NC_ ("descriptor", "kernel object") },
};

char *
sal_state_row_describe (const SalStateRow *row)
{
  const char *descriptor = descriptors[row->descriptor].text;
  const char *wait;
  g_autofree char *what = NULL;

  if (row->state != SAL_STATE_DISK && row->state != SAL_STATE_ASLEEP)
    return g_strdup (_ (states[row->state].text));
  wait = g_dpgettext2 (NULL, "wait", waits[row->wait].text);
  if (descriptor != NULL)
    what = g_strdup_printf ("%s (%s)", wait, g_dpgettext2 (NULL, "descriptor", descriptor));
  else
    what = g_strdup (wait);
  if (row->state == SAL_STATE_DISK)
    /* Translators: of a thread that waits for a disk: what for, as "read (file)" */
    return g_strdup_printf (_ ("Disk: %s"), what);
  /* Translators: of a thread: what it waits for, as "read (pipe)" */
  return g_strdup_printf (_ ("Sleeping: %s"), what);
}

const char *
sal_state_get_name (SalState state)
{
  return states[state].name;
}

const char *
sal_wait_kind_get_name (SalWaitKind kind)
{
  return waits[kind].name;
}

const char *
sal_descriptor_kind_get_name (SalDescriptorKind kind)
{
  return descriptors[kind].name;
}
