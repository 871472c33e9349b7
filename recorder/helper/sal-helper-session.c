/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One process opened for one caller, from the order to the end of the session. */
#include "sal-helper-session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sal-helper-wire.h"

#include "sal-helper-files.h"
#include "sal-helper-packet.h"
#include "sal-helper-process.h"
#include "sal-helper-snapshot.h"

/* Work that may block on a strange file system ends with the process after so many seconds. */
#define WORK_S 5

/* Requests cost points, and so many come back each second; whoever has none left waits. */
#define POINTS_PER_S 25000
#define MOST_POINTS 25000
#define COST_OF_A_FILE 50

#define NS_PER_S 1000000000LL

typedef struct
{
  SalHelperProcess process;
  SalHelperIdentity identity;
  SalHelperStops stops;
  int fds[SAL_HELPER_N_DESCRIPTORS];
  int client_fd;
  int64_t points;
  int64_t counted_ns;
} Session;

static int64_t
get_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Waits until the caller can pay. */
static void
pay (Session *session, int64_t cost)
{
  int64_t now = get_now ();
  int64_t earned = (now - session->counted_ns) / (NS_PER_S / POINTS_PER_S);

  if (earned > 0)
    {
      session->points += earned;
      session->counted_ns = now;
    }
  if (session->points > MOST_POINTS)
    session->points = MOST_POINTS;
  session->points -= cost;
  if (session->points < 0)
    {
      int64_t wait_ns = -session->points * (NS_PER_S / POINTS_PER_S);

      nanosleep (&(struct timespec){ wait_ns / NS_PER_S, wait_ns % NS_PER_S }, NULL);
    }
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
  int fd = -1;
  bool is_sent;

  pay (session, COST_OF_A_FILE);
  alarm (WORK_S);
  reply->result = sal_helper_files_open_mapped (&session->process,
                                                session->fds[SAL_HELPER_DESCRIPTOR_MAPS],
                                                request->address,
                                                &fd);
  reply->error = reply->result == SAL_HELPER_OK ? 0 : errno;
  alarm (0);
  /* The mapping may have been that of a program run since. */
  if (sal_helper_process_check (&session->process, &session->identity) != SAL_HELPER_VERDICT_OK)
    {
      reply->result = SAL_HELPER_GONE;
      if (fd >= 0)
        close (fd);
      fd = -1;
    }
  is_sent = answer (session, reply, fd);
  if (fd >= 0)
    close (fd);
  return is_sent;
}

static bool
answer_snapshot (Session *session, const SalHelperRequest *request, SalHelperReply *reply)
{
  static SalHelperSnapshot snapshot;
  static uint8_t bytes[SAL_HELPER_MAX_BYTES];
  struct iovec pieces[] = {
    { reply, sizeof *reply },
    { &snapshot, sizeof snapshot },
    { bytes, 0 },
  };

  pay (session, 1);
  reply->result =
      sal_helper_snapshot_take (&session->stops, request, &snapshot, bytes, &reply->n_bytes);
  if (reply->result != SAL_HELPER_OK)
    return answer (session, reply, -1);
  pieces[2].iov_len = reply->n_bytes;
  return sal_helper_packet_send (session->client_fd, pieces, 3, NULL, 0);
}

/* One request; false when the session is over. */
static bool
serve_one (Session *session)
{
  SalHelperRequest request = { 0 };
  SalHelperReply reply = { 0 };
  int received = sal_helper_packet_receive (session->client_fd, &request, sizeof request, NULL, 0);

  if (received < 0)
    return false;
  reply.kind = received == 1 ? request.kind : 0;
  reply.serial = request.serial;
  if (reply.kind == SAL_HELPER_FILE)
    return answer_file (session, &request, &reply);
  if (reply.kind == SAL_HELPER_SNAPSHOT && sal_helper_snapshot_is_valid (&request))
    return answer_snapshot (session, &request, &reply);

  pay (session, 1);
  reply = (SalHelperReply){ .serial = request.serial, .result = SAL_HELPER_MALFORMED };
  return answer (session, &reply, -1);
}

static void
serve (Session *session, int control_fd)
{
  for (;;)
    {
      struct pollfd fds[] = { { session->client_fd, POLLIN, 0 }, { control_fd, POLLIN, 0 } };
      bool is_settled = sal_helper_snapshot_settle (&session->stops);

      if (poll (fds, 2, is_settled ? -1 : 1) < 0)
        continue;
      if (fds[1].revents != 0 || (fds[0].revents != 0 && !serve_one (session)))
        return;
    }
}

static bool
tell (int control_fd, SalHelperAnswer *found)
{
  struct iovec piece = { found, sizeof *found };

  return sal_helper_packet_send (control_fd, &piece, 1, NULL, 0);
}

static void
read_command (const SalHelperProcess *process, SalHelperAnswer *found)
{
  int fd = openat (process->folder_fd, "cmdline", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, found->command, sizeof found->command) : 0;

  found->n_command = n > 0 ? (uint32_t)n : 0;
  if (fd >= 0)
    close (fd);
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
  hello.pid = session->identity.pid;
  hello.start_time = session->identity.start_time;
  n_fds -= session->fds[SAL_HELPER_DESCRIPTOR_EXE] < 0;
  return sal_helper_packet_send (session->client_fd, &piece, 1, session->fds, n_fds)
             ? SAL_HELPER_VERDICT_OK
             : SAL_HELPER_VERDICT_FAILED;
}

void
sal_helper_session_run (const SalHelperOrder *order, int control_fd, int client_fd)
{
  static Session session;
  SalHelperAnswer found = { 0 };
  int buffer_size = 2 * (int)(sizeof (SalHelperSnapshot) + SAL_HELPER_MAX_BYTES);
  char word;

  alarm (WORK_S);
  found.verdict = sal_helper_process_open (&session.process,
                                           (pid_t)order->pid,
                                           order->start_time,
                                           &session.identity);
  if (found.verdict == SAL_HELPER_VERDICT_OK)
    {
      found.identity = session.identity;
      read_command (&session.process, &found);
    }
  alarm (0);
  if (!tell (control_fd, &found) || found.verdict != SAL_HELPER_VERDICT_OK ||
      sal_helper_packet_receive (control_fd, &word, 1, NULL, 0) != 1)
    return;

  alarm (WORK_S);
  session.client_fd = client_fd;
  found.verdict = open_for_caller (&session);
  alarm (0);
  if (!tell (control_fd, &found) || found.verdict != SAL_HELPER_VERDICT_OK)
    return;

  session.points = MOST_POINTS;
  session.counted_ns = get_now ();
  session.stops = (SalHelperStops){
    .process = &session.process,
    .identity = &session.identity,
    .mem_fd = session.fds[SAL_HELPER_DESCRIPTOR_MEM],
    .task_fd = session.fds[SAL_HELPER_DESCRIPTOR_TASK],
  };
  (void)setsockopt (client_fd, SOL_SOCKET, SO_SNDBUF, &buffer_size, sizeof buffer_size);
  serve (&session, control_fd);
}
