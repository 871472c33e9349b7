/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns the records of a capture into the tables of a profile. */
#include <glib/gi18n.h>

#include "sal-capture-format.h"
#include "sal-capture-reader.h"

#include "sal-profile-builder-private.h"
#include "sal-profile-error.h"

/* The reader copies what it is fed; more than this at once would only cost memory. */
#define PIECE (256 * 1024)
/* So that no sum of weights overflows: 146 years of one thread. */
#define MAX_TOTAL_NS (G_GUINT64_CONSTANT (1) << 62)
/* Sample counts fit in 32 bits wherever they are added up. */
#define MAX_SAMPLES (G_MAXUINT32 - 1)
/* So that a damaged file cannot ask for gigabytes. */
#define MAX_PROCESSES (1u << 20)
#define MAX_STACKS (1u << 26)
/* As FORMAT.md allows. */
#define MAX_PLACES 64

/* One frame of a capture: with functions inlined in it several of the profile. */
typedef struct
{
  guint32 first; /* the profile's ids, outermost first */
  guint32 n;
} Frames;

/* What is told of the next frame, texts interned. */
typedef struct
{
  const char *name;
  const char *file;
  guint32 first_line;
  guint32 line;
} Place;

struct _SalCaptureFeed
{
  SalCaptureReader *reader;
  SalColumn strings;   /* const char *, by the capture's id */
  SalColumn functions; /* guint32: the profile's id, by the capture's */
  SalColumn frames;    /* Frames, by the capture's id */
  SalColumn stacks;    /* guint32: the profile's id, by the capture's */
  Place places[MAX_PLACES];
  guint n_places;
  guint64 weight_ns; /* of all samples */
  guint64 cpu_ns;
  gboolean is_full;
};

SalCaptureFeed *
sal_capture_feed_new (void)
{
  SalCaptureFeed *feed = g_new0 (SalCaptureFeed, 1);

  sal_column_init (&feed->strings, sizeof (const char *));
  sal_column_init (&feed->functions, sizeof (guint32));
  sal_column_init (&feed->frames, sizeof (Frames));
  sal_column_init (&feed->stacks, sizeof (guint32));
  feed->reader = sal_capture_reader_new ();
  return feed;
}

void
sal_capture_feed_free (SalCaptureFeed *feed)
{
  if (feed == NULL)
    return;
  sal_capture_reader_free (feed->reader);
  sal_column_clear (&feed->strings);
  sal_column_clear (&feed->functions);
  sal_column_clear (&feed->frames);
  sal_column_clear (&feed->stacks);
  g_free (feed);
}

static const char *
get_string (SalCaptureFeed *feed, guint32 id)
{
  return id == SAL_CAPTURE_NO_ID ? "" : SAL_COLUMN_GET (&feed->strings, char *, id);
}

/* "process why". */
static void
add_refusal (SalProfileBuilder *builder, const char *text)
{
  char *why = NULL;
  guint64 id = g_ascii_strtoull (text, &why, 10);

  SalProcessRefusal refusal = SAL_PROCESS_REFUSED_DENIED;

  if (*why != ' ' || id >= builder->processes->len)
    return;
  if (g_str_equal (why + 1, SAL_CAPTURE_REFUSED_USER))
    refusal = SAL_PROCESS_REFUSED_USER;
  else if (g_str_equal (why + 1, SAL_CAPTURE_REFUSED_PROTECTED))
    refusal = SAL_PROCESS_REFUSED_PROTECTED;
  g_array_index (builder->processes, SalProcess, id).refusal = refusal;
}

static gboolean
add_meta (SalProfileBuilder *builder, const SalCaptureMeta *meta)
{
  g_autofree char *key = g_strndup (meta->key.bytes, meta->key.length);
  g_autofree char *value = g_strndup (meta->value.bytes, meta->value.length);

  if (g_str_equal (key, SAL_CAPTURE_META_WARNING))
    sal_profile_builder_add_warning (builder, value);
  else if (g_str_equal (key, SAL_CAPTURE_META_REFUSED))
    add_refusal (builder, value);
  else
    sal_profile_builder_set_meta (builder, key, value);
  return TRUE;
}

