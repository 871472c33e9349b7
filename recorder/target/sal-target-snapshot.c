/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread copied by salamander-helper while it stands still. */
#include "sal-target-snapshot.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "sal-helper-wire.h"

/* Ranges nearer than this are asked for as one, unless there is a page between that neither needs:
 * it may not be there. */
#define GAP 2048
#define PAGE 4096

/* An answer to a request of one thread. */
typedef struct
{
  SalHelperReply reply;
  SalHelperThread thread;
  const uint8_t *lengths; /* uint32_t of each range */
  const uint8_t *bytes;
} Answer;

static_assert (sizeof (SalHelperThread) + SAL_HELPER_MAX_RANGES * sizeof (uint32_t) +
                       SAL_HELPER_MAX_BYTES <=
                   SAL_TARGET_SNAPSHOT_SIZE,
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

/* Fills in the ranges of @request; @places[i] is in which of them range i lies. The stack gets what
 * is left. */
static bool
plan (const SalTargetRange *ranges,
      size_t n_ranges,
      const SalTargetSnapshot *snapshot,
      SalHelperRequest *request,
      uint8_t *places)
{
  uint64_t n_bytes = 0;
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
  n_bytes = SAL_HELPER_MAX_BYTES - n_bytes;
  if (n_bytes > snapshot->length)
    n_bytes = snapshot->length;
  request->ranges[n++] = (SalHelperRange){ .address = -(uint64_t)snapshot->below,
                                           .length = (uint32_t)n_bytes,
                                           .thread = 0 };
  request->n_ranges = n;
  return true;
}

/* The next packet that answers @request, with *@length bytes behind the reply. */
static SalTargetResult
receive_packet (int socket,
                const SalHelperRequest *request,
                SalHelperReply *reply,
                uint8_t *buffer,
                size_t *length)
{
  struct iovec pieces[] = { { reply, sizeof *reply }, { buffer, *length } };
  struct msghdr message = { .msg_iov = pieces, .msg_iovlen = 2 };
  ssize_t n;

  do
    {
      n = recvmsg (socket, &message, MSG_CMSG_CLOEXEC);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return SAL_TARGET_GONE;
      if (n < (ssize_t)sizeof *reply || (message.msg_flags & MSG_TRUNC) != 0)
        return SAL_TARGET_CORRUPT;
    }
  while (n < 0 || reply->serial != request->serial);
  *length = (size_t)n - sizeof *reply;
  return SAL_TARGET_OK;
}

/* All packets of the answer to @request. */
static SalTargetResult
receive (int socket, const SalHelperRequest *request, uint8_t *buffer, Answer *answer)
{
  size_t n_lengths = request->n_ranges * sizeof (uint32_t);
  size_t n_wanted = sizeof answer->thread + n_lengths;
  size_t n_bytes = 0;

  do
    {
      size_t length = SAL_TARGET_SNAPSHOT_SIZE - n_bytes;
      SalTargetResult result =
          receive_packet (socket, request, &answer->reply, buffer + n_bytes, &length);

      if (result != SAL_TARGET_OK || answer->reply.result != SAL_HELPER_OK)
        return result;
      n_bytes += length;
      if (length == 0 || answer->reply.n_bytes > SAL_HELPER_MAX_BYTES ||
          n_bytes < n_wanted || n_bytes - n_wanted > answer->reply.n_bytes)
        return SAL_TARGET_CORRUPT;
    }
  while (n_bytes - n_wanted < answer->reply.n_bytes);
  memcpy (&answer->thread, buffer, sizeof answer->thread);
  answer->lengths = buffer + sizeof answer->thread;
  answer->bytes = answer->lengths + n_lengths;
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
          const Answer *answer,
          const uint8_t *places,
          const SalTargetRange *ranges,
          size_t n_ranges,
          SalTargetSnapshot *snapshot)
{
  size_t starts[SAL_HELPER_MAX_RANGES];
  uint32_t lengths[SAL_HELPER_MAX_RANGES];
  size_t n_bytes = 0;

  memcpy (lengths, answer->lengths, request->n_ranges * sizeof *lengths);
  for (uint32_t i = 0; i < request->n_ranges; i++)
    {
      starts[i] = n_bytes;
      if (lengths[i] > request->ranges[i].length || lengths[i] > answer->reply.n_bytes - n_bytes)
        return SAL_TARGET_CORRUPT;
      n_bytes += lengths[i];
    }
  for (size_t i = 0; i < n_ranges; i++)
    {
      uint64_t offset = ranges[i].address - request->ranges[places[i]].address;

      if (offset + ranges[i].length > lengths[places[i]])
        return SAL_TARGET_FAULT;
      memcpy (ranges[i].buffer, answer->bytes + starts[places[i]] + offset, ranges[i].length);
    }
  snapshot->length = lengths[request->n_ranges - 1];
  memcpy (snapshot->stack, answer->bytes + starts[request->n_ranges - 1], snapshot->length);
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
  SalHelperRequest request = { .kind = SAL_HELPER_SNAPSHOT,
                               .serial = serial,
                               .patience_us = snapshot->patience_us,
                               .n_tids = 1,
                               .tids = { (uint32_t)snapshot->tid } };
  uint8_t places[UINT8_MAX];
  SalTargetResult result;
  Answer answer;

  if (n_ranges > sizeof places || !plan (ranges, n_ranges, snapshot, &request, places))
    return SAL_TARGET_LIMIT;
  if (send (socket, &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT) !=
      (ssize_t)sizeof request)
    return SAL_TARGET_GONE;
  result = receive (socket, &request, buffer, &answer);
  if (result == SAL_TARGET_OK)
    result = result_of (answer.reply.result);
  snapshot->is_late = result == SAL_TARGET_ABSENT && answer.reply.result == SAL_HELPER_BUSY;
  if (result != SAL_TARGET_OK)
    return result;
  if (answer.thread.n_registers > sizeof snapshot->registers)
    return SAL_TARGET_CORRUPT;
  snapshot->is_late = answer.thread.result == SAL_HELPER_TIMEOUT;
  if (answer.thread.result != SAL_HELPER_OK)
    return answer.thread.result == SAL_HELPER_DENIED ? SAL_TARGET_DENIED : SAL_TARGET_ABSENT;
  snapshot->stopped_ns = answer.reply.stopped_ns;
  snapshot->n_registers = answer.thread.n_registers;
  memcpy (snapshot->registers, answer.thread.registers, snapshot->n_registers);
  return hand_out (&request, &answer, places, ranges, n_ranges, snapshot);
}
