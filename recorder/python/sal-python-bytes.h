/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Numbers in bytes that were copied from the target, at any alignment. */

#include <stdint.h>
#include <string.h>

static inline uint64_t
sal_python_u64 (const uint8_t *bytes)
{
  uint64_t value;

  memcpy (&value, bytes, sizeof value);
  return value;
}

static inline uint32_t
sal_python_u32 (const uint8_t *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return value;
}

static inline uint16_t
sal_python_u16 (const uint8_t *bytes)
{
  uint16_t value;

  memcpy (&value, bytes, sizeof value);
  return value;
}
