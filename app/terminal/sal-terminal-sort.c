/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of orders, and the comparison. */
#include "sal-terminal-sort.h"

#include <string.h>

typedef struct
{
  SalProfile *profile;
  SalTerminalSort sort;
} Order;

static const struct
{
  const char *name;
  SalTerminalSort sort;
} names[] = {
  { "self", SAL_TERMINAL_SORT_SELF },
  { "tottime", SAL_TERMINAL_SORT_SELF },
  { "time", SAL_TERMINAL_SORT_SELF },
  { "total", SAL_TERMINAL_SORT_TOTAL },
  { "cumtime", SAL_TERMINAL_SORT_TOTAL },
  { "cumulative", SAL_TERMINAL_SORT_TOTAL },
  { "samples", SAL_TERMINAL_SORT_SAMPLES },
  { "calls", SAL_TERMINAL_SORT_NCALLS },
  { "ncalls", SAL_TERMINAL_SORT_NCALLS },
  { "pcalls", SAL_TERMINAL_SORT_PCALLS },
  { "name", SAL_TERMINAL_SORT_NAME },
  { "file", SAL_TERMINAL_SORT_FILE },
  { "line", SAL_TERMINAL_SORT_LINE },
};

gboolean
sal_terminal_sort_from_name (const char *name, SalTerminalSort *sort)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i].name))
      {
        *sort = names[i].sort;
        return TRUE;
      }
  return FALSE;
}

gboolean
sal_terminal_sort_fits (SalTerminalSort sort, SalProfileKind kind)
{
  if (sort == SAL_TERMINAL_SORT_SAMPLES)
    return kind == SAL_PROFILE_SAMPLES;
  if (sort == SAL_TERMINAL_SORT_NCALLS || sort == SAL_TERMINAL_SORT_PCALLS)
    return kind == SAL_PROFILE_CALLS;
  return TRUE;
}

/* The larger first. A NaN from a damaged file is smaller than anything, so the order stays one. */
static int
compare_doubles (double a, double b)
{
  gboolean a_is_number = a == a;
  gboolean b_is_number = b == b;

  if (!a_is_number || !b_is_number)
    return (int)b_is_number - (int)a_is_number;
  return (b > a) - (b < a);
}

static int
compare_counts (guint64 a, guint64 b)
{
  return (b > a) - (b < a);
}

static int
compare_calls (gint64 a, gint64 b)
{
  return (b > a) - (b < a);
}

static int
compare_key (const SalFunctionRow *a, const SalFunctionRow *b, const Order *order)
{
  gboolean is_calls = sal_profile_get_kind (order->profile) == SAL_PROFILE_CALLS;

  switch (order->sort)
    {
    case SAL_TERMINAL_SORT_SELF:
      return is_calls ? compare_doubles (a->costs.tottime, b->costs.tottime)
                      : compare_counts (a->self_ns, b->self_ns);
    case SAL_TERMINAL_SORT_TOTAL:
      return is_calls ? compare_doubles (a->costs.cumtime, b->costs.cumtime)
                      : compare_counts (a->total_ns, b->total_ns);
    case SAL_TERMINAL_SORT_SAMPLES:
      return compare_counts (a->self_samples, b->self_samples);
    case SAL_TERMINAL_SORT_NCALLS:
      return compare_calls (a->costs.ncalls, b->costs.ncalls);
    case SAL_TERMINAL_SORT_PCALLS:
      return compare_calls (a->costs.pcalls, b->costs.pcalls);
    case SAL_TERMINAL_SORT_NAME:
    case SAL_TERMINAL_SORT_FILE:
    case SAL_TERMINAL_SORT_LINE:
    default:
      return 0;
    }
}

static int
compare_rows (gconstpointer first, gconstpointer second, gpointer user_data)
{
  const Order *order = user_data;
  const SalFunctionRow *a = *(const SalFunctionRow *const *)first;
  const SalFunctionRow *b = *(const SalFunctionRow *const *)second;
  int result = compare_key (a, b, order);
  SalFunction left;
  SalFunction right;

  if (result != 0)
    return result;
  left = sal_profile_get_function (order->profile, a->function);
  right = sal_profile_get_function (order->profile, b->function);
  if (order->sort == SAL_TERMINAL_SORT_FILE)
    result = strcmp (left.file, right.file);
  if (result == 0 &&
      (order->sort == SAL_TERMINAL_SORT_LINE || order->sort == SAL_TERMINAL_SORT_FILE))
    result = (left.first_line > right.first_line) - (left.first_line < right.first_line);
  if (result == 0)
    result = strcmp (left.name, right.name);
  if (result == 0)
    result = strcmp (left.file, right.file);
  if (result == 0)
    result = (left.first_line > right.first_line) - (left.first_line < right.first_line);
  return result;
}

GPtrArray *
sal_terminal_sort_rows (SalFunctionTable *table, SalTerminalSort sort)
{
  Order order = { sal_function_table_get_profile (table), sort };
  const SalFunctionRow *rows = sal_function_table_get_rows (table);
  guint32 n_rows = sal_function_table_get_n_rows (table);
  GPtrArray *sorted = g_ptr_array_sized_new (n_rows);

  for (guint32 i = 0; i < n_rows; i++)
    g_ptr_array_add (sorted, (gpointer)&rows[i]);
  g_ptr_array_sort_with_data (sorted, compare_rows, &order);
  return sorted;
}
