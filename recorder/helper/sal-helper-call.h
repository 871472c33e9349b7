/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call of Attach, from its arrival to the end of the session that it began. */
#pragma once

#include <gio/gio.h>
#include <polkit/polkit.h>

#include "sal-helper-callers.h"

/* What all calls share. Borrowed by each, and outlives them. */
typedef struct
{
  GDBusConnection *bus;
  PolkitAuthority *authority;
  SalHelperCallers *callers;
  int opener;
  void (*ended_cb) (gpointer data); /* a call or session is over */
  gpointer data;
  guint n_calls; /* calls and sessions that have not ended */
} SalHelperHouse;

/**
 * sal_helper_call_begin: serves one call of Attach, now and later.
 *
 * @invocation: (transfer full): answered exactly once. The caller's uid is asked of the bus; the
 * opener says who the process is; polkit decides; then the opener opens it. Nothing is opened
 * before polkit has answered. A caller that leaves the bus before that ends the call.
 */
void sal_helper_call_begin (SalHelperHouse *house,
                            GDBusMethodInvocation *invocation,
                            guint32 pid,
                            guint64 start_time);
