/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout that a runtime from 3.13 on describes itself, checked. */
#include "sal-python-layout.h"

#include <string.h>

#include "sal-python-bytes.h"

/* Places of words of _Py_DebugOffsets. The struct tells no lengths, so their order is known by
 * version only. The first nine words are the same in all. */
typedef struct
{
  uint8_t length;
  uint8_t interpreter_threads;
  uint8_t interpreter_gc;
  uint8_t interpreter_modules;
  uint8_t interpreter_gil;
  uint8_t gil_state;
  uint8_t gil_enabled;
  uint8_t gil_locked;
  uint8_t gil_holder;
  uint8_t thread_size;
  uint8_t thread_next;
  uint8_t thread_interpreter;
  uint8_t thread_frame;
  uint8_t thread_id;
  uint8_t thread_native_id;
  uint8_t thread_asks_gil; /* 0 = not told */
  uint8_t thread_chunk;
  uint8_t thread_status;
  uint8_t frame_size;
  uint8_t frame_previous;
  uint8_t frame_code;
  uint8_t frame_instruction;
  uint8_t frame_locals;
  uint8_t frame_owner;
  uint8_t frame_stack_pointer; /* 0 = not told */
  uint8_t frame_copy;          /* 0 = not told */
  uint8_t code_size;
  uint8_t code_file;
  uint8_t code_name;
  uint8_t code_qualified_name;
  uint8_t code_line_table;
  uint8_t code_first_line;
  uint8_t code_instructions;
  uint8_t code_copies;
  uint8_t object_size;
  uint8_t object_type;
  uint8_t type_size;
  uint8_t type_name;
  uint8_t type_flags;
  uint8_t set_size; /* 0 = not told */
  uint8_t set_used;
  uint8_t set_table;
  uint8_t set_mask;
  uint8_t coroutine_size; /* 0 = not told */
  uint8_t coroutine_frame;
  uint8_t dict_size;
  uint8_t dict_keys;
  uint8_t dict_values;
  uint8_t bytes_size;
  uint8_t bytes_length;
  uint8_t bytes_data;
  uint8_t text_size;
  uint8_t text_state;
  uint8_t text_length;
  uint8_t text_ascii_size;
  uint8_t gc_size;
  uint8_t gc_collecting;
} Words;

/* clang-format off */
/* 3.13.0 Include/internal/pycore_runtime.h */
static const Words words_3_13 = {
  .length = 73,
  .interpreter_threads = 9, .interpreter_gc = 10, .interpreter_modules = 11, .interpreter_gil = 14,
  .gil_state = 15, .gil_enabled = 16, .gil_locked = 17, .gil_holder = 18,
  .thread_size = 19, .thread_next = 21, .thread_interpreter = 22, .thread_frame = 23,
  .thread_id = 24, .thread_native_id = 25, .thread_chunk = 26, .thread_status = 27,
  .frame_size = 28, .frame_previous = 29, .frame_code = 30, .frame_instruction = 31,
  .frame_locals = 32, .frame_owner = 33,
  .code_size = 34, .code_file = 35, .code_name = 36, .code_qualified_name = 37,
  .code_line_table = 38, .code_first_line = 39, .code_instructions = 43,
  .object_size = 44, .object_type = 45, .type_size = 46, .type_name = 47, .type_flags = 49,
  .dict_size = 56, .dict_keys = 57, .dict_values = 58,
  .bytes_size = 64, .bytes_length = 65, .bytes_data = 66,
  .text_size = 67, .text_state = 68, .text_length = 69, .text_ascii_size = 70,
  .gc_size = 71, .gc_collecting = 72,
};

