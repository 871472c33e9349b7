/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines as a shell would take them. */
#include "sal-command-text.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_CMDLINE 4096
#define MOST_ARGUMENTS 1024

/* Whether a shell takes @word as it stands. */
static bool
is_plain (const char *word)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz"
                              "0123456789%+,-./:=@_";

  return word[0] != '\0' && strspn (word, plain) == strlen (word);
}

static void
put_word (FILE *line, const char *word)
{
  if (is_plain (word))
    {
      fputs (word, line);
      return;
    }
  fputc ('\'', line);
  for (; *word != '\0'; word++)
    {
      if (*word == '\'')
        fputs ("'\\''", line);
      else
        fputc (*word, line);
    }
  fputc ('\'', line);
}

char *
sal_command_text_quote (char *const command[])
{
  char *text = NULL;
  size_t length;
  FILE *line = open_memstream (&text, &length);
  bool is_whole;

  if (line == NULL)
    return NULL;
  for (size_t i = 0; command[i] != NULL; i++)
    {
      if (i > 0)
        fputc (' ', line);
      put_word (line, command[i]);
    }
  is_whole = ferror (line) == 0;
  if (fclose (line) != 0 || !is_whole)
    {
      free (text);
      return NULL;
    }
  return text;
}

char *
sal_command_text_quote_process (pid_t pid)
{
  char bytes[LONGEST_CMDLINE + 1];
  char *words[MOST_ARGUMENTS + 1];
  size_t n_words = 0;
  ssize_t n;
  int fd;

  snprintf (bytes, sizeof bytes, "/proc/%d/cmdline", (int)pid);
  fd = open (bytes, O_RDONLY | O_CLOEXEC);
  n = fd < 0 ? 0 : read (fd, bytes, LONGEST_CMDLINE);
  if (fd >= 0)
    close (fd);
  if (n < 0)
    n = 0;
  bytes[n] = '\0';
  for (char *word = bytes; word < bytes + n && n_words < MOST_ARGUMENTS; word += strlen (word) + 1)
    words[n_words++] = word;
  words[n_words] = NULL;
  return sal_command_text_quote (words);
}

char *
sal_command_text_dup_directory (pid_t pid)
{
  char link[64];
  char path[LONGEST_CMDLINE];
  ssize_t n;

  snprintf (link, sizeof link, "/proc/%d/cwd", (int)pid);
  n = readlink (link, path, sizeof path - 1);
  if (n <= 0)
    return NULL;
  path[n] = '\0';
  return strdup (path);
}
