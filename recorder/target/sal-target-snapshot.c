/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread copied by salamander-helper while it stands still. */
#include "sal-target-snapshot.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "sal-helper-wire.h"

#define PATIENCE_MS 5000
/* Ranges nearer than this are asked for as one, unless there is a page between that neither needs:
 * it may not be there. */
#define GAP 2048
#define PAGE 4096

static_assert (sizeof (SalHelperSnapshot) + SAL_HELPER_MAX_BYTES <= SAL_TARGET_SNAPSHOT_SIZE,
               "room for the longest answer");

/* Whether @range can be part of @wide, which has @length bytes more then. */
static bool
can_join (const SalHelperRange *wide, const SalTargetRange *range, uint64_t *length)
{
  uint64_t end = wide->address + wide->length;

  if (range->address < wide->address || range->address > end + GAP ||
      range->address / PAGE > (end - 1) / PAGE + 1)
    return false;
  *length = range->address + range->length > end ? range->address + range->length - end : 0;
  return true;
}

/* Fills in the ranges of @request; @places[i] is in which of them range i lies. */
static bool
plan (const SalTargetRange *ranges,
      size_t n_ranges,
      const SalTargetSnapshot *snapshot,
      SalHelperRequest *request,
      uint8_t *places)
{
  uint64_t n_bytes = snapshot->length;
  uint32_t n = 0;

  for (size_t i = 0; i < n_ranges; i++)
    {
      uint64_t more = ranges[i].length;

      if (ranges[i].length > SAL_HELPER_MAX_BYTES ||
          ranges[i].address > UINT64_MAX - 2 * (uint64_t)SAL_HELPER_MAX_BYTES)
        return false;
      if (n > 0 && can_join (&request->ranges[n - 1], &ranges[i], &more))
        request->ranges[n - 1].length += (uint32_t)more;
      else if (n + 1 < SAL_HELPER_MAX_RANGES)
        request->ranges[n++] = (SalHelperRange){ .address = ranges[i].address,
                                                 .length = (uint32_t)ranges[i].length,
                                                 .thread = SAL_HELPER_ABSOLUTE };
      else
        return false;
      places[i] = (uint8_t)(n - 1);
      n_bytes += more;
      if (n_bytes > SAL_HELPER_MAX_BYTES)
        return false;
    }
  request->ranges[n++] = (SalHelperRange){ .address = -(uint64_t)snapshot->below,
                                           .length = (uint32_t)snapshot->length,
                                           .thread = 0 };
  request->n_ranges = n;
  return true;
}

/* The answer to @request, with @length bytes behind @reply. */
static SalTargetResult
receive (int socket,
         const SalHelperRequest *request,
         SalHelperReply *reply,
         uint8_t *buffer,
         size_t *length)
{
  do
    {
      struct pollfd poll_fd = { socket, POLLIN, 0 };
      struct iovec pieces[] = { { reply, sizeof *reply }, { buffer, SAL_TARGET_SNAPSHOT_SIZE } };
      struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 2 };
      ssize_t n;

      if (poll (&poll_fd, 1, PATIENCE_MS) != 1)
        return SAL_TARGET_GONE;
      n = recvmsg (socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
      if (n <= 0)
        return SAL_TARGET_GONE;
      if (n < (ssize_t)sizeof *reply || (message.msg_flags & MSG_TRUNC) != 0)
        return SAL_TARGET_CORRUPT;
      *length = (size_t)n - sizeof *reply;
    }
  while (reply->serial != request->serial);
  return SAL_TARGET_OK;
}

static SalTargetResult
result_of (uint32_t result)
{
  switch (result)
    {
    case SAL_HELPER_OK:
      return SAL_TARGET_OK;
    case SAL_HELPER_GONE:
      return SAL_TARGET_GONE;
    case SAL_HELPER_DENIED:
      return SAL_TARGET_DENIED;
    case SAL_HELPER_MALFORMED:
      return SAL_TARGET_LIMIT;
    default:
      return SAL_TARGET_ABSENT;
    }
}

/* Gives each range its bytes, and the stack as many as there are. */
static SalTargetResult
hand_out (const SalHelperRequest *request,
          const SalHelperSnapshot *answer,
          const uint8_t *bytes,
          size_t length,
          const uint8_t *places,
          const SalTargetRange *ranges,
          size_t n_ranges,
          SalTargetSnapshot *snapshot)
{
  size_t starts[SAL_HELPER_MAX_RANGES];
  size_t n_bytes = 0;

  for (uint32_t i = 0; i < request->n_ranges; i++)
    {
      starts[i] = n_bytes;
      if (answer->lengths[i] > request->ranges[i].length ||
          answer->lengths[i] > length - n_bytes)
        return SAL_TARGET_CORRUPT;
      n_bytes += answer->lengths[i];
    }
  for (size_t i = 0; i < n_ranges; i++)
    {
      uint64_t offset = ranges[i].address - request->ranges[places[i]].address;

      if (offset + ranges[i].length > answer->lengths[places[i]])
        return SAL_TARGET_FAULT;
      memcpy (ranges[i].buffer, bytes + starts[places[i]] + offset, ranges[i].length);
    }
  snapshot->length = answer->lengths[request->n_ranges - 1];
  memcpy (snapshot->stack, bytes + starts[request->n_ranges - 1], snapshot->length);
  return SAL_TARGET_OK;
}

SalTargetResult
sal_target_snapshot_take (int socket,
                          uint32_t serial,
                          uint8_t *buffer,
                          const SalTargetRange *ranges,
                          size_t n_ranges,
                          SalTargetSnapshot *snapshot)
{
  const SalHelperSnapshot *answer = (const void *)buffer;
  SalHelperRequest request = { .kind = SAL_HELPER_SNAPSHOT,
                               .serial = serial,
                               .n_tids = 1,
                               .tids = { (uint32_t)snapshot->tid } };
  uint8_t places[UINT8_MAX];
  SalHelperReply reply;
  SalTargetResult result;
  size_t length;

  if (n_ranges > sizeof places || !plan (ranges, n_ranges, snapshot, &request, places))
    return SAL_TARGET_LIMIT;
  if (send (socket, &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT) !=
      (ssize_t)sizeof request)
    return SAL_TARGET_GONE;
  result = receive (socket, &request, &reply, buffer, &length);
  if (result == SAL_TARGET_OK)
    result = result_of (reply.result);
  snapshot->is_late = result == SAL_TARGET_ABSENT && reply.result == SAL_HELPER_BUSY;
  if (result != SAL_TARGET_OK)
    return result;
  if (length < sizeof *answer || reply.n_bytes != length - sizeof *answer ||
      answer->threads[0].n_registers > sizeof snapshot->registers)
    return SAL_TARGET_CORRUPT;
  snapshot->is_late = answer->threads[0].result == SAL_HELPER_TIMEOUT;
  if (answer->threads[0].result != SAL_HELPER_OK)
    return answer->threads[0].result == SAL_HELPER_DENIED ? SAL_TARGET_DENIED : SAL_TARGET_ABSENT;
  snapshot->stopped_ns = answer->stopped_ns;
  snapshot->n_registers = answer->threads[0].n_registers;
  memcpy (snapshot->registers, answer->threads[0].registers, snapshot->n_registers);
  return hand_out (&request,
                   answer,
                   buffer + sizeof *answer,
                   length - sizeof *answer,
                   places,
                   ranges,
                   n_ranges,
                   snapshot);
}
