/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sal-text-match.h"

#include <string.h>

gboolean
sal_text_match (const char *text, const char *folded_needle)
{
  g_autofree char *folded = NULL;

  if (strcasestr (text, folded_needle) != NULL)
    return TRUE;
  /* Names are ASCII nearly always, and folding allocates. */
  if (g_str_is_ascii (text))
    return FALSE;
  folded = g_utf8_casefold (text, -1);
  return strstr (folded, folded_needle) != NULL;
}
