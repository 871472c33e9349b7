/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One stack out of a native one and the interpreter's. */
#include "sal-native-merge.h"

typedef struct
{
  SalNativeMerged *items;
  size_t n;
  uint32_t n_native;
  uint32_t n_interpreted;
} Output;

size_t
sal_native_merge_get_need (size_t n_native, size_t n_interpreted)
{
  return n_native + n_interpreted + 1;
}

static void
put_native (Output *output)
{
  output->items[output->n++] =
      (SalNativeMerged){ SAL_NATIVE_MERGED_NATIVE, output->n_native++ };
}

static void
put_interpreted (Output *output, uint32_t n_frames)
{
  for (uint32_t i = 0; i < n_frames; i++)
    output->items[output->n++] =
        (SalNativeMerged){ SAL_NATIVE_MERGED_PYTHON, output->n_interpreted++ };
}

/* The machine frame that owns @entry, from number @first on; @n_frames = none does. */
static size_t
find_owner (const SalNativeFrame *frames,
            size_t first,
            size_t n_frames,
            SalNativeReach reach,
            uint64_t entry)
{
  for (size_t i = first; i < n_frames; i++)
    {
      /* How far the last frame of a walk that was cut reaches is not known. */
      bool is_below =
          i + 1 < n_frames ? entry < frames[i + 1].stack : reach == SAL_NATIVE_WHOLE;

      if (entry < frames[i].stack)
        return n_frames;
      if (is_below)
        return i;
    }
  return n_frames;
}

static bool
is_run (const SalNativeFrame *frame, const SalNativeFunction *const *loops, size_t n_loops)
{
  for (size_t i = 0; i < n_loops; i++)
    if (loops[i] != NULL && loops[i] == frame->function)
      return true;
  return false;
}

void
sal_native_merge_place (const SalNativeFrame *frames,
                        size_t n_frames,
                        SalNativeReach reach,
                        const SalNativeFunction *const *loops,
                        size_t n_loops,
                        SalNativeActivation *activations,
                        size_t n_activations)
{
  size_t n_runs = 0;
  size_t n = 0;

  for (size_t i = 0; i < n_frames; i++)
    n_runs += is_run (&frames[i], loops, n_loops);
  if (reach == SAL_NATIVE_WHOLE && n_runs != n_activations && n_runs != n_activations + 1)
    return;
  /* The innermost one has no frames when it is one more. */
  if (reach == SAL_NATIVE_WHOLE)
    n = n_activations;
  else
    n = n_runs = n_runs < n_activations ? n_runs : n_activations;
  for (size_t i = 0, run = 0; i < n_frames && run < n_runs; i++)
    if (is_run (&frames[i], loops, n_loops))
      {
        if (run + n >= n_runs && activations[run + n - n_runs].entry == 0)
          activations[run + n - n_runs].entry = frames[i].stack;
        run++;
      }
}

bool
sal_native_merge (const SalNativeFrame *frames,
                  size_t n_frames,
                  SalNativeReach reach,
                  const SalNativeActivation *activations,
                  size_t n_activations,
                  SalNativeMerged *merged,
                  size_t *n_merged)
{
  Output output = { .items = merged };
  size_t n_placed = 0;

  for (; n_placed < n_activations; n_placed++)
    {
      const SalNativeActivation *activation = &activations[n_placed];
      size_t owner =
          find_owner (frames, output.n_native, n_frames, reach, activation->entry);

      if (activation->entry == 0 || owner == n_frames)
        break;
      while (output.n_native < owner)
        put_native (&output);
      put_interpreted (&output, activation->n_frames);
      put_native (&output);
    }
  if (n_placed == n_activations || reach != SAL_NATIVE_WHOLE)
    while (output.n_native < n_frames)
      put_native (&output);
  if (n_placed < n_activations)
    merged[output.n++] = (SalNativeMerged){ SAL_NATIVE_MERGED_SEAM, 0 };
  for (size_t i = n_placed; i < n_activations; i++)
    put_interpreted (&output, activations[i].n_frames);
  *n_merged = output.n;
  return n_placed == n_activations;
}
