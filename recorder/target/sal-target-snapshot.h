/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread copied by salamander-helper while it stands still. */
#pragma once

#include "sal-target.h"

/**
 * sal_target_snapshot_take: asks for it over @socket, a session's; as SalTargetOps.snapshot.
 *
 * @serial: of the request, which no other may have.
 * @buffer: SAL_TARGET_SNAPSHOT_SIZE bytes to work in. Waits for the helper as long as the socket
 * does.
 * Errors: ABSENT (the thread has ended or did not stop), GONE, DENIED, FAULT, LIMIT.
 */
SalTargetResult sal_target_snapshot_take (int socket,
                                          uint32_t serial,
                                          uint8_t *buffer,
                                          const SalTargetRange *ranges,
                                          size_t n_ranges,
                                          SalTargetSnapshot *snapshot);

#define SAL_TARGET_SNAPSHOT_SIZE ((size_t)324 << 10)
