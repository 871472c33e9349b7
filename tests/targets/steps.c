/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Python extension whose C stack is known: see native.py. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

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
  volatile char room[2048]; /* for stacks that are deep */
  PyObject *result;

  room[0] = 1;
  result = PyObject_CallObject (callable, NULL);
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

/* A thread of a pool, which knows nothing of Python. */
APART void *
pool_work (void *data)
{
  for (;;)
    burn_c (20000);
  return data;
}

static PyObject *
steps_pool (PyObject *self, PyObject *number)
{
  for (long i = PyLong_AsLong (number); i > 0; i--)
    {
      pthread_t thread;

      if (pthread_create (&thread, NULL, pool_work, NULL) != 0)
        return PyErr_NoMemory ();
    }
  Py_RETURN_NONE;
}

APART void
burn_made (void)
{
  burn_c (20000);
  burn_c (10);
}

/* Calls burn_made() through code made for it: push rbp; mov rbp, rsp; call rdi; pop rbp; ret. */
static PyObject *
steps_made (PyObject *self, PyObject *nothing)
{
  static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3 };
  static unsigned char *made;
  void (*call) (void (*) (void));

  if (made == NULL)
    {
      made = mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                   0);
      if (made == MAP_FAILED)
        return PyErr_NoMemory ();
      memcpy (made, code, sizeof code);
    }
  memcpy (&call, &made, sizeof call);
  call (burn_made);
  burn_c (10);
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
  { "pool", steps_pool, METH_O, "Starts so many threads without Python." },
  { "made", steps_made, METH_NOARGS, "Computes below code that is in no file." },
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
