/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The helper on the system bus. */
#pragma once

/**
 * sal_helper_service_run: serves until it has been idle for half a minute, or the bus is gone.
 *
 * @opener: the opener's socket. Returns the exit status. Thread: main only.
 */
int sal_helper_service_run (int opener) __attribute__ ((warn_unused_result));
