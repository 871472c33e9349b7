/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say which frames are shown. */
#pragma once

#include "sal-frame-view.h"

G_BEGIN_DECLS

/* What was asked for; a zeroed one is the usual: see SalFrameView. */
typedef struct
{
  char *native; /* (nullable): "on", "off" or "leaf" */
  gboolean internals;
  gboolean no_library;
  gboolean tasks;
} SalTerminalView;

/** sal_terminal_view_clear: frees what @view holds. */
void sal_terminal_view_clear (SalTerminalView *view);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SalTerminalView, sal_terminal_view_clear)

/* What the help says of the options, and what it calls a view; to be translated. */
extern const char *const sal_terminal_view_texts[5];

/** SAL_TERMINAL_VIEW_ENTRIES: the options, for an array of GOptionEntry. */
#define SAL_TERMINAL_VIEW_ENTRIES(target)          \
  {                                                \
    .long_name = "native",                         \
    .arg = G_OPTION_ARG_STRING,                    \
    .arg_data = &(target)->native,                 \
    .description = sal_terminal_view_texts[0],     \
    .arg_description = sal_terminal_view_texts[1], \
  },                                               \
      {                                            \
        .long_name = "internals",                  \
        .arg = G_OPTION_ARG_NONE,                  \
        .arg_data = &(target)->internals,          \
        .description = sal_terminal_view_texts[2], \
      },                                           \
      {                                            \
        .long_name = "no-library-code",            \
        .arg = G_OPTION_ARG_NONE,                  \
        .arg_data = &(target)->no_library,         \
        .description = sal_terminal_view_texts[3], \
      },                                           \
  {                                                \
    .long_name = "tasks",                          \
    .arg = G_OPTION_ARG_NONE,                      \
    .arg_data = &(target)->tasks,                  \
    .description = sal_terminal_view_texts[4],     \
  }

/** sal_terminal_view_is_right: FALSE after having said that the view asked for is none. */
gboolean sal_terminal_view_is_right (const SalTerminalView *view);

/** sal_terminal_view_apply: (transfer full): @profile, which is taken over, as was asked for. NULL
 * after having said that such a profile cannot be shown so. */
SalProfile *sal_terminal_view_apply (const SalTerminalView *view,
                                     SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
