/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the Python runtime of a process: where it is, which version, laid out how. */
#include "sal-python-runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sal-target-elf.h"

#include "sal-python-bytes.h"
#include "sal-python-runtime-old.h"
#include "sal-python-runtime-scan.h"

#define MAX_FILES 1024
#define MAX_CONSTANTS ((size_t)16 << 20)
#define N_KNOWN 64

/* What a file mapped into the target says. */
typedef struct
{
  bool is_python;
  uint64_t runtime; /* 0 = it holds none */
  SalPythonRuntimeOld old;
  uint64_t version; /* address of Py_Version; 0 = unknown */
  uint64_t loops[SAL_PYTHON_N_LOOPS];
  bool is_debug_build;
  unsigned major;
  unsigned minor; /* by other means than Py_Version; 0 = unknown */
  unsigned micro; /* UINT_MAX = unknown */
} Candidate;

SalPythonResult
sal_python_result_of (SalTargetResult result)
{
  switch (result)
    {
    case SAL_TARGET_OK:
      return SAL_PYTHON_OK;
    case SAL_TARGET_GONE:
      return SAL_PYTHON_GONE;
    case SAL_TARGET_DENIED:
      return SAL_PYTHON_DENIED;
    case SAL_TARGET_MEMORY:
      return SAL_PYTHON_MEMORY;
    case SAL_TARGET_FAULT:
    case SAL_TARGET_CORRUPT:
    case SAL_TARGET_LIMIT:
    case SAL_TARGET_ABSENT:
    default:
      return SAL_PYTHON_CORRUPT;
    }
}

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* "3.11" or "3.11.7" at @text, with nothing longer than that meant. */
static bool
parse_version (const char *text, Candidate *candidate)
{
  char *end;
  unsigned long number;

  if ((strncmp (text, "3.", 2) != 0 && strncmp (text, "2.7", 3) != 0) || text[2] < '0' ||
      text[2] > '9')
    return false;
  number = strtoul (text + 2, &end, 10);
  if (number > 99)
    return false;
  candidate->major = (unsigned)(text[0] - '0');
  candidate->minor = (unsigned)number;
  candidate->micro = UINT32_MAX;
  if (*end == '.' && end[1] >= '0' && end[1] <= '9')
    {
      number = strtoul (end + 1, &end, 10);
      if (number <= 99)
        candidate->micro = (unsigned)number;
    }
  return true;
}

/* A constant that is a version and nothing else. CPython's own sys.version begins "3.11.7 (", and
 * PY_VERSION stands alone. */
static void
find_version_in (const char *data, size_t length, Candidate *candidate)
{
  for (const char *at = data; at + 6 < data + length; at++)
    if ((*at == '2' || *at == '3') && (at == data || at[-1] == '\0') && at[1] == '.' &&
        memchr (at, '\0', length - (size_t)(at - data)) != NULL && parse_version (at, candidate) &&
        (candidate->major == 2 || (candidate->minor >= 6 && candidate->minor < 40)) &&
        candidate->micro != UINT32_MAX)
      return;
  *candidate = (Candidate){ .micro = UINT32_MAX };
}

/* The patch level, where the minor version is known. A constant may be the end of a longer one,
 * such as a folder's name. */
static void
find_micro_in (const char *data, size_t length, Candidate *candidate)
{
  char text[16];
  size_t n = (size_t)snprintf (text, sizeof text, "%u.%u.", candidate->major, candidate->minor);

  for (const char *at = data; at + n < data + length; at++)
    {
      char *end;
      unsigned long number;

      if (memcmp (at, text, n) != 0 || at[n] < '0' || at[n] > '9' ||
          (at > data && ((at[-1] >= '0' && at[-1] <= '9') || at[-1] == '.')))
        continue;
      number = strtoul (at + n, &end, 10);
      if ((*end == '\0' || *end == '+') && number <= 99)
        {
          candidate->micro = (unsigned)number;
          return;
        }
    }
}

