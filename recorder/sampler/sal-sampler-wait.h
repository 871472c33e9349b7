/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread of another process waits for. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sal-capture-record.h"
#include "sal-target.h"

#include "sal-sampler-cpu.h"

typedef struct
{
  SalCaptureWaitKind kind;
  bool is_disk;
  SalCaptureDescriptorKind descriptor_kind;
  uint32_t descriptor; /* NO_ID = none */
  char name[4096];     /* of the descriptor's file, "" = none or not known */
} SalSamplerWait;

/**
 * sal_sampler_wait_find: what the thread of @cpu, which sleeps, waits for.
 *
 * @target is its process: where it polls just one descriptor, that is read from there. What the
 * kernel does not tell is unknown; so is a descriptor when the thread has gone on meanwhile.
 * At most three system calls.
 * Source: proc_pid_fd(5); the numbers of the system calls are those of this machine.
 */
void sal_sampler_wait_find (const SalSamplerCpu *cpu, SalTarget *target, SalSamplerWait *wait);

/** sal_sampler_wait_classify: what system call @number with the first arguments @args is for.
 * *@has_descriptor: the first argument is the descriptor that it is for. */
SalCaptureWaitKind
sal_sampler_wait_classify (long number, const uint64_t args[2], bool *has_descriptor);
