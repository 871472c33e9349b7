/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may look into whom: the rules on made-up processes, then the kernel itself. */
#include "sal-access.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PTRACE (G_GUINT64_CONSTANT (1) << 19)
#define NOT_POSSIBLE 92
#define SOMEBODY 61234
#define SOMEBODY_ELSE 61235

static SalAccessViewer
make_viewer (void)
{
  return (SalAccessViewer){ .uid = 1000, .gid = 1000, .can_read = TRUE, .is_outermost = TRUE };
}

static SalAccessTarget
make_target (gint64 uid, gboolean is_readable)
{
  return (SalAccessTarget){ .uids = { uid, uid, uid },
                            .gids = { uid, uid, uid },
                            .is_readable = is_readable,
                            .is_dumpable = TRUE,
                            .in_our_namespace = TRUE };
}

static void
test_yama (void)
{
  static const SalAccess of_scope[] = {
    SAL_ACCESS_DIRECT,
    SAL_ACCESS_NOT_PARENT,
    SAL_ACCESS_ADMIN_ONLY,
    SAL_ACCESS_NOBODY,
  };
  SalAccessViewer viewer = make_viewer ();
  SalAccessTarget target = make_target (1000, TRUE);

  for (viewer.yama = 0; viewer.yama < 4; viewer.yama++)
    {
      target.is_descendant = FALSE;
      viewer.effective = 0;
      g_assert_cmpint (sal_access_judge (&viewer, &target), ==, of_scope[viewer.yama]);
      target.is_descendant = TRUE;
      g_assert_cmpint (sal_access_judge (&viewer, &target),
                       ==,
                       viewer.yama == 1 ? SAL_ACCESS_DIRECT : of_scope[viewer.yama]);
      viewer.effective = PTRACE;
      g_assert_cmpint (sal_access_judge (&viewer, &target),
                       ==,
                       viewer.yama == 3 ? SAL_ACCESS_NOBODY : SAL_ACCESS_DIRECT);
    }
}

static void
test_users (void)
{
  SalAccessViewer viewer = make_viewer ();
  SalAccessTarget target = make_target (1001, FALSE);

  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_OTHER_USER);
  /* Which is the reason, whatever Yama says besides. */
  viewer.yama = 1;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_OTHER_USER);
  viewer.yama = 0;
  target.uids[0] = 1000;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_PRIVILEGED);
  viewer.uid = 0;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_NO_CAPABILITY);
  viewer.is_contained = TRUE;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_CONTAINER);
  viewer.effective = PTRACE;
  target.is_readable = TRUE;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_DIRECT);
}

static void
test_rules_of_the_same_user (void)
{
  SalAccessViewer viewer = make_viewer ();
  SalAccessTarget target = make_target (1000, FALSE);

  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_REFUSED);
  target.is_dumpable = FALSE;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_NOT_DUMPABLE);
  target.permitted = 1;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_PRIVILEGED);
  target.in_our_namespace = FALSE;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_USER_NAMESPACE);
  viewer.can_read = FALSE;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_SECCOMP);
}

static void
test_capability_counts_in_its_namespace (void)
{
  SalAccessViewer viewer = make_viewer ();
  SalAccessTarget target = make_target (1000, FALSE);

  viewer.effective = PTRACE;
  viewer.is_outermost = FALSE;
  target.in_our_namespace = FALSE;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_USER_NAMESPACE);
  /* Readable: the kernel has said that the other namespace is in our power. */
  target.is_readable = TRUE;
  g_assert_cmpint (sal_access_judge (&viewer, &target), ==, SAL_ACCESS_DIRECT);
}

