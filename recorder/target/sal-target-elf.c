/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an ELF file of the target says about addresses: symbols, sections, where it was loaded. */
#include "sal-target-elf.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SYMBOLS ((size_t)4 << 20)
#define MAX_SECTION_BYTES ((uint64_t)512 << 20)
#define MAX_SEGMENTS 4096
#define PAGE ((uint64_t)4096)

struct _SalTargetElf
{
  Elf *elf;
  int fd;
};

SalTargetResult
sal_target_elf_new (int fd, SalTargetElf **out)
{
  SalTargetElf *self;
  GElf_Ehdr header;

  if (elf_version (EV_CURRENT) == EV_NONE)
    return SAL_TARGET_CORRUPT;
  self = calloc (1, sizeof *self);
  if (self == NULL)
    return SAL_TARGET_MEMORY;
  self->fd = fd;
  /* Not mapped: a file that shrinks while it is read would kill us. */
  self->elf = elf_begin (fd, ELF_C_READ, NULL);
  if (self->elf == NULL || elf_kind (self->elf) != ELF_K_ELF ||
      gelf_getehdr (self->elf, &header) == NULL || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB)
    {
      sal_target_elf_free (self);
      return SAL_TARGET_CORRUPT;
    }
  *out = self;
  return SAL_TARGET_OK;
}

static bool
find_in_table (
    SalTargetElf *self, Elf_Scn *scn, const GElf_Shdr *header, const char *name, uint64_t *value)
{
  Elf_Data *data;
  size_t n;

  if (header->sh_entsize == 0 || header->sh_size > MAX_SECTION_BYTES)
    return false;
  data = elf_getdata (scn, NULL);
  if (data == NULL || data->d_buf == NULL)
    return false;
  n = data->d_size / sizeof (Elf64_Sym);
  for (size_t i = 0; i < n && i < MAX_SYMBOLS; i++)
    {
      GElf_Sym symbol;
      const char *text;

      if (gelf_getsym (data, (int)i, &symbol) == NULL)
        break;
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0)
        continue;
      text = elf_strptr (self->elf, header->sh_link, symbol.st_name);
      if (text != NULL && strcmp (text, name) == 0)
        {
          *value = symbol.st_value;
          return true;
        }
    }
  return false;
}

bool
sal_target_elf_find_symbol (SalTargetElf *self, const char *name, uint64_t *value)
{
  static const GElf_Word types[] = { SHT_DYNSYM, SHT_SYMTAB };

  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    for (Elf_Scn *scn = elf_nextscn (self->elf, NULL); scn != NULL;
         scn = elf_nextscn (self->elf, scn))
      {
        GElf_Shdr header;

        if (gelf_getshdr (scn, &header) != NULL && header.sh_type == types[i] &&
            find_in_table (self, scn, &header, name, value))
          return true;
      }
  return false;
}

static Elf_Scn *
find_section (SalTargetElf *self, const char *name, GElf_Shdr *header)
{
  size_t names;

  if (elf_getshdrstrndx (self->elf, &names) != 0)
    return NULL;
  for (Elf_Scn *scn = elf_nextscn (self->elf, NULL); scn != NULL;
       scn = elf_nextscn (self->elf, scn))
    {
      const char *text;

      if (gelf_getshdr (scn, header) == NULL)
        continue;
      text = elf_strptr (self->elf, names, header->sh_name);
      if (text != NULL && strcmp (text, name) == 0)
        return scn;
    }
  return NULL;
}

bool
sal_target_elf_find_section (SalTargetElf *self, const char *name, SalTargetElfSection *section)
{
  GElf_Shdr header;

  if (find_section (self, name, &header) == NULL)
    return false;
  section->address = header.sh_addr;
  section->offset = header.sh_offset;
  section->size = header.sh_size;
  section->has_data = header.sh_type != SHT_NOBITS;
  return true;
}

uint8_t *
sal_target_elf_dup_section (SalTargetElf *self, const char *name, uint64_t most, size_t *length)
{
  GElf_Shdr header;
  GElf_Chdr packed;
  Elf_Scn *scn = find_section (self, name, &header);
  Elf_Data *data;
  uint8_t *bytes;

  if (scn == NULL || header.sh_type == SHT_NOBITS || header.sh_size > most)
    return NULL;
  if ((header.sh_flags & SHF_COMPRESSED) != 0 &&
      (gelf_getchdr (scn, &packed) == NULL || packed.ch_size > most ||
       elf_compress (scn, 0, 0) < 0))
    return NULL;
  data = elf_getdata (scn, NULL);
  if (data == NULL || data->d_buf == NULL || data->d_size == 0 || data->d_size > most)
    return NULL;
  bytes = malloc (data->d_size);
  if (bytes == NULL)
    return NULL;
  memcpy (bytes, data->d_buf, data->d_size);
  *length = data->d_size;
  return bytes;
}

uint64_t
sal_target_elf_get_end (SalTargetElf *self)
{
  uint64_t end = 0;
  size_t n;

  if (elf_getphdrnum (self->elf, &n) != 0)
    return 0;
  for (size_t i = 0; i < n && i < MAX_SEGMENTS; i++)
    {
      GElf_Phdr segment;

      if (gelf_getphdr (self->elf, (int)i, &segment) != NULL && segment.p_type == PT_LOAD &&
          segment.p_vaddr + segment.p_memsz > end)
        end = segment.p_vaddr + segment.p_memsz;
    }
  return (end + PAGE - 1) & ~(PAGE - 1);
}

bool
sal_target_elf_get_bias (SalTargetElf *self, const SalTargetRegion *region, uint64_t *bias)
{
  size_t n;

  if (elf_getphdrnum (self->elf, &n) != 0)
    return false;
  for (size_t i = 0; i < n && i < MAX_SEGMENTS; i++)
    {
      GElf_Phdr segment;
      uint64_t start;
      uint64_t end;

      if (gelf_getphdr (self->elf, (int)i, &segment) == NULL || segment.p_type != PT_LOAD)
        continue;
      start = segment.p_offset & ~(PAGE - 1);
      end = segment.p_offset + segment.p_filesz;
      if (region->offset < start || region->offset >= end)
        continue;
      *bias = region->start - region->offset - (segment.p_vaddr - segment.p_offset);
      return true;
    }
  return false;
}

size_t
sal_target_elf_read (SalTargetElf *self, uint64_t offset, void *buffer, size_t length)
{
  ssize_t n = pread (self->fd, buffer, length, (off_t)offset);

  return n > 0 ? (size_t)n : 0;
}

void
sal_target_elf_free (SalTargetElf *self)
{
  if (self == NULL)
    return;
  elf_end (self->elf);
  free (self);
}
