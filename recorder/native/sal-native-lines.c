/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source lines and inlined functions of an ELF file, from its debugging information. */
#include "sal-native-lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of DWARF sections, unpacked: of all, and of .debug_line, which become 50 times as many. */
#define MAX_SECTIONS ((uint64_t)512 << 20)
#define MAX_LINES ((uint64_t)64 << 20)

#define MAX_UNITS ((size_t)1 << 18)
#define MAX_SPANS ((size_t)1 << 22)
#define MAX_DIES ((size_t)1 << 22) /* looked at in one unit or function */
#define MAX_DEPTH 256
/* Spans that overlap the one that begins last. */
#define MAX_OVERLAP 64

/* Addresses of item number @item. */
typedef struct
{
  uint64_t low;
  uint64_t high; /* the first one behind */
  uint32_t item;
} Span;

typedef struct
{
  Span *items;
  size_t n;
  size_t capacity;
} Spans;

typedef struct
{
  Dwarf_Die die;
  uint32_t depth; /* of inlining: 1 = in the function itself */
} Inlined;

typedef struct
{
  Dwarf_Die die;
  Spans spans; /* in the order of the tree: what is inlined in another comes after it */
  Inlined *inlined;
  size_t n_inlined;
  size_t capacity;
  bool is_read;
} Function;

typedef struct
{
  Dwarf_Die die;
  Spans spans; /* sorted */
  Function *functions;
  size_t n_functions;
  size_t capacity;
  bool is_read;
} Unit;

struct _SalNativeLines
{
  Dwarf *dwarf;
  Dwarf *common; /* NULL = there is none */
  Spans spans;   /* sorted; of units */
  Unit *units;
  size_t n_units;
  size_t capacity;
  size_t n_dies; /* looked at in the walk at work */
};

/* Makes room for one more of @n items of @size bytes, @capacity at most having been there. */
static bool
reserve (void **items, size_t *capacity, size_t n, size_t most, size_t size)
{
  size_t bigger = *capacity == 0 ? 16 : *capacity * 2;
  void *grown;

  if (n < *capacity)
    return true;
  if (n >= most)
    return false;
  grown = realloc (*items, bigger * size);
  if (grown == NULL)
    return false;
  *items = grown;
  *capacity = bigger;
  return true;
}

/* What the linker has thrown away begins at 0. */
static void
add_spans (Spans *spans, Dwarf_Die *die, uint32_t item)
{
  ptrdiff_t at = 0;
  Dwarf_Addr base;
  Dwarf_Addr low;
  Dwarf_Addr high;

  while ((at = dwarf_ranges (die, at, &base, &low, &high)) > 0)
    if (low != 0 && low < high)
      {
        if (!reserve ((void **)&spans->items, &spans->capacity, spans->n, MAX_SPANS, sizeof (Span)))
          return;
        spans->items[spans->n++] = (Span){ low, high, item };
      }
}

static int
compare_spans (const void *a, const void *b)
{
  const Span *left = a;
  const Span *right = b;

  if (left->low != right->low)
    return left->low < right->low ? -1 : 1;
  return left->high != right->high ? (left->high > right->high ? -1 : 1) : 0;
}

static void
sort_spans (Spans *spans)
{
  if (spans->n > 0)
    qsort (spans->items, spans->n, sizeof *spans->items, compare_spans);
}

static const Span *
find_span (const Spans *spans, uint64_t address)
{
  size_t low = 0;
  size_t high = spans->n;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (spans->items[middle].low <= address)
        low = middle + 1;
      else
        high = middle;
    }
  for (size_t i = 0; i < low && i < MAX_OVERLAP; i++)
    if (address < spans->items[low - 1 - i].high)
      return &spans->items[low - 1 - i];
  return NULL;
}

/* Bytes of a section once unpacked. */
static uint64_t
get_size (Elf_Scn *scn, const GElf_Shdr *header)
{
  GElf_Chdr packed;

  if ((header->sh_flags & SHF_COMPRESSED) == 0)
    return header->sh_size;
  return gelf_getchdr (scn, &packed) != NULL ? packed.ch_size : UINT64_MAX;
}

