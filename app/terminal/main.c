/* SPDX-License-Identifier: GPL-3.0-or-later */
/* salamander-cli: chooses the command. */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "sal-terminal-export.h"
#include "sal-terminal-info.h"
#include "sal-terminal-print.h"
#include "sal-terminal-ps.h"
#include "sal-terminal-record.h"
#include "sal-terminal-report.h"

static const struct
{
  const char *name;
  int (*run) (char **arguments);
} commands[] = {
  { "record", sal_terminal_record },
  { "report", sal_terminal_report },
  { "export", sal_terminal_export },
  { "info", sal_terminal_info },
  { "ps", sal_terminal_ps },
};

static const char *
get_help (void)
{
  return _ (
      "Usage:\n"
      "  salamander-cli COMMAND [OPTION…]\n\n"
      "Records Python programs and reads what was recorded.\n\n"
      "Commands:\n"
      "  record [-o OUT] [-r HZ|max] [-d SECONDS] (-p PID | [--] COMMAND…)\n"
      "                         Record a program, or a running process\n"
      "  report FILE            Print what each function cost\n"
      "  export IN -o OUT       Write in another format\n"
      "  info FILE              Tell how a recording was made and how good it is\n"
      "  ps [--json]            List the Python processes that can be recorded\n\n"
      "Options:\n"
      "  -h, --help             Print this; after a command: print its options\n"
      "  --version              Print the version\n\n"
      "FILE is a recording (.salamander) or a file of cProfile (.prof).\n\n"
      "Exit codes: 0 done, 1 failure, 2 wrong usage; “record” hands back its program's own.\n");
}

/* A descriptor that was closed would be the next file's that is opened, a recording's for example.
 * What takes its place cannot be used. */
static void
fill_closed_descriptors (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_PATH);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close (fd);
}

int
main (int argc, char **argv)
{
  fill_closed_descriptors ();
  setlocale (LC_ALL, "");
  bindtextdomain (SAL_GETTEXT_PACKAGE, SAL_LOCALE_DIR);
  bind_textdomain_codeset (SAL_GETTEXT_PACKAGE, "UTF-8");
  textdomain (SAL_GETTEXT_PACKAGE);
  g_set_prgname ("salamander-cli");
  /* A reader that goes away must not end us before the recording is written and cleaned up. */
  signal (SIGPIPE, SIG_IGN);

  if (argc < 2)
    return sal_terminal_usage_error (_ ("Name a command: record, report, export, info or ps."));
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 ||
      strcmp (argv[1], "help") == 0)
    return sal_terminal_write (get_help ()) ? SAL_EXIT_OK : SAL_EXIT_FAILURE;
  if (strcmp (argv[1], "--version") == 0)
    return sal_terminal_print_version ();
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (g_strdupv (argv + 2));
  return sal_terminal_usage_error (_ ("“%s” is not a command; use record, report, export, info "
                                      "or ps."),
                                   argv[1]);
}
