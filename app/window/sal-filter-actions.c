/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page leaves out and how it groups, as actions of its menu. */
#include "sal-filter-actions.h"

#include "sal-frame-view.h"

/* Properties of the state; NULL: of use for every profile. */
static const struct
{
  const char *name;
  gboolean (*has_use) (SalProfile *profile);
} filters[] = {
  { "inverted", NULL },
  { "on-cpu-only", NULL },
  { "gil-only", NULL },
  { "library-code", NULL },
  { "by-library", NULL },
  { "native-frames", sal_frame_view_has_native },
  { "internals", sal_frame_view_has_native },
  { "by-task", sal_frame_view_has_tasks },
};

/* An item of a menu whose action is not there is greyed. */
static void
profile_cb (SalViewState *state, GParamSpec *property, gpointer data)
{
  GActionMap *map = G_ACTION_MAP (data);
  SalProfile *profile = sal_view_state_get_profile (state);

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      const char *name = filters[i].name;
      gboolean is_there = g_action_map_lookup_action (map, name) != NULL;
      gboolean is_wanted = !filters[i].has_use || (profile && filters[i].has_use (profile));

      if (is_wanted && !is_there)
        {
          g_autoptr (GPropertyAction) action = g_property_action_new (name, state, name);

          g_action_map_add_action (map, G_ACTION (action));
        }
      else if (!is_wanted && is_there)
        g_action_map_remove_action (map, name);
    }
}

void
sal_filter_actions_add (GActionMap *map, SalViewState *state)
{
  g_signal_connect_object (state, "notify::profile", G_CALLBACK (profile_cb), map, 0);
  profile_cb (state, NULL, map);
}
