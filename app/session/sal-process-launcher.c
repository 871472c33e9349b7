/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of names, and what shells are given. */
#include "sal-process-launcher.h"

#include <string.h>

static const char *const launchers[] = {
  "uv",
  "uvx",
  "pixi",
  "rye",
  "conda",
  "mamba",
  "micromamba",
  "make",
  "gmake",
  "ninja",
  "just",
  "task",
  "env",
  "sudo",
  "doas",
  "pkexec",
  "runuser",
  "setpriv",
  "timeout",
  "nice",
  "nohup",
  "time",
  "strace",
  "ltrace",
  "tini",
  "dumb-init",
  "docker-init",
  "catatonit",
  "s6-supervise",
  "runsv",
  "foreman",
  "overmind",
  "hivemind",
  "npm",
  "node",
  "xvfb-run",
  "dbus-run-session",
  "flock",
  "entr",
  "watchexec",
  "systemd-run",
  "setsid",
  "unshare",
  "nsenter",
  "bwrap",
  "firejail",
  "parallel",
  "xargs",
  "chrt",
  "taskset",
  "numactl",
  "mpirun",
  "mpiexec",
  "srun",
  "cron",
  "script",
  NULL,
};

static const char *const shells[] = {
  "sh",
  "bash",
  "dash",
  "ash",
  "zsh",
  "fish",
  "ksh",
  "mksh",
  "busybox",
  NULL,
};

/* "-c", "-lc", or a word that is no option: a script. */
static gboolean
has_work (const char *const *argv)
{
  if (argv[0] == NULL)
    return FALSE;
  for (guint i = 1; argv[i] != NULL; i++)
    {
      if (argv[i][0] != '-' && argv[i][0] != '+' && argv[i][0] != '\0')
        return TRUE;
      if (argv[i][0] == '-' && argv[i][1] != '-' && strchr (argv[i], 'c') != NULL)
        return TRUE;
    }
  return FALSE;
}

gboolean
sal_process_is_launcher (const char *program, const char *const *argv)
{
  if (g_strv_contains (shells, program))
    return has_work (argv);
  return g_strv_contains (launchers, program);
}
