/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that native functions are called what their source calls them. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "binary.h"
#include "extension.h"
#include "recording.h"

static Recording *
record (const char *const *command)
{
  g_autoptr (Recorder) recorder = recorder_run (WORDS ("--native", "--rate", "200"), command);
  Recording *recording;

  g_assert_cmpint (recorder->exit_status, ==, 0);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  return recording;
}

static Recording *
record_extension (const char *python, const char *module, const char *folder)
{
  g_autofree char *target = target_path ("extension.py");

  return record (WORDS (python, target, module, "1", folder));
}

/* The innermost frames in a file called @library: how many samples have one, by "name place". */
static GHashTable *
count_leaves (const Recording *recording, const char *library)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < recording->samples->len; i++)
    {
      guint32 stack = g_array_index (recording->samples, SalCaptureSample, i).stack;
      const char *path = stack != SAL_CAPTURE_NO_ID ? recording_get_library (recording, stack) : "";
      char *text;
      guint n;

      if (!g_str_has_suffix (path, library))
        continue;
      text = g_strdup_printf ("%s %s",
                              recording_get_name (recording, stack),
                              recording_get_place (recording, stack));
      n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, text)) + 1;
      g_test_message ("%s", text);
      g_hash_table_replace (counts, text, GUINT_TO_POINTER (n));
    }
  return counts;
}

/* How many of the samples of @counts match @pattern. Some are always at what a function does before
 * and after the loop that it is there for. */
static guint
sum_matches (GHashTable *counts, const char *pattern)
{
  GHashTableIter iter;
  gpointer text, n;
  guint sum = 0;

  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &text, &n))
    if (g_pattern_match_simple (pattern, text))
      sum += GPOINTER_TO_UINT (n);
  return sum;
}

static void
test_inlined_functions_are_frames (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *folder =
      python != NULL ? extension_build (python, "inlining.cc", WORDS ("-O2", "-g")) : NULL;
  g_autoptr (Recording) recording = NULL;
  g_autoptr (GHashTable) leaves = NULL;
  guint n_all;

  if (folder == NULL)
    return;
  recording = record_extension (python, "inlining", folder);
  leaves = count_leaves (recording, "/inlining.so");
  /* Few are where the library calls the interpreter: its linkage table has no name. */
  n_all = sum_matches (leaves, "deep::outer*");
  g_assert_cmpuint (n_all, >=, 10);
  g_assert_cmpuint (n_all * 20, >=, sum_matches (leaves, "*") * 19);
  g_assert_cmpuint (sum_matches (leaves, "deep::outer(long) inlining.cc:*"), ==, n_all);
  g_assert_cmpuint (
      sum_matches (leaves, "deep::outer(long) inlining.cc:30:32 > spin inlining.cc:20:2*") * 20,
      >=,
      n_all * 19);
  g_assert_cmpuint (sum_matches (leaves,
                                 "* inlining.cc:20:25 > deep::Sum<double>::add(double) "
                                 "inlining.cc:13:15"),
                    >=,
                    1);
  extension_remove (folder);
}

#define BUILD_ID "0123456789abcdef0123456789abcdef01234567"

/* A server of the files in @folder, and where it is. */
static GSubprocess *
serve (const char *folder, char **url)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *server = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
      &error,
      "python3",
      "-c",
      "import functools, http.server as h, sys\n"
      "s = h.HTTPServer (('127.0.0.1', 0), functools.partial (h.SimpleHTTPRequestHandler,"
      " directory=sys.argv[1]))\n"
      "print (s.server_port, flush=True)\n"
      "s.serve_forever ()",
      folder,
      NULL);
  char port[16] = "";

  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (server),
                                        port,
                                        sizeof port - 1,
                                        NULL,
                                        NULL),
                   >,
                   0);
  *url = g_strdup_printf ("http://127.0.0.1:%s", g_strstrip (port));
  return server;
}

