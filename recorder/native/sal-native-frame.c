/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the frame pointer of a thread is that was not stopped, so that it could not be read. */
#include "sal-native-frame.h"

/* Fields of the bytes of an instruction: REX.W with the bits that choose the upper registers, and
 * the register numbers in ModRM. */
#define IS_WIDE(rex, bits) (((rex) & ~(bits)) == 0x48)
#define REX_X 0x02
#define REX_R 0x04
#define REX_B 0x01
#define REG(modrm) ((modrm) >> 3 & 7)
#define RM(modrm) ((modrm)&7)
#define IS_REGISTER(modrm) ((modrm) >= 0xc0)
#define RSP 4
#define RBP 5

bool
sal_native_frame_has_pointer (const SalNativeRule *rule)
{
  return rule->base == SAL_NATIVE_RBP && rule->stack == 16 && rule->address == 8;
}

void
sal_native_frame_see (SalNativeFrameSize *size, const uint64_t registers[SAL_NATIVE_N_REGISTERS])
{
  uint64_t distance = registers[SAL_NATIVE_RBP] - registers[SAL_NATIVE_RSP];

  if (distance > UINT32_MAX)
    return;
  if (size->kind == SAL_NATIVE_FRAME_UNSEEN)
    *size = (SalNativeFrameSize){ (uint32_t)distance, SAL_NATIVE_FRAME_SEEN };
  else if (size->distance != distance)
    size->kind = SAL_NATIVE_FRAME_LOOSE;
}

/* mov %rsp, %rbp: the function has its frame pointer from here on. */
static bool
sets_up (const uint8_t *code)
{
  return code[0] == 0x48 &&
         ((code[1] == 0x89 && code[2] == 0xe5) || (code[1] == 0x8b && code[2] == 0xec));
}

/* The stack pointer becomes what is in another register, in memory, or a multiple. */
static bool
moves_stack (const uint8_t *code)
{
  uint8_t rex = code[0];
  uint8_t modrm = code[2];
  bool is_to = IS_WIDE (rex, REX_X | REX_B) && REG (modrm) == RSP;
  bool is_on = IS_WIDE (rex, REX_X | REX_R) && IS_REGISTER (modrm) && RM (modrm) == RSP;

  switch (code[1])
    {
    case 0x01: /* add and sub a register */
    case 0x29:
      return is_on;
    case 0x03: /* add and sub to it */
    case 0x2b:
      return is_to;
    case 0x81: /* and a number; add and sub are 0 and 5 */
    case 0x83:
      return is_on && REG (modrm) == 4;
    case 0x89: /* mov; from the frame pointer is how functions end */
      return is_on && !(rex == 0x48 && REG (modrm) == RBP);
    case 0x8b:
      return is_to && !(rex == 0x48 && IS_REGISTER (modrm) && RM (modrm) == RBP);
    case 0x8d: /* lea; at a distance from the frame pointer likewise */
      return is_to && !(rex == 0x48 && modrm >= 0x40 && RM (modrm) == RBP);
    default:
      return false;
    }
}

bool
sal_native_frame_is_fixed (const uint8_t *code, size_t length)
{
  bool has_pointer = false;

  for (size_t i = 0; i + 3 <= length; i++)
    {
      if (moves_stack (code + i))
        return false;
      has_pointer = has_pointer || sets_up (code + i);
    }
  return has_pointer;
}