static gboolean
add_string (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCaptureText *text)
{
  const char *string = sal_texts_intern (builder->texts, text->bytes, text->length);
  const char **slot = string == NULL ? NULL : sal_column_append (&feed->strings);

  if (slot == NULL)
    return FALSE;
  *slot = string;
  return TRUE;
}

static gboolean
add_process (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCaptureProcess *process)
{
  SalProcess new_process = {
    .pid = process->pid,
    .parent = process->parent,
    .command = get_string (feed, process->command),
    .python = get_string (feed, process->python),
    .start_ns = process->start_ns,
    .end_ns = G_MAXINT64,
    .status = -1,
  };

  if (builder->processes->len >= MAX_PROCESSES)
    return FALSE;
  g_array_append_val (builder->processes, new_process);
  return TRUE;
}

/* What was Python stays what it was: its samples are of that. */
static gboolean
change_process (SalCaptureFeed *feed,
                SalProfileBuilder *builder,
                const SalCaptureProcessImage *image)
{
  SalProcess *process = &g_array_index (builder->processes, SalProcess, image->process);

  if (image->python == SAL_CAPTURE_NO_ID && *process->python != '\0')
    return TRUE;
  process->command = get_string (feed, image->command);
  process->python = get_string (feed, image->python);
  return TRUE;
}

static gboolean
end_process (SalProfileBuilder *builder, const SalCaptureProcessEnd *end)
{
  SalProcess *process = &g_array_index (builder->processes, SalProcess, end->process);

  process->end_ns = end->time_ns;
  process->status = end->status;
  return TRUE;
}

static gboolean
add_thread (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCaptureThread *thread)
{
  SalThread new_thread = {
    .process = thread->process,
    .tid = thread->tid,
    .is_main = thread->is_main,
    .start_ns = thread->start_ns,
    .end_ns = thread->start_ns,
  };

  new_thread.name = get_string (feed, thread->name);
  if (thread->id < builder->threads->len)
    g_array_index (builder->threads, SalThread, thread->id).name = new_thread.name;
  else
    g_array_append_val (builder->threads, new_thread);
  return TRUE;
}

static gboolean
add_function (SalCaptureFeed *feed,
              SalProfileBuilder *builder,
              const SalCaptureFunction *function)
{
  static const SalFunctionKind kinds[] = {
    [SAL_CAPTURE_PYTHON] = SAL_FUNCTION_PYTHON,
    [SAL_CAPTURE_NATIVE] = SAL_FUNCTION_NATIVE,
    [SAL_CAPTURE_MARK] = SAL_FUNCTION_MARK,
    [SAL_CAPTURE_TASK] = SAL_FUNCTION_TASK,
  };
  SalFunction new_function = {
    .name = get_string (feed, function->name),
    .first_line = function->first_line,
    .kind = kinds[function->kind],
  };
  const char *nothing = sal_texts_intern (builder->texts, "", 0);
  guint32 *slot;
  guint32 id;

  if (nothing == NULL)
    return FALSE;
  new_function.library = nothing;
  if (function->kind == SAL_CAPTURE_NATIVE && function->library != SAL_CAPTURE_NO_ID)
    {
      new_function.library = get_string (feed, function->library);
      new_function.address = function->address;
    }
  new_function.file = function->file != SAL_CAPTURE_NO_ID ? get_string (feed, function->file)
                                                          : new_function.library;
  id = sal_profile_builder_intern_function (builder, &new_function);
  slot = id == SAL_NO_ID ? NULL : sal_column_append (&feed->functions);
  if (slot == NULL)
    return FALSE;
  *slot = id;
  return TRUE;
}

static gboolean
add_place (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCapturePlace *place)
{
  Place new_place = { .first_line = place->first_line, .line = place->line };

  if (feed->n_places == MAX_PLACES)
    return TRUE;
  new_place.name = sal_texts_intern (builder->texts, place->name.bytes, place->name.length);
  new_place.file = sal_texts_intern (builder->texts, place->file.bytes, place->file.length);
  feed->places[feed->n_places++] = new_place;
  return new_place.name != NULL && new_place.file != NULL;
}

