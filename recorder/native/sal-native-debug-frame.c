/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unwind tables that are there for debuggers only, made into those that every program has. */
#include "sal-native-debug-frame.h"

#include <stdlib.h>
#include <string.h>

#define CIE_ID UINT32_C (0xffffffff)
#define FIRST_64_BIT_LENGTH UINT32_C (0xfffffff0)
#define ENCODING_PCREL_SDATA8 0x1c
/* Of a record: its length and what tells a CIE. */
#define HEAD 8
#define ALIGNMENT 8
/* What a record may have more than the one that it is made from: some bytes of augmentation, and
 * those that fill it up. */
#define MORE 16
#define MOST_BYTES ((size_t)256 << 20)

typedef struct
{
  uint8_t *bytes;
  size_t length;
  size_t capacity;
} Buffer;

/* The part of a record behind its head. */
typedef struct
{
  const uint8_t *bytes;
  size_t length;
} Body;

/* A CIE, in pieces as they come. */
typedef struct
{
  uint8_t version;
  Body alignments; /* of code and data, and the column of the return address */
  Body instructions;
} Common;

static uint32_t
get_word (const uint8_t *bytes)
{
  uint32_t word;

  memcpy (&word, bytes, sizeof word);
  return word;
}

/* The record at @at, *@id being what its head tells; false when it is none. */
static bool
get_record (const SalNativeSection *from, size_t at, uint32_t *id, Body *body)
{
  size_t left = from->length > at ? from->length - at : 0;
  uint32_t length = left >= HEAD ? get_word (from->bytes + at) : 0;

  if (length < 4 || length >= FIRST_64_BIT_LENGTH || length > left - 4)
    return false;
  *id = get_word (from->bytes + at + 4);
  *body = (Body){ from->bytes + at + HEAD, length - 4 };
  return true;
}

/* How many of @length bytes a LEB128 number takes; 0 = it does not end. */
static size_t
measure_leb128 (const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if ((bytes[i] & 0x80) == 0)
      return i + 1;
  return 0;
}

/* Only those without augmentation: what another one means is not written anywhere. */
static bool
read_common (const SalNativeSection *from, size_t at, Common *common)
{
  uint32_t id;
  Body body;
  size_t start = 2;
  size_t end;

  if (!get_record (from, at, &id, &body) || id != CIE_ID || body.length < 2 ||
      body.bytes[1] != '\0')
    return false;
  common->version = body.bytes[0];
  if (common->version == 4)
    {
      if (body.length < 4 || body.bytes[2] != sizeof (uint64_t) || body.bytes[3] != 0)
        return false;
      start = 4;
    }
  else if (common->version != 1 && common->version != 3)
    return false;
  end = start;
  for (int i = 0; i < 3; i++)
    {
      size_t n = measure_leb128 (body.bytes + end, body.length - end);

      if (n == 0)
        return false;
      end += i == 2 && common->version == 1 ? 1 : n;
    }
  common->alignments = (Body){ body.bytes + start, end - start };
  common->instructions = (Body){ body.bytes + end, body.length - end };
  return true;
}

static bool
reserve (Buffer *buffer, size_t length)
{
  size_t capacity = buffer->capacity;
  uint8_t *bytes;

  if (buffer->length + length <= capacity)
    return true;
  if (buffer->length + length > MOST_BYTES)
    return false;
  while (capacity < buffer->length + length)
    capacity = capacity == 0 ? 4096 : capacity * 2;
  bytes = realloc (buffer->bytes, capacity);
  if (bytes == NULL)
    return false;
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return true;
}

static void
put (Buffer *buffer, const void *bytes, size_t length)
{
  if (length > 0)
    memcpy (buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

/* Fills the record at @start up with instructions that do nothing, and writes its length down. */
static void
finish_record (Buffer *buffer, size_t start)
{
  uint32_t length;

  while (buffer->length % ALIGNMENT != 0)
    put (buffer, "", 1);
  length = (uint32_t)(buffer->length - start - sizeof length);
  memcpy (buffer->bytes + start, &length, sizeof length);
}

/* Addresses count from where they stand then, as the bias is not known yet. */
static bool
put_common (Buffer *buffer, const Common *common)
{
  static const uint8_t augmentation[] = { 'z', 'R', '\0' };
  static const uint8_t encoding[] = { 1, ENCODING_PCREL_SDATA8 };
  const uint8_t version = common->version == 1 ? 1 : 3;
  size_t start = buffer->length;

  if (!reserve (buffer, HEAD + common->alignments.length + common->instructions.length + MORE))
    return false;
  put (buffer, (const uint8_t[HEAD]){ 0 }, HEAD);
  put (buffer, &version, sizeof version);
  put (buffer, augmentation, sizeof augmentation);
  put (buffer, common->alignments.bytes, common->alignments.length);
  put (buffer, encoding, sizeof encoding);
  put (buffer, common->instructions.bytes, common->instructions.length);
  finish_record (buffer, start);
  return true;
}

/* The function that @body tells of, after the CIE that was put at @common. */
static bool
put_function (Buffer *buffer, size_t common, uint64_t address, const Body *body)
{
  size_t start = buffer->length;
  uint32_t back = (uint32_t)(start + 4 - common);
  uint64_t first;

  if (!reserve (buffer, HEAD + body->length + MORE))
    return false;
  memcpy (&first, body->bytes, sizeof first);
  first -= address + start + HEAD;
  put (buffer, &back, sizeof back);
  put (buffer, &back, sizeof back);
  put (buffer, &first, sizeof first);
  put (buffer, body->bytes + sizeof first, sizeof first);
  put (buffer, "", 1);
  put (buffer, body->bytes + 2 * sizeof first, body->length - 2 * sizeof first);
  finish_record (buffer, start);
  return true;
}

/* Functions that the linker has thrown away are left at address 0. */
static bool
is_function (const Body *body)
{
  static const uint8_t nothing[sizeof (uint64_t)];

  return body->length >= 2 * sizeof nothing && memcmp (body->bytes, nothing, sizeof nothing) != 0;
}

bool
sal_native_debug_frame_convert (const SalNativeSection *from,
                                uint64_t address,
                                SalNativeSection *to)
{
  Buffer buffer = { 0 };
  size_t last = SIZE_MAX; /* where the CIE that was put last came from, */
  size_t put_at = 0;      /* and where it is now */
  bool has_functions = false;
  size_t length;
  uint32_t id;
  Body body;

  for (size_t at = 0; get_record (from, at, &id, &body); at += length)
    {
      Common common;

      length = HEAD + body.length;
      if (id == CIE_ID || !is_function (&body))
        continue;
      if (id != last)
        {
          if (!read_common (from, id, &common))
            continue;
          put_at = buffer.length;
          last = id;
          if (!put_common (&buffer, &common))
            break;
        }
      if (!put_function (&buffer, put_at, address, &body))
        break;
      has_functions = true;
    }
  if (!has_functions)
    {
      free (buffer.bytes);
      return false;
    }
  *to = (SalNativeSection){ address, buffer.bytes, buffer.length };
  return true;
}
