/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one frame leads to the next: what libunwind makes of a program counter, kept as numbers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sal-native-types.h"

typedef enum
{
  SAL_NATIVE_RULE_PLAIN,  /* the caller's registers are at distances from one register */
  SAL_NATIVE_RULE_END,    /* the outermost frame */
  SAL_NATIVE_RULE_HARD,   /* libunwind has to work it out each time */
  SAL_NATIVE_RULE_ABSENT, /* no table tells */
} SalNativeRuleKind;

/* Of the registers that calls preserve. */
typedef struct
{
  uint8_t number; /* which, as in SalNativeSnapshot */
  int32_t offset; /* from the base: where it is saved */
} SalNativeSaved;

#define SAL_NATIVE_MAX_SAVED 6

typedef struct
{
  SalNativeRuleKind kind;
  uint8_t base; /* register that the distances are from */
  uint8_t n_saved;
  int32_t stack;   /* distance: of the caller's stack pointer, a value and not a place */
  int32_t address; /* where the return address is */
  SalNativeSaved saved[SAL_NATIVE_MAX_SAVED];
} SalNativeRule;

/* How it went to take a step outwards. */
typedef enum
{
  SAL_NATIVE_STEP_DONE,
  SAL_NATIVE_STEP_END,  /* there is none: the frame was the outermost */
  SAL_NATIVE_STEP_OUT,  /* what it needs was not copied */
  SAL_NATIVE_STEP_LOST, /* it cannot be */
} SalNativeStep;

/**
 * sal_native_rule_probe: finds out the rule of a step by how it treats registers and memory that
 * hold nothing but marks.
 *
 * Before the step all registers but the program counter are sal_native_rule_get_mark(), and words
 * of memory for which sal_native_rule_is_marked() are sal_native_rule_get_word(); @after is what
 * the step made of the registers.
 */
SalNativeRule sal_native_rule_probe (const uint64_t after[SAL_NATIVE_N_REGISTERS]);
uint64_t sal_native_rule_get_mark (int number);
bool sal_native_rule_is_marked (uint64_t address);
uint64_t sal_native_rule_get_word (uint64_t address);

/** sal_native_rule_apply: takes a step by a PLAIN rule; *@registers stay as they were but on
 * DONE. */
SalNativeStep sal_native_rule_apply (const SalNativeRule *rule,
                                     const SalNativeSnapshot *snapshot,
                                     uint64_t registers[SAL_NATIVE_N_REGISTERS]);

/** sal_native_rule_read: the word at @address of the copy. DONE, OUT (it is of the stack, behind
 * the copy), or LOST. */
SalNativeStep
sal_native_rule_read (const SalNativeSnapshot *snapshot, uint64_t address, uint64_t *word);
