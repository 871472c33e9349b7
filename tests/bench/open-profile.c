/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens a profile and prints how long that took, in ms, and the peak of memory, in MB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sal-formats.h"

/* Not getrusage()'s, which counts in the program that started this one. */
static double
read_peak_memory (void)
{
  g_autofree char *status = NULL;
  const char *line = NULL;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    line = strstr (status, "VmHWM:");
  return line != NULL ? (double)atol (line + strlen ("VmHWM:")) / 1024 : 0;
}

int
main (int argc, char **argv)
{
  g_autoptr (GFile) file = argc == 2 ? g_file_new_for_path (argv[1]) : NULL;
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (GError) error = NULL;
  gint64 started = g_get_monotonic_time ();

  if (file != NULL)
    profile = sal_formats_load (file, NULL, &error);
  if (profile == NULL)
    {
      fprintf (stderr, "%s\n", error != NULL ? error->message : "Usage: open-profile FILE");
      return 1;
    }
  started = g_get_monotonic_time () - started;
  printf ("%.3f %.1f\n", (double)started / 1000, read_peak_memory ());
  return 0;
}