static void
test_routes (void)
{
  for (int access = SAL_ACCESS_DIRECT; access <= SAL_ACCESS_REFUSED; access++)
    {
      SalRoute with = sal_access_get_route ((SalAccess)access, TRUE);
      SalRoute without = sal_access_get_route ((SalAccess)access, FALSE);

      g_assert_cmpint (without, !=, SAL_ROUTE_PASSWORD);
      g_assert_cmpint (access == SAL_ACCESS_DIRECT, ==, with == SAL_ROUTE_DIRECT);
    }
  g_assert_cmpint (sal_access_get_route (SAL_ACCESS_OTHER_USER, TRUE), ==, SAL_ROUTE_PASSWORD);
  g_assert_cmpint (sal_access_get_route (SAL_ACCESS_NOBODY, TRUE), ==, SAL_ROUTE_NONE);
  g_assert_cmpint (sal_access_get_route (SAL_ACCESS_VERSION, TRUE), ==, SAL_ROUTE_NONE);
}

/* Each reason has words and a sentence of its own. */
static void
test_each_reason_has_a_sentence (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int access = SAL_ACCESS_DIRECT; access <= SAL_ACCESS_REFUSED; access++)
    {
      char *sentence = sal_access_describe ((SalAccess)access, "process 4711", "detail");

      g_assert_true (g_str_has_suffix (sentence, "."));
      g_assert_nonnull (strstr (sentence, "process 4711"));
      g_assert_true (g_hash_table_add (seen, sentence));
      g_assert_true (g_hash_table_add (seen, g_strdup (sal_access_get_label (access))));
      g_assert_true (g_hash_table_add (seen, g_strdup (sal_access_get_name (access))));
    }
}

