/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session with the helper's own code, without a bus and polkit: for root only. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "sal-target-brokered.h"

typedef struct
{
  SalTargetBroker *broker;
  pid_t helper; /* the session's process */
  int control;
} BrokeredSession;

/** brokered_session_begin: opens @pid; false when the session refuses. */
bool brokered_session_begin (BrokeredSession *session, pid_t pid);

/** brokered_session_end: ends it; once more is fine. */
void brokered_session_end (BrokeredSession *session);
