/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a frame of the flame graph costs: layout and painting into an image surface, while one pans
 * and zooms. Prints, for each input and size, median, 95th percentile and worst of all frames in
 * ms. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sal-capture-writer.h"
#include "sal-flame-layout.h"
#include "sal-flame-painter.h"
#include "sal-profile-builder.h"

#define N_NODES 5000000u
#define N_FUNCTIONS 5000u
#define N_FRAMES 240u

/* As many functions as "pip list" under cProfile has, and more edges; calls that the program makes.
 */
#define N_CALL_FUNCTIONS 3529u
#define N_CALLS 400000u

static guint64
next_random (guint64 *state)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

static void
add (SalCaptureWriter *writer, const SalCaptureRecord *record)
{
  if (sal_capture_writer_add (writer, record) != SAL_CAPTURE_OK)
    g_error ("the capture could not be written");
}

static guint32
add_string (SalCaptureWriter *writer, guint32 *n_strings, const char *text)
{
  const SalCaptureRecord record = { .kind = SAL_CAPTURE_STRING, .string = { text, strlen (text) } };

  add (writer, &record);
  return (*n_strings)++;
}

static void
write_functions (SalCaptureWriter *writer)
{
  guint32 n_strings = 0, command = add_string (writer, &n_strings, "bench");
  guint32 thread_name = add_string (writer, &n_strings, "MainThread");
  SalCaptureRecord record = { .kind = SAL_CAPTURE_PROCESS,
                              .process = { .pid = 1,
                                           .parent = SAL_CAPTURE_NO_ID,
                                           .command = command,
                                           .python = SAL_CAPTURE_NO_ID } };

  add (writer, &record);
  record = (SalCaptureRecord){ .kind = SAL_CAPTURE_THREAD,
                               .thread = { .tid = 1, .name = thread_name, .is_main = true } };
  add (writer, &record);
  for (guint i = 0; i < N_FUNCTIONS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Handler%u.process_request", i);
      g_autofree char *file = g_strdup_printf ("/srv/application/module_%u.py", i / 20);
      guint32 name_id = add_string (writer, &n_strings, name),
              file_id = add_string (writer, &n_strings, file);

      record = (SalCaptureRecord){
        .kind = SAL_CAPTURE_FUNCTION,
        .function = { .name = name_id, .file = file_id, .first_line = i % 900 + 1 }
      };
      add (writer, &record);
      record = (SalCaptureRecord){ .kind = SAL_CAPTURE_FRAME,
                                   .frame = { .function = i, .line = i % 900 + 2 } };
      add (writer, &record);
    }
}

/* A recording whose merged tree has about N_NODES nodes: each stack grows from one before it. */
static SalProfile *
make_recording (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  SalCaptureWriter *writer = NULL;
  int fd = memfd_create ("bench", MFD_CLOEXEC);
  guint64 random = 1;
  g_autofree guint8 *bytes = g_malloc (1 << 20);
  ssize_t length;

  if (fd < 0 || sal_capture_writer_new (fd, &writer) != SAL_CAPTURE_OK)
    g_error ("no capture");
  write_functions (writer);
  for (guint32 i = 0; i < N_NODES; i++)
    {
      SalCaptureRecord record = { .kind = SAL_CAPTURE_STACK };

      record.stack.parent = i == 0 ? SAL_CAPTURE_NO_ID : (guint32)(next_random (&random) % i);
      record.stack.frame = (guint32)(next_random (&random) % N_FUNCTIONS);
      add (writer, &record);
      record = (SalCaptureRecord){ .kind = SAL_CAPTURE_SAMPLE };
      record.sample.time_ns = i * (gint64)1000;
      record.sample.stack = i;
      record.sample.weight_ns = 1 + next_random (&random) % 2000;
      add (writer, &record);
    }
  sal_capture_writer_free (writer);
  lseek (fd, 0, SEEK_SET);
  while ((length = read (fd, bytes, 1 << 20)) > 0)
    if (!sal_profile_builder_feed (builder, bytes, (gsize)length, NULL))
      g_error ("the capture could not be read");
  close (fd);
  return sal_profile_builder_take (builder);
}