/* The function at @place: @own, as far as its source is told, or one inlined in it. */
static guint32
get_placed_function (SalProfileBuilder *builder, guint32 own, const Place *place)
{
  SalFunction function = SAL_COLUMN_GET (&builder->functions, SalFunction, own);

  if (*place->file != '\0')
    function.file = place->file;
  if (*place->name != '\0')
    {
      function.name = place->name;
      function.is_inlined = TRUE;
      function.address = 0;
      function.file = *place->file != '\0' ? place->file : function.library;
    }
  function.first_line = place->first_line;
  return sal_profile_builder_intern_function (builder, &function);
}

static gboolean
append_frame (SalProfileBuilder *builder, guint32 function, guint32 line)
{
  SalFrame *slot = function == SAL_NO_ID ? NULL : sal_column_append (&builder->frames);

  if (slot == NULL)
    return FALSE;
  *slot = (SalFrame){ function, line };
  return TRUE;
}

static gboolean
add_frame (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCaptureFrame *frame)
{
  guint32 function = SAL_COLUMN_GET (&feed->functions, guint32, frame->function);
  gboolean is_native =
      SAL_COLUMN_GET (&builder->functions, SalFunction, function).kind == SAL_FUNCTION_NATIVE;
  guint n_places = is_native ? feed->n_places : 0;
  Frames *slot = sal_column_append (&feed->frames);

  feed->n_places = 0;
  if (slot == NULL)
    return FALSE;
  *slot = (Frames){ (guint32)builder->frames.length, MAX (n_places, 1) };
  if (n_places == 0)
    return append_frame (builder, function, frame->line);
  for (guint i = 0; i < n_places; i++)
    if (!append_frame (builder,
                       get_placed_function (builder, function, &feed->places[i]),
                       feed->places[i].line))
      return FALSE;
  return TRUE;
}

static guint32
get_stack (SalCaptureFeed *feed, guint32 stack)
{
  return stack == SAL_CAPTURE_NO_ID ? SAL_NO_ID : SAL_COLUMN_GET (&feed->stacks, guint32, stack);
}

static gboolean
add_stack (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCaptureStack *stack)
{
  Frames frames = SAL_COLUMN_GET (&feed->frames, Frames, stack->frame);
  guint32 parent = get_stack (feed, stack->parent);
  guint32 *id;

  for (guint32 i = 0; i < frames.n; i++)
    {
      SalStack *slot =
          builder->stacks.length < MAX_STACKS ? sal_column_append (&builder->stacks) : NULL;

      if (slot == NULL)
        return FALSE;
      *slot = (SalStack){ parent, frames.first + i };
      parent = (guint32)builder->stacks.length - 1;
    }
  id = sal_column_append (&feed->stacks);
  if (id == NULL)
    return FALSE;
  *id = parent;
  return TRUE;
}

/* What a later version tells and this one does not know is something else to it. */
static gboolean
add_wait (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCaptureWait *wait)
{
  SalWait *slot = sal_column_append (&builder->waits);

  G_STATIC_ASSERT ((gint)SAL_N_WAIT_KINDS == (gint)SAL_CAPTURE_N_WAIT_KINDS);
  G_STATIC_ASSERT ((gint)SAL_N_DESCRIPTOR_KINDS == (gint)SAL_CAPTURE_N_DESCRIPTOR_KINDS);
  G_STATIC_ASSERT (SAL_CAPTURE_MAX_WAITS <= G_MAXUINT16);
  if (slot == NULL)
    return FALSE;
  *slot = (SalWait){
    .kind = wait->kind < SAL_N_WAIT_KINDS ? (SalWaitKind)wait->kind : SAL_WAIT_OTHER,
    .descriptor_kind = wait->descriptor_kind < SAL_N_DESCRIPTOR_KINDS
                           ? (SalDescriptorKind)wait->descriptor_kind
                           : SAL_DESCRIPTOR_UNKNOWN,
    .descriptor = wait->descriptor,
    .name = get_string (feed, wait->name),
    .is_disk = wait->is_disk,
  };
  return TRUE;
}