/* A server is asked for what is not here, and only by who wants it. */
static void
test_servers_are_asked (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *folder =
      python != NULL ? extension_build (python,
                                        "inlining.cc",
                                        WORDS ("-O2", "-g", "-Wl,--build-id=0x" BUILD_ID))
                     : NULL;
  g_autofree char *object = folder != NULL ? g_build_filename (folder, "inlining.so", NULL) : NULL;
  g_autofree char *cache = NULL;
  g_autofree char *served = NULL;
  g_autofree char *debug = NULL;
  g_autofree char *url = NULL;
  g_autofree char *target = target_path ("extension.py");
  g_autoptr (GSubprocess) server = NULL;

  if (folder == NULL)
    return;
  served = g_build_filename (folder, "buildid", BUILD_ID, NULL);
  debug = g_build_filename (served, "debuginfo", NULL);
  cache = g_build_filename (folder, "cache", NULL);
  g_assert_cmpint (g_mkdir_with_parents (served, 0700), ==, 0);
  g_assert_true (binary_run (WORDS ("objcopy", "--only-keep-debug", object, debug)));
  g_assert_true (binary_run (WORDS ("strip", "--strip-debug", object)));
  server = serve (folder, &url);
  g_setenv ("DEBUGINFOD_URLS", url, TRUE);
  g_setenv ("DEBUGINFOD_CACHE_PATH", cache, TRUE);
  g_setenv ("no_proxy", "127.0.0.1", TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (Recorder) recorder =
          recorder_run (i == 0 ? WORDS ("--native", "--rate", "200")
                               : WORDS ("--native", "--rate", "200", "--debuginfod"),
                        WORDS (python, target, "inlining", "1", folder));
      g_autoptr (Recording) recording = recorder_load (recorder);
      g_autoptr (GHashTable) leaves = count_leaves (recording, "/inlining.so");
      guint n_all = sum_matches (leaves, "*");
      guint n_outer = sum_matches (leaves, "deep::outer*");
      guint n_inlined = sum_matches (leaves, "deep::outer(long) inlining.cc:30:32 > spin*");

      g_assert_cmpint (recorder->exit_status, ==, 0);
      recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
      g_assert_cmpuint (n_all, >=, 10);
      g_assert_cmpuint (sum_matches (leaves, "deep::outer(long) inlining.cc:*"),
                        ==,
                        i == 0 ? 0 : n_outer);
      g_assert_cmpuint (n_inlined * 20, >=, i == 0 ? 0 : n_all * 19);
      g_assert_cmpint (g_file_test (cache, G_FILE_TEST_EXISTS), ==, i == 1);
    }
  g_subprocess_force_exit (server);
  extension_remove (folder);
}

/* All instructions of a function without a name are one: the unwind table tells where it begins. A
 * few samples are in its caller. */
static void
test_a_stripped_library_has_functions (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *folder =
      python != NULL ? extension_build (python, "steps.c", WORDS ("-O2", "-fvisibility=hidden"))
                     : NULL;
  g_autofree char *path = folder != NULL ? g_build_filename (folder, "steps.so", NULL) : NULL;
  g_autofree char *name = NULL;
  g_autoptr (Recording) recording = NULL;
  g_autoptr (GHashTable) leaves = NULL;

  if (folder == NULL)
    return;
  name = g_strdup_printf ("steps.so+0x%" G_GINT64_MODIFIER "x ", binary_find (path, "burn_c"));
  g_assert_true (binary_run (WORDS ("strip", path)));
  recording = record_extension (python, "steps", folder);
  leaves = count_leaves (recording, "/steps.so");
  g_assert_cmpuint (sum_matches (leaves, "*"), >=, 10);
  g_assert_cmpuint (sum_matches (leaves, name) * 20, >=, sum_matches (leaves, "*") * 19);
  extension_remove (folder);
}

static gboolean
has_function (const Recording *recording, const char *pattern)
{
  for (guint i = 0; i < recording->functions->len; i++)
    {
      guint32 name = g_array_index (recording->functions, SalCaptureFunction, i).name;

      if (g_pattern_match_simple (pattern, g_ptr_array_index (recording->strings, name)))
        return TRUE;
    }
  return FALSE;
}

/* Python makes a piece of code for each of its functions when it is told to, and says which. */
static void
test_code_made_at_run_time_is_named (void)
{
  g_autofree char *python = python_find ("3.12");
  g_autofree char *target = target_path ("deep.py");
  g_autofree char *map = NULL;
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recording = record (WORDS (python, "-X", "perf", target, "3", "5"));
  g_assert_true (has_function (recording, "py::*:*deep.py"));
  map = g_strdup_printf ("/tmp/perf-%u.map", recording->process.pid);
  g_unlink (map);
}

