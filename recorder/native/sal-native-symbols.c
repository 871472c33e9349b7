/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions that an ELF file names, by address, and their places in the source. */
#include "sal-native-symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sal-native-debug-file.h"

#define MAX_SYMBOLS ((size_t)4 << 20)
#define MAX_SECTION ((uint64_t)512 << 20)
/* A symbol without a size ends where the next one begins, but is not believed to be longer. */
#define MAX_UNSIZED 65536
/* In ranks. */
#define UNSIZED 64

typedef struct
{
  uint64_t start;
  uint64_t end;
  const char *name; /* in the ELF descriptor's memory */
  uint8_t rank;     /* the lower the better */
} Symbol;

/* An ELF file that is read besides the one that was mapped. */
typedef struct
{
  Elf *elf;    /* NULL = there is none */
  char *bytes; /* owned: what it was unpacked to; NULL = it is a file */
  int fd;      /* owned; -1 = none */
} Extra;

struct _SalNativeSymbols
{
  Elf *elf;
  Extra debug;  /* with what elf lacks */
  Extra packed; /* in elf, with a .symtab */
  Extra common; /* what debug or elf shares with others */
  SalNativeLines *lines;
  Symbol *symbols; /* sorted by start, best first */
  size_t n_symbols;
  size_t capacity;
};

static uint8_t
get_rank (const GElf_Sym *symbol, const char *name)
{
  uint8_t rank = 0;

  if (GELF_ST_BIND (symbol->st_info) == STB_LOCAL)
    rank += 32;
  if (GELF_ST_BIND (symbol->st_info) == STB_WEAK)
    rank += 16;
  if (symbol->st_size == 0)
    rank += UNSIZED;
  while (*name == '_' && (rank & 15) < 15)
    {
      rank++;
      name++;
    }
  return rank;
}

static bool
is_function (const GElf_Sym *symbol)
{
  unsigned type = GELF_ST_TYPE (symbol->st_info);

  return symbol->st_shndx != SHN_UNDEF && symbol->st_value != 0 &&
         (type == STT_FUNC || type == STT_GNU_IFUNC ||
          (type == STT_NOTYPE && symbol->st_size != 0));
}

/* Where a symbol ends that has no size, as far as its section tells; 0 = it is for the next to
 * tell. */
static uint64_t
get_section_end (Elf *elf, const GElf_Sym *symbol)
{
  Elf_Scn *scn = elf_getscn (elf, symbol->st_shndx);
  GElf_Shdr header;

  if (scn == NULL || gelf_getshdr (scn, &header) == NULL || header.sh_addr > symbol->st_value ||
      header.sh_size > MAX_UNSIZED || symbol->st_value - header.sh_addr >= header.sh_size)
    return 0;
  return header.sh_addr + header.sh_size;
}

static bool
add_symbol (SalNativeSymbols *self, Elf *elf, const GElf_Sym *symbol, const char *name)
{
  uint64_t end = symbol->st_size > UINT64_MAX - symbol->st_value
                     ? UINT64_MAX
                     : symbol->st_value + symbol->st_size;

  if (self->n_symbols == self->capacity)
    {
      size_t capacity = self->capacity == 0 ? 1024 : self->capacity * 2;
      Symbol *symbols;

      if (self->n_symbols >= MAX_SYMBOLS)
        return false;
      symbols = realloc (self->symbols, capacity * sizeof *symbols);
      if (symbols == NULL)
        return false;
      self->symbols = symbols;
      self->capacity = capacity;
    }
  self->symbols[self->n_symbols++] = (Symbol){
    .start = symbol->st_value,
    .end = symbol->st_size == 0 ? get_section_end (elf, symbol) : end,
    .name = name,
    .rank = get_rank (symbol, name),
  };
  return true;
}

/* Whether the file has a table of this type; takes its functions in. */
static bool
add_table (SalNativeSymbols *self, Elf *elf, GElf_Word type)
{
  for (Elf_Scn *scn = elf_nextscn (elf, NULL); scn != NULL; scn = elf_nextscn (elf, scn))
    {
      GElf_Shdr header;
      Elf_Data *data;
      size_t n;

      if (gelf_getshdr (scn, &header) == NULL || header.sh_type != type ||
          header.sh_entsize == 0 || header.sh_size > MAX_SECTION)
        continue;
      data = elf_getdata (scn, NULL);
      if (data == NULL || data->d_buf == NULL)
        continue;
      n = data->d_size / sizeof (Elf64_Sym);
      for (size_t i = 0; i < n && i < MAX_SYMBOLS; i++)
        {
          GElf_Sym symbol;
          const char *name;

          if (gelf_getsym (data, (int)i, &symbol) == NULL)
            break;
          name = is_function (&symbol) ? elf_strptr (elf, header.sh_link, symbol.st_name) : NULL;
          if (name != NULL && name[0] != '\0' && !add_symbol (self, elf, &symbol, name))
            return true;
        }
      return true;
    }
  return false;
}

