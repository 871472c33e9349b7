/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One packet with descriptors over a socket. */
#include "sal-helper-packet.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union
{
  struct cmsghdr header;
  char bytes[CMSG_SPACE (SAL_HELPER_PACKET_MAX_FDS * sizeof (int))];
} Ancillary;

bool
sal_helper_packet_send (int socket,
                        struct iovec *pieces,
                        size_t n_pieces,
                        const int *fds,
                        size_t n_fds)
{
  Ancillary ancillary = { .header = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
  struct msghdr message = { .msg_iov = pieces, .msg_iovlen = n_pieces };

  if (n_fds > 0)
    {
      ancillary.header.cmsg_len = CMSG_LEN (n_fds * sizeof *fds);
      memcpy (CMSG_DATA (&ancillary.header), fds, n_fds * sizeof *fds);
      message.msg_control = &ancillary;
      message.msg_controllen = ancillary.header.cmsg_len;
    }
  return sendmsg (socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

/* The kernel closes the descriptors for which there is no room, and says so in the flags. */
ssize_t
sal_helper_packet_receive (int socket,
                           void *packet,
                           size_t least,
                           size_t most,
                           int *fds,
                           size_t n_fds)
{
  Ancillary ancillary;
  struct iovec piece = { packet, most };
  struct msghdr message = {
    .msg_iov = &piece,
    .msg_iovlen = 1,
    .msg_control = &ancillary,
    .msg_controllen = n_fds > 0 ? CMSG_LEN (n_fds * sizeof *fds) : 0,
  };
  ssize_t n = recvmsg (socket, &message, MSG_CMSG_CLOEXEC);
  size_t n_taken = 0;

  if (n <= 0)
    return -1;
  if (CMSG_FIRSTHDR (&message) != NULL)
    n_taken = (ancillary.header.cmsg_len - CMSG_LEN (0)) / sizeof *fds;
  if (n_taken > 0)
    memcpy (fds, CMSG_DATA (&ancillary.header), n_taken * sizeof *fds);
  if ((size_t)n >= least && n_taken == n_fds && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
    return n;
  while (n_taken > 0)
    close (fds[--n_taken]);
  return 0;
}