/* A program that runs, watched as cProfile watches. */
typedef struct
{
  guint64 random;
  guint n_calls;
  SalCallCosts costs[N_CALL_FUNCTIONS];
  guint active[N_CALL_FUNCTIONS];
  GHashTable *edges; /* caller << 32 | callee → SalCallEdge */
} Program;

static SalCallEdge *
get_edge (Program *program, guint32 caller, guint32 callee)
{
  guint64 key = (guint64)caller << 32 | callee;
  SalCallEdge *edge = g_hash_table_lookup (program->edges, &key);

  if (edge == NULL)
    {
      edge = g_new0 (SalCallEdge, 1);
      edge->caller = caller;
      edge->callee = callee;
      edge->has_times = TRUE;
      g_hash_table_insert (program->edges, g_memdup2 (&key, sizeof key), edge);
    }
  return edge;
}

/* Calls @function and returns how long it took. Callees are its neighbours and a few that all
 * share. */
static double
call (Program *program, guint32 function, guint depth)
{
  double own = 1e-6 * (1 + (double)(next_random (&program->random) % 50)), total = own;
  guint n_callees = depth < 40 ? (guint)(next_random (&program->random) % 4) : 0;

  program->active[function]++;
  for (guint i = 0; i < n_callees && program->n_calls < N_CALLS; i++)
    {
      guint64 pick = next_random (&program->random) % 8;
      guint32 callee = (guint32)(pick == 0 ? next_random (&program->random) % 40
                                           : (function * 3 + pick * 17) % N_CALL_FUNCTIONS);
      double elapsed;
      SalCallEdge *edge;

      program->n_calls++;
      elapsed = call (program, callee, depth + 1);
      edge = get_edge (program, function, callee);
      edge->costs.ncalls++;
      if (program->active[callee] == 0)
        {
          edge->costs.pcalls++;
          edge->costs.cumtime += elapsed;
        }
      total += elapsed;
    }
  program->active[function]--;
  program->costs[function].ncalls++;
  program->costs[function].tottime += own;
  if (program->active[function] == 0)
    {
      program->costs[function].pcalls++;
      program->costs[function].cumtime += total;
    }
  return total;
}

static SalProfile *
make_calls (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  g_autofree Program *program = g_new0 (Program, 1);
  GHashTableIter iter;
  gpointer edge;

  program->random = 7;
  program->edges = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  program->active[0] = 1;
  while (program->n_calls < N_CALLS)
    {
      guint32 first = 1 + (guint32)(next_random (&program->random) % 60);
      SalCallEdge *from_main = get_edge (program, 0, first);
      double elapsed = call (program, first, 0);

      program->n_calls++;
      from_main->costs.ncalls++;
      from_main->costs.pcalls++;
      from_main->costs.cumtime += elapsed;
      program->costs[0].cumtime += elapsed;
    }
  for (guint32 i = 0; i < N_CALL_FUNCTIONS; i++)
    {
      g_autofree char *name = g_strdup_printf ("_resolve_candidate_%u", i);
      g_autofree char *file = g_strdup_printf ("/usr/lib/python3/dist-packages/pip/module_%u.py",
                                               i / 25);

      sal_profile_builder_add_function (builder, name, file, i + 1, SAL_FUNCTION_PYTHON);
      sal_profile_builder_add_costs (builder, i, &program->costs[i]);
    }
  g_hash_table_iter_init (&iter, program->edges);
  while (g_hash_table_iter_next (&iter, NULL, &edge))
    sal_profile_builder_add_edge (builder, edge);
  g_hash_table_unref (program->edges);
  return sal_profile_builder_take (builder);
}

