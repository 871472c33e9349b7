/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one frame leads to the next: what libunwind makes of a program counter, kept as numbers. */
#include "sal-native-rule.h"

#include <string.h>

/* Marks are outside of what a program can have mapped: the register's number above, and room to
 * both sides below. */
#define MARK 0x4000
#define MARK_SHIFT 48
#define MIDDLE (UINT64_C (1) << 40)
#define MOST_DISTANCE (INT64_C (1) << 30)
/* Turned in a word that was read from a mark. */
#define READ_BIT (UINT64_C (1) << 59)

/* The registers that a function leaves to its caller as they were, but for the stack pointer. */
static const uint8_t preserved[SAL_NATIVE_MAX_SAVED] = { 3, SAL_NATIVE_RBP, 12, 13, 14, 15 };

uint64_t
sal_native_rule_get_mark (int number)
{
  return (uint64_t)(MARK + number) << MARK_SHIFT | MIDDLE;
}

bool
sal_native_rule_is_marked (uint64_t address)
{
  return address >> MARK_SHIFT >= MARK && address >> MARK_SHIFT < MARK + SAL_NATIVE_N_REGISTERS;
}

uint64_t
sal_native_rule_get_word (uint64_t address)
{
  return address ^ READ_BIT;
}

/* How far @value is from the mark of register @base. */
static bool
get_distance (uint64_t value, int base, int32_t *distance)
{
  int64_t difference = (int64_t)(value - sal_native_rule_get_mark (base));

  *distance = (int32_t)difference;
  return difference > -MOST_DISTANCE && difference < MOST_DISTANCE;
}

static bool
is_preserved (int number)
{
  for (int i = 0; i < SAL_NATIVE_MAX_SAVED; i++)
    if (preserved[i] == number)
      return true;
  return number == SAL_NATIVE_RSP;
}

SalNativeRule
sal_native_rule_probe (const uint64_t after[SAL_NATIVE_N_REGISTERS])
{
  const SalNativeRule hard = { .kind = SAL_NATIVE_RULE_HARD };
  SalNativeRule rule = { .kind = SAL_NATIVE_RULE_PLAIN };
  uint64_t stack = after[SAL_NATIVE_RSP];

  if (!sal_native_rule_is_marked (stack))
    return hard;
  rule.base = (uint8_t)((stack >> MARK_SHIFT) - MARK);
  if (!is_preserved (rule.base) || !get_distance (stack, rule.base, &rule.stack) ||
      !get_distance (after[SAL_NATIVE_RIP] ^ READ_BIT, rule.base, &rule.address))
    return hard;
  for (int i = 0; i < SAL_NATIVE_MAX_SAVED; i++)
    {
      uint64_t value = after[preserved[i]];
      SalNativeSaved saved = { .number = preserved[i] };

      if (value == sal_native_rule_get_mark (preserved[i]))
        continue;
      if (!get_distance (value ^ READ_BIT, rule.base, &saved.offset))
        return hard;
      rule.saved[rule.n_saved++] = saved;
    }
  return rule;
}

SalNativeStep
sal_native_rule_read (const SalNativeSnapshot *snapshot, uint64_t address, uint64_t *word)
{
  if (address >= snapshot->stack && snapshot->length >= sizeof *word &&
      address - snapshot->stack <= snapshot->length - sizeof *word)
    {
      memcpy (word, snapshot->bytes + (address - snapshot->stack), sizeof *word);
      return SAL_NATIVE_STEP_DONE;
    }
  return address >= snapshot->stack && address < snapshot->end ? SAL_NATIVE_STEP_OUT
                                                               : SAL_NATIVE_STEP_LOST;
}

SalNativeStep
sal_native_rule_apply (const SalNativeRule *rule,
                       const SalNativeSnapshot *snapshot,
                       uint64_t registers[SAL_NATIVE_N_REGISTERS])
{
  uint64_t base = registers[rule->base];
  uint64_t saved[SAL_NATIVE_MAX_SAVED];
  SalNativeStep step;
  uint64_t address;

  step = sal_native_rule_read (snapshot, base + (uint64_t)(int64_t)rule->address, &address);
  for (int i = 0; i < rule->n_saved && step == SAL_NATIVE_STEP_DONE; i++)
    step = sal_native_rule_read (snapshot,
                                 base + (uint64_t)(int64_t)rule->saved[i].offset,
                                 &saved[i]);
  if (step != SAL_NATIVE_STEP_DONE)
    return step;
  for (int i = 0; i < rule->n_saved; i++)
    registers[rule->saved[i].number] = saved[i];
  registers[SAL_NATIVE_RSP] = base + (uint64_t)(int64_t)rule->stack;
  registers[SAL_NATIVE_RIP] = address;
  return SAL_NATIVE_STEP_DONE;
}