/* 3.14.10 Include/internal/pycore_debug_offsets.h */
static const Words words_3_14 = {
  .length = 95,
  .interpreter_threads = 9, .interpreter_gc = 11, .interpreter_modules = 12, .interpreter_gil = 15,
  .gil_state = 16, .gil_enabled = 17, .gil_locked = 18, .gil_holder = 19,
  .thread_size = 22, .thread_next = 24, .thread_interpreter = 25, .thread_frame = 26,
  .thread_id = 27, .thread_native_id = 28, .thread_chunk = 29, .thread_status = 30,
  .frame_size = 31, .frame_previous = 32, .frame_code = 33, .frame_instruction = 34,
  .frame_locals = 35, .frame_owner = 36, .frame_stack_pointer = 37, .frame_copy = 38,
  .code_size = 39, .code_file = 40, .code_name = 41, .code_qualified_name = 42,
  .code_line_table = 43, .code_first_line = 44, .code_instructions = 48, .code_copies = 49,
  .object_size = 50, .object_type = 51, .type_size = 52, .type_name = 53, .type_flags = 55,
  .set_size = 62, .set_used = 63, .set_table = 64, .set_mask = 65,
  .coroutine_size = 83, .coroutine_frame = 85,
  .dict_size = 66, .dict_keys = 67, .dict_values = 68,
  .bytes_size = 74, .bytes_length = 75, .bytes_data = 76,
  .text_size = 77, .text_state = 78, .text_length = 79, .text_ascii_size = 80,
  .gc_size = 81, .gc_collecting = 82,
};

/* 3.15.2 Include/internal/pycore_debug_offsets.h */
static const Words words_3_15 = {
  .length = 111,
  .interpreter_threads = 9, .interpreter_gc = 11, .interpreter_modules = 12, .interpreter_gil = 15,
  .gil_state = 16, .gil_enabled = 17, .gil_locked = 18, .gil_holder = 19,
  .thread_size = 22, .thread_next = 24, .thread_interpreter = 25, .thread_frame = 26,
  .thread_id = 30, .thread_native_id = 31, .thread_asks_gil = 35, .thread_chunk = 32,
  .thread_status = 33,
  .frame_size = 39, .frame_previous = 40, .frame_code = 41, .frame_instruction = 42,
  .frame_locals = 43, .frame_owner = 44, .frame_stack_pointer = 45, .frame_copy = 46,
  .code_size = 47, .code_file = 48, .code_name = 49, .code_qualified_name = 50,
  .code_line_table = 51, .code_first_line = 52, .code_instructions = 56, .code_copies = 57,
  .object_size = 58, .object_type = 59, .type_size = 60, .type_name = 61, .type_flags = 63,
  .set_size = 74, .set_used = 75, .set_table = 76, .set_mask = 77,
  .coroutine_size = 99, .coroutine_frame = 101,
  .dict_size = 78, .dict_keys = 79, .dict_values = 80,
  .bytes_size = 86, .bytes_length = 87, .bytes_data = 88,
  .text_size = 89, .text_state = 90, .text_length = 91, .text_ascii_size = 92,
  .gc_size = 94, .gc_collecting = 95,
};
/* clang-format on */

enum
{
  WORD_VERSION = 1,
  WORD_FREE_THREADED = 2,
  WORD_RUNTIME_SIZE = 3,
  WORD_INTERPRETERS_HEAD = 5,
  WORD_INTERPRETER_SIZE = 6,
  WORD_INTERPRETER_NEXT = 8,
};

static const char cookie[8] = { 'x', 'd', 'e', 'b', 'u', 'g', 'p', 'y' };

#define VERSION_3_13 0x030d00
#define VERSION_3_14 0x030e00
#define VERSION_3_15 0x030f00
#define VERSION_4 0x040000

/* From locked on, or from the holder: struct _gil_runtime_state ends with a word or two, two
 * conditions and two mutexes, of 48 and 40 bytes in glibc. 3.15.2 Include/internal/pycore_gil.h,
 * the same since 3.2. */
#define GIL_REST (16 + 2 * (48 + 40))

/* The low bits of a _PyStackRef that are no part of the address. */
#define TAG_BITS 3

/* What the largest known version needs, with room to spare. */
#define MAX_RUNTIME ((uint64_t)4 << 20)
#define MAX_INTERPRETER ((uint64_t)4 << 20)
#define MAX_SMALL ((uint64_t)4096)

typedef struct
{
  uint64_t words[SAL_PYTHON_DEBUG_OFFSETS_SIZE / 8];
  const Words *at;
  bool is_good;
} Reader;

/* The field of @length bytes at the offset in @word, inside a structure of @size bytes. */
static uint32_t
take (Reader *reader, int word, uint64_t size, uint64_t length)
{
  uint64_t offset = reader->words[word];

  if (size > MAX_INTERPRETER || length > size || offset > size - length)
    {
      reader->is_good = false;
      return 0;
    }
  return (uint32_t)offset;
}

static uint64_t
take_size (Reader *reader, int word, uint64_t limit)
{
  uint64_t size = reader->words[word];

  if (size == 0 || size > limit)
    {
      reader->is_good = false;
      return 0;
    }
  return size;
}

