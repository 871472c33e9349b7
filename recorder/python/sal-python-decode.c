/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes and characters of the target as our own UTF-8. */
#include "sal-python-decode.h"

#include <stdio.h>
#include <stdlib.h>

static size_t
encode (uint32_t c, char *out)
{
  if (c == 0)
    return (size_t)sprintf (out, "\\x00");
  if (c < 0x80)
    {
      out[0] = (char)c;
      return 1;
    }
  if (c < 0x800)
    {
      out[0] = (char)(0xc0 | c >> 6);
      out[1] = (char)(0x80 | (c & 0x3f));
      return 2;
    }
  if (c >= 0xd800 && c < 0xe000)
    return (size_t)sprintf (out, "\\u%04x", (unsigned)c);
  if (c < 0x10000)
    {
      out[0] = (char)(0xe0 | c >> 12);
      out[1] = (char)(0x80 | (c >> 6 & 0x3f));
      out[2] = (char)(0x80 | (c & 0x3f));
      return 3;
    }
  if (c > 0x10ffff)
    return encode (0xfffd, out);
  out[0] = (char)(0xf0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 0x3f));
  out[2] = (char)(0x80 | (c >> 6 & 0x3f));
  out[3] = (char)(0x80 | (c & 0x3f));
  return 4;
}

char *
sal_python_text_decode (const uint8_t *bytes, size_t n_characters, unsigned width)
{
  char *text;
  size_t n = 0;

  if ((width != 1 && width != 2 && width != 4) || n_characters > SIZE_MAX / 8)
    return NULL;
  /* The longest that one character can become is six bytes, and sprintf() ends with a NUL. */
  text = malloc (n_characters * 6 + 8);
  if (text == NULL)
    return NULL;
  for (size_t i = 0; i < n_characters; i++)
    {
      uint32_t c = bytes[i * width];

      for (unsigned k = 1; k < width; k++)
        c |= (uint32_t)bytes[i * width + k] << 8 * k;
      n += encode (c, text + n);
    }
  text[n] = '\0';
  return text;
}

/* How many bytes the UTF-8 sequence at @bytes has; 0 = it is none, or NUL. RFC 3629. */
static size_t
measure_sequence (const uint8_t *bytes, size_t length)
{
  uint8_t first = bytes[0];
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  size_t n;

  if (first < 0x80)
    return first != 0;
  if (first < 0xc2 || first > 0xf4)
    return 0;
  n = first < 0xe0 ? 2 : first < 0xf0 ? 3
                                      : 4;
  if (first == 0xe0)
    low = 0xa0;
  if (first == 0xed)
    high = 0x9f;
  if (first == 0xf0)
    low = 0x90;
  if (first == 0xf4)
    high = 0x8f;
  if (n > length || bytes[1] < low || bytes[1] > high)
    return 0;
  for (size_t i = 2; i < n; i++)
    if ((bytes[i] & 0xc0) != 0x80)
      return 0;
  return n;
}

char *
sal_python_text_from_bytes (const uint8_t *bytes, size_t length)
{
  char *text = malloc (length * 4 + 1);
  size_t n = 0;

  if (text == NULL)
    return NULL;
  for (size_t i = 0; i < length;)
    {
      size_t size = measure_sequence (bytes + i, length - i);

      if (size == 0)
        n += (size_t)sprintf (text + n, "\\x%02x", bytes[i++]);
      for (size_t k = 0; k < size; k++)
        text[n++] = (char)bytes[i++];
    }
  text[n] = '\0';
  return text;
}

uint8_t *
sal_python_bytes_dup (SalTarget *target,
                      const SalPythonLayout *layout,
                      uint64_t address,
                      size_t limit,
                      size_t *length)
{
  uint64_t n;
  uint8_t *bytes;

  if (address == 0 ||
      sal_target_read (target, address + layout->bytes_length, &n, sizeof n) != SAL_TARGET_OK ||
      n > limit)
    return NULL;
  bytes = malloc ((size_t)n + 1);
  if (bytes != NULL && n > 0 &&
      sal_target_read (target, address + layout->bytes_data, bytes, (size_t)n) != SAL_TARGET_OK)
    {
      free (bytes);
      return NULL;
    }
  *length = (size_t)n;
  return bytes;
}