static void
guess_version (SalTargetElf *elf, const char *path, Candidate *candidate)
{
  const char *python = strstr (base_name (path), "python");
  bool is_named = python != NULL && parse_version (python + 6, candidate);
  Candidate found = { .micro = UINT32_MAX };
  SalTargetElfSection section;
  char *data;

  if ((is_named && (candidate->micro != UINT32_MAX || candidate->version != 0)) ||
      !sal_target_elf_find_section (elf, ".rodata", &section) || !section.has_data)
    return;
  if (section.size > MAX_CONSTANTS)
    section.size = MAX_CONSTANTS;
  data = malloc ((size_t)section.size + 1);
  if (data == NULL)
    return;
  section.size = sal_target_elf_read (elf, section.offset, data, (size_t)section.size);
  data[section.size] = '\0';
  if (is_named)
    find_micro_in (data, (size_t)section.size, candidate);
  else
    {
      find_version_in (data, (size_t)section.size, &found);
      candidate->major = found.major;
      candidate->minor = found.minor;
      candidate->micro = found.micro;
    }
  free (data);
}

/* What was found in a file lately. The processes of one program mostly map the same files, and
 * going through the symbols of a libpython takes some ten milliseconds. */
typedef struct
{
  struct stat file;
  uint64_t offset;     /* of the region in the file */
  Candidate candidate; /* addresses count from the region's start; 0 = none as ever */
} Known;

static _Thread_local Known known[N_KNOWN];
static _Thread_local size_t n_known; /* ever; the oldest are overwritten */

static void
move_candidate (Candidate *candidate, uint64_t distance)
{
  if (candidate->runtime != 0)
    candidate->runtime += distance;
  if (candidate->version != 0)
    candidate->version += distance;
  for (size_t i = 0; i < SAL_PYTHON_N_LOOPS; i++)
    if (candidate->loops[i] != 0)
      candidate->loops[i] += distance;
}

/* From 3.11 on there are better ways. What is rarely run, the compiler may put apart. */
static void
find_loops (SalTargetElf *elf, uint64_t bias, Candidate *candidate)
{
  static const char *const old[SAL_PYTHON_N_LOOPS] = { "PyEval_EvalFrameEx",
                                                       "PyEval_EvalFrameEx.cold" };
  static const char *const new[SAL_PYTHON_N_LOOPS] = { "_PyEval_EvalFrameDefault",
                                                       "_PyEval_EvalFrameDefault.cold" };
  uint64_t value;

  for (size_t i = 0; i < SAL_PYTHON_N_LOOPS && candidate->major != 0; i++)
    if ((candidate->major == 2 || candidate->minor <= 10) &&
        sal_target_elf_find_symbol (elf, candidate->major == 2 ? old[i] : new[i], &value))
      candidate->loops[i] = value + bias;
}

static bool
recall (const struct stat *file, const SalTargetRegion *region, Candidate *candidate)
{
  for (size_t i = 0; i < N_KNOWN && i < n_known; i++)
    if (known[i].file.st_ino == file->st_ino && known[i].file.st_dev == file->st_dev &&
        known[i].file.st_size == file->st_size &&
        known[i].file.st_mtim.tv_sec == file->st_mtim.tv_sec &&
        known[i].file.st_mtim.tv_nsec == file->st_mtim.tv_nsec &&
        known[i].offset == region->offset)
      {
        *candidate = known[i].candidate;
        move_candidate (candidate, region->start);
        return true;
      }
  return false;
}

/* Versions without a runtime structure are found by what is in memory, too: they are not kept. */
static void
remember (const struct stat *file, const SalTargetRegion *region, const Candidate *candidate)
{
  Known *place = &known[n_known % N_KNOWN];

  if (candidate->old.current != 0)
    return;
  *place = (Known){ .file = *file, .offset = region->offset, .candidate = *candidate };
  move_candidate (&place->candidate, -region->start);
  n_known++;
}

static SalTargetResult
examine (SalTarget *target, const SalTargetRegion *region, Candidate *candidate)
{
  SalTargetElf *elf = NULL;
  SalTargetElfSection section;
  struct stat file = { 0 };
  uint64_t value;
  uint64_t bias;
  int fd;
  SalTargetResult result = target->ops->open_file (target, region, &fd);

  if (result != SAL_TARGET_OK)
    return result;
  if (fstat (fd, &file) == 0 && recall (&file, region, candidate))
    {
      close (fd);
      return SAL_TARGET_OK;
    }
  result = sal_target_elf_new (fd, &elf);
  if (result == SAL_TARGET_OK && sal_target_elf_get_bias (elf, region, &bias))
    {
      if (sal_target_elf_find_symbol (elf, "_PyRuntime", &value))
        candidate->runtime = value + bias;
      else if (sal_target_elf_find_section (elf, ".PyRuntime", &section) && section.address != 0)
        candidate->runtime = section.address + bias;
      else
        sal_python_runtime_old_find (target, elf, bias, &candidate->old);
      candidate->is_python = candidate->runtime != 0 || candidate->old.list != 0 ||
                             sal_target_elf_find_symbol (elf, "Py_InitializeEx", &value);
      if (candidate->is_python)
        {
          if (sal_target_elf_find_symbol (elf, "Py_Version", &value))
            candidate->version = value + bias;
          /* Only builds with Py_REF_DEBUG have it: CPython Objects/object.c. */
          candidate->is_debug_build =
              sal_target_elf_find_symbol (elf, "_Py_NegativeRefcount", &value);
          guess_version (elf, region->path, candidate);
          find_loops (elf, bias, candidate);
        }
    }
  if (result == SAL_TARGET_OK)
    remember (&file, region, candidate);
  sal_target_elf_free (elf);
  close (fd);
  return result;
}