static int
compare_symbols (const void *a, const void *b)
{
  const Symbol *left = a;
  const Symbol *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  if (left->rank != right->rank)
    return left->rank < right->rank ? -1 : 1;
  return strcmp (left->name, right->name);
}

/* One symbol for each address, and an end for those that tell none. */
static void
tidy (SalNativeSymbols *self)
{
  size_t n = 0;

  if (self->n_symbols == 0)
    return;
  qsort (self->symbols, self->n_symbols, sizeof *self->symbols, compare_symbols);
  for (size_t i = 0; i < self->n_symbols; i++)
    if (n == 0 || self->symbols[i].start != self->symbols[n - 1].start)
      self->symbols[n++] = self->symbols[i];
  self->n_symbols = n;
  for (size_t i = 0; i < n; i++)
    {
      Symbol *symbol = &self->symbols[i];

      if (symbol->rank < UNSIZED && symbol->end > symbol->start)
        continue;
      if (symbol->end <= symbol->start)
        symbol->end = symbol->start + MAX_UNSIZED;
      if (i + 1 < n && self->symbols[i + 1].start < symbol->end)
        symbol->end = self->symbols[i + 1].start;
    }
}

static Elf *
open_elf (int fd)
{
  Elf *elf;
  GElf_Ehdr header;

  if (elf_version (EV_CURRENT) == EV_NONE)
    return NULL;
  /* Not mapped: a file that shrinks while it is read would kill us. */
  elf = elf_begin (fd, ELF_C_READ, NULL);
  if (elf != NULL && elf_kind (elf) == ELF_K_ELF && gelf_getehdr (elf, &header) != NULL &&
      header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB)
    return elf;
  elf_end (elf);
  return NULL;
}

static void
open_extra (Extra *extra, int fd)
{
  extra->fd = fd;
  if (fd >= 0)
    extra->elf = open_elf (fd);
}

static void
close_extra (Extra *extra)
{
  elf_end (extra->elf);
  free (extra->bytes);
  if (extra->fd >= 0)
    close (extra->fd);
}

/* The lines of @elf, with what it shares with others. */
static void
read_lines (SalNativeSymbols *self, Elf *elf, const char *debug_folder)
{
  close_extra (&self->common);
  self->common = (Extra){ .fd = -1 };
  open_extra (&self->common, sal_native_debug_file_open_common (elf, debug_folder));
  self->lines = sal_native_lines_new (elf, self->common.elf);
}

/* The best .symtab: of the file itself, of its debugging information, or packed into it. */
static void
read_table (SalNativeSymbols *self)
{
  if (add_table (self, self->elf, SHT_SYMTAB) ||
      (self->debug.elf != NULL && add_table (self, self->debug.elf, SHT_SYMTAB)))
    return;
  self->packed.elf = sal_native_debug_file_unpack (self->elf, &self->packed.bytes);
  if (self->packed.elf != NULL)
    add_table (self, self->packed.elf, SHT_SYMTAB);
}

static bool
has_table (Elf *elf)
{
  for (Elf_Scn *scn = elf_nextscn (elf, NULL); scn != NULL; scn = elf_nextscn (elf, scn))
    {
      GElf_Shdr header;

      if (gelf_getshdr (scn, &header) != NULL && header.sh_type == SHT_SYMTAB)
        return true;
    }
  return false;
}

SalNativeSymbols *
sal_native_symbols_new (int fd,
                        const char *path,
                        const char *debug_folder,
                        SalNativeServers *servers)
{
  SalNativeSymbols *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  self->debug.fd = self->packed.fd = self->common.fd = -1;
  self->elf = open_elf (fd);
  if (self->elf == NULL)
    {
      sal_native_symbols_free (self);
      return NULL;
    }
  read_lines (self, self->elf, debug_folder);
  if (self->lines == NULL || !has_table (self->elf))
    open_extra (&self->debug, sal_native_debug_file_open (self->elf, path, debug_folder, servers));
  if (self->lines == NULL && self->debug.elf != NULL)
    read_lines (self, self->debug.elf, debug_folder);
  read_table (self);
  add_table (self, self->elf, SHT_DYNSYM);
  tidy (self);
  return self;
}

const char *
sal_native_symbols_find (const SalNativeSymbols *self, uint64_t address)
{
  size_t low = 0;
  size_t high = self->n_symbols;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (self->symbols[middle].start <= address)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0 || address >= self->symbols[low - 1].end)
    return NULL;
  return self->symbols[low - 1].name;
}

size_t
sal_native_symbols_find_places (const SalNativeSymbols *self,
                                uint64_t address,
                                SalNativePlace *places)
{
  return self->lines != NULL ? sal_native_lines_find (self->lines, address, places) : 0;
}

void
sal_native_symbols_free (SalNativeSymbols *self)
{
  if (self == NULL)
    return;
  sal_native_lines_free (self->lines);
  close_extra (&self->common);
  close_extra (&self->packed);
  close_extra (&self->debug);
  elf_end (self->elf);
  free (self->symbols);
  free (self);
}
