/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What a fuzz target is, for libFuzzer and for fuzz-driver.c alike.
 *
 * A target feeds @data, whatever it is, to one decoder and returns 0. It crashes, leaks or
 * allocates hugely only when the decoder is wrong.
 * To add one: a file fuzz-NAME.c with this function, a folder NAME with a few small good inputs, a
 * line in meson.build.
 */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
