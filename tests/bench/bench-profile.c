/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a large recording takes to open: writing it, loading it, its function table and call
 * trees. */
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib.h>

#include "sal-call-tree.h"
#include "sal-capture-writer.h"
#include "sal-function-table.h"
#include "sal-profile-builder.h"

#define N_FUNCTIONS 20000
#define MAX_DEPTH 60
#define PIECE (1024 * 1024)

typedef struct
{
  const char *name;
  guint n_stacks;
  guint n_samples;
} Recording;

static void
add (SalCaptureWriter *writer, const SalCaptureRecord *record)
{
  if (sal_capture_writer_add (writer, record) != SAL_CAPTURE_OK)
    g_error ("cannot write");
}

static void
add_string (SalCaptureWriter *writer, const char *text)
{
  SalCaptureRecord record = { .kind = SAL_CAPTURE_STRING };

  record.string.bytes = text;
  record.string.length = strlen (text);
  add (writer, &record);
}

static void
add_tables (SalCaptureWriter *writer)
{
  SalCaptureRecord process = { .kind = SAL_CAPTURE_PROCESS };
  SalCaptureRecord thread = { .kind = SAL_CAPTURE_THREAD };

  add_string (writer, "python3 large.py");
  process.process.parent = SAL_CAPTURE_NO_ID;
  process.process.python = SAL_CAPTURE_NO_ID;
  add (writer, &process);
  thread.thread.name = SAL_CAPTURE_NO_ID;
  add (writer, &thread);
  for (guint i = 0; i < N_FUNCTIONS; i++)
    {
      g_autofree char *name = g_strdup_printf ("package.module_%u.function_%u", i % 97, i);
      SalCaptureRecord function = { .kind = SAL_CAPTURE_FUNCTION };
      SalCaptureRecord frame = { .kind = SAL_CAPTURE_FRAME };

      add_string (writer, name);
      function.function.name = i + 1;
      function.function.first_line = i;
      add (writer, &function);
      frame.frame.function = i;
      frame.frame.line = i + 1;
      add (writer, &frame);
    }
}

static void
add_stacks (SalCaptureWriter *writer, GRand *rand, guint n_stacks)
{
  g_autofree guint8 *depths = g_new (guint8, n_stacks);

  for (guint i = 0; i < n_stacks; i++)
    {
      SalCaptureRecord stack = { .kind = SAL_CAPTURE_STACK };
      guint nearest = i > 2000 ? i - 2000 : 0;
      guint parent = i == 0 ? 0 : (guint)g_rand_int_range (rand, (gint32)nearest, (gint32)i);
      gboolean is_outermost = i == 0 || depths[parent] >= MAX_DEPTH;

      depths[i] = is_outermost ? 1 : depths[parent] + 1;
      stack.stack.parent = is_outermost ? SAL_CAPTURE_NO_ID : parent;
      stack.stack.frame = (guint32)g_rand_int_range (rand, 0, N_FUNCTIONS);
      add (writer, &stack);
    }
}

/* One busy thread at 1 kHz on a clock that is some microseconds off, each stack at least once. */
static void
add_samples (SalCaptureWriter *writer, GRand *rand, const Recording *recording)
{
  gint64 last = 0;

  for (guint i = 0; i < recording->n_samples; i++)
    {
      SalCaptureRecord sample = { .kind = SAL_CAPTURE_SAMPLE };

      sample.sample.time_ns = (gint64)(i + 1) * 1000000 + g_rand_int_range (rand, 0, 10000);
      sample.sample.stack = i < recording->n_stacks
                                ? i
                                : (guint)g_rand_int_range (rand, 0, (gint32)recording->n_stacks);
      sample.sample.state = SAL_CAPTURE_ON_CPU | SAL_CAPTURE_HAS_GIL;
      sample.sample.weight_ns = (guint64)(sample.sample.time_ns - last);
      sample.sample.cpu_ns = sample.sample.weight_ns - (guint64)g_rand_int_range (rand, 0, 3000);
      last = sample.sample.time_ns;
      add (writer, &sample);
    }
}

static void
report (const char *what, gint64 start_us)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  g_print ("  %-40s %7.2f s   peak %5ld MB\n",
           what,
           (double)(g_get_monotonic_time () - start_us) / 1e6,
           usage.ru_maxrss / 1024);
}

static int
write_recording (const Recording *recording)
{
  int fd = memfd_create ("recording", MFD_CLOEXEC);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  gint64 start = g_get_monotonic_time ();
  SalCaptureWriter *writer;
  guint64 before;

  if (fd < 0 || sal_capture_writer_new (fd, &writer) != SAL_CAPTURE_OK)
    g_error ("cannot write");
  add_tables (writer);
  add_stacks (writer, rand, recording->n_stacks);
  if (sal_capture_writer_flush (writer) != SAL_CAPTURE_OK)
    g_error ("cannot write");
  before = sal_capture_writer_get_bytes (writer);
  add_samples (writer, rand, recording);
  if (sal_capture_writer_flush (writer) != SAL_CAPTURE_OK)
    g_error ("cannot write");
  report ("write", start);
  g_print ("  %.2f bytes a sample, %.1f MB in all\n",
           (double)(sal_capture_writer_get_bytes (writer) - before) / recording->n_samples,
           (double)sal_capture_writer_get_bytes (writer) / 1e6);
  sal_capture_writer_free (writer);
  return fd;
}

static SalProfile *
load (int fd)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  g_autofree guint8 *bytes = g_malloc (PIECE);
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  SalProfile *profile;
  gssize length;

  lseek (fd, 0, SEEK_SET);
  while ((length = read (fd, bytes, PIECE)) > 0)
    if (!sal_profile_builder_feed (builder, bytes, (gsize)length, &error))
      g_error ("%s", error->message);
  profile = sal_profile_builder_take (builder);
  report ("load", start);
  start = g_get_monotonic_time ();
  sal_profile_unref (sal_profile_builder_take (builder));
  report ("take another profile of the same", start);
  return profile;
}

static void
measure (const Recording *recording)
{
  SalFilter filter = { 0 };
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (SalFunctionTable) table = NULL;
  g_autoptr (SalFunctionTable) callers = NULL;
  g_autoptr (SalFunctionTable) callees = NULL;
  g_autoptr (SalCallTree) tree = NULL;
  gint64 start;
  int fd;

  g_print ("%s: %u samples, %u stacks\n",
           recording->name,
           recording->n_samples,
           recording->n_stacks);
  fd = write_recording (recording);
  profile = load (fd);
  close (fd);
  start = g_get_monotonic_time ();
  table = sal_function_table_new (profile, &filter, NULL);
  report ("function table", start);
  start = g_get_monotonic_time ();
  if (!sal_function_table_find_related (profile, &filter, 5, NULL, &callers, &callees))
    g_error ("not found");
  report ("callers and callees of a function", start);
  start = g_get_monotonic_time ();
  tree = sal_call_tree_new (profile, &filter, FALSE, SAL_CALL_TREE_BY_TOTAL, NULL);
  report ("call tree", start);
  g_print ("  %u nodes, %u levels\n",
           sal_call_tree_get_n_nodes (tree),
           sal_call_tree_get_n_levels (tree));
}

int
main (void)
{
  static const Recording recordings[] = {
    { "long", 5000, 10000000 },
    { "wide", 5000000, 5000000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (recordings); i++)
    measure (&recordings[i]);
  return 0;
}
