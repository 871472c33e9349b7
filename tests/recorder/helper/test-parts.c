/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the helper that judge and bound: callers, questions, mappings, packets, ids. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "sal-helper-callers.h"
#include "sal-helper-maps.h"
#include "sal-helper-packet.h"
#include "sal-helper-process.h"
#include "sal-helper-question.h"

static void
test_callers_sessions (void)
{
  g_autoptr (SalHelperCallers) callers = sal_helper_callers_new ();
  gint64 now = 0;

  for (guint i = 0; i < SAL_HELPER_CALLERS_SESSIONS_EACH; i++)
    g_assert_true (sal_helper_callers_admit (callers, 1000, now += G_USEC_PER_SEC));
  g_assert_false (sal_helper_callers_admit (callers, 1000, now += G_USEC_PER_SEC));
  g_assert_true (sal_helper_callers_admit (callers, 1001, now));
  sal_helper_callers_leave (callers, 1000);
  g_assert_true (sal_helper_callers_admit (callers, 1000, now += G_USEC_PER_SEC));
  g_assert_cmpuint (sal_helper_callers_get_n_sessions (callers),
                    ==,
                    SAL_HELPER_CALLERS_SESSIONS_EACH + 1);
}

static void
test_callers_all (void)
{
  g_autoptr (SalHelperCallers) callers = sal_helper_callers_new ();

  for (guint i = 0; i < SAL_HELPER_CALLERS_SESSIONS_ALL; i++)
    g_assert_true (sal_helper_callers_admit (callers, 1000 + i, 0));
  g_assert_false (sal_helper_callers_admit (callers, 1, 0));
  sal_helper_callers_leave (callers, 1000);
  g_assert_true (sal_helper_callers_admit (callers, 1, 0));
}

static void
test_callers_rate (void)
{
  g_autoptr (SalHelperCallers) callers = sal_helper_callers_new ();
  guint n_admitted = 0;

  for (guint i = 0; i < 10 * SAL_HELPER_CALLERS_BURST; i++)
    {
      if (!sal_helper_callers_admit (callers, 0, 0))
        continue;
      n_admitted++;
      sal_helper_callers_leave (callers, 0);
    }
  g_assert_cmpuint (n_admitted, ==, SAL_HELPER_CALLERS_BURST);
  /* A clock that goes back gives nothing; a second gives what it should. */
  g_assert_false (sal_helper_callers_admit (callers, 0, -G_USEC_PER_SEC));
  for (guint i = 0; i < SAL_HELPER_CALLERS_PER_SECOND; i++)
    {
      g_assert_true (sal_helper_callers_admit (callers, 0, 0));
      sal_helper_callers_leave (callers, 0);
    }
  g_assert_false (sal_helper_callers_admit (callers, 0, 0));
}

static void
assert_command (const char *bytes, gsize length, const char *wanted)
{
  /* Exactly as long as it is, so that a byte too many is seen. */
  g_autofree char *copy = g_memdup2 (bytes, length);
  g_autofree char *text = sal_helper_question_dup_command (copy, length);

  g_assert_cmpstr (text, ==, wanted);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

#define LITERAL(text) text, sizeof (text) - 1

static void
test_command (void)
{
  g_autofree char *hundred = g_strnfill (100, 'x');
  g_autofree char *eighty = g_strconcat (hundred + 20, "…", NULL);

  assert_command (LITERAL ("python3\0server.py\0"), "python3 server.py");
  assert_command (LITERAL ("python3\0größe.py\0"), "python3 größe.py");
  assert_command (LITERAL (""), "?");
  assert_command (LITERAL ("\0\0\0"), "?");
  assert_command (LITERAL ("a\nb\tc\033[2Jd\177"), "a?b?c?[2Jd?");
  assert_command (LITERAL ("$(user)"), "?(user)");
  assert_command (LITERAL ("a\xe2\x80\xae"
                           "b\xe2\x80\xa8"
                           "c\xe2\x80\x8f"),
                  "a?b?c?");
  assert_command (LITERAL ("\xff\xfe\xc3"), "???");
  assert_command (LITERAL ("a\xe2\x80"), "a??");
  assert_command (LITERAL ("\xc3\0x"), "? x");
  assert_command (hundred, 100, eighty);
}

static void
test_own (void)
{
  SalHelperIdentity identity = {
    .uids = { 1000, 1000, 1000, 1000 },
    .gids = { 100, 100, 100, 100 },
    .owner_uid = 1000,
  };
  SalHelperIdentity changed;

  g_assert_true (sal_helper_identity_is_own (&identity, 1000));
  g_assert_false (sal_helper_identity_is_own (&identity, 1001));
  g_assert_false (sal_helper_identity_is_own (&identity, 0));
  g_assert_cmpstr (sal_helper_question_get_action (&identity, 1000), ==, SAL_HELPER_ACTION_OWN);
  g_assert_cmpstr (sal_helper_question_get_action (&identity, 0), ==, SAL_HELPER_ACTION_ANY);
  for (guint i = 0; i < 4; i++)
    {
      changed = identity;
      changed.uids[i] = 0;
      g_assert_false (sal_helper_identity_is_own (&changed, 1000));
      changed = identity;
      changed.gids[i] = 42;
      g_assert_false (sal_helper_identity_is_own (&changed, 1000));
    }
  changed = identity;
  changed.owner_uid = 0;
  g_assert_false (sal_helper_identity_is_own (&changed, 1000));
  changed = identity;
  changed.capabilities = 1;
  g_assert_false (sal_helper_identity_is_own (&changed, 1000));
}

static int
make_text (const char *text)
{
  int fd = memfd_create ("maps", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, text, strlen (text)), ==, (gssize)strlen (text));
  return fd;
}

