/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled-in offsets of the versions whose frames are objects on the heap. */
#include "sal-python-layout.h"

#define NONE SAL_PYTHON_NO_FIELD

/* Offsets are those of x86-64 Linux, by the headers of CPython 2.7.18, 3.6.15, 3.7.16, 3.8.18,
 * 3.9.18 and 3.10.13: Include/frameobject.h (3.10: cpython/frameobject.h), code.h, pystate.h,
 * object.h, funcobject.h; Include/internal/pycore_runtime.h, pycore_interp.h, pycore_gil.h (3.7:
 * internal/pystate.h). Before 3.7 there is no _PyRuntime: the list of interpreters is interp_head
 * of Python/pystate.c, and _PyThreadState_Current is the thread that has the lock. */

/* clang-format off */
#define ALL \
  .interpreter_next = 0, .interpreter_threads = 8, .interpreter_gil = NONE, \
  .thread_cframe = NONE, .thread_native_id = NONE, \
  .thread_chunk = NONE, .cframe_frame = NONE, \
  .frame_previous = 24, .frame_code = 32, \
  .frame_function = NONE, .frame_stack_top = NONE, .frame_owner = NONE, .frame_is_entry = NONE, \
  .owner_entry = NONE, \
  .code_n_units = NONE, .code_instructions = NONE, .code_qualified_name = NONE, \
  .code_n_arguments = 16, \
  .object_type = 8, .type_name = 24, .type_flags = 168, .type_basic_size = 32, \
  .type_dict = 264, .type_dict_offset = 288, .type_mro = 344, \
  .text_length = 16, .bytes_length = 16, \
  .values_place = SAL_PYTHON_VALUES_DICT

#define ALL_OF_3 \
  ALL, \
  .thread_next = 8, .thread_interpreter = 16, .thread_frame = 24, \
  .code_unit = 2, \
  .text_state = 32, .text_ascii_data = 48, .text_compact_data = 72, .bytes_data = 32, \
  .dict_form = SAL_PYTHON_DICT_SIZED, .dict_keys = 32, .dict_values = 40

/* 3.8 put co_posonlyargcount in. */
#define CODE_TO_3_7 \
  .code_size = 120, .code_n_locals = 24, .code_first_line = 36, .code_bytes = 40, \
  .code_variables = 64, .code_cells = 80, .code_file = 96, .code_name = 104, .code_line_table = 112
#define CODE_FROM_3_8 \
  .code_size = 128, .code_n_locals = 28, .code_first_line = 40, .code_bytes = 48, \
  .code_variables = 72, .code_cells = 88, .code_file = 104, .code_name = 112, .code_line_table = 120

/* 3.7 took the exception's three words out of the frame. */
#define FRAME_3_7_TO_3_9 \
  .function_code = 16, .function_name = 104, \
  .frame_size = 368, .frame_instruction = 104, .frame_locals = 360, .instruction_scale = 1, \
  .mark = SAL_PYTHON_MARK_FLAG, .frame_mark = 116, .lines_form = SAL_PYTHON_LINES_SIGNED

/* The offset of _gil_runtime_state's interval; last_holder, locked and switch_number follow it. */
#define GIL(offset) \
  .runtime_gil = (offset), .gil_holder = 8, .gil_locked = 16, .gil_switches = 24, .gil_size = 208

#define ALL_OF_3_7(...) \
  { \
    ALL_OF_3, CODE_TO_3_7, FRAME_3_7_TO_3_9, \
    .version = 0x030700, \
    .runtime_interpreters = 24, .runtime_collecting = 632, \
    .interpreter_collecting = NONE, .interpreter_modules = 40, \
    .thread_size = 184, .thread_id = 176, \
    __VA_ARGS__ \
  }

