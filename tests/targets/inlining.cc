// SPDX-License-Identifier: GPL-3.0-or-later
// A Python extension of functions that the compiler inlines: see native.py.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace deep
{
template <typename Number> struct Sum
{
  volatile Number value = 0;

  inline __attribute__ ((always_inline)) void
  add (Number number)
  {
    value = value + 1 / (number + 1);
  }
};

static inline __attribute__ ((always_inline)) double
spin (long n)
{
  Sum<double> sum;

  for (long i = 0; i < n; i++)
    sum.add ((double)i);
  return sum.value;
}

__attribute__ ((noinline, noclone)) double
outer (long n)
{
  return spin (n);
}
}

static PyObject *
burn (PyObject *self, PyObject *number)
{
  return PyFloat_FromDouble (deep::outer (PyLong_AsLong (number)));
}

static PyMethodDef methods[] = {
  { "burn", burn, METH_O, "Computes for so many rounds." },
  { NULL, NULL, 0, NULL },
};

static struct PyModuleDef module = {
  PyModuleDef_HEAD_INIT, "inlining", NULL, -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit_inlining (void)
{
  return PyModule_Create (&module);
}
