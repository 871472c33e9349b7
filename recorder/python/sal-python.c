/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Python of one process: opening it, and explaining what was seen. */
#include "sal-python.h"

#include <stdio.h>
#include <stdlib.h>

#include "sal-python-private.h"

static void
warn (SalPython *self, const char *version)
{
  const SalPythonLayout *layout = &self->runtime.layout;

  if (layout->is_guess)
    snprintf (self->warning, sizeof self->warning,
              "Python %s is no version known here; it is read as the nearest that is.",
              version);
  else if (layout->gil_size == 0)
    snprintf (self->warning, sizeof self->warning,
              "This Python %s does not show which threads wait for the GIL.",
              version);
}

SalPythonResult
sal_python_open (SalTarget *target, char version[32], SalPython **out)
{
  SalPython *self;
  SalPythonResult result;

  version[0] = '\0';
  self = calloc (1, sizeof *self);
  if (self == NULL)
    return SAL_PYTHON_MEMORY;
  self->target = target;
  result = sal_python_runtime_find (target, version, &self->runtime);
  if (result == SAL_PYTHON_OK)
    warn (self, version);
  if (result == SAL_PYTHON_OK)
    {
      sal_python_codes_get_fingerprint_range (&self->runtime.layout, &self->check_start,
                                              &self->check_length);
      self->codes = sal_python_codes_new (target, &self->runtime.layout);
      self->proof = sal_python_proof_new ();
      self->asks_library = self->runtime.layout.thread_native_id == SAL_PYTHON_NO_FIELD;
      result =
          self->codes != NULL && self->proof != NULL ? _sal_python_list (self) : SAL_PYTHON_MEMORY;
    }
  if (result == SAL_PYTHON_OK && self->n_threads == 0)
    result = SAL_PYTHON_NOT_READY;
  if (result != SAL_PYTHON_OK)
    {
      sal_python_free (self);
      return result;
    }
  *out = self;
  return SAL_PYTHON_OK;
}

const char *
sal_python_get_warning (const SalPython *self)
{
  return self->warning[0] != '\0' ? self->warning : NULL;
}

const uint64_t *
sal_python_get_loops (const SalPython *self)
{
  return self->runtime.loops;
}

const SalPythonCode *
sal_python_get_code (SalPython *self, uint32_t code)
{
  return sal_python_codes_explain (self->codes, code);
}

uint32_t
sal_python_get_n_codes (const SalPython *self)
{
  return sal_python_codes_get_n (self->codes);
}

SalPythonPosition
sal_python_get_position (SalPython *self, uint32_t code, int32_t offset)
{
  return sal_python_codes_get_position (self->codes, code, offset);
}

void
sal_python_free (SalPython *self)
{
  if (self == NULL)
    return;
  _sal_python_list_free (self);
  sal_python_tasks_free (self->tasks);
  sal_python_codes_free (self->codes);
  sal_python_proof_free (self->proof);
  free (self->ranges);
  free (self->owners);
  free (self->bytes);
  free (self->pieces);
  free (self->extra);
  free (self->activations);
  free (self->now.raw);
  free (self->now.frames);
  free (self->before.raw);
  free (self->before.frames);
  free (self->task_frames);
  free (self);
}
