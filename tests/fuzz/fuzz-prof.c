/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader of .prof files. */
#include "fuzz-target.h"

#include <math.h>
#include <stdlib.h>

#include "sal-prof-reader.h"

/* What views rely on without looking again. */
static void
check (SalProfile *profile)
{
  guint32 n_functions = sal_profile_get_n_functions (profile);
  const SalCallEdge *edges = sal_profile_get_edges (profile);

  for (guint32 i = 0; i < n_functions; i++)
    {
      SalFunction function = sal_profile_get_function (profile, i);
      SalCallCosts costs = sal_profile_get_costs (profile, i);

      if (!g_utf8_validate (function.name, -1, NULL) || !g_utf8_validate (function.file, -1, NULL))
        abort ();
      if (!(costs.tottime >= 0) || !(costs.cumtime >= 0) || costs.ncalls < 0 || costs.pcalls < 0)
        abort ();
    }
  for (guint32 i = 0; i < sal_profile_get_n_edges (profile); i++)
    if (edges[i].caller >= n_functions || edges[i].callee >= n_functions)
      abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  SalProfile *profile = sal_prof_reader_read (data, size, NULL, &error);

  if ((profile == NULL) != (error != NULL))
    abort ();
  if (profile != NULL)
    check (profile);
  g_clear_pointer (&profile, sal_profile_unref);
  return 0;
}
