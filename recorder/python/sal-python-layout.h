/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where CPython keeps things: every offset the room reads, as data, per version. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-python-result.h"

/* In a SalPythonLayout: the version has no such field. */
#define SAL_PYTHON_NO_FIELD UINT32_MAX

/* Where an object's own attributes are when it has no dict. */
typedef enum
{
  SAL_PYTHON_VALUES_DICT,    /* ≤ 3.10: always in a dict, at the type's tp_dictoffset */
  SAL_PYTHON_VALUES_POINTER, /* 3.11: a pointer 32 bytes before the object */
  SAL_PYTHON_VALUES_TAGGED,  /* 3.12: less one, 24 bytes before, where else its dict is */
  SAL_PYTHON_VALUES_INLINE,  /* 3.13: behind the object */
} SalPythonValuesPlace;

/* What a frame object on the heap says of itself while it is run (≤ 3.10). */
typedef enum
{
  SAL_PYTHON_MARK_NONE,  /* 3.11 on: such frames are not walked */
  SAL_PYTHON_MARK_STACK, /* 2.7: f_stacktop is NULL, and the object has references */
  SAL_PYTHON_MARK_FLAG,  /* 3.6 – 3.9: f_executing */
  SAL_PYTHON_MARK_STATE, /* 3.10: f_state */
} SalPythonMark;

/* How a code object keeps where in the source its instructions come from. */
typedef enum
{
  SAL_PYTHON_LINES_LOCATIONS, /* 3.11 on: co_linetable with columns */
  SAL_PYTHON_LINES_RANGES,    /* 3.10: co_linetable of PEP 626 */
  SAL_PYTHON_LINES_SIGNED,    /* 3.6 – 3.9: co_lnotab */
  SAL_PYTHON_LINES_UNSIGNED,  /* 2.7: co_lnotab that can only go forward */
} SalPythonLinesForm;

typedef enum
{
  SAL_PYTHON_DICT_LOG2,  /* 3.11 on: the header has the index's size as a power of two */
  SAL_PYTHON_DICT_SIZED, /* 3.6 – 3.10: the header has the number of slots */
  SAL_PYTHON_DICT_OPEN,  /* 2.7: one table with holes */
} SalPythonDictForm;

/* All numbers are bytes from the start of the structure named. */
typedef struct
{
  uint32_t version; /* PY_VERSION_HEX without the release level: 0x030b00 is 3.11 */
  bool is_guess;    /* a newer version than any known, or not a final one: tried all the same */
  bool is_free_threaded;

  /* _PyRuntimeState */
  uint32_t runtime_interpreters; /* head of the list */
  uint32_t runtime_gil;          /* the one lock of the process, 3.7 – 3.11; else NO_FIELD */
  uint32_t runtime_collecting;   /* 3.7 and 3.8; else NO_FIELD */

  /* PyInterpreterState */
  uint32_t interpreter_next;
  uint32_t interpreter_threads;    /* head of the list */
  uint32_t interpreter_gil;        /* a pointer, from 3.12 on; else NO_FIELD */
  uint32_t interpreter_collecting; /* from 3.9 on; else NO_FIELD */
  uint32_t interpreter_modules;    /* sys.modules */

  /* struct _gil_runtime_state */
  uint32_t gil_holder;
  uint32_t gil_locked; /* NO_FIELD: the holder is NULL when there is none */
  /* unsigned long: how often another thread took it than had it last; NO_FIELD: not known */
  uint32_t gil_switches;
  uint32_t gil_size;    /* up to the end of the last thing in it that a thread may sleep at; before
                           3.7, of where they sleep; 0 = that is not known */
  uint32_t gil_enabled; /* int: 0 = nobody takes it; only in free-threaded builds */

  /* PyThreadState */
  uint32_t thread_size; /* enough to hold all of the below */
  uint32_t thread_next;
  uint32_t thread_interpreter;
  uint32_t thread_frame;  /* current frame, up to 3.10 and from 3.13 on; else NO_FIELD */
  uint32_t thread_cframe; /* pointer to a _PyCFrame, 3.11 and 3.12; else NO_FIELD */
  uint32_t thread_id;
  uint32_t thread_native_id; /* from 3.11 on; else NO_FIELD */
  uint32_t thread_asks_gil;  /* int, from 3.15 on; else 0 */
  uint32_t thread_attached;  /* int: 1 while it runs Python; free-threaded builds only; else 0 */
  /* _PyStackChunk; the top of the stack is the next word; NO_FIELD: frames are on the heap */
  uint32_t thread_chunk;

  /* _PyCFrame */
  uint32_t cframe_frame;

  /* _PyStackChunk */
  uint32_t chunk_previous;
  uint32_t chunk_size;
  uint32_t chunk_top; /* in words, of a chunk that is not the current one */
  uint32_t chunk_data;

  /* _PyInterpreterFrame */
  uint32_t frame_size; /* up to localsplus */
  uint32_t frame_code;
  uint32_t frame_previous;
  uint32_t frame_instruction;
  uint32_t frame_function;
  uint32_t frame_stack_top; /* int: −1 while the frame runs; NO_FIELD where it is not known */
  /* from 3.14 on instead, else NO_FIELD: the address of the top of its stack when it last called
   * something */
  uint32_t frame_stack_pointer;
  uint32_t frame_return_offset; /* 16 bits: 0 until it has called another; NO_FIELD: not known */
  uint32_t frame_owner;
  uint32_t frame_is_entry; /* 3.11 */
  uint32_t owner_entry;    /* least value of owner that marks an entry shim; NO_FIELD: none does */
  uint32_t owner_most;     /* the greatest there is */
  uint32_t reference_tag;  /* bits that are no part of the address in code, function and stack */
  /* int: which copy of its code's instructions it runs; free-threaded from 3.14 on; else 0 */
  uint32_t frame_copy;

  /* PyFrameObject, up to 3.10, beside frame_size (up to and with the first local variable),
   * frame_code, frame_previous and frame_instruction (int: f_lasti) */
  SalPythonMark mark;
  uint32_t frame_mark; /* the field that the mark is in */
  uint32_t frame_locals;
  uint32_t instruction_scale; /* bytes that f_lasti counts */

  /* PyCodeObject */
  uint32_t code_size; /* up to the instructions */
  uint32_t code_n_units;
  uint32_t code_file;
  uint32_t code_name;
  uint32_t code_qualified_name; /* from 3.11 on; else NO_FIELD */
  uint32_t code_line_table;
  uint32_t code_first_line;
  uint32_t code_instructions;
  uint32_t code_bytes; /* up to 3.10: co_code, a bytes object; else NO_FIELD */
  uint32_t code_n_arguments;
  uint32_t code_n_locals;
  uint32_t code_variables; /* co_varnames */
  uint32_t code_cells;     /* co_cellvars */
  uint32_t code_unit;      /* instructions begin at multiples of so many bytes */
  uint32_t code_copies;    /* co_tlbc, where frame_copy is; else 0 */
  SalPythonLinesForm lines_form;

  /* PyObject, PyTypeObject, PyHeapTypeObject */
  uint32_t object_type;
  uint32_t type_name;
  uint32_t type_flags;
  uint32_t type_basic_size;
  uint32_t heap_type_cached_keys;
  /* up to 3.10 */
  uint32_t type_dict; /* tp_dict */
  uint32_t type_dict_offset;
  uint32_t type_mro;
  uint32_t function_code; /* up to 3.10: func_code */
  uint32_t function_name; /* up to 3.10: func_qualname, 2.7: func_name */

  /* PyUnicodeObject (2.7: PyStringObject), PyBytesObject */
  bool is_text_bytes;  /* 2.7: names are byte strings; text_ascii_data is where they begin */
  uint32_t text_width; /* 2.7: of a character of a unicode object, 2 or 4 bytes */
  uint32_t text_length;
  uint32_t text_state;
  uint32_t text_state_shift; /* bits by which kind and the like are further up than in others */
  uint32_t text_ascii_data;
  uint32_t text_compact_data;
  uint32_t bytes_length;
  uint32_t bytes_data;

  /* PySetObject and coroutines, from 3.14 on; else 0 */
  uint32_t set_used;
  uint32_t set_mask;
  uint32_t set_table;
  uint32_t coroutine_frame; /* its _PyInterpreterFrame */

  /* PyDictObject */
  SalPythonDictForm dict_form;
  uint32_t dict_keys;   /* 2.7: ma_mask */
  uint32_t dict_values; /* 2.7: ma_table */

  /* Attributes of objects whose class is written in Python, and int objects. */
  SalPythonValuesPlace values_place;
  uint32_t values_data; /* where the values begin in a PyDictValues */
  uint32_t long_size_shift;
  bool has_plain_int; /* 2.7: an int object is a C long */
} SalPythonLayout;

