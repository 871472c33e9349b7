/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of native functions as a person reads them. */
#include "sal-native-name.h"

#include <inttypes.h>
#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sal-native-module.h"

/* Longer ones are not worth the time that they could cost. */
#define MAX_MANGLED 4096
/* Nor are plain ones that long: a name may refer to its own parts and grow without end. */
#define MAX_PLAIN 16384
#define ANONYMOUS "<anonymous code>"

/* Whether what follows a dot is GCC's. */
static bool
is_suffix (const char *text)
{
  static const char *const words[] = { "cold", "part", "isra", "constprop", "lto_priv" };

  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    {
      size_t length = strlen (words[i]);

      if (strncmp (text, words[i], length) == 0 && (text[length] == '\0' || text[length] == '.'))
        return true;
    }
  return false;
}

/* One part of a D name, "3foo" at *@at, goes to @name. */
static bool
take_d_part (const char **at, char *name, size_t *n)
{
  char *end;
  unsigned long length = strtoul (*at, &end, 10);

  if (**at < '1' || **at > '9' || length > strlen (end))
    return false;
  memcpy (name + *n, end, length);
  *n += length;
  *at = end + length;
  return true;
}

/* "foo.bar" of "_D3foo3barFiZv", the name without its types; NULL when @raw is no D name. libiberty
 * would undo the types too, but takes for ever over some that are made for it: they may refer back
 * to each other. */
static char *
dup_d_name (const char *raw)
{
  const char *at = raw + 2;
  char *name;
  size_t n = 0;

  if (strcmp (raw, "_Dmain") == 0)
    return strdup ("D main");
  if (strncmp (raw, "_D", 2) != 0 || *at < '1' || *at > '9' ||
      (name = malloc (strlen (raw) + sizeof "!(…)")) == NULL)
    return NULL;
  while (take_d_part (&at, name, &n))
    name[n++] = '.';
  /* A template, whose arguments are types or values. */
  if (strncmp (at, "__T", 3) == 0 && (at += 3, take_d_part (&at, name, &n)))
    n += (size_t)sprintf (name + n, "!(…).");
  if (n == 0)
    {
      free (name);
      return NULL;
    }
  name[n - 1] = '\0';
  return name;
}

/* A plain name in the making. */
typedef struct
{
  char text[MAX_PLAIN + 1];
  size_t n;
  jmp_buf too_long;
} Plain;

/* libiberty cannot be told to stop; what it holds then is on the stack. */
static void
plain_cb (const char *text, size_t length, void *data)
{
  Plain *plain = data;

  if (length > MAX_PLAIN - plain->n)
    longjmp (plain->too_long, 1);
  memcpy (plain->text + plain->n, text, length);
  plain->n += length;
}

/* Of a Rust or C++ name; NULL when it is neither. */
static char *
dup_plain (const char *raw)
{
  Plain *plain = calloc (1, sizeof *plain);
  char *name = NULL;

  if (plain == NULL)
    return NULL;
  if (setjmp (plain->too_long) == 0)
    {
      if (rust_demangle_callback (raw, DMGL_PARAMS | DMGL_ANSI, plain_cb, plain) == 0)
        {
          plain->n = 0;
          if (cplus_demangle_v3_callback (raw, DMGL_PARAMS | DMGL_ANSI, plain_cb, plain) == 0)
            plain->n = 0;
        }
      plain->text[plain->n] = '\0';
      if (plain->n > 0)
        name = strdup (plain->text);
      free (plain);
      return name;
    }
  free (plain);
  return NULL;
}

char *
sal_native_name_demangle (const char *raw)
{
  char *name = strdup (raw);
  char *plain = NULL;

  if (name == NULL)
    return NULL;
  for (char *dot = strchr (name, '.'); dot != NULL; dot = strchr (dot + 1, '.'))
    if (dot > name && is_suffix (dot + 1))
      {
        *dot = '\0';
        break;
      }
  if (sal_native_cython_is_name (name))
    plain = sal_native_cython_dup_name (name);
  else if ((plain = dup_d_name (name)) == NULL && name[0] == '_' && strlen (name) <= MAX_MANGLED)
    plain = dup_plain (name);
  if (plain == NULL || plain[0] == '\0')
    {
      free (plain);
      return name;
    }
  free (name);
  return plain;
}

