/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole saved Python: opened, looked at, explained. */
#include "fuzz-target.h"

#include <stdlib.h>

#include "sal-python.h"
#include "sal-target-image.h"

static void
explain (SalPython *python, const SalPythonThread *thread)
{
  free (sal_python_dup_thread_name (python, thread->thread_id, NULL));
  for (uint32_t i = 0; i < thread->n_frames; i++)
    {
      SalPythonFrame frame = thread->frames[i];

      if (sal_python_get_code (python, frame.code)->name == NULL)
        abort ();
      sal_python_get_position (python, frame.code, frame.offset);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SalTarget *target;
  SalPython *python;
  SalPythonLook look;
  char version[32];

  if (sal_target_image_new_for_bytes (data, size, &target) != SAL_TARGET_OK)
    return 0;
  if (sal_python_open (target, version, &python) == SAL_PYTHON_OK)
    {
      for (int i = 0; i < 2; i++)
        if (sal_python_look (python, &look) == SAL_PYTHON_OK)
          for (size_t k = 0; k < look.n_threads; k++)
            explain (python, &look.threads[k]);
      sal_python_free (python);
    }
  sal_target_free (target);
  return 0;
}
