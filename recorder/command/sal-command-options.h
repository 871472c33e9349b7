/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What salamander-recorder was asked to do. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The most sessions with the helper in one recording. */
#define SAL_COMMAND_MAX_BROKERS 64

typedef struct
{
  double rate_hz;        /* 0 = flat out */
  double duration_s;     /* 0 = no end */
  double budget;         /* share of a processor that recording may take, 0 = no bound */
  bool subprocesses;     /* record the children of Python processes too */
  bool native;           /* native stacks too */
  bool blocking;         /* threads may be held still where their stacks change too fast */
  bool debuginfod;       /* servers may be asked for names of native functions */
  const char *output;    /* file name, or NULL */
  int output_fd;         /* -1 = none */
  int control_fd;        /* -1 = none */
  const char *directory; /* to start the program in, or NULL */
  pid_t pid;             /* to attach to, 0 = none */
  char **command;        /* to start, ended by NULL; NULL = none */

  /* Sockets of sessions with the helper. */
  int broker_fds[SAL_COMMAND_MAX_BROKERS];
  size_t n_brokers;
} SalCommandOptions;

typedef enum
{
  SAL_COMMAND_OPTIONS_RUN = 0,
  SAL_COMMAND_OPTIONS_DONE,  /* help or version was asked for and printed */
  SAL_COMMAND_OPTIONS_WRONG, /* a sentence about it was printed on standard error */
} SalCommandOptionsResult;

/**
 * sal_command_options_parse: reads the command line.
 *
 * Ownership: @options borrows from @argv. The control descriptor is set even on WRONG when it came
 * before the mistake. Thread: main only (getopt_long).
 */
SalCommandOptionsResult sal_command_options_parse (int argc,
                                                   char **argv,
                                                   SalCommandOptions *options)
    __attribute__ ((warn_unused_result));

/** sal_command_options_parse_rate: "1000", "0.5", "max"; false when @text is none of these. */
bool sal_command_options_parse_rate (const char *text, double *rate_hz);

/** sal_command_options_parse_budget: percent of a processor as a share of it, 0 = no bound; false
 * when @text is none. */
bool sal_command_options_parse_budget (const char *text, double *budget);

/** sal_command_options_parse_duration: seconds above 0; false when @text is none. */
bool sal_command_options_parse_duration (const char *text, double *duration_s);
