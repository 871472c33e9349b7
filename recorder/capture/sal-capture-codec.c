/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records to bytes and back. Every kind has its two functions side by side. */
#include "sal-capture-codec.h"

#include <string.h>

/* Room for kind and length before a payload whose length is not known yet. */
#define PREFIX 8

/* Behind a function that is a mark: it stands for a task. */
#define MARK_IS_TASK 1

typedef struct
{
  uint8_t *at;
} Out;

/* After a failure @is_bad stays set and every value read is 0. */
typedef struct
{
  const uint8_t *at;
  const uint8_t *end;
  bool is_bad;
} In;

static void
put (Out *out, uint64_t value)
{
  while (value >= 0x80)
    {
      *out->at++ = (uint8_t)(value | 0x80);
      value >>= 7;
    }
  *out->at++ = (uint8_t)value;
}

static uint64_t
get (In *in)
{
  uint64_t value = 0;

  for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7)
    {
      uint8_t byte = *in->at++;

      if (shift == 63 && byte > 1)
        break;
      value |= (uint64_t)(byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
  in->is_bad = true;
  in->at = in->end;
  return 0;
}

static uint32_t
get_u32 (In *in)
{
  uint64_t value = get (in);

  in->is_bad |= value > UINT32_MAX;
  return (uint32_t)value;
}

static uint8_t
get_u8 (In *in)
{
  uint64_t value = get (in);

  in->is_bad |= value > UINT8_MAX;
  return (uint8_t)value;
}

/* Signed numbers: 0, -1, 1, -2, … become 0, 1, 2, 3, … Differences wrap around, so any two numbers
 * have one. */
static uint64_t
fold (int64_t value)
{
  return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t
unfold (uint64_t value)
{
  return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

static void
put_signed (Out *out, int64_t value)
{
  put (out, fold (value));
}

static int64_t
get_signed (In *in)
{
  return unfold (get (in));
}

/* Ids that may be absent: 0 = none, else id + 1. */
static void
put_optional (Out *out, uint32_t id)
{
  put (out, id == SAL_CAPTURE_NO_ID ? 0 : (uint64_t)id + 1);
}

static uint32_t
get_optional (In *in)
{
  uint64_t value = get (in);

  in->is_bad |= value > UINT32_MAX;
  return value == 0 ? SAL_CAPTURE_NO_ID : (uint32_t)(value - 1);
}

static void
put_text (Out *out, const SalCaptureText *text)
{
  put (out, text->length);
  if (text->length > 0)
    memcpy (out->at, text->bytes, text->length);
  out->at += text->length;
}

static SalCaptureText
get_text (In *in)
{
  uint64_t length = get (in);
  SalCaptureText text = { .bytes = (const char *)in->at };

  if (length > (uint64_t)(in->end - in->at))
    {
      in->is_bad = true;
      in->at = in->end;
      return text;
    }
  text.length = (size_t)length;
  in->at += length;
  return text;
}

static void
put_process (Out *out, const SalCaptureProcess *process)
{
  put (out, process->pid);
  put_optional (out, process->parent);
  put_signed (out, process->start_ns);
  put (out, process->command);
  put_optional (out, process->python);
}

static void
get_process (In *in, SalCaptureProcess *process)
{
  process->pid = get_u32 (in);
  process->parent = get_optional (in);
  process->start_ns = get_signed (in);
  process->command = get_u32 (in);
  process->python = get_optional (in);
}

static void
put_process_image (Out *out, const SalCaptureProcessImage *image)
{
  put (out, image->process);
  put_signed (out, image->time_ns);
  put (out, image->command);
  put_optional (out, image->python);
}

static void
get_process_image (In *in, SalCaptureProcessImage *image)
{
  image->process = get_u32 (in);
  image->time_ns = get_signed (in);
  image->command = get_u32 (in);
  image->python = get_optional (in);
}

static void
put_thread (Out *out, const SalCaptureThread *thread)
{
  put (out, thread->id);
  put (out, thread->process);
  put (out, thread->tid);
  put_optional (out, thread->name);
  put_signed (out, thread->start_ns);
  put (out, thread->is_main);
}

static void
get_thread (In *in, SalCaptureThread *thread)
{
  thread->id = get_u32 (in);
  thread->process = get_u32 (in);
  thread->tid = get (in);
  thread->name = get_optional (in);
  thread->start_ns = get_signed (in);
  thread->is_main = get (in) != 0;
}

static void
put_function (Out *out, const SalCaptureFunction *function)
{
  put (out, function->kind == SAL_CAPTURE_TASK ? SAL_CAPTURE_MARK : function->kind);
  put (out, function->name);
  put_optional (out, function->file);
  put (out, function->first_line);
  if (function->kind == SAL_CAPTURE_NATIVE && function->library != SAL_CAPTURE_NO_ID)
    {
      put_optional (out, function->library);
      if (function->address != 0)
        put (out, function->address);
    }
  if (function->kind == SAL_CAPTURE_TASK)
    put (out, MARK_IS_TASK);
}

static void
get_function (In *in, SalCaptureFunction *function)
{
  function->kind = get_u8 (in);
  if (function->kind > SAL_CAPTURE_MARK)
    function->kind = UINT8_MAX;
  function->name = get_u32 (in);
  function->file = get_optional (in);
  function->first_line = get_u32 (in);
  /* Only native functions that were loaded from a file, and tasks, go on. */
  function->library = SAL_CAPTURE_NO_ID;
  function->address = 0;
  if (function->kind == SAL_CAPTURE_NATIVE && in->at < in->end)
    {
      function->library = get_optional (in);
      function->address = in->at < in->end ? get (in) : 0;
    }
  if (function->kind == SAL_CAPTURE_MARK && in->at < in->end && get (in) == MARK_IS_TASK)
    function->kind = SAL_CAPTURE_TASK;
}

static void
put_frame (Out *out, const SalCaptureFrame *frame)
{
  put (out, frame->function);
  put (out, frame->line);
  put (out, frame->end_line);
  put (out, frame->column);
  put (out, frame->end_column);
}

static void
get_frame (In *in, SalCaptureFrame *frame)
{
  frame->function = get_u32 (in);
  frame->line = get_u32 (in);
  frame->end_line = get_u32 (in);
  frame->column = get_u32 (in);
  frame->end_column = get_u32 (in);
}

static void
put_place (Out *out, const SalCapturePlace *place)
{
  put_text (out, &place->name);
  put_text (out, &place->file);
  put (out, place->first_line);
  put (out, place->line);
}

static void
get_place (In *in, SalCapturePlace *place)
{
  place->name = get_text (in);
  place->file = get_text (in);
  place->first_line = get_u32 (in);
  place->line = get_u32 (in);
}

/* The parent is mostly a stack defined lately: counted backwards from the stack's own id. */
static void
put_stack (Out *out, const SalCaptureTables *tables, const SalCaptureStack *stack)
{
  put (out, stack->parent == SAL_CAPTURE_NO_ID ? 0 : (uint64_t)tables->n_stacks - stack->parent);
  put (out, stack->frame);
}

static void
get_stack (In *in, const SalCaptureTables *tables, SalCaptureStack *stack)
{
  uint64_t back = get (in);

  in->is_bad |= back > tables->n_stacks;
  stack->parent = back == 0 ? SAL_CAPTURE_NO_ID : tables->n_stacks - (uint32_t)back;
  stack->frame = get_u32 (in);
}

static void
put_wait (Out *out, const SalCaptureWait *wait)
{
  put (out, wait->kind);
  put (out, wait->is_disk);
  put (out, wait->descriptor_kind);
  put_optional (out, wait->descriptor);
  put_optional (out, wait->name);
}

static void
get_wait (In *in, SalCaptureWait *wait)
{
  wait->kind = get_u8 (in);
  wait->is_disk = get (in) != 0;
  wait->descriptor_kind = get_u8 (in);
  wait->descriptor = get_optional (in);
  wait->name = get_optional (in);
}

/* What a thread's weight and processor time are most likely to be. */
static uint64_t
predict_weight (const SalCaptureThreadState *thread, const SalCaptureSample *sample)
{
  return (uint64_t)sample->time_ns - (uint64_t)thread->time_ns;
}

static uint64_t
predict_cpu (const SalCaptureSample *sample)
{
  return sample->state & SAL_CAPTURE_ON_CPU ? sample->weight_ns : 0;
}

/* What is mostly the same as in the samples before stands together, in front of what is not: that
 * is what the compressor likes. */
static void
put_sample (Out *out, const SalCaptureTables *tables, const SalCaptureSample *sample)
{
  const SalCaptureThreadState *thread = &tables->threads[sample->thread];
  int64_t advance = sample->time_ns - tables->time_ns;

  put (out, sample->thread);
  put (out, sample->state);
  put_signed (out, (int64_t)(sample->weight_ns - predict_weight (thread, sample)));
  put (out, sample->stack == SAL_CAPTURE_NO_ID
                ? 0
                : 1 + fold ((int64_t)sample->stack - thread->stack));
  put (out, advance == 0 ? 0 : 1 + fold (advance - tables->step_ns));
  put_signed (out, (int64_t)(sample->cpu_ns - predict_cpu (sample)));
  if (sample->wait != 0)
    put_signed (out, (int64_t)sample->wait - thread->wait);
}

static void
get_sample (In *in, const SalCaptureTables *tables, SalCaptureSample *sample)
{
  const SalCaptureThreadState *thread;
  uint64_t weight, stack, advance;

  sample->thread = get_u32 (in);
  if (sample->thread >= tables->n_threads)
    {
      in->is_bad = true;
      return;
    }
  thread = &tables->threads[sample->thread];
  sample->state = get_u32 (in);
  weight = (uint64_t)get_signed (in);
  stack = get (in);
  advance = get (in);

  sample->stack = SAL_CAPTURE_NO_ID;
  if (stack != 0)
    {
      uint64_t id = thread->stack + (uint64_t)unfold (stack - 1);

      in->is_bad |= id >= tables->n_stacks;
      sample->stack = (uint32_t)id;
    }
  if (advance != 0)
    advance = (uint64_t)unfold (advance - 1) + (uint64_t)tables->step_ns;
  sample->time_ns = (int64_t)((uint64_t)tables->time_ns + advance);
  sample->weight_ns = weight + predict_weight (thread, sample);
  sample->cpu_ns = (uint64_t)get_signed (in) + predict_cpu (sample);
  /* Only samples of threads that wait go on, where the recorder tells. */
  if (in->at < in->end)
    {
      uint64_t id = thread->wait + (uint64_t)get_signed (in);

      in->is_bad |= id > tables->n_waits;
      sample->wait = (uint32_t)id;
    }
}

static void
put_counters (Out *out, const SalCaptureCounters *counters)
{
  put_signed (out, counters->time_ns);
  put (out, counters->ticks);
  put (out, counters->samples);
  put (out, counters->missed);
  put (out, counters->late);
  put (out, counters->retried);
  put (out, counters->rejected);
  put (out, counters->cpu_ns);
  put (out, SAL_CAPTURE_N_ERRORS);
  for (int i = 0; i < SAL_CAPTURE_N_ERRORS; i++)
    put (out, counters->errors[i]);
  put (out, counters->withheld);
  put (out, counters->rate_mhz);
  put (out, counters->native_samples);
  put (out, counters->native_seams);
  put (out, counters->native_cut);
  put (out, counters->stop_median_ns);
  put (out, counters->stop_p99_ns);
  put (out, counters->same_cpu);
}

static void
get_counters (In *in, SalCaptureCounters *counters)
{
  uint64_t n_errors;

  counters->time_ns = get_signed (in);
  counters->ticks = get (in);
  counters->samples = get (in);
  counters->missed = get (in);
  counters->late = get (in);
  counters->retried = get (in);
  counters->rejected = get (in);
  counters->cpu_ns = get (in);
  n_errors = get (in);
  for (uint64_t i = 0; i < n_errors && !in->is_bad; i++)
    {
      uint64_t n = get (in);

      if (i < SAL_CAPTURE_N_ERRORS)
        counters->errors[i] = n;
    }
  /* Recordings of the first program that wrote this version end here. */
  if (in->at == in->end)
    return;
  counters->withheld = get (in);
  counters->rate_mhz = get (in);
  if (in->at == in->end)
    return;
  counters->native_samples = get (in);
  counters->native_seams = get (in);
  counters->native_cut = get (in);
  counters->stop_median_ns = get (in);
  counters->stop_p99_ns = get (in);
  if (in->at < in->end)
    counters->same_cpu = get (in);
}

static void
put_payload (Out *out, const SalCaptureTables *tables, const SalCaptureRecord *record)
{
  switch (record->kind)
    {
    case SAL_CAPTURE_META:
      put_text (out, &record->meta.key);
      put_text (out, &record->meta.value);
      break;
    case SAL_CAPTURE_STRING:
      put_text (out, &record->string);
      break;
    case SAL_CAPTURE_PROCESS:
      put_process (out, &record->process);
      break;
    case SAL_CAPTURE_THREAD:
      put_thread (out, &record->thread);
      break;
    case SAL_CAPTURE_FUNCTION:
      put_function (out, &record->function);
      break;
    case SAL_CAPTURE_FRAME:
      put_frame (out, &record->frame);
      break;
    case SAL_CAPTURE_STACK:
      put_stack (out, tables, &record->stack);
      break;
    case SAL_CAPTURE_SAMPLE:
      put_sample (out, tables, &record->sample);
      break;
    case SAL_CAPTURE_THREAD_END:
      put (out, record->thread_end.thread);
      put_signed (out, record->thread_end.time_ns);
      break;
    case SAL_CAPTURE_PROCESS_END:
      put (out, record->process_end.process);
      put_signed (out, record->process_end.time_ns);
      put_signed (out, record->process_end.status);
      break;
    case SAL_CAPTURE_COUNTERS:
      put_counters (out, &record->counters);
      break;
    case SAL_CAPTURE_END:
      put_signed (out, record->end.time_ns);
      put (out, record->end.reason);
      break;
    case SAL_CAPTURE_PROCESS_IMAGE:
      put_process_image (out, &record->process_image);
      break;
    case SAL_CAPTURE_WAIT:
      put_wait (out, &record->wait);
      break;
    case SAL_CAPTURE_PLACE:
      put_place (out, &record->place);
      break;
    default:
      break;
    }
}

/* FALSE for a kind that is not known. */
static bool
get_payload (In *in, const SalCaptureTables *tables, SalCaptureRecord *record)
{
  int64_t status;

  switch (record->kind)
    {
    case SAL_CAPTURE_META:
      record->meta.key = get_text (in);
      record->meta.value = get_text (in);
      return true;
    case SAL_CAPTURE_STRING:
      record->string = get_text (in);
      return true;
    case SAL_CAPTURE_PROCESS:
      get_process (in, &record->process);
      return true;
    case SAL_CAPTURE_THREAD:
      get_thread (in, &record->thread);
      return true;
    case SAL_CAPTURE_FUNCTION:
      get_function (in, &record->function);
      return true;
    case SAL_CAPTURE_FRAME:
      get_frame (in, &record->frame);
      return true;
    case SAL_CAPTURE_STACK:
      get_stack (in, tables, &record->stack);
      return true;
    case SAL_CAPTURE_SAMPLE:
      get_sample (in, tables, &record->sample);
      return true;
    case SAL_CAPTURE_THREAD_END:
      record->thread_end.thread = get_u32 (in);
      record->thread_end.time_ns = get_signed (in);
      return true;
    case SAL_CAPTURE_PROCESS_END:
      record->process_end.process = get_u32 (in);
      record->process_end.time_ns = get_signed (in);
      status = get_signed (in);
      in->is_bad |= status < INT32_MIN || status > INT32_MAX;
      record->process_end.status = (int32_t)status;
      return true;
    case SAL_CAPTURE_COUNTERS:
      get_counters (in, &record->counters);
      return true;
    case SAL_CAPTURE_END:
      record->end.time_ns = get_signed (in);
      record->end.reason = get_u8 (in);
      return true;
    case SAL_CAPTURE_PROCESS_IMAGE:
      get_process_image (in, &record->process_image);
      return true;
    case SAL_CAPTURE_WAIT:
      get_wait (in, &record->wait);
      return true;
    case SAL_CAPTURE_PLACE:
      get_place (in, &record->place);
      return true;
    default:
      return false;
    }
}

size_t
sal_capture_record_encode (const SalCaptureTables *tables,
                           const SalCaptureRecord *record,
                           uint8_t *bytes)
{
  Out out = { bytes + PREFIX };
  Out prefix = { bytes };
  size_t length;

  put_payload (&out, tables, record);
  length = (size_t)(out.at - (bytes + PREFIX));
  put (&prefix, record->kind);
  put (&prefix, length);
  memmove (prefix.at, bytes + PREFIX, length);
  return (size_t)(prefix.at - bytes) + length;
}

SalCaptureResult
sal_capture_record_decode (const SalCaptureTables *tables,
                           const uint8_t *bytes,
                           size_t length,
                           SalCaptureRecord *record,
                           size_t *size)
{
  In in = { bytes, bytes + length, false };
  uint64_t kind = get (&in);
  uint64_t payload = get (&in);

  if (in.is_bad || kind == 0 || payload > (uint64_t)(in.end - in.at))
    return SAL_CAPTURE_CORRUPT;
  in.end = in.at + payload;
  *size = (size_t)(in.end - bytes);
  memset (record, 0, sizeof *record);
  if (kind > SAL_CAPTURE_PLACE)
    return SAL_CAPTURE_MORE;
  record->kind = (SalCaptureRecordKind)kind;
  if (!get_payload (&in, tables, record))
    return SAL_CAPTURE_MORE;
  return in.is_bad ? SAL_CAPTURE_CORRUPT : SAL_CAPTURE_OK;
}
