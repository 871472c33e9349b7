/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds what there was before 3.7 in place of _PyRuntime. */
#include "sal-python-runtime-old.h"

#include <string.h>

static uint64_t
find (SalTargetElf *elf, uint64_t bias, const char *name)
{
  uint64_t value;

  return sal_target_elf_find_symbol (elf, name, &value) ? value + bias : 0;
}

/* The variable that a function returns: endbr64 (or not), mov rax, [rip + distance], ret. */
static uint64_t
read_getter (SalTarget *target, uint64_t function)
{
  static const uint8_t landing[] = { 0xf3, 0x0f, 0x1e, 0xfa };
  static const uint8_t load[] = { 0x48, 0x8b, 0x05 };
  uint8_t code[12];
  size_t at = 0;
  int32_t distance;

  if (function == 0 ||
      sal_target_read (target, function, code, sizeof code) != SAL_TARGET_OK)
    return 0;
  if (memcmp (code, landing, sizeof landing) == 0)
    at = sizeof landing;
  if (memcmp (code + at, load, sizeof load) != 0 || code[at + 7] != 0xc3)
    return 0;
  memcpy (&distance, code + at + sizeof load, sizeof distance);
  return function + at + 7 + (uint64_t)(int64_t)distance;
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
    old->list = read_getter (target, find (elf, bias, "PyInterpreterState_Head"));
  old->collecting = find (elf, bias, "collecting");
  old->has_narrow_unicode = find (elf, bias, "PyUnicodeUCS2_FromObject") != 0;
}
