/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program "salamander": locale, display and application. */
#include "config.h"

#include <locale.h>
#include <sysexits.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "sal-application.h"
#include "sal-arguments.h"
#include "sal-settings.h"

/* What can be answered without a display: TRUE when that was all. */
static gboolean
answer_at_once (int argc, char **argv, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SalArguments) arguments = sal_arguments_parse (argc, argv, NULL, &error);

  if (!arguments)
    {
      g_printerr ("salamander: %s\n", error->message);
      *status = EX_USAGE;
      return TRUE;
    }
  *status = 0;
  switch (arguments->kind)
    {
    case SAL_ARGUMENTS_VERSION:
      g_print ("salamander %s\n", SAL_VERSION);
      return TRUE;
    case SAL_ARGUMENTS_HELP:
      g_print ("%s", arguments->help);
      return TRUE;
    case SAL_ARGUMENTS_SERVICE:
    case SAL_ARGUMENTS_ACTIVATE:
    case SAL_ARGUMENTS_OPEN:
    case SAL_ARGUMENTS_RECORD:
    default:
      return FALSE;
    }
}

int
main (int argc, char **argv)
{
  int status = 0;

  setlocale (LC_ALL, "");
  bindtextdomain (SAL_GETTEXT_PACKAGE, SAL_LOCALE_DIR);
  bind_textdomain_codeset (SAL_GETTEXT_PACKAGE, "UTF-8");
  textdomain (SAL_GETTEXT_PACKAGE);
  g_set_prgname ("salamander");
  g_set_application_name ("Salamander");

  if (answer_at_once (argc, argv, &status))
    return status;

  if (!gtk_init_check ())
    {
      g_printerr ("salamander: %s\n",
                  _ ("There is no display for a window; salamander-cli works without one."));
      return EX_UNAVAILABLE;
    }
  if (!sal_settings_are_installed ())
    {
      g_printerr ("salamander: %s\n",
                  _ ("The settings schema is missing; install Salamander or use app/run."));
      return EX_CONFIG;
    }

  g_autoptr (SalApplication) application = sal_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
