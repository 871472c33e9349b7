/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A target that stands in front of another and remembers everything that is read through it. */
#include "target-log.h"

#include <elf.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "sal-target-elf.h"

#define MIN_SURROUNDINGS 4096
/* What is copied with its neighbours one time may be between two copies another time. */
#define MAX_GAP 1024

typedef struct
{
  uint64_t address;
  GByteArray *bytes;
} Piece;

typedef struct
{
  SalTarget base;
  SalTarget *inner;
  GArray *pieces;
  GString *maps;
  GByteArray *files; /* FILE records */
  GArray *inodes;
} Log;

/* The section that the recorder looks for, and the symbols. */
#define TASKS ".AsyncioDebug"
static const char *const symbols[] = {
  "_PyRuntime",
  "Py_Version",
  "interp_head",
  "_PyThreadState_Current",
  "collecting",
  "interpreter_lock",
  "gil_cond",
  "gil_mutex",
  "switch_cond",
  "switch_mutex",
  "_Py_NegativeRefcount",
};

static SalTargetResult
log_read_many (SalTarget *target, const SalTargetRange *ranges, size_t n_ranges, size_t *n_read)
{
  Log *log = (Log *)target;
  SalTargetResult result = log->inner->ops->read_many (log->inner, ranges, n_ranges, n_read);

  /* What is read around frames whose place is not known yet is of no use, and large. */
  if (n_ranges == 1 && ranges[0].length >= MIN_SURROUNDINGS)
    return result;
  for (size_t i = 0; i < *n_read; i++)
    {
      Piece piece = { ranges[i].address, g_byte_array_new () };

      if (ranges[i].length > 0)
        g_byte_array_append (piece.bytes, ranges[i].buffer, (guint)ranges[i].length);
      g_array_append_val (log->pieces, piece);
    }
  return result;
}

static SalTargetResult
log_list_regions (SalTarget *target, SalTargetRegions *regions)
{
  Log *log = (Log *)target;

  return log->inner->ops->list_regions (log->inner, regions);
}

/* An ELF file with nothing but a segment, the symbols and asyncio's section, at their addresses.
 * @start: the linked address that the file begins at. */
