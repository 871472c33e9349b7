/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a thread's stack is, byte for byte, as it was in the copy before, and need not be
 * followed again.
 *
 * Most of the time a thread works at the end of a stack that stays. The data stack grows upwards,
 * so what has changed of it begins at some address, and all frames below that are what they were. A
 * walk that comes to one of them goes on as the walk before did: the same bytes lead to the same
 * frames, as long as nothing was learned of code objects meanwhile and the memory copied besides
 * the current chunk (older chunks, frames of generators, entry frames on the C stack) has not
 * changed either. The mark at the outer end that 3.15 has in the thread state stays what it is for
 * as long as the thread. */
#include <stdlib.h>
#include <string.h>

#include "sal-python-private.h"

/* Compared at once. */
#define BLOCK ((size_t)256)
/* A longer copy is not remembered. */
#define MOST_BYTES ((size_t)4 << 20)

void
_sal_python_recall_forget (SalPythonThreadState *thread)
{
  thread->recall.n_raw = 0;
}

void
_sal_python_recall_free (SalPythonThreadState *thread)
{
  free (thread->recall.bytes);
  free (thread->recall.raw);
  free (thread->recall.frames);
}

/* How many bytes of the current chunk are as they were, from its start. */
static size_t
count_same (const uint8_t *now, const uint8_t *before, size_t length)
{
  size_t n = 0;

  while (n + BLOCK <= length && memcmp (now + n, before + n, BLOCK) == 0)
    n += BLOCK;
  while (n + 8 <= length && memcmp (now + n, before + n, 8) == 0)
    n += 8;
  return n;
}

void
_sal_python_recall_offer (const SalPython *self,
                          SalPythonThreadState *thread,
                          const SalPythonCopyAt *at,
                          SalPythonWalk *walk)
{
  SalPythonRecall *recall = &thread->recall;
  size_t n_before = at->chunk - at->spans;

  recall->n_same = 0;
  walk->n_known = 0;
  if (recall->n_raw == 0 || recall->n_lessons != sal_python_codes_get_n_lessons (self->codes) ||
      memcmp (self->bytes + at->spans, recall->bytes, n_before) != 0)
    return;
  recall->n_same =
      count_same (self->bytes + at->chunk, recall->bytes + n_before, thread->chunk_length);
  walk->known = recall->raw;
  walk->n_known = recall->n_raw;
  walk->known_start = thread->chunk;
  walk->known_end = thread->chunk + recall->n_same;
  walk->known_owner = recall->last_owner;
}

size_t
_sal_python_recall_resolve (const SalPythonThreadState *thread,
                            const SalPythonRawFrame *first,
                            SalPythonFrame *frames)
{
  const SalPythonRecall *recall = &thread->recall;

  memcpy (frames, recall->frames + recall->n_frames - first->n_shown,
          first->n_shown * sizeof *frames);
  return first->n_shown;
}

static bool
reserve (SalPythonRecall *recall, size_t n_bytes, size_t n_raw)
{
  if (n_bytes > recall->bytes_capacity)
    {
      uint8_t *bytes = realloc (recall->bytes, n_bytes * 2);

      if (bytes == NULL)
        return false;
      recall->bytes = bytes;
      recall->bytes_capacity = n_bytes * 2;
    }
  if (n_raw > recall->capacity)
    {
      SalPythonRawFrame *raw = realloc (recall->raw, n_raw * 2 * sizeof *raw);
      SalPythonFrame *frames = realloc (recall->frames, n_raw * 2 * sizeof *frames);

      if (raw != NULL)
        recall->raw = raw;
      if (frames != NULL)
        recall->frames = frames;
      if (raw == NULL || frames == NULL)
        return false;
      recall->capacity = n_raw * 2;
    }
  return true;
}

/* Counts the frames shown from the outer end, but for those that are counted. */
static void
count_shown (SalPythonCandidate *now, size_t n_recalled)
{
  size_t i = now->n_raw - n_recalled;
  uint32_t n = n_recalled > 0 ? now->raw[i].n_shown : 0;

  while (i-- > 0)
    {
      n += now->raw[i].is_shown;
      now->raw[i].n_shown = n;
    }
}

void
_sal_python_recall_keep (SalPython *self,
                         SalPythonThreadState *thread,
                         const SalPythonCopyAt *at)
{
  SalPythonRecall *recall = &thread->recall;
  SalPythonCandidate *now = &self->now;
  size_t n_before = at->chunk - at->spans;
  size_t n_bytes = n_before + thread->chunk_length;
  bool goes_on = recall->n_raw > 0 && recall->n_same > 0;
  size_t n_kept = 0; /* frames at the outer end that are where they were */

  if (now->is_partial || thread->chunk_length == 0 || n_bytes > MOST_BYTES ||
      !reserve (recall, n_bytes, now->n_raw))
    {
      recall->n_raw = 0;
      return;
    }
  count_shown (now, now->n_recalled);
  if (goes_on)
    memcpy (recall->bytes + n_before + recall->n_same, self->bytes + at->chunk + recall->n_same,
            thread->chunk_length - recall->n_same);
  else
    memcpy (recall->bytes, self->bytes + at->spans, n_bytes);
  if (goes_on && now->n_raw == recall->n_raw && now->n_frames == recall->n_frames)
    n_kept = now->n_recalled;
  memcpy (recall->raw, now->raw, (now->n_raw - n_kept) * sizeof *now->raw);
  memcpy (recall->frames, now->frames,
          (now->n_frames - (n_kept > 0 ? now->raw[now->n_raw - n_kept].n_shown : 0)) *
              sizeof *now->frames);
  recall->n_raw = now->n_raw;
  recall->n_frames = now->n_frames;
  recall->last_owner = now->last_owner;
  recall->n_looks = self->n_looks;
  recall->n_lessons = sal_python_codes_get_n_lessons (self->codes);
}
