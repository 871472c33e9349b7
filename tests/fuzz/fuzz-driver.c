/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target without a fuzzer: over every file of a corpus and over seeded mutations of
 * them, the same on every run.
 *
 * fuzz-NAME FOLDER…         the test
 * fuzz-NAME FILE [NUMBER]   one file, or its mutation of that number: what a failure names
 *
 * With clang a target is a real fuzzer instead, without this file (here: the capture's):
 *   clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I recorder/capture \
 *     tests/fuzz/fuzz-capture.c tests/fuzz/fuzz-records.c recorder/capture/sal-capture-*.c \
 *     -lzstd -o fuzz-capture
 *   ./fuzz-capture -rss_limit_mb=512 NEW_FOLDER tests/fuzz/capture tests/captures
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "fuzz-target.h"

#define N_MUTATIONS 1000 /* of each file */
#define MAX_CHANGES 6
#define MAX_SIZE (256 * 1024)

static GPtrArray *corpus; /* of GBytes */
static GPtrArray *names;
static const char *current_name = "";
static int current_mutation = -1;

/* Says which input it was; async-signal-safe. */
static void
crash_cb (int number)
{
  char line[512];
  int length = g_snprintf (line, sizeof line, "\n# crashed: %s %d\n", current_name,
                           current_mutation);

  if (write (STDERR_FILENO, line, (size_t)MIN (length, (int)sizeof line - 1)) < 0)
    _exit (1);
  signal (number, SIG_DFL);
  raise (number);
}

/* The target sees its input at the end of an allocation of exactly that size. */
static void
run (const guint8 *bytes, gsize size)
{
  g_autofree guint8 *copy = g_malloc (MAX (size, 1));

  if (size > 0)
    memcpy (copy, bytes, size);
  g_assert_cmpint (LLVMFuzzerTestOneInput (copy, size), ==, 0);
}

static void
insert_other (GByteArray *input, GRand *rand, guint at)
{
  GBytes *other = g_ptr_array_index (corpus, g_rand_int_range (rand, 0, (gint32)corpus->len));
  gsize size;
  const guint8 *bytes = g_bytes_get_data (other, &size);
  g_autofree guint8 *tail = NULL;
  guint tail_length = input->len - at;
  gsize from, length;

  if (size == 0 || input->len > MAX_SIZE)
    return;
  from = (gsize)g_rand_int_range (rand, 0, (gint32)size);
  length = (gsize)g_rand_int_range (rand, 1, 256);
  length = MIN (length, size - from);
  tail = g_memdup2 (input->data + at, tail_length);
  g_byte_array_set_size (input, at);
  g_byte_array_append (input, bytes + from, (guint)length);
  g_byte_array_append (input, tail, tail_length);
}

/* Values at which decoders go wrong. */
static void
put_number (GByteArray *input, GRand *rand, guint at)
{
  static const guint64 numbers[] = {
    0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
    G_MAXINT64, G_MAXUINT64
  };
  guint64 number = GUINT64_TO_LE (numbers[g_rand_int_range (rand, 0, G_N_ELEMENTS (numbers))]);
  guint width = 1u << g_rand_int_range (rand, 0, 4);

  memcpy (input->data + at, &number, MIN (width, input->len - at));
}

static void
change (GByteArray *input, GRand *rand)
{
  guint at = input->len > 0 ? (guint)g_rand_int_range (rand, 0, (gint32)input->len) : 0;
  int what = input->len > 0 ? g_rand_int_range (rand, 0, 8) : 7;
  guint length;

  switch (what)
    {
    case 0:
    case 1:
      input->data[at] ^= (guint8)(1u << g_rand_int_range (rand, 0, 8));
      break;
    case 2:
      input->data[at] = (guint8)g_rand_int (rand);
      break;
    case 3:
      put_number (input, rand, at);
      break;
    case 4:
      length = (guint)g_rand_int_range (rand, 1, 64);
      g_byte_array_remove_range (input, at, MIN (input->len - at, length));
      break;
    case 5:
      g_byte_array_set_size (input, at);
      break;
    case 6:
      input->data[at] = (guint8)(input->data[at] + g_rand_int_range (rand, -4, 5));
      break;
    default:
      insert_other (input, rand, at);
      break;
    }
}

static void
run_mutation (guint file, int number)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32)number);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (corpus, file), &size);
  int n_changes = g_rand_int_range (rand, 1, MAX_CHANGES + 1);

  current_name = g_ptr_array_index (names, file);
  current_mutation = number;
  g_byte_array_append (input, bytes, (guint)MIN (size, MAX_SIZE));
  for (int i = 0; i < n_changes; i++)
    change (input, rand);
  run (input->data, input->len);
}

static void
run_file (guint file)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (corpus, file), &size);

  current_name = g_ptr_array_index (names, file);
  current_mutation = -1;
  run (bytes, size);
}

static void
test_corpus (void)
{
  run (NULL, 0);
  g_assert_cmpuint (corpus->len, >, 0);
  for (guint i = 0; i < corpus->len; i++)
    run_file (i);
  g_test_message ("%u files", corpus->len);
}

static void
test_mutations (void)
{
  for (guint i = 0; i < corpus->len; i++)
    for (int number = 0; number < N_MUTATIONS; number++)
      run_mutation (i, number);
  g_test_message ("%d mutations of each of %u files", N_MUTATIONS, corpus->len);
}

static void
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize size;

  if (!g_file_get_contents (path, &bytes, &size, &error))
    g_error ("%s", error->message);
  g_ptr_array_add (corpus, g_bytes_new_take (bytes, size));
  g_ptr_array_add (names, g_strdup (path));
}

static int
compare_cb (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* In the order of the names, so that runs are alike everywhere. */
static void
load_folder (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &error);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);
  const char *entry;

  if (folder == NULL)
    g_error ("%s", error->message);
  while ((entry = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, entry, NULL);

      if (g_file_test (file, G_FILE_TEST_IS_REGULAR))
        g_ptr_array_add (entries, g_steal_pointer (&file));
    }
  g_ptr_array_sort (entries, compare_cb);
  for (guint i = 0; i < entries->len; i++)
    load (g_ptr_array_index (entries, i));
}

int
main (int argc, char *argv[])
{
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  signal (SIGABRT, crash_cb);
  if (argc < 2)
    g_error ("Usage: %s FOLDER | FILE [NUMBER]", argv[0]);

  corpus = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  names = g_ptr_array_new_with_free_func (g_free);
  if (g_file_test (argv[1], G_FILE_TEST_IS_DIR))
    {
      for (int i = 1; i < argc; i++)
        load_folder (argv[i]);
      g_test_add_func ("/fuzz/corpus", test_corpus);
      g_test_add_func ("/fuzz/mutations", test_mutations);
      status = g_test_run ();
    }
  else
    {
      load (argv[1]);
      if (argc > 2)
        run_mutation (0, atoi (argv[2]));
      else
        run_file (0);
    }
  g_ptr_array_unref (corpus);
  g_ptr_array_unref (names);
  return status;
}
