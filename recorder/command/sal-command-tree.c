/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows a process and its descendants as they come and go. */
#include "sal-command-tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL
/* New numbers that are looked at one by one; when more have come, all processes are. */
#define MOST_NEW 1024
/* A number is given out a while before its process can be seen: it is looked for this often. */
#define TRIES 25
#define MOST_PENDING 1024
/* Numbers of ended processes that are remembered as leaders of sessions. */
#define MOST_ENDED 1024
/* Where the last number cannot be had, looking at all processes may take a twentieth of the time;
 * where it can, a two hundredth, for those that got a number of somebody's choice or whose number
 * was given up too soon. */
#define SHORTEST_SCAN_NS (10 * 1000 * 1000)
#define SCAN_PART 20
#define SCAN_PART_BESIDE 200

typedef struct
{
  pid_t pid;
  int pid_fd;
} Member;

typedef struct
{
  pid_t pid;
  int n_tries;
} Pending;

/* What /proc/PID/stat says. */
typedef struct
{
  pid_t pid;
  pid_t parent;
  pid_t session;
  bool is_dead; /* and only not waited for yet */
} Kin;

struct _SalCommandTree
{
  SalCommandTreeEvents events;
  pid_t root;
  int root_fd;
  bool adopts;
  int epoll_fd;

  Member *members; /* those that live */
  size_t n_members;
  size_t capacity;
  pid_t ended[MOST_ENDED]; /* a ring, 0 = free */
  size_t n_ended;

  int loadavg_fd; /* −1: the last number cannot be had */
  pid_t last_pid;
  pid_t max_pid;
  Pending pending[MOST_PENDING];
  size_t n_pending;
  bool is_behind; /* all processes are to be looked at */
  int64_t scan_due_ns;
};

typedef enum
{
  SEEN_MEMBER,
  SEEN_OTHER,
  SEEN_NOTHING, /* not there (yet) */
} Seen;

static int64_t
get_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Reads a small file; false when it is not there. */
static bool
read_text (const char *path, char *text, size_t size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read (fd, text, size - 1);

  if (fd >= 0)
    close (fd);
  text[n > 0 ? n : 0] = '\0';
  return n > 0;
}

/* The last number that was given out, 0 = not known. */
static pid_t
read_last_pid (const SalCommandTree *tree)
{
  char text[128];
  ssize_t n = tree->loadavg_fd < 0 ? -1 : pread (tree->loadavg_fd, text, sizeof text - 1, 0);
  const char *at;

  if (n <= 0)
    return 0;
  text[n] = '\0';
  at = strrchr (text, ' ');
  return at != NULL ? (pid_t)strtol (at, NULL, 10) : 0;
}

static void *
tell_tid (void *data)
{
  *(pid_t *)data = gettid ();
  return NULL;
}

/* How many numbers lie between @from and @to, going round. */
static pid_t
get_distance (const SalCommandTree *tree, pid_t from, pid_t to)
{
  return to >= from ? to - from : tree->max_pid - from + to;
}

/* In some containers /proc/loadavg is made up. A thread of ours must move the number as it
 * should. */
static bool
can_trust_last_pid (const SalCommandTree *tree)
{
  pid_t before = read_last_pid (tree);
  pid_t after;
  pid_t tid = 0;
  pthread_t thread;

  if (before == 0 || pthread_create (&thread, NULL, tell_tid, &tid) != 0)
    return false;
  pthread_join (thread, NULL);
  after = read_last_pid (tree);
  return after != before && tid != before &&
         get_distance (tree, before, tid) <= get_distance (tree, before, after);
}

static bool
read_kin (pid_t pid, Kin *kin)
{
  char path[32];
  char text[512];
  int parent = 0;
  int session = 0;
  char state = '\0';
  const char *at;

  snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
  if (!read_text (path, text, sizeof text))
    return false;
  /* The name in parentheses may hold anything. */
  at = strrchr (text, ')');
  if (at == NULL || sscanf (at + 1, " %c %d %*d %d", &state, &parent, &session) != 3)
    return false;
  *kin = (Kin){ pid, parent, session, state == 'Z' || state == 'X' };
  return true;
}

static Member *
find (const SalCommandTree *tree, pid_t pid)
{
  for (size_t i = 0; i < tree->n_members; i++)
    if (tree->members[i].pid == pid)
      return &tree->members[i];
  return NULL;
}

static bool
has_ended (const SalCommandTree *tree, pid_t pid)
{
  for (size_t i = 0; i < MOST_ENDED && pid > 0; i++)
    if (tree->ended[i] == pid)
      return true;
  return false;
}

