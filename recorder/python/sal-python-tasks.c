/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The asyncio tasks seen in a target, by address and by what is in them. */
#include "sal-python-tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sal-python-bytes.h"
#include "sal-python-decode.h"
#include "sal-python-text.h"

/* Tasks remembered: a power of two. */
#define N_KNOWN 1024
/* Names that tasks are told by; beyond these they go by their coroutine alone, so that a program
 * that gives each of a million tasks a name of its own does not fill the memory. */
#define MAX_LABELS 4096
#define N_SLOTS (MAX_LABELS * 4)
#define MAX_LABEL 256
/* Slots of the table of a set that are looked through for somebody who waits. */
#define MAX_MEMBERS 128
#define MEMBER_SIZE 16
/* The hash of what was taken out of a set: CPython Objects/setobject.c. */
#define NO_HASH UINT64_MAX

/* Py_TPFLAGS_LONG_SUBCLASS and Py_TPFLAGS_UNICODE_SUBCLASS of CPython Include/object.h. */
#define FLAG_INT ((uint64_t)1 << 24)
#define FLAG_TEXT ((uint64_t)1 << 28)

typedef struct
{
  char *text;
  uint32_t coroutine;
  uint32_t code;
} Label;

struct _SalPythonTasks
{
  SalTarget *target;             /* borrowed */
  const SalPythonLayout *layout; /* borrowed */
  SalPythonCodes *codes;         /* borrowed */
  SalPythonTaskTable table;
  uint32_t n_calls;
  uint32_t cut;
  uint64_t text_type; /* that names are of; 0 = not known yet */
  uint64_t int_type;
  SalPythonTask known[N_KNOWN]; /* by address; address 0 = none */
  Label labels[MAX_LABELS * 2];
  uint32_t n_labels;
  uint32_t slots[N_SLOTS]; /* index + 1 of a label; 0 = free */
};

SalPythonTasks *
sal_python_tasks_new (SalTarget *target,
                      const SalPythonLayout *layout,
                      const SalPythonTaskTable *table,
                      SalPythonCodes *codes)
{
  SalPythonTasks *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  self->target = target;
  self->layout = layout;
  self->table = *table;
  self->codes = codes;
  self->cut = SAL_PYTHON_NO_CODE;
  return self;
}

const SalPythonTaskTable *
sal_python_tasks_get_table (const SalPythonTasks *self)
{
  return &self->table;
}

static bool
read_bytes (SalPythonTasks *self, uint64_t address, void *buffer, size_t length)
{
  self->n_calls++;
  return sal_target_read (self->target, address, buffer, length) == SAL_TARGET_OK;
}

static uint64_t
untag (const SalPythonTasks *self, uint64_t reference)
{
  return reference & ~(uint64_t)self->layout->reference_tag;
}

/* A field of the task whose bytes are in @task. */
static uint64_t
get_reference (const SalPythonTasks *self, const SalPythonTask *task, uint32_t field)
{
  return untag (self, sal_python_u64 (task->fields + (field - self->table.start)));
}

static bool
get_flag (const SalPythonTasks *self, const SalPythonTask *task, uint32_t field)
{
  return task->fields[field - self->table.start] != 0;
}

static uint32_t
hash_label (const char *text, uint32_t coroutine)
{
  uint32_t hash = 2166136261u ^ coroutine;

  for (const char *c = text; *c != '\0'; c++)
    hash = (hash ^ (uint8_t)*c) * 16777619u;
  return hash ^ hash >> 15;
}

