/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of command lines as text. */
#include "sal-command-text.h"

#include <stdlib.h>
#include <unistd.h>

#include <glib.h>

#include "recording.h"

/* What a shell makes of the line is what went in. */
static void
test_a_shell_reads_back_the_same (void)
{
  const char *const *words = WORDS ("python3", "-c", "print('a b')", "", "$HOME", "a\nb", "é");
  char *line = sal_command_text_quote ((char *const *)words);
  g_auto (GStrv) back = NULL;
  int n;

  g_assert_true (g_str_has_prefix (line, "python3 -c '"));
  g_assert_true (g_shell_parse_argv (line, &n, &back, NULL));
  g_assert_cmpstrv (back, words);
  free (line);
}

static void
test_plain_words_stay_plain (void)
{
  char *line = sal_command_text_quote ((char *const *)WORDS ("./a.py", "--rate=7", "x,y:z@h"));

  g_assert_cmpstr (line, ==, "./a.py --rate=7 x,y:z@h");
  free (line);
}

static void
test_the_line_of_a_process (void)
{
  g_auto (GStrv) words = NULL;
  char *line = sal_command_text_quote_process (getpid ());
  int n;

  g_assert_true (g_shell_parse_argv (line, &n, &words, NULL));
  g_assert_true (g_str_has_suffix (words[0], "test-command-text"));
  free (line);
  line = sal_command_text_quote_process (0);
  g_assert_cmpstr (line, ==, "");
  free (line);
}

static void
test_the_directory_of_a_process (void)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *real = realpath (here, NULL);
  char *directory = sal_command_text_dup_directory (getpid ());

  g_assert_cmpstr (directory, ==, real);
  free (directory);
  g_assert_null (sal_command_text_dup_directory (0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command/text/a-shell-reads-back-the-same", test_a_shell_reads_back_the_same);
  g_test_add_func ("/command/text/plain-words-stay-plain", test_plain_words_stay_plain);
  g_test_add_func ("/command/text/the-line-of-a-process", test_the_line_of_a_process);
  g_test_add_func ("/command/text/the-directory-of-a-process", test_the_directory_of_a_process);
  return g_test_run ();
}
