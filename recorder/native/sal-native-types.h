/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a copied thread, a native frame and a native function are: values. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* General registers of a stopped thread, by their DWARF numbers on x86-64: rax, rdx, rcx, rbx, rsi,
 * rdi, rbp, rsp, r8 … r15, and the instruction pointer. */
#define SAL_NATIVE_N_REGISTERS 17
#define SAL_NATIVE_RBP 6
#define SAL_NATIVE_RSP 7
#define SAL_NATIVE_RIP 16
/* In place of a register that could not be read: an address that no program has. A frame that needs
 * it has no caller that could be told, unless it is the frame pointer and always where it was when
 * it could be read. */
#define SAL_NATIVE_UNKNOWN (UINT64_C (1) << 63)

/* What is copied below the stack pointer: at the end of a function its callers' registers are said
 * to be where it has popped them from, at most seven words below, and functions that call none may
 * use 128 bytes. Source: System V ABI, AMD64 supplement 1.0, 3.2.2. */
#define SAL_NATIVE_RED_ZONE 128

/* One thread at the moment when it stood still. All of it is hostile. */
typedef struct
{
  uint64_t registers[SAL_NATIVE_N_REGISTERS];
  uint64_t stack;       /* address of the first byte copied, in the red zone */
  const uint8_t *bytes; /* borrowed */
  size_t length;
  uint64_t end; /* of the stack, which goes on behind the copy where that is shorter */
} SalNativeSnapshot;

typedef struct _SalNativeModule SalNativeModule;

/* Machine code that is shown as one: a function as far as the unwind table tells its bounds, else
 * one instruction. But for the tag it never changes; it lives as long as the unwinder that gave it.
 */
typedef struct _SalNativeFunction SalNativeFunction;
struct _SalNativeFunction
{
  const SalNativeModule *module; /* NULL: code that no file holds */
  uint64_t address;              /* as linked in the module, else where it is in memory */
  SalNativeFunction *function;   /* of an instruction: what it is in; of a function: NULL */
  uint32_t tag;                  /* for who unwinds to remember it by; 0 at first */
};

typedef struct
{
  SalNativeFunction *function;
  SalNativeFunction *site; /* the instruction at work in it, or of the call that it waits for */
  uint64_t stack;          /* the stack pointer in it: its own part of the stack begins there */
} SalNativeFrame;

/* How far a stack could be followed. */
typedef enum
{
  SAL_NATIVE_WHOLE, /* to its outer end */
  SAL_NATIVE_CUT,   /* to the end of the copy */
  SAL_NATIVE_LOST,  /* to a frame whose caller could not be told */
} SalNativeReach;
