/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How time goes from sample to sample, by which the next one's is predicted. */
#pragma once

#include <stdint.h>

typedef struct
{
  int64_t time_ns; /* the last sample's, of whatever thread */
  int64_t step_ns; /* how far time has lately gone from one tick to the next */
} SalCapturePace;

/** sal_capture_pace_go: takes in the time of a sample. Source: FORMAT.md, Samples. */
void sal_capture_pace_go (SalCapturePace *pace, int64_t time_ns);

/**
 * sal_capture_pace_round: the latest time up to @time_ns that takes little room as the next
 * sample's.
 *
 * By at most a 256th of a step earlier, and later than the last sample; @time_ns itself where there
 * is none. What a time of full precision takes most room for is chance.
 */
int64_t sal_capture_pace_round (const SalCapturePace *pace, int64_t time_ns);
