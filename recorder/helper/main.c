/* SPDX-License-Identifier: GPL-3.0-or-later */
/* salamander-helper: opens running Python programs for the recorder when polkit agrees. */
#include <stdio.h>
#include <unistd.h>

#include "sal-helper-opener.h"
#include "sal-helper-sandbox.h"
#include "sal-helper-service.h"

int
main (void)
{
  int opener;

  if (getuid () != 0)
    {
      fputs ("salamander-helper: the system bus starts this program, as root; "
             "it is of no use by hand\n",
             stderr);
      return 2;
    }
  if (sal_helper_sandbox_begin () && (opener = sal_helper_opener_start ()) >= 0 &&
      sal_helper_sandbox_confine (SAL_HELPER_SANDBOX_SERVICE))
    return sal_helper_service_run (opener);
  perror ("salamander-helper: cannot confine itself");
  return 1;
}
