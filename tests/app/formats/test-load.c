/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files are known by what is in them; recordings that are not whole give what is whole. */
#include "sal-formats.h"

#include <string.h>

#include <glib/gstdio.h>

#include "sal-profile-error.h"

#include "marshal-bytes.h"
#include "recording-example.h"

static char *
make_path (void)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("salamander-load-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  return g_steal_pointer (&path);
}

static SalProfile *
load_bytes (const void *bytes, gsize length, GError **error)
{
  g_autofree char *path = make_path ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  SalProfile *profile = NULL;

  g_assert_true (g_file_set_contents (path, bytes, (gssize)length, NULL));
  profile = sal_formats_load (file, NULL, error);
  g_unlink (path);
  return profile;
}

static void
assert_fails (const void *bytes, gsize length, SalProfileError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load_bytes (bytes, length, &error));
  g_assert_error (error, SAL_PROFILE_ERROR, (int)code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_unknown_format (void)
{
  const char *sentence = "This is neither a Salamander recording nor a .prof file of cProfile.";

  assert_fails ("import sys\n", 11, SAL_PROFILE_ERROR_UNKNOWN_FORMAT, sentence);
  assert_fails ("\0\0\0\0", 4, SAL_PROFILE_ERROR_UNKNOWN_FORMAT, sentence);
  assert_fails ("", 0, SAL_PROFILE_ERROR_EMPTY, "The file is empty.");
}

static void
test_files_that_cannot_be_read (void)
{
  g_autoptr (GFile) none = g_file_new_for_path ("/nonexistent/file");
  g_autoptr (GFile) folder = g_file_new_for_path (g_get_tmp_dir ());
  g_autoptr (GError) error = NULL;

  g_assert_null (sal_formats_load (none, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (sal_formats_load (folder, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

/* More than one piece, in a file whose name says nothing. */
static void
test_large_prof (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (GError) error = NULL;

  put_code (bytes, '{', 0);
  for (guint i = 0; i < 50000; i++)
    {
      g_autofree char *name = g_strdup_printf ("function_%u", i);

      put_entry (bytes, name, 0.5, 0.5);
    }
  put_code (bytes, '0', 0);
  g_assert_cmpuint (bytes->len, >, 3 * 1024 * 1024);
  profile = load_bytes (bytes->data, bytes->len, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sal_profile_get_n_functions (profile), ==, 50000);
  g_assert_cmpint (sal_profile_get_kind (profile), ==, SAL_PROFILE_CALLS);
}

static void
test_recording (void)
{
  g_autofree char *path = make_path ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (GError) error = NULL;

  recording_example_write (path);
  profile = sal_formats_load (file, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sal_profile_get_kind (profile), ==, SAL_PROFILE_SAMPLES);
  g_assert_cmpuint (sal_profile_get_n_samples (profile), ==, 6);
  g_assert_true (sal_profile_is_finished (profile));
  g_assert_null (sal_profile_get_warnings (profile)[0]);
  g_unlink (path);
}

static GBytes *
read_example (guint n_samples)
{
  g_autofree char *path = make_path ();
  char *bytes = NULL;
  gsize length;

  recording_example_write_big (path, n_samples, 50);
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_unlink (path);
  return g_bytes_new_take (bytes, length);
}

static void
check_cut (const guint8 *bytes, gsize length, guint64 *n_samples)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SalProfile) profile = load_bytes (bytes, length, &error);

  if (profile == NULL)
    {
      g_assert_true (error->domain == SAL_PROFILE_ERROR);
      return;
    }
  g_assert_cmpuint (sal_profile_get_n_samples (profile), >=, *n_samples);
  *n_samples = sal_profile_get_n_samples (profile);
  g_assert_false (sal_profile_is_finished (profile));
  g_assert_nonnull (sal_profile_get_warnings (profile)[0]);
  g_assert_nonnull (strstr (sal_profile_get_warnings (profile)[0], "ends in the middle"));
}

static void
test_recording_cut_anywhere (void)
{
  g_autoptr (GBytes) bytes = read_example (100);
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  guint64 n_samples = 0;

  for (gsize cut = 1; cut < length; cut++)
    check_cut (data, cut, &n_samples);
}

static void
test_damaged_recording_shows_what_is_whole (void)
{
  g_autoptr (GBytes) bytes = read_example (200000);
  gsize length;
  g_autofree guint8 *data = g_bytes_unref_to_data (g_steal_pointer (&bytes), &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (SalProfile) profile = NULL;

  data[length - length / 8] ^= 0x55;
  profile = load_bytes (data, length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sal_profile_get_n_samples (profile), >, 1000);
  g_assert_cmpuint (sal_profile_get_n_samples (profile), <, 200000);
  g_assert_nonnull (strstr (sal_profile_get_warnings (profile)[0], "before the damage"));
}

typedef struct
{
  GMainLoop *loop;
  SalProfile *profile;
  GError *error;
} Loading;

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Loading *loading = data;

  loading->profile = sal_formats_load_finish (result, &loading->error);
  g_main_loop_quit (loading->loop);
}

static void
test_async (gconstpointer data)
{
  gboolean cancel = GPOINTER_TO_INT (data);
  g_autofree char *path = make_path ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Loading loading = { .loop = loop };

  recording_example_write (path);
  sal_formats_load_async (file, cancellable, loaded_cb, &loading);
  if (cancel)
    g_cancellable_cancel (cancellable);
  g_main_loop_run (loop);
  if (cancel)
    g_assert_error (loading.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    g_assert_cmpuint (sal_profile_get_n_samples (loading.profile), ==, 6);
  g_clear_error (&loading.error);
  g_clear_pointer (&loading.profile, sal_profile_unref);
  g_unlink (path);
}

static void
test_names (void)
{
  g_assert_cmpint (sal_format_from_path ("/a/b.SALAMANDER"), ==, SAL_FORMAT_SALAMANDER);
  g_assert_cmpint (sal_format_from_path ("b.speedscope.json"), ==, SAL_FORMAT_SPEEDSCOPE);
  g_assert_cmpint (sal_format_from_path ("b.json"), ==, SAL_FORMAT_UNKNOWN);
  g_assert_cmpint (sal_format_from_path ("b.pstats"), ==, SAL_FORMAT_PROF);
  g_assert_cmpint (sal_format_from_path ("b.folded"), ==, SAL_FORMAT_FOLDED);
  g_assert_cmpint (sal_format_from_path ("svg"), ==, SAL_FORMAT_UNKNOWN);
  g_assert_cmpint (sal_format_from_name ("svg"), ==, SAL_FORMAT_SVG);
  g_assert_cmpint (sal_format_from_name ("prof"), ==, SAL_FORMAT_UNKNOWN);
}

static void
test_can_write (void)
{
  g_assert_true (sal_format_can_write (SAL_FORMAT_SVG, SAL_PROFILE_CALLS));
  g_assert_false (sal_format_can_write (SAL_FORMAT_FOLDED, SAL_PROFILE_CALLS));
  g_assert_true (sal_format_can_write (SAL_FORMAT_FOLDED, SAL_PROFILE_SAMPLES));
  g_assert_false (sal_format_can_write (SAL_FORMAT_PROF, SAL_PROFILE_CALLS));
  g_assert_false (sal_format_can_write (SAL_FORMAT_UNKNOWN, SAL_PROFILE_SAMPLES));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/load/unknown-format", test_unknown_format);
  g_test_add_func ("/formats/load/files-that-cannot-be-read", test_files_that_cannot_be_read);
  g_test_add_func ("/formats/load/large-prof", test_large_prof);
  g_test_add_func ("/formats/load/recording", test_recording);
  g_test_add_func ("/formats/load/recording-cut-anywhere", test_recording_cut_anywhere);
  g_test_add_func ("/formats/load/damaged-recording-shows-what-is-whole",
                   test_damaged_recording_shows_what_is_whole);
  g_test_add_data_func ("/formats/load/async", GINT_TO_POINTER (FALSE), test_async);
  g_test_add_data_func ("/formats/load/async-cancelled", GINT_TO_POINTER (TRUE), test_async);
  g_test_add_func ("/formats/load/names", test_names);
  g_test_add_func ("/formats/load/can-write", test_can_write);
  return g_test_run ();
}
