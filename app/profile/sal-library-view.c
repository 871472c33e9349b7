/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts every function's library in its place. */
#include "sal-library-view.h"

#include <string.h>

#include "sal-origin.h"
#include "sal-profile-private.h"

typedef struct
{
  SalTexts *names;
  GHashTable *ids;  /* interned name → id + 1 */
  SalColumn column; /* SalFunction */
} Libraries;

/* The library that @function is in, as a function; its file is that of the first one seen. FALSE
 * without memory. */
static gboolean
describe_library (Libraries *libraries, const SalFunction *function, SalFunction *library)
{
  g_autofree char *name = sal_origin_dup_library (function);
  const char *text = *name != '\0' ? name : function->name;

  *library = (SalFunction){
    .name = sal_texts_intern (libraries->names, text, strlen (text)),
    .file = function->library,
    .kind = function->kind,
    .library = function->library,
  };
  return library->name != NULL;
}

/* The id of @function's library, or SAL_NO_ID without memory. */
static guint32
intern_library (Libraries *libraries, const SalFunction *function)
{
  SalFunction library;
  SalFunction *slot;
  guint32 id;

  if (!describe_library (libraries, function, &library))
    return SAL_NO_ID;
  id = GPOINTER_TO_UINT (g_hash_table_lookup (libraries->ids, library.name));
  if (id != 0)
    return id - 1;
  slot = sal_column_append (&libraries->column);
  if (slot == NULL)
    return SAL_NO_ID;
  *slot = library;
  id = (guint32)libraries->column.length;
  g_hash_table_insert (libraries->ids, (gpointer)library.name, GUINT_TO_POINTER (id));
  return id - 1;
}

/* (transfer full): the library of each function, or NULL without memory. */
static guint32 *
find_libraries (Libraries *libraries, SalProfile *profile)
{
  guint32 n_functions = sal_profile_get_n_functions (profile);
  g_autofree guint32 *found = g_new (guint32, MAX (n_functions, 1));

  for (guint32 i = 0; i < n_functions; i++)
    {
      SalFunction function = sal_profile_get_function (profile, i);

      found[i] = intern_library (libraries, &function);
      if (found[i] == SAL_NO_ID)
        return NULL;
    }
  return g_steal_pointer (&found);
}

static gboolean
fill_frames (SalProfile *profile, const guint32 *library_of, SalColumn *frames)
{
  guint32 n_frames = sal_profile_get_n_frames (profile);

  for (guint32 i = 0; i < n_frames; i++)
    {
      SalFrame *slot = sal_column_append (frames);

      if (slot == NULL)
        return FALSE;
      *slot = (SalFrame){ .function = library_of[sal_profile_get_frame (profile, i).function] };
    }
  return TRUE;
}

SalProfile *
sal_library_view_new (SalProfile *profile)
{
  Libraries libraries = {
    .names = sal_texts_new (),
    .ids = g_hash_table_new (NULL, NULL),
  };
  g_autofree guint32 *library_of = NULL;
  SalProfile *copy = _sal_profile_copy (profile);
  SalColumn frames;

  sal_column_init (&libraries.column, sizeof (SalFunction));
  sal_column_init (&frames, sizeof (SalFrame));
  library_of = find_libraries (&libraries, profile);
  g_hash_table_unref (libraries.ids);
  g_clear_pointer (&copy->names, sal_texts_unref);
  copy->names = libraries.names;
  /* Without memory for another view there is the one that is there. */
  if (library_of == NULL || !fill_frames (profile, library_of, &frames))
    {
      sal_column_clear (&libraries.column);
      sal_column_clear (&frames);
      return copy;
    }
  sal_column_clear (&copy->functions);
  copy->functions = libraries.column;
  sal_column_clear (&copy->frames);
  copy->frames = frames;
  return copy;
}
