/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of somebody else's that has a Python inside.
 *
 * Usage: embed LIBPYTHON SCRIPT
 *
 * The library is loaded at run time, as plug-ins are, so that one program serves every version.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  void *library = argc == 3 ? dlopen (argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
  void (*initialize) (int);
  int (*run) (const char *);

  if (library == NULL)
    {
      fprintf (stderr, "embed: %s\n", argc == 3 ? dlerror () : "wants LIBPYTHON and SCRIPT");
      return 2;
    }
  *(void **)&initialize = dlsym (library, "Py_InitializeEx");
  *(void **)&run = dlsym (library, "PyRun_SimpleString");
  initialize (0);
  return run (argv[2]);
}
