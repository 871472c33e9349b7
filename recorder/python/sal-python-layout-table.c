/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled-in offsets of the versions that do not describe themselves. */
#include "sal-python-layout.h"

/* clang-format off */
static const SalPythonLayout layouts[] = {
  {
    .version = 0x030b00,
    .runtime_interpreters = 40, .runtime_gil = 360, .runtime_collecting = SAL_PYTHON_NO_FIELD,
    .interpreter_next = 0, .interpreter_threads = 16, .interpreter_gil = SAL_PYTHON_NO_FIELD,
    .interpreter_collecting = 848, .interpreter_modules = 888,
    .gil_holder = 8, .gil_locked = 16, .gil_switches = 24, .gil_size = 208,
    .thread_size = 312, .thread_next = 8, .thread_interpreter = 16,
    .thread_frame = SAL_PYTHON_NO_FIELD, .thread_cframe = 56,
    .thread_id = 152, .thread_native_id = 160, .thread_chunk = 296,
    .cframe_frame = 8,
    .chunk_previous = 0, .chunk_size = 8, .chunk_top = 16, .chunk_data = 24,
    .frame_size = 72, .frame_code = 32, .frame_previous = 48, .frame_instruction = 56,
    .frame_function = 0, .frame_stack_top = 64, .frame_owner = 69, .frame_is_entry = 68,
    .owner_entry = SAL_PYTHON_NO_FIELD, .owner_most = 2,
    .frame_stack_pointer = SAL_PYTHON_NO_FIELD, .frame_return_offset = SAL_PYTHON_NO_FIELD,
    .code_size = 184, .code_n_units = 16, .code_file = 112, .code_name = 120,
    .code_qualified_name = 128, .code_line_table = 136, .code_first_line = 72,
    .code_instructions = 184, .code_bytes = SAL_PYTHON_NO_FIELD, .code_unit = 2,
    .object_type = 8, .type_name = 24, .type_flags = 168, .type_basic_size = 32,
    .heap_type_cached_keys = 872,
    .text_length = 16, .text_state = 32, .text_ascii_data = 48, .text_compact_data = 72,
    .bytes_length = 16, .bytes_data = 32,
    .dict_keys = 32, .dict_values = 40,
    .values_place = SAL_PYTHON_VALUES_POINTER, .values_data = 0, .long_size_shift = 0,
  },
  {
    .version = 0x030c00,
    .runtime_interpreters = 40, .runtime_gil = SAL_PYTHON_NO_FIELD,
    .runtime_collecting = SAL_PYTHON_NO_FIELD,
    .interpreter_next = 0, .interpreter_threads = 72, .interpreter_gil = 384,
    .interpreter_collecting = 312, .interpreter_modules = 944,
    .gil_holder = 8, .gil_locked = 16, .gil_switches = 24, .gil_size = 208,
    .thread_size = 248, .thread_next = 8, .thread_interpreter = 16,
    .thread_frame = SAL_PYTHON_NO_FIELD, .thread_cframe = 56,
    .thread_id = 136, .thread_native_id = 144, .thread_chunk = 232,
    .cframe_frame = 0,
    .chunk_previous = 0, .chunk_size = 8, .chunk_top = 16, .chunk_data = 24,
    .frame_size = 72, .frame_code = 0, .frame_previous = 8, .frame_instruction = 56,
    .frame_function = 16, .frame_stack_top = 64, .frame_owner = 70,
    .frame_is_entry = SAL_PYTHON_NO_FIELD, .owner_entry = 3, .owner_most = 3,
    .frame_stack_pointer = SAL_PYTHON_NO_FIELD, .frame_return_offset = SAL_PYTHON_NO_FIELD,
    .code_size = 192, .code_n_units = 16, .code_file = 112, .code_name = 120,
    .code_qualified_name = 128, .code_line_table = 136, .code_first_line = 68,
    .code_instructions = 192, .code_bytes = SAL_PYTHON_NO_FIELD, .code_unit = 2,
    .object_type = 8, .type_name = 24, .type_flags = 168, .type_basic_size = 32,
    .heap_type_cached_keys = 880,
    .text_length = 16, .text_state = 32, .text_ascii_data = 40, .text_compact_data = 56,
    .bytes_length = 16, .bytes_data = 32,
    .dict_keys = 32, .dict_values = 40,
    .values_place = SAL_PYTHON_VALUES_TAGGED, .values_data = 0, .long_size_shift = 3,
  },
};
/* clang-format on */

const SalPythonLayout *
sal_python_layout_find (uint32_t version)
{
  for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
    if (layouts[i].version == version)
      return &layouts[i];
  return NULL;
}
