/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to look: the schedule of a recording. */
#include "sal-sampler-clock.h"

#include <time.h>

#define NS_PER_S 1000000000
#define SPIN_BELOW_NS 50000
#define LONGEST_SLEEP_NS 100000000
/* What is given way for between two ticks. */
#define SHORTEST_WAY_NS 20000
#define LONGEST_WAY_NS 10000000
/* Deadlines passed one by one up to this many; after a longer sleep they are counted in one go. */
#define STEPS_ONE_BY_ONE 64

int64_t
sal_sampler_clock_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

void
sal_sampler_clock_init (SalSamplerClock *clock, int64_t interval_ns, int64_t now_ns, uint64_t seed)
{
  *clock = (SalSamplerClock){
    .interval_ns = interval_ns,
    .deadline_ns = now_ns,
    .random = seed | 1,
  };
}

/* The next gap: the interval ± a half, uniform. xorshift64*: Marsaglia 2003, Vigna 2016. */
static int64_t
next_gap (SalSamplerClock *clock)
{
  uint64_t x = clock->random;
  int64_t half = clock->interval_ns / 2;

  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  clock->random = x;
  x = (x * UINT64_C (0x2545F4914F6CDD1D)) >> 33;
  return clock->interval_ns - half + (int64_t)(x % (uint64_t)(2 * half + 1));
}

void
sal_sampler_clock_book (SalSamplerClock *clock, int64_t now_ns)
{
  if (clock->interval_ns == 0)
    {
      clock->deadline_ns = now_ns;
      return;
    }

  if (now_ns - clock->deadline_ns > clock->interval_ns / 10)
    clock->n_late++;

  clock->deadline_ns += next_gap (clock);
  for (int step = 0; clock->deadline_ns <= now_ns; step++)
    {
      if (step == STEPS_ONE_BY_ONE)
        {
          int64_t n = (now_ns - clock->deadline_ns) / clock->interval_ns + 1;

          clock->n_missed += (uint64_t)n;
          clock->deadline_ns += n * clock->interval_ns;
          break;
        }
      clock->n_missed++;
      clock->deadline_ns += next_gap (clock);
    }
}

static void
sleep_until (int64_t moment_ns)
{
  struct timespec moment = { .tv_sec = moment_ns / NS_PER_S, .tv_nsec = moment_ns % NS_PER_S };

  /* A signal or an odd error only wakes us early: the caller looks at the clock again. */
  (void)clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
}

/* Sleeps as long as the tick before took. */
static void
give_way (const SalSamplerClock *clock)
{
  int64_t now = sal_sampler_clock_now ();
  int64_t taken_ns = now - clock->woke_ns;

  if (taken_ns < SHORTEST_WAY_NS)
    taken_ns = SHORTEST_WAY_NS;
  else if (taken_ns > LONGEST_WAY_NS)
    taken_ns = LONGEST_WAY_NS;
  if (clock->deadline_ns < now + taken_ns)
    sleep_until (now + taken_ns);
}

int64_t
sal_sampler_clock_wait (SalSamplerClock *clock, const atomic_bool *stop)
{
  if (clock->gives_way)
    give_way (clock);
  for (;;)
    {
      int64_t now = sal_sampler_clock_now ();

      if (atomic_load_explicit (stop, memory_order_relaxed))
        return -1;
      if (now >= clock->deadline_ns)
        {
          sal_sampler_clock_book (clock, now);
          clock->woke_ns = now;
          return now;
        }
      if (clock->interval_ns < SPIN_BELOW_NS && !clock->gives_way)
        continue;
      if (clock->deadline_ns - now > LONGEST_SLEEP_NS)
        sleep_until (now + LONGEST_SLEEP_NS);
      else
        sleep_until (clock->deadline_ns);
    }
}
