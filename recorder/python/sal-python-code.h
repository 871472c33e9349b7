/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The code objects ever seen in a target, by address and by what is in them. */

#include <stdbool.h>
#include <stdint.h>

#include "sal-python-copies.h"
#include "sal-python-layout.h"
#include "sal-python-types.h"
#include "sal-target.h"

#define SAL_PYTHON_NO_CODE UINT32_MAX

/* What tells a code object from a later one at the same address. */
typedef struct
{
  uint64_t file;
  uint64_t name;
  uint64_t qualified_name; /* up to 3.10: the instructions */
  uint64_t line_table;
  uint32_t first_line;
} SalPythonFingerprint;

typedef struct
{
  uint64_t address;
  SalPythonFingerprint fingerprint;
  uint64_t instructions;  /* address of the first; up to 3.10: 0, since frames count from there */
  SalPythonCopies copies; /* of them; those numbered 0 are the object's own */
  uint32_t size;          /* of the instructions, in bytes */
  uint32_t frame_size;    /* of its frames, in bytes; 0 = not seen yet */
  uint32_t n_tests;       /* how often its fingerprint was asked for */
  uint64_t stamp;         /* of the last time */
  uint32_t previous;      /* what was at the address before, or SAL_PYTHON_NO_CODE */
  uint64_t hint_frame;    /* up to 3.10: a frame that has run it */
  uint64_t hint_local;    /* the first variable of that */
  bool is_shim;           /* the interpreter's own, without a name: not to be shown */
} SalPythonCodeEntry;

typedef struct _SalPythonCodes SalPythonCodes;

/** sal_python_codes_new: an empty set. Borrows @target and @layout. NULL: out of memory. */
SalPythonCodes *sal_python_codes_new (SalTarget *target, const SalPythonLayout *layout);

/** sal_python_codes_lookup: index of the newest code object known at @address, or
 * SAL_PYTHON_NO_CODE. Does not read the target, allocate or block. */
uint32_t sal_python_codes_lookup (const SalPythonCodes *codes, uint64_t address);

/** sal_python_codes_get_n_lessons: counts whenever what sal_python_codes_lookup() or
 * sal_python_codes_get_start() answers may have changed. */
uint64_t sal_python_codes_get_n_lessons (const SalPythonCodes *codes);

/** sal_python_codes_get: the entry of an index below sal_python_codes_get_n(). Valid until the next
 * sal_python_codes_learn(). */
const SalPythonCodeEntry *sal_python_codes_get (const SalPythonCodes *codes, uint32_t index);

/**
 * sal_python_codes_get_start: address of the first instruction of copy @copy; copy 0 is the
 * object's own.
 *
 * Returns 0 where it is not known, as in versions that have none. *@is_new tells whether the target
 * was read for it, and then adds to *@n_calls how often.
 */
uint64_t sal_python_codes_get_start (SalPythonCodes *codes,
                                     uint32_t index,
                                     uint32_t copy,
                                     bool *is_new,
                                     uint32_t *n_calls);

/** sal_python_codes_set_frame_size: how far above its frames the next one begins. */
void sal_python_codes_set_frame_size (SalPythonCodes *codes, uint32_t index, uint32_t size);

/** sal_python_codes_get_shim: address of the code object that is_shim; 0 = none was seen yet. */
uint64_t sal_python_codes_get_shim (const SalPythonCodes *codes);

/** sal_python_codes_set_hint: where to look for the class of a function; frame and its first
 * variable are addresses. */
void sal_python_codes_set_hint (SalPythonCodes *codes,
                                uint32_t index,
                                uint64_t frame,
                                uint64_t first_local);

/** sal_python_codes_get_n: how many are known. */
uint32_t sal_python_codes_get_n (const SalPythonCodes *codes);

/**
 * sal_python_codes_learn: reads the object at @address and enters it, or finds it entered. Where
 * copies of its instructions are is forgotten.
 *
 * Returns SAL_PYTHON_NO_CODE when it is no code object (by its type), cannot be read, or 1 million
 * are known already. Adds to *@n_calls the times that it read the target.
 */
uint32_t sal_python_codes_learn (SalPythonCodes *codes, uint64_t address, uint32_t *n_calls);

/**
 * sal_python_codes_add_task: enters what stands for a task that runs the coroutine with the code
 * @coroutine, or SAL_PYTHON_NO_CODE; it is told by @label, which is copied.
 *
 * Returns SAL_PYTHON_NO_CODE when memory is out or 1 million are known already.
 */
uint32_t
sal_python_codes_add_task (SalPythonCodes *codes, const char *label, uint32_t coroutine);

/** sal_python_codes_get_n_asyncio: code objects of asyncio among those explained so far. */
uint32_t sal_python_codes_get_n_asyncio (const SalPythonCodes *codes);

/** sal_python_codes_get_fingerprint_range: the part of a code object that has its fingerprint:
 * bytes from its address, and how many. */
void sal_python_codes_get_fingerprint_range (const SalPythonLayout *layout,
                                             uint32_t *start,
                                             uint32_t *length);

/** sal_python_codes_matches: whether @bytes, read from that range, are still those of @index. */
bool sal_python_codes_matches (const SalPythonCodes *codes, uint32_t index, const uint8_t *bytes);

/**
 * sal_python_codes_stamp: counts that an object is put to the test, once for each @stamp.
 *
 * Returns false when it was already, for the same stamp.
 */
bool sal_python_codes_stamp (SalPythonCodes *codes, uint32_t index, uint64_t stamp);

/** sal_python_codes_is_trusted: whether an object has been put to the test 64 times. */
bool sal_python_codes_is_trusted (const SalPythonCodes *codes, uint32_t index);

/** sal_python_codes_explain: names and first line, read from the target the first time. Never NULL;
 * owned by @codes for its life. */
const SalPythonCode *sal_python_codes_explain (SalPythonCodes *codes, uint32_t index);

/** sal_python_codes_get_position: as sal_python_get_position(). */
SalPythonPosition
sal_python_codes_get_position (SalPythonCodes *codes, uint32_t index, int32_t offset);

/** sal_python_codes_free: NULL is fine. */
void sal_python_codes_free (SalPythonCodes *codes);
