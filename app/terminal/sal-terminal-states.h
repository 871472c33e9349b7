/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints where the time of threads went by state. */
#pragma once

#include <json-glib/json-glib.h>

#include "sal-state-totals.h"

G_BEGIN_DECLS

/** sal_terminal_states_append: a table of @rows (of SalStateRow) with seconds and percent. */
void sal_terminal_states_append (GString *out, GArray *rows);

/** sal_terminal_states_add: a member "states" of the object that @builder is in, an array. */
void sal_terminal_states_add (JsonBuilder *builder, GArray *rows);

G_END_DECLS