/* Finds a file with a runtime: those called python first, since most processes are found by that.
 * */
static SalPythonResult
find_candidate (SalTarget *target, Candidate *candidate)
{
  SalTargetRegions regions;
  SalPythonResult result = sal_python_result_of (target->ops->list_regions (target, &regions));
  size_t n_files = 0;
  SalTargetResult last = SAL_TARGET_OK;

  if (result != SAL_PYTHON_OK)
    return result;
  for (int pass = 0; pass < 2 && !candidate->is_python; pass++)
    {
      uint64_t seen = 0;

      for (size_t i = 0; i < regions.n_items && !candidate->is_python; i++)
        {
          const SalTargetRegion *region = &regions.items[i];
          bool is_called_python =
              region->path != NULL && strstr (base_name (region->path), "python") != NULL;

          if (region->path == NULL || region->inode == 0 || region->inode == seen ||
              is_called_python != (pass == 0) || n_files >= MAX_FILES)
            continue;
          seen = region->inode;
          n_files++;
          last = examine (target, region, candidate);
          if (last == SAL_TARGET_GONE || last == SAL_TARGET_MEMORY)
            break;
        }
    }
  sal_target_regions_free (&regions);
  if (candidate->is_python)
    return SAL_PYTHON_OK;
  if (last == SAL_TARGET_GONE || last == SAL_TARGET_MEMORY)
    return sal_python_result_of (last);
  return SAL_PYTHON_NOT_PYTHON;
}

/* PY_VERSION_HEX: major, minor, micro, level and serial. */
static void
format_version (uint64_t hex, bool is_free_threaded, char version[32])
{
  static const char *const levels[16] = { [10] = "a", [11] = "b", [12] = "rc" };
  const char *level = levels[hex >> 4 & 15];
  char suffix[8] = "";

  if (level != NULL)
    snprintf (suffix, sizeof suffix, "%s%u", level, (unsigned)(hex & 15));
  snprintf (version, 32, "%u.%u.%u%s%s", (unsigned)(hex >> 24 & 255), (unsigned)(hex >> 16 & 255),
            (unsigned)(hex >> 8 & 255), suffix, is_free_threaded ? "t" : "");
}

static SalPythonResult
choose_table (SalTarget *target,
              const Candidate *candidate,
              char version[32],
              SalPythonRuntime *runtime)
{
  const SalPythonLayout *layout;
  uint64_t hex = 0;

  if (candidate->version != 0 &&
      sal_target_read (target, candidate->version, &hex, sizeof hex) == SAL_TARGET_OK &&
      hex >> 24 == 3)
    format_version (hex, false, version);
  else if (candidate->major != 0)
    {
      /* Where the patch level cannot be had, it is taken for a late one. */
      hex = (uint64_t)candidate->major << 24 | (uint64_t)candidate->minor << 16 |
            (uint64_t)(candidate->micro != UINT32_MAX ? candidate->micro : 99) << 8;
      if (candidate->micro != UINT32_MAX)
        snprintf (version, 32, "%u.%u.%u", candidate->major, candidate->minor, candidate->micro);
      else
        snprintf (version, 32, "%u.%u", candidate->major, candidate->minor);
    }
  else
    return SAL_PYTHON_UNSUPPORTED;
  layout = sal_python_layout_find ((uint32_t)(hex >> 16 << 8));
  if (layout == NULL)
    layout = sal_python_layout_find_old ((uint32_t)(hex >> 8));
  if (layout == NULL)
    return SAL_PYTHON_UNSUPPORTED;
  runtime->layout = *layout;
  return SAL_PYTHON_OK;
}