static bool
is_at (const SalHelperMapping *mapping, const void *data)
{
  return mapping->start == *(const guint64 *)data;
}

static bool
find (const char *text, guint64 start, SalHelperMapping *found)
{
  int fd = make_text (text);
  bool is_found = sal_helper_maps_find (fd, is_at, &start, found);

  close (fd);
  return is_found;
}

static void
test_maps (void)
{
  SalHelperMapping found;
  g_autofree char *long_path = g_strnfill (20000, 'p');
  g_autofree char *too_long_path = g_strnfill (40000, 'p');
  g_autofree char *good =
      g_strdup_printf ("1000-2000 r--p 00000000 fe:01 77 %25s/%s\n"
                       "7f0000000000-7f0000001000 r-xp 00001000 00:1b 78   /usr/bin/python3 (x)\n"
                       "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0    [vsyscall]\n",
                       "",
                       long_path);
  g_autofree char *bad = g_strdup_printf ("1000-2000 r--p 0 fe:01 77 /%s\n", too_long_path);

  g_assert_true (find (good, 0x1000, &found));
  g_assert_cmphex (found.end, ==, 0x2000);
  g_assert_false (found.is_executable);
  g_assert_true (find (good, 0x7f0000000000, &found));
  g_assert_cmphex (found.device, ==, 0x1b);
  g_assert_cmpuint (found.inode, ==, 78);
  g_assert_true (found.is_executable);
  g_assert_true (find (good, 0xffffffffff600000, &found));
  g_assert_false (find (good, 0x2000, &found));
  g_assert_false (find (bad, 0x1000, &found));
  g_assert_false (find ("", 0, &found));
  g_assert_false (find ("1000-2000 r--p 0 fe:01 77 /cut", 0x1000, &found));
  g_assert_false (find ("1000 2000\n", 0x1000, &found));
  g_assert_false (find ("1000-2000 r\n", 0x1000, &found));
  g_assert_false (find ("\n", 0, &found));
}

static void
test_packets (void)
{
  int sockets[2];
  int spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int fds[SAL_HELPER_PACKET_MAX_FDS] = { spare, spare };
  char text[4];
  struct iovec pieces[] = { { (char[]){ "ab" }, 2 }, { (char[]){ "cd" }, 2 } };

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), ==, 0);
  g_assert_true (sal_helper_packet_send (sockets[0], pieces, 2, fds, 2));
  g_assert_cmpint (sal_helper_packet_receive (sockets[1], text, 4, fds, 2), ==, 1);
  g_assert_cmpmem (text, 4, "abcd", 4);
  g_assert_cmpint (fcntl (fds[0], F_GETFD), ==, FD_CLOEXEC);
  close (fds[0]);
  close (fds[1]);

  /* Too many descriptors, too few, too long, too short: thrown away, and nothing stays open. */
  for (gsize n_fds = 0; n_fds < 4; n_fds++)
    for (gsize length = 3; length < 6; length++)
      {
        int sent[] = { spare, spare, spare, spare };
        char bytes[8] = { 0 };
        struct iovec piece = { bytes, length };
        int next = dup (spare);
        int after;

        close (next);
        g_assert_true (sal_helper_packet_send (sockets[0], &piece, 1, sent, n_fds));
        if (n_fds == 2 && length == 4)
          {
            g_assert_cmpint (sal_helper_packet_receive (sockets[1], text, 4, fds, 2), ==, 1);
            close (fds[0]);
            close (fds[1]);
          }
        else
          g_assert_cmpint (sal_helper_packet_receive (sockets[1], text, 4, fds, 2), ==, 0);
        after = dup (spare);
        g_assert_cmpint (after, ==, next);
        close (after);
      }
  close (sockets[0]);
  g_assert_cmpint (sal_helper_packet_receive (sockets[1], text, 4, fds, 2), ==, -1);
  close (sockets[1]);
  close (spare);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/callers/sessions-of-a-user-are-limited", test_callers_sessions);
  g_test_add_func ("/helper/callers/sessions-of-all-are-limited", test_callers_all);
  g_test_add_func ("/helper/callers/calls-are-limited", test_callers_rate);
  g_test_add_func ("/helper/question/command-is-made-harmless", test_command);
  g_test_add_func ("/helper/identity/only-the-plain-one-is-own", test_own);
  g_test_add_func ("/helper/maps/lines-are-bounded-and-checked", test_maps);
  g_test_add_func ("/helper/packet/others-are-thrown-away", test_packets);
  return g_test_run ();
}
