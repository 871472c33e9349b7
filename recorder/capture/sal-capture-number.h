/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sal-capture-record.h"

/* Numbers, ids and texts as the payload of a record has them. Inline, because a recording is little
 * else.
 *
 * Source: FORMAT.md, "Records": n, s, id? and text.
 */

/* Where the next byte goes. The caller has made room: 10 bytes a number, and the texts. */
typedef struct
{
  uint8_t *at;
} SalCaptureOut;

/* What is left to read. After a failure @is_bad stays set and every value read is 0. */
typedef struct
{
  const uint8_t *at;
  const uint8_t *end;
  bool is_bad;
} SalCaptureIn;

/* n: 7 bits a byte, lowest first. */
static inline void
sal_capture_put (SalCaptureOut *out, uint64_t value)
{
  while (value >= 0x80)
    {
      *out->at++ = (uint8_t)(value | 0x80);
      value >>= 7;
    }
  *out->at++ = (uint8_t)value;
}

static inline uint64_t
sal_capture_get (SalCaptureIn *in)
{
  uint64_t value = 0;

  for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7)
    {
      uint8_t byte = *in->at++;

      if (shift == 63 && byte > 1)
        break;
      value |= (uint64_t)(byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
  in->is_bad = true;
  in->at = in->end;
  return 0;
}

static inline uint32_t
sal_capture_get_u32 (SalCaptureIn *in)
{
  uint64_t value = sal_capture_get (in);

  in->is_bad |= value > UINT32_MAX;
  return (uint32_t)value;
}

static inline uint8_t
sal_capture_get_u8 (SalCaptureIn *in)
{
  uint64_t value = sal_capture_get (in);

  in->is_bad |= value > UINT8_MAX;
  return (uint8_t)value;
}

/* s: 0, -1, 1, -2, … become 0, 1, 2, 3, … Differences wrap around, so any two numbers have one. */
static inline uint64_t
sal_capture_fold (int64_t value)
{
  return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t
sal_capture_unfold (uint64_t value)
{
  return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

static inline void
sal_capture_put_signed (SalCaptureOut *out, int64_t value)
{
  sal_capture_put (out, sal_capture_fold (value));
}

static inline int64_t
sal_capture_get_signed (SalCaptureIn *in)
{
  return sal_capture_unfold (sal_capture_get (in));
}

/* id?: one that may be absent: 0 = none, else id + 1. */
static inline void
sal_capture_put_optional (SalCaptureOut *out, uint32_t id)
{
  sal_capture_put (out, id == SAL_CAPTURE_NO_ID ? 0 : (uint64_t)id + 1);
}

static inline uint32_t
sal_capture_get_optional (SalCaptureIn *in)
{
  uint64_t value = sal_capture_get (in);

  in->is_bad |= value > UINT32_MAX;
  return value == 0 ? SAL_CAPTURE_NO_ID : (uint32_t)(value - 1);
}

static inline void
sal_capture_put_text (SalCaptureOut *out, const SalCaptureText *text)
{
  sal_capture_put (out, text->length);
  if (text->length > 0)
    memcpy (out->at, text->bytes, text->length);
  out->at += text->length;
}

/* The text points into what is read. */
static inline SalCaptureText
sal_capture_get_text (SalCaptureIn *in)
{
  uint64_t length = sal_capture_get (in);
  SalCaptureText text = { .bytes = (const char *)in->at };

  if (length > (uint64_t)(in->end - in->at))
    {
      in->is_bad = true;
      in->at = in->end;
      return text;
    }
  text.length = (size_t)length;
  in->at += length;
  return text;
}
