/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread is called. */
#pragma once

#include <stdint.h>

#include "sal-sampler-intern.h"
#include "sal-sampler-process.h"
#include "sal-sampler-threads.h"

/**
 * sal_sampler_name_find: the id of the name that @thread has now: Python's, or else the kernel's.
 *
 * Where it has ended meanwhile another may have its ident, and the name is its own only if the
 * kernel's id is. Python forgets the names before it ends: then the thread keeps the one that it
 * had. SAL_CAPTURE_NO_ID: nothing is known. Thread: the sampling thread.
 */
uint32_t sal_sampler_name_find (SalSamplerIntern *intern,
                                const SalSamplerProcess *process,
                                SalSamplerThread *thread);
