/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running process that salamander-helper has opened for us, read through its descriptors. */
#include "sal-target-brokered.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "sal-helper-wire.h"

#include "sal-target-direct.h"
#include "sal-target-maps.h"
#include "sal-target-snapshot.h"
#include "sal-target-tasks.h"

#define PATIENCE_S 5
#define MAX_MAPS_BYTES ((size_t)64 << 20)
#define FIRST_MAPS_BYTES ((size_t)64 << 10)
/* No larger than the machine's pages, of which it must be a divisor. */
#define PAGE ((size_t)4096)
/* What one call reads for several ranges. */
#define MAX_RUN (16 * PAGE)

typedef struct _Session Session;
struct _Session
{
  Session *next;
  pid_t pid;
  int socket;
  int fds[SAL_HELPER_N_DESCRIPTORS]; /* -1 = none */
  const SalHelperSnapshot *copy;     /* mapped */
  uint32_t serial;
};

struct _SalTargetBroker
{
  Session *sessions;
};

typedef struct
{
  SalTarget base;
  Session *session; /* the broker's */
  uint8_t bytes[MAX_RUN];
} Brokered;

static void
close_all (int *fds, size_t n_fds)
{
  for (size_t i = 0; i < n_fds; i++)
    {
      if (fds[i] >= 0)
        close (fds[i]);
      fds[i] = -1;
    }
}

/* Keeps up to @capacity descriptors of @message and closes the others. */
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
            fds[n_fds++] = fd;
          else
            close (fd);
        }
    }
  return n_fds;
}

