/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembers of each function whether it matches. */
#include "sal-function-search.h"

#include <string.h>

#include "sal-text-match.h"

struct _SalFunctionSearch
{
  char *text;
  char *folded;        /* for comparing: case folded */
  GByteArray *matches; /* one byte a function: 0 not asked yet, 1 no, 2 yes */
  SalProfile *profile; /* (owned) whose functions @matches is about */
};

SalFunctionSearch *
sal_function_search_new (void)
{
  SalFunctionSearch *search = g_new0 (SalFunctionSearch, 1);

  search->text = g_strdup ("");
  search->folded = g_strdup ("");
  search->matches = g_byte_array_new ();
  return search;
}

void
sal_function_search_free (SalFunctionSearch *search)
{
  if (search == NULL)
    return;
  g_free (search->text);
  g_free (search->folded);
  g_byte_array_unref (search->matches);
  g_clear_pointer (&search->profile, sal_profile_unref);
  g_free (search);
}

const char *
sal_function_search_get_text (SalFunctionSearch *search)
{
  return search->text;
}

gboolean
sal_function_search_set_text (SalFunctionSearch *search, const char *text)
{
  if (text == NULL)
    text = "";
  if (strcmp (text, search->text) == 0)
    return FALSE;
  g_free (search->text);
  g_free (search->folded);
  search->text = g_strdup (text);
  search->folded = g_utf8_casefold (text, -1);
  g_byte_array_set_size (search->matches, 0);
  return TRUE;
}

/* Makes room for what is remembered about @profile's functions. */
static void
follow_profile (SalFunctionSearch *search, SalProfile *profile, gboolean is_growth)
{
  guint n_functions = sal_profile_get_n_functions (profile);
  guint n_before;

  if (profile != search->profile)
    {
      if (!is_growth)
        g_byte_array_set_size (search->matches, 0);
      g_clear_pointer (&search->profile, sal_profile_unref);
      search->profile = sal_profile_ref (profile);
    }
  n_before = search->matches->len;
  if (n_before >= n_functions)
    return;
  g_byte_array_set_size (search->matches, n_functions);
  memset (search->matches->data + n_before, 0, n_functions - n_before);
}

gboolean
sal_function_search_matches (SalFunctionSearch *search,
                             SalProfile *profile,
                             guint32 function,
                             gboolean is_growth)
{
  guint8 *match;

  if (*search->text == '\0' || function >= sal_profile_get_n_functions (profile))
    return FALSE;
  follow_profile (search, profile, is_growth);
  match = &search->matches->data[function];
  if (*match == 0)
    {
      SalFunction what = sal_profile_get_function (profile, function);

      *match = sal_text_match (what.name, search->folded) ||
                       sal_text_match (what.file, search->folded)
                   ? 2
                   : 1;
    }
  return *match == 2;
}
