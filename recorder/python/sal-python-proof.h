/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Remembers which stretches of stack are known to exist, so that one copy of a stack can be
 * believed. */

#include <stdbool.h>
#include <stddef.h>

#include "sal-python-types.h"

typedef struct _SalPythonProof SalPythonProof;

/** sal_python_proof_new: knows nothing. NULL: out of memory. Takes 1 MiB, and never more. */
SalPythonProof *sal_python_proof_new (void);

/**
 * sal_python_proof_knows: whether every stretch of the stack was proved before.
 *
 * A stretch is a frame with up to seven that called it, each with the instruction that called; or
 * the innermost frame, wherever it is, with those. The outer end of the stack counts as a frame.
 * Shape: innermost first. Does not allocate or block.
 */
bool
sal_python_proof_knows (const SalPythonProof *proof, const SalPythonFrame *frames, size_t n_frames);

/** sal_python_proof_learn: takes every stretch of the stack for proved. */
void sal_python_proof_learn (SalPythonProof *proof, const SalPythonFrame *frames, size_t n_frames);

/** sal_python_proof_free: NULL is fine. */
void sal_python_proof_free (SalPythonProof *proof);
