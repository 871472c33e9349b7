/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of the format: which record may stand where. */
#include "sal-capture-check.h"

/* RFC 3629: no surrogates, no overlong forms, nothing over U+10FFFF. */
static bool
is_utf8 (const SalCaptureText *text)
{
  const uint8_t *at = (const uint8_t *)text->bytes;
  size_t left = text->length;

  while (left > 0)
    {
      uint8_t first = at[0];
      size_t length = (size_t)(1 + (first >= 0xc0) + (first >= 0xe0) + (first >= 0xf0));

      if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || length > left)
        return false;
      for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
          return false;
      if ((first == 0xe0 && at[1] < 0xa0) || (first == 0xed && at[1] > 0x9f) ||
          (first == 0xf0 && at[1] < 0x90) || (first == 0xf4 && at[1] > 0x8f))
        return false;
      at += length;
      left -= length;
    }
  return true;
}

static SalCaptureResult
check_text (const SalCaptureText *text)
{
  if (text->length > SAL_CAPTURE_MAX_TEXT)
    return SAL_CAPTURE_LIMIT;
  return is_utf8 (text) ? SAL_CAPTURE_OK : SAL_CAPTURE_CORRUPT;
}

static bool
is_optional_id (uint32_t id, uint32_t count)
{
  return id < count || id == SAL_CAPTURE_NO_ID;
}

static bool
is_time (int64_t time_ns)
{
  return time_ns >= -SAL_CAPTURE_MAX_TIME && time_ns <= SAL_CAPTURE_MAX_TIME;
}

static SalCaptureResult
check (bool is_valid, bool is_in_limits)
{
  if (!is_valid)
    return SAL_CAPTURE_CORRUPT;
  return is_in_limits ? SAL_CAPTURE_OK : SAL_CAPTURE_LIMIT;
}

static SalCaptureResult
check_process (const SalCaptureTables *tables, const SalCaptureProcess *process)
{
  bool is_valid = is_optional_id (process->parent, tables->n_processes) &&
                  process->command < tables->n_strings &&
                  is_optional_id (process->python, tables->n_strings);

  return check (is_valid,
                tables->n_processes < SAL_CAPTURE_MAX_IDS && is_time (process->start_ns));
}

static SalCaptureResult
check_process_image (const SalCaptureTables *tables, const SalCaptureProcessImage *image)
{
  return check (image->process < tables->n_processes && image->command < tables->n_strings &&
                    is_optional_id (image->python, tables->n_strings),
                is_time (image->time_ns));
}

static SalCaptureResult
check_thread (const SalCaptureTables *tables, const SalCaptureThread *thread)
{
  bool is_valid = thread->id <= tables->n_threads && thread->process < tables->n_processes &&
                  is_optional_id (thread->name, tables->n_strings);

  return check (is_valid, thread->id < SAL_CAPTURE_MAX_THREADS && is_time (thread->start_ns));
}

static SalCaptureResult
check_function (const SalCaptureTables *tables, const SalCaptureFunction *function)
{
  bool is_valid = function->kind <= SAL_CAPTURE_TASK && function->name < tables->n_strings &&
                  is_optional_id (function->file, tables->n_strings);

  if (function->kind == SAL_CAPTURE_NATIVE)
    is_valid = is_valid && is_optional_id (function->library, tables->n_strings);
  return check (is_valid, tables->n_functions < SAL_CAPTURE_MAX_IDS);
}

static SalCaptureResult
check_stack (const SalCaptureTables *tables, const SalCaptureStack *stack)
{
  return check (is_optional_id (stack->parent, tables->n_stacks) &&
                    stack->frame < tables->n_frames,
                tables->n_stacks < SAL_CAPTURE_MAX_IDS);
}

static SalCaptureResult
check_wait (const SalCaptureTables *tables, const SalCaptureWait *wait)
{
  return check (is_optional_id (wait->name, tables->n_strings),
                tables->n_waits < SAL_CAPTURE_MAX_WAITS);
}

static SalCaptureResult
check_sample (const SalCaptureTables *tables, const SalCaptureSample *sample)
{
  return check (sample->thread < tables->n_threads &&
                    is_optional_id (sample->stack, tables->n_stacks) &&
                    sample->wait <= tables->n_waits,
                is_time (sample->time_ns) && sample->weight_ns <= SAL_CAPTURE_MAX_TIME &&
                    sample->cpu_ns <= SAL_CAPTURE_MAX_TIME);
}

