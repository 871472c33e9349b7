/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's ids of threads.
 *
 * Python up to 3.10 does not keep them, and what later ones keep is wrong in a child of which they
 * were not told. All keep pthread_self(): on Linux the address of the C library's own record of the
 * thread, in which the C library has the kernel's id, renewed by its fork(). Where in it, is
 * for the C library to know: where the record looks like glibc's it is where glibc has had it for
 * twenty years, else the first place that holds the id of one of the process's threads. */
#include "sal-python-bytes.h"
#include "sal-python-private.h"

#define MAX_TIDS 4096
#define RECORD 1024

/* glibc x86-64, nptl/descr.h: tcbhead_t, padded to 704 bytes, a list's two pointers, tid. */
#define GLIBC_SELF 16
#define GLIBC_TID 720

void
sal_python_set_unaware (SalPython *self)
{
  self->asks_library = true;
  for (size_t i = 0; i < self->n_threads; i++)
    self->threads[i]->is_planned = false;
}

static bool
is_among (uint64_t tid, const uint64_t *tids, size_t n_tids)
{
  for (size_t i = 0; i < n_tids; i++)
    if (tids[i] == tid)
      return true;
  return false;
}

/* Units: bytes from @record's start; 0 = not found. */
static uint32_t
find_offset (SalPython *self, uint64_t address, const uint8_t record[RECORD])
{
  uint64_t tids[MAX_TIDS];
  size_t n_tids = 0;

  if (sal_python_u64 (record) == address && sal_python_u64 (record + GLIBC_SELF) == address &&
      sal_python_u32 (record + GLIBC_TID) != 0)
    return GLIBC_TID;
  if (self->target->ops->list_threads (self->target, tids, MAX_TIDS, &n_tids) != SAL_TARGET_OK)
    n_tids = 0;
  if (n_tids > MAX_TIDS)
    n_tids = MAX_TIDS;
  for (uint32_t offset = 8; offset + 4 <= RECORD; offset += 4)
    if (is_among (sal_python_u32 (record + offset), tids, n_tids))
      return offset;
  return 0;
}

void
_sal_python_native_id_plan (SalPython *self, SalPythonThreadState *thread, uint64_t thread_id)
{
  uint8_t record[RECORD];
  uint32_t tid;

  if (!self->asks_library || (thread_id == thread->thread_id && thread->native_id_at != 0 &&
                              thread->faulted_in != self->n_looks))
    return;
  thread->thread_id = thread_id;
  thread->native_id_at = 0;
  if (thread_id == 0)
    return;
  self->n_calls++;
  if (self->native_id_offset == 0 &&
      sal_target_read (self->target, thread_id, record, sizeof record) == SAL_TARGET_OK)
    self->native_id_offset = find_offset (self, thread_id, record);
  if (self->native_id_offset != 0 &&
      sal_target_read (self->target, thread_id + self->native_id_offset, &tid, sizeof tid) ==
          SAL_TARGET_OK)
    thread->native_id_at = thread_id + self->native_id_offset;
}

uint64_t
_sal_python_native_id_get (const SalPython *self,
                           const SalPythonThreadState *thread,
                           const SalPythonCopyAt *at)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  const uint8_t *state = self->bytes + at->thread;

  if (!self->asks_library)
    return sal_python_u64 (state + layout->thread_native_id);
  if (at->native_id == SAL_PYTHON_NOT_READ ||
      sal_python_u64 (state + layout->thread_id) != thread->thread_id)
    return 0;
  return sal_python_u32 (self->bytes + at->native_id);
}
