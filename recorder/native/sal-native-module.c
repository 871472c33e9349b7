/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file mapped into a process: its unwind table, its bytes, its symbols. */
#include "sal-native-module.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sal-target-elf.h"

#include "sal-native-debug-frame.h"

#define MAX_SECTION ((uint64_t)256 << 20)
#define MAX_IMAGE ((uint64_t)64 << 10)

static const char deleted[] = " (deleted)";

static char *
dup_path (const char *path)
{
  char *copy = strdup (path != NULL ? path : "");
  size_t length = copy != NULL ? strlen (copy) : 0;

  if (length >= sizeof deleted && strcmp (copy + length + 1 - sizeof deleted, deleted) == 0)
    copy[length + 1 - sizeof deleted] = '\0';
  return copy;
}

/* The kernel's own page of code is in no file: its image is taken from memory. */
static int
open_image (SalTarget *target, const SalTargetRegion *region)
{
  uint64_t length = region->end - region->start;
  uint8_t *bytes;
  int fd = -1;

  if (length > MAX_IMAGE)
    return -1;
  bytes = malloc (length);
  if (bytes != NULL && sal_target_read (target, region->start, bytes, length) == SAL_TARGET_OK)
    fd = memfd_create ("salamander-vdso", MFD_CLOEXEC);
  if (fd >= 0 && pwrite (fd, bytes, length, 0) != (ssize_t)length)
    {
      close (fd);
      fd = -1;
    }
  free (bytes);
  return fd;
}

static void
read_section (SalTargetElf *elf, const char *name, SalNativeSection *section)
{
  SalTargetElfSection found;

  if (!sal_target_elf_find_section (elf, name, &found) || !found.has_data || found.size == 0 ||
      found.size > MAX_SECTION)
    return;
  section->bytes = malloc (found.size);
  if (section->bytes == NULL)
    return;
  section->address = found.address;
  section->length = sal_target_elf_read (elf, found.offset, section->bytes, found.size);
}

static void
read_frames (SalTargetElf *elf, SalNativeTables *tables)
{
  read_section (elf, ".eh_frame", &tables->frames);
  read_section (elf, ".eh_frame_hdr", &tables->header);
  if (tables->frames.length > 0 &&
      !sal_native_table_read_header (&tables->header, &tables->table))
    sal_native_table_make_header (&tables->frames, &tables->header, &tables->table);
}

/* It is not part of what is loaded: so it is put behind that. */
static void
read_debug_frames (SalTargetElf *elf, SalNativeTables *tables)
{
  SalNativeSection from = { 0 };

  from.bytes = sal_target_elf_dup_section (elf, ".debug_frame", MAX_SECTION, &from.length);
  if (from.bytes != NULL &&
      sal_native_debug_frame_convert (&from, sal_target_elf_get_end (elf), &tables->frames))
    sal_native_table_make_header (&tables->frames, &tables->header, &tables->table);
  free (from.bytes);
}

/* .init is put together of the C library's beginning and end, in assembler, and of calls that
 * libraries put between them, as OpenSSL's does. Source: glibc sysdeps/x86_64/crti.S, crtn.S. */
static void
read_init (SalTargetElf *elf, SalNativeInit *init)
{
  static const uint8_t landing[] = { 0xf3, 0x0f, 0x1e, 0xfa };    /* endbr64, or nothing */
  static const uint8_t head[] = { 0x48, 0x83, 0xec, 0x08 };       /* sub $8, %rsp */
  static const uint8_t tail[] = { 0x48, 0x83, 0xc4, 0x08, 0xc3 }; /* add $8, %rsp; ret */
  SalNativeSection section = { 0 };
  size_t at = 0;

  read_section (elf, ".init", &section);
  if (section.length > sizeof landing && memcmp (section.bytes, landing, sizeof landing) == 0)
    at = sizeof landing;
  if (section.length >= at + sizeof head + sizeof tail &&
      memcmp (section.bytes + at, head, sizeof head) == 0 &&
      memcmp (section.bytes + section.length - sizeof tail, tail, sizeof tail) == 0)
    *init = (SalNativeInit){ .start = section.address,
                             .first = section.address + at + sizeof head,
                             .last = section.address + section.length - sizeof tail };
  free (section.bytes);
}

static void
read_tables (SalNativeModule *module)
{
  SalTargetElf *elf;

  if (sal_target_elf_new (module->fd, &elf) != SAL_TARGET_OK)
    return;
  module->is_elf = true;
  read_frames (elf, &module->tables[0]);
  read_debug_frames (elf, &module->tables[1]);
  read_init (elf, &module->init);
  sal_target_elf_free (elf);
}

SalNativeModule *
sal_native_module_new (SalTarget *target, const SalTargetRegion *region)
{
  SalNativeModule *module = calloc (1, sizeof *module);

  if (module == NULL)
    return NULL;
  module->inode = region->inode;
  module->fd = -1;
  module->path = dup_path (region->path);
  if (module->path == NULL)
    {
      free (module);
      return NULL;
    }
  if (region->inode == 0)
    module->fd = open_image (target, region);
  else if (target->ops->open_file (target, region, &module->fd) != SAL_TARGET_OK)
    module->fd = -1;
  if (module->fd >= 0)
    read_tables (module);
  return module;
}

SalNativeModule *
sal_native_module_new_made (const SalTarget *target)
{
  int fd = sal_native_perf_map_open (target);
  SalNativeModule *module = fd >= 0 ? calloc (1, sizeof *module) : NULL;

  if (module != NULL)
    module->path = strdup ("");
  if (module == NULL || module->path == NULL)
    {
      if (fd >= 0)
        close (fd);
      free (module);
      return NULL;
    }
  module->fd = fd;
  module->is_made = true;
  return module;
}

bool
sal_native_module_get_bias (const SalNativeModule *module,
                            const SalTargetRegion *region,
                            uint64_t *bias)
{
  SalTargetElf *elf;
  bool is_found;

  *bias = 0;
  if (!module->is_elf || sal_target_elf_new (module->fd, &elf) != SAL_TARGET_OK)
    return false;
  is_found = sal_target_elf_get_bias (elf, region, bias);
  sal_target_elf_free (elf);
  return is_found;
}

static bool
read_from (const SalNativeSection *section, uint64_t address, void *buffer, size_t length)
{
  if (section->bytes == NULL || address < section->address ||
      address - section->address > section->length ||
      section->length - (size_t)(address - section->address) < length)
    return false;
  memcpy (buffer, section->bytes + (address - section->address), length);
  return true;
}

bool
sal_native_module_read (const SalNativeModule *module,
                        uint64_t address,
                        void *buffer,
                        size_t length)
{
  for (int i = 0; i < SAL_NATIVE_N_TABLES; i++)
    if (read_from (&module->tables[i].frames, address, buffer, length) ||
        read_from (&module->tables[i].header, address, buffer, length))
      return true;
  return false;
}

void
sal_native_module_free (SalNativeModule *module)
{
  if (module == NULL)
    return;
  if (module->fd >= 0)
    close (module->fd);
  sal_native_symbols_free (module->symbols);
  sal_native_perf_map_free (module->made);
  sal_native_cython_free (module->cython);
  for (int i = 0; i < SAL_NATIVE_N_TABLES; i++)
    {
      free (module->tables[i].header.bytes);
      free (module->tables[i].frames.bytes);
    }
  free (module->path);
  free (module);
}
