/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles made from a few words, for tests of what shows them. */
#pragma once

#include "sal-profile.h"

/* A recording that can grow. */
typedef struct _SampleRecording SampleRecording;

SampleRecording *sample_recording_new (void);
void sample_recording_free (SampleRecording *recording);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SampleRecording, sample_recording_free)

/** sample_recording_add: @n samples of 1 ms of @thread (0, 1, …: made when first named) with the
 * stack "main;parse;read", in functions of "app.py"; "crc@libz.so" is native. @state: bits of a
 * capture's sample. */
void sample_recording_add (
    SampleRecording *recording, guint32 thread, const char *stack, guint n, guint32 state);

/** sample_recording_take: the profile of everything so far (transfer full). */
SalProfile *sample_recording_take (SampleRecording *recording);

/** sample_profile_new_recording: main → parse → read (500 ms), main → parse (200), main → write
 * (200) and in a second thread idle → wait (100), which is not on a processor (transfer full). */
SalProfile *sample_profile_new_recording (void);

/** sample_profile_new_native: main → the interpreter (400 ms) → parse → deflate (100) → crc (200),
 * the latter two of zlib (transfer full). */
SalProfile *sample_profile_new_native (void);

/** sample_profile_new_calls: main (10 s) calls parse (6 s) and write (3 s); both call read (4 s and
 * 1 s), whose own child decode (2 s) is estimated below them; recurse (1 s) calls itself (transfer
 * full). */
SalProfile *sample_profile_new_calls (void);

/** sample_profile_new_many: a call profile of @n functions, each called by main (transfer full). */
SalProfile *sample_profile_new_many (guint n);

/** sample_profile_find: the id of the function called @name. */
guint32 sample_profile_find (SalProfile *profile, const char *name);