/* Cython says in the C that it writes which lines it comes from; -O2 inlines some functions. */
static void
test_cython_is_shown_as_written (gconstpointer optimisation)
{
  g_autofree char *python = extension_find_debian ("Cython");
  g_autofree char *source = target_path ("cythonic.pyx");
  g_autofree char *made = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (made, "cythonic.c", NULL);
  g_autofree char *folder = NULL;
  g_autoptr (Recording) recording = NULL;
  g_autoptr (GHashTable) leaves = NULL;

  if (python == NULL)
    return;
  g_assert_true (binary_run (WORDS ("cython3", "-o", path, source)));
  folder = extension_build (python, path, WORDS (optimisation, "-g"));
  if (folder != NULL)
    {
      guint n_spins;

      recording = record_extension (python, "cythonic", folder);
      leaves = count_leaves (recording, "/cythonic.so");
      n_spins = sum_matches (leaves, "*cythonic.spin cythonic.pyx:6:9") +
                sum_matches (leaves, "*cythonic.spin cythonic.pyx:6:10");
      g_assert_cmpuint (n_spins, >=, 10);
      g_assert_cmpuint (n_spins, >=, sum_matches (leaves, "*") * 8 / 10);
      g_assert_true (has_function (recording, "cythonic.Engine.run"));
      g_assert_true (has_function (recording, "cythonic.burn"));
      extension_remove (folder);
    }
  extension_remove (made);
}

/* Samples whose stack has a native function @name of file @library inside of Python's @caller; all
 * three are patterns. */
static guint
count_calls (const Recording *recording, const char *caller, const char *name, const char *library)
{
  guint n = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      guint32 stack = g_array_index (recording->samples, SalCaptureSample, i).stack;
      gboolean is_inside = FALSE;

      for (; stack != SAL_CAPTURE_NO_ID;
           stack = g_array_index (recording->stacks, SalCaptureStack, stack).parent)
        if (g_pattern_match_simple (library, recording_get_library (recording, stack)) &&
            g_pattern_match_simple (name, recording_get_name (recording, stack)))
          is_inside = TRUE;
        else if (is_inside && g_str_equal (recording_get_name (recording, stack), caller))
          break;
      n += stack != SAL_CAPTURE_NO_ID;
    }
  return n;
}

static void
test_libraries (void)
{
  static const struct
  {
    const char *what;
    const char *module;
    const char *caller;
    const char *name;
    const char *library;
  } cases[] = {
    { "matrix", "numpy", "multiply", "*dgemm*", "*blas*" },
    { "sort", "numpy", "sort", "*", "*_multiarray_umath*" },
    { "fft", "numpy", "transform", "*", "*pocketfft*" },
    { "json", "json", "parse", "*", "/*" },
    { "sqlite", "sqlite3", "select", "sqlite3_step", "*/libsqlite3.so*" },
  };
  g_autofree char *target = target_path ("libraries.py");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *python = extension_find_debian (cases[i].module);
      g_autoptr (Recording) recording = NULL;
      guint n_samples;

      if (python == NULL)
        return;
      recording = record (WORDS (python, target, cases[i].what, "1"));
      n_samples = count_calls (recording, cases[i].caller, cases[i].name, cases[i].library);
      g_test_message ("%s: %u of %u samples", cases[i].what, n_samples, recording->samples->len);
      g_assert_cmpuint (n_samples, >=, 10);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live/symbols/inlined-functions-are-frames", test_inlined_functions_are_frames);
  g_test_add_func ("/live/symbols/servers-are-asked", test_servers_are_asked);
  g_test_add_func ("/live/symbols/a-stripped-library-has-functions",
                   test_a_stripped_library_has_functions);
  g_test_add_func ("/live/symbols/code-made-at-run-time-is-named",
                   test_code_made_at_run_time_is_named);
  g_test_add_data_func ("/live/symbols/cython-is-shown-as-written",
                        "-O0",
                        test_cython_is_shown_as_written);
  g_test_add_data_func ("/live/symbols/cython-is-shown-as-written-when-inlined",
                        "-O2",
                        test_cython_is_shown_as_written);
  g_test_add_func ("/live/symbols/libraries", test_libraries);
  return g_test_run ();
}
