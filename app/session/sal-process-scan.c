/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks through /proc; what was found out about a process is kept until it runs another program. */
#include "config.h"

#include "sal-process-scan.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "sal-command-line.h"
#include "sal-proc.h"
#include "sal-process-environment.h"
#include "sal-process-launcher.h"
#include "sal-python-version.h"

#define MAX_PROCESSES 65536
#define MAX_STAT_BYTES 4096
#define MAX_STATUS_BYTES 16384
#define MAX_CGROUP_BYTES 16384
#define MAX_COMMAND_BYTES (32 * 1024)
#define MAX_COMMAND_SHOWN 1024
#define MAX_ANCESTORS 64

/* Launchers above one program: more would bury what is looked for. */
#define MAX_LAUNCHERS 3

/* A process that is no Python may still load one: looked at anew while it is young, then seldom. */
#define YOUNG_S 10
#define SELDOM 16

typedef enum
{
  KIND_OTHER,
  KIND_MAYBE, /* by its name: its files may not be looked at */
  KIND_PYTHON,
} Kind;

/* Any process of the system. */
typedef struct
{
  SalProcStat stat;
  Kind kind;
  gboolean is_listed;
  guint looked_at;   /* the round in which its kind was found out */
  guint seen_in;     /* the last round in which it was there */
  char *executable;  /* (nullable): where exe leads */
  char *version;     /* (nullable) */
  char *environment; /* (nullable): not looked for yet */
  char **argv;       /* (nullable): not read in this round */
  double cpu;
  gint64 cpu_time_us; /* monotonic: when cpu was measured */
  guint64 cpu_ticks;  /* and with what */
} Entry;

struct _SalProcessScan
{
  char *root;
  char *own_container;
  GHashTable *entries; /* pid → Entry */
  guint round;
  gint64 boot_time_us; /* since 1970 */
  double hertz;
};

static void
entry_free (Entry *entry)
{
  g_free (entry->executable);
  g_free (entry->version);
  g_free (entry->environment);
  g_strfreev (entry->argv);
  g_free (entry);
}

static gint64
get_clock_us (clockid_t clock)
{
  struct timespec now = { 0 };

  clock_gettime (clock, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static char *
read_container (int folder)
{
  g_autofree char *groups = sal_proc_read (folder, "cgroup", MAX_CGROUP_BYTES, NULL);

  return groups != NULL ? sal_proc_parse_container (groups) : NULL;
}

SalProcessScan *
sal_process_scan_new (const char *root)
{
  SalProcessScan *scan = g_new0 (SalProcessScan, 1);
  int folder = sal_proc_open ("/proc", getpid ());

  scan->root = g_strdup (root);
  scan->entries = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)entry_free);
  scan->boot_time_us = get_clock_us (CLOCK_REALTIME) - get_clock_us (CLOCK_BOOTTIME);
  scan->hertz = (double)MAX (sysconf (_SC_CLK_TCK), 1);
  if (folder != -1)
    {
      scan->own_container = read_container (folder);
      close (folder);
    }
  return scan;
}

void
sal_process_scan_free (SalProcessScan *scan)
{
  if (scan == NULL)
    return;
  g_hash_table_unref (scan->entries);
  g_free (scan->own_container);
  g_free (scan->root);
  g_free (scan);
}

static const char *const *
get_argv (Entry *entry, int folder)
{
  if (entry->argv == NULL)
    {
      gsize length = 0;
      g_autofree char *data = sal_proc_read (folder, "cmdline", MAX_COMMAND_BYTES, &length);

      entry->argv = sal_proc_parse_strings (data != NULL ? data : "", data != NULL ? length : 0);
    }
  return (const char *const *)entry->argv;
}

/* Without a look at its files: the kernel's name of a process is that of the file it was started
 * from, and a script's interpreter stands in its command line. */
static Kind
guess_kind (Entry *entry, int folder)
{
  const char *const *argv = get_argv (entry, folder);
  gboolean named = sal_proc_is_python_program (entry->stat.name, &entry->version);

  if (!named && argv[0] != NULL)
    named = sal_proc_is_python_program (argv[0], &entry->version);
  return named ? KIND_MAYBE : KIND_OTHER;
}

static void
find_kind (SalProcessScan *scan, Entry *entry, int folder)
{
  g_auto (SalProcPython) python = { 0 };
  gboolean read;

  g_clear_pointer (&entry->version, g_free);
  g_clear_pointer (&entry->environment, g_free);
  entry->looked_at = scan->round;
  read = sal_proc_find_python (folder, entry->executable, &python);
  if (python.is_python)
    {
      entry->kind = KIND_PYTHON;
      entry->version = g_steal_pointer (&python.version);
    }
  else if (!read && entry->executable == NULL)
    entry->kind = guess_kind (entry, folder);
  else
    entry->kind = KIND_OTHER;
}

