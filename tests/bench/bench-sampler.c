/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings in this process, and what benchmarks make of their figures. */
#include "bench-sampler.h"

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

double
bench_get_seconds (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double *x = a;
  const double *y = b;

  return (*x > *y) - (*x < *y);
}

double
bench_get_quantile (GArray *values, double at)
{
  g_array_sort (values, compare_doubles);
  return g_array_index (values, double, (guint)(at * (values->len - 1) + 0.5));
}

static char *
describe (pid_t pid)
{
  return strdup ("bench");
}

BenchSampler
bench_sampler_start (pid_t pid, const SalSamplerOptions *options)
{
  BenchSampler self = { .event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK),
                        .output_fd = options->output_fd > 0
                                         ? fcntl (options->output_fd, F_DUPFD_CLOEXEC, 0)
                                         : open ("/dev/null", O_WRONLY | O_CLOEXEC) };
  SalSamplerOptions all = *options;
  SalSamplerStatus status;

  all.output_fd = self.output_fd;
  all.event_fd = self.event_fd;
  all.command = "bench";
  all.describe = describe;
  if (sal_sampler_new (&all, &self.sampler) != SAL_CAPTURE_OK ||
      !sal_sampler_start (self.sampler))
    g_error ("cannot record");
  sal_sampler_add_process (self.sampler, pid, 0, false);
  do
    {
      g_usleep (1000);
      sal_sampler_get_status (self.sampler, &status);
      if (status.state == SAL_SAMPLER_FAILED)
        g_error ("cannot record: %s", sal_python_result_name (status.python_result));
    }
  while (status.state != SAL_SAMPLER_SAMPLING);
  return self;
}

SalSamplerStatus
bench_sampler_stop (BenchSampler *self)
{
  SalSamplerStatus status;

  sal_sampler_stop (self->sampler, SAL_CAPTURE_END_REQUEST);
  do
    {
      g_usleep (1000);
      sal_sampler_get_status (self->sampler, &status);
    }
  while (status.state != SAL_SAMPLER_FINISHED);
  sal_sampler_free (self->sampler);
  close (self->output_fd);
  close (self->event_fd);
  return status;
}