/* Whose child @kin is in the tree; 0 = nobody's, it is not of the tree. */
static pid_t
find_parent (const SalCommandTree *tree, const Kin *kin)
{
  if (find (tree, kin->parent) != NULL)
    return kin->parent;
  if (kin->session != kin->pid && find (tree, kin->session) != NULL)
    return kin->session;
  if ((tree->adopts && kin->parent == getpid ()) || has_ended (tree, kin->session))
    return tree->root;
  return 0;
}

static int
add_member (SalCommandTree *tree, pid_t pid, int pid_fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.fd = (int)pid };

  if (tree->n_members == tree->capacity)
    {
      size_t capacity = tree->capacity == 0 ? 16 : tree->capacity * 2;
      Member *members = realloc (tree->members, capacity * sizeof *members);

      if (members == NULL)
        return ENOMEM;
      tree->members = members;
      tree->capacity = capacity;
    }
  if (epoll_ctl (tree->epoll_fd, EPOLL_CTL_ADD, pid_fd, &event) != 0)
    return errno;
  tree->members[tree->n_members++] = (Member){ pid, pid_fd };
  return 0;
}

static bool
is_pending (const SalCommandTree *tree, pid_t pid)
{
  for (size_t i = 0; i < tree->n_pending; i++)
    if (tree->pending[i].pid == pid)
      return true;
  return false;
}

/* A number that is somebody else's now says nothing about sessions any longer. */
static void
forget_ended (SalCommandTree *tree, pid_t pid)
{
  for (size_t i = 0; i < MOST_ENDED; i++)
    if (tree->ended[i] == pid)
      tree->ended[i] = 0;
}

/* Looks at process @pid and takes it in when it belongs here. */
static Seen
look_at (SalCommandTree *tree, pid_t pid)
{
  int pid_fd;
  pid_t parent;
  Kin kin;

  if (pid == getpid () || find (tree, pid) != NULL)
    return SEEN_OTHER;
  pid_fd = pidfd_open (pid, 0);
  if (pid_fd < 0)
    /* Threads have numbers too. */
    return errno == ESRCH ? SEEN_NOTHING : SEEN_OTHER;
  if (!read_kin (pid, &kin))
    {
      close (pid_fd);
      return SEEN_NOTHING;
    }
  /* Its end was told; its parent has only not taken note of it yet. */
  if (kin.is_dead && has_ended (tree, pid))
    {
      close (pid_fd);
      return SEEN_OTHER;
    }
  parent = find_parent (tree, &kin);
  if (parent == 0 || add_member (tree, pid, pid_fd) != 0)
    {
      close (pid_fd);
      forget_ended (tree, pid);
      return is_pending (tree, kin.parent) ? SEEN_NOTHING : SEEN_OTHER;
    }
  tree->events.born (tree->events.data, pid, parent);
  return SEEN_MEMBER;
}

/* Looks at every process until no more belong to the tree. */
static void
scan (SalCommandTree *tree)
{
  int64_t start_ns = get_now ();
  int64_t part;
  size_t n_before;
  DIR *folder = opendir ("/proc");

  tree->is_behind = false;
  if (folder == NULL)
    return;
  do
    {
      const struct dirent *entry;

      n_before = tree->n_members;
      rewinddir (folder);
      while ((entry = readdir (folder)) != NULL)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
          (void)look_at (tree, (pid_t)strtol (entry->d_name, NULL, 10));
    }
  while (tree->n_members > n_before);
  closedir (folder);
  part = tree->loadavg_fd < 0 ? SCAN_PART : SCAN_PART_BESIDE;
  tree->scan_due_ns = get_now () + part * (get_now () - start_ns) + SHORTEST_SCAN_NS;
}

static void
look_at_pending (SalCommandTree *tree)
{
  size_t n_left = 0;

  for (size_t i = 0; i < tree->n_pending; i++)
    {
      Pending pending = tree->pending[i];
      Seen seen = look_at (tree, pending.pid);

      /* Its children may have been taken for somebody else's meanwhile. */
      tree->is_behind = tree->is_behind || seen == SEEN_MEMBER;
      if (seen == SEEN_NOTHING && ++pending.n_tries < TRIES)
        tree->pending[n_left++] = pending;
    }
  tree->n_pending = n_left;
}

