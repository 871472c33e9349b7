/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records to bytes and back. Every kind has its two functions side by side. */
#include "sal-capture-codec.h"

#include <string.h>

#include "sal-capture-number.h"

/* Room for kind and length before a payload whose length is not known yet. */
#define PREFIX 8

/* Behind a function that is a mark: it stands for a task. */
#define MARK_IS_TASK 1

static void
put_process (SalCaptureOut *out, const SalCaptureProcess *process)
{
  sal_capture_put (out, process->pid);
  sal_capture_put_optional (out, process->parent);
  sal_capture_put_signed (out, process->start_ns);
  sal_capture_put (out, process->command);
  sal_capture_put_optional (out, process->python);
}

static void
get_process (SalCaptureIn *in, SalCaptureProcess *process)
{
  process->pid = sal_capture_get_u32 (in);
  process->parent = sal_capture_get_optional (in);
  process->start_ns = sal_capture_get_signed (in);
  process->command = sal_capture_get_u32 (in);
  process->python = sal_capture_get_optional (in);
}

static void
put_process_image (SalCaptureOut *out, const SalCaptureProcessImage *image)
{
  sal_capture_put (out, image->process);
  sal_capture_put_signed (out, image->time_ns);
  sal_capture_put (out, image->command);
  sal_capture_put_optional (out, image->python);
}

static void
get_process_image (SalCaptureIn *in, SalCaptureProcessImage *image)
{
  image->process = sal_capture_get_u32 (in);
  image->time_ns = sal_capture_get_signed (in);
  image->command = sal_capture_get_u32 (in);
  image->python = sal_capture_get_optional (in);
}

static void
put_thread (SalCaptureOut *out, const SalCaptureThread *thread)
{
  sal_capture_put (out, thread->id);
  sal_capture_put (out, thread->process);
  sal_capture_put (out, thread->tid);
  sal_capture_put_optional (out, thread->name);
  sal_capture_put_signed (out, thread->start_ns);
  sal_capture_put (out, thread->is_main);
}

static void
get_thread (SalCaptureIn *in, SalCaptureThread *thread)
{
  thread->id = sal_capture_get_u32 (in);
  thread->process = sal_capture_get_u32 (in);
  thread->tid = sal_capture_get (in);
  thread->name = sal_capture_get_optional (in);
  thread->start_ns = sal_capture_get_signed (in);
  thread->is_main = sal_capture_get (in) != 0;
}

static void
put_function (SalCaptureOut *out, const SalCaptureFunction *function)
{
  sal_capture_put (out, function->kind == SAL_CAPTURE_TASK ? SAL_CAPTURE_MARK : function->kind);
  sal_capture_put (out, function->name);
  sal_capture_put_optional (out, function->file);
  sal_capture_put (out, function->first_line);
  if (function->kind == SAL_CAPTURE_NATIVE && function->library != SAL_CAPTURE_NO_ID)
    {
      sal_capture_put_optional (out, function->library);
      if (function->address != 0)
        sal_capture_put (out, function->address);
    }
  if (function->kind == SAL_CAPTURE_TASK)
    sal_capture_put (out, MARK_IS_TASK);
}

static void
get_function (SalCaptureIn *in, SalCaptureFunction *function)
{
  function->kind = sal_capture_get_u8 (in);
  if (function->kind > SAL_CAPTURE_MARK)
    function->kind = UINT8_MAX;
  function->name = sal_capture_get_u32 (in);
  function->file = sal_capture_get_optional (in);
  function->first_line = sal_capture_get_u32 (in);
  /* Only native functions that were loaded from a file, and tasks, go on. */
  function->library = SAL_CAPTURE_NO_ID;
  function->address = 0;
  if (function->kind == SAL_CAPTURE_NATIVE && in->at < in->end)
    {
      function->library = sal_capture_get_optional (in);
      function->address = in->at < in->end ? sal_capture_get (in) : 0;
    }
  if (function->kind == SAL_CAPTURE_MARK && in->at < in->end &&
      sal_capture_get (in) == MARK_IS_TASK)
    function->kind = SAL_CAPTURE_TASK;
}

static void
put_frame (SalCaptureOut *out, const SalCaptureFrame *frame)
{
  sal_capture_put (out, frame->function);
  sal_capture_put (out, frame->line);
  sal_capture_put (out, frame->end_line);
  sal_capture_put (out, frame->column);
  sal_capture_put (out, frame->end_column);
}

static void
get_frame (SalCaptureIn *in, SalCaptureFrame *frame)
{
  frame->function = sal_capture_get_u32 (in);
  frame->line = sal_capture_get_u32 (in);
  frame->end_line = sal_capture_get_u32 (in);
  frame->column = sal_capture_get_u32 (in);
  frame->end_column = sal_capture_get_u32 (in);
}

static void
put_place (SalCaptureOut *out, const SalCapturePlace *place)
{
  sal_capture_put_text (out, &place->name);
  sal_capture_put_text (out, &place->file);
  sal_capture_put (out, place->first_line);
  sal_capture_put (out, place->line);
}

