/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names, lines and inlined functions of ELF files of the target. */
#include "fuzz-target.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sal-native-name.h"
#include "sal-native-symbols.h"

/* The corpus has its code below this. */
#define N_ADDRESSES 0x800

static void
look_up (const SalNativeSymbols *symbols, uint64_t address)
{
  SalNativePlace places[SAL_NATIVE_MAX_PLACES];
  size_t n_places = sal_native_symbols_find_places (symbols, address, places);
  const char *name = sal_native_symbols_find (symbols, address);

  if (name != NULL)
    free (sal_native_name_demangle (name));
  for (size_t i = 0; i < n_places; i++)
    {
      free (sal_native_name_dup_inlined (&places[i]));
      free (sal_native_name_dup_file (&places[i]));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("fuzz-symbols", MFD_CLOEXEC);
  SalNativeSymbols *symbols = NULL;

  if (fd < 0)
    return 0;
  if (write (fd, data, size) == (ssize_t)size)
    symbols = sal_native_symbols_new (fd, "/nonexistent/file", "/nonexistent", NULL);
  for (uint64_t address = 0; symbols != NULL && address < N_ADDRESSES; address += 7)
    look_up (symbols, address);
  sal_native_symbols_free (symbols);
  close (fd);
  return 0;
}
