/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written, and that it is written whole or not at all. */
#include "sal-formats.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "sal-profile-error.h"

#include "marshal-bytes.h"
#include "recording-example.h"

#define N_BIG_SAMPLES 10000

typedef struct
{
  char *folder;
  char *source_path;
  char *target_path;
  GFile *source;
  GFile *target;
  SalProfile *profile;
} Fixture;

static void
load (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->profile = sal_formats_load (fixture->source, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (sal_profile_get_warnings (fixture->profile)[0]);
}

static void
set_up_paths (Fixture *fixture, const char *name)
{
  fixture->folder = g_dir_make_tmp ("salamander-export-XXXXXX", NULL);
  fixture->source_path = g_build_filename (fixture->folder, name, NULL);
  fixture->target_path = g_build_filename (fixture->folder, "target", NULL);
  fixture->source = g_file_new_for_path (fixture->source_path);
  fixture->target = g_file_new_for_path (fixture->target_path);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_paths (fixture, "a.salamander");
  recording_example_write (fixture->source_path);
  load (fixture);
}

static void
set_up_big (Fixture *fixture, gconstpointer data)
{
  set_up_paths (fixture, "a.salamander");
  recording_example_write_big (fixture->source_path, N_BIG_SAMPLES, 800);
  load (fixture);
}

/* f is called by two functions, so what is below it can only be estimated. */
static void
set_up_calls (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  set_up_paths (fixture, "a.prof");
  put_code (bytes, '{', 0);
  put_entry (bytes, "one", 1.5, 3);
  put_entry (bytes, "two", 0.5, 1);
  put_key (bytes, "a.py", 7, "f");
  put_tuple (bytes, 5);
  put_costs (bytes, 2, 2, 1, 2);
  put_code (bytes, '{', 0);
  put_key (bytes, "a.py", 1, "one");
  put_tuple (bytes, 4);
  put_costs (bytes, 1, 1, 0.5, 1.5);
  put_key (bytes, "a.py", 1, "two");
  put_tuple (bytes, 4);
  put_costs (bytes, 1, 1, 0.5, 0.5);
  put_code (bytes, '0', 0);
  put_key (bytes, "~", 0, "<built-in method leaf>");
  put_tuple (bytes, 5);
  put_costs (bytes, 1, 1, 1, 1);
  put_code (bytes, '{', 0);
  put_key (bytes, "a.py", 7, "f");
  put_tuple (bytes, 4);
  put_costs (bytes, 1, 1, 1, 1);
  put_code (bytes, '0', 0);
  put_code (bytes, '0', 0);
  g_file_set_contents (fixture->source_path, (const char *)bytes->data, bytes->len, NULL);
  load (fixture);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n_files = 0;

  while (g_dir_read_name (dir) != NULL)
    n_files++;
  return n_files;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sal_profile_unref (fixture->profile);
  g_unlink (fixture->source_path);
  g_unlink (fixture->target_path);
  /* Nothing else was left there. */
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_object_unref (fixture->source);
  g_object_unref (fixture->target);
  g_free (fixture->source_path);
  g_free (fixture->target_path);
  g_free (fixture->folder);
}

static char *export(Fixture *fixture, SalFormat format, const SalExportOptions *options)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  sal_formats_export (fixture->profile, format, options, fixture->source, fixture->target, NULL,
                      &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (fixture->target_path, &text, NULL, NULL));
  return text;
}

static void
test_folded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = export(fixture, SAL_FORMAT_FOLDED, NULL);

  g_assert_cmpstr (text, ==,
                   "main (/p/a.py:1) 1\n"
                   "main (/p/a.py:1);f (/p/a.py:10) 2\n"
                   "main (/p/a.py:1);f (/p/a.py:10);g\\x3bx\\\\y\\n</script>\"& (/q/b.py:3) 2\n");
}

static void
test_folded_threads (Fixture *fixture, gconstpointer data)
{
  const SalExportOptions options = { .threads = TRUE };
  g_autofree char *text = export(fixture, SAL_FORMAT_FOLDED, &options);

#define FIRST "process 100 (python a\\x3bb.py);thread 100 (MainThread);main (/p/a.py:1)"
#define SECOND "process 100 (python a\\x3bb.py);thread 101 (W\303\266rker\\n</script>)"
#define LEAF ";f (/p/a.py:10);g\\x3bx\\\\y\\n</script>\"& (/q/b.py:3) 1\n"
  g_assert_cmpstr (text, ==,
                   FIRST " 1\n" FIRST ";f (/p/a.py:10) 2\n" FIRST LEAF SECOND
                         ";main (/p/a.py:1)" LEAF);
}