/* The code object that stands for tasks told by @text that run @coroutine. */
static uint32_t
find_label (SalPythonTasks *self, const char *text, uint32_t coroutine)
{
  uint32_t slot = hash_label (text, coroutine) % N_SLOTS;
  Label *label;

  for (; self->slots[slot] != 0; slot = (slot + 1) % N_SLOTS)
    {
      label = &self->labels[self->slots[slot] - 1];
      if (label->coroutine == coroutine && strcmp (label->text, text) == 0)
        return label->code;
    }
  if (self->n_labels == MAX_LABELS * 2)
    return SAL_PYTHON_NO_CODE;
  label = &self->labels[self->n_labels];
  label->text = strdup (text);
  label->coroutine = coroutine;
  label->code = label->text != NULL ? sal_python_codes_add_task (self->codes, text, coroutine)
                                    : SAL_PYTHON_NO_CODE;
  if (label->code == SAL_PYTHON_NO_CODE)
    {
      free (label->text);
      return SAL_PYTHON_NO_CODE;
    }
  self->slots[slot] = ++self->n_labels;
  return label->code;
}

/* Cuts @text where it is longer than can be, not within a character. */
static void
shorten (char *text, size_t most)
{
  if (strlen (text) <= most)
    return;
  while (most > 0 && ((uint8_t)text[most] & 0xc0) == 0x80)
    most--;
  text[most] = '\0';
}

/* What tells a task called @name (NULL = it has none of its own) that runs @coroutine. */
static uint32_t
get_label (SalPythonTasks *self, char *name, uint32_t coroutine)
{
  const char *shown = name;
  const SalPythonCode *code = sal_python_codes_explain (self->codes, coroutine);
  char qualified[MAX_LABEL + 1];
  char text[2 * MAX_LABEL + 8];

  snprintf (qualified, sizeof qualified, "%s", code->readable ? code->name : "?");
  shorten (qualified, MAX_LABEL - 4);
  if (name != NULL)
    shorten (name, MAX_LABEL);
  if (name == NULL || self->n_labels >= MAX_LABELS)
    shown = "Task";
  snprintf (text, sizeof text, "%s (%s)", shown, qualified);
  return find_label (self, text, coroutine);
}

/* Whether objects of the type at @type are texts, or numbers; false = they are neither. */
static bool
is_name_type (SalPythonTasks *self, uint64_t type, bool *is_text)
{
  uint64_t flags;

  if (type != self->text_type && type != self->int_type)
    {
      if (!read_bytes (self, type + self->layout->type_flags, &flags, sizeof flags) ||
          (flags & (FLAG_INT | FLAG_TEXT)) == 0)
        return false;
      if ((flags & FLAG_TEXT) != 0)
        self->text_type = type;
      else
        self->int_type = type;
    }
  *is_text = type == self->text_type;
  return true;
}

/* Takes the name from its object, of which @header is the beginning. *@text is the name where it
 * was given, NULL where it is a number that nobody chose. Ownership: free() it. */
static bool
read_name (SalPythonTasks *self, SalPythonTask *task, const uint8_t *header, char **text)
{
  const SalPythonLayout *layout = self->layout;
  uint32_t start = layout->object_type;
  uint64_t size = start + 8;
  uint32_t data = 0;
  unsigned width = 1;
  bool is_text;

  *text = NULL;
  if (!is_name_type (self, sal_python_u64 (header + start), &is_text))
    return false;
  if (is_text)
    size = sal_python_text_measure (layout, header, &data, &width);
  if (size <= start)
    return false;
  size -= start;
  task->n_named = (uint32_t)(size < sizeof task->named ? size : sizeof task->named);
  if (!read_bytes (self, task->name + start, task->named, task->n_named))
    return false;
  /* Another name may have come to its address since: of a longer one, this would be the beginning,
   * and every copy would agree. */
  if (is_text && (memcmp (task->named + (layout->text_length - start), header + layout->text_length,
                          8) != 0 ||
                  memcmp (task->named + (layout->text_state - start), header + layout->text_state,
                          4) != 0))
    return false;
  if (is_text && size <= sizeof task->named)
    *text = sal_python_text_decode (task->named + (data - start), (size - (data - start)) / width,
                                    width);
  else if (is_text)
    {
      self->n_calls += 2;
      *text = sal_python_text_dup (self->target, layout, task->name);
    }
  return !is_text || *text != NULL;
}

