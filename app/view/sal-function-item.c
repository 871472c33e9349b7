/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of the table as text. */
#include "sal-function-model.h"

#include <glib/gi18n.h>

#include "sal-format.h"
#include "sal-function-model-private.h"
#include "sal-origin.h"

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SalFunctionItem, sal_function_item, G_TYPE_OBJECT)

static void
sal_function_item_finalize (GObject *object)
{
  SalFunctionItem *self = SAL_FUNCTION_ITEM (object);

  g_clear_pointer (&self->table, sal_function_table_unref);
  G_OBJECT_CLASS (sal_function_item_parent_class)->finalize (object);
}

static void
sal_function_item_class_init (SalFunctionItemClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sal_function_item_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sal_function_item_init (SalFunctionItem *self)
{
}

void
_sal_function_item_set (SalFunctionItem *self, SalFunctionTable *table, guint32 row)
{
  if (self->table != table)
    {
      g_clear_pointer (&self->table, sal_function_table_unref);
      self->table = sal_function_table_ref (table);
    }
  self->row = sal_function_table_get_rows (table)[row];
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

guint32
sal_function_item_get_function (SalFunctionItem *self)
{
  g_return_val_if_fail (SAL_IS_FUNCTION_ITEM (self), SAL_NO_ID);

  return self->row.function;
}

SalFunction
_sal_function_item_get_what (SalFunctionTable *table, guint32 function)
{
  if (function != SAL_NO_ID)
    return sal_profile_get_function (sal_function_table_get_profile (table), function);
  /* Translators: in place of a caller's name, for where a function was the outermost one */
  return (SalFunction){ .name = _ ("(no caller)"), .file = "", .library = "" };
}

double
sal_function_item_get_share (SalFunctionItem *self, SalFunctionColumn column)
{
  double whole = (double)sal_function_table_get_total_ns (self->table);

  if (column == SAL_FUNCTION_COLUMN_SELF_SHARE)
    return whole > 0 ? (double)self->row.self_ns / whole : 0;
  if (column == SAL_FUNCTION_COLUMN_TOTAL_SHARE)
    return whole > 0 ? (double)self->row.total_ns / whole : 0;
  return -1;
}

/* Every time of a column in one unit, which the whole decides: so they can be compared by eye. */
static char *
format_time (guint64 ns, guint64 whole_ns)
{
  double seconds = (double)ns / 1e9;

  if (whole_ns >= G_GUINT64_CONSTANT (1000000000))
    return g_strdup_printf (_ ("%.3f s"), seconds);
  if (whole_ns >= 1000000)
    return g_strdup_printf (_ ("%.3f ms"), seconds * 1e3);
  return g_strdup_printf (_ ("%.1f µs"), seconds * 1e6);
}

static char *
format_calls (const SalCallCosts *costs)
{
  if (costs->ncalls == costs->pcalls)
    return g_strdup_printf ("%" G_GINT64_FORMAT, costs->ncalls);
  return g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, costs->ncalls, costs->pcalls);
}

/* As pstats writes it; below 0: not told. */
static char *
format_seconds (double seconds)
{
  return seconds >= 0 ? g_strdup_printf ("%.6f", seconds) : g_strdup ("");
}

static char *
format_per_call (double seconds, gint64 calls)
{
  return calls > 0 ? format_seconds (seconds / (double)calls) : g_strdup ("");
}

/* As pstats writes it, kept in its own direction. */
static char *
format_location (const SalFunction *function)
{
  g_autofree char *text =
      sal_format_pstats_function (function->name, function->file, function->first_line);

  return g_strdup_printf ("\u2068%s\u2069", text);
}

static char *
format_file (const SalFunction *function)
{
  if (*function->file == '\0')
    return g_strdup ("");
  if (function->first_line == 0)
    return g_strdup_printf ("\u2068%s\u2069", function->file);
  return g_strdup_printf ("\u2068%s:%u\u2069", function->file, function->first_line);
}

static char *
format_library (const SalFunction *function)
{
  g_autofree char *library = sal_origin_dup_library (function);

  return g_strdup_printf ("\u2068%s\u2069", library);
}

char *
sal_function_item_dup_text (SalFunctionItem *self, SalFunctionColumn column)
{
  SalFunction function = _sal_function_item_get_what (self->table, self->row.function);
  const SalCallCosts *costs = &self->row.costs;
  guint64 whole = sal_function_table_get_total_ns (self->table);

  switch (column)
    {
    case SAL_FUNCTION_COLUMN_SELF:
      return format_time (self->row.self_ns, whole);
    case SAL_FUNCTION_COLUMN_TOTAL:
      return format_time (self->row.total_ns, whole);
    case SAL_FUNCTION_COLUMN_SELF_SHARE:
      return sal_format_percent ((double)self->row.self_ns, (double)whole);
    case SAL_FUNCTION_COLUMN_TOTAL_SHARE:
      return costs->cumtime >= 0 ? sal_format_percent ((double)self->row.total_ns, (double)whole)
                                 : g_strdup ("");
    case SAL_FUNCTION_COLUMN_SELF_SAMPLES:
      return sal_format_count (self->row.self_samples);
    case SAL_FUNCTION_COLUMN_TOTAL_SAMPLES:
      return sal_format_count (self->row.total_samples);
    case SAL_FUNCTION_COLUMN_NAME:
      return g_strdup_printf ("\u2068%s\u2069", function.name);
    case SAL_FUNCTION_COLUMN_FILE:
      return format_file (&function);
    case SAL_FUNCTION_COLUMN_LIBRARY:
      return format_library (&function);
    case SAL_FUNCTION_COLUMN_NCALLS:
      return format_calls (costs);
    case SAL_FUNCTION_COLUMN_TOTTIME:
      return format_seconds (costs->tottime);
    case SAL_FUNCTION_COLUMN_TOTTIME_PERCALL:
      return format_per_call (costs->tottime, costs->ncalls);
    case SAL_FUNCTION_COLUMN_CUMTIME:
      return format_seconds (costs->cumtime);
    case SAL_FUNCTION_COLUMN_CUMTIME_PERCALL:
      return format_per_call (costs->cumtime, costs->pcalls);
    case SAL_FUNCTION_COLUMN_LOCATION:
      return format_location (&function);
    case SAL_FUNCTION_N_COLUMNS:
    default:
      g_return_val_if_reached (NULL);
    }
}

const char *
sal_function_column_get_title (SalFunctionColumn column)
{
  static const char *const titles[SAL_FUNCTION_N_COLUMNS] = {
    [SAL_FUNCTION_COLUMN_SELF] = N_ ("Self"),
    [SAL_FUNCTION_COLUMN_SELF_SHARE] = N_ ("Self %"),
    [SAL_FUNCTION_COLUMN_TOTAL] = N_ ("Total"),
    [SAL_FUNCTION_COLUMN_TOTAL_SHARE] = N_ ("Total %"),
    [SAL_FUNCTION_COLUMN_SELF_SAMPLES] = N_ ("Samples (self)"),
    [SAL_FUNCTION_COLUMN_TOTAL_SAMPLES] = N_ ("Samples (total)"),
    [SAL_FUNCTION_COLUMN_NAME] = N_ ("Function"),
    [SAL_FUNCTION_COLUMN_FILE] = N_ ("File:line"),
    [SAL_FUNCTION_COLUMN_LIBRARY] = N_ ("Library"),
    [SAL_FUNCTION_COLUMN_NCALLS] = N_ ("ncalls"),
    [SAL_FUNCTION_COLUMN_TOTTIME] = N_ ("tottime"),
    [SAL_FUNCTION_COLUMN_TOTTIME_PERCALL] = N_ ("percall"),
    [SAL_FUNCTION_COLUMN_CUMTIME] = N_ ("cumtime"),
    [SAL_FUNCTION_COLUMN_CUMTIME_PERCALL] = N_ ("percall"),
    [SAL_FUNCTION_COLUMN_LOCATION] = N_ ("filename:lineno(function)"),
  };

  g_return_val_if_fail (column < SAL_FUNCTION_N_COLUMNS, NULL);
  return _ (titles[column]);
}

gboolean
sal_function_column_is_number (SalFunctionColumn column)
{
  return column != SAL_FUNCTION_COLUMN_NAME && column != SAL_FUNCTION_COLUMN_FILE &&
         column != SAL_FUNCTION_COLUMN_LIBRARY && column != SAL_FUNCTION_COLUMN_LOCATION;
}