static void
get_place (SalCaptureIn *in, SalCapturePlace *place)
{
  place->name = sal_capture_get_text (in);
  place->file = sal_capture_get_text (in);
  place->first_line = sal_capture_get_u32 (in);
  place->line = sal_capture_get_u32 (in);
}

/* The parent is mostly a stack defined lately: counted backwards from the stack's own id. */
static void
put_stack (SalCaptureOut *out, const SalCaptureTables *tables, const SalCaptureStack *stack)
{
  sal_capture_put (out,
                   stack->parent == SAL_CAPTURE_NO_ID
                       ? 0
                       : (uint64_t)tables->n_stacks - stack->parent);
  sal_capture_put (out, stack->frame);
}

static void
get_stack (SalCaptureIn *in, const SalCaptureTables *tables, SalCaptureStack *stack)
{
  uint64_t back = sal_capture_get (in);

  in->is_bad |= back > tables->n_stacks;
  stack->parent = back == 0 ? SAL_CAPTURE_NO_ID : tables->n_stacks - (uint32_t)back;
  stack->frame = sal_capture_get_u32 (in);
}

static void
put_wait (SalCaptureOut *out, const SalCaptureWait *wait)
{
  sal_capture_put (out, wait->kind);
  sal_capture_put (out, wait->is_disk);
  sal_capture_put (out, wait->descriptor_kind);
  sal_capture_put_optional (out, wait->descriptor);
  sal_capture_put_optional (out, wait->name);
}

