/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The code objects ever seen in a target, by address and by what is in them. */
#include "sal-python-code.h"

#include <stdlib.h>
#include <string.h>

#include "sal-python-bytes.h"
#include "sal-python-lines-old.h"
#include "sal-python-lines.h"
#include "sal-python-qualify.h"
#include "sal-python-text.h"

#define MAX_CODES ((uint32_t)1 << 20)
#define MAX_OBJECT 4096
#define MAX_LINE_TABLE ((size_t)16 << 20)
/* How far back the objects that an address once had are searched. */
#define MAX_HISTORY 16
/* Tests after which an object is taken for one that lives long. */
#define TRUSTED 64
#define MAX_INSTRUCTIONS ((uint64_t)1 << 29)

typedef struct
{
  SalPythonCode code;
  uint8_t *line_table;
  size_t line_table_length;
} Explanation;

struct _SalPythonCodes
{
  /* owned */
  SalPythonCodeEntry *entries;
  Explanation **explanations; /* NULL until asked for */
  uint32_t *slots;            /* index + 1 by address; 0 = free */
  /* borrowed */
  SalTarget *target;
  const SalPythonLayout *layout;
  /* state */
  uint32_t n_entries;
  uint32_t capacity;
  uint32_t n_slots; /* a power of two */
  uint64_t type;    /* address of PyCode_Type; 0 = not known yet */
  uint64_t shim;    /* address of the last shim entered; 0 = none yet */
  uint32_t n_asyncio;
  uint64_t n_lessons;
};

static const SalPythonCode unreadable_code = { "<unreadable>", "", 0, false, false };

SalPythonCodes *
sal_python_codes_new (SalTarget *target, const SalPythonLayout *layout)
{
  SalPythonCodes *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  self->target = target;
  self->layout = layout;
  self->capacity = 1024;
  self->n_slots = 4096;
  self->entries = malloc (self->capacity * sizeof *self->entries);
  self->explanations = calloc (self->capacity, sizeof *self->explanations);
  self->slots = calloc (self->n_slots, sizeof *self->slots);
  if (self->entries == NULL || self->explanations == NULL || self->slots == NULL)
    {
      sal_python_codes_free (self);
      return NULL;
    }
  return self;
}

static uint32_t
find_slot (const SalPythonCodes *self, uint64_t address)
{
  uint32_t mask = self->n_slots - 1;
  uint32_t slot = (uint32_t)((address >> 4) * 0x9e3779b97f4a7c15u >> 32) & mask;

  while (self->slots[slot] != 0 && self->entries[self->slots[slot] - 1].address != address)
    slot = (slot + 1) & mask;
  return slot;
}

uint32_t
sal_python_codes_lookup (const SalPythonCodes *self, uint64_t address)
{
  uint32_t found = self->slots[find_slot (self, address)];

  return found == 0 ? SAL_PYTHON_NO_CODE : found - 1;
}

uint64_t
sal_python_codes_get_n_lessons (const SalPythonCodes *self)
{
  return self->n_lessons;
}

const SalPythonCodeEntry *
sal_python_codes_get (const SalPythonCodes *self, uint32_t index)
{
  return &self->entries[index];
}

uint64_t
sal_python_codes_get_start (
    SalPythonCodes *self, uint32_t index, uint32_t copy, bool *is_new, uint32_t *n_calls)
{
  SalPythonCodeEntry *entry = &self->entries[index];
  uint64_t start;

  *is_new = false;
  if (copy == 0)
    return entry->instructions;
  start = sal_python_copies_get (&entry->copies, copy);
  if (start != 0)
    return start;
  *is_new = true;
  *n_calls += 3;
  self->n_lessons++;
  sal_python_copies_read (self->target, self->layout, entry->address, &entry->copies);
  return sal_python_copies_get (&entry->copies, copy);
}

void
sal_python_codes_set_frame_size (SalPythonCodes *self, uint32_t index, uint32_t size)
{
  self->entries[index].frame_size = size;
}

uint64_t
sal_python_codes_get_shim (const SalPythonCodes *self)
{
  return self->shim;
}