/* Of several that wait for it, the first in the set's table: it stays the first while the set is
 * what it is. */
static bool
read_members (SalPythonTasks *self, SalPythonTask *task)
{
  const SalPythonLayout *layout = self->layout;
  uint8_t members[MAX_MEMBERS * MEMBER_SIZE];
  SalPythonTaskRange ranges[SAL_PYTHON_TASK_RANGES];
  uint64_t table;
  uint64_t n;

  /* The set is the second range, with all that is wanted of it. */
  (void)sal_python_tasks_list_ranges (self, task, ranges);
  if (ranges[1].length == 0 ||
      !read_bytes (self, ranges[1].address, task->members, ranges[1].length))
    return false;
  table = sal_python_u64 (task->members + (task->set + layout->set_table - ranges[1].address));
  n = sal_python_u64 (task->members + (task->set + layout->set_mask - ranges[1].address));
  n = n < MAX_MEMBERS ? n + 1 : MAX_MEMBERS;
  if (!read_bytes (self, table, members, n * MEMBER_SIZE))
    return false;
  for (uint64_t i = 0; i < n; i++)
    {
      uint64_t key = sal_python_u64 (members + i * MEMBER_SIZE);

      if (key == 0 || sal_python_u64 (members + i * MEMBER_SIZE + 8) == NO_HASH)
        continue;
      task->parent = key;
      task->slot = table + i * MEMBER_SIZE;
      break;
    }
  return true;
}

/* Reads what the coroutine runs, and the beginning of the name's object. */
static bool
read_both (SalPythonTasks *self, SalPythonTask *task, uint8_t *header)
{
  const SalPythonLayout *layout = self->layout;
  SalTargetRange ranges[] = {
    { task->frame + layout->frame_code, &task->code, sizeof task->code },
    { task->name, header, layout->text_ascii_data },
  };
  size_t n_read;

  self->n_calls++;
  if (self->target->ops->read_many (self->target, ranges, 2, &n_read) == SAL_TARGET_OK)
    return true;
  /* A number is shorter than a text, and memory may end behind it. */
  return n_read == 1 && read_bytes (self, task->name, header, layout->object_type + 8);
}

static bool
read_coroutine (SalPythonTasks *self, SalPythonTask *task)
{
  const SalPythonLayout *layout = self->layout;
  uint8_t header[SAL_PYTHON_TASK_NAME] = { 0 };
  uint32_t coroutine;
  char *name;

  task->frame = get_reference (self, task, self->table.coroutine) + layout->coroutine_frame;
  task->name = get_reference (self, task, self->table.name);
  if (layout->text_ascii_data > sizeof header || !read_both (self, task, header) ||
      !read_name (self, task, header, &name))
    return false;
  /* A coroutine that is not Python's own has no frame: the task still has its name. */
  coroutine = sal_python_codes_learn (self->codes, untag (self, task->code), &self->n_calls);
  if (coroutine == SAL_PYTHON_NO_CODE)
    task->frame = 0;
  task->label = get_label (self, name, coroutine);
  free (name);
  return task->label != SAL_PYTHON_NO_CODE;
}

static bool
read_task (SalPythonTasks *self, uint64_t address, SalPythonTask *task)
{
  memset (task, 0, sizeof *task);
  task->address = address;
  task->label = SAL_PYTHON_NO_CODE;
  /* A future is shorter than a task. */
  if ((address & 7) != 0 ||
      (!read_bytes (self, address + self->table.start, task->fields, self->table.length) &&
       !read_bytes (self, address + self->table.future_start,
                    task->fields + (self->table.future_start - self->table.start),
                    self->table.future_length)))
    return false;
  if (get_flag (self, task, self->table.awaited_by_a_set))
    task->set = get_reference (self, task, self->table.awaited_by);
  else
    task->parent = get_reference (self, task, self->table.awaited_by);
  if (task->set != 0 && !read_members (self, task))
    return false;
  return !get_flag (self, task, self->table.is_task) || read_coroutine (self, task);
}

