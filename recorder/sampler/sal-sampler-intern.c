/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns raw stacks into ids of the capture, writing each definition once. */
#include "sal-sampler-intern.h"

#include <stdlib.h>
#include <string.h>

#include "sal-capture-format.h"
#include "sal-native-name.h"

#include "sal-sampler-index.h"
#include "sal-sampler-sink.h"
#include "sal-sampler-strings.h"

#define NO_ID SAL_CAPTURE_NO_ID

/* A frame may define two strings, a function, its place in the source, a frame and a stack; the
 * mark of a cut stack as well. */
#define RECORDS_A_FRAME 6

/* What a recording may hold at most: over half a gigabyte of tables, far above any real program. */
#define MOST_FUNCTIONS (UINT32_C (1) << 22)
#define MOST_FRAMES (UINT32_C (1) << 24)
#define MOST_STACKS SAL_CAPTURE_MAX_IDS
/* How many of these are known at a time: 4 MB. Programs that recurse at random show new ones for
 * ever. */
#define MOST_KNOWN_STACKS (UINT32_C (1) << 18)
/* The kinds alone, which come last, make some hundreds. */
#define MOST_WAITS 8192
#define MOST_WAITS_IN_DETAIL 4096

/* Words of the keys. */
enum
{
  FUNCTION_WORDS = 4, /* kind, name, file, first line */
  FRAME_WORDS = 5,    /* function, line, end line, column, end column */
  STACK_WORDS = 2,    /* parent, frame */
  PLACE_WORDS = 2,    /* code, offset */
  WAIT_WORDS = 3,     /* kinds and disk, descriptor, name */
};

struct _SalSamplerIntern
{
  SalSamplerRing *ring; /* borrowed */

  /* By what they say: the ids are those of the capture. */
  SalSamplerStrings strings;
  SalSamplerIndex functions;
  SalSamplerIndex frames;
  SalSamplerIndex stacks;      /* the latest */
  uint32_t n_forgotten_stacks; /* whose ids come before those */
  SalSamplerIndex waits;       /* the capture counts them from 1 */

  uint32_t n_sites; /* instructions of native code */
  uint64_t n_unreadable;
};

SalSamplerIntern *
sal_sampler_intern_new (SalSamplerRing *ring)
{
  SalSamplerIntern *intern = calloc (1, sizeof *intern);

  if (intern == NULL)
    return NULL;
  intern->ring = ring;
  sal_sampler_index_init (&intern->functions, FUNCTION_WORDS, MOST_FUNCTIONS);
  sal_sampler_index_init (&intern->frames, FRAME_WORDS, MOST_FRAMES);
  sal_sampler_index_init (&intern->stacks, STACK_WORDS, MOST_KNOWN_STACKS);
  sal_sampler_index_init (&intern->waits, WAIT_WORDS, MOST_WAITS);
  return intern;
}

size_t
sal_sampler_intern_get_need (uint32_t n_frames)
{
  return ((size_t)n_frames + 1) * RECORDS_A_FRAME;
}

uint32_t
sal_sampler_intern_string (SalSamplerIntern *intern, const char *text)
{
  bool is_new;
  uint32_t id = sal_sampler_strings_add (&intern->strings, text, &is_new);

  if (is_new)
    {
      const SalSamplerString *item = &intern->strings.items[id];

      sal_sampler_ring_push (intern->ring,
                             &(SalCaptureRecord){
                                 .kind = SAL_CAPTURE_STRING,
                                 .string = { item->bytes, item->length },
                             });
    }
  return id;
}