void
sal_python_codes_set_hint (SalPythonCodes *self,
                           uint32_t index,
                           uint64_t frame,
                           uint64_t first_local)
{
  self->entries[index].hint_frame = frame;
  self->entries[index].hint_local = first_local;
}

uint32_t
sal_python_codes_get_n (const SalPythonCodes *self)
{
  return self->n_entries;
}

static bool
grow (SalPythonCodes *self)
{
  uint32_t capacity = self->capacity * 2;
  SalPythonCodeEntry *entries = realloc (self->entries, capacity * sizeof *entries);
  Explanation **explanations;
  uint32_t *slots;

  if (entries == NULL)
    return false;
  self->entries = entries;
  explanations = realloc (self->explanations, capacity * sizeof *explanations);
  if (explanations == NULL)
    return false;
  self->explanations = explanations;
  slots = calloc ((size_t)capacity * 4, sizeof *slots);
  if (slots == NULL)
    return false;
  free (self->slots);
  self->slots = slots;
  self->capacity = capacity;
  self->n_slots = capacity * 4;
  /* In order, so that the newest at an address is the one found. */
  for (uint32_t i = 0; i < self->n_entries; i++)
    if (self->entries[i].address != 0)
      self->slots[find_slot (self, self->entries[i].address)] = i + 1;
  return true;
}

/* The first object that says its type is called "code" teaches us which type that is. */
static bool
is_code_type (SalPythonCodes *self, uint64_t type)
{
  uint64_t name;
  char text[5];

  if (self->type != 0)
    return type == self->type;
  if (type == 0 ||
      sal_target_read (self->target, type + self->layout->type_name, &name, sizeof name) !=
          SAL_TARGET_OK ||
      sal_target_read (self->target, name, text, sizeof text) != SAL_TARGET_OK ||
      memcmp (text, "code", 5) != 0)
    return false;
  self->type = type;
  return true;
}

/* The field that tells, beside the name, which function it is. */
static uint32_t
get_second_name (const SalPythonLayout *layout)
{
  return layout->code_qualified_name != SAL_PYTHON_NO_FIELD ? layout->code_qualified_name
                                                            : layout->code_bytes;
}

/* @bytes begin @start bytes into the object. */
static SalPythonFingerprint
read_fingerprint (const SalPythonLayout *layout, const uint8_t *bytes, uint32_t start)
{
  return (SalPythonFingerprint){
    .file = sal_python_u64 (bytes + (layout->code_file - start)),
    .name = sal_python_u64 (bytes + (layout->code_name - start)),
    .qualified_name = sal_python_u64 (bytes + (get_second_name (layout) - start)),
    .line_table = sal_python_u64 (bytes + (layout->code_line_table - start)),
    .first_line = sal_python_u32 (bytes + (layout->code_first_line - start)),
  };
}

static bool
is_same_fingerprint (const SalPythonFingerprint *a, const SalPythonFingerprint *b)
{
  return a->file == b->file && a->name == b->name && a->qualified_name == b->qualified_name &&
         a->line_table == b->line_table && a->first_line == b->first_line;
}

static bool
read_object (SalPythonCodes *self, uint64_t address, SalPythonCodeEntry *entry)
{
  const SalPythonLayout *layout = self->layout;
  uint8_t object[MAX_OBJECT];
  uint64_t instructions = 0;
  uint64_t size;

  if (layout->code_size > sizeof object ||
      sal_target_read (self->target, address, object, layout->code_size) != SAL_TARGET_OK ||
      !is_code_type (self, sal_python_u64 (object + layout->object_type)))
    return false;
  if (layout->code_bytes == SAL_PYTHON_NO_FIELD)
    {
      size = sal_python_u64 (object + layout->code_n_units) * 2;
      instructions = address + layout->code_instructions;
    }
  else if (sal_target_read (self->target,
                            sal_python_u64 (object + layout->code_bytes) + layout->bytes_length,
                            &size, sizeof size) != SAL_TARGET_OK)
    return false;
  if (size > MAX_INSTRUCTIONS)
    return false;
  *entry = (SalPythonCodeEntry){
    .address = address,
    .fingerprint = read_fingerprint (layout, object, 0),
    .instructions = instructions,
    .size = (uint32_t)size,
    .previous = SAL_PYTHON_NO_CODE,
  };
  entry->is_shim = entry->fingerprint.file == 0 && entry->fingerprint.name == 0;
  return true;
}