static double
get_age_s (SalProcessScan *scan, const Entry *entry)
{
  return (double)get_clock_us (CLOCK_BOOTTIME) / G_USEC_PER_SEC -
         (double)entry->stat.start_ticks / scan->hertz;
}

static gboolean
is_due (SalProcessScan *scan, const Entry *entry)
{
  return entry->kind != KIND_PYTHON &&
         (get_age_s (scan, entry) < YOUNG_S || scan->round - entry->looked_at >= SELDOM);
}

static void
measure_cpu (SalProcessScan *scan, Entry *entry)
{
  gint64 now = g_get_monotonic_time ();
  double used = (double)(entry->stat.cpu_ticks - MIN (entry->cpu_ticks, entry->stat.cpu_ticks));
  double time_s = (double)(now - entry->cpu_time_us) / G_USEC_PER_SEC;

  if (entry->cpu_time_us == 0)
    time_s = get_age_s (scan, entry);
  /* A tick is too coarse a unit for less. */
  else if (time_s < 0.1)
    return;
  entry->cpu = time_s > 0 ? used / scan->hertz / time_s : 0;
  entry->cpu_time_us = now;
  entry->cpu_ticks = entry->stat.cpu_ticks;
}

/* Looks at the process whose folder @folder is; FALSE: it is of no interest to anybody. */
static gboolean
look (SalProcessScan *scan, int folder)
{
  g_autofree char *text = sal_proc_read (folder, "stat", MAX_STAT_BYTES, NULL);
  g_autofree char *executable = NULL;
  SalProcStat stat;
  Entry *entry;
  gboolean is_new;

  if (text == NULL || !sal_proc_parse_stat (text, &stat) || stat.state == 'Z' ||
      stat.state == 'X' || stat.is_kernel)
    return FALSE;
  executable = sal_proc_read_link (folder, "exe");
  entry = g_hash_table_lookup (scan->entries, GINT_TO_POINTER (stat.pid));
  is_new = entry == NULL || entry->stat.start_ticks != stat.start_ticks;
  if (is_new)
    {
      entry = g_new0 (Entry, 1);
      g_hash_table_insert (scan->entries, GINT_TO_POINTER (stat.pid), entry);
    }
  is_new = is_new || g_strcmp0 (entry->executable, executable) != 0;
  entry->stat = stat;
  entry->seen_in = scan->round;
  entry->is_listed = FALSE;
  g_clear_pointer (&entry->argv, g_strfreev);
  g_free (entry->executable);
  entry->executable = g_steal_pointer (&executable);
  if (is_new || is_due (scan, entry))
    find_kind (scan, entry, folder);
  return TRUE;
}

static gboolean
is_gone (gpointer key, gpointer value, gpointer data)
{
  return ((Entry *)value)->seen_in != ((SalProcessScan *)data)->round;
}

/* Brings the entries up to date. */
static void
look_at_all (SalProcessScan *scan)
{
  g_autoptr (GDir) dir = g_dir_open (scan->root, 0, NULL);
  const char *name;
  guint n_processes = 0;

  scan->round++;
  while (dir != NULL && n_processes < MAX_PROCESSES && (name = g_dir_read_name (dir)) != NULL)
    {
      guint64 pid = 0;
      int folder;

      if (!g_ascii_string_to_unsigned (name, 10, 1, G_MAXINT, &pid, NULL))
        continue;
      folder = sal_proc_open (scan->root, (int)pid);
      if (folder == -1)
        continue;
      n_processes += look (scan, folder) ? 1 : 0;
      close (folder);
    }
  g_hash_table_foreach_remove (scan->entries, is_gone, scan);
}

static Entry *
get_parent (SalProcessScan *scan, const Entry *entry)
{
  return g_hash_table_lookup (scan->entries, GINT_TO_POINTER (entry->stat.parent));
}

static gboolean
is_launcher (SalProcessScan *scan, Entry *entry)
{
  int folder = entry->argv == NULL ? sal_proc_open (scan->root, entry->stat.pid) : -1;
  g_autofree char *program = entry->executable != NULL ? g_path_get_basename (entry->executable)
                                                       : g_strdup (entry->stat.name);
  gboolean is = sal_process_is_launcher (program, get_argv (entry, folder)) ||
                sal_process_is_launcher (entry->stat.name, get_argv (entry, folder));

  if (folder != -1)
    close (folder);
  return is;
}

/* Lists the Python processes, and the launchers above them as far as one starts the other. */
static void
choose (SalProcessScan *scan, int also)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, scan->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;
      guint depth = 0;

      entry->is_listed = entry->is_listed || entry->stat.pid == also;
      if (entry->kind == KIND_OTHER || entry->stat.pid == getpid ())
        continue;
      entry->is_listed = TRUE;
      while ((entry = get_parent (scan, entry)) != NULL && depth++ < MAX_LAUNCHERS &&
             entry->kind == KIND_OTHER && is_launcher (scan, entry))
        entry->is_listed = TRUE;
    }
}

