/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks servers for debugging information, where the user wants that. */
#include "sal-native-servers.h"

#include <dlfcn.h>
#include <elfutils/debuginfod.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS "/etc/debuginfod/*.urls"
#define MAX_URLS 4096

/* What is used of the library. */
typedef struct
{
  __typeof__ (debuginfod_begin) *begin;
  __typeof__ (debuginfod_end) *end;
  __typeof__ (debuginfod_find_debuginfo) *find;
  __typeof__ (debuginfod_set_progressfn) *set_progress;
  __typeof__ (debuginfod_set_user_data) *set_data;
  __typeof__ (debuginfod_get_user_data) *get_data;
} Library;

struct _SalNativeServers
{
  SalNativeServersWait wait;
  void *data;
  debuginfod_client *client;
  char urls[MAX_URLS]; /* where the environment names none; "" = it does */
};

static Library library;

/* Adds the contents of the file at @path to @urls. */
static void
read_urls (const char *path, char *urls)
{
  FILE *file = fopen (path, "re");
  size_t length = strlen (urls);

  if (file == NULL)
    return;
  length += fread (urls + length, 1, MAX_URLS - 1 - length, file);
  urls[length] = '\0';
  fclose (file);
}

/* The servers of the system, in @urls (MAX_URLS bytes). */
static void
read_servers (char *urls)
{
  glob_t files;

  urls[0] = '\0';
  if (glob (SERVERS, 0, NULL, &files) != 0)
    return;
  for (size_t i = 0; i < files.gl_pathc; i++)
    read_urls (files.gl_pathv[i], urls);
  globfree (&files);
  for (char *at = urls; *at != '\0'; at++)
    if (*at == '\n')
      *at = ' ';
}

/* Whether there is a server to ask. */
static bool
has_servers (const SalNativeServers *servers)
{
  const char *given = getenv (DEBUGINFOD_URLS_ENV_VAR);
  const char *urls = given != NULL ? given : servers->urls;

  return urls[strspn (urls, " ")] != '\0';
}

static int
progress_cb (debuginfod_client *client, long done, long all)
{
  SalNativeServers *servers = library.get_data (client);

  (void)done;
  (void)all;
  return servers->wait (servers->data) ? 0 : 1;
}

static bool
find_symbol (void *handle, const char *name, void *function)
{
  void *symbol = dlsym (handle, name);

  memcpy (function, &symbol, sizeof symbol);
  return symbol != NULL;
}

/* It brings a web client with it, which a recording mostly does without: so it is not linked. */
static bool
load_library (void)
{
  void *handle = dlopen (DEBUGINFOD_SONAME, RTLD_NOW | RTLD_LOCAL);

  return handle != NULL && find_symbol (handle, "debuginfod_begin", &library.begin) &&
         find_symbol (handle, "debuginfod_end", &library.end) &&
         find_symbol (handle, "debuginfod_find_debuginfo", &library.find) &&
         find_symbol (handle, "debuginfod_set_progressfn", &library.set_progress) &&
         find_symbol (handle, "debuginfod_set_user_data", &library.set_data) &&
         find_symbol (handle, "debuginfod_get_user_data", &library.get_data);
}

SalNativeServers *
sal_native_servers_new (SalNativeServersWait wait, void *data)
{
  SalNativeServers *servers = calloc (1, sizeof *servers);

  if (servers == NULL)
    return NULL;
  servers->wait = wait;
  servers->data = data;
  if (getenv (DEBUGINFOD_URLS_ENV_VAR) == NULL)
    read_servers (servers->urls);
  if (!has_servers (servers) || !load_library () || (servers->client = library.begin ()) == NULL)
    {
      free (servers);
      return NULL;
    }
  library.set_data (servers->client, servers);
  library.set_progress (servers->client, progress_cb);
  return servers;
}

int
sal_native_servers_find (SalNativeServers *servers, const uint8_t *id, size_t length)
{
  int fd;

  if (length == 0 || length > INT_MAX || !servers->wait (servers->data))
    return -1;
  /* Not earlier: the program that is recorded shall not inherit it. */
  if (servers->urls[0] != '\0')
    {
      (void)setenv (DEBUGINFOD_URLS_ENV_VAR, servers->urls, 0);
      servers->urls[0] = '\0';
    }
  fd = library.find (servers->client, id, (int)length, NULL);
  return fd >= 0 ? fd : -1;
}

void
sal_native_servers_free (SalNativeServers *servers)
{
  if (servers == NULL)
    return;
  library.end (servers->client);
  free (servers);
}
