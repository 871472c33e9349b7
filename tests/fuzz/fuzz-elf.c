/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked up in ELF files of the target. */
#include "fuzz-target.h"

#include <sys/mman.h>
#include <unistd.h>

#include "sal-target-elf.h"

static void
look_up (int fd)
{
  SalTargetRegion region = { .start = 0x10000, .end = 0x20000 };
  SalTargetElfSection section;
  SalTargetElf *elf;
  uint64_t value;

  if (sal_target_elf_new (fd, &elf) != SAL_TARGET_OK)
    return;
  sal_target_elf_get_bias (elf, &region, &value);
  sal_target_elf_find_symbol (elf, "_PyRuntime", &value);
  sal_target_elf_find_section (elf, ".PyRuntime", &section);
  sal_target_elf_free (elf);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("fuzz-elf", MFD_CLOEXEC);

  if (fd < 0)
    return 0;
  if (write (fd, data, size) == (ssize_t)size)
    look_up (fd);
  close (fd);
  return 0;
}
