/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread copied by salamander-helper while it stands still. */
#pragma once

#include "sal-helper-wire.h"

#include "sal-target.h"

/**
 * sal_target_snapshot_map: the memory behind @fd, in which the helper leaves its copies.
 *
 * Never written to. To be unmapped by sal_target_snapshot_unmap(). Errors: CORRUPT (it is not so
 * large, or might become smaller), MEMORY.
 */
SalTargetResult sal_target_snapshot_map (int fd, const SalHelperSnapshot **copy);

/** sal_target_snapshot_unmap: NULL is fine. */
void sal_target_snapshot_unmap (const SalHelperSnapshot *copy);

/**
 * sal_target_snapshot_take: asks for it over @socket, a session's; as SalTargetOps.snapshot.
 *
 * @serial: of the request, which no other may have.
 * @copy: of the session. Waits for the helper as long as the socket does.
 * Errors: ABSENT (the thread has ended or did not stop), GONE, DENIED, FAULT, LIMIT.
 */
SalTargetResult sal_target_snapshot_take (int socket,
                                          uint32_t serial,
                                          const SalHelperSnapshot *copy,
                                          const SalTargetRange *ranges,
                                          size_t n_ranges,
                                          SalTargetSnapshot *snapshot);
