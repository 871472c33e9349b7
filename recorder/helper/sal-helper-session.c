/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One process opened for one caller, from the order to the end of the session. */
#include "sal-helper-session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sal-helper-wire.h"

#include "sal-helper-files.h"
#include "sal-helper-packet.h"
#include "sal-helper-snapshot.h"

/* Work that may block on a strange file system ends with the process after so many seconds. */
#define WORK_S 5

/* What a request costs of the caller's time: 25,000 of them a second, and as many at once. */
#define COST_NS (NS_PER_S / 25000)
#define COST_OF_A_FILE_NS (50 * COST_NS)
#define SAVINGS_NS NS_PER_S

#define NS_PER_S 1000000000LL

/* Linux 6.3: include/uapi/linux/memfd.h. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

typedef struct
{
  SalHelperProcess process;
  SalHelperIdentity identity;
  SalHelperStops stops;
  int fds[SAL_HELPER_N_DESCRIPTORS];
  SalHelperSnapshot *copy; /* which the caller reads */
  int client_fd;
  int64_t paid_until_ns;
} Session;

/* Waits until the caller has the time. */
static void
pay (Session *session, int64_t cost_ns)
{
  int64_t now = sal_helper_snapshot_get_time ();
  int64_t wait_ns;

  if (session->paid_until_ns < now - SAVINGS_NS)
    session->paid_until_ns = now - SAVINGS_NS;
  session->paid_until_ns += cost_ns;
  wait_ns = session->paid_until_ns - now;
  if (wait_ns > 0)
    nanosleep (&(struct timespec){ wait_ns / NS_PER_S, wait_ns % NS_PER_S }, NULL);
}

/* A caller that lets answers pile up until none fits is left; so false here too. */
static bool
answer (Session *session, SalHelperReply *reply, int fd)
{
  struct iovec piece = { reply, sizeof *reply };

  return sal_helper_packet_send (session->client_fd, &piece, 1, &fd, fd >= 0);
}

static bool
answer_file (Session *session, const SalHelperRequest *request, SalHelperReply *reply)
{
  bool is_sent;
  int fd;

  pay (session, COST_OF_A_FILE_NS);
  alarm (WORK_S);
  fd = sal_helper_files_open_mapped (&session->process,
                                     session->fds[SAL_HELPER_DESCRIPTOR_MAPS],
                                     request->address);
  reply->error = fd < 0 ? errno : 0;
  reply->result = fd < 0 ? SAL_HELPER_ABSENT : SAL_HELPER_OK;
  alarm (0);
  /* The mapping may have been that of a program run since. */
  if (sal_helper_process_check (&session->process, &session->identity) != SAL_HELPER_VERDICT_OK)
    reply->result = SAL_HELPER_GONE;
  is_sent = answer (session, reply, reply->result == SAL_HELPER_OK ? fd : -1);
  if (fd >= 0)
    close (fd);
  return is_sent;
}

static bool
answer_snapshot (Session *session, const SalHelperRequest *request, SalHelperReply *reply)
{
  static SalHelperSnapshot snapshot;
  SalHelperSnapshot *copy = session->copy;

  pay (session, COST_NS);
  reply->result = sal_helper_snapshot_take (&session->stops, request, &snapshot);
  if (reply->result == SAL_HELPER_OK)
    {
      memcpy (copy->threads, snapshot.threads, request->n_tids * sizeof *copy->threads);
      memcpy (copy->lengths, snapshot.lengths, request->n_ranges * sizeof *copy->lengths);
      memcpy (copy->bytes, snapshot.bytes, snapshot.n_bytes);
      copy->n_bytes = snapshot.n_bytes;
      copy->stopped_ns = snapshot.stopped_ns;
      reply->processor = sched_getcpu ();
    }
  return answer (session, reply, -1);
}

static bool
answer_text (Session *session, const SalHelperRequest *request, SalHelperReply *reply)
{
  char text[SAL_HELPER_MAX_TEXT];
  ssize_t length;

  pay (session, COST_NS);
  alarm (WORK_S);
  length = request->kind == SAL_HELPER_CALL
               ? sal_helper_files_read_call (&session->process, request->number, text)
               : sal_helper_files_read_link (&session->process, request->number, text);
  reply->error = length < 0 ? errno : 0;
  alarm (0);
  reply->result = length < 0 ? SAL_HELPER_ABSENT : SAL_HELPER_OK;
  /* It may be said of a program with other rights by now. */
  if (!sal_helper_snapshot_is_unchanged (&session->stops))
    reply->result = SAL_HELPER_GONE;
  if (reply->result == SAL_HELPER_OK)
    {
      memcpy (session->copy->bytes, text, (size_t)length);
      session->copy->n_bytes = (uint64_t)length;
    }
  return answer (session, reply, -1);
}

