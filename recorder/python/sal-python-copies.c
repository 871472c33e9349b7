/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The copies of a code object's instructions, one for each thread that runs them. */
#include "sal-python-copies.h"

#include <stdlib.h>

/* As many threads as may be listed. */
#define MAX_COPIES 16384

void
sal_python_copies_read (SalTarget *target,
                        const SalPythonLayout *layout,
                        uint64_t code,
                        SalPythonCopies *copies)
{
  uint64_t list;
  uint64_t n;

  sal_python_copies_forget (copies);
  if (sal_target_read (target, code + layout->code_copies, &list, sizeof list) != SAL_TARGET_OK ||
      sal_target_read (target, list, &n, sizeof n) != SAL_TARGET_OK || n == 0 || n > MAX_COPIES)
    return;
  copies->starts = malloc ((size_t)n * sizeof *copies->starts);
  if (copies->starts == NULL)
    return;
  if (sal_target_read (target, list + 8, copies->starts, (size_t)n * sizeof *copies->starts) !=
      SAL_TARGET_OK)
    {
      sal_python_copies_forget (copies);
      return;
    }
  copies->list = list;
  copies->n_starts = (uint32_t)n;
}

uint64_t
sal_python_copies_get (const SalPythonCopies *copies, uint32_t copy)
{
  return copy < copies->n_starts ? copies->starts[copy] : 0;
}

void
sal_python_copies_forget (SalPythonCopies *copies)
{
  free (copies->starts);
  *copies = (SalPythonCopies){ 0 };
}
