/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page leaves out and how it groups, as actions of its menu. */
#pragma once

#include <gio/gio.h>

#include "sal-view-state.h"

G_BEGIN_DECLS

/** sal_filter_actions_add: adds an action to @map for each filter of @state that its profile has a
 * use for, and keeps to that as the profile changes. Thread: main. */
void sal_filter_actions_add (GActionMap *map, SalViewState *state);

G_END_DECLS
