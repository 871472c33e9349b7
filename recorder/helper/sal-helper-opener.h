/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process that has the capabilities: it opens processes on orders, each in a child. */
#pragma once

/**
 * sal_helper_opener_start: makes the opener.
 *
 * Must be called before any thread is started. Returns the socket for SalHelperOrders, −1 with
 * errno on failure; the opener and all its sessions end when it is closed.
 */
int sal_helper_opener_start (void) __attribute__ ((warn_unused_result));