static GByteArray *
make_stub (SalTargetElf *elf, uint64_t start)
{
  GByteArray *bytes = g_byte_array_new ();
  GString *names = g_string_new_len ("\0.dynsym\0.dynstr\0" TASKS "\0", 31);
  GArray *table = g_array_new (FALSE, TRUE, sizeof (Elf64_Sym));
  Elf64_Sym none = { 0 };
  Elf64_Ehdr header = { 0 };
  Elf64_Phdr segment = {
    .p_type = PT_LOAD, .p_vaddr = start, .p_filesz = 1 << 12, .p_memsz = 1 << 12, .p_align = 1 << 12
  };
  Elf64_Shdr sections[4] = { { 0 } };
  SalTargetElfSection tasks;

  g_array_append_val (table, none);
  for (size_t i = 0; i < G_N_ELEMENTS (symbols); i++)
    {
      Elf64_Sym symbol = { .st_info = ELF64_ST_INFO (STB_GLOBAL, STT_OBJECT), .st_shndx = 1 };
      uint64_t value;

      if (!sal_target_elf_find_symbol (elf, symbols[i], &value))
        continue;
      symbol.st_name = (Elf64_Word)names->len;
      symbol.st_value = value;
      g_string_append_len (names, symbols[i], (gssize)strlen (symbols[i]) + 1);
      g_array_append_val (table, symbol);
    }
  memcpy (header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof segment;
  header.e_phnum = 1;
  header.e_shoff = sizeof header + sizeof segment;
  header.e_shentsize = sizeof *sections;
  header.e_shnum = G_N_ELEMENTS (sections);
  header.e_shstrndx = 2;
  sections[1] = (Elf64_Shdr){ .sh_name = 1,
                              .sh_type = SHT_DYNSYM,
                              .sh_offset = header.e_shoff + sizeof sections,
                              .sh_size = table->len * sizeof (Elf64_Sym),
                              .sh_link = 2,
                              .sh_info = 1,
                              .sh_addralign = 8,
                              .sh_entsize = sizeof (Elf64_Sym) };
  sections[2] = (Elf64_Shdr){ .sh_name = 9,
                              .sh_type = SHT_STRTAB,
                              .sh_offset = sections[1].sh_offset + sections[1].sh_size,
                              .sh_size = names->len,
                              .sh_addralign = 1 };
  if (sal_target_elf_find_section (elf, TASKS, &tasks))
    sections[3] = (Elf64_Shdr){
      .sh_name = 17, .sh_type = SHT_NOBITS, .sh_addr = tasks.address, .sh_size = tasks.size
    };
  g_byte_array_append (bytes, (guint8 *)&header, sizeof header);
  g_byte_array_append (bytes, (guint8 *)&segment, sizeof segment);
  g_byte_array_append (bytes, (guint8 *)sections, sizeof sections);
  g_byte_array_append (bytes, (guint8 *)table->data, table->len * (guint)sizeof (Elf64_Sym));
  g_byte_array_append (bytes, (guint8 *)names->str, (guint)names->len);
  g_array_unref (table);
  g_string_free (names, TRUE);
  return bytes;
}

static void
append_record (GByteArray *out, const char *tag, const void *key, const void *bytes, gsize length)
{
  guint32 size = (guint32)(length + (key != NULL ? 8 : 0));

  g_byte_array_append (out, (const guint8 *)tag, 4);
  g_byte_array_append (out, (guint8 *)&size, 4);
  if (key != NULL)
    g_byte_array_append (out, key, 8);
  g_byte_array_append (out, bytes, (guint)length);
}

static void
remember_file (Log *log, const SalTargetRegion *region, int fd)
{
  SalTargetElfSection section;
  SalTargetElf *elf;
  uint64_t value;
  uint64_t bias;
  char *base;

  for (guint i = 0; i < log->inodes->len; i++)
    if (g_array_index (log->inodes, uint64_t, i) == region->inode)
      return;
  if (sal_target_elf_new (fd, &elf) != SAL_TARGET_OK)
    return;
  if ((sal_target_elf_find_symbol (elf, "_PyRuntime", &value) ||
       sal_target_elf_find_symbol (elf, "interp_head", &value) ||
       sal_target_elf_find_section (elf, TASKS, &section)) &&
      sal_target_elf_get_bias (elf, region, &bias))
    {
      GByteArray *stub = make_stub (elf, region->start - region->offset - bias);

      append_record (log->files, "FILE", &region->inode, stub->data, stub->len);
      g_byte_array_unref (stub);
      g_array_append_val (log->inodes, region->inode);
      /* Where it lay on the machine that made the image is nobody's business. */
      base = g_path_get_basename (region->path);
      g_string_append_printf (log->maps, "%lx-%lx %s %08lx 00:00 %lu /%s\n", region->start,
                              region->end, region->permissions, region->offset, region->inode,
                              base);
      g_free (base);
    }
  sal_target_elf_free (elf);
}

static SalTargetResult
log_open_file (SalTarget *target, const SalTargetRegion *region, int *fd)
{
  Log *log = (Log *)target;
  SalTargetResult result = log->inner->ops->open_file (log->inner, region, fd);

  if (result == SAL_TARGET_OK)
    remember_file (log, region, *fd);
  return result;
}

static SalTargetResult
log_list_threads (SalTarget *target, uint64_t *tids, size_t capacity, size_t *n_tids)
{
  Log *log = (Log *)target;

  return log->inner->ops->list_threads (log->inner, tids, capacity, n_tids);
}

static SalTargetResult
log_is_alive (SalTarget *target)
{
  Log *log = (Log *)target;

  return log->inner->ops->is_alive (log->inner);
}

static void
log_free (SalTarget *target)
{
  Log *log = (Log *)target;

  for (guint i = 0; i < log->pieces->len; i++)
    g_byte_array_unref (g_array_index (log->pieces, Piece, i).bytes);
  g_array_unref (log->pieces);
  g_array_unref (log->inodes);
  g_byte_array_unref (log->files);
  g_string_free (log->maps, TRUE);
  g_free (log);
}

static const SalTargetOps log_ops = {
  .read_many = log_read_many,
  .list_regions = log_list_regions,
  .open_file = log_open_file,
  .list_threads = log_list_threads,
  .is_alive = log_is_alive,
  .free = log_free,
};

SalTarget *
target_log_new (SalTarget *inner)
{
  Log *log = g_new0 (Log, 1);

  log->base.ops = &log_ops;
  log->base.pid = inner->pid;
  log->inner = inner;
  log->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  log->inodes = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  log->files = g_byte_array_new ();
  log->maps = g_string_new (NULL);
  return &log->base;
}

static int
compare_pieces (const void *a, const void *b)
{
  uint64_t left = ((const Piece *)a)->address;
  uint64_t right = ((const Piece *)b)->address;

  return left < right ? -1 : left > right;
}

/* Pieces that overlap or nearly touch become one. */
static void
append_memory (Log *log, GByteArray *out)
{
  GByteArray *run = g_byte_array_new ();
  uint64_t start = 0;

  g_array_sort (log->pieces, compare_pieces);
  for (guint i = 0; i < log->pieces->len; i++)
    {
      Piece *piece = &g_array_index (log->pieces, Piece, i);
      uint64_t end = start + run->len;

      if (run->len > 0 && piece->address > end && piece->address - end <= MAX_GAP)
        {
          g_byte_array_set_size (run, (guint)(piece->address - start));
          memset (run->data + (end - start), 0, piece->address - end);
          end = piece->address;
        }
      if (run->len > 0 && piece->address > end)
        {
          append_record (out, "MEM ", &start, run->data, run->len);
          g_byte_array_set_size (run, 0);
        }
      if (run->len == 0)
        {
          start = piece->address;
          end = start;
        }
      if (piece->address + piece->bytes->len > end)
        {
          gsize known = (gsize)(end - piece->address);

          g_byte_array_append (run, piece->bytes->data + known, piece->bytes->len - (guint)known);
        }
    }
  if (run->len > 0)
    append_record (out, "MEM ", &start, run->data, run->len);
  g_byte_array_unref (run);
}

bool
target_log_save (SalTarget *target, const char *path)
{
  Log *log = (Log *)target;
  GByteArray *out = g_byte_array_new ();
  uint64_t tids[256];
  size_t n_tids = 0;
  bool is_saved;

  if (log->inner->ops->list_threads (log->inner, tids, G_N_ELEMENTS (tids), &n_tids) !=
      SAL_TARGET_OK)
    n_tids = 0;
  g_byte_array_append (out, (const guint8 *)"SALIMG01", 8);
  append_record (out, "MAPS", NULL, log->maps->str, log->maps->len);
  append_record (out, "TIDS", NULL, tids, MIN (n_tids, G_N_ELEMENTS (tids)) * sizeof *tids);
  g_byte_array_append (out, log->files->data, log->files->len);
  append_memory (log, out);
  is_saved = g_file_set_contents (path, (const char *)out->data, out->len, NULL);
  g_byte_array_unref (out);
  return is_saved;
}
