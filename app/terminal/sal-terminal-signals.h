/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals that end a recording, as events of the main loop. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @number: SIGINT, SIGTERM or SIGHUP. @from_terminal: Ctrl+C: the recorded program got it too. */
typedef void (*SalTerminalSignalFunc) (int number, gboolean from_terminal, gpointer user_data);

/** sal_terminal_signals_watch: calls @func in the main loop for each such signal from now on, but
 * not for those that we were started to ignore, as by nohup. Once a process; thread: main. */
void sal_terminal_signals_watch (SalTerminalSignalFunc func, gpointer user_data);

G_END_DECLS