/* Whether there is debugging information, and no more than is believed. *@has_common: whether some
 * of it is in a file that it shares with others. */
static bool
is_sound (Elf *elf, bool *has_common)
{
  size_t names;
  uint64_t total = 0;
  bool has_info = false;

  *has_common = false;
  if (elf_getshdrstrndx (elf, &names) != 0)
    return false;
  for (Elf_Scn *scn = elf_nextscn (elf, NULL); scn != NULL; scn = elf_nextscn (elf, scn))
    {
      GElf_Shdr header;
      const char *name;
      uint64_t size;

      if (gelf_getshdr (scn, &header) == NULL ||
          (name = elf_strptr (elf, names, header.sh_name)) == NULL ||
          header.sh_type == SHT_NOBITS)
        continue;
      if (strcmp (name, ".gnu_debugaltlink") == 0)
        *has_common = true;
      /* An old way to pack them, which tells no size in time. */
      if (strncmp (name, ".zdebug", strlen (".zdebug")) == 0)
        return false;
      if (strncmp (name, ".debug_", strlen (".debug_")) != 0)
        continue;
      size = get_size (scn, &header);
      if (size > MAX_SECTIONS - total ||
          (strcmp (name, ".debug_line") == 0 && size > MAX_LINES))
        return false;
      total += size;
      has_info = has_info || strcmp (name, ".debug_info") == 0;
    }
  return has_info;
}

/* Whether the texts of @elf, unpacked by now, end before their sections do: libdw believes it. */
static bool
has_ends (Elf *elf)
{
  size_t names;

  if (elf_getshdrstrndx (elf, &names) != 0)
    return false;
  for (Elf_Scn *scn = elf_nextscn (elf, NULL); scn != NULL; scn = elf_nextscn (elf, scn))
    {
      GElf_Shdr header;
      const char *name;
      Elf_Data *data;

      if (gelf_getshdr (scn, &header) == NULL ||
          (name = elf_strptr (elf, names, header.sh_name)) == NULL ||
          (strcmp (name, ".debug_str") != 0 && strcmp (name, ".debug_line_str") != 0) ||
          header.sh_type == SHT_NOBITS)
        continue;
      data = elf_rawdata (scn, NULL);
      if (data == NULL || (data->d_size > 0 && data->d_buf != NULL &&
                           ((const char *)data->d_buf)[data->d_size - 1] != '\0'))
        return false;
    }
  return true;
}

/* A unit whose contents are in another file (-gsplit-dwarf) would have that opened. */
static bool
add_unit (SalNativeLines *self, Dwarf_Die *die, uint8_t type)
{
  if (type != DW_UT_compile)
    return true;
  if (!reserve ((void **)&self->units, &self->capacity, self->n_units, MAX_UNITS, sizeof (Unit)))
    return false;
  self->units[self->n_units] = (Unit){ .die = *die };
  add_spans (&self->spans, die, (uint32_t)self->n_units);
  self->n_units++;
  return true;
}

static void
read_units (SalNativeLines *self)
{
  Dwarf_CU *unit = NULL;
  Dwarf_Die die;
  uint8_t type;

  while (dwarf_get_units (self->dwarf, unit, &unit, NULL, &type, &die, NULL) == 0)
    if (!add_unit (self, &die, type))
      break;
  sort_spans (&self->spans);
}

SalNativeLines *
sal_native_lines_new (Elf *elf, Elf *common)
{
  SalNativeLines *self;
  bool has_common;
  bool has_more;

  if (!is_sound (elf, &has_common) || has_common != (common != NULL) ||
      (common != NULL && (!is_sound (common, &has_more) || has_more)))
    return NULL;
  self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->dwarf = dwarf_begin_elf (elf, DWARF_C_READ, NULL);
  if (common != NULL)
    self->common = dwarf_begin_elf (common, DWARF_C_READ, NULL);
  if (self->dwarf == NULL || !has_ends (elf) ||
      (common != NULL && (self->common == NULL || !has_ends (common))))
    {
      sal_native_lines_free (self);
      return NULL;
    }
  if (common != NULL)
    dwarf_setalt (self->dwarf, self->common);
  read_units (self);
  return self;
}