static gboolean
add_sample (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCaptureSample *sample)
{
  SalThread *thread = &g_array_index (builder->threads, SalThread, sample->thread);
  SalSample new_sample = {
    .time_ns = sample->time_ns,
    .thread = sample->thread,
    .stack = get_stack (feed, sample->stack),
    .weight_ns = sample->weight_ns,
    .cpu_ns = sample->cpu_ns,
    .wait = (guint16)sample->wait,
    .state = (guint8)sample->state,
  };

  if (sample->weight_ns > MAX_TOTAL_NS - feed->weight_ns ||
      sample->cpu_ns > MAX_TOTAL_NS - feed->cpu_ns ||
      builder->samples.times.length >= MAX_SAMPLES ||
      !sal_samples_append (&builder->samples, &new_sample))
    return FALSE;
  feed->weight_ns += sample->weight_ns;
  feed->cpu_ns += sample->cpu_ns;
  thread->end_ns = sample->time_ns;
  thread->n_samples++;
  thread->cpu_ns += sample->cpu_ns;
  builder->end_ns = MAX (builder->end_ns, sample->time_ns);
  return TRUE;
}

static gboolean
set_counters (SalProfileBuilder *builder, const SalCaptureCounters *counters)
{
  static const char *const names[SAL_CAPTURE_N_ERRORS] = {
    [SAL_CAPTURE_ERROR_READ] = "read",
    [SAL_CAPTURE_ERROR_TORN] = "torn",
    [SAL_CAPTURE_ERROR_CHAIN] = "chain",
    [SAL_CAPTURE_ERROR_DEPTH] = "depth",
    [SAL_CAPTURE_ERROR_CODE] = "code",
    [SAL_CAPTURE_ERROR_LIMIT] = "limit",
  };
  SalProfileCounters *to = &builder->counters;

  G_STATIC_ASSERT (SAL_CAPTURE_N_ERRORS <= G_N_ELEMENTS (to->errors));
  to->ticks = counters->ticks;
  to->missed = counters->missed;
  to->late = counters->late;
  to->retried = counters->retried;
  to->rejected = counters->rejected;
  to->recorder_cpu_ns = counters->cpu_ns;
  to->withheld = counters->withheld;
  to->rate_mhz = counters->rate_mhz;
  to->native_samples = counters->native_samples;
  to->native_seams = counters->native_seams;
  to->native_cut = counters->native_cut;
  to->stop_median_ns = counters->stop_median_ns;
  to->stop_p99_ns = counters->stop_p99_ns;
  to->same_cpu = counters->same_cpu;
  to->copy_median_ns = counters->copy_median_ns;
  to->held = counters->held;
  to->n_errors = SAL_CAPTURE_N_ERRORS;
  for (int i = 0; i < SAL_CAPTURE_N_ERRORS; i++)
    {
      to->error_names[i] = names[i];
      to->errors[i] = counters->errors[i];
    }
  return TRUE;
}

static gboolean
finish (SalProfileBuilder *builder, const SalCaptureEnd *end)
{
  builder->end_ns = MAX (builder->end_ns, end->time_ns);
  builder->is_finished = TRUE;
  return TRUE;
}

