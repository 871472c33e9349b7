/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which class a function is of, up to 3.10, where its code object does not say. */
#include "sal-python-qualify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sal-python-dict.h"
#include "sal-python-text.h"

#define MAX_BASES 64
#define MAX_CELLS 64
#define MAX_NAME 256
#define BLOCK 64

/* PyTupleObject. */
#define TUPLE_LENGTH 16
#define TUPLE_ITEMS 24

/* Where PyMethodObject, classmethod and staticmethod have the function they are about, and property
 * its getter, followed by setter and deleter. */
#define FIRST_FUNCTION 16
#define LAST_FUNCTION 32

/* PyCellObject. */
#define CELL_VALUE 16

/* PyInstanceObject and PyClassObject of 2.7. */
#define INSTANCE_CLASS 16
#define CLASS_BASES 16
#define CLASS_DICT 24
#define CLASS_NAME 32

#define FLAG_TYPE ((uint64_t)1 << 31)

typedef struct
{
  SalTarget *target;
  const SalPythonLayout *layout;
  uint64_t code;
  uint64_t name_object;
  const char *name;
} Search;

static uint64_t
read_word (const Search *search, uint64_t address)
{
  uint64_t word;

  return address != 0 &&
                 sal_target_read (search->target, address, &word, sizeof word) == SAL_TARGET_OK
             ? word
             : 0;
}

static uint32_t
read_int (const Search *search, uint64_t address)
{
  uint32_t number;

  return sal_target_read (search->target, address, &number, sizeof number) == SAL_TARGET_OK ? number
                                                                                            : 0;
}

/* Item @index of a tuple; 0 = it has no such item. */
static uint64_t
read_item (const Search *search, uint64_t tuple, uint64_t index)
{
  return index < read_word (search, tuple + TUPLE_LENGTH)
             ? read_word (search, tuple + TUPLE_ITEMS + index * 8)
             : 0;
}

static char *
dup_text (const Search *search, uint64_t address)
{
  return sal_python_text_dup (search->target, search->layout, address);
}

/* The type's name without the module that types written in C have in front. */
static char *
dup_type_name (const Search *search, uint64_t type)
{
  char name[MAX_NAME + BLOCK] = "";
  uint64_t at = read_word (search, type + search->layout->type_name);
  size_t n = 0;
  const char *last;

  /* Up to addresses that blocks begin at, since the memory may end there. */
  while (n < MAX_NAME && memchr (name, '\0', n) == NULL)
    {
      size_t size = BLOCK - (size_t)((at + n) % BLOCK);

      if (sal_target_read (search->target, at + n, name + n, size) != SAL_TARGET_OK)
        return NULL;
      n += size;
    }
  name[n < MAX_NAME ? n : MAX_NAME] = '\0';
  last = strrchr (name, '.');
  last = last != NULL ? last + 1 : name;
  return sal_python_text_from_bytes ((const uint8_t *)last, strlen (last));
}

/* "Class.name"; frees @class_name. */
static char *
join (char *class_name, const char *name)
{
  char *joined = NULL;
  size_t size;

  if (class_name != NULL)
    {
      size = strlen (class_name) + strlen (name) + 2;
      joined = malloc (size);
      if (joined != NULL)
        snprintf (joined, size, "%s.%s", class_name, name);
    }
  free (class_name);
  return joined;
}

/* The function that runs the code, given what a class has under its name: the function itself, or
 * something around it. 0 = another. */
static uint64_t
find_function (const Search *search, uint64_t value)
{
  uint32_t code = search->layout->function_code;
  uint64_t word;

  if (value == 0 || read_word (search, value + code) == search->code)
    return value;
  for (uint64_t offset = FIRST_FUNCTION; offset <= LAST_FUNCTION; offset += 8)
    {
      word = read_word (search, value + offset);
      if (word != 0 && read_word (search, word + code) == search->code)
        return word;
    }
  return 0;
}

/* What the dict of a class has under the function's name. Both are the same interned object, except
 * where the class has mangled the name with its own, @owner. */
static uint64_t
find_in_dict (const Search *search, uint64_t dict, const char *owner)
{
  char mangled[MAX_NAME];
  size_t n_entries;
  SalPythonDictEntry *entries =
      sal_python_dict_read (search->target, search->layout, dict, &n_entries);
  uint64_t value = 0;

  for (size_t i = 0; entries != NULL && i < n_entries && value == 0; i++)
    if (entries[i].key == search->name_object)
      value = entries[i].value;
  free (entries);
  if (value != 0 || owner == NULL || strncmp (search->name, "__", 2) != 0)
    return value;
  snprintf (mangled, sizeof mangled, "_%s%s", owner + strspn (owner, "_"), search->name);
  return strlen (mangled) <= SAL_PYTHON_MAX_KEY
             ? sal_python_dict_find (search->target, search->layout, dict, mangled)
             : 0;
}

