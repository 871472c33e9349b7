/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-target-result.h"

/* Another process as bytes. Back-ends: direct (process_vm_readv), brokered (descriptors from the
 * helper), image (saved memory). All bytes that come from here are hostile. */
typedef struct _SalTarget SalTarget;

/* One piece of a scattered read. */
typedef struct
{
  uint64_t address;
  void *buffer;
  size_t length;
} SalTargetRange;

typedef struct
{
  uint64_t start;
  uint64_t end;
  uint64_t offset; /* in the file */
  uint64_t inode;  /* 0 = no file */
  char permissions[5];
  char *path; /* as /proc/PID/maps has it, with " (deleted)" where it says so; NULL = none */
} SalTargetRegion;

/* Sorted by address. Owned by the caller: sal_target_regions_free(). */
typedef struct
{
  SalTargetRegion *items;
  size_t n_items;
} SalTargetRegions;

/* One thread to be copied while it stands still. */
typedef struct
{
  pid_t tid;
  uint32_t patience_us; /* for it to stop; asked for soon again, it is waited for on */
  uint32_t below;       /* its stack is copied from so many bytes below its stack pointer on */
  void *stack;          /* room for @length bytes; there may be fewer when it returns */
  size_t length;        /* of the stack */
  /* out: the kernel's NT_PRSTATUS */
  uint8_t registers[512];
  size_t n_registers;
  uint64_t stopped_ns; /* how long it stood still */
  int processor;       /* that it was copied from; −1 = not known */
  bool is_late;        /* on ABSENT: it is there, but has not stopped yet */
} SalTargetSnapshot;

/* What the kernel says of a process only to those who may trace it. */
typedef enum
{
  SAL_TARGET_TEXT_CALL, /* of the system call that a thread waits in: proc_pid_syscall(5) */
  SAL_TARGET_TEXT_LINK, /* of a descriptor: proc_pid_fd(5) */
} SalTargetText;

typedef struct
{
  /* Reads the ranges in order with as few system calls as the back-end can (direct: one, up to
   * IOV_MAX ranges). *@n_read = ranges read whole, counted from the first; OK only when all were.
   * */
  SalTargetResult (*read_many) (SalTarget *target,
                                const SalTargetRange *ranges,
                                size_t n_ranges,
                                size_t *n_read);
  SalTargetResult (*list_regions) (SalTarget *target, SalTargetRegions *regions);
  /* A descriptor of the file behind @region, even when it was deleted or lies in another mount
   * namespace; the caller closes it. */
  SalTargetResult (*open_file) (SalTarget *target, const SalTargetRegion *region, int *fd);
  /* Kernel thread ids, ascending; *@n_tids = how many there are, which may exceed @capacity. */
  SalTargetResult (*list_threads) (SalTarget *target,
                                   uint64_t *tids,
                                   size_t capacity,
                                   size_t *n_tids);
  SalTargetResult (*is_alive) (SalTarget *target);
  /* Stops a thread, copies it and @ranges, and lets it run. ABSENT: it did not stop in time; LIMIT:
   * that is too much at once. NULL: who asks must stop the thread, and then read. */
  SalTargetResult (*snapshot) (SalTarget *target,
                               const SalTargetRange *ranges,
                               size_t n_ranges,
                               SalTargetSnapshot *snapshot);
  /* What is said of thread or descriptor @number, cut to @size and terminated. ABSENT: nothing.
   * NULL: who asks is told by the kernel itself. */
  SalTargetResult (*read_text) (
      SalTarget *target, SalTargetText what, uint64_t number, char *text, size_t size);
  void (*free) (SalTarget *target);
} SalTargetOps;

struct _SalTarget
{
  const SalTargetOps *ops;
  pid_t pid; /* 0 for an image */
};

/** sal_target_read: reads exactly @length bytes at @address. Errors: GONE, DENIED, FAULT. */
SalTargetResult sal_target_read (SalTarget *target, uint64_t address, void *buffer, size_t length)
    __attribute__ ((warn_unused_result));

/** sal_target_regions_free: empties the list. */
void sal_target_regions_free (SalTargetRegions *regions);

/** sal_target_free: lets go of the process; NULL is fine. */
void sal_target_free (SalTarget *target);
