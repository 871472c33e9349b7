/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unwind tables that are there for debuggers only, made into those that every program has. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sal-native-table.h"

/**
 * sal_native_debug_frame_convert: makes .eh_frame, at linked @address, of .debug_frame.
 *
 * libunwind reads .debug_frame in its own process only. Records that make no sense, or are those of
 * 32-bit or segmented programs, are left out; a length that makes none ends it. False when nothing
 * is left, or without memory; *@to is as it was then. Ownership: the bytes of *@to, by free(3).
 * Source: DWARF 5, 6.4.1; Linux Standard Base 5.0 Core, 10.6.1.
 */
bool sal_native_debug_frame_convert (const SalNativeSection *from,
                                     uint64_t address,
                                     SalNativeSection *to);
