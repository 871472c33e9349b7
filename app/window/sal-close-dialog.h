/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions before a window closes: stop recording? save? */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  SAL_CLOSE_CANCEL,
  SAL_CLOSE_STOP, /* stop recording, the program runs on */
  SAL_CLOSE_KILL, /* stop recording and end the program */
  SAL_CLOSE_SAVE,
  SAL_CLOSE_DISCARD,
} SalCloseAnswer;

/* Called once with the answer; not called when @object is gone. */
typedef void (*SalCloseAnswered) (SalCloseAnswer answer, gpointer object);

/** sal_close_dialog_ask_stop: asks about a recording in progress: CANCEL, STOP, or KILL if the
 * program was started here (@is_ours). @object: a GObject, handed to @answered and watched. */
void sal_close_dialog_ask_stop (GtkWindow *parent,
                                gboolean is_ours,
                                SalCloseAnswered answered,
                                gpointer object);

/** sal_close_dialog_ask_save: asks about a recording that is not saved: CANCEL, SAVE or DISCARD. */
void sal_close_dialog_ask_save (GtkWindow *parent, SalCloseAnswered answered, gpointer object);

G_END_DECLS
