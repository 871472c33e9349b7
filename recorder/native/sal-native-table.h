/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sorted table of a module's functions that libunwind searches. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stretch of a module at its linked address, read into memory. */
typedef struct
{
  uint64_t address;
  uint8_t *bytes; /* owned; NULL = not there */
  size_t length;
} SalNativeSection;

/* Where a module's table of functions lies, for libunwind's search. */
typedef struct
{
  uint64_t entries; /* linked address of the first */
  uint64_t n_entries;
  uint64_t base; /* linked address that the entries count from */
} SalNativeTable;

/**
 * sal_native_table_read_header: the table in the bytes of .eh_frame_hdr.
 *
 * False when there is none of the usual form (4-byte offsets from the section, sorted).
 * Source: Linux Standard Base 5.0 Core, 10.6.2.
 */
bool sal_native_table_read_header (const SalNativeSection *header, SalNativeTable *table);

/**
 * sal_native_table_make_header: makes such a table from .eh_frame itself.
 *
 * *@header gets bytes of its own, at an address behind @frames. Records that make no sense end the
 * table. Does nothing without memory.
 * Source: Linux Standard Base 5.0 Core, 10.6.1; DWARF 5, 6.4.1.
 */
void sal_native_table_make_header (const SalNativeSection *frames,
                                   SalNativeSection *header,
                                   SalNativeTable *table);