static int
find_listed_ancestor (SalProcessScan *scan, const Entry *entry)
{
  guint depth = 0;

  while ((entry = get_parent (scan, entry)) != NULL && depth++ < MAX_ANCESTORS)
    if (entry->is_listed)
      return entry->stat.pid;
  return 0;
}

/* One line of at most MAX_COMMAND_SHOWN bytes. */
static char *
make_command (const char *const *argv, const char *name)
{
  g_autofree char *line = sal_command_line_quote (argv);
  g_autofree char *cut = NULL;

  if (line[0] == '\0')
    return g_strdup_printf ("[%s]", name);
  if (strlen (line) > MAX_COMMAND_SHOWN)
    {
      cut = g_strndup (line, MAX_COMMAND_SHOWN);
      return g_utf8_make_valid (cut, -1);
    }
  return g_steal_pointer (&line);
}

/* Control characters would break the lines of lists. */
static char *
make_printable (char *text)
{
  for (char *at = text; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  return text;
}

static char *
make_name (const Entry *entry, const char *const *argv)
{
  g_autofree char *name = sal_command_line_get_name (argv);

  if (name[0] != '\0')
    return g_steal_pointer (&name);
  return g_strdup (entry->stat.name);
}

static char *
make_container (SalProcessScan *scan, int folder, const SalProcStatus *status)
{
  g_autofree char *name = read_container (folder);

  if (name != NULL && g_strcmp0 (name, scan->own_container) != 0)
    return g_steal_pointer (&name);
  /* Translators: stands where a container's name would, of one that nobody gave a name */
  return g_strdup (status->n_namespaces > 1 ? _ ("unnamed") : "");
}

static SalAccess
find_access (int folder, const Entry *entry)
{
  SalAccessTarget target;
  SalAccess access;

  if (entry->kind == KIND_OTHER)
    return SAL_ACCESS_NOT_PYTHON;
  if (entry->version != NULL && !sal_python_version_is_supported (entry->version))
    return SAL_ACCESS_VERSION;
  sal_access_read_target (folder, &target);
  access = sal_access_judge (sal_access_viewer_get (), &target);
  return access;
}

static SalProcessInfo *
make_info (SalProcessScan *scan, Entry *entry)
{
  int folder = sal_proc_open (scan->root, entry->stat.pid);
  g_autofree char *text = NULL;
  const char *const *argv;
  SalProcStatus status;
  SalProcessInfo *info;

  if (folder == -1)
    return NULL;
  text = sal_proc_read (folder, "status", MAX_STATUS_BYTES, NULL);
  sal_proc_parse_status (text != NULL ? text : "", &status);
  argv = get_argv (entry, folder);
  measure_cpu (scan, entry);
  if (entry->environment == NULL)
    entry->environment = entry->kind == KIND_PYTHON && entry->executable != NULL
                             ? sal_process_environment_find (folder, argv, entry->executable)
                             : g_strdup ("");
  info = g_new0 (SalProcessInfo, 1);
  info->pid = entry->stat.pid;
  info->parent = find_listed_ancestor (scan, entry);
  info->start_ticks = entry->stat.start_ticks;
  info->start_time = (gint64)(((double)scan->boot_time_us +
                               (double)entry->stat.start_ticks / scan->hertz * G_USEC_PER_SEC) /
                              G_USEC_PER_SEC);
  info->cpu = entry->cpu;
  info->is_python = entry->kind != KIND_OTHER;
  info->is_certain = entry->kind != KIND_MAYBE;
  info->access = find_access (folder, entry);
  info->name = make_printable (make_name (entry, argv));
  info->user = status.uids[1] >= 0 ? sal_proc_dup_user_name (status.uids[1]) : g_strdup ("");
  info->python = g_strdup (entry->version != NULL ? entry->version : "");
  info->environment = make_printable (g_strdup (entry->environment));
  info->container = make_printable (make_container (scan, folder, &status));
  info->command = make_printable (make_command (argv, entry->stat.name));
  close (folder);
  return info;
}

static int
compare_pids (gconstpointer a, gconstpointer b)
{
  const SalProcessInfo *first = *(const SalProcessInfo *const *)a;
  const SalProcessInfo *second = *(const SalProcessInfo *const *)b;

  return first->pid < second->pid ? -1 : first->pid > second->pid;
}

GPtrArray *
sal_process_scan_run (SalProcessScan *scan, int also)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)sal_process_info_free);
  GHashTableIter iter;
  gpointer value;

  look_at_all (scan);
  choose (scan, also);
  g_hash_table_iter_init (&iter, scan->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;
      SalProcessInfo *info = entry->is_listed ? make_info (scan, entry) : NULL;

      if (info != NULL)
        g_ptr_array_add (list, info);
    }
  g_ptr_array_sort (list, compare_pids);
  return list;
}
