/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What salamander-recorder was asked to do. */
#include "config.h"

#include "sal-command-options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sal-sampler-native.h"

#define DEFAULT_RATE_HZ 1000.0
#define LOWEST_RATE_HZ 0.01
#define HIGHEST_RATE_HZ 1e6
#define LONGEST_DURATION_S 1e8
#define DEFAULT_BUDGET 0.1
#define HIGHEST_PERCENT 100.0

static const char usage[] =
    "Usage: salamander-recorder [OPTION]… (--output FILE | --output-fd N)\n"
    "                           (--pid PID | -- COMMAND [ARGUMENT]…)\n"
    "Record where a Python program spends its time.\n"
    "\n"
    "  --rate HZ         look so many times a second, or \"max\": as often as possible (1000)\n"
    "  --budget PERCENT  look less often when it takes more of a processor, 0: never (10)\n"
    "  --native          record native stacks too, holding threads still for a moment each\n"
    "  --blocking        hold a thread still where its stack changes faster than it can be read\n"
    "  --debuginfod      ask the servers of DEBUGINFOD_URLS for names of native functions\n"
    "  --duration S      end the recording after so many seconds\n"
    "  --output FILE     write the recording to FILE\n"
    "  --output-fd N     write the recording to descriptor N\n"
    "  --control-fd N    obey and report on descriptor N, a SOCK_SEQPACKET socket\n"
    "  --directory DIR   start the program in DIR\n"
    "  --pid PID         record the running process PID\n"
    "  --broker N        read through descriptor N, a session with salamander-helper; may be\n"
    "                    given once for each process\n"
    "  --subprocesses    record its child processes too, and theirs, to the end of the last\n"
    "  --help            print this and exit\n"
    "  --version         print the version and exit\n"
    "\n"
    "SIGINT, SIGTERM and SIGHUP end the recording; the program runs on and is waited for.\n"
    "A second one ends the waiting.\n"
    "\n"
    "Exit status: that of COMMAND, or 128 + the number of the signal that ended it; 0 after\n"
    "--pid; 125 when recording failed, 126 when COMMAND cannot be run, 127 when it is not found.\n";

static bool
parse_number (const char *text, double lowest, double highest, double *number)
{
  char *end;

  errno = 0;
  *number = strtod (text, &end);
  return end != text && *end == '\0' && errno == 0 && *number >= lowest && *number <= highest;
}

static bool
parse_integer (const char *text, int lowest, int *number)
{
  char *end;
  long value;

  errno = 0;
  value = strtol (text, &end, 10);
  if (end == text || *end != '\0' || errno != 0 || value < lowest || value > INT_MAX)
    return false;
  *number = (int)value;
  return true;
}

bool
sal_command_options_parse_rate (const char *text, double *rate_hz)
{
  if (strcmp (text, "max") == 0)
    {
      *rate_hz = 0;
      return true;
    }
  return parse_number (text, LOWEST_RATE_HZ, HIGHEST_RATE_HZ, rate_hz);
}

bool
sal_command_options_parse_duration (const char *text, double *duration_s)
{
  return parse_number (text, 1e-6, LONGEST_DURATION_S, duration_s);
}

bool
sal_command_options_parse_budget (const char *text, double *budget)
{
  if (!parse_number (text, 0, HIGHEST_PERCENT, budget))
    return false;
  *budget /= 100;
  return true;
}

static SalCommandOptionsResult
complain (const char *what, const char *value)
{
  fprintf (stderr, "salamander-recorder: %s", what);
  if (value != NULL)
    fprintf (stderr, ": %s", value);
  fputs ("\n", stderr);
  fputs ("Try \"salamander-recorder --help\".\n", stderr);
  return SAL_COMMAND_OPTIONS_WRONG;
}

/* What is wrong with the options together, or NULL. */
static const char *
find_contradiction (const SalCommandOptions *options)
{
  if ((options->output != NULL) + (options->output_fd >= 0) != 1)
    return "give one of --output and --output-fd";
  if ((options->pid != 0) + (options->command != NULL) != 1)
    return "give a command to start or --pid";
  if (options->directory != NULL && options->command == NULL)
    return "--directory is for a command to start";
  if (options->output_fd >= 0 && options->output_fd == options->control_fd)
    return "--output-fd and --control-fd are the same descriptor";
  return NULL;
}

enum
{
  OPTION_RATE = 'r',
  OPTION_DURATION = 'd',
  OPTION_OUTPUT = 'o',
  OPTION_OUTPUT_FD = 'O',
  OPTION_CONTROL_FD = 'c',
  OPTION_DIRECTORY = 'C',
  OPTION_PID = 'p',
  OPTION_BROKER = 'b',
  OPTION_BUDGET = 'B',
  OPTION_SUBPROCESSES = 's',
  OPTION_NATIVE = 'n',
  OPTION_BLOCKING = 'k',
  OPTION_DEBUGINFOD = 'D',
  OPTION_HELP = 'h',
  OPTION_VERSION = 'v',
};