/* Where the task at @address is, if it is known. */
static SalPythonTask *
get_place (SalPythonTasks *self, uint64_t address)
{
  return &self->known[(address >> 4) * 0x9e3779b97f4a7c15u >> 32 & (N_KNOWN - 1)];
}

const SalPythonTask *
sal_python_tasks_get (SalPythonTasks *self, uint64_t address, uint32_t *n_calls)
{
  SalPythonTask *task = get_place (self, address);
  bool is_good = task->address == address && address != 0;

  if (!is_good)
    {
      self->n_calls = 0;
      is_good = read_task (self, address, task);
      *n_calls += self->n_calls;
    }
  if (!is_good)
    task->address = 0;
  return is_good ? task : NULL;
}

void
sal_python_tasks_forget (SalPythonTasks *self, uint64_t address)
{
  SalPythonTask *task = get_place (self, address);

  if (task->address == address)
    task->address = 0;
}

/* From @fields, the first to the end of the last. */
static SalPythonTaskRange
span_fields (uint64_t object, const uint32_t *fields, size_t n_fields, const void *expected)
{
  uint32_t first = fields[0];
  uint32_t last = fields[0];

  for (size_t i = 1; i < n_fields; i++)
    {
      first = fields[i] < first ? fields[i] : first;
      last = fields[i] > last ? fields[i] : last;
    }
  return (SalPythonTaskRange){ object + first, last + 8 - first, expected, NULL };
}

size_t
sal_python_tasks_list_ranges (const SalPythonTasks *self,
                              const SalPythonTask *task,
                              SalPythonTaskRange ranges[SAL_PYTHON_TASK_RANGES])
{
  const SalPythonLayout *layout = self->layout;
  uint32_t in_future = self->table.future_start - self->table.start;
  const uint32_t of_set[] = { layout->set_used, layout->set_mask, layout->set_table };
  size_t n = 0;

  if (task->label != SAL_PYTHON_NO_CODE)
    ranges[n++] = (SalPythonTaskRange){ task->address + self->table.start, self->table.length,
                                        task->fields, self->table.mask };
  else
    ranges[n++] = (SalPythonTaskRange){ task->address + self->table.future_start,
                                        self->table.future_length, task->fields + in_future,
                                        self->table.mask + in_future };
  if (task->set != 0)
    {
      ranges[n] = span_fields (task->set, of_set, 3, task->members);
      /* One that is not as CPython has it is read as one without members. */
      if (ranges[n].length > sizeof task->members)
        ranges[n].length = 0;
      n++;
    }
  if (task->slot != 0)
    ranges[n++] = (SalPythonTaskRange){ task->slot, 8, &task->parent, NULL };
  if (task->label != SAL_PYTHON_NO_CODE)
    ranges[n++] = (SalPythonTaskRange){ task->name + layout->object_type, task->n_named,
                                        task->named, NULL };
  if (task->label != SAL_PYTHON_NO_CODE && task->frame != 0)
    ranges[n++] = (SalPythonTaskRange){ task->frame + layout->frame_code, 8, &task->code, NULL };
  return n;
}

uint32_t
sal_python_tasks_get_cut (SalPythonTasks *self)
{
  if (self->cut == SAL_PYTHON_NO_CODE)
    self->cut = sal_python_codes_add_task (self->codes, "<truncated>", SAL_PYTHON_NO_CODE);
  return self->cut;
}

void
sal_python_tasks_free (SalPythonTasks *self)
{
  if (self == NULL)
    return;
  for (uint32_t i = 0; i < self->n_labels; i++)
    free (self->labels[i].text);
  free (self);
}