static uint32_t
intern_function (SalSamplerIntern *intern,
                 SalCaptureFunctionKind kind,
                 const char *name,
                 const char *file,
                 uint32_t first_line)
{
  SalCaptureFunction function = {
    .kind = (uint8_t)kind,
    .name = sal_sampler_intern_string (intern, name),
    .file = NO_ID,
    .first_line = first_line,
  };
  bool is_new;
  uint32_t id;

  if (function.name == NO_ID)
    return NO_ID;
  if (file != NULL)
    {
      function.file = sal_sampler_intern_string (intern, file);
      if (function.file == NO_ID)
        return NO_ID;
    }

  id = sal_sampler_index_add (&intern->functions,
                              (uint32_t[]){ kind, function.name, function.file, first_line },
                              &is_new);
  if (is_new)
    sal_sampler_ring_push (
        intern->ring,
        &(SalCaptureRecord){ .kind = SAL_CAPTURE_FUNCTION, .function = function });
  return id;
}

static uint32_t
intern_frame (SalSamplerIntern *intern, uint32_t function, SalPythonPosition at)
{
  bool is_new;
  uint32_t id;

  id = sal_sampler_index_add (
      &intern->frames,
      (uint32_t[]){ function, at.line, at.end_line, at.column, at.end_column },
      &is_new);
  if (is_new)
    sal_sampler_ring_push (intern->ring,
                           &(SalCaptureRecord){
                               .kind = SAL_CAPTURE_FRAME,
                               .frame = {
                                   .function = function,
                                   .line = at.line,
                                   .end_line = at.end_line,
                                   .column = at.column,
                                   .end_column = at.end_column,
                               },
                           });
  return id;
}

/* Those that are shown again afterwards are defined again, as others. */
static void
forget_stacks (SalSamplerIntern *intern)
{
  if (intern->n_forgotten_stacks > MOST_STACKS - 2 * MOST_KNOWN_STACKS)
    return;
  intern->n_forgotten_stacks += intern->stacks.n_keys;
  sal_sampler_index_empty (&intern->stacks);
}

static uint32_t
intern_pair (SalSamplerIntern *intern, uint32_t parent, uint32_t frame)
{
  uint32_t key[STACK_WORDS] = { parent, frame };
  bool is_new;
  uint32_t id = sal_sampler_index_add (&intern->stacks, key, &is_new);

  if (id == SAL_SAMPLER_INDEX_NONE && intern->stacks.n_keys == MOST_KNOWN_STACKS)
    {
      forget_stacks (intern);
      id = sal_sampler_index_add (&intern->stacks, key, &is_new);
    }
  if (id == SAL_SAMPLER_INDEX_NONE)
    return NO_ID;
  if (is_new)
    sal_sampler_ring_push (
        intern->ring,
        &(SalCaptureRecord){ .kind = SAL_CAPTURE_STACK, .stack = { parent, frame } });
  return intern->n_forgotten_stacks + id;
}

/* Makes the array *@items hold @n elements at least, the new ones NO_ID. */
static bool
reserve_ids (uint32_t **items, uint32_t *capacity, uint32_t n)
{
  uint32_t bigger = *capacity < 256 ? 256 : *capacity;
  uint32_t *grown;

  if (n <= *capacity)
    return true;
  while (bigger < n)
    {
      if (bigger > UINT32_MAX / 2)
        return false;
      bigger *= 2;
    }
  grown = realloc (*items, (size_t)bigger * sizeof *grown);
  if (grown == NULL)
    return false;
  memset (grown + *capacity, 0xFF, (size_t)(bigger - *capacity) * sizeof *grown);
  *items = grown;
  *capacity = bigger;
  return true;
}

/* The function of code index @code, asking @python the first time. */
static uint32_t
get_function (SalSamplerIntern *intern,
              SalPython *python,
              SalSamplerCodes *codes,
              uint32_t code)
{
  const SalPythonCode *what;
  SalCaptureFunctionKind kind;

  if (code >= sal_python_get_n_codes (python) ||
      !reserve_ids (&codes->code_functions, &codes->n_code_functions, code + 1))
    return NO_ID;
  if (codes->code_functions[code] != NO_ID)
    return codes->code_functions[code];

  what = sal_python_get_code (python, code);
  kind = !what->readable ? SAL_CAPTURE_MARK
         : what->is_task ? SAL_CAPTURE_TASK
                         : SAL_CAPTURE_PYTHON;
  intern->n_unreadable += !what->readable;
  codes->code_functions[code] = intern_function (intern,
                                                 kind,
                                                 what->name,
                                                 what->readable ? what->file : NULL,
                                                 what->first_line);
  return codes->code_functions[code];
}

