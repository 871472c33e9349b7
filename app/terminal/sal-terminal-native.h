/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say how much of native frames is shown. */
#pragma once

#include "sal-native-view.h"

G_BEGIN_DECLS

/* What was asked for; a zeroed one is the usual: native frames without the interpreter's own. */
typedef struct
{
  char *view; /* (nullable): "on", "off" or "leaf" */
  gboolean internals;
} SalTerminalNative;

/** sal_terminal_native_clear: frees what @native holds. */
void sal_terminal_native_clear (SalTerminalNative *native);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SalTerminalNative, sal_terminal_native_clear)

/* What the help says of the two options, and what it calls a view; to be translated. */
extern const char *const sal_terminal_native_texts[3];

/** SAL_TERMINAL_NATIVE_ENTRIES: the options, for an array of GOptionEntry. */
#define SAL_TERMINAL_NATIVE_ENTRIES(target)          \
  {                                                  \
    .long_name = "native",                           \
    .arg = G_OPTION_ARG_STRING,                      \
    .arg_data = &(target)->view,                     \
    .description = sal_terminal_native_texts[0],     \
    .arg_description = sal_terminal_native_texts[1], \
  },                                                 \
  {                                                  \
    .long_name = "internals",                        \
    .arg = G_OPTION_ARG_NONE,                        \
    .arg_data = &(target)->internals,                \
    .description = sal_terminal_native_texts[2],     \
  }

/** sal_terminal_native_is_right: FALSE after having said that the view asked for is none. */
gboolean sal_terminal_native_is_right (const SalTerminalNative *native);

/** sal_terminal_native_apply: (transfer full): @profile, which is taken over, as was asked for. */
SalProfile *sal_terminal_native_apply (const SalTerminalNative *native,
                                       SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
