/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One packet with descriptors over a socket. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* The most descriptors in a packet. */
#define SAL_HELPER_PACKET_MAX_FDS 8

/**
 * sal_helper_packet_send: sends @pieces as one packet with @fds, without waiting.
 *
 * The descriptors stay the caller's. Returns false when nothing was sent.
 */
bool sal_helper_packet_send (int socket,
                             struct iovec *pieces,
                             size_t n_pieces,
                             const int *fds,
                             size_t n_fds) __attribute__ ((warn_unused_result));

/**
 * sal_helper_packet_receive: receives one packet of @least to @most bytes and @n_fds descriptors.
 *
 * Waits for it. The descriptors are the caller's, close-on-exec. Returns its length; 0 when the
 * packet was another one, which is thrown away with its descriptors; −1 when the socket is closed
 * or broken.
 */
ssize_t sal_helper_packet_receive (int socket,
                                   void *packet,
                                   size_t least,
                                   size_t most,
                                   int *fds,
                                   size_t n_fds) __attribute__ ((warn_unused_result));