static const struct option long_options[] = {
  { "rate", required_argument, NULL, OPTION_RATE },
  { "duration", required_argument, NULL, OPTION_DURATION },
  { "output", required_argument, NULL, OPTION_OUTPUT },
  { "output-fd", required_argument, NULL, OPTION_OUTPUT_FD },
  { "control-fd", required_argument, NULL, OPTION_CONTROL_FD },
  { "directory", required_argument, NULL, OPTION_DIRECTORY },
  { "pid", required_argument, NULL, OPTION_PID },
  { "broker", required_argument, NULL, OPTION_BROKER },
  { "budget", required_argument, NULL, OPTION_BUDGET },
  { "subprocesses", no_argument, NULL, OPTION_SUBPROCESSES },
  { "native", no_argument, NULL, OPTION_NATIVE },
  { "blocking", no_argument, NULL, OPTION_BLOCKING },
  { "debuginfod", no_argument, NULL, OPTION_DEBUGINFOD },
  { "help", no_argument, NULL, OPTION_HELP },
  { "version", no_argument, NULL, OPTION_VERSION },
  { NULL, 0, NULL, 0 },
};

static const char *
take_broker (SalCommandOptions *options, const char *value)
{
  if (options->n_brokers == SAL_COMMAND_MAX_BROKERS)
    return "too many sessions with the helper";
  return parse_integer (value, 0, &options->broker_fds[options->n_brokers++]) ? NULL
                                                                              : "no descriptor";
}

/* Takes one option in; NULL, or what is wrong with its value. */
static const char *
take_option (SalCommandOptions *options, int option, char *value)
{
  switch (option)
    {
    case OPTION_RATE:
      return sal_command_options_parse_rate (value, &options->rate_hz)
                 ? NULL
                 : "the rate is a number from 0.01 to 1000000, or max, not";
    case OPTION_BUDGET:
      return sal_command_options_parse_budget (value, &options->budget)
                 ? NULL
                 : "the budget is a percentage from 0 to 100, not";
    case OPTION_SUBPROCESSES:
      options->subprocesses = true;
      return NULL;
    case OPTION_DURATION:
      return sal_command_options_parse_duration (value, &options->duration_s)
                 ? NULL
                 : "the duration is a number of seconds above 0, not";
    case OPTION_OUTPUT:
      options->output = value;
      return value[0] != '\0' ? NULL : "the output needs a name";
    case OPTION_OUTPUT_FD:
      return parse_integer (value, 0, &options->output_fd) ? NULL : "no descriptor";
    case OPTION_CONTROL_FD:
      return parse_integer (value, 0, &options->control_fd) ? NULL : "no descriptor";
    case OPTION_DIRECTORY:
      options->directory = value;
      return NULL;
    case OPTION_BROKER:
      return take_broker (options, value);
    case OPTION_DEBUGINFOD:
      options->debuginfod = true;
      return NULL;
    case OPTION_BLOCKING:
      options->blocking = true;
      return sal_sampler_native_is_possible () ? NULL : "holding threads needs an x86-64 processor";
    case OPTION_NATIVE:
      options->native = true;
      return sal_sampler_native_is_possible () ? NULL : "native stacks need an x86-64 processor";
    default:
      return parse_integer (value, 1, &options->pid) ? NULL : "no process number";
    }
}

SalCommandOptionsResult
sal_command_options_parse (int argc, char **argv, SalCommandOptions *options)
{
  const char *wrong;
  int option;

  *options = (SalCommandOptions){ .rate_hz = DEFAULT_RATE_HZ,
                                  .budget = DEFAULT_BUDGET,
                                  .output_fd = -1,
                                  .control_fd = -1 };
  optind = 1;
  opterr = 0;
  while ((option = getopt_long (argc, argv, "+:", long_options, NULL)) != -1)
    {
      if (option == OPTION_HELP)
        {
          fputs (usage, stdout);
          return SAL_COMMAND_OPTIONS_DONE;
        }
      if (option == OPTION_VERSION)
        {
          puts ("salamander-recorder " SAL_VERSION);
          return SAL_COMMAND_OPTIONS_DONE;
        }
      if (option == ':')
        return complain ("this option needs a value", argv[optind - 1]);
      if (option == '?')
        return complain ("no such option", argv[optind - 1]);
      wrong = take_option (options, option, optarg);
      if (wrong != NULL)
        return complain (wrong, optarg);
    }
  if (optind < argc)
    options->command = argv + optind;
  wrong = find_contradiction (options);
  return wrong != NULL ? complain (wrong, NULL) : SAL_COMMAND_OPTIONS_RUN;
}
