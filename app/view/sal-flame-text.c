/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the flame graph says about a block: to the pointer, to a screen reader, and when it is
 * empty. */
#include "sal-flame-view.h"

#include <glib/gi18n.h>

#include "sal-flame-view-private.h"
#include "sal-format.h"
#include "sal-origin.h"

char *
_sal_flame_text_get_function (SalFlameView *self, guint32 function)
{
  SalProfile *profile = _sal_flame_view_get_profile (self);
  SalFunction description;

  if (profile == NULL || function >= sal_profile_get_n_functions (profile))
    return g_strdup ("");
  description = sal_profile_get_function (profile, function);
  return sal_format_function (description.name, description.file, description.first_line);
}

static double
get_whole_ns (SalFlameView *self)
{
  const SalFlameSource source = _sal_flame_view_get_source (self);
  SalFlameBlock whole;

  sal_flame_find (&source, NULL, 0, &whole);
  return whole.total_ns;
}

static void
append_place (GString *text, const SalFunction *function)
{
  g_autofree char *place = sal_format_place (function);
  g_autofree char *escaped = g_markup_escape_text (place, -1);

  if (*place != '\0')
    g_string_append_printf (text, "\n\u2068%s\u2069", escaped);
}

/* Whose function it is: "Native libraries · libz.so.1". */
static void
append_origin (GString *text, const SalFunction *function)
{
  const char *title = sal_origin_get_title (sal_origin_find (function));
  g_autofree char *library = sal_origin_dup_library (function);
  g_autofree char *escaped = g_markup_escape_text (library, -1);

  g_string_append_printf (text, "\n%s", title);
  if (*library != '\0' && !g_str_equal (library, title))
    g_string_append_printf (text, " · \u2068%s\u2069", escaped);
  if (function->is_inlined)
    /* Translators: a function that the compiler has put into its caller */
    g_string_append_printf (text, " · %s", _ ("inlined"));
}

/* "Total 1.20 s · 34 % of all · 60 % of the view" */
static void
append_share (SalFlameView *self, GString *text, const char *title, double ns)
{
  double whole = get_whole_ns (self);
  double view = whole * (self->target_x1 - self->target_x0);
  g_autofree char *time = sal_format_duration_ns ((gint64)ns);
  g_autofree char *of_all = sal_format_percent (ns, whole);
  g_autofree char *line = NULL;
  g_autofree char *escaped = NULL;

  if (self->target_x1 - self->target_x0 >= 1)
    /* Translators: title of a time, the time, its share: "Self 1.20 s · 34 % of all". */
    line = g_strdup_printf (_ ("%s %s · %s of all"), title, time, of_all);
  else
    {
      g_autofree char *of_view = sal_format_percent (MIN (ns, view), view);

      line = g_strdup_printf (_ ("%s %s · %s of all · %s of the view"), title, time, of_all,
                              of_view);
    }
  /* A share may be "<0.01 %". */
  escaped = g_markup_escape_text (line, -1);
  g_string_append_printf (text, "\n%s", escaped);
}

static void
append_counts (SalFlameView *self, GString *text, const SalFlameBlock *block)
{
  if (self->tree != NULL)
    {
      g_autofree char *total = sal_format_count (block->total_samples);
      g_autofree char *own = sal_format_count (block->self_samples);

      g_string_append_c (text, '\n');
      g_string_append_printf (text,
                              ngettext ("%s sample, %s of them self",
                                        "%s samples, %s of them self",
                                        (gulong)MIN (block->total_samples, G_MAXUINT32)),
                              total, own);
    }
  else
    {
      SalCallCosts costs = sal_profile_get_costs (_sal_flame_view_get_profile (self),
                                                  block->function);
      g_autofree char *calls = sal_format_count ((guint64)MAX (0, costs.ncalls));

      g_string_append_c (text, '\n');
      g_string_append_printf (text,
                              ngettext ("%s call by all callers",
                                        "%s calls by all callers",
                                        (gulong)CLAMP (costs.ncalls, 0, G_MAXUINT32)),
                              calls);
    }
}

