/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/* Makes profiles. For a recording: feed the bytes of a capture as they come and take a profile
 * whenever one is wanted; each shares the columns of the one before and costs only what is new.
 * For a call profile: add functions, costs and edges, then take the profile.
 * Thread: one at a time; the profiles taken may be read on any thread meanwhile.
 */
typedef struct _SalProfileBuilder SalProfileBuilder;

/** sal_profile_builder_new: with nothing in it yet; nothing is held by the profiles taken later. */
SalProfileBuilder *sal_profile_builder_new (SalProfileKind kind) G_GNUC_WARN_UNUSED_RESULT;
/** sal_profile_builder_free: frees @builder, not the profiles taken; NULL is fine. */
void sal_profile_builder_free (SalProfileBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalProfileBuilder, sal_profile_builder_free)

/**
 * sal_profile_builder_feed: the next bytes of a capture.
 *
 * Errors: CORRUPT, VERSION, UNKNOWN_FORMAT, LIMIT of SAL_PROFILE_ERROR. What came before stays: a
 * profile can still be taken, and is what opening a damaged file shows, with a warning.
 */
gboolean sal_profile_builder_feed (SalProfileBuilder *builder,
                                   const void *bytes,
                                   gsize length,
                                   GError **error);

/** sal_profile_builder_add_warning: a translated sentence that the profile shall carry. */
void sal_profile_builder_add_warning (SalProfileBuilder *builder, const char *sentence);
/** sal_profile_builder_set_meta: what sal_profile_get_meta() shall answer. Copied. */
void sal_profile_builder_set_meta (SalProfileBuilder *builder, const char *key, const char *value);

/** sal_profile_builder_add_function: (call profiles) a function; the same (name, file, line) gives
 * the same id again. @name and @file are copied; @file may be NULL. Invalid UTF-8 must have been
 * escaped. SAL_NO_ID when there is no memory for more. */
guint32 sal_profile_builder_add_function (SalProfileBuilder *builder,
                                          const char *name,
                                          const char *file,
                                          guint32 first_line,
                                          SalFunctionKind kind);

/** sal_profile_builder_intern_text: @length bytes of UTF-8 as the builder keeps them: the same
 * pointer for the same bytes, valid as long as the builder. NULL without memory. */
const char *sal_profile_builder_intern_text (SalProfileBuilder *builder,
                                             const char *bytes,
                                             gsize length);

/** sal_profile_builder_intern_function: as add_function(), for a name and file that are interned
 * already (intern_text()): quicker, where the same texts come again and again. */
guint32 sal_profile_builder_intern_function (SalProfileBuilder *builder,
                                             const SalFunction *function);

/** sal_profile_builder_add_costs: (call profiles) adds @costs to the function's. */
void sal_profile_builder_add_costs (SalProfileBuilder *builder,
                                    guint32 function,
                                    const SalCallCosts *costs);
/** sal_profile_builder_add_edge: (call profiles) adds an edge; equal edges are summed. */
void sal_profile_builder_add_edge (SalProfileBuilder *builder, const SalCallEdge *edge);

/** sal_profile_builder_take: the profile of everything so far (transfer full). */
SalProfile *sal_profile_builder_take (SalProfileBuilder *builder) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