uint32_t
sal_python_codes_learn (SalPythonCodes *self, uint64_t address, uint32_t *n_calls)
{
  SalPythonCodeEntry entry;
  uint32_t known;
  uint32_t i;

  *n_calls += self->type != 0 ? 1 : 3;
  if (!read_object (self, address, &entry))
    return SAL_PYTHON_NO_CODE;
  known = sal_python_codes_lookup (self, address);
  /* An address may come back to an object that it had before. */
  i = known;
  for (int n = 0; i != SAL_PYTHON_NO_CODE && n < MAX_HISTORY; i = self->entries[i].previous, n++)
    if (is_same_fingerprint (&self->entries[i].fingerprint, &entry.fingerprint) &&
        self->entries[i].size == entry.size)
      {
        self->n_lessons += i != known || self->entries[i].copies.n_starts > 0;
        self->slots[find_slot (self, address)] = i + 1;
        sal_python_copies_forget (&self->entries[i].copies);
        return i;
      }
  entry.previous = known;
  if (self->n_entries >= MAX_CODES || (self->n_entries == self->capacity && !grow (self)))
    return SAL_PYTHON_NO_CODE;
  if (entry.is_shim)
    self->shim = address;
  self->n_lessons++;
  self->entries[self->n_entries] = entry;
  self->explanations[self->n_entries] = NULL;
  self->slots[find_slot (self, address)] = self->n_entries + 1;
  return self->n_entries++;
}

void
sal_python_codes_get_fingerprint_range (const SalPythonLayout *layout,
                                        uint32_t *start,
                                        uint32_t *length)
{
  const uint32_t fields[] = { layout->code_file, layout->code_name, get_second_name (layout),
                              layout->code_line_table,
                              layout->code_copies != 0 ? layout->code_copies : layout->code_file };
  uint32_t end = layout->code_first_line + 4;

  *start = layout->code_first_line;
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    {
      if (fields[i] < *start)
        *start = fields[i];
      if (fields[i] + 8 > end)
        end = fields[i] + 8;
    }
  *length = end - *start;
}

bool
sal_python_codes_matches (const SalPythonCodes *self, uint32_t index, const uint8_t *bytes)
{
  uint64_t list = self->entries[index].copies.list;
  SalPythonFingerprint now;
  uint32_t start;
  uint32_t length;

  sal_python_codes_get_fingerprint_range (self->layout, &start, &length);
  if (list != 0 && sal_python_u64 (bytes + (self->layout->code_copies - start)) != list)
    return false;
  now = read_fingerprint (self->layout, bytes, start);
  return is_same_fingerprint (&now, &self->entries[index].fingerprint);
}

bool
sal_python_codes_stamp (SalPythonCodes *self, uint32_t index, uint64_t stamp)
{
  SalPythonCodeEntry *entry = &self->entries[index];

  if (entry->stamp == stamp)
    return false;
  entry->stamp = stamp;
  if (entry->n_tests < TRUSTED)
    entry->n_tests++;
  return true;
}

bool
sal_python_codes_is_trusted (const SalPythonCodes *self, uint32_t index)
{
  return self->entries[index].n_tests >= TRUSTED;
}

/* The qualified name, or else the name. */
static char *
read_name (SalPythonCodes *self, uint32_t index)
{
  const SalPythonLayout *layout = self->layout;
  const SalPythonCodeEntry *entry = &self->entries[index];
  SalPythonFunction function = { entry->address, entry->fingerprint.name, entry->hint_frame,
                                 entry->hint_local };
  char *qualified = NULL;
  char *name;

  if (layout->code_qualified_name != SAL_PYTHON_NO_FIELD)
    qualified = sal_python_text_dup (self->target, layout, entry->fingerprint.qualified_name);
  if (qualified != NULL)
    return qualified;
  name = sal_python_text_dup (self->target, layout, entry->fingerprint.name);
  if (name != NULL && layout->code_qualified_name == SAL_PYTHON_NO_FIELD)
    qualified = sal_python_qualify (self->target, layout, &function, name);
  if (qualified == NULL)
    return name;
  free (name);
  return qualified;
}

