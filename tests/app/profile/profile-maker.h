/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-profile-builder.h"

/* Profiles made by hand, through a capture as the recorder would write it. */
typedef struct _ProfileMaker ProfileMaker;

/** profile_maker_new: one process, @n_threads threads, no samples yet. */
ProfileMaker *profile_maker_new (guint n_threads);

/** profile_maker_free: and what was made stays. */
void profile_maker_free (ProfileMaker *maker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProfileMaker, profile_maker_free)

/** profile_maker_add: a sample in the stack "outer;inner" or "outer:12;inner:3", with lines; "" is
 * no Python frame; "memcpy@libc.so.6" is native, of that library, "my.so+0x10@my.so" at that
 * address, "f@my.so>g>h" has g inlined in it and h in g, "loads%/a/json.py" is of that file,
 * "<mark>" a mark, "#Task (f)" a task. */
void profile_maker_add (ProfileMaker *maker,
                        guint thread,
                        gint64 time_ns,
                        guint state,
                        guint64 weight_ns,
                        const char *stack);

/** profile_maker_add_asleep: likewise a sample that used no processor and waited; of @wait the
 * kinds and the disk count, and @name (nullable) is the file. */
void profile_maker_add_asleep (ProfileMaker *maker,
                               guint thread,
                               guint64 weight_ns,
                               const char *stack,
                               SalWait wait,
                               const char *name);

/** profile_maker_take: (transfer full): the profile of all samples so far. */
SalProfile *profile_maker_take (ProfileMaker *maker);

/** profile_maker_take_bytes: (transfer full): the capture of all samples so far. */
GByteArray *profile_maker_take_bytes (ProfileMaker *maker);

/** profile_maker_get_builder: the builder that profile_maker_take() feeds. */
SalProfileBuilder *profile_maker_get_builder (ProfileMaker *maker);

/** profile_maker_find: the function called @name. */
guint32 profile_maker_find (SalProfile *profile, const char *name);

/** profile_maker_random: (transfer full): @n_samples samples of three threads in random stacks of
 * few functions, so that they recur; reproducible by @seed. */
SalProfile *profile_maker_random (guint32 seed, guint n_samples);

/** profile_maker_list_functions: (transfer full) (element-type guint32): the functions of @stack,
 * outermost first. */
GArray *profile_maker_list_functions (SalProfile *profile, guint32 stack);