static void
add_function (Unit *unit, Dwarf_Die *die)
{
  size_t n_spans = unit->spans.n;

  add_spans (&unit->spans, die, (uint32_t)unit->n_functions);
  if (unit->spans.n == n_spans)
    return;
  if (!reserve ((void **)&unit->functions,
                &unit->capacity,
                unit->n_functions,
                MAX_SPANS,
                sizeof (Function)))
    {
      unit->spans.n = n_spans;
      return;
    }
  unit->functions[unit->n_functions++] = (Function){ .die = *die };
}

/* Functions of the unit, which may be in name spaces, types and other functions. */
static void
read_functions (SalNativeLines *self, Unit *unit, Dwarf_Die *parent, unsigned depth)
{
  Dwarf_Die die;

  if (depth > MAX_DEPTH || dwarf_child (parent, &die) != 0)
    return;
  do
    switch (dwarf_tag (&die))
      {
      case DW_TAG_subprogram:
        add_function (unit, &die);
        read_functions (self, unit, &die, depth + 1);
        break;
      case DW_TAG_namespace:
      case DW_TAG_module:
      case DW_TAG_class_type:
      case DW_TAG_structure_type:
      case DW_TAG_union_type:
      case DW_TAG_enumeration_type:
      case DW_TAG_lexical_block:
        read_functions (self, unit, &die, depth + 1);
        break;
      default:
        break;
      }
  while (++self->n_dies < MAX_DIES && dwarf_siblingof (&die, &die) == 0);
}

static Function *
find_function (SalNativeLines *self, Unit *unit, uint64_t address)
{
  const Span *span;

  if (!unit->is_read)
    {
      unit->is_read = true;
      self->n_dies = 0;
      read_functions (self, unit, &unit->die, 0);
      sort_spans (&unit->spans);
    }
  span = find_span (&unit->spans, address);
  return span != NULL ? &unit->functions[span->item] : NULL;
}

static void
read_inlined (
    SalNativeLines *self, Function *function, Dwarf_Die *parent, unsigned depth, uint32_t level)
{
  Dwarf_Die die;

  if (depth > MAX_DEPTH || dwarf_child (parent, &die) != 0)
    return;
  do
    {
      int tag = dwarf_tag (&die);

      if (tag == DW_TAG_inlined_subroutine &&
          reserve ((void **)&function->inlined,
                   &function->capacity,
                   function->n_inlined,
                   MAX_SPANS,
                   sizeof (Inlined)))
        {
          function->inlined[function->n_inlined] = (Inlined){ die, level + 1 };
          add_spans (&function->spans, &die, (uint32_t)function->n_inlined);
          function->n_inlined++;
          read_inlined (self, function, &die, depth + 1, level + 1);
        }
      else if (tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block)
        read_inlined (self, function, &die, depth + 1, level);
    }
  while (++self->n_dies < MAX_DIES && dwarf_siblingof (&die, &die) == 0);
}

/* The calls that were inlined at @address, the outermost first. */
static size_t
find_inlined (SalNativeLines *self, Function *function, uint64_t address, Dwarf_Die **dies)
{
  size_t n = 0;

  if (!function->is_read)
    {
      function->is_read = true;
      self->n_dies = 0;
      read_inlined (self, function, &function->die, 0, 0);
    }
  for (size_t i = 0; i < function->spans.n && n < SAL_NATIVE_MAX_PLACES - 1; i++)
    {
      const Span *span = &function->spans.items[i];
      Inlined *inlined = &function->inlined[span->item];

      if (address >= span->low && address < span->high && inlined->depth == n + 1)
        dies[n++] = &inlined->die;
    }
  return n;
}

static uint32_t
get_number (Dwarf_Die *die, unsigned name)
{
  Dwarf_Attribute attribute;
  Dwarf_Word number;

  if (dwarf_formudata (dwarf_attr_integrate (die, name, &attribute), &number) != 0 ||
      number > UINT32_MAX)
    return 0;
  return (uint32_t)number;
}