/* Where a thread of a free-threaded build says whether it runs Python. The table leaves it out: it
 * is the int before the limits of recursion, and each version has put another before it. */
static uint32_t
take_attached (Reader *reader, uint64_t size, uint32_t version)
{
  uint32_t distance = version >= VERSION_3_15 ? 16 : version == VERSION_3_14 ? 12
                                                                             : 8;

  return take (reader, reader->at->thread_status, size, distance + 4) + distance;
}

static void
read_runtime (Reader *reader, SalPythonLayout *layout)
{
  uint64_t runtime = take_size (reader, WORD_RUNTIME_SIZE, MAX_RUNTIME);
  uint64_t size = take_size (reader, WORD_INTERPRETER_SIZE, MAX_INTERPRETER);
  uint64_t gc = take_size (reader, reader->at->gc_size, MAX_SMALL);
  uint32_t state = take (reader, reader->at->gil_state, size, 8);
  uint32_t locked = take (reader, reader->at->gil_locked, size, 4);
  uint32_t holder = take (reader, reader->at->gil_holder, size, 8);
  uint32_t collector = take (reader, reader->at->interpreter_gc, size, gc);

  layout->runtime_interpreters = take (reader, WORD_INTERPRETERS_HEAD, runtime, 8);
  layout->runtime_gil = SAL_PYTHON_NO_FIELD;
  layout->runtime_collecting = SAL_PYTHON_NO_FIELD;
  layout->interpreter_next = take (reader, WORD_INTERPRETER_NEXT, size, 8);
  layout->interpreter_threads = take (reader, reader->at->interpreter_threads, size, 8);
  layout->interpreter_gil = take (reader, reader->at->interpreter_gil, size, 8);
  layout->interpreter_modules = take (reader, reader->at->interpreter_modules, size, 8);
  layout->interpreter_collecting = collector + take (reader, reader->at->gc_collecting, gc, 4);
  /* The table gives them inside an interpreter that has its own lock; the lock may be another's. */
  if (locked < state || locked - state > MAX_SMALL || holder < state || holder - state > MAX_SMALL)
    reader->is_good = false;
  layout->gil_locked = locked - state;
  layout->gil_holder = holder - state;
  layout->gil_size = (locked > holder ? locked : holder) - state + GIL_REST;
  /* The table leaves it out. */
  layout->gil_switches = SAL_PYTHON_NO_FIELD;
  if (!layout->is_free_threaded && !layout->is_guess && locked == holder + 8)
    layout->gil_switches = locked - state + 8;
  layout->gil_enabled = 0;
  if (layout->is_free_threaded)
    /* This one counts from the lock already. */
    layout->gil_enabled = take (reader, reader->at->gil_enabled, layout->gil_size, 4);
}

static void
read_thread (Reader *reader, SalPythonLayout *layout)
{
  uint64_t size = take_size (reader, reader->at->thread_size, MAX_SMALL);
  uint64_t frame = take_size (reader, reader->at->frame_size, MAX_SMALL);

  /* From 3.15 on the outermost frame of all, a mark, lies right behind: 3.15.2
   * Include/internal/pycore_tstate.h. */
  layout->thread_size = (uint32_t)(layout->version >= VERSION_3_15 ? size + frame : size);
  layout->thread_next = take (reader, reader->at->thread_next, size, 8);
  layout->thread_interpreter = take (reader, reader->at->thread_interpreter, size, 8);
  layout->thread_frame = take (reader, reader->at->thread_frame, size, 8);
  layout->thread_cframe = SAL_PYTHON_NO_FIELD;
  layout->thread_id = take (reader, reader->at->thread_id, size, 8);
  layout->thread_native_id = take (reader, reader->at->thread_native_id, size, 8);
  layout->thread_asks_gil = 0;
  if (reader->at->thread_asks_gil != 0)
    layout->thread_asks_gil = take (reader, reader->at->thread_asks_gil, size, 4);
  layout->thread_chunk = take (reader, reader->at->thread_chunk, size, 16);
  layout->thread_attached = 0;
  if (layout->is_free_threaded)
    layout->thread_attached = take_attached (reader, size, layout->version);
  layout->cframe_frame = SAL_PYTHON_NO_FIELD;
  layout->chunk_previous = 0;
  layout->chunk_size = 8;
  layout->chunk_top = 16;
  layout->chunk_data = 24;
}