static uint32_t
get_frame (SalSamplerIntern *intern,
           SalPython *python,
           SalSamplerCodes *codes,
           const SalPythonFrame *seen)
{
  uint32_t key[PLACE_WORDS] = { seen->code, (uint32_t)seen->offset };
  uint32_t place = sal_sampler_index_find (&codes->places, key);
  uint32_t function;
  uint32_t frame;
  bool is_new;

  if (place != SAL_SAMPLER_INDEX_NONE)
    return codes->place_frames[place];

  if (codes->places.n_words == 0)
    sal_sampler_index_init (&codes->places, PLACE_WORDS, MOST_FRAMES);
  function = get_function (intern, python, codes, seen->code);
  if (function == NO_ID ||
      !reserve_ids (&codes->place_frames, &codes->n_place_frames, codes->places.n_keys + 1))
    return NO_ID;
  frame = intern_frame (intern,
                        function,
                        sal_python_get_position (python, seen->code, seen->offset));
  if (frame == NO_ID)
    return NO_ID;
  place = sal_sampler_index_add (&codes->places, key, &is_new);
  if (place == SAL_SAMPLER_INDEX_NONE)
    return NO_ID;
  codes->place_frames[place] = frame;
  return frame;
}

static uint32_t
get_mark (SalSamplerIntern *intern, const char *name)
{
  uint32_t function = intern_function (intern, SAL_CAPTURE_MARK, name, NULL, 0);

  return function == NO_ID ? NO_ID
                           : intern_frame (intern, function, (SalPythonPosition){ 0 });
}

/* A native function, whose name the sink finds when it writes the string. */
static uint32_t
define_native (SalSamplerIntern *intern, const SalNativeFunction *native)
{
  const char *library = sal_native_name_get_library (native);
  SalCaptureFunction function = { .kind = SAL_CAPTURE_NATIVE, .file = NO_ID, .library = NO_ID };
  bool is_new;
  uint32_t id;

  if (library[0] != '\0')
    {
      function.library = sal_sampler_intern_string (intern, library);
      function.address = native->address;
    }
  function.name = sal_sampler_strings_reserve (&intern->strings);
  if (function.name == NO_ID)
    return NO_ID;
  sal_sampler_ring_push (intern->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_STRING,
                             .string = { (const char *)native, SAL_SAMPLER_NAME_OF_FUNCTION },
                         });
  id = sal_sampler_index_add (
      &intern->functions,
      (uint32_t[]){ SAL_CAPTURE_NATIVE, function.name, function.library, 0 },
      &is_new);
  if (is_new)
    sal_sampler_ring_push (
        intern->ring,
        &(SalCaptureRecord){ .kind = SAL_CAPTURE_FUNCTION, .function = function });
  return id;
}

/* Functions and instructions remember their ids, of functions and of frames. */
static uint32_t
get_native_function (SalSamplerIntern *intern, SalNativeFunction *native)
{
  uint32_t id;

  if (native->tag != 0)
    return native->tag - 1;
  id = define_native (intern, native);
  if (id != NO_ID)
    native->tag = id + 1;
  return id;
}

/* A frame for each instruction: only the sink finds out which of them are of one line. The key is
 * one that no frame of Python has. */