/* The next packet, which must be a SalHelperReply alone. Descriptors that did not come are -1. */
static SalTargetResult
receive (int socket, SalHelperReply *reply, int *fds, size_t capacity)
{
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (SAL_HELPER_N_DESCRIPTORS * sizeof (int))];
  } ancillary;
  struct iovec piece = { reply, sizeof *reply };
  struct msghdr message = {
    .msg_iov = &piece,
    .msg_iovlen = 1,
    .msg_control = ancillary.bytes,
    .msg_controllen = sizeof ancillary.bytes,
  };
  ssize_t n;

  memset (fds, 0xff, capacity * sizeof *fds);
  do
    n = recvmsg (socket, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return n < 0 && errno == ENOTSOCK ? SAL_TARGET_CORRUPT : SAL_TARGET_GONE;
  (void)take_fds (&message, fds, capacity);
  if (n == (ssize_t)sizeof *reply && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
    return SAL_TARGET_OK;
  close_all (fds, capacity);
  return SAL_TARGET_CORRUPT;
}

/* pread() to the end of the text: the kernel makes it anew from its beginning. */
static SalTargetResult
read_maps (int fd, char **text, size_t *length)
{
  size_t capacity = FIRST_MAPS_BYTES;
  char *buffer = malloc (capacity);

  *length = 0;
  while (buffer != NULL)
    {
      ssize_t n = pread (fd, buffer + *length, capacity - *length, (off_t)*length);
      char *grown;

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      *length += (size_t)n;
      if (*length < capacity)
        continue;
      grown = capacity < MAX_MAPS_BYTES ? realloc (buffer, capacity * 2) : NULL;
      if (grown == NULL)
        free (buffer);
      buffer = grown;
      capacity *= 2;
    }
  *text = buffer;
  return buffer != NULL ? SAL_TARGET_OK : SAL_TARGET_MEMORY;
}

static SalTargetResult
brokered_is_alive (SalTarget *target)
{
  Session *session = ((Brokered *)target)->session;
  struct pollfd poll_fd = { session->fds[SAL_HELPER_DESCRIPTOR_PIDFD], POLLIN, 0 };

  return poll (&poll_fd, 1, 0) == 0 ? SAL_TARGET_OK : SAL_TARGET_GONE;
}

static uint64_t
count_pages (uint64_t start, uint64_t end)
{
  return (end + PAGE - 1) / PAGE - start / PAGE;
}

/* How many of @ranges lie in pages that touch, so that one call from *@start to *@end reads them
 * all and no page in vain: a call costs as much as the copies of two pages. */
static size_t
find_run (const SalTargetRange *ranges, size_t n_ranges, uint64_t *start, uint64_t *end)
{
  size_t n = 1;

  *start = ranges[0].address;
  *end = *start + ranges[0].length;
  for (; n < n_ranges; n++)
    {
      uint64_t from = ranges[n].address;
      uint64_t to = from + ranges[n].length;
      uint64_t first = from < *start ? from : *start;
      uint64_t last = to > *end ? to : *end;

      if (last > INT64_MAX || to < from || last - first > MAX_RUN - PAGE ||
          count_pages (first, last) > count_pages (*start, *end) + count_pages (from, to))
        break;
      *start = first;
      *end = last;
    }
  return n;
}

/* A read at an address that is not mapped fails; one of a program that is gone gives nothing. */
static SalTargetResult
read_bytes (const Brokered *brokered, uint64_t address, void *buffer, size_t length)
{
  ssize_t n;

  if (address > INT64_MAX)
    return SAL_TARGET_FAULT;
  n = pread (brokered->session->fds[SAL_HELPER_DESCRIPTOR_MEM], buffer, length, (off_t)address);
  if (n == (ssize_t)length)
    return SAL_TARGET_OK;
  return n == 0 ? SAL_TARGET_GONE : SAL_TARGET_FAULT;
}

/* The kernel copies in steps of a page's length from where the read begins, and looks up two pages
 * for each step that does not begin where a page does. So long reads begin there. */
static SalTargetResult
read_run (Brokered *brokered, const SalTargetRange *ranges, size_t n, uint64_t start, uint64_t end)
{
  uint64_t from = end - start > PAGE ? start & ~(uint64_t)(PAGE - 1) : start;
  SalTargetResult result;

  if (n == 1 && (from == start || end - from > MAX_RUN))
    return read_bytes (brokered, start, ranges[0].buffer, ranges[0].length);
  result = read_bytes (brokered, from, brokered->bytes, (size_t)(end - from));
  for (size_t i = 0; i < n && result == SAL_TARGET_OK; i++)
    memcpy (ranges[i].buffer, brokered->bytes + (ranges[i].address - from), ranges[i].length);
  return result;
}

static SalTargetResult
brokered_read_many (SalTarget *target,
                    const SalTargetRange *ranges,
                    size_t n_ranges,
                    size_t *n_read)
{
  Brokered *brokered = (Brokered *)target;

  *n_read = 0;
  while (*n_read < n_ranges)
    {
      const SalTargetRange *first = &ranges[*n_read];
      uint64_t start;
      uint64_t end;
      size_t n = find_run (first, n_ranges - *n_read, &start, &end);
      SalTargetResult result = read_run (brokered, first, n, start, end);

      /* Where a run fails, the ranges before the bad one are good. */
      for (size_t i = 0; result == SAL_TARGET_FAULT && i + 1 < n &&
                         read_bytes (brokered, first[i].address, first[i].buffer,
                                     first[i].length) == SAL_TARGET_OK;
           i++)
        ++*n_read;
      if (result != SAL_TARGET_OK)
        return result == SAL_TARGET_FAULT && brokered_is_alive (target) != SAL_TARGET_OK
                   ? SAL_TARGET_GONE
                   : result;
      *n_read += n;
    }
  return SAL_TARGET_OK;
}

static SalTargetResult
brokered_list_regions (SalTarget *target, SalTargetRegions *regions)
{
  Session *session = ((Brokered *)target)->session;
  char *text = NULL;
  size_t length = 0;
  SalTargetResult result = read_maps (session->fds[SAL_HELPER_DESCRIPTOR_MAPS], &text, &length);

  *regions = (SalTargetRegions){ 0 };
  if (result == SAL_TARGET_OK && length == 0)
    result = SAL_TARGET_GONE;
  if (result == SAL_TARGET_OK)
    result = brokered_is_alive (target);
  if (result == SAL_TARGET_OK)
    result = sal_target_maps_parse (text, length, regions);
  free (text);
  return result;
}

/* Asks for what @kind and @number say, which may be a descriptor, *@fd. */
static SalTargetResult
ask (Session *session, uint32_t kind, uint64_t number, int *fd)
{
  SalHelperRequest request = {
    .kind = kind,
    .serial = ++session->serial,
    .number = number,
  };
  SalHelperReply reply;
  SalTargetResult result;

  if (send (session->socket, &request, SAL_HELPER_REQUEST_LENGTH (0),
            MSG_NOSIGNAL | MSG_DONTWAIT) != SAL_HELPER_REQUEST_LENGTH (0))
    return SAL_TARGET_ABSENT;
  do
    result = receive (session->socket, &reply, fd, 1);
  while (result == SAL_TARGET_OK && reply.serial != request.serial && (close_all (fd, 1), true));
  return result == SAL_TARGET_OK && reply.result == SAL_HELPER_OK ? SAL_TARGET_OK
                                                                  : SAL_TARGET_ABSENT;
}

static SalTargetResult
request_file (Session *session, uint64_t address, int *fd)
{
  SalTargetResult result = ask (session, SAL_HELPER_FILE, address, fd);

  return result == SAL_TARGET_OK && *fd < 0 ? SAL_TARGET_ABSENT : result;
}

/* Whether @fd is the file that the region shows. */
static bool
is_file_of (int fd, const SalTargetRegion *region)
{
  struct stat status;

  return fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode) &&
         status.st_ino == region->inode;
}

