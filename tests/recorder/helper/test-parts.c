/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the helper that judge and bound: rules, mappings, packets. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "sal-helper-files.h"
#include "sal-helper-packet.h"
#include "sal-helper-rules.h"

static GHashTable *
make_callers (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, g_free);
}

static void
test_sessions (void)
{
  g_autoptr (GHashTable) callers = make_callers ();
  gint64 now = 0;

  for (guint i = 0; i < SAL_HELPER_RULES_SESSIONS_EACH; i++)
    g_assert_nonnull (sal_helper_rules_admit (callers, i, 1000, now += G_USEC_PER_SEC));
  g_assert_null (sal_helper_rules_admit (callers, 64, 1000, now += G_USEC_PER_SEC));
  sal_helper_rules_admit (callers, 64, 1001, now)->n_sessions--;
  ((SalHelperCaller *)g_hash_table_lookup (callers, GUINT_TO_POINTER (1000)))->n_sessions--;
  g_assert_nonnull (sal_helper_rules_admit (callers, 63, 1000, now += G_USEC_PER_SEC));
  g_assert_null (sal_helper_rules_admit (callers, SAL_HELPER_RULES_SESSIONS_ALL, 1, now));
  g_assert_nonnull (sal_helper_rules_admit (callers, SAL_HELPER_RULES_SESSIONS_ALL - 1, 1, now));
}

static void
test_rate (void)
{
  g_autoptr (GHashTable) callers = make_callers ();
  guint n_admitted = 0;

  for (guint i = 0; i < 10 * SAL_HELPER_RULES_BURST; i++)
    {
      SalHelperCaller *caller = sal_helper_rules_admit (callers, 0, 0, 0);

      if (caller == NULL)
        continue;
      n_admitted++;
      caller->n_sessions--;
    }
  g_assert_cmpuint (n_admitted, ==, SAL_HELPER_RULES_BURST);
  /* A clock that goes back gives nothing; a second gives what it should. */
  g_assert_null (sal_helper_rules_admit (callers, 0, 0, -G_USEC_PER_SEC));
  for (guint i = 0; i < SAL_HELPER_RULES_PER_SECOND; i++)
    sal_helper_rules_admit (callers, 0, 0, G_USEC_PER_SEC)->n_sessions--;
  g_assert_null (sal_helper_rules_admit (callers, 0, 0, G_USEC_PER_SEC));
  g_assert_nonnull (sal_helper_rules_admit (callers, 0, 1, G_USEC_PER_SEC));
}

static void
assert_command (const char *bytes, gsize length, const char *wanted)
{
  /* Exactly as long as it is, so that a byte too many is seen. */
  g_autofree char *copy = g_memdup2 (bytes, length);
  g_autofree char *text = sal_helper_rules_dup_command (copy, length);

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

static gboolean
is_own (const SalHelperIdentity *identity, guint32 uid)
{
  const char *action = sal_helper_rules_get_action (identity, uid);

  if (!g_str_equal (action, SAL_HELPER_RULES_OWN))
    g_assert_cmpstr (action, ==, SAL_HELPER_RULES_ANY);
  return g_str_equal (action, SAL_HELPER_RULES_OWN);
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

  g_assert_true (is_own (&identity, 1000));
  g_assert_false (is_own (&identity, 1001));
  g_assert_false (is_own (&identity, 0));
  for (guint i = 0; i < 4; i++)
    {
      changed = identity;
      changed.uids[i] = 0;
      g_assert_false (is_own (&changed, 1000));
      changed = identity;
      changed.gids[i] = 42;
      g_assert_false (is_own (&changed, 1000));
    }
  changed = identity;
  changed.owner_uid = 0;
  g_assert_false (is_own (&changed, 1000));
  changed = identity;
  changed.capabilities = 1;
  g_assert_false (is_own (&changed, 1000));
}

static int
make_text (const char *text)
{
  int fd = memfd_create ("maps", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, text, strlen (text)), ==, (gssize)strlen (text));
  return fd;
}

static guint64
find (const char *text, guint64 start)
{
  int fd = make_text (text);
  guint64 end = sal_helper_files_find_code (fd, start);

  close (fd);
  return end;
}

static void
test_maps (void)
{
  g_autofree char *long_path = g_strnfill (20000, 'p');
  g_autofree char *too_long_path = g_strnfill (40000, 'p');
  g_autofree char *good =
      g_strdup_printf ("1000-2000 r--p 00000000 fe:01 77 %25s/python%s\n"
                       "2000-3000 r-xp 00000000 fe:01 77 %25s/%s\n"
                       "7f0000000000-7f0000001000 r-xp 00001000 00:1b 78   /usr/bin/Python3 (x)\n"
                       "7f0000001000-7f0000002000 r-xp 00000000 00:00 0    [anon: python]\n"
                       "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0    [vsyscall]\n",
                       "",
                       long_path,
                       "",
                       long_path);
  g_autofree char *bad = g_strdup_printf ("1000-2000 r-xp 0 fe:01 77 /%s\n", too_long_path);

  g_assert_cmphex (find (good, 0x1000), ==, 0);
  g_assert_cmphex (find (good, 0x2000), ==, 0x3000);
  g_assert_cmphex (find (good, 0x7f0000000000), ==, 0x7f0000001000);
  g_assert_cmphex (find (good, 0x7f0000001000), ==, 0);
  g_assert_cmphex (find (good, 0xffffffffff600000), ==, 0);
  g_assert_cmphex (find (good, 0x3000), ==, 0);
  g_assert_cmphex (find (good, 0), ==, 0x7f0000001000);
  g_assert_cmphex (find (bad, 0x1000), ==, 0);
  g_assert_cmphex (find ("", 0), ==, 0);
  g_assert_cmphex (find ("1000-2000 r-xp 0 fe:01 77 /cut", 0x1000), ==, 0);
  g_assert_cmphex (find ("1000 2000\n", 0x1000), ==, 0);
  g_assert_cmphex (find ("1000-2000 r\n", 0x1000), ==, 0);
  g_assert_cmphex (find ("\n", 0), ==, 0);
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
  g_assert_cmpint (sal_helper_packet_receive (sockets[1], text, 4, 4, fds, 2), ==, 4);
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
            g_assert_cmpint (sal_helper_packet_receive (sockets[1], text, 4, 4, fds, 2), ==, 4);
            close (fds[0]);
            close (fds[1]);
          }
        else
          g_assert_cmpint (sal_helper_packet_receive (sockets[1], text, 4, 4, fds, 2), ==, 0);
        after = dup (spare);
        g_assert_cmpint (after, ==, next);
        close (after);
      }
  close (sockets[0]);
  g_assert_cmpint (sal_helper_packet_receive (sockets[1], text, 4, 4, fds, 2), ==, -1);
  close (sockets[1]);
  close (spare);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/rules/sessions-are-limited", test_sessions);
  g_test_add_func ("/helper/rules/calls-are-limited", test_rate);
  g_test_add_func ("/helper/rules/command-is-made-harmless", test_command);
  g_test_add_func ("/helper/rules/only-the-plain-one-is-own", test_own);
  g_test_add_func ("/helper/files/lines-are-bounded-and-checked", test_maps);
  g_test_add_func ("/helper/packet/others-are-thrown-away", test_packets);
  return g_test_run ();
}
