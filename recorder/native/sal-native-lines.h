/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source lines and inlined functions of an ELF file, from its debugging information. */
#pragma once

#include <libelf.h>
#include <stddef.h>
#include <stdint.h>

/* The most functions that one address is in. */
#define SAL_NATIVE_MAX_PLACES 64

/* A function at an address. Texts are borrowed: as long as the lines. */
typedef struct
{
  const char *name;    /* as the linker sees it, where it is told; NULL = none */
  const char *folder;  /* that @file is in; NULL: @file tells all */
  const char *file;    /* NULL = not known */
  uint32_t first_line; /* 0 = not known */
  uint32_t line;       /* at work, or of the call of the next function; 0 = not known */
} SalNativePlace;

/* Thread: one at a time. */
typedef struct _SalNativeLines SalNativeLines;

/**
 * sal_native_lines_new: of the DWARF sections of @elf, which stays the caller's and open.
 *
 * @common, likewise the caller's, is the file that @elf shares debugging information with, by its
 * .gnu_debugaltlink; NULL where there is no such section. NULL when nothing is told, or more than
 * is believed: 512 MiB.
 * Files that the sections name are never opened. Blocks.
 * Source: DWARF 5; GNU extensions of dwz(1).
 */
SalNativeLines *sal_native_lines_new (Elf *elf, Elf *common) __attribute__ ((warn_unused_result));

/**
 * sal_native_lines_find: the functions that the linked @address is in.
 *
 * Shape: places[0] is the function that stands there by itself, each further one is inlined in the
 * one before; at most SAL_NATIVE_MAX_PLACES, for which there must be room. Returns how many; 0 =
 * nothing is known.
 */
size_t sal_native_lines_find (SalNativeLines *lines, uint64_t address, SalNativePlace *places);

/** sal_native_lines_free: NULL is fine. */
void sal_native_lines_free (SalNativeLines *lines);