static void
read_frame (Reader *reader, SalPythonLayout *layout)
{
  uint64_t size = take_size (reader, reader->at->frame_size, MAX_SMALL);

  layout->frame_size = take (reader, reader->at->frame_locals, size, 0);
  layout->frame_code = take (reader, reader->at->frame_code, layout->frame_size, 8);
  layout->frame_previous = take (reader, reader->at->frame_previous, layout->frame_size, 8);
  layout->frame_instruction = take (reader, reader->at->frame_instruction, layout->frame_size, 8);
  layout->frame_owner = take (reader, reader->at->frame_owner, layout->frame_size, 1);
  layout->frame_is_entry = SAL_PYTHON_NO_FIELD;
  layout->owner_entry = 3;
  layout->frame_function = SAL_PYTHON_NO_FIELD;
  layout->frame_stack_top = SAL_PYTHON_NO_FIELD;
  layout->frame_stack_pointer = SAL_PYTHON_NO_FIELD;
  layout->frame_return_offset = SAL_PYTHON_NO_FIELD;
  layout->frame_copy = 0;
  /* The table leaves some out. They are where the struct has them when their neighbours are. */
  if (layout->frame_code == 0 && layout->frame_previous == 8 && layout->frame_instruction >= 24)
    layout->frame_function = 16;
  if (reader->at->frame_stack_pointer == 0)
    {
      layout->owner_most = 3;
      layout->reference_tag = 0;
      if (layout->frame_owner == layout->frame_instruction + 14 &&
          layout->frame_size == layout->frame_instruction + 16)
        layout->frame_stack_top = layout->frame_instruction + 8;
      return;
    }
  layout->owner_most = 4;
  layout->reference_tag = TAG_BITS;
  layout->frame_stack_pointer =
      take (reader, reader->at->frame_stack_pointer, layout->frame_size, 8);
  if (layout->is_free_threaded)
    layout->frame_copy = take (reader, reader->at->frame_copy, layout->frame_size, 4);
  if (layout->frame_owner == layout->frame_stack_pointer + 10 ||
      (layout->frame_copy == layout->frame_stack_pointer + 8 &&
       layout->frame_owner == layout->frame_copy + 6))
    layout->frame_return_offset = layout->frame_owner - 2;
}

static void
read_objects (Reader *reader, SalPythonLayout *layout)
{
  uint64_t object = take_size (reader, reader->at->object_size, MAX_SMALL);
  uint64_t type = take_size (reader, reader->at->type_size, MAX_SMALL);
  uint64_t dict = take_size (reader, reader->at->dict_size, MAX_SMALL);
  uint64_t bytes = take_size (reader, reader->at->bytes_size, MAX_SMALL);
  uint64_t text = take_size (reader, reader->at->text_size, MAX_SMALL);
  uint64_t ascii = take_size (reader, reader->at->text_ascii_size, MAX_SMALL);

  layout->object_type = take (reader, reader->at->object_type, object, 8);
  layout->type_name = take (reader, reader->at->type_name, type, 8);
  layout->type_flags = take (reader, reader->at->type_flags, type, 8);
  /* The table leaves these out. Only thread names need them, and nothing is taken for an attribute
   * whose name is not found where these say. */
  layout->type_basic_size = layout->type_name + 8;
  layout->heap_type_cached_keys = (uint32_t)type + 464;
  layout->values_place = SAL_PYTHON_VALUES_INLINE;
  layout->values_data = 8;
  layout->long_size_shift = 3;
  layout->dict_keys = take (reader, reader->at->dict_keys, dict, 8);
  layout->dict_values = take (reader, reader->at->dict_values, dict, 8);
  layout->bytes_length = take (reader, reader->at->bytes_length, bytes, 8);
  layout->bytes_data = take (reader, reader->at->bytes_data, bytes, 1);
  layout->text_length = take (reader, reader->at->text_length, text, 8);
  layout->text_state = take (reader, reader->at->text_state, text, 4);
  layout->text_state_shift = layout->is_free_threaded && layout->version >= VERSION_3_14 ? 6 : 0;
  layout->text_ascii_data = (uint32_t)ascii;
  layout->text_compact_data = (uint32_t)ascii + 16;
}