/* What the runtime says of itself; NOT_PYTHON when it does not. */
static SalPythonResult
read_layout (SalTarget *target, SalPythonRuntime *runtime, char version[32])
{
  uint8_t bytes[SAL_PYTHON_DEBUG_OFFSETS_SIZE];
  size_t length = SAL_PYTHON_DEBUG_OFFSETS_HEADER;
  SalPythonResult result =
      sal_python_result_of (sal_target_read (target, runtime->address, bytes, length));

  if (result != SAL_PYTHON_OK)
    return result;
  length = sal_python_layout_get_length (bytes);
  if (length == 0)
    return SAL_PYTHON_NOT_PYTHON;
  format_version (sal_python_u64 (bytes + 8), sal_python_u64 (bytes + 16) != 0, version);
  result = sal_python_result_of (sal_target_read (target, runtime->address, bytes, length));
  if (result != SAL_PYTHON_OK)
    return result;
  return sal_python_layout_read (bytes, length, &runtime->layout);
}

/* Before 3.7 there is no _PyRuntime, but some of what is in it, each by itself. */
static SalPythonResult
take_old (SalTarget *target,
          const Candidate *candidate,
          char version[32],
          SalPythonRuntime *runtime)
{
  SalPythonResult result = choose_table (target, candidate, version, runtime);

  if (result != SAL_PYTHON_OK)
    return result;
  if (candidate->old.list == 0 || runtime->layout.runtime_interpreters != 0)
    return SAL_PYTHON_CORRUPT;
  runtime->address = candidate->old.list;
  runtime->gil = candidate->old.current;
  runtime->collecting = candidate->old.collecting;
  runtime->lock = candidate->old.lock;
  runtime->waits = candidate->old.waits;
  if (runtime->lock == 0)
    runtime->layout.gil_size = candidate->old.waits_size;
  if (candidate->old.has_narrow_unicode)
    runtime->layout.text_width = 2;
  return SAL_PYTHON_OK;
}

static SalPythonResult
take_runtime (SalTarget *target,
              const Candidate *candidate,
              char version[32],
              SalPythonRuntime *runtime)
{
  SalPythonResult result;

  runtime->address = candidate->runtime;
  result = read_layout (target, runtime, version);
  if (result == SAL_PYTHON_NOT_PYTHON)
    result = choose_table (target, candidate, version, runtime);
  if (runtime->layout.runtime_gil != SAL_PYTHON_NO_FIELD)
    runtime->gil = runtime->address + runtime->layout.runtime_gil;
  if (runtime->layout.runtime_collecting != SAL_PYTHON_NO_FIELD)
    runtime->collecting = runtime->address + runtime->layout.runtime_collecting;
  return result;
}

/* Where the files lead nowhere, or to one that came later to the name of one in use: @result says
 * so, and stays where memory does not know better. */
static SalPythonResult
take_scanned (SalTarget *target,
              SalPythonResult result,
              char version[32],
              SalPythonRuntime *runtime)
{
  Candidate candidate = { .micro = UINT32_MAX, .runtime = sal_python_runtime_scan (target) };

  if (candidate.runtime == 0 || candidate.runtime == runtime->address)
    return result;
  return take_runtime (target, &candidate, version, runtime);
}

SalPythonResult
sal_python_runtime_find (SalTarget *target, char version[32], SalPythonRuntime *runtime)
{
  Candidate candidate = { .micro = UINT32_MAX };
  SalPythonResult result;

  version[0] = '\0';
  *runtime = (SalPythonRuntime){ 0 };
  result = find_candidate (target, &candidate);
  if (result == SAL_PYTHON_OK)
    result = candidate.runtime == 0 ? take_old (target, &candidate, version, runtime)
                                    : take_runtime (target, &candidate, version, runtime);
  memcpy (runtime->loops, candidate.loops, sizeof runtime->loops);
  if (result == SAL_PYTHON_NOT_PYTHON || result == SAL_PYTHON_UNSUPPORTED ||
      result == SAL_PYTHON_CORRUPT)
    result = take_scanned (target, result, version, runtime);
  if (candidate.is_debug_build && (result == SAL_PYTHON_OK || result == SAL_PYTHON_CORRUPT))
    return SAL_PYTHON_DEBUG_BUILD;
  return result;
}