/* FALSE: more than fits. */
static gboolean
add_record (SalCaptureFeed *feed, SalProfileBuilder *builder, const SalCaptureRecord *record)
{
  switch (record->kind)
    {
    case SAL_CAPTURE_META:
      return add_meta (builder, &record->meta);
    case SAL_CAPTURE_STRING:
      return add_string (feed, builder, &record->string);
    case SAL_CAPTURE_PROCESS:
      return add_process (feed, builder, &record->process);
    case SAL_CAPTURE_THREAD:
      return add_thread (feed, builder, &record->thread);
    case SAL_CAPTURE_FUNCTION:
      return add_function (feed, builder, &record->function);
    case SAL_CAPTURE_FRAME:
      return add_frame (feed, builder, &record->frame);
    case SAL_CAPTURE_STACK:
      return add_stack (feed, builder, &record->stack);
    case SAL_CAPTURE_SAMPLE:
      return add_sample (feed, builder, &record->sample);
    case SAL_CAPTURE_COUNTERS:
      return set_counters (builder, &record->counters);
    case SAL_CAPTURE_END:
      return finish (builder, &record->end);
    case SAL_CAPTURE_PROCESS_IMAGE:
      return change_process (feed, builder, &record->process_image);
    case SAL_CAPTURE_PLACE:
      return add_place (feed, builder, &record->place);
    case SAL_CAPTURE_PROCESS_END:
      return end_process (builder, &record->process_end);
    case SAL_CAPTURE_WAIT:
      return add_wait (feed, builder, &record->wait);
    case SAL_CAPTURE_THREAD_END:
    default:
      return TRUE;
    }
}

static gboolean
fail (SalCaptureFeed *feed, SalCaptureResult result, GError **error)
{
  gulong offset = feed->reader == NULL ? 0 : (gulong)sal_capture_reader_get_offset (feed->reader);

  switch (result)
    {
    case SAL_CAPTURE_NOT_CAPTURE:
      g_set_error_literal (error,
                           SAL_PROFILE_ERROR,
                           SAL_PROFILE_ERROR_UNKNOWN_FORMAT,
                           _ ("This is not a recording of Salamander."));
      break;
    case SAL_CAPTURE_VERSION:
      g_set_error_literal (error,
                           SAL_PROFILE_ERROR,
                           SAL_PROFILE_ERROR_VERSION,
                           _ ("The recording was made by a newer version of Salamander."));
      break;
    case SAL_CAPTURE_CORRUPT:
      g_set_error (error,
                   SAL_PROFILE_ERROR,
                   SAL_PROFILE_ERROR_CORRUPT,
                   _ ("The recording is damaged at byte %lu; what stands before is shown."),
                   offset);
      break;
    case SAL_CAPTURE_OK:
    case SAL_CAPTURE_MORE:
    case SAL_CAPTURE_LIMIT:
    case SAL_CAPTURE_IO:
    case SAL_CAPTURE_MEMORY:
    default:
      g_set_error (error,
                   SAL_PROFILE_ERROR,
                   SAL_PROFILE_ERROR_LIMIT,
                   _ ("The recording holds more than fits, from byte %lu on; what stands before "
                      "is shown."),
                   offset);
      break;
    }
  return FALSE;
}

static SalCaptureResult
push_piece (SalCaptureFeed *feed, SalProfileBuilder *builder, const guint8 *bytes, gsize length)
{
  SalCaptureResult result = sal_capture_reader_feed (feed->reader, bytes, length);
  SalCaptureRecord record;

  while (result == SAL_CAPTURE_OK)
    {
      result = sal_capture_reader_next (feed->reader, &record);
      if (result == SAL_CAPTURE_OK && !add_record (feed, builder, &record))
        {
          feed->is_full = TRUE;
          return SAL_CAPTURE_LIMIT;
        }
    }
  return result;
}

gboolean
sal_capture_feed_push (SalCaptureFeed *feed,
                       SalProfileBuilder *builder,
                       const void *bytes,
                       gsize length,
                       GError **error)
{
  SalCaptureResult result = SAL_CAPTURE_MORE;

  if (feed->reader == NULL)
    return fail (feed, SAL_CAPTURE_MEMORY, error);
  if (feed->is_full)
    return fail (feed, SAL_CAPTURE_LIMIT, error);
  for (gsize at = 0; at < length && result == SAL_CAPTURE_MORE; at += PIECE)
    result = push_piece (feed, builder, (const guint8 *)bytes + at, MIN (length - at, PIECE));
  return result == SAL_CAPTURE_MORE ? TRUE : fail (feed, result, error);
}
