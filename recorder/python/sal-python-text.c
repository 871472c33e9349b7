/* SPDX-License-Identifier: GPL-3.0-or-later */
/* str and bytes objects of the target as our own memory. */
#include "sal-python-text.h"

#include <stdlib.h>

#include "sal-python-bytes.h"
#include "sal-python-text-old.h"

#define MAX_HEADER 256

/* Bits of the state word. */
#define STATE_KIND(state) ((state) >> 2 & 7)
#define STATE_COMPACT(state) ((state) >> 5 & 1)
#define STATE_ASCII(state) ((state) >> 6 & 1)

uint64_t
sal_python_text_measure (const SalPythonLayout *layout,
                         const uint8_t *header,
                         uint32_t *data,
                         unsigned *width)
{
  uint64_t length = sal_python_u64 (header + layout->text_length);
  uint32_t state = sal_python_u32 (header + layout->text_state) >> layout->text_state_shift;

  *width = STATE_KIND (state);
  *data = STATE_ASCII (state) ? layout->text_ascii_data : layout->text_compact_data;
  if (length > SAL_PYTHON_MAX_TEXT || !STATE_COMPACT (state) ||
      (*width != 1 && *width != 2 && *width != 4) || (STATE_ASCII (state) && *width != 1))
    return 0;
  return *data + length * *width;
}

char *
sal_python_text_dup (SalTarget *target, const SalPythonLayout *layout, uint64_t address)
{
  uint8_t header[MAX_HEADER];
  size_t header_size = layout->text_ascii_data;
  uint64_t size;
  unsigned width;
  uint32_t data;
  uint8_t *bytes;
  char *text = NULL;

  if (layout->is_text_bytes)
    return sal_python_text_dup_old (target, layout, address);
  if (address == 0 || header_size > sizeof header || layout->text_length + 8 > header_size ||
      layout->text_state + 4 > header_size ||
      sal_target_read (target, address, header, header_size) != SAL_TARGET_OK)
    return NULL;
  size = sal_python_text_measure (layout, header, &data, &width);
  if (size == 0)
    return NULL;
  bytes = malloc ((size_t)(size - data) + 1);
  if (bytes != NULL && (size == data || sal_target_read (target, address + data, bytes,
                                                         (size_t)(size - data)) == SAL_TARGET_OK))
    text = sal_python_text_decode (bytes, (size_t)(size - data) / width, width);
  free (bytes);
  return text;
}
