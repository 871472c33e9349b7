/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One packet with descriptors over a socket. */
#include "sal-helper-packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union
{
  struct cmsghdr header;
  char bytes[CMSG_SPACE (SAL_HELPER_PACKET_MAX_FDS * sizeof (int))];
} Ancillary;

bool
sal_helper_packet_send (int socket, struct iovec *pieces, size_t n_pieces, int *fds, size_t n_fds)
{
  struct msghdr message = { .msg_iov = pieces, .msg_iovlen = n_pieces };
  Ancillary ancillary = { 0 };
  size_t length = 0;
  ssize_t n;

  for (size_t i = 0; i < n_pieces; i++)
    length += pieces[i].iov_len;
  if (n_fds > 0)
    {
      struct cmsghdr *header = &ancillary.header;

      message.msg_control = ancillary.bytes;
      message.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN (n_fds * sizeof (int));
      memcpy (CMSG_DATA (header), fds, n_fds * sizeof (int));
    }
  do
    n = sendmsg (socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n >= 0 && (size_t)n == length;
}

/* Takes the descriptors out of @message; those over @capacity are closed. */
static size_t
take_fds (struct msghdr *message, int *fds, size_t capacity)
{
  size_t n_fds = 0;

  for (struct cmsghdr *header = CMSG_FIRSTHDR (message); header != NULL;
       header = CMSG_NXTHDR (message, header))
    {
      size_t n = (header->cmsg_len - CMSG_LEN (0)) / sizeof (int);

      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        continue;
      for (size_t i = 0; i < n; i++)
        {
          int fd;

          memcpy (&fd, CMSG_DATA (header) + i * sizeof fd, sizeof fd);
          if (n_fds < capacity)
            fds[n_fds] = fd;
          else
            close (fd);
          n_fds++;
        }
    }
  return n_fds;
}

int
sal_helper_packet_receive (int socket, void *packet, size_t length, int *fds, size_t n_fds)
{
  struct iovec piece = { packet, length };
  Ancillary ancillary;
  struct msghdr message = {
    .msg_iov = &piece,
    .msg_iovlen = 1,
    .msg_control = ancillary.bytes,
    .msg_controllen = sizeof ancillary.bytes,
  };
  size_t n_taken;
  ssize_t n;

  do
    n = recvmsg (socket, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return -1;
  n_taken = take_fds (&message, fds, n_fds);
  if ((size_t)n == length && n_taken == n_fds && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
    return 1;
  for (size_t i = 0; i < n_taken && i < n_fds; i++)
    close (fds[i]);
  return 0;
}