static const char *
get_base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

static const SalNativeSymbols *
get_symbols (const SalNativeFunction *function, SalNativeServers *servers)
{
  /* Its symbols are this thread's to fill in. */
  SalNativeModule *module = (SalNativeModule *)function->module;

  if (!module->has_symbols)
    {
      module->has_symbols = true;
      if (module->fd >= 0)
        module->symbols = sal_native_symbols_new (module->fd, module->path, NULL, servers);
    }
  return module->symbols;
}

/* What the program says of code that it has made. */
static char *
dup_made (const SalNativeFunction *function)
{
  SalNativeModule *module = (SalNativeModule *)function->module;
  const char *name;

  if (!module->has_symbols)
    {
      module->has_symbols = true;
      module->made = sal_native_perf_map_new (module->fd);
    }
  name = module->made != NULL ? sal_native_perf_map_find (module->made, function->address) : NULL;
  return strdup (name != NULL ? name : ANONYMOUS);
}

char *
sal_native_name_dup (const SalNativeFunction *function, SalNativeServers *servers)
{
  const SalNativeSymbols *symbols;
  const char *symbol;
  char *name;

  if (function->module == NULL)
    return strdup (ANONYMOUS);
  if (function->module->is_made)
    return dup_made (function);
  symbols = get_symbols (function, servers);
  symbol = symbols != NULL ? sal_native_symbols_find (symbols, function->address) : NULL;
  if (symbol != NULL)
    return sal_native_name_demangle (symbol);
  if (asprintf (&name, "%s+0x%" PRIx64, get_base_name (function->module->path),
                function->address) < 0)
    return NULL;
  return name;
}

char *
sal_native_name_dup_inlined (const SalNativePlace *place)
{
  return place->name != NULL ? sal_native_name_demangle (place->name) : strdup ("<inlined>");
}

char *
sal_native_name_dup_file (const SalNativePlace *place)
{
  const char *file = place->file != NULL ? place->file : "";
  char *path;

  if (strncmp (file, "./", 2) == 0)
    file += 2;
  if (place->folder == NULL)
    return strdup (file);
  return asprintf (&path, "%s/%s", place->folder, file) < 0 ? NULL : path;
}

/* A function of a .pyx file has lines of that, where the C file tells which. */
static void
translate (SalNativeModule *module, SalNativePlace *place)
{
  char *path = sal_native_name_dup_file (place);
  const char *file = NULL;
  uint32_t first_line = 0;
  uint32_t line = 0;

  if (module->cython == NULL)
    module->cython = sal_native_cython_new ();
  if (module->cython != NULL && path != NULL)
    {
      if (place->line != 0)
        line = sal_native_cython_find (module->cython, path, place->line, &file);
      first_line = sal_native_cython_find (module->cython, path, place->first_line, &file);
    }
  if (first_line != 0)
    *place = (SalNativePlace){
      .name = place->name, .file = file, .first_line = first_line, .line = line
    };
  free (path);
}

size_t
sal_native_name_find_places (const SalNativeFunction *site,
                             SalNativePlace *places,
                             SalNativeServers *servers)
{
  const SalNativeSymbols *symbols =
      site->module != NULL && !site->module->is_made ? get_symbols (site, servers) : NULL;
  size_t n_places =
      symbols != NULL ? sal_native_symbols_find_places (symbols, site->address, places) : 0;

  for (size_t i = 0; i < n_places; i++)
    if (places[i].name != NULL && sal_native_cython_is_name (places[i].name))
      translate ((SalNativeModule *)site->module, &places[i]);
  return n_places;
}

const char *
sal_native_name_get_library (const SalNativeFunction *function)
{
  return function->module != NULL ? function->module->path : "";
}
