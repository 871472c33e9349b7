/* SPDX-License-Identifier: GPL-3.0-or-later */
/* str and unicode objects of Python 2.7 as our own memory. */
#include "sal-python-text-old.h"

#include <stdlib.h>

#include "sal-python-decode.h"

#define FLAG_STRING ((uint64_t)1 << 27)
#define FLAG_UNICODE ((uint64_t)1 << 28)

/* PyUnicodeObject.str; its length is where a str has its own. */
#define UNICODE_DATA 24

static char *
dup_unicode (SalTarget *target, const SalPythonLayout *layout, uint64_t address, uint64_t length)
{
  size_t size = (size_t)length * layout->text_width;
  uint8_t *bytes = malloc (size + 1);
  char *text = NULL;
  uint64_t data;

  if (bytes != NULL &&
      sal_target_read (target, address + UNICODE_DATA, &data, sizeof data) == SAL_TARGET_OK &&
      (size == 0 || sal_target_read (target, data, bytes, size) == SAL_TARGET_OK))
    text = sal_python_text_decode (bytes, (size_t)length, layout->text_width);
  free (bytes);
  return text;
}

char *
sal_python_text_dup_old (SalTarget *target, const SalPythonLayout *layout, uint64_t address)
{
  uint64_t type;
  uint64_t flags;
  uint64_t length;
  uint8_t *bytes;
  size_t n;
  char *text;

  if (address == 0 ||
      sal_target_read (target, address + layout->object_type, &type, sizeof type) !=
          SAL_TARGET_OK ||
      sal_target_read (target, type + layout->type_flags, &flags, sizeof flags) != SAL_TARGET_OK ||
      sal_target_read (target, address + layout->text_length, &length, sizeof length) !=
          SAL_TARGET_OK ||
      length > SAL_PYTHON_MAX_TEXT)
    return NULL;
  if ((flags & FLAG_UNICODE) != 0)
    return dup_unicode (target, layout, address, length);
  if ((flags & FLAG_STRING) == 0)
    return NULL;
  bytes = sal_python_bytes_dup (target, layout, address, SAL_PYTHON_MAX_TEXT, &n);
  if (bytes == NULL)
    return NULL;
  text = sal_python_text_from_bytes (bytes, n);
  free (bytes);
  return text;
}
