/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strip with sentences about what is wrong, that can be closed. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  SAL_MESSAGE_INFO,
  SAL_MESSAGE_WARNING,
  SAL_MESSAGE_ERROR,
} SalMessageKind;

#define SAL_TYPE_MESSAGE_BAR (sal_message_bar_get_type ())
G_DECLARE_FINAL_TYPE (SalMessageBar, sal_message_bar, SAL, MESSAGE_BAR, GtkWidget)

/** sal_message_bar_show: replaces what is shown by @sentence. */
void sal_message_bar_show (SalMessageBar *self, SalMessageKind kind, const char *sentence);
/** sal_message_bar_clear: folds the bar away. */
void sal_message_bar_clear (SalMessageBar *self);

G_END_DECLS