void
sal_command_tree_search (SalCommandTree *tree)
{
  pid_t last = read_last_pid (tree);
  pid_t n_new = get_distance (tree, tree->last_pid, last);

  tree->is_behind = tree->is_behind || n_new > MOST_NEW || get_now () >= tree->scan_due_ns;
  if (tree->loadavg_fd >= 0)
    {
      look_at_pending (tree);
      for (pid_t i = 0; i < n_new && n_new <= MOST_NEW; i++)
        {
          pid_t pid = tree->last_pid < tree->max_pid ? tree->last_pid + 1 : 1;

          tree->last_pid = pid;
          if (look_at (tree, pid) == SEEN_NOTHING && tree->n_pending < MOST_PENDING)
            tree->pending[tree->n_pending++] = (Pending){ .pid = pid };
        }
      tree->last_pid = last;
    }
  if (tree->is_behind)
    scan (tree);
}

/* What became of a process, as waitpid(2) gives it; −1 when it is not our child. */
static int
read_status (const SalCommandTree *tree, const Member *member)
{
  siginfo_t info = { 0 };
  int keep = member->pid == tree->root ? WNOWAIT : 0;

  if (waitid (P_PIDFD, (id_t)member->pid_fd, &info, WEXITED | WNOHANG | keep) != 0 ||
      info.si_pid == 0)
    return -1;
  if (info.si_code == CLD_EXITED)
    return W_EXITCODE (info.si_status, 0);
  return info.si_code == CLD_DUMPED ? (info.si_status | WCOREFLAG) : info.si_status;
}

static void
end_member (SalCommandTree *tree, Member *member)
{
  pid_t pid = member->pid;
  int status = read_status (tree, member);

  epoll_ctl (tree->epoll_fd, EPOLL_CTL_DEL, member->pid_fd, NULL);
  if (pid != tree->root)
    close (member->pid_fd);
  *member = tree->members[--tree->n_members];
  tree->ended[tree->n_ended++ % MOST_ENDED] = pid;
  tree->events.ended (tree->events.data, pid, status);
}

void
sal_command_tree_collect (SalCommandTree *tree)
{
  struct epoll_event events[32];
  int n;

  do
    {
      n = epoll_wait (tree->epoll_fd, events, sizeof events / sizeof events[0], 0);
      for (int i = 0; i < n; i++)
        {
          Member *member = find (tree, events[i].data.fd);

          if (member != NULL)
            end_member (tree, member);
        }
    }
  while (n == sizeof events / sizeof events[0]);
}

static pid_t
read_max_pid (void)
{
  char text[32];

  if (!read_text ("/proc/sys/kernel/pid_max", text, sizeof text))
    return 1 << 22;
  return (pid_t)strtol (text, NULL, 10);
}

int
sal_command_tree_new (pid_t root,
                      bool adopts,
                      const SalCommandTreeEvents *events,
                      SalCommandTree **out)
{
  SalCommandTree *tree = calloc (1, sizeof *tree);
  int error = ENOMEM;

  *out = NULL;
  if (tree == NULL)
    return error;
  tree->events = *events;
  tree->root = root;
  tree->adopts = adopts;
  tree->max_pid = read_max_pid ();
  tree->is_behind = true;
  tree->loadavg_fd = open ("/proc/loadavg", O_RDONLY | O_CLOEXEC);
  tree->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  tree->root_fd = pidfd_open (root, 0);
  error = errno;
  if (tree->root_fd >= 0)
    error = tree->epoll_fd < 0 ? EMFILE : add_member (tree, root, tree->root_fd);
  if (error != 0)
    {
      sal_command_tree_free (tree);
      return error;
    }
  if (!can_trust_last_pid (tree) && tree->loadavg_fd >= 0)
    {
      close (tree->loadavg_fd);
      tree->loadavg_fd = -1;
    }
  /* A child that is already on its way may be seen later than one that begins now. */
  tree->last_pid = root;
  *out = tree;
  return 0;
}

int
sal_command_tree_get_fd (const SalCommandTree *tree)
{
  return tree->epoll_fd;
}

int
sal_command_tree_get_root_fd (const SalCommandTree *tree)
{
  return tree->root_fd;
}

size_t
sal_command_tree_get_n (const SalCommandTree *tree)
{
  return tree->n_members;
}

void
sal_command_tree_free (SalCommandTree *tree)
{
  if (tree == NULL)
    return;
  for (size_t i = 0; i < tree->n_members; i++)
    if (tree->members[i].pid != tree->root)
      close (tree->members[i].pid_fd);
  if (tree->root_fd >= 0)
    close (tree->root_fd);
  if (tree->epoll_fd >= 0)
    close (tree->epoll_fd);
  if (tree->loadavg_fd >= 0)
    close (tree->loadavg_fd);
  free (tree->members);
  free (tree);
}