static const SalPythonLayout layouts[] = {
  {
    ALL,
    .version = 0x020700,
    .runtime_interpreters = 0, .runtime_gil = NONE, .runtime_collecting = NONE,
    .interpreter_collecting = NONE, .interpreter_modules = 16,
    /* The lock is a sem_t; Python/thread_pthread.h, USE_SEMAPHORES. */
    .gil_holder = 0, .gil_locked = NONE, .gil_switches = NONE, .gil_size = 32,
    .thread_size = 152, .thread_next = 0, .thread_interpreter = 8, .thread_frame = 16,
    .thread_id = 144,
    .frame_size = 384, .frame_instruction = 120, .frame_locals = 376, .instruction_scale = 1,
    .mark = SAL_PYTHON_MARK_STACK, .frame_mark = 72,
    .code_size = 112, .code_n_locals = 20, .code_bytes = 32, .code_variables = 56,
    .code_cells = 72, .code_file = 80, .code_name = 88, .code_first_line = 96,
    .code_line_table = 104, .code_unit = 1, .lines_form = SAL_PYTHON_LINES_UNSIGNED,
    .function_code = 16, .function_name = 56,
    .is_text_bytes = true, .text_width = 4, .text_ascii_data = 36, .bytes_data = 36,
    .dict_form = SAL_PYTHON_DICT_OPEN, .dict_keys = 32, .dict_values = 40,
    .has_plain_int = true,
  },
  {
    ALL_OF_3, CODE_TO_3_7,
    .version = 0x030600,
    .runtime_interpreters = 0, .runtime_gil = NONE, .runtime_collecting = NONE,
    .interpreter_collecting = NONE, .interpreter_modules = 16,
    .gil_holder = 0, .gil_locked = NONE, .gil_switches = NONE,
    .thread_size = 160, .thread_id = 152,
    .frame_size = 384, .frame_instruction = 120, .frame_locals = 376, .instruction_scale = 1,
    .mark = SAL_PYTHON_MARK_FLAG, .frame_mark = 132,
    .function_code = 16, .function_name = 104,
    .lines_form = SAL_PYTHON_LINES_SIGNED,
  },
  ALL_OF_3_7 (GIL (1264)),
  {
    ALL_OF_3, CODE_FROM_3_8, FRAME_3_7_TO_3_9,
    .version = 0x030800,
    .runtime_interpreters = 32, .runtime_collecting = 544, GIL (1152),
    .interpreter_collecting = NONE, .interpreter_modules = 56,
    .thread_size = 184, .thread_id = 176,
  },
  {
    ALL_OF_3, CODE_FROM_3_8, FRAME_3_7_TO_3_9,
    .version = 0x030900,
    .runtime_interpreters = 32, .runtime_collecting = NONE, GIL (352),
    .interpreter_collecting = 816, .interpreter_modules = 856,
    .thread_size = 184, .thread_id = 176,
  },
  {
    ALL_OF_3, CODE_FROM_3_8,
    .version = 0x030a00,
    .runtime_interpreters = 32, .runtime_collecting = NONE, GIL (352),
    .interpreter_collecting = 816, .interpreter_modules = 856,
    .thread_size = 184, .thread_id = 176,
    .frame_size = 360, .frame_instruction = 96, .frame_locals = 352, .instruction_scale = 2,
    .mark = SAL_PYTHON_MARK_STATE, .frame_mark = 108,
    .function_code = 48, .function_name = 40,
    .lines_form = SAL_PYTHON_LINES_RANGES,
  },
};

/* Up to 3.7.3 the lock is elsewhere; _PyRuntime.gilstate.tstate_current tells its holder. */
static const SalPythonLayout early_3_7 =
  ALL_OF_3_7 (.runtime_gil = 1392, .gil_holder = 0, .gil_locked = NONE, .gil_switches = NONE);
/* clang-format on */

const SalPythonLayout *
sal_python_layout_find_old (uint32_t version)
{
  if (version >= 0x030700 && version <= 0x030703)
    return &early_3_7;
  for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
    if (layouts[i].version == (version & 0xffff00))
      return &layouts[i];
  return NULL;
}