static uint32_t
get_native_frame (SalSamplerIntern *intern, SalNativeFunction *site)
{
  SalCaptureFrame frame = { 0 };
  bool is_new;
  uint32_t id;

  if (site->tag != 0)
    return site->tag - 1;
  frame.function = get_native_function (intern, site->function);
  if (frame.function == NO_ID)
    return NO_ID;
  id = sal_sampler_index_add (
      &intern->frames,
      (uint32_t[]){ frame.function, 0, NO_ID, NO_ID, intern->n_sites++ },
      &is_new);
  if (id == NO_ID)
    return NO_ID;
  sal_sampler_ring_push (intern->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_PLACE,
                             .place.name = { (const char *)site, SAL_SAMPLER_PLACE_OF_SITE },
                         });
  sal_sampler_ring_push (intern->ring,
                         &(SalCaptureRecord){ .kind = SAL_CAPTURE_FRAME, .frame = frame });
  site->tag = id + 1;
  return id;
}

bool
sal_sampler_intern_mixed (SalSamplerIntern *intern,
                          SalPython *python,
                          SalSamplerCodes *codes,
                          const SalSamplerMixed *mixed,
                          uint32_t *stack)
{
  uint32_t parent = NO_ID;
  uint32_t frame;

  *stack = NO_ID;
  if (mixed->base != NULL)
    {
      frame = get_mark (intern, mixed->base);
      parent = frame == NO_ID ? NO_ID : intern_pair (intern, NO_ID, frame);
      if (parent == NO_ID)
        return false;
    }
  for (size_t i = mixed->n_items; i-- > 0;)
    {
      const SalNativeMerged *item = &mixed->items[i];

      if (item->kind == SAL_NATIVE_MERGED_NATIVE)
        frame = get_native_frame (intern, mixed->native[item->index].site);
      else if (item->kind == SAL_NATIVE_MERGED_PYTHON)
        frame = get_frame (intern, python, codes, &mixed->frames[item->index]);
      else
        frame = get_mark (intern, "<native frames missing>");
      parent = frame == NO_ID ? NO_ID : intern_pair (intern, parent, frame);
      if (parent == NO_ID)
        return false;
    }
  *stack = parent;
  return true;
}

static bool
reserve_trail (SalSamplerTrail *trail, uint32_t n)
{
  uint32_t capacity = trail->capacity < 64 ? 64 : trail->capacity;
  SalPythonFrame *frames;
  uint32_t *stacks;

  if (n <= trail->capacity)
    return true;
  while (capacity < n)
    {
      if (capacity > UINT32_MAX / 2)
        return false;
      capacity *= 2;
    }
  frames = realloc (trail->frames, (size_t)capacity * sizeof *frames);
  if (frames == NULL)
    return false;
  trail->frames = frames;
  stacks = realloc (trail->stacks, (size_t)capacity * sizeof *stacks);
  if (stacks == NULL)
    return false;
  trail->stacks = stacks;
  trail->capacity = capacity;
  return true;
}

/* How many outermost frames of @seen are those of @trail. */
static uint32_t
count_common (const SalPythonThread *seen, const SalSamplerTrail *trail)
{
  uint32_t most = seen->n_frames < trail->n_frames ? seen->n_frames : trail->n_frames;
  const SalPythonFrame *mine = trail->frames + trail->n_frames;
  const SalPythonFrame *theirs = seen->frames + seen->n_frames;
  uint32_t n = 0;

  /* By far the most often only the instruction of the innermost frame has changed. */
  if (seen->n_frames == trail->n_frames && most > 0 &&
      memcmp (seen->frames + 1, trail->frames + 1, (most - 1) * sizeof *seen->frames) == 0)
    n = most - 1;
  while (n < most && mine[-1 - (int64_t)n].code == theirs[-1 - (int64_t)n].code &&
         mine[-1 - (int64_t)n].offset == theirs[-1 - (int64_t)n].offset)
    n++;
  return n;
}

