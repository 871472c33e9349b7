/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread copied by salamander-helper while it stands still. */
#include "sal-target-snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Ranges nearer than this are asked for as one, unless there is a page between that neither needs:
 * it may not be there. */
#define GAP 2048
#define PAGE 4096
/* Before they are joined. */
#define MAX_RANGES 8192

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
      uint16_t *places)
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
      places[i] = (uint16_t)(n - 1);
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

/* Waits for the answer to @request. */
static SalTargetResult
receive (int socket, const SalHelperRequest *request, SalHelperReply *reply)
{
  ssize_t n;

  do
    {
      n = recv (socket, reply, sizeof *reply, MSG_TRUNC);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return SAL_TARGET_GONE;
      if (n != sizeof *reply)
        return SAL_TARGET_CORRUPT;
    }
  while (n < 0 || reply->serial != request->serial);
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
          const SalHelperSnapshot *copy,
          const uint16_t *places,
          const SalTargetRange *ranges,
          size_t n_ranges,
          SalTargetSnapshot *snapshot)
{
  size_t starts[SAL_HELPER_MAX_RANGES];
  uint32_t lengths[SAL_HELPER_MAX_RANGES];
  uint64_t n_all = copy->n_bytes;
  size_t n_bytes = 0;

  if (n_all > sizeof copy->bytes)
    return SAL_TARGET_CORRUPT;
  memcpy (lengths, copy->lengths, request->n_ranges * sizeof *lengths);
  for (uint32_t i = 0; i < request->n_ranges; i++)
    {
      starts[i] = n_bytes;
      if (lengths[i] > request->ranges[i].length || lengths[i] > n_all - n_bytes)
        return SAL_TARGET_CORRUPT;
      n_bytes += lengths[i];
    }
  for (size_t i = 0; i < n_ranges; i++)
    {
      uint64_t offset = ranges[i].address - request->ranges[places[i]].address;

      if (offset + ranges[i].length > lengths[places[i]])
        return SAL_TARGET_FAULT;
      memcpy (ranges[i].buffer, copy->bytes + starts[places[i]] + offset, ranges[i].length);
    }
  snapshot->length = lengths[request->n_ranges - 1];
  memcpy (snapshot->stack, copy->bytes + starts[request->n_ranges - 1], snapshot->length);
  return SAL_TARGET_OK;
}

SalTargetResult
sal_target_snapshot_map (int fd, const SalHelperSnapshot **copy)
{
  struct stat status;
  int seals = fcntl (fd, F_GET_SEALS);
  void *address;

  *copy = NULL;
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || fstat (fd, &status) != 0 ||
      status.st_size < (off_t)sizeof **copy)
    return SAL_TARGET_CORRUPT;
  address = mmap (NULL, sizeof **copy, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED)
    return SAL_TARGET_MEMORY;
  *copy = address;
  return SAL_TARGET_OK;
}

void
sal_target_snapshot_unmap (const SalHelperSnapshot *copy)
{
  if (copy != NULL)
    munmap ((void *)copy, sizeof *copy);
}

SalTargetResult
sal_target_snapshot_take (int socket,
                          uint32_t serial,
                          const SalHelperSnapshot *copy,
                          const SalTargetRange *ranges,
                          size_t n_ranges,
                          SalTargetSnapshot *snapshot)
{
  SalHelperRequest request;
  uint16_t places[MAX_RANGES];
  SalHelperReply reply;
  SalHelperThread thread;
  SalTargetResult result;
  size_t length;

  request.kind = SAL_HELPER_SNAPSHOT;
  request.serial = serial;
  request.patience_us = snapshot->patience_us;
  request.n_tids = 1;
  memset (request.tids, 0, sizeof request.tids);
  request.tids[0] = (uint32_t)snapshot->tid;
  if (n_ranges > MAX_RANGES || !plan (ranges, n_ranges, snapshot, &request, places))
    return SAL_TARGET_LIMIT;
  length = SAL_HELPER_REQUEST_LENGTH (request.n_ranges);
  if (send (socket, &request, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length)
    return SAL_TARGET_GONE;
  result = receive (socket, &request, &reply);
  if (result == SAL_TARGET_OK)
    result = result_of (reply.result);
  snapshot->is_late = result == SAL_TARGET_ABSENT && reply.result == SAL_HELPER_BUSY;
  if (result != SAL_TARGET_OK)
    return result;
  thread = copy->threads[0];
  if (thread.n_registers > sizeof snapshot->registers)
    return SAL_TARGET_CORRUPT;
  snapshot->is_late = thread.result == SAL_HELPER_TIMEOUT;
  if (thread.result != SAL_HELPER_OK)
    return thread.result == SAL_HELPER_DENIED ? SAL_TARGET_DENIED : SAL_TARGET_ABSENT;
  snapshot->stopped_ns = copy->stopped_ns;
  snapshot->processor = reply.processor;
  snapshot->n_registers = thread.n_registers;
  memcpy (snapshot->registers, thread.registers, snapshot->n_registers);
  return hand_out (&request, copy, places, ranges, n_ranges, snapshot);
}
