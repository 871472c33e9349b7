/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds what there was before 3.7 in place of _PyRuntime. */
#include "sal-python-runtime-old.h"

#include <string.h>

/* Between the first and the last of what threads that wait for 3.6's lock sleep at; the largest of
 * these, a pthread_cond_t. */
#define MOST_APART 512
#define LARGEST 48

static uint64_t
find (SalTargetElf *elf, uint64_t bias, const char *name)
{
  uint64_t value;

  return sal_target_elf_find_symbol (elf, name, &value) ? value + bias : 0;
}

/* mov rax, [rip + distance]; ret */
static const uint8_t returning[] = { 0x48, 0x8b, 0x05, 0xc3 };
/* mov rdi, [rip + distance]; jmp */
static const uint8_t handing_on[] = { 0x48, 0x8b, 0x3d, 0xe9 };

/* The variable that a function loads and does nothing with but what follows the distance in @load;
 * an endbr64 may come first. */
static uint64_t
read_loaded (SalTarget *target, uint64_t function, const uint8_t load[4])
{
  static const uint8_t landing[] = { 0xf3, 0x0f, 0x1e, 0xfa };
  uint8_t code[12];
  size_t at = 0;
  int32_t distance;

  if (function == 0 ||
      sal_target_read (target, function, code, sizeof code) != SAL_TARGET_OK)
    return 0;
  if (memcmp (code, landing, sizeof landing) == 0)
    at = sizeof landing;
  if (memcmp (code + at, load, 3) != 0 || code[at + 7] != load[3])
    return 0;
  memcpy (&distance, code + at + 3, sizeof distance);
  return function + at + 7 + (uint64_t)(int64_t)distance;
}

/* 3.6: the lock's two conditions and two mutexes, of 48 and 40 bytes in glibc. They are variables
 * of one file, so the compiler has put them together. */
static void
find_waits (SalTargetElf *elf, uint64_t bias, SalPythonRuntimeOld *old)
{
  static const char *const names[] = { "gil_cond", "gil_mutex", "switch_cond", "switch_mutex" };
  uint64_t first = UINT64_MAX;
  uint64_t last = 0;

  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
      uint64_t address = find (elf, bias, names[i]);

      if (address == 0)
        return;
      first = address < first ? address : first;
      last = address > last ? address : last;
    }
  if (last - first > MOST_APART)
    return;
  old->waits = first;
  old->waits_size = (uint32_t)(last - first) + LARGEST;
}

void
sal_python_runtime_old_find (SalTarget *target,
                             SalTargetElf *elf,
                             uint64_t bias,
                             SalPythonRuntimeOld *old)
{
  *old = (SalPythonRuntimeOld){ .current = find (elf, bias, "_PyThreadState_Current") };
  if (old->current == 0)
    return;
  old->list = find (elf, bias, "interp_head");
  if (old->list == 0)
    old->list =
        read_loaded (target, find (elf, bias, "PyInterpreterState_Head"), returning);
  old->lock = find (elf, bias, "interpreter_lock");
  if (old->lock == 0)
    old->lock = read_loaded (target, find (elf, bias, "PyEval_ReleaseLock"), handing_on);
  find_waits (elf, bias, old);
  old->collecting = find (elf, bias, "collecting");
  old->has_narrow_unicode = find (elf, bias, "PyUnicodeUCS2_FromObject") != 0;
}
