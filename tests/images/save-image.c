/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saves what the recorder reads of a running Python, as an image for tests.
 *
 *   cd tests/images; PYTHON still.py & save-image $! python-3.11.7.image
 *
 * and so, with still_tasks.py, tasks-3.14.10.image.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sal-python.h"
#include "sal-target-direct.h"
#include "target-log.h"

static void
read_everything (SalPython *python)
{
  SalPythonLook look;

  for (int i = 0; i < 3; i++)
    if (sal_python_look (python, &look) != SAL_PYTHON_OK)
      return;
  for (size_t i = 0; i < look.n_threads; i++)
    free (sal_python_dup_thread_name (python, look.threads[i].thread_id, NULL));
  for (uint32_t i = 0; i < sal_python_get_n_codes (python); i++)
    sal_python_get_code (python, i);
}

int
main (int argc, char **argv)
{
  char version[32];
  SalTarget *target;
  SalTarget *log;
  SalPython *python;
  bool is_saved = false;

  if (argc != 3 || sal_target_direct_new (atoi (argv[1]), &target) != SAL_TARGET_OK)
    {
      fprintf (stderr, "usage: save-image PID FILE\n");
      return 2;
    }
  log = target_log_new (target);
  if (sal_python_open (log, version, &python) == SAL_PYTHON_OK)
    {
      read_everything (python);
      /* Code of asyncio is known by now, and its tasks are read. */
      read_everything (python);
      is_saved = target_log_save (log, argv[2]);
      sal_python_free (python);
    }
  sal_target_free (log);
  sal_target_free (target);
  return is_saved ? 0 : 1;
}
