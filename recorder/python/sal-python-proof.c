/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembers which stretches of stack are known to exist. */
#include "sal-python-proof.h"

#include <stdlib.h>
#include <string.h>

#define STRETCH 8
#define N_SLOTS ((size_t)1 << 17)
#define MAX_KNOWN (N_SLOTS / 4 * 3)

#define OUTER_END 0x6f757465722d656eu
#define INNERMOST 0x696e6e65726d6f73u

struct _SalPythonProof
{
  size_t n_known;
  uint64_t slots[N_SLOTS]; /* hashes; 0 = free */
};

/* Walks over the stretches of a stack, from the outer end inwards. */
typedef struct
{
  uint64_t keys[STRETCH]; /* ring */
  uint64_t hash;
  size_t n;
} Roll;

/* So that a key leaves the sum when seven others have come after it. */
#define FACTOR 0x9e3779b97f4a7c15u

static uint64_t
mix (uint64_t x)
{
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  return x ^ x >> 32;
}

static uint64_t
factor_to_the_stretch (void)
{
  uint64_t power = FACTOR;

  for (int i = STRETCH; i > 1; i /= 2)
    power *= power;
  return power;
}

static uint64_t
roll (Roll *state, uint64_t key, uint64_t power)
{
  uint64_t *oldest = &state->keys[state->n++ % STRETCH];

  state->hash = state->hash * FACTOR + key - *oldest * power;
  *oldest = key;
  return mix (state->hash) | 1;
}

static uint64_t
key_of_caller (SalPythonFrame frame)
{
  return mix ((uint64_t)frame.code << 32 | (uint32_t)frame.offset);
}

static uint64_t
key_of_innermost (SalPythonFrame frame)
{
  return mix (INNERMOST ^ frame.code);
}

static size_t
find_slot (const SalPythonProof *self, uint64_t hash)
{
  size_t slot = (size_t)(hash >> 20) & (N_SLOTS - 1);

  while (self->slots[slot] != 0 && self->slots[slot] != hash)
    slot = (slot + 1) & (N_SLOTS - 1);
  return slot;
}

SalPythonProof *
sal_python_proof_new (void)
{
  return calloc (1, sizeof (SalPythonProof));
}

bool
sal_python_proof_knows (const SalPythonProof *self, const SalPythonFrame *frames, size_t n_frames)
{
  uint64_t power = factor_to_the_stretch ();
  Roll state = { .n = 0 };

  roll (&state, OUTER_END, power);
  for (size_t i = n_frames; i-- > 0;)
    {
      uint64_t key = i == 0 ? key_of_innermost (frames[i]) : key_of_caller (frames[i]);

      if (self->slots[find_slot (self, roll (&state, key, power))] == 0)
        return false;
    }
  return true;
}

static void
enter (SalPythonProof *self, uint64_t hash)
{
  size_t slot = find_slot (self, hash);

  if (self->slots[slot] != 0)
    return;
  self->slots[slot] = hash;
  self->n_known++;
}

void
sal_python_proof_learn (SalPythonProof *self, const SalPythonFrame *frames, size_t n_frames)
{
  uint64_t power = factor_to_the_stretch ();
  Roll state = { .n = 0 };

  /* Rather than grow on the sampling thread it forgets everything, and learns again. */
  if (self->n_known + 2 * n_frames > MAX_KNOWN)
    {
      memset (self->slots, 0, sizeof self->slots);
      self->n_known = 0;
    }
  roll (&state, OUTER_END, power);
  for (size_t i = n_frames; i-- > 0 && self->n_known < MAX_KNOWN;)
    {
      Roll as_innermost = state;

      /* A frame that has called another was innermost just before. */
      enter (self, roll (&as_innermost, key_of_innermost (frames[i]), power));
      if (i > 0)
        enter (self, roll (&state, key_of_caller (frames[i]), power));
    }
}

void
sal_python_proof_free (SalPythonProof *self)
{
  free (self);
}