static void
read_tasks (Reader *reader, SalPythonLayout *layout)
{
  uint64_t set;
  uint64_t coroutine;

  layout->set_used = 0;
  layout->set_table = 0;
  layout->set_mask = 0;
  layout->coroutine_frame = 0;
  if (reader->at->set_size == 0)
    return;
  set = take_size (reader, reader->at->set_size, MAX_SMALL);
  coroutine = take_size (reader, reader->at->coroutine_size, MAX_SMALL);
  layout->set_used = take (reader, reader->at->set_used, set, 8);
  layout->set_table = take (reader, reader->at->set_table, set, 8);
  layout->set_mask = take (reader, reader->at->set_mask, set, 8);
  layout->coroutine_frame = take (reader, reader->at->coroutine_frame, coroutine, 8);
}

static void
read_code (Reader *reader, SalPythonLayout *layout)
{
  uint64_t size = take_size (reader, reader->at->code_size, MAX_SMALL);

  layout->code_instructions = take (reader, reader->at->code_instructions, size, 0);
  layout->code_size = layout->code_instructions;
  size = layout->code_size;
  layout->code_file = take (reader, reader->at->code_file, size, 8);
  layout->code_name = take (reader, reader->at->code_name, size, 8);
  layout->code_qualified_name = take (reader, reader->at->code_qualified_name, size, 8);
  layout->code_line_table = take (reader, reader->at->code_line_table, size, 8);
  layout->code_first_line = take (reader, reader->at->code_first_line, size, 4);
  layout->code_bytes = SAL_PYTHON_NO_FIELD;
  layout->code_unit = 2;
  layout->code_copies = 0;
  if (layout->frame_copy != 0)
    layout->code_copies = take (reader, reader->at->code_copies, size, 8);
  /* A code object and a bytes object are both PyVarObjects. */
  layout->code_n_units = take (reader, reader->at->bytes_length, size, 8);
}

/* The order of the fields of the version; NULL when none is known. */
static const Words *
find_words (uint32_t version)
{
  switch (version)
    {
    case VERSION_3_13:
      return &words_3_13;
    case VERSION_3_14:
      return &words_3_14;
    default:
      return version >= VERSION_3_15 && version < VERSION_4 ? &words_3_15 : NULL;
    }
}

static const Words *
find_words_of (const uint8_t header[SAL_PYTHON_DEBUG_OFFSETS_HEADER])
{
  uint64_t version = sal_python_u64 (header + WORD_VERSION * 8);

  if (version > UINT32_MAX || sal_python_u64 (header + WORD_FREE_THREADED * 8) > 1)
    return NULL;
  return find_words ((uint32_t)(version >> 16 << 8));
}

size_t
sal_python_layout_get_length (const uint8_t header[SAL_PYTHON_DEBUG_OFFSETS_HEADER])
{
  const Words *words = find_words_of (header);

  if (memcmp (header, cookie, sizeof cookie) != 0)
    return 0;
  return words != NULL ? words->length * (size_t)8 : SAL_PYTHON_DEBUG_OFFSETS_HEADER;
}

SalPythonResult
sal_python_layout_read (const uint8_t *bytes, size_t length, SalPythonLayout *layout)
{
  Reader reader = { .is_good = true };

  if (memcmp (bytes, cookie, sizeof cookie) != 0)
    return SAL_PYTHON_NOT_PYTHON;
  reader.at = find_words_of (bytes);
  if (reader.at == NULL || length < reader.at->length * (size_t)8)
    return SAL_PYTHON_UNSUPPORTED;
  memcpy (reader.words, bytes, reader.at->length * (size_t)8);
  layout->version = (uint32_t)(reader.words[WORD_VERSION] >> 16 << 8);
  layout->is_free_threaded = reader.words[WORD_FREE_THREADED] != 0;
  /* The last byte of a final release is 0xf0. */
  layout->is_guess = layout->version > VERSION_3_15 || (reader.words[WORD_VERSION] & 0xf0) != 0xf0;
  read_runtime (&reader, layout);
  read_thread (&reader, layout);
  read_frame (&reader, layout);
  read_code (&reader, layout);
  read_objects (&reader, layout);
  read_tasks (&reader, layout);
  if (reader.is_good)
    return SAL_PYTHON_OK;
  return layout->is_guess ? SAL_PYTHON_UNSUPPORTED : SAL_PYTHON_CORRUPT;
}