/* Frame @i of a zoom from the whole to a ten-thousandth and back, with a pan at every depth. */
static SalFlameViewport
get_viewport (guint i, guint32 width_px, guint32 n_rows)
{
  double phase = (double)i / N_FRAMES;
  double depth = phase < 0.5 ? phase * 2 : 2 - phase * 2;
  double width = pow (10, -4 * depth);
  double centre = 0.35 + 0.1 * sin (phase * 40) * width;

  return (SalFlameViewport){
    .x0 = CLAMP (centre - width / 2, 0, 1 - width),
    .x1 = CLAMP (centre - width / 2, 0, 1 - width) + width,
    .width_px = width_px,
    .n_rows = n_rows,
  };
}

/* Processor time: what other programs take meanwhile does not count. */
static gint64
get_time_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int
compare_doubles (const void *a, const void *b)
{
  double left = *(const double *)a, right = *(const double *)b;

  return (left > right) - (left < right);
}

static PangoContext *
make_context (gint scale)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  PangoFontDescription *font = pango_font_description_from_string ("Sans");

  pango_font_description_set_size (font, 11 * PANGO_SCALE * scale);
  pango_context_set_font_description (context, font);
  pango_font_description_free (font);
  return context;
}

static void
measure (const char *title,
         const SalFlameSource *source,
         SalProfile *profile,
         gint width,
         gint height,
         gint scale)
{
  PangoContext *context = make_context (scale);
  g_autoptr (SalFlamePainter) painter = sal_flame_painter_new (context);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = cairo_create (surface);
  SalFlameStyle style = { .row_px = sal_flame_painter_get_row_px (painter, scale), .scale = scale };
  double times[N_FRAMES];
  guint32 most = 0;

  sal_flame_painter_set_profile (painter, profile, FALSE);
  for (guint i = 0; i < N_FRAMES; i++)
    {
      SalFlameViewport viewport = get_viewport (i, (guint32)width,
                                                (guint32)(height / style.row_px + 1));
      gint64 start = get_time_us ();
      g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (source, &viewport);
      guint32 n_blocks;

      sal_flame_painter_paint (painter, cr, layout, &style);
      times[i] = (double)(get_time_us () - start) / 1000;
      sal_flame_layout_get_blocks (layout, &n_blocks);
      most = MAX (most, n_blocks);
    }
  qsort (times, N_FRAMES, sizeof (double), compare_doubles);
  printf (
      "flame frame %-10s %dx%d: median %.2f ms, 95 %% %.2f ms, worst %.2f ms, at most %u blocks\n",
      title, width, height, times[N_FRAMES / 2], times[N_FRAMES * 95 / 100], times[N_FRAMES - 1],
      most);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  g_object_unref (context);
}

static void
measure_sizes (const char *title, const SalFlameSource *source, SalProfile *profile)
{
  measure (title, source, profile, 1920, 1080, 1);
  measure (title, source, profile, 3840, 2160, 2);
}

int
main (void)
{
  const SalFilter filter = { 0 };
  g_autoptr (SalProfile) calls = make_calls ();
  g_autoptr (SalCallGraph) graph = sal_call_graph_new (calls);
  g_autoptr (SalProfile) recording = NULL;
  g_autoptr (SalCallTree) tree = NULL;

  printf ("call graph: %u functions, %u edges\n", sal_profile_get_n_functions (calls),
          sal_profile_get_n_edges (calls));
  measure_sizes ("call graph", &(SalFlameSource){ .graph = graph }, calls);
  recording = make_recording ();
  tree = sal_call_tree_new (recording, &filter, FALSE, SAL_CALL_TREE_BY_TOTAL, NULL);
  printf ("tree: %u nodes, %u levels\n", sal_call_tree_get_n_nodes (tree),
          sal_call_tree_get_n_levels (tree));
  measure_sizes ("tree", &(SalFlameSource){ .tree = tree }, recording);
  g_clear_pointer (&tree, sal_call_tree_unref);
  tree = sal_call_tree_new (recording, &filter, FALSE, SAL_CALL_TREE_BY_NAME, NULL);
  measure_sizes ("by name", &(SalFlameSource){ .tree = tree }, recording);
  return 0;
}
