/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * fuzz_records_wrap: a capture of one block that holds @data as its records: mutations get behind
 * the checksums. Static, until the next call; its length is in *@length, 0 when @data does not fit.
 */
const uint8_t *fuzz_records_wrap (const uint8_t *data, size_t size, size_t *length);