/* Where the file is mapped to be run, which is what the helper opens it by; 0 = nowhere. */
static uint64_t
find_code (SalTarget *target, const SalTargetRegion *region)
{
  SalTargetRegions regions;
  uint64_t start = 0;

  if (region->permissions[2] == 'x')
    return region->start;
  if (brokered_list_regions (target, &regions) != SAL_TARGET_OK)
    return 0;
  for (size_t i = 0; i < regions.n_items && start == 0; i++)
    {
      const SalTargetRegion *other = &regions.items[i];

      if (other->permissions[2] == 'x' && other->inode == region->inode && other->path != NULL &&
          region->path != NULL && strcmp (other->path, region->path) == 0)
        start = other->start;
    }
  sal_target_regions_free (&regions);
  return start;
}

static SalTargetResult
brokered_open_file (SalTarget *target, const SalTargetRegion *region, int *fd)
{
  Session *session = ((Brokered *)target)->session;
  int exe = session->fds[SAL_HELPER_DESCRIPTOR_EXE];
  uint64_t code;

  *fd = -1;
  if (region->inode == 0)
    return SAL_TARGET_ABSENT;
  if (is_file_of (exe, region))
    {
      *fd = fcntl (exe, F_DUPFD_CLOEXEC, 0);
      return *fd >= 0 ? SAL_TARGET_OK : SAL_TARGET_MEMORY;
    }
  code = find_code (target, region);
  return code != 0 ? request_file (session, code, fd) : SAL_TARGET_ABSENT;
}

static SalTargetResult
brokered_list_threads (SalTarget *target, uint64_t *tids, size_t capacity, size_t *n_tids)
{
  Session *session = ((Brokered *)target)->session;
  int fd = fcntl (session->fds[SAL_HELPER_DESCRIPTOR_TASK], F_DUPFD_CLOEXEC, 0);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;

  *n_tids = 0;
  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return SAL_TARGET_MEMORY;
    }
  rewinddir (dir);
  sal_target_tasks_list (dir, tids, capacity, n_tids);
  return brokered_is_alive (target);
}

static SalTargetResult
brokered_snapshot (SalTarget *target,
                   const SalTargetRange *ranges,
                   size_t n_ranges,
                   SalTargetSnapshot *snapshot)
{
  Brokered *self = (Brokered *)target;

  return sal_target_snapshot_take (self->session->socket,
                                   ++self->session->serial,
                                   self->session->copy,
                                   ranges,
                                   n_ranges,
                                   snapshot);
}