static void
free_explanation (Explanation *explanation)
{
  if (explanation == NULL)
    return;
  if (explanation->code.readable)
    {
      free ((char *)explanation->code.name);
      free ((char *)explanation->code.file);
    }
  free (explanation->line_table);
  free (explanation);
}

/* Reads names and table; what was read is only believed if the object is still the same after. */
static Explanation *
explain (SalPythonCodes *self, uint32_t index)
{
  const SalPythonLayout *layout = self->layout;
  const SalPythonFingerprint *fingerprint = &self->entries[index].fingerprint;
  Explanation *explanation = calloc (1, sizeof *explanation);
  char *name;
  char *file;
  uint8_t *table;
  size_t length = 0;
  SalPythonCodeEntry entry;

  if (explanation == NULL)
    return NULL;
  name = read_name (self, index);
  file = sal_python_text_dup (self->target, layout, fingerprint->file);
  table =
      sal_python_bytes_dup (self->target, layout, fingerprint->line_table, MAX_LINE_TABLE, &length);
  if (name == NULL || file == NULL || !read_object (self, self->entries[index].address, &entry) ||
      !is_same_fingerprint (&entry.fingerprint, fingerprint))
    {
      free (name);
      free (file);
      free (table);
      explanation->code = unreadable_code;
      return explanation;
    }
  explanation->code = (SalPythonCode){ name, file, fingerprint->first_line, true, false };
  self->n_asyncio += strstr (file, "/asyncio/") != NULL;
  explanation->line_table = table;
  explanation->line_table_length = table != NULL ? length : 0;
  return explanation;
}

const SalPythonCode *
sal_python_codes_explain (SalPythonCodes *self, uint32_t index)
{
  if (index >= self->n_entries)
    return &unreadable_code;
  if (self->explanations[index] == NULL)
    self->explanations[index] = explain (self, index);
  return self->explanations[index] != NULL ? &self->explanations[index]->code : &unreadable_code;
}

uint32_t
sal_python_codes_add_task (SalPythonCodes *self, const char *label, uint32_t coroutine)
{
  const SalPythonCode *code = sal_python_codes_explain (self, coroutine);
  Explanation *explanation = calloc (1, sizeof *explanation);

  if (explanation == NULL)
    return SAL_PYTHON_NO_CODE;
  explanation->code =
      (SalPythonCode){ strdup (label), strdup (code->file), code->first_line, true, true };
  if (explanation->code.name == NULL || explanation->code.file == NULL ||
      self->n_entries >= MAX_CODES || (self->n_entries == self->capacity && !grow (self)))
    {
      free_explanation (explanation);
      return SAL_PYTHON_NO_CODE;
    }
  self->entries[self->n_entries] = (SalPythonCodeEntry){ .previous = SAL_PYTHON_NO_CODE };
  self->explanations[self->n_entries] = explanation;
  return self->n_entries++;
}

uint32_t
sal_python_codes_get_n_asyncio (const SalPythonCodes *self)
{
  return self->n_asyncio;
}

SalPythonPosition
sal_python_codes_get_position (SalPythonCodes *self, uint32_t index, int32_t offset)
{
  const SalPythonCode *code = sal_python_codes_explain (self, index);
  const Explanation *explanation;

  if (!code->readable || self->explanations[index]->line_table == NULL)
    return (SalPythonPosition){ 0 };
  explanation = self->explanations[index];
  if (self->layout->lines_form != SAL_PYTHON_LINES_LOCATIONS)
    return sal_python_lines_find_old (self->layout->lines_form, explanation->line_table,
                                      explanation->line_table_length, code->first_line, offset);
  return sal_python_lines_find (explanation->line_table, explanation->line_table_length,
                                code->first_line, offset);
}

void
sal_python_codes_free (SalPythonCodes *self)
{
  if (self == NULL)
    return;
  for (uint32_t i = 0; i < self->n_entries; i++)
    free_explanation (self->explanations[i]);
  for (uint32_t i = 0; i < self->n_entries; i++)
    sal_python_copies_forget (&self->entries[i].copies);
  free (self->entries);
  free (self->explanations);
  free (self->slots);
  free (self);
}