static SalCaptureResult
check_string (const SalCaptureTables *tables, const SalCaptureText *text)
{
  return tables->n_strings < SAL_CAPTURE_MAX_IDS ? check_text (text) : SAL_CAPTURE_LIMIT;
}

static SalCaptureResult
check_meta (const SalCaptureMeta *meta)
{
  SalCaptureResult result = check_text (&meta->key);

  return result == SAL_CAPTURE_OK ? check_text (&meta->value) : result;
}

static SalCaptureResult
check_place (const SalCapturePlace *place)
{
  SalCaptureResult result = check_text (&place->name);

  return result == SAL_CAPTURE_OK ? check_text (&place->file) : result;
}

SalCaptureResult
sal_capture_tables_check (const SalCaptureTables *tables, const SalCaptureRecord *record)
{
  switch (record->kind)
    {
    case SAL_CAPTURE_META:
      return check_meta (&record->meta);
    case SAL_CAPTURE_STRING:
      return check_string (tables, &record->string);
    case SAL_CAPTURE_PROCESS:
      return check_process (tables, &record->process);
    case SAL_CAPTURE_THREAD:
      return check_thread (tables, &record->thread);
    case SAL_CAPTURE_FUNCTION:
      return check_function (tables, &record->function);
    case SAL_CAPTURE_FRAME:
      return check (record->frame.function < tables->n_functions,
                    tables->n_frames < SAL_CAPTURE_MAX_IDS);
    case SAL_CAPTURE_STACK:
      return check_stack (tables, &record->stack);
    case SAL_CAPTURE_SAMPLE:
      return check_sample (tables, &record->sample);
    case SAL_CAPTURE_THREAD_END:
      return check (record->thread_end.thread < tables->n_threads,
                    is_time (record->thread_end.time_ns));
    case SAL_CAPTURE_PROCESS_END:
      return check (record->process_end.process < tables->n_processes,
                    is_time (record->process_end.time_ns));
    case SAL_CAPTURE_COUNTERS:
      return check (true, is_time (record->counters.time_ns));
    case SAL_CAPTURE_END:
      return check (record->end.reason <= SAL_CAPTURE_END_LOST, is_time (record->end.time_ns));
    case SAL_CAPTURE_PROCESS_IMAGE:
      return check_process_image (tables, &record->process_image);
    case SAL_CAPTURE_WAIT:
      return check_wait (tables, &record->wait);
    case SAL_CAPTURE_PLACE:
      return check_place (&record->place);
    default:
      return SAL_CAPTURE_CORRUPT;
    }
}

static void
apply_sample (SalCaptureTables *tables, const SalCaptureSample *sample)
{
  SalCaptureThreadState *thread = &tables->threads[sample->thread];

  sal_capture_pace_go (&tables->pace, sample->time_ns);
  thread->time_ns = sample->time_ns;
  if (sample->stack != SAL_CAPTURE_NO_ID)
    thread->stack = sample->stack;
  if (sample->wait != 0)
    thread->wait = sample->wait;
}

static void
apply_new_thread (SalCaptureTables *tables, const SalCaptureThread *thread)
{
  SalCaptureThreadState state = { .time_ns = thread->start_ns };

  tables->threads[tables->n_threads++] = state;
}

void
sal_capture_tables_apply (SalCaptureTables *tables, const SalCaptureRecord *record)
{
  switch (record->kind)
    {
    case SAL_CAPTURE_STRING:
      tables->n_strings++;
      break;
    case SAL_CAPTURE_PROCESS:
      tables->n_processes++;
      break;
    case SAL_CAPTURE_THREAD:
      if (record->thread.id == tables->n_threads)
        apply_new_thread (tables, &record->thread);
      break;
    case SAL_CAPTURE_FUNCTION:
      tables->n_functions++;
      break;
    case SAL_CAPTURE_FRAME:
      tables->n_frames++;
      break;
    case SAL_CAPTURE_STACK:
      tables->n_stacks++;
      break;
    case SAL_CAPTURE_SAMPLE:
      apply_sample (tables, &record->sample);
      break;
    case SAL_CAPTURE_WAIT:
      tables->n_waits++;
      break;
    case SAL_CAPTURE_META:
    case SAL_CAPTURE_THREAD_END:
    case SAL_CAPTURE_PROCESS_END:
    case SAL_CAPTURE_COUNTERS:
    case SAL_CAPTURE_END:
    case SAL_CAPTURE_PROCESS_IMAGE:
    case SAL_CAPTURE_PLACE:
    default:
      break;
    }
}
