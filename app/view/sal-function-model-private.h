/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the model and its rows share. */
#pragma once

#include "sal-function-model.h"

G_BEGIN_DECLS

struct _SalFunctionItem
{
  GObject parent_instance;

  SalFunctionTable *table; /* owned */
  SalFunctionRow row;
  guint position; /* in the model */
};

/** _sal_function_item_get_what: what @function of @table is, or what to say where nobody called. */
SalFunction _sal_function_item_get_what (SalFunctionTable *table, guint32 function);
/** _sal_function_item_set: @self shows the row @row of @table from now on. */
void _sal_function_item_set (SalFunctionItem *self, SalFunctionTable *table, guint32 row);

G_END_DECLS
