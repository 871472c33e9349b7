/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What strangers' bytes reach in the privileged helper: requests on the socket, the text of
 * /proc/PID/maps, the command line that is shown in polkit's question. */
#include "fuzz-target.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "sal-helper-files.h"
#include "sal-helper-packet.h"
#include "sal-helper-rules.h"
#include "sal-helper-snapshot.h"

/* A request that is let through must not be able to lead beyond any array or buffer. */
static void
check_request (const SalHelperRequest *request)
{
  uint64_t n_bytes = 0;

  if (!sal_helper_snapshot_is_valid (request))
    return;
  if (request->n_tids > SAL_HELPER_MAX_THREADS || request->n_ranges > SAL_HELPER_MAX_RANGES)
    abort ();
  for (size_t i = 0; i < request->n_ranges; i++)
    {
      n_bytes += request->ranges[i].length;
      if (request->ranges[i].thread != SAL_HELPER_ABSOLUTE &&
          request->ranges[i].thread >= request->n_tids)
        abort ();
    }
  if (n_bytes > SAL_HELPER_MAX_BYTES)
    abort ();
}

static void
try_packet (const uint8_t *data, size_t size)
{
  SalHelperRequest request;
  ssize_t length;
  int sockets[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
    abort ();
  if (send (sockets[0], data, size, MSG_DONTWAIT) == (ssize_t)size)
    {
      length = sal_helper_packet_receive (sockets[1], &request, SAL_HELPER_REQUEST_LENGTH (0),
                                          sizeof request, NULL, 0);
      if (length > 0 && (size_t)length == SAL_HELPER_REQUEST_LENGTH (request.n_ranges))
        check_request (&request);
    }
  close (sockets[0]);
  close (sockets[1]);

  /* Whatever its length. */
  memset (&request, 0, sizeof request);
  memcpy (&request, data, MIN (size, sizeof request));
  check_request (&request);
}

static void
try_maps (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("maps", MFD_CLOEXEC);

  if (fd < 0 || write (fd, data, size) != (ssize_t)size)
    abort ();
  (void)sal_helper_files_find_code (fd, 0);
  (void)sal_helper_files_find_code (fd, 0x1000);
  close (fd);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char *command = sal_helper_rules_dup_command ((const char *)data, size);

  if (!g_utf8_validate (command, -1, NULL) || g_utf8_strlen (command, -1) > 81 ||
      strchr (command, '$') != NULL || strchr (command, '\n') != NULL || command[0] == '\0')
    abort ();
  g_free (command);
  try_packet (data, size);
  try_maps (data, size);
  return 0;
}
