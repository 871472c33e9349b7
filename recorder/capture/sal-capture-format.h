/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The numbers of the capture format: magics, sizes and limits.
 *
 * Source: FORMAT.md in this folder.
 */

/* The first bytes of every capture; the line ends in it show a transfer that changed line ends. */
#define SAL_CAPTURE_MAGIC "\x89SAL\r\n\x1a\n"
#define SAL_CAPTURE_MAGIC_LENGTH 8
#define SAL_CAPTURE_FORMAT_VERSION 1

#define SAL_CAPTURE_BLOCK_MAGIC 0x4b4c4253u /* "SBLK" */

/* Bytes. */
#define SAL_CAPTURE_FILE_HEADER_SIZE 16
#define SAL_CAPTURE_BLOCK_HEADER_SIZE 20
#define SAL_CAPTURE_MAX_RAW (256 * 1024)           /* records of one block */
#define SAL_CAPTURE_MAX_STORED (256 * 1024 + 1024) /* the same compressed: zstd's worst case */
#define SAL_CAPTURE_MAX_TEXT (64 * 1024)           /* each text of a STRING or META record */

/* Counts. */
#define SAL_CAPTURE_MAX_THREADS (1u << 20)
#define SAL_CAPTURE_MAX_IDS (1u << 26) /* strings, processes, functions, frames, stacks: each */

#define SAL_CAPTURE_MAX_WAITS 65535u /* so that an id fits in 16 bits; 0 is none */

/* Times, weights and processor times lie between -this and this, nanoseconds: 36 years. */
#define SAL_CAPTURE_MAX_TIME (1ll << 60)