/* Bytes of the longest known _Py_DebugOffsets, and of its beginning, which is the same in all. */
#define SAL_PYTHON_DEBUG_OFFSETS_SIZE 888
#define SAL_PYTHON_DEBUG_OFFSETS_HEADER 24

/**
 * sal_python_layout_find: the compiled-in layout of a version without debug offsets.
 *
 * Shape: @version as SalPythonLayout.version has it. NULL when there is none.
 * Source: the headers of CPython 3.11.7 and 3.12.1, x86-64 Linux; 3.11.2 has the same.
 */
const SalPythonLayout *sal_python_layout_find (uint32_t version);

/** sal_python_layout_get_length: how many bytes of its start a runtime that begins with @header
 * must be read for sal_python_layout_read(): at most SAL_PYTHON_DEBUG_OFFSETS_SIZE; 0 = it says
 * nothing of itself. */
size_t sal_python_layout_get_length (const uint8_t header[SAL_PYTHON_DEBUG_OFFSETS_HEADER]);

/**
 * sal_python_layout_find_old: the same for 2.7 and 3.6 – 3.10, with the patch level in @version.
 *
 * Source: the headers of CPython 2.7.18, 3.6.15, 3.7.16, 3.8.18, 3.9.18 and 3.10.13, x86-64 Linux.
 */
const SalPythonLayout *sal_python_layout_find_old (uint32_t version);

/**
 * sal_python_layout_read: the layout that a runtime from 3.13 on describes itself.
 *
 * @bytes are the first bytes of _PyRuntime, as many as sal_python_layout_get_length() asks for.
 * Every offset is checked to lie, with its field, inside the structure it belongs to and below a
 * bound of ours. A version newer than those known is read in the newest order known.
 * Errors: NOT_PYTHON (no cookie), UNSUPPORTED (a version we know no order of fields for), CORRUPT
 * (an offset that cannot be). *@layout is undefined on failure.
 * Source: CPython 3.13.0 Include/internal/pycore_runtime.h, 3.14.10 and 3.15.2
 * Include/internal/pycore_debug_offsets.h: struct _Py_DebugOffsets. What free-threaded builds have
 * elsewhere: 3.13.15, 3.14.7 and 3.15.0rc1 Include/object.h, Include/cpython/pystate.h,
 * Include/cpython/unicodeobject.h, Include/internal/pycore_gil.h, pycore_object.h and
 * pycore_interpframe_structs.h, where Py_GIL_DISABLED is defined.
 */
SalPythonResult
sal_python_layout_read (const uint8_t *bytes, size_t length, SalPythonLayout *layout)
    __attribute__ ((warn_unused_result));