static char *
get_dust_tooltip (SalFlameView *self, const SalFlameBlock *block)
{
  g_autofree char *count = sal_format_count (block->count);
  g_autofree char *name = _sal_flame_text_get_function (self, block->function);
  g_autofree char *escaped = g_markup_escape_text (name, -1);
  GString *text = g_string_new ("<b>");

  g_string_append_printf (text,
                          ngettext ("%s function too narrow to draw",
                                    "%s functions too narrow to draw", block->count),
                          count);
  g_string_append (text, "</b>\n");
  g_string_append_printf (text, _ ("the heaviest: %s"), escaped);
  append_share (self, text, _ ("Together"), block->total_ns);
  return g_string_free (text, FALSE);
}

char *
_sal_flame_text_get_tooltip (SalFlameView *self, const SalFlameBlock *block)
{
  SalProfile *profile = _sal_flame_view_get_profile (self);
  SalFunction function;
  g_autofree char *name = NULL;
  GString *text;

  if (profile == NULL || block->function >= sal_profile_get_n_functions (profile))
    return g_strdup ("");
  if (block->flags & SAL_FLAME_DUST)
    return get_dust_tooltip (self, block);
  function = sal_profile_get_function (profile, block->function);
  name = g_markup_escape_text (function.name, -1);
  text = g_string_new (NULL);
  g_string_append_printf (text, "<b>\u2068%s\u2069</b>", name);
  append_place (text, &function);
  append_origin (text, &function);
  append_share (self, text, _ ("Total"), block->total_ns);
  append_share (self, text, _ ("Self"), block->self_ns);
  append_counts (self, text, block);
  if (block->flags & SAL_FLAME_RECURSIVE)
    g_string_append_printf (text, "\n%s", _ ("Recursive: it stands further up too"));
  if (block->flags & SAL_FLAME_ESTIMATED)
    g_string_append_printf (text, "\n<i>%s</i>",
                            _ ("Estimated: the file tells callers apart one step only, so time of\n"
                               "functions with several callers is divided in proportion"));
  return g_string_free (text, FALSE);
}

char *
_sal_flame_text_get_label (SalFlameView *self, const SalFlameBlock *block, guint level)
{
  g_autofree char *name = _sal_flame_text_get_function (self, block->function);
  g_autofree char *percent = sal_format_percent (block->total_ns, get_whole_ns (self));
  g_autofree char *time = sal_format_duration_ns ((gint64)block->total_ns);

  if (block->flags & SAL_FLAME_ESTIMATED)
    /* Translators: read aloud: function, share, time, depth in the flame graph. */
    return g_strdup_printf (_ ("%s, about %s, %s, level %u"), name, percent, time, level);
  return g_strdup_printf (_ ("%s, %s, %s, level %u"), name, percent, time, level);
}

static gboolean
is_any_thread_shown (SalViewState *state, SalProfile *profile)
{
  guint32 n_threads = sal_profile_get_n_threads (profile);

  for (guint32 i = 0; i < n_threads; i++)
    if (sal_view_state_get_thread_shown (state, i))
      return TRUE;
  return n_threads == 0;
}

char *
_sal_flame_text_get_empty (SalFlameView *self)
{
  SalProfile *profile = sal_view_state_get_profile (self->state);
  const SalFilter *filter = sal_view_state_get_filter (self->state);
  const SalFlameSource source = _sal_flame_view_get_source (self);
  gboolean is_live, is_busy;

  g_object_get (self->state, "live", &is_live, "busy", &is_busy, NULL);
  if ((source.tree != NULL || source.graph != NULL) && get_whole_ns (self) > 0)
    return self->tree != NULL && sal_call_tree_get_n_nodes (self->tree) < 2
               ? g_strdup (_ ("No Python function was running"))
               : NULL;
  if (profile == NULL)
    return g_strdup ("");
  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    return g_strdup (is_busy ? "" : _ ("No function took any time"));
  if (sal_profile_get_n_samples (profile) == 0)
    return g_strdup (is_live ? _ ("No samples yet") : _ ("This recording has no samples"));
  if (!is_any_thread_shown (self->state, profile))
    return g_strdup (_ ("Every thread is switched off"));
  if (is_busy)
    return g_strdup ("");
  if (filter->gil_only)
    return g_strdup (_ ("No sample held the global interpreter lock"));
  if (filter->on_cpu_only)
    return g_strdup (_ ("No sample was on a processor"));
  return g_strdup (_ ("No samples"));
}
