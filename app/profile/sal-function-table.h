/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-filter.h"
#include "sal-profile.h"

G_BEGIN_DECLS

/* The flat profile: what each function cost. Recursion counts once in totals. */
typedef struct _SalFunctionTable SalFunctionTable;

/* Recordings fill the first four, call profiles @costs. */
typedef struct
{
  guint32 function;
  guint64 self_ns;
  guint64 total_ns;
  guint64 self_samples;
  guint64 total_samples;
  SalCallCosts costs;
} SalFunctionRow;

GType sal_function_table_get_type (void);

/** sal_function_table_new: a row for each function that appears in the samples that @filter
 * (nullable) keeps (all functions of a call profile; @filter is ignored), in id order. NULL when
 * cancelled. Thread: any. */
SalFunctionTable *
sal_function_table_new (SalProfile *profile,
                        const SalFilter *filter,
                        GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;
/** sal_function_table_ref: one more user. Thread: any; likewise unref. */
SalFunctionTable *sal_function_table_ref (SalFunctionTable *table);
void sal_function_table_unref (SalFunctionTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalFunctionTable, sal_function_table_unref)

/** sal_function_table_get_profile: (transfer none): whose functions these are. */
SalProfile *sal_function_table_get_profile (SalFunctionTable *table);
/** sal_function_table_get_n_rows: how many rows sal_function_table_get_rows() has: borrowed, by
 * rising function id, SAL_NO_ID last. */
guint32 sal_function_table_get_n_rows (SalFunctionTable *table);
const SalFunctionRow *sal_function_table_get_rows (SalFunctionTable *table);
/** sal_function_table_find: the row of @function, or NULL. */
const SalFunctionRow *sal_function_table_find (SalFunctionTable *table, guint32 function);
/** sal_function_table_get_total_ns: sum of the weights and number of all samples that count, the
 * 100 %: those without a Python frame do not, as in the call tree. For call profiles total tottime
 * in ns, and 0. */
guint64 sal_function_table_get_total_ns (SalFunctionTable *table);
guint64 sal_function_table_get_total_samples (SalFunctionTable *table);

/**
 * sal_function_table_find_related: who called @function and whom it called, and what it cost when
 * they did; the totals of both tables are those of @function. FALSE, and both NULL, when cancelled.
 * @filter: (nullable). @callers, @callees: (out) (transfer full).
 *
 * In recordings a sample counts once in total for each distinct (caller, callee) pair on its
 * stack, and in self when the pair is at its inner end; a row of SAL_NO_ID, the last, is "nobody:
 * the outermost frame". In call profiles rows have costs, just as the file tells them, with −1
 * for times that it does not tell, and cumtime in total_ns, too. Callers of a recursive function
 * may add up to more than its total.
 * Thread: any; takes a pass over the samples.
 */
gboolean sal_function_table_find_related (SalProfile *profile,
                                          const SalFilter *filter,
                                          guint32 function,
                                          GCancellable *cancellable,
                                          SalFunctionTable **callers,
                                          SalFunctionTable **callees) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
