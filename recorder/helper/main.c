/* SPDX-License-Identifier: GPL-3.0-or-later */
/* salamander-helper: opens running Python programs for the recorder when polkit agrees. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sal-helper-opener.h"
#include "sal-helper-sandbox.h"
#include "sal-helper-service.h"

static int
fail (const char *what)
{
  fprintf (stderr, "salamander-helper: %s: %s\n", what, strerror (errno));
  return 1;
}

int
main (int argc, char **argv)
{
  int opener;

  if (argc != 1 || getuid () != 0 || geteuid () != 0)
    {
      fputs ("salamander-helper: the system bus starts this program, as root; "
             "it is of no use by hand\n",
             stderr);
      return 2;
    }
  if (!sal_helper_sandbox_begin ())
    return fail ("cannot begin");
  opener = sal_helper_opener_start ();
  if (opener < 0)
    return fail ("cannot start the opener");
  if (!sal_helper_sandbox_confine (SAL_HELPER_SANDBOX_SERVICE))
    return fail ("cannot confine itself");
  return sal_helper_service_run (opener);
}
