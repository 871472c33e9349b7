/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What polkit is asked about a process. */
#include "sal-helper-question.h"

#include <pwd.h>

#include "sal-helper-process.h"

#define MAX_CHARACTERS 80

const char *
sal_helper_question_get_action (const SalHelperIdentity *identity, guint32 uid)
{
  return sal_helper_identity_is_own (identity, uid) ? SAL_HELPER_ACTION_OWN
                                                    : SAL_HELPER_ACTION_ANY;
}

/* Whether g_utf8_get_char_validated() found one. */
static gboolean
is_character (gunichar c)
{
  return c != (gunichar)-1 && c != (gunichar)-2;
}

/* Format characters, which turn text around, do not print to GLib; line and paragraph separators
 * do. polkit replaces $(name) in its messages. */
static gboolean
is_harmless (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return is_character (c) && g_unichar_isprint (c) && c != '$' &&
         type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR &&
         type != G_UNICODE_NON_SPACING_MARK && type != G_UNICODE_ENCLOSING_MARK &&
         type != G_UNICODE_PRIVATE_USE;
}

char *
sal_helper_question_dup_command (const char *bytes, gsize length)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize at = 0;
  guint n_characters = 0;

  while (at < length && n_characters < MAX_CHARACTERS)
    {
      gunichar c = bytes[at] == '\0' ? ' ' : g_utf8_get_char_validated (bytes + at, length - at);

      if (is_harmless (c))
        g_string_append_unichar (text, c);
      else
        g_string_append_c (text, '?');
      at += bytes[at] == '\0' || !is_character (c) ? 1 : g_unichar_to_utf8 (c, NULL);
      n_characters++;
    }
  if (at < length)
    g_string_append (text, "…");
  g_strchomp (text->str);
  return text->str[0] != '\0' ? g_strdup (text->str) : g_strdup ("?");
}

char *
sal_helper_question_dup_user (guint32 uid)
{
  struct passwd entry;
  struct passwd *found = NULL;
  char buffer[4096];

  if (getpwuid_r (uid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
    return sal_helper_question_dup_command (found->pw_name, strlen (found->pw_name));
  return g_strdup_printf ("%u", uid);
}
