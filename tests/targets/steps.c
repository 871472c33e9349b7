/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Python extension whose C stack is known: see native.py. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define APART __attribute__ ((noinline, noclone))

APART double
burn_c (long n)
{
  volatile double sum = 0;

  for (long i = 0; i < n; i++)
    sum += 1.0 / (double)(i + 1);
  return sum;
}

/* Something is done after each call, or it would become a jump. */
APART PyObject *
inner_c (PyObject *callable)
{
  PyObject *result = PyObject_CallObject (callable, NULL);

  burn_c (10);
  return result;
}

APART PyObject *
descend_c (PyObject *callable)
{
  PyObject *result = inner_c (callable);

  burn_c (10);
  return result;
}

static PyObject *
steps_descend (PyObject *self, PyObject *callable)
{
  PyObject *result = descend_c (callable);

  burn_c (10);
  return result;
}

static PyObject *
steps_burn (PyObject *self, PyObject *number)
{
  long n = PyLong_AsLong (number);

  return PyFloat_FromDouble (burn_c (n));
}

static PyMethodDef methods[] = {
  { "descend", steps_descend, METH_O, "Calls what it is given, two C functions deeper." },
  { "burn", steps_burn, METH_O, "Computes for so many rounds." },
  { NULL, NULL, 0, NULL },
};

#if PY_MAJOR_VERSION < 3
PyMODINIT_FUNC
initsteps (void)
{
  (void)Py_InitModule ("steps", methods);
}
#else
static struct PyModuleDef module = {
  PyModuleDef_HEAD_INIT,
  "steps",
  NULL,
  -1,
  methods,
  NULL,
  NULL,
  NULL,
  NULL,
};

PyMODINIT_FUNC
PyInit_steps (void)
{
  return PyModule_Create (&module);
}
#endif
