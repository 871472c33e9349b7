/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers the sentences of the message above the views. */
#include "config.h"

#include "sal-outcome.h"

#include <sys/wait.h>

#include <glib/gi18n.h>

#include "sal-format.h"

static void
append_sentence (GString *text, const char *sentence)
{
  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append (text, sentence);
}

static void
append_rejected (GString *text, SalProfile *profile)
{
  const SalProfileCounters *counters = sal_profile_get_counters (profile);
  guint64 tries = counters->samples + counters->rejected;

  if (tries > 0 && counters->rejected * 100 > tries)
    {
      g_autofree char *percent = sal_format_percent ((double)counters->rejected, (double)tries);
      g_autofree char *sentence = NULL;

      sentence = g_strdup_printf (
          _ ("%s of the samples could not be proved right and were left out."),
          percent);
      append_sentence (text, sentence);
    }
}

static void
append_exit (GString *text, SalSession *session)
{
  int status = sal_session_get_exit_status (session);
  int pid = sal_session_get_pid (session);
  g_autofree char *sentence = NULL;

  /* Of a process that is not our child nobody tells us how it ended. */
  if (!sal_session_get_options (session)->argv && sal_session_has_program_ended (session))
    sentence = g_strdup_printf (_ ("Process %d has ended; the recording has all of it until then."),
                                pid);
  else if (status < 0)
    return;
  else if (WIFSIGNALED (status))
    sentence = g_strdup_printf (_ ("The program was ended by signal %d (%s)."),
                                WTERMSIG (status),
                                g_strsignal (WTERMSIG (status)));
  else if (WEXITSTATUS (status) != 0)
    sentence = g_strdup_printf (_ ("The program ended with exit status %d."), WEXITSTATUS (status));
  if (sentence)
    append_sentence (text, sentence);
}

char *
sal_outcome_describe (SalDocument *document)
{
  SalProfile *profile = sal_document_get_profile (document);
  SalSession *session = sal_document_get_session (document);
  GString *text = g_string_new (sal_document_get_problem (document));

  if (profile)
    {
      const char *const *warnings = sal_profile_get_warnings (profile);

      for (guint i = 0; warnings[i]; i++)
        append_sentence (text, warnings[i]);
      append_rejected (text, profile);
    }
  if (session)
    append_exit (text, session);
  return g_string_free (text, FALSE);
}
