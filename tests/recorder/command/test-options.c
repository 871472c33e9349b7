/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the command line. */
#include "sal-command-options.h"

#include <string.h>
#include <sys/wait.h>

#include <glib.h>

#include "sal-command-fault.h"

#include "recording.h"

static SalCommandOptionsResult
parse (SalCommandOptions *options, const char *const *words)
{
  return sal_command_options_parse ((int)g_strv_length ((char **)words), (char **)words, options);
}

static void
test_a_command_ends_the_options (void)
{
  const char *const *words = WORDS ("r", "--output", "f", "--", "python3", "--rate", "7");
  SalCommandOptions options;

  g_assert_cmpint (parse (&options, words), ==, SAL_COMMAND_OPTIONS_RUN);
  g_assert_cmpstr (options.output, ==, "f");
  g_assert_cmpstr (options.command[0], ==, "python3");
  g_assert_cmpstr (options.command[1], ==, "--rate");
  g_assert_cmpfloat (options.rate_hz, ==, 1000.0);
  g_assert_cmpint (options.output_fd, ==, -1);
  g_assert_cmpint (options.control_fd, ==, -1);
}

static void
test_every_option (void)
{
  const char *const *start = WORDS ("r",
                                    "--rate=250.5",
                                    "--duration",
                                    "1.5",
                                    "--output-fd=7",
                                    "--control-fd",
                                    "8",
                                    "--directory",
                                    "/",
                                    "x");
  const char *const *attach = WORDS ("r", "--pid=12", "--output=f");
  SalCommandOptions options;

  g_assert_cmpint (parse (&options, start), ==, SAL_COMMAND_OPTIONS_RUN);
  g_assert_cmpfloat (options.rate_hz, ==, 250.5);
  g_assert_cmpfloat (options.duration_s, ==, 1.5);
  g_assert_cmpint (options.output_fd, ==, 7);
  g_assert_cmpint (options.control_fd, ==, 8);
  g_assert_cmpstr (options.directory, ==, "/");
  g_assert_cmpint (parse (&options, attach), ==, SAL_COMMAND_OPTIONS_RUN);
  g_assert_cmpint (options.pid, ==, 12);
  g_assert_null (options.command);
}

static void
test_rates (void)
{
  double rate;

  g_assert_true (sal_command_options_parse_rate ("max", &rate));
  g_assert_cmpfloat (rate, ==, 0);
  g_assert_true (sal_command_options_parse_rate ("0.5", &rate));
  g_assert_false (sal_command_options_parse_rate ("0", &rate));
  g_assert_false (sal_command_options_parse_rate ("-1", &rate));
  g_assert_false (sal_command_options_parse_rate ("nan", &rate));
  g_assert_false (sal_command_options_parse_rate ("1e9", &rate));
  g_assert_false (sal_command_options_parse_rate ("12x", &rate));
  g_assert_false (sal_command_options_parse_rate ("", &rate));
}

static void
test_durations (void)
{
  double duration;

  g_assert_true (sal_command_options_parse_duration ("0.25", &duration));
  g_assert_cmpfloat (duration, ==, 0.25);
  g_assert_false (sal_command_options_parse_duration ("0", &duration));
  g_assert_false (sal_command_options_parse_duration ("inf", &duration));
  g_assert_false (sal_command_options_parse_duration ("1 s", &duration));
}

/* Each of these command lines is refused with one sentence and status 125. */
static void
test_mistakes_are_refused (void)
{
  static const struct
  {
    const char *line;
    const char *sentence;
  } mistakes[] = {
    { "x", "give one of --output and --output-fd" },
    { "--output=a --output-fd=1 x", "give one of --output and --output-fd" },
    { "--output=a", "give a command to start or --pid" },
    { "--output=a --pid=1 x", "give a command to start or --pid" },
    { "--output=a --pid=0", "no process number: 0" },
    { "--output=a --pid=1 --directory=/", "--directory is for a command to start" },
    { "--output=a --rate=0 x", "the rate is a number" },
    { "--output=a --duration=-1 x", "the duration is a number of seconds" },
    { "--output= x", "the output needs a name" },
    { "--frobnicate x", "no such option: --frobnicate" },
    { "--output", "this option needs a value: --output" },
    { "--output-fd=77 x", "a descriptor that was named is not open" },
    { "--output=a --control-fd=2 x", "a descriptor that was named is not open" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autofree char *line = g_strconcat (g_getenv ("SAL_RECORDER"), " ", mistakes[i].line, NULL);
      g_autofree char *out = NULL;
      g_autofree char *err = NULL;
      g_autoptr (GError) error = NULL;
      int status;

      g_spawn_command_line_sync (line, &out, &err, &status, &error);
      g_assert_no_error (error);
      g_assert_cmpint (WEXITSTATUS (status), ==, SAL_COMMAND_EXIT_FAILED);
      g_assert_cmpstr (out, ==, "");
      if (strstr (err, mistakes[i].sentence) == NULL)
        g_error ("%s: %s", line, err);
    }
}

static void
test_help_and_version (void)
{
  g_autofree char *help = g_strdup_printf ("%s --help", g_getenv ("SAL_RECORDER"));
  g_autofree char *version = g_strdup_printf ("%s --version", g_getenv ("SAL_RECORDER"));
  g_autofree char *out = NULL;
  int status;

  g_assert_true (g_spawn_command_line_sync (help, &out, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_nonnull (strstr (out, "Exit status:"));
  g_clear_pointer (&out, g_free);
  g_assert_true (g_spawn_command_line_sync (version, &out, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_true (g_str_has_prefix (out, "salamander-recorder "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command/options/a-command-ends-the-options", test_a_command_ends_the_options);
  g_test_add_func ("/command/options/every-option", test_every_option);
  g_test_add_func ("/command/options/rates", test_rates);
  g_test_add_func ("/command/options/durations", test_durations);
  g_test_add_func ("/command/options/mistakes-are-refused", test_mistakes_are_refused);
  g_test_add_func ("/command/options/help-and-version", test_help_and_version);
  return g_test_run ();
}