static void
get_wait (SalCaptureIn *in, SalCaptureWait *wait)
{
  wait->kind = sal_capture_get_u8 (in);
  wait->is_disk = sal_capture_get (in) != 0;
  wait->descriptor_kind = sal_capture_get_u8 (in);
  wait->descriptor = sal_capture_get_optional (in);
  wait->name = sal_capture_get_optional (in);
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
put_sample (SalCaptureOut *out, const SalCaptureTables *tables, const SalCaptureSample *sample)
{
  const SalCaptureThreadState *thread = &tables->threads[sample->thread];
  int64_t advance = sample->time_ns - tables->pace.time_ns;

  sal_capture_put (out, sample->thread);
  sal_capture_put (out, sample->state);
  sal_capture_put_signed (out, (int64_t)(sample->weight_ns - predict_weight (thread, sample)));
  sal_capture_put (out, sample->stack == SAL_CAPTURE_NO_ID
                            ? 0
                            : 1 + sal_capture_fold ((int64_t)sample->stack - thread->stack));
  sal_capture_put (out, advance == 0 ? 0 : 1 + sal_capture_fold (advance - tables->pace.step_ns));
  sal_capture_put_signed (out, (int64_t)(sample->cpu_ns - predict_cpu (sample)));
  if (sample->wait != 0)
    sal_capture_put_signed (out, (int64_t)sample->wait - thread->wait);
}

static void
get_sample (SalCaptureIn *in, const SalCaptureTables *tables, SalCaptureSample *sample)
{
  const SalCaptureThreadState *thread;
  uint64_t weight, stack, advance;

  sample->thread = sal_capture_get_u32 (in);
  if (sample->thread >= tables->n_threads)
    {
      in->is_bad = true;
      return;
    }
  thread = &tables->threads[sample->thread];
  sample->state = sal_capture_get_u32 (in);
  weight = (uint64_t)sal_capture_get_signed (in);
  stack = sal_capture_get (in);
  advance = sal_capture_get (in);

  sample->stack = SAL_CAPTURE_NO_ID;
  if (stack != 0)
    {
      uint64_t id = thread->stack + (uint64_t)sal_capture_unfold (stack - 1);

      in->is_bad |= id >= tables->n_stacks;
      sample->stack = (uint32_t)id;
    }
  if (advance != 0)
    advance = (uint64_t)sal_capture_unfold (advance - 1) + (uint64_t)tables->pace.step_ns;
  sample->time_ns = (int64_t)((uint64_t)tables->pace.time_ns + advance);
  sample->weight_ns = weight + predict_weight (thread, sample);
  sample->cpu_ns = (uint64_t)sal_capture_get_signed (in) + predict_cpu (sample);
  /* Only samples of threads that wait go on, where the recorder tells. */
  if (in->at < in->end)
    {
      uint64_t id = thread->wait + (uint64_t)sal_capture_get_signed (in);

      in->is_bad |= id > tables->n_waits;
      sample->wait = (uint32_t)id;
    }
}

static void
put_counters (SalCaptureOut *out, const SalCaptureCounters *counters)
{
  sal_capture_put_signed (out, counters->time_ns);
  sal_capture_put (out, counters->ticks);
  sal_capture_put (out, counters->samples);
  sal_capture_put (out, counters->missed);
  sal_capture_put (out, counters->late);
  sal_capture_put (out, counters->retried);
  sal_capture_put (out, counters->rejected);
  sal_capture_put (out, counters->cpu_ns);
  sal_capture_put (out, SAL_CAPTURE_N_ERRORS);
  for (int i = 0; i < SAL_CAPTURE_N_ERRORS; i++)
    sal_capture_put (out, counters->errors[i]);
  sal_capture_put (out, counters->withheld);
  sal_capture_put (out, counters->rate_mhz);
  sal_capture_put (out, counters->native_samples);
  sal_capture_put (out, counters->native_seams);
  sal_capture_put (out, counters->native_cut);
  sal_capture_put (out, counters->stop_median_ns);
  sal_capture_put (out, counters->stop_p99_ns);
  sal_capture_put (out, counters->same_cpu);
  sal_capture_put (out, counters->copy_median_ns);
  sal_capture_put (out, counters->held);
}

static void
get_counters (SalCaptureIn *in, SalCaptureCounters *counters)
{
  uint64_t n_errors;

  counters->time_ns = sal_capture_get_signed (in);
  counters->ticks = sal_capture_get (in);
  counters->samples = sal_capture_get (in);
  counters->missed = sal_capture_get (in);
  counters->late = sal_capture_get (in);
  counters->retried = sal_capture_get (in);
  counters->rejected = sal_capture_get (in);
  counters->cpu_ns = sal_capture_get (in);
  n_errors = sal_capture_get (in);
  for (uint64_t i = 0; i < n_errors && !in->is_bad; i++)
    {
      uint64_t n = sal_capture_get (in);

      if (i < SAL_CAPTURE_N_ERRORS)
        counters->errors[i] = n;
    }
  /* Recordings of the first program that wrote this version end here. */
  if (in->at == in->end)
    return;
  counters->withheld = sal_capture_get (in);
  counters->rate_mhz = sal_capture_get (in);
  if (in->at == in->end)
    return;
  counters->native_samples = sal_capture_get (in);
  counters->native_seams = sal_capture_get (in);
  counters->native_cut = sal_capture_get (in);
  counters->stop_median_ns = sal_capture_get (in);
  counters->stop_p99_ns = sal_capture_get (in);
  if (in->at < in->end)
    counters->same_cpu = sal_capture_get (in);
  if (in->at < in->end)
    counters->copy_median_ns = sal_capture_get (in);
  if (in->at < in->end)
    counters->held = sal_capture_get (in);
}

static void
put_payload (SalCaptureOut *out, const SalCaptureTables *tables, const SalCaptureRecord *record)
{
  switch (record->kind)
    {
    case SAL_CAPTURE_META:
      sal_capture_put_text (out, &record->meta.key);
      sal_capture_put_text (out, &record->meta.value);
      break;
    case SAL_CAPTURE_STRING:
      sal_capture_put_text (out, &record->string);
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
      sal_capture_put (out, record->thread_end.thread);
      sal_capture_put_signed (out, record->thread_end.time_ns);
      break;
    case SAL_CAPTURE_PROCESS_END:
      sal_capture_put (out, record->process_end.process);
      sal_capture_put_signed (out, record->process_end.time_ns);
      sal_capture_put_signed (out, record->process_end.status);
      break;
    case SAL_CAPTURE_COUNTERS:
      put_counters (out, &record->counters);
      break;
    case SAL_CAPTURE_END:
      sal_capture_put_signed (out, record->end.time_ns);
      sal_capture_put (out, record->end.reason);
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
get_payload (SalCaptureIn *in, const SalCaptureTables *tables, SalCaptureRecord *record)
{
  int64_t status;

  switch (record->kind)
    {
    case SAL_CAPTURE_META:
      record->meta.key = sal_capture_get_text (in);
      record->meta.value = sal_capture_get_text (in);
      return true;
    case SAL_CAPTURE_STRING:
      record->string = sal_capture_get_text (in);
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
      record->thread_end.thread = sal_capture_get_u32 (in);
      record->thread_end.time_ns = sal_capture_get_signed (in);
      return true;
    case SAL_CAPTURE_PROCESS_END:
      record->process_end.process = sal_capture_get_u32 (in);
      record->process_end.time_ns = sal_capture_get_signed (in);
      status = sal_capture_get_signed (in);
      in->is_bad |= status < INT32_MIN || status > INT32_MAX;
      record->process_end.status = (int32_t)status;
      return true;
    case SAL_CAPTURE_COUNTERS:
      get_counters (in, &record->counters);
      return true;
    case SAL_CAPTURE_END:
      record->end.time_ns = sal_capture_get_signed (in);
      record->end.reason = sal_capture_get_u8 (in);
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
  SalCaptureOut out = { bytes + PREFIX };
  SalCaptureOut prefix = { bytes };
  size_t length;

  put_payload (&out, tables, record);
  length = (size_t)(out.at - (bytes + PREFIX));
  sal_capture_put (&prefix, record->kind);
  sal_capture_put (&prefix, length);
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
  SalCaptureIn in = { bytes, bytes + length, false };
  uint64_t kind = sal_capture_get (&in);
  uint64_t payload = sal_capture_get (&in);

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
