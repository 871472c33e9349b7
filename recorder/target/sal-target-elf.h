/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What an ELF file of the target says about addresses: symbols, sections, where it was loaded. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-target.h"

typedef struct _SalTargetElf SalTargetElf;

typedef struct
{
  uint64_t address; /* as linked: add the bias */
  uint64_t offset;  /* in the file */
  uint64_t size;
  bool has_data; /* false for .bss and the like */
} SalTargetElfSection;

/**
 * sal_target_elf_new: opens the ELF file behind @fd, which stays the caller's and open.
 *
 * Errors: CORRUPT (no 64-bit little-endian ELF file of this machine), MEMORY.
 * Ownership: *@out is the caller's: sal_target_elf_free().
 * Source: elf(5), libelf.
 */
SalTargetResult sal_target_elf_new (int fd, SalTargetElf **out)
    __attribute__ ((warn_unused_result));

/** sal_target_elf_find_symbol: the value of the defined symbol @name in .dynsym, else .symtab.
 *
 * Units: an address as linked. Returns false when there is none. Reads at most 4 million symbols.
 * */
bool sal_target_elf_find_symbol (SalTargetElf *elf, const char *name, uint64_t *value);

/** sal_target_elf_find_section: the section called @name; false when there is none. */
bool
sal_target_elf_find_section (SalTargetElf *elf, const char *name, SalTargetElfSection *section);

/**
 * sal_target_elf_dup_section: the bytes of the section called @name, unpacked where they are
 * compressed.
 *
 * NULL when there is none, it has no bytes, or more than @most. Ownership: by free(3).
 * Source: elf(5), SHF_COMPRESSED; libelf, elf_compress().
 */
uint8_t *
sal_target_elf_dup_section (SalTargetElf *elf, const char *name, uint64_t most, size_t *length);

/** sal_target_elf_get_end: the linked address behind all that is loaded, of a page. */
uint64_t sal_target_elf_get_end (SalTargetElf *elf);

/** sal_target_elf_get_bias: what to add to linked addresses, given one mapped region of the file.
 *
 * Returns false when no loadable segment covers the region's place in the file. */
bool sal_target_elf_get_bias (SalTargetElf *elf, const SalTargetRegion *region, uint64_t *bias);

/** sal_target_elf_read: reads up to @length bytes at @offset of the file; returns how many. */
size_t sal_target_elf_read (SalTargetElf *elf, uint64_t offset, void *buffer, size_t length);

/** sal_target_elf_free: the descriptor stays open. */
void sal_target_elf_free (SalTargetElf *elf);