/* One request; false when the session is over. */
static bool
serve_one (Session *session)
{
  static SalHelperRequest request;
  SalHelperReply reply = { 0 };
  ssize_t length;

  request.kind = 0;
  request.serial = 0;
  length = sal_helper_packet_receive (session->client_fd,
                                      &request,
                                      SAL_HELPER_REQUEST_LENGTH (0),
                                      sizeof request,
                                      NULL,
                                      0);
  if (length < 0)
    return false;
  reply.kind = request.kind;
  reply.serial = request.serial;
  if (length == SAL_HELPER_REQUEST_LENGTH (0) && request.kind == SAL_HELPER_FILE)
    return answer_file (session, &request, &reply);
  if (length == SAL_HELPER_REQUEST_LENGTH (0) &&
      (request.kind == SAL_HELPER_CALL || request.kind == SAL_HELPER_LINK))
    return answer_text (session, &request, &reply);
  if (length > 0 && request.kind == SAL_HELPER_SNAPSHOT &&
      (size_t)length == SAL_HELPER_REQUEST_LENGTH (request.n_ranges) &&
      sal_helper_snapshot_is_valid (&request))
    return answer_snapshot (session, &request, &reply);

  pay (session, COST_NS);
  reply.kind = 0;
  reply.result = SAL_HELPER_MALFORMED;
  return answer (session, &reply, -1);
}

static void
serve (Session *session, int control_fd)
{
  bool is_idle = false;

  for (;;)
    {
      struct pollfd fds[] = { { session->client_fd, POLLIN, 0 }, { control_fd, POLLIN, 0 } };
      bool is_settled = sal_helper_snapshot_settle (&session->stops, is_idle);
      int n_ready = poll (fds, 2, is_settled ? -1 : 1);

      is_idle = n_ready == 0;
      if (n_ready < 0)
        continue;
      if (fds[1].revents != 0 || (fds[0].revents != 0 && !serve_one (session)))
        return;
    }
}

/* Memory for copies, which nobody else can write to, or make smaller under its readers. */
static int
share_copy (SalHelperSnapshot **copy)
{
  int fd = memfd_create ("copy", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

  /* An older kernel does not know that. */
  if (fd < 0)
    fd = memfd_create ("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  *copy = MAP_FAILED;
  if (fd >= 0 && ftruncate (fd, sizeof **copy) == 0)
    *copy = mmap (NULL, sizeof **copy, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (*copy != MAP_FAILED &&
      fcntl (fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Opens it for the caller, who polkit has said may have it. */
static SalHelperVerdict
open_for_caller (Session *session)
{
  SalHelperReply hello = { .kind = SAL_HELPER_ATTACHED };
  struct iovec piece = { &hello, sizeof hello };
  SalHelperVerdict verdict = sal_helper_process_check (&session->process, &session->identity);
  size_t n_fds = SAL_HELPER_N_DESCRIPTORS;

  if (verdict == SAL_HELPER_VERDICT_OK)
    verdict = sal_helper_files_open (&session->process, session->fds);
  /* Now that the descriptors are those of one program, whose is it? */
  if (verdict == SAL_HELPER_VERDICT_OK)
    verdict = sal_helper_process_check (&session->process, &session->identity);
  if (verdict != SAL_HELPER_VERDICT_OK)
    return verdict;
  session->fds[SAL_HELPER_DESCRIPTOR_COPY] = share_copy (&session->copy);
  if (session->fds[SAL_HELPER_DESCRIPTOR_COPY] < 0)
    return SAL_HELPER_VERDICT_FAILED;
  hello.pid = session->identity.pid;
  hello.start_time = session->identity.start_time;
  n_fds -= session->fds[SAL_HELPER_DESCRIPTOR_EXE] < 0;
  return sal_helper_packet_send (session->client_fd, &piece, 1, session->fds, n_fds)
             ? SAL_HELPER_VERDICT_OK
             : SAL_HELPER_VERDICT_FAILED;
}

/* Whether there is something to go on with. */
static bool
tell (int control_fd, SalHelperAnswer *found)
{
  struct iovec piece = { found, sizeof *found };

  return sal_helper_packet_send (control_fd, &piece, 1, NULL, 0) &&
         found->verdict == SAL_HELPER_VERDICT_OK;
}

void
sal_helper_session_run (const SalHelperOrder *order, int control_fd, int client_fd)
{
  static Session session;
  SalHelperAnswer found = { 0 };
  char word;

  alarm (WORK_S);
  found.verdict = sal_helper_process_open (&session.process,
                                           (pid_t)order->pid,
                                           order->start_time,
                                           &session.identity);
  found.identity = session.identity;
  if (found.verdict == SAL_HELPER_VERDICT_OK)
    found.n_command = (uint32_t)sal_helper_process_read (&session.process,
                                                         "cmdline",
                                                         found.command,
                                                         sizeof found.command);
  alarm (0);
  if (!tell (control_fd, &found) ||
      sal_helper_packet_receive (control_fd, &word, 1, 1, NULL, 0) != 1)
    return;

  alarm (WORK_S);
  session.client_fd = client_fd;
  found.verdict = open_for_caller (&session);
  alarm (0);
  if (!tell (control_fd, &found))
    return;

  session.stops = (SalHelperStops){
    .process = &session.process,
    .identity = &session.identity,
    .mem_fd = session.fds[SAL_HELPER_DESCRIPTOR_MEM],
  };
  serve (&session, control_fd);
}