bool
sal_sampler_intern_stack (SalSamplerIntern *intern,
                          SalPython *python,
                          SalSamplerCodes *codes,
                          const SalPythonThread *seen,
                          SalSamplerTrail *trail,
                          uint32_t *stack)
{
  uint32_t base = NO_ID;
  uint32_t n_common;
  uint32_t parent;

  *stack = NO_ID;
  if (seen->n_frames == 0)
    {
      trail->n_frames = 0;
      return true;
    }
  if (seen->result == SAL_PYTHON_LOOK_PARTIAL)
    {
      uint32_t frame = get_mark (intern, "<truncated>");

      base = frame == NO_ID ? NO_ID : intern_pair (intern, NO_ID, frame);
    }
  if (!reserve_trail (trail, seen->n_frames))
    {
      trail->n_frames = 0;
      return false;
    }

  /* The ids of what is common lie at the outer end: move them to where that end is now. */
  n_common = base == trail->base ? count_common (seen, trail) : 0;
  if (seen->n_frames != trail->n_frames)
    {
      memmove (trail->stacks + seen->n_frames - n_common,
               trail->stacks + trail->n_frames - n_common,
               n_common * sizeof *trail->stacks);
      memmove (trail->frames + seen->n_frames - n_common,
               trail->frames + trail->n_frames - n_common,
               n_common * sizeof *trail->frames);
    }
  memcpy (trail->frames, seen->frames, (seen->n_frames - n_common) * sizeof *trail->frames);
  trail->n_frames = seen->n_frames;
  trail->base = base;

  parent = n_common > 0 ? trail->stacks[seen->n_frames - n_common] : base;
  for (uint32_t i = seen->n_frames - n_common; i-- > 0;)
    {
      uint32_t frame = get_frame (intern, python, codes, &seen->frames[i]);

      parent = frame == NO_ID ? NO_ID : intern_pair (intern, parent, frame);
      if (parent == NO_ID)
        {
          trail->n_frames = 0;
          return false;
        }
      trail->stacks[i] = parent;
    }
  *stack = parent;
  return true;
}

uint32_t
sal_sampler_intern_wait (SalSamplerIntern *intern, const SalSamplerWait *wait)
{
  SalCaptureWait record = {
    .kind = (uint8_t)wait->kind,
    .descriptor_kind = (uint8_t)wait->descriptor_kind,
    .descriptor = NO_ID,
    .name = NO_ID,
    .is_disk = wait->is_disk,
  };
  bool is_new;
  uint32_t id;

  if (intern->waits.n_keys < MOST_WAITS_IN_DETAIL)
    {
      record.descriptor = wait->descriptor;
      if (wait->name[0] != '\0')
        record.name = sal_sampler_intern_string (intern, wait->name);
    }
  id = sal_sampler_index_add (&intern->waits,
                              (uint32_t[]){ (uint32_t)wait->kind << 16 |
                                                (uint32_t)wait->descriptor_kind << 8 |
                                                wait->is_disk,
                                            record.descriptor,
                                            record.name },
                              &is_new);
  if (id == SAL_SAMPLER_INDEX_NONE)
    return 0;
  if (is_new)
    sal_sampler_ring_push (intern->ring,
                           &(SalCaptureRecord){ .kind = SAL_CAPTURE_WAIT, .wait = record });
  return id + 1;
}

uint64_t
sal_sampler_intern_get_n_unreadable (const SalSamplerIntern *intern)
{
  return intern->n_unreadable;
}

void
sal_sampler_codes_clear (SalSamplerCodes *codes)
{
  sal_sampler_index_clear (&codes->places);
  free (codes->place_frames);
  free (codes->code_functions);
  *codes = (SalSamplerCodes){ 0 };
}

void
sal_sampler_trail_clear (SalSamplerTrail *trail)
{
  free (trail->frames);
  free (trail->stacks);
  *trail = (SalSamplerTrail){ 0 };
}

void
sal_sampler_intern_free (SalSamplerIntern *intern)
{
  if (intern == NULL)
    return;
  sal_sampler_strings_clear (&intern->strings);
  sal_sampler_index_clear (&intern->functions);
  sal_sampler_index_clear (&intern->frames);
  sal_sampler_index_clear (&intern->stacks);
  sal_sampler_index_clear (&intern->waits);
  free (intern);
}