static const char *
get_text (Dwarf_Die *die, unsigned name)
{
  Dwarf_Attribute attribute;

  return dwarf_formstring (dwarf_attr_integrate (die, name, &attribute));
}

static const char *
get_name (Dwarf_Die *die)
{
  const char *name = get_text (die, DW_AT_linkage_name);

  if (name == NULL)
    name = get_text (die, DW_AT_MIPS_linkage_name);
  return name != NULL ? name : get_text (die, DW_AT_name);
}

/* Where the unit was compiled, that a name of a file may be relative to. */
static void
set_file (SalNativePlace *place, Dwarf_Die *die)
{
  Dwarf_Attribute attribute;
  Dwarf_Attribute *from = dwarf_attr_integrate (die, DW_AT_decl_file, &attribute);
  Dwarf_Die unit;

  place->file = dwarf_decl_file (die);
  if (place->file == NULL || place->file[0] == '/' || from == NULL ||
      dwarf_cu_die (from->cu, &unit, NULL, NULL, NULL, NULL, NULL, NULL) == NULL)
    return;
  place->folder = get_text (&unit, DW_AT_comp_dir);
}

static bool
is_same (const char *left, const char *right)
{
  return left != NULL && right != NULL && strcmp (left, right) == 0;
}

/* The line of the call @die, which is in the function of @place. */
static uint32_t
get_call_line (const SalNativePlace *place, Unit *unit, Dwarf_Die *die)
{
  Dwarf_Files *files;
  size_t n_files;
  uint32_t file = get_number (die, DW_AT_call_file);

  if (dwarf_getsrcfiles (&unit->die, &files, &n_files) != 0 || file >= n_files ||
      !is_same (dwarf_filesrc (files, file, NULL, NULL), place->file))
    return 0;
  return get_number (die, DW_AT_call_line);
}

/* Only a line of the function's own file says something: it may have included another. */
static uint32_t
get_line (const SalNativePlace *place, Unit *unit, uint64_t address)
{
  Dwarf_Line *line = dwarf_getsrc_die (&unit->die, address);
  int number;

  if (line == NULL || dwarf_lineno (line, &number) != 0 || number < 0 ||
      !is_same (dwarf_linesrc (line, NULL, NULL), place->file))
    return 0;
  return (uint32_t)number;
}

size_t
sal_native_lines_find (SalNativeLines *self, uint64_t address, SalNativePlace *places)
{
  const Span *span = find_span (&self->spans, address);
  Unit *unit = span != NULL ? &self->units[span->item] : NULL;
  Function *function = unit != NULL ? find_function (self, unit, address) : NULL;
  Dwarf_Die *inlined[SAL_NATIVE_MAX_PLACES];
  size_t n_inlined;

  if (function == NULL)
    return 0;
  n_inlined = find_inlined (self, function, address, inlined);
  for (size_t i = 0; i <= n_inlined; i++)
    {
      Dwarf_Die *die = i == 0 ? &function->die : inlined[i - 1];

      places[i] = (SalNativePlace){ .name = get_name (die),
                                    .first_line = get_number (die, DW_AT_decl_line) };
      set_file (&places[i], die);
      places[i].line = i < n_inlined ? get_call_line (&places[i], unit, inlined[i])
                                     : get_line (&places[i], unit, address);
    }
  return n_inlined + 1;
}

static void
clear_unit (Unit *unit)
{
  for (size_t i = 0; i < unit->n_functions; i++)
    {
      free (unit->functions[i].spans.items);
      free (unit->functions[i].inlined);
    }
  free (unit->functions);
  free (unit->spans.items);
}

void
sal_native_lines_free (SalNativeLines *self)
{
  if (self == NULL)
    return;
  for (size_t i = 0; i < self->n_units; i++)
    clear_unit (&self->units[i]);
  free (self->units);
  free (self->spans.items);
  dwarf_end (self->dwarf);
  dwarf_end (self->common);
  free (self);
}
