/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What asyncio's own C code says of where it keeps its tasks. */
#include "sal-python-task-table.h"

#include <string.h>
#include <unistd.h>

#include "sal-target-elf.h"

/* A thread has some 15 KiB in free-threaded builds; what is read of it is at its beginning. */
#define MAX_STRUCTURE ((uint64_t)65536)
#define MAX_FIELD ((uint64_t)4096)

/* The words of Py_AsyncioModuleDebugOffsets. */
enum
{
  WORD_TASK_SIZE,
  WORD_TASK_NAME,
  WORD_TASK_AWAITED_BY,
  WORD_TASK_IS_TASK,
  WORD_TASK_AWAITED_BY_IS_SET,
  WORD_TASK_COROUTINE,
  WORD_TASK_NODE,
  WORD_INTERPRETER_SIZE,
  WORD_INTERPRETER_TASKS,
  WORD_THREAD_SIZE,
  WORD_THREAD_RUNNING_LOOP,
  WORD_THREAD_RUNNING_TASK,
  WORD_THREAD_TASKS,
  N_WORDS,
};

/* The field of @length bytes that @word tells, inside of a structure of @size bytes; false when it
 * cannot be. */
static bool
take (const uint64_t *words, int word, int size, uint64_t length, uint32_t *field)
{
  if (words[size] > MAX_STRUCTURE || words[size] < length || words[word] > words[size] - length ||
      words[word] > MAX_FIELD - length)
    return false;
  *field = (uint32_t)words[word];
  return true;
}

/* Makes the stretch of *@length bytes at *@start hold a field as well. */
static void
widen (uint32_t *start, uint32_t *length, uint32_t field, uint32_t size)
{
  uint32_t end = *start + *length;

  if (field + size > end)
    end = field + size;
  if (field < *start)
    *start = field;
  *length = end - *start;
}

static void
mark (SalPythonTaskTable *table, uint32_t field, size_t size)
{
  memset (table->mask + (field - table->start), 255, size);
}

static bool
read_table (SalTarget *target, uint64_t address, SalPythonTaskTable *table)
{
  uint64_t words[N_WORDS];

  memset (table, 0, sizeof *table);
  if (sal_target_read (target, address, words, sizeof words) != SAL_TARGET_OK ||
      !take (words, WORD_THREAD_RUNNING_TASK, WORD_THREAD_SIZE, 8, &table->running) ||
      !take (words, WORD_TASK_NAME, WORD_TASK_SIZE, 8, &table->name) ||
      !take (words, WORD_TASK_AWAITED_BY, WORD_TASK_SIZE, 8, &table->awaited_by) ||
      !take (words, WORD_TASK_IS_TASK, WORD_TASK_SIZE, 1, &table->is_task) ||
      !take (words, WORD_TASK_AWAITED_BY_IS_SET, WORD_TASK_SIZE, 1, &table->awaited_by_a_set) ||
      !take (words, WORD_TASK_COROUTINE, WORD_TASK_SIZE, 8, &table->coroutine))
    return false;
  table->future_start = table->awaited_by;
  table->future_length = 8;
  widen (&table->future_start, &table->future_length, table->is_task, 1);
  widen (&table->future_start, &table->future_length, table->awaited_by_a_set, 1);
  table->start = table->future_start;
  table->length = table->future_length;
  widen (&table->start, &table->length, table->name, 8);
  widen (&table->start, &table->length, table->coroutine, 8);
  if (table->length > SAL_PYTHON_TASK_FIELDS)
    return false;
  mark (table, table->awaited_by, 8);
  mark (table, table->is_task, 1);
  mark (table, table->awaited_by_a_set, 1);
  mark (table, table->name, 8);
  mark (table, table->coroutine, 8);
  return true;
}

/* Where the file behind @region has the table; 0 = it has none. */
static uint64_t
find_in_file (SalTarget *target, const SalTargetRegion *region)
{
  SalTargetElf *elf = NULL;
  SalTargetElfSection section;
  uint64_t address = 0;
  uint64_t bias;
  int fd;

  if (target->ops->open_file (target, region, &fd) != SAL_TARGET_OK)
    return 0;
  if (sal_target_elf_new (fd, &elf) == SAL_TARGET_OK &&
      sal_target_elf_find_section (elf, ".AsyncioDebug", &section) && section.address != 0 &&
      sal_target_elf_get_bias (elf, region, &bias))
    address = section.address + bias;
  sal_target_elf_free (elf);
  close (fd);
  return address;
}

/* The file of the runtime; 0 = not known. */
static uint64_t
find_inode (const SalTargetRegions *regions, uint64_t address)
{
  for (size_t i = 0; i < regions->n_items; i++)
    if (address >= regions->items[i].start && address < regions->items[i].end)
      return regions->items[i].inode;
  return 0;
}

static bool
is_extension (const SalTargetRegion *region)
{
  const char *slash = strrchr (region->path, '/');

  return slash != NULL && strncmp (slash + 1, "_asyncio.", 9) == 0;
}

bool
sal_python_task_table_find (SalTarget *target, uint64_t runtime, SalPythonTaskTable *table)
{
  SalTargetRegions regions;
  uint64_t inode;
  uint64_t seen = 0;
  bool is_found = false;

  if (target->ops->list_regions (target, &regions) != SAL_TARGET_OK)
    return false;
  inode = find_inode (&regions, runtime);
  for (size_t i = 0; i < regions.n_items && !is_found; i++)
    {
      const SalTargetRegion *region = &regions.items[i];
      uint64_t address;

      if (region->path == NULL || region->inode == 0 || region->inode == seen ||
          (region->inode != inode && !is_extension (region)))
        continue;
      seen = region->inode;
      address = find_in_file (target, region);
      is_found = address != 0 && read_table (target, address, table);
    }
  sal_target_regions_free (&regions);
  return is_found;
}