static void
become (int uid)
{
  if (setgroups (0, NULL) != 0 || setresgid ((gid_t)uid, (gid_t)uid, (gid_t)uid) != 0 ||
      setresuid ((uid_t)uid, (uid_t)uid, (uid_t)uid) != 0)
    _exit (90);
  /* Changing the user takes it away. */
  prctl (PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* A process of the user @uid that waits to be killed; it is what it should be when this returns. */
static pid_t
start_target (int uid, gboolean is_dumpable)
{
  int ready[2];
  char byte;
  pid_t pid;

  g_assert_cmpint (pipe2 (ready, O_CLOEXEC), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, !=, -1);
  if (pid == 0)
    {
      become (uid);
      prctl (PR_SET_DUMPABLE, is_dumpable ? 1 : 0, 0, 0, 0);
      if (write (ready[1], "x", 1) != 1)
        _exit (91);
      for (;;)
        pause ();
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  return pid;
}

typedef void (*Prepare) (void);

static void
enter_user_namespace (void)
{
  if (unshare (CLONE_NEWUSER) != 0)
    _exit (NOT_POSSIBLE);
}

/* As the sandboxes of containers have it. */
static void
forbid_reading (void)
{
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_process_vm_readv, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
    _exit (NOT_POSSIBLE);
}

/* What a process of the user @uid finds about @target once it has done @prepare (nullable), and
 * whether the kernel then lets it read: the answer and 100 when it did; or NOT_POSSIBLE. */
static int
ask_as (int uid, pid_t target, Prepare prepare)
{
  static const char probe[] = "probe";
  int status = 0;
  pid_t pid = fork ();

  g_assert_cmpint (pid, !=, -1);
  if (pid == 0)
    {
      char copy[sizeof probe];
      struct iovec local = { copy, sizeof copy };
      struct iovec remote = { (void *)probe, sizeof probe };
      int access;

      become (uid);
      if (prepare != NULL)
        prepare ();
      access = (int)sal_access_find (target, FALSE, NULL);
      if (process_vm_readv (target, &local, 1, &remote, 1, 0) == sizeof copy)
        access += 100;
      _exit (access);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
end (pid_t pid)
{
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

static int
get_yama (void)
{
  g_autofree char *text = NULL;

  return g_file_get_contents ("/proc/sys/kernel/yama/ptrace_scope", &text, NULL, NULL)
             ? (int)g_ascii_strtoll (text, NULL, 10)
             : 0;
}

/* The prediction and the kernel agree, for each pair of users. */
static void
test_the_kernel_agrees (void)
{
  static const SalAccess of_scope[] = {
    SAL_ACCESS_DIRECT + 100,
    SAL_ACCESS_NOT_PARENT,
    SAL_ACCESS_ADMIN_ONLY,
    SAL_ACCESS_NOBODY,
  };
  int yama = get_yama ();
  pid_t own;
  pid_t hidden;
  pid_t root;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become other users");
      return;
    }
  if (!g_file_test ("/proc/sys/kernel/yama", G_FILE_TEST_EXISTS))
    g_test_message ("this kernel has no Yama: what it answers is tested with made-up values only");
  own = start_target (SOMEBODY, TRUE);
  hidden = start_target (SOMEBODY, FALSE);
  root = start_target (0, TRUE);

  g_assert_cmpint (ask_as (SOMEBODY, own, NULL), ==, (int)of_scope[CLAMP (yama, 0, 3)]);
  g_assert_cmpint (ask_as (SOMEBODY_ELSE, own, NULL), ==, SAL_ACCESS_OTHER_USER);
  g_assert_cmpint (ask_as (SOMEBODY, hidden, NULL), ==, SAL_ACCESS_NOT_DUMPABLE);
  g_assert_cmpint (ask_as (SOMEBODY, root, NULL), ==, SAL_ACCESS_OTHER_USER);
  end (own);
  end (hidden);
  end (root);
  g_assert_cmpint (ask_as (SOMEBODY, own, NULL), ==, SAL_ACCESS_GONE);
}

/* The answer of an unprivileged user to @prepare's surroundings about a process of its own. */
static void
check_surroundings (Prepare prepare, SalAccess expected)
{
  pid_t own;
  int answer;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become other users");
      return;
    }
  own = start_target (SOMEBODY, TRUE);
  answer = ask_as (SOMEBODY, own, prepare);
  end (own);
  if (answer == NOT_POSSIBLE)
    g_test_skip ("this system does not let users have that");
  else
    g_assert_cmpint (answer, ==, (int)expected);
}

static void
test_the_kernel_agrees_from_a_user_namespace (void)
{
  check_surroundings (enter_user_namespace,
                      get_yama () == 3 ? SAL_ACCESS_NOBODY : SAL_ACCESS_USER_NAMESPACE);
}

static void
test_the_kernel_agrees_behind_seccomp (void)
{
  check_surroundings (forbid_reading, SAL_ACCESS_SECCOMP);
}

static void
test_detail_is_the_user (void)
{
  g_autofree char *detail = NULL;
  SalAccess access = sal_access_find (getpid (), TRUE, &detail);

  g_assert_cmpint (access, ==, SAL_ACCESS_DIRECT);
  g_assert_cmpstr (detail, ==, "");
  g_clear_pointer (&detail, g_free);
  g_assert_cmpint (sal_access_find (G_MAXINT, FALSE, &detail), ==, SAL_ACCESS_GONE);
  g_assert_cmpstr (detail, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/access/yama", test_yama);
  g_test_add_func ("/session/access/users", test_users);
  g_test_add_func ("/session/access/rules-of-the-same-user", test_rules_of_the_same_user);
  g_test_add_func ("/session/access/capability-counts-in-its-namespace",
                   test_capability_counts_in_its_namespace);
  g_test_add_func ("/session/access/routes", test_routes);
  g_test_add_func ("/session/access/each-reason-has-a-sentence", test_each_reason_has_a_sentence);
  g_test_add_func ("/session/access/the-kernel-agrees", test_the_kernel_agrees);
  g_test_add_func ("/session/access/the-kernel-agrees-from-a-user-namespace",
                   test_the_kernel_agrees_from_a_user_namespace);
  g_test_add_func ("/session/access/the-kernel-agrees-behind-seccomp",
                   test_the_kernel_agrees_behind_seccomp);
  g_test_add_func ("/session/access/detail-is-the-user", test_detail_is_the_user);
  return g_test_run ();
}
