/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose call is served, what polkit is asked about it, and what a person then reads. */
#include "sal-helper-rules.h"

#include <pwd.h>

#define MAX_CHARACTERS 80

#define CALL_US (G_USEC_PER_SEC / SAL_HELPER_RULES_PER_SECOND)

SalHelperCaller *
sal_helper_rules_admit (GHashTable *callers, guint n_all, guint32 uid, gint64 now_us)
{
  SalHelperCaller *caller = g_hash_table_lookup (callers, GUINT_TO_POINTER (uid));
  gint64 earliest_us = now_us - SAL_HELPER_RULES_BURST * CALL_US;

  if (caller == NULL)
    {
      caller = g_new0 (SalHelperCaller, 1);
      caller->counted_us = earliest_us;
      g_hash_table_insert (callers, GUINT_TO_POINTER (uid), caller);
    }
  caller->counted_us = MAX (caller->counted_us, earliest_us);
  if (caller->counted_us + CALL_US > now_us)
    return NULL;
  caller->counted_us += CALL_US;
  if (caller->n_sessions >= SAL_HELPER_RULES_SESSIONS_EACH ||
      n_all >= SAL_HELPER_RULES_SESSIONS_ALL)
    return NULL;
  caller->n_sessions++;
  return caller;
}

const char *
sal_helper_rules_get_action (const SalHelperIdentity *identity, guint32 uid)
{
  gboolean is_own = identity->owner_uid == uid && (uid == 0 || identity->capabilities == 0);

  for (guint i = 0; i < G_N_ELEMENTS (identity->uids); i++)
    is_own = is_own && identity->uids[i] == uid && identity->gids[i] == identity->gids[0];
  return is_own ? SAL_HELPER_RULES_OWN : SAL_HELPER_RULES_ANY;
}

/* Letters, numbers, punctuation and symbols: no control, no mark, nothing that turns text around or
 * ends the line. polkit replaces $(name) in its messages; U+FFFD stands for bytes that are none. */
static gboolean
is_harmless (gunichar c)
{
  if (c == '$' || c == 0xfffd)
    return FALSE;
  return c == ' ' || g_unichar_isalnum (c) || g_unichar_ispunct (c);
}

char *
sal_helper_rules_dup_command (const char *bytes, gsize length)
{
  g_autoptr (GString) text = g_string_new_len (bytes, (gssize)length);
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *valid = NULL;
  const char *at;

  for (gsize i = 0; i < length; i++)
    text->str[i] = text->str[i] == '\0' ? ' ' : text->str[i];
  valid = g_utf8_make_valid (g_strchomp (text->str), -1);
  at = valid;
  for (guint n = 0; *at != '\0' && n < MAX_CHARACTERS; n++, at = g_utf8_next_char (at))
    g_string_append_unichar (line, is_harmless (g_utf8_get_char (at)) ? g_utf8_get_char (at) : '?');
  g_string_append (line, *at != '\0' ? "…" : line->len == 0 ? "?"
                                                            : "");
  return g_string_free (g_steal_pointer (&line), FALSE);
}

char *
sal_helper_rules_dup_user (guint32 uid)
{
  const struct passwd *user = getpwuid (uid);

  return user != NULL ? sal_helper_rules_dup_command (user->pw_name, strlen (user->pw_name))
                      : g_strdup_printf ("%u", uid);
}