static SalTargetResult
brokered_read_text (
    SalTarget *target, SalTargetText what, uint64_t number, char *text, size_t size)
{
  Session *session = ((Brokered *)target)->session;
  uint32_t kind = what == SAL_TARGET_TEXT_CALL ? SAL_HELPER_CALL : SAL_HELPER_LINK;
  int fd;
  SalTargetResult result = ask (session, kind, number, &fd);
  uint64_t length = result == SAL_TARGET_OK ? session->copy->n_bytes : 0;

  if (fd >= 0)
    close (fd);
  if (length > SAL_HELPER_MAX_TEXT)
    return SAL_TARGET_CORRUPT;
  if (length >= size)
    length = size - 1;
  memcpy (text, session->copy->bytes, length);
  text[length] = '\0';
  return result;
}

static void
brokered_free (SalTarget *target)
{
  free (target);
}

static const SalTargetOps brokered_ops = {
  .read_many = brokered_read_many,
  .list_regions = brokered_list_regions,
  .open_file = brokered_open_file,
  .list_threads = brokered_list_threads,
  .is_alive = brokered_is_alive,
  .snapshot = brokered_snapshot,
  .read_text = brokered_read_text,
  .free = brokered_free,
};

SalTargetBroker *
sal_target_broker_new (void)
{
  return calloc (1, sizeof (SalTargetBroker));
}

SalTargetResult
sal_target_broker_add (SalTargetBroker *broker, int socket, pid_t *pid)
{
  Session *session = calloc (1, sizeof *session);
  struct timeval patience = { .tv_sec = PATIENCE_S };
  SalHelperReply hello;
  SalTargetResult result;

  if (session == NULL)
    return SAL_TARGET_MEMORY;
  (void)setsockopt (socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  result = receive (socket, &hello, session->fds, SAL_HELPER_N_DESCRIPTORS);
  if (result == SAL_TARGET_OK &&
      (hello.kind != SAL_HELPER_ATTACHED || hello.pid == 0 || hello.pid > INT_MAX ||
       session->fds[SAL_HELPER_DESCRIPTOR_COPY] < 0))
    result = SAL_TARGET_CORRUPT;
  if (result == SAL_TARGET_OK)
    result = sal_target_snapshot_map (session->fds[SAL_HELPER_DESCRIPTOR_COPY], &session->copy);
  if (result != SAL_TARGET_OK)
    {
      close_all (session->fds, SAL_HELPER_N_DESCRIPTORS);
      free (session);
      return result;
    }
  session->pid = (pid_t)hello.pid;
  session->socket = socket;
  session->next = broker->sessions;
  broker->sessions = session;
  *pid = session->pid;
  return SAL_TARGET_OK;
}

/* Whether the session's program is still there: its list of mappings is empty afterwards. */
static bool
is_usable (const Session *session)
{
  char byte;

  return pread (session->fds[SAL_HELPER_DESCRIPTOR_MAPS], &byte, 1, 0) == 1;
}

SalTargetResult
sal_target_broker_open (SalTargetBroker *broker, pid_t pid, SalTarget **out)
{
  Session *session = broker != NULL ? broker->sessions : NULL;
  Brokered *brokered;

  while (session != NULL && (session->pid != pid || !is_usable (session)))
    session = session->next;
  if (session == NULL)
    return sal_target_direct_new (pid, out);

  brokered = calloc (1, sizeof *brokered);
  if (brokered == NULL)
    return SAL_TARGET_MEMORY;
  brokered->base.ops = &brokered_ops;
  brokered->base.pid = pid;
  brokered->session = session;
  *out = &brokered->base;
  return SAL_TARGET_OK;
}

void
sal_target_broker_free (SalTargetBroker *broker)
{
  Session *session = broker != NULL ? broker->sessions : NULL;

  while (session != NULL)
    {
      Session *next = session->next;

      sal_target_snapshot_unmap (session->copy);
      close_all (session->fds, SAL_HELPER_N_DESCRIPTORS);
      close (session->socket);
      free (session);
      session = next;
    }
  free (broker);
}
