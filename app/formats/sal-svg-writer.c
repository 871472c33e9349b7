/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes flame graphs as SVG. */
#include "config.h"

#include "sal-svg-writer.h"

#include <math.h>

#include <glib/gi18n.h>

#include "sal-format.h"
#include "sal-origin.h"
#include "sal-palette.h"

#include "sal-svg-blocks.h"
#include "sal-thread-forest.h"

#define WIDTH 1200
#define ROW_HEIGHT 18
#define LETTER_WIDTH 7.25 /* of the 12 px monospace fonts in the style sheet, rounded up */
#define MARGIN 8
#define LEGEND_HEIGHT 22
#define WIDE 4              /* pixels, from which on a block has a line around it */
#define PIXELS (10 * WIDTH) /* blocks are drawn down to a tenth of a pixel */
#define MAX_WARNINGS 4
#define RESOURCES "/org/salamander_profiler/Salamander/formats/"

typedef struct
{
  SalProfile *profile;
  const SalFilter *filter;
  SalOutput *output;
  GArray *blocks;
  SalColouring colouring;
  guint origins; /* 1 << SalOrigin of each function that is drawn */
  guint top;     /* y of the first row */
  guint levels;
  gboolean has_estimates;
} Writer;

static void
append_resource (SalOutput *output, const char *name)
{
  g_autofree char *path = g_strconcat (RESOURCES, name, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize length;
  const void *data;

  g_assert (bytes != NULL);
  data = g_bytes_get_data (bytes, &length);
  sal_output_append_bytes (output, data, length);
}

static void
append_colour (SalOutput *output, char class, guint32 id, SalRgb colour)
{
  sal_output_printf (output, ".%c%u{fill:#%02x%02x%02x}\n", class, id,
                     (guint)lround (colour.red * 255), (guint)lround (colour.green * 255),
                     (guint)lround (colour.blue * 255));
}

/* A class for each function that is drawn, and for each kind in the legend. */
static void
write_colours (Writer *writer, const guint8 *drawn, gboolean dark)
{
  for (guint32 i = 0; i < sal_profile_get_n_functions (writer->profile); i++)
    if (drawn[i] != 0)
      {
        SalFunction function = sal_profile_get_function (writer->profile, i);

        append_colour (writer->output, 'f', i,
                       sal_palette_get_body (&function, writer->colouring, dark));
      }
  for (guint i = 0; i < SAL_N_ORIGINS; i++)
    if (writer->origins & 1u << i)
      append_colour (writer->output, 'k', i, sal_palette_get_kind (i, dark));
}

static void
write_style (Writer *writer)
{
  g_autofree guint8 *drawn = g_malloc0 (sal_profile_get_n_functions (writer->profile));

  for (guint i = 0; i < writer->blocks->len; i++)
    {
      const SalSvgBlock *block = &g_array_index (writer->blocks, SalSvgBlock, i);

      if (block->kind == SAL_SVG_FUNCTION)
        drawn[block->id] = 1;
    }
  sal_output_append (writer->output, "<style>\n");
  append_resource (writer->output, "sal-svg-picture.css");
  write_colours (writer, drawn, FALSE);
  sal_output_append (writer->output, "@media (prefers-color-scheme: dark) {\n");
  write_colours (writer, drawn, TRUE);
  sal_output_append (writer->output, "}\n</style>\n");
}

static char *
name_block (Writer *writer, const SalSvgBlock *block)
{
  g_autofree char *name = NULL;
  SalFunction function;

  switch (block->kind)
    {
    case SAL_SVG_ALL:
      return g_strdup (_ ("all"));
    case SAL_SVG_PROCESS:
      name = sal_thread_forest_name_process (writer->profile, block->id);
      return sal_format_function (name, NULL, 0);
    case SAL_SVG_THREAD:
      name = sal_thread_forest_name_thread (writer->profile, block->id);
      return sal_format_function (name, NULL, 0);
    case SAL_SVG_REST:
      return g_strdup_printf (ngettext ("%u smaller block", "%u smaller blocks", block->count),
                              block->count);
    case SAL_SVG_FUNCTION:
    default:
      function = sal_profile_get_function (writer->profile, block->id);
      return sal_format_function (function.name, function.file, function.first_line);
    }
}

static char *
format_samples (guint64 n_samples)
{
  g_autofree char *count = sal_format_count (n_samples);

  return g_strdup_printf (ngettext ("%s sample", "%s samples", n_samples), count);
}

static char *
describe_block (const SalSvgBlock *block)
{
  g_autofree char *time = sal_format_duration_ns ((gint64)block->time_ns);
  g_autofree char *share = sal_format_percent (block->width, 1);
  g_autofree char *samples = NULL;

  if (block->estimated)
    /* Translators: a time and a share: "about 1.2 s, 12 % (estimated)" */
    return g_strdup_printf (_ ("about %s, %s (estimated)"), time, share);
  if (block->samples == 0)
    /* Translators: a time and a share: "1.2 s, 12 %" */
    return g_strdup_printf (_ ("%s, %s"), time, share);
  samples = format_samples (block->samples);
  /* Translators: a time, a share and a number of samples: "1.2 s, 12 %, 1,200 samples" */
  return g_strdup_printf (_ ("%s, %s, %s"), time, share, samples);
}

/* As much of @label as fits in @pixels, or NULL. The script in the picture does the same. */
static char *
cut_label (const char *label, double pixels)
{
  int room = (int)((pixels - 6) / LETTER_WIDTH);
  int columns = 0;
  const char *cut = label;

  if (room < 3)
    return NULL;
  for (const char *c = label; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar letter = g_utf8_get_char (c);

      if (!g_unichar_iszerowidth (letter))
        columns += g_unichar_iswide (letter) ? 2 : 1;
      if (columns <= room - 1)
        cut = g_utf8_next_char (c);
      if (columns > room)
        return g_strdup_printf ("%.*s…", (int)(cut - label), label);
    }
  return g_strdup (label);
}

static void
write_rect (Writer *writer, const SalSvgBlock *block, const char *class)
{
  char x[G_ASCII_DTOSTR_BUF_SIZE];
  char width[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (x, sizeof x, "%.7f", block->x * 100);
  g_ascii_formatd (width, sizeof width, "%.7f", block->width * 100);
  sal_output_printf (writer->output, "<rect class=\"%s\" x=\"%s%%\" y=\"%u\" width=\"%s%%\" "
                                     "height=\"%u\"",
                     class, x, writer->top + block->depth * ROW_HEIGHT, width, ROW_HEIGHT - 1);
}

static void
write_block (Writer *writer, const SalSvgBlock *block)
{
  SalOutput *output = writer->output;
  g_autofree char *label = name_block (writer, block);
  g_autofree char *description = describe_block (block);
  g_autofree char *cut = cut_label (label, block->width * WIDTH);
  char x[G_ASCII_DTOSTR_BUF_SIZE];
  char class[32] = "body plain";

  if (block->kind == SAL_SVG_FUNCTION)
    g_snprintf (class, sizeof class, "body f%u", block->id);
  else if (block->kind == SAL_SVG_REST)
    g_strlcpy (class, "body rest", sizeof class);
  sal_output_printf (output, "<g class=\"block%s\"><title>",
                     block->width * WIDTH >= WIDE ? " wide" : "");
  sal_output_append_xml (output, label);
  sal_output_append (output, "\n");
  sal_output_append_xml (output, description);
  sal_output_append (output, "</title>");
  write_rect (writer, block, class);
  sal_output_append (output, "/>");
  if (block->estimated)
    {
      write_rect (writer, block, "over");
      sal_output_append (output, " fill=\"url(#hatch)\"/>");
    }
  if (cut != NULL)
    {
      g_ascii_formatd (x, sizeof x, "%.7f", block->x * 100);
      sal_output_printf (output, "<text x=\"%s%%\" dx=\"3\" y=\"%u\">", x,
                         writer->top + block->depth * ROW_HEIGHT + 13);
      sal_output_append_xml (output, cut);
      sal_output_append (output, "</text>");
    }
  sal_output_append (output, "</g>\n");
}

static void
write_chart (Writer *writer)
{
  sal_output_printf (writer->output,
                     "<g class=\"chart\" tabindex=\"0\" role=\"application\" aria-label=\"");
  sal_output_append_xml (writer->output, _ ("Flame graph"));
  sal_output_printf (writer->output,
                     "\" data-row=\"%u\" data-top=\"%u\" data-levels=\"%u\" "
                     "data-wide=\"%u\" data-letter=\"" G_STRINGIFY (LETTER_WIDTH) "\">\n",
                     ROW_HEIGHT, writer->top, writer->levels, WIDE);
  for (guint i = 0; i < writer->blocks->len && !sal_output_has_failed (writer->output); i++)
    write_block (writer, &g_array_index (writer->blocks, SalSvgBlock, i));
  sal_output_append (writer->output, "</g>\n");
}

/* Samples that count, but have no stack and so no block. */
static guint64
count_without_python (Writer *writer)
{
  guint64 n_samples = 0;

  for (guint64 i = 0; i < sal_profile_get_n_samples (writer->profile); i++)
    {
      SalSample sample = sal_profile_get_sample (writer->profile, i);

      if (sample.stack == SAL_NO_ID && sal_filter_keeps (writer->filter, &sample))
        n_samples++;
    }
  return n_samples;
}

static char *
summarise_recording (Writer *writer)
{
  const SalSvgBlock *all = &g_array_index (writer->blocks, SalSvgBlock, 0);
  const SalProfileCounters *counters = sal_profile_get_counters (writer->profile);
  g_autofree char *samples = format_samples (all->samples);
  g_autofree char *time = sal_format_duration_ns ((gint64)all->time_ns);
  g_autofree char *whole = sal_format_duration_ns (sal_profile_get_duration_ns (writer->profile));
  g_autofree char *missed = sal_format_count (counters->missed);
  g_autofree char *rejected = sal_format_count (counters->rejected);
  g_autofree char *idle = sal_format_count (count_without_python (writer));
  GString *text = g_string_new (NULL);

  /* Translators: "1,200 samples stand for 1.2 s of threads’ time in a recording of 1 s" */
  g_string_append_printf (text, _ ("%s stand for %s of threads’ time in a recording of %s"),
                          samples, time, whole);
  /* Translators: numbers of samples that are not in the picture or were not taken */
  g_string_append_printf (text, _ (" · without Python %s · missed %s · rejected %s"), idle, missed,
                          rejected);
  for (guint64 i = 0; i < MIN (counters->n_errors, G_N_ELEMENTS (counters->errors)); i++)
    if (counters->errors[i] > 0)
      {
        g_autofree char *number = sal_format_count (counters->errors[i]);

        g_string_append_printf (text, " · %s %s", counters->error_names[i], number);
      }
  return g_string_free (text, FALSE);
}

static char *
summarise_calls (Writer *writer)
{
  const SalSvgBlock *all = &g_array_index (writer->blocks, SalSvgBlock, 0);
  g_autofree char *time = sal_format_duration_ns ((gint64)all->time_ns);
  g_autofree char *functions = sal_format_count (sal_profile_get_n_functions (writer->profile));

  if (!writer->has_estimates)
    /* Translators: a time and a number */
    return g_strdup_printf (_ ("%s · functions: %s"), time, functions);
  /* Translators: a time and a number */
  return g_strdup_printf (_ ("%s · functions: %s · hatched blocks are estimates: the file has "
                             "totals of calls, not of paths"),
                          time, functions);
}

static void
write_line (Writer *writer, const char *class, guint *y, const char *text)
{
  sal_output_printf (writer->output, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, MARGIN, *y);
  sal_output_append_xml (writer->output, text);
  sal_output_append (writer->output, "</text>\n");
  *y += ROW_HEIGHT;
}

static void
write_button (Writer *writer, const char *class, guint x, guint y, const char *text)
{
  SalOutput *output = writer->output;

  sal_output_printf (output,
                     "<g class=\"control button %s\" role=\"button\" tabindex=\"0\" "
                     "data-below=\"",
                     class);
  sal_output_append_xml (output, _ ("Root at the bottom"));
  sal_output_append (output, "\" data-above=\"");
  sal_output_append_xml (output, _ ("Root at the top"));
  sal_output_printf (output,
                     "\"><rect x=\"%u\" y=\"%u\" width=\"160\" height=\"24\" rx=\"4\"/>"
                     "<text x=\"%u\" y=\"%u\" text-anchor=\"middle\">",
                     x, y, x + 80, y + 16);
  sal_output_append_xml (output, text);
  sal_output_append (output, "</text></g>\n");
}

static void
write_controls (Writer *writer, guint y)
{
  SalOutput *output = writer->output;

  sal_output_printf (output,
                     "<foreignObject class=\"control\" x=\"%u\" y=\"%u\" width=\"200\" "
                     "height=\"26\"><input xmlns=\"http://www.w3.org/1999/xhtml\" "
                     "class=\"box\" type=\"search\" aria-label=\"",
                     MARGIN, y);
  sal_output_append_xml (output, _ ("Search functions"));
  sal_output_append (output, "\" placeholder=\"");
  sal_output_append_xml (output, _ ("Search functions"));
  sal_output_append (output, "\"/></foreignObject>\n");
  write_button (writer, "reset", 220, y, _ ("Show everything"));
  write_button (writer, "flip", 390, y, _ ("Root at the bottom"));
  sal_output_printf (output, "<text class=\"control details\" x=\"560\" y=\"%u\" role=\"status\" "
                             "aria-live=\"polite\" data-matched=\"",
                     y + 16);
  /* Translators: shown after a search; %s is a share like "12.3 %" */
  sal_output_append_xml (output, _ ("Matched: %s"));
  sal_output_append (output, "\"></text>\n");
}

static const char *
get_title (Writer *writer, const SalExportOptions *options)
{
  const char *title = options->title;

  if (title == NULL)
    title = sal_profile_get_meta (writer->profile, "command");
  return title != NULL ? title : "Salamander";
}

/* Whose functions are drawn, when their colours tell. */
static void
find_origins (Writer *writer)
{
  for (guint i = 0; i < writer->blocks->len && writer->colouring == SAL_COLOURING_KIND; i++)
    {
      const SalSvgBlock *block = &g_array_index (writer->blocks, SalSvgBlock, i);

      if (block->kind == SAL_SVG_FUNCTION)
        {
          SalFunction function = sal_profile_get_function (writer->profile, block->id);

          writer->origins |= 1u << sal_origin_find (&function);
        }
    }
}

static void
write_legend (Writer *writer, guint y)
{
  double x = MARGIN;

  for (guint i = 0; i < SAL_N_ORIGINS; i++)
    if (writer->origins & 1u << i)
      {
        const char *title = sal_origin_get_title (i);

        sal_output_printf (writer->output,
                           "<rect class=\"k%u\" x=\"%u\" y=\"%u\" width=\"20\" height=\"12\"/>"
                           "<text class=\"kind\" x=\"%u\" y=\"%u\">",
                           i, (guint)x, y - 10, (guint)x + 26, y);
        sal_output_append_xml (writer->output, title);
        sal_output_append (writer->output, "</text>\n");
        x += 26 + (double)g_utf8_strlen (title, -1) * LETTER_WIDTH + 20;
      }
}

static void
measure (Writer *writer, guint n_warnings)
{
  for (guint i = 0; i < writer->blocks->len; i++)
    {
      const SalSvgBlock *block = &g_array_index (writer->blocks, SalSvgBlock, i);

      writer->levels = MAX (writer->levels, block->depth + 1);
      writer->has_estimates = writer->has_estimates || block->estimated;
    }
  find_origins (writer);
  writer->top = 86 + n_warnings * ROW_HEIGHT + (writer->origins != 0 ? LEGEND_HEIGHT : 0);
}

static void
write_head (Writer *writer, const char *title, guint n_warnings)
{
  SalOutput *output = writer->output;
  const char *const *warnings = sal_profile_get_warnings (writer->profile);
  gboolean calls = sal_profile_get_kind (writer->profile) == SAL_PROFILE_CALLS;
  g_autofree char *summary = calls ? summarise_calls (writer) : summarise_recording (writer);
  guint y = 22;

  sal_output_append (output, "<rect class=\"background\" width=\"100%\" height=\"100%\"/>\n"
                             "<defs><pattern id=\"hatch\" patternUnits=\"userSpaceOnUse\" "
                             "width=\"6\" height=\"6\" patternTransform=\"rotate(45)\">"
                             "<path class=\"hatch\" d=\"M 1 0 V 6\" stroke-width=\"2\"/>"
                             "</pattern></defs>\n");
  write_line (writer, "title", &y, title);
  write_line (writer, "summary", &y, summary);
  for (guint i = 0; i < n_warnings; i++)
    write_line (writer, "warning", &y, warnings[i]);
  if (writer->origins != 0)
    write_legend (writer, y + 2);
  write_controls (writer, y - 6 + (writer->origins != 0 ? LEGEND_HEIGHT : 0));
}

static void
write_document (Writer *writer, const SalExportOptions *options)
{
  SalOutput *output = writer->output;
  const char *title = get_title (writer, options);
  guint n_warnings = g_strv_length ((char **)sal_profile_get_warnings (writer->profile));
  guint height;

  n_warnings = MIN (n_warnings, MAX_WARNINGS);
  measure (writer, n_warnings);
  height = writer->top + writer->levels * ROW_HEIGHT + MARGIN;
  sal_output_printf (output,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%u\" "
                     "height=\"%u\" viewBox=\"0 0 %u %u\">\n<title>",
                     WIDTH, height, WIDTH, height);
  sal_output_append_xml (output, title);
  sal_output_append (output, "</title>\n<desc>Salamander " SAL_VERSION "</desc>\n");
  write_style (writer);
  write_head (writer, title, n_warnings);
  write_chart (writer);
  sal_output_append (output, "<script><![CDATA[\n");
  append_resource (output, "sal-svg-picture.js");
  sal_output_append (output, "]]></script>\n</svg>\n");
}

gboolean
sal_svg_writer_write (SalProfile *profile,
                      const SalExportOptions *options,
                      SalOutput *output,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (GArray) blocks = sal_svg_blocks_new (profile, &options->filter, options->threads,
                                                  PIXELS, cancellable, error);
  Writer writer = {
    .profile = profile,
    .filter = &options->filter,
    .output = output,
    .blocks = blocks,
    .colouring = options->colouring,
  };

  if (blocks == NULL)
    return FALSE;
  write_document (&writer, options);
  return TRUE;
}