static void
test_folded_filter (Fixture *fixture, gconstpointer data)
{
  const SalExportOptions options = { .filter = { .start_ns = 2500, .end_ns = 4500 } };
  g_autofree char *text = export(fixture, SAL_FORMAT_FOLDED, &options);

  g_assert_cmpstr (text, ==,
                   "main (/p/a.py:1);f (/p/a.py:10) 1\n"
                   "main (/p/a.py:1);f (/p/a.py:10);g\\x3bx\\\\y\\n</script>\"& (/q/b.py:3) 1\n");
}

static void
test_nothing_left (Fixture *fixture, gconstpointer data)
{
  const SalFormat formats[] = { SAL_FORMAT_FOLDED, SAL_FORMAT_SPEEDSCOPE, SAL_FORMAT_SVG };
  const SalExportOptions options = { .filter = { .start_ns = 100000 } };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sal_formats_export (fixture->profile, formats[i], &options, NULL,
                                          fixture->target, NULL, &error));
      g_assert_error (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_EMPTY);
      g_assert_cmpuint (count_files (fixture->folder), ==, 1);
    }
}

static JsonObject *
parse (JsonParser *parser, const char *text)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, text, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
assert_json (JsonNode *node, const char *expected)
{
  g_autofree char *text = json_to_string (node, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_speedscope (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = export(fixture, SAL_FORMAT_SPEEDSCOPE, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root = parse (parser, text);
  JsonArray *profiles = json_object_get_array_member (root, "profiles");
  JsonObject *first = json_array_get_object_element (profiles, 0);
  JsonObject *second = json_array_get_object_element (profiles, 1);

  g_assert_cmpstr (json_object_get_string_member (root, "$schema"), ==,
                   "https://www.speedscope.app/file-format-schema.json");
  g_assert_cmpstr (json_object_get_string_member (root, "name"), ==, "python a;b.py <&>");
  assert_json (json_object_get_member (root, "shared"),
               "{\"frames\":[{\"name\":\"main\",\"file\":\"/p/a.py\",\"line\":1},"
               "{\"name\":\"f\",\"file\":\"/p/a.py\",\"line\":10},"
               "{\"name\":\"g;x\\\\y\\n</script>\\\"&\",\"file\":\"/q/b.py\",\"line\":3}]}");
  g_assert_cmpuint (json_array_get_length (profiles), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (first, "type"), ==, "sampled");
  g_assert_cmpstr (json_object_get_string_member (first, "unit"), ==, "nanoseconds");
  g_assert_cmpstr (json_object_get_string_member (first, "name"), ==, "thread 100 (MainThread)");
  g_assert_cmpint (json_object_get_int_member (second, "startValue"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (second, "endValue"), ==, 6000);
  /* The rejected look, and what came after the last sample, belong to no stack. */
  assert_json (json_object_get_member (first, "samples"), "[[0],[0,1],[],[0,1,2],[]]");
  assert_json (json_object_get_member (first, "weights"), "[1000,2000,1000,1000,1000]");
  assert_json (json_object_get_member (second, "samples"), "[[],[0,1,2],[]]");
  assert_json (json_object_get_member (second, "weights"), "[3000,1000,2000]");
}

static void
test_speedscope_range (Fixture *fixture, gconstpointer data)
{
  const SalExportOptions options = { .filter = { .start_ns = 2500, .end_ns = 4500 },
                                     .title = "a \"title\"" };
  g_autofree char *text = export(fixture, SAL_FORMAT_SPEEDSCOPE, &options);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root = parse (parser, text);
  JsonArray *profiles = json_object_get_array_member (root, "profiles");
  JsonObject *first = json_array_get_object_element (profiles, 0);

  g_assert_cmpstr (json_object_get_string_member (root, "name"), ==, "a \"title\"");
  g_assert_cmpint (json_object_get_int_member (first, "startValue"), ==, 2500);
  g_assert_cmpint (json_object_get_int_member (first, "endValue"), ==, 4500);
  assert_json (json_object_get_member (first, "samples"), "[[0,1],[]]");
  assert_json (json_object_get_member (first, "weights"), "[500,1500]");
}

static void
test_speedscope_adds_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = export(fixture, SAL_FORMAT_SPEEDSCOPE, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *profiles = json_object_get_array_member (parse (parser, text), "profiles");
  JsonObject *first = json_array_get_object_element (profiles, 0);
  JsonArray *weights = json_object_get_array_member (first, "weights");
  gint64 sum = 0;

  for (guint i = 0; i < json_array_get_length (weights); i++)
    sum += json_array_get_int_element (weights, i);
  g_assert_cmpint (sum, ==, N_BIG_SAMPLES * 1000);
  g_assert_cmpuint (json_array_get_length (weights), ==,
                    json_array_get_length (json_object_get_array_member (first, "samples")));
}

/* What check-svg.py says about the file: a line for each block. */
static char **
check_svg (Fixture *fixture)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "check-svg.py", NULL);
  const char *argv[] = { "python3", script, fixture->target_path, NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return g_strsplit (g_strchomp (output), "\n", -1);
}

static void
assert_lines (char **lines, const char *const *expected)
{
  for (guint i = 0; expected[i] != NULL; i++)
    g_assert_cmpstr (lines[i], ==, expected[i]);
}

static void
test_svg (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = export(fixture, SAL_FORMAT_SVG, NULL);
  g_auto (GStrv) lines = check_svg (fixture);
  const char *const expected[] = {
    "0 0.00 100.00 'all\\n5 \\xb5s, 100 %, 5 samples'",
    "1 0.00 100.00 'main (a.py:1)\\n5 \\xb5s, 100 %, 5 samples'",
    "2 0.00 80.00 'f (a.py:10)\\n4 \\xb5s, 80 %, 4 samples'",
    "3 0.00 40.00 'g;x\\\\y\\\\n</script>\"& (b.py:3)\\n2 \\xb5s, 40 %, 2 samples'",
    NULL,
  };

  assert_lines (lines, expected);
  g_assert_nonnull (strstr (text, "without Python 1 · missed 3"));
  g_assert_nonnull (strstr (text, "torn 1"));
  g_assert_nonnull (strstr (text, "<title>python a;b.py &lt;&amp;&gt;</title>"));
  g_assert_null (strstr (text, "estimated)"));
  g_assert_nonnull (strstr (text, "<text class=\"kind\" x=\"34\" y=\"60\">Program</text>"));
}

/* Colours by function need no legend, and its room goes to the picture. */
static void
test_svg_by_function (Fixture *fixture, gconstpointer data)
{
  const SalExportOptions options = { .colouring = SAL_COLOURING_FUNCTION };
  g_autofree char *by_kind = export(fixture, SAL_FORMAT_SVG, NULL);
  g_autofree char *text = export(fixture, SAL_FORMAT_SVG, &options);
  g_auto (GStrv) lines = check_svg (fixture);

  g_assert_cmpuint (g_strv_length (lines), >, 3);
  g_assert_null (strstr (text, "class=\"kind\""));
  g_assert_nonnull (strstr (by_kind, "data-top=\"108\""));
  g_assert_nonnull (strstr (text, "data-top=\"86\""));
}

static void
test_svg_threads (Fixture *fixture, gconstpointer data)
{
  const SalExportOptions options = { .threads = TRUE };
  g_autofree char *text = export(fixture, SAL_FORMAT_SVG, &options);
  g_auto (GStrv) lines = check_svg (fixture);
  const char *const expected[] = {
    "0 0.00 100.00 'all\\n5 \\xb5s, 100 %, 5 samples'",
    "1 0.00 100.00 'process 100 (python a;b.py)\\n5 \\xb5s, 100 %, 5 samples'",
    "2 0.00 80.00 'thread 100 (MainThread)\\n4 \\xb5s, 80 %, 4 samples'",
    "3 0.00 80.00 'main (a.py:1)\\n4 \\xb5s, 80 %, 4 samples'",
    NULL,
  };

  assert_lines (lines, expected);
}

static void
test_svg_big (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = export(fixture, SAL_FORMAT_SVG, NULL);
  g_auto (GStrv) lines = check_svg (fixture);

  g_assert_cmpuint (g_strv_length (lines), >, 10000);
  g_assert_nonnull (strstr (text, "smaller block"));
}

static void
test_svg_of_calls (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = export(fixture, SAL_FORMAT_SVG, NULL);
  g_auto (GStrv) lines = check_svg (fixture);
  const char *const expected[] = {
    "0 0.00 100.00 'all\\n4 s, 100 %'",
    "1 0.00 75.00 'one (a.py:1)\\n3 s, 75 %'",
    "2 0.00 37.50 'f (a.py:7)\\nabout 1.5 s, 38 % (estimated)'",
    "3 0.00 18.75 '<built-in method leaf>\\nabout 750 ms, 19 % (estimated)'",
    NULL,
  };

  assert_lines (lines, expected);
  g_assert_nonnull (strstr (text, "hatched blocks are estimates"));
}

static void
test_calls_have_no_stacks (Fixture *fixture, gconstpointer data)
{
  const SalFormat formats[] = { SAL_FORMAT_FOLDED, SAL_FORMAT_SPEEDSCOPE, SAL_FORMAT_SALAMANDER };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sal_formats_export (fixture->profile, formats[i], NULL, fixture->source,
                                          fixture->target, NULL, &error));
      g_assert_error (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_UNSUITABLE);
    }
}

static void
test_recording_is_copied (Fixture *fixture, gconstpointer data)
{
  g_autofree char *copy = NULL;
  g_autofree char *original = NULL;
  g_autoptr (GError) error = NULL;
  gsize length, original_length;
  GStatBuf status;

  g_assert_true (sal_formats_export (fixture->profile, SAL_FORMAT_SALAMANDER, NULL,
                                     fixture->source, fixture->target, NULL, &error));
  g_assert_true (g_file_get_contents (fixture->target_path, &copy, &length, NULL));
  g_assert_true (g_file_get_contents (fixture->source_path, &original, &original_length, NULL));
  g_assert_cmpmem (copy, length, original, original_length);
  g_assert_cmpint (g_stat (fixture->target_path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
test_recording_in_no_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (sal_formats_export (fixture->profile, SAL_FORMAT_SALAMANDER, NULL, NULL,
                                      fixture->target, NULL, &error));
  g_assert_error (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_UNSUITABLE);
}

/* As when the disk is full: no file may grow past a few kilobytes. */
static void
export_without_space (Fixture *fixture)
{
  const struct rlimit limit = { 4096, RLIM_INFINITY };
  g_autoptr (GError) error = NULL;
  struct rlimit before;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (sal_formats_export (fixture->profile, SAL_FORMAT_SVG, NULL, NULL,
                                      fixture->target, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_IO_ERROR);
}

static void
test_failure_leaves_no_file (Fixture *fixture, gconstpointer data)
{
  export_without_space (fixture);
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);
}

static void
test_failure_leaves_the_old_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (fixture->target_path, "old", -1, NULL));
  export_without_space (fixture);
  g_assert_cmpuint (count_files (fixture->folder), ==, 2);
  g_assert_true (g_file_get_contents (fixture->target_path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
}

static void
test_old_file_is_replaced (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (fixture->target_path, "old", -1, NULL));
  text = export(fixture, SAL_FORMAT_FOLDED, NULL);
  g_assert_true (g_str_has_prefix (text, "main"));
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  const SalFormat formats[] = { SAL_FORMAT_FOLDED, SAL_FORMAT_SPEEDSCOPE, SAL_FORMAT_SVG };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sal_formats_export (fixture->profile, formats[i], NULL, NULL,
                                          fixture->target, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (count_files (fixture->folder), ==, 1);
    }
}

#define ADD(name, set_up_function, test_function) \
  g_test_add ("/formats/export/" name, Fixture, NULL, set_up_function, test_function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("folded", set_up, test_folded);
  ADD ("folded-threads", set_up, test_folded_threads);
  ADD ("folded-filter", set_up, test_folded_filter);
  ADD ("nothing-left", set_up, test_nothing_left);
  ADD ("speedscope", set_up, test_speedscope);
  ADD ("speedscope-range", set_up, test_speedscope_range);
  ADD ("speedscope-adds-up", set_up_big, test_speedscope_adds_up);
  ADD ("svg", set_up, test_svg);
  ADD ("svg-by-function", set_up, test_svg_by_function);
  ADD ("svg-threads", set_up, test_svg_threads);
  ADD ("svg-big", set_up_big, test_svg_big);
  ADD ("svg-of-calls", set_up_calls, test_svg_of_calls);
  ADD ("calls-have-no-stacks", set_up_calls, test_calls_have_no_stacks);
  ADD ("recording-is-copied", set_up, test_recording_is_copied);
  ADD ("recording-in-no-file", set_up, test_recording_in_no_file);
  ADD ("failure-leaves-no-file", set_up, test_failure_leaves_no_file);
  ADD ("failure-leaves-the-old-file", set_up, test_failure_leaves_the_old_file);
  ADD ("old-file-is-replaced", set_up, test_old_file_is_replaced);
  ADD ("cancelled", set_up, test_cancelled);
  return g_test_run ();
}