static char *
find_in_type (const Search *search, uint64_t type)
{
  uint64_t mro = read_word (search, type + search->layout->type_mro);
  uint64_t n = read_word (search, mro + TUPLE_LENGTH);

  for (uint64_t i = 0; i < n && i < MAX_BASES; i++)
    {
      uint64_t base = read_item (search, mro, i);
      char *owner = dup_type_name (search, base);
      uint64_t function = find_function (
          search,
          find_in_dict (search, read_word (search, base + search->layout->type_dict), owner));

      if (function != 0 && search->layout->is_text_bytes)
        return join (owner, search->name);
      free (owner);
      if (function != 0)
        return dup_text (search, read_word (search, function + search->layout->function_name));
    }
  return NULL;
}

/* Classes of 2.7 that are not types; depth first, as that looks attributes up. */
static char *
find_in_class (const Search *search, uint64_t class, unsigned *n_left)
{
  char *owner = dup_text (search, read_word (search, class + CLASS_NAME));
  uint64_t bases = read_word (search, class + CLASS_BASES);
  uint64_t n = read_word (search, bases + TUPLE_LENGTH);
  uint64_t dict = read_word (search, class + CLASS_DICT);
  char *found = NULL;

  if (find_function (search, find_in_dict (search, dict, owner)) != 0)
    return join (owner, search->name);
  free (owner);
  for (uint64_t i = 0; i < n && found == NULL && *n_left > 0; i++)
    {
      --*n_left;
      found = find_in_class (search, read_item (search, bases, i), n_left);
    }
  return found;
}

static bool
is_type_called (const Search *search, uint64_t type, const char *name)
{
  char *found = dup_type_name (search, type);
  bool is_it = found != NULL && strcmp (found, name) == 0;

  free (found);
  return is_it;
}

static char *
qualify_by_class (const Search *search, uint64_t class)
{
  unsigned n_left = MAX_BASES;
  char *found = find_in_class (search, class, &n_left);

  return found != NULL
             ? found
             : join (dup_text (search, read_word (search, class + CLASS_NAME)), search->name);
}

/* By the first argument: an object or, called cls, a class. */
static char *
qualify_by (const Search *search, uint64_t object)
{
  const SalPythonLayout *layout = search->layout;
  uint64_t type = read_word (search, object + layout->object_type);
  uint64_t flags = read_word (search, type + layout->type_flags);
  char *found;

  if (object == 0 || type == 0)
    return NULL;
  if (layout->is_text_bytes && is_type_called (search, type, "instance"))
    return qualify_by_class (search, read_word (search, object + INSTANCE_CLASS));
  if (layout->is_text_bytes && is_type_called (search, type, "classobj"))
    return qualify_by_class (search, object);
  if ((flags & FLAG_TYPE) != 0)
    {
      found = find_in_type (search, object);
      if (found == NULL)
        found = find_in_type (search, type);
      return found != NULL ? found : join (dup_type_name (search, object), search->name);
    }
  found = find_in_type (search, type);
  return found != NULL ? found : join (dup_type_name (search, type), search->name);
}

/* The first argument where an inner function uses it too: it is in a cell behind the variables. */
static uint64_t
find_in_cell (const Search *search, uint64_t frame, uint64_t variable)
{
  const SalPythonLayout *layout = search->layout;
  uint64_t cells = read_word (search, search->code + layout->code_cells);
  uint64_t n = read_word (search, cells + TUPLE_LENGTH);
  uint64_t at = frame + layout->frame_locals +
                8 * (uint64_t)read_int (search, search->code + layout->code_n_locals);

  if (read_word (search, frame + layout->frame_code) != search->code)
    return 0;
  for (uint64_t i = 0; i < n && i < MAX_CELLS; i++)
    if (read_item (search, cells, i) == variable)
      return read_word (search, read_word (search, at + i * 8) + CELL_VALUE);
  return 0;
}

char *
sal_python_qualify (SalTarget *target,
                    const SalPythonLayout *layout,
                    const SalPythonFunction *function,
                    const char *name)
{
  Search search = { target, layout, function->code, function->name, name };
  uint64_t variable = read_item (
      &search, read_word (&search, function->code + layout->code_variables), 0);
  char *first;
  bool is_method;
  uint64_t object = function->first_local;

  if (read_int (&search, function->code + layout->code_n_arguments) == 0)
    return NULL;
  first = dup_text (&search, variable);
  is_method = first != NULL && (strcmp (first, "self") == 0 || strcmp (first, "cls") == 0);
  free (first);
  if (!is_method)
    return NULL;
  if (object == 0)
    object = find_in_cell (&search, function->frame, variable);
  return qualify_by (&search, object);
}
