/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What /proc tells of a process, as values: bounded, checked, made valid UTF-8. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of /proc/PID/stat. Source: proc(5). */
typedef struct
{
  int pid;
  int parent;
  char state;          /* 'R', 'S', …; 'Z' and 'X': it has ended */
  guint64 start_ticks; /* since the system's start; with the pid it names one process for ever */
  guint64 cpu_ticks;   /* user and system time so far */
  gboolean is_kernel;  /* a thread of the kernel */
  char name[65];       /* the kernel's: the program's file or what the process made of it; UTF-8 */
} SalProcStat;

/* Of /proc/PID/status. Source: proc(5). −1 in a uid or gid: it was not told. */
typedef struct
{
  gint64 uids[3]; /* real, effective, saved */
  gint64 gids[3];
  guint64 permitted; /* capability sets, a bit each */
  guint64 effective;
  int inner_pid;        /* in the innermost pid namespace */
  guint n_namespaces;   /* pid namespaces from ours down; 1 = ours; 0 = it was not told */
  gboolean has_seccomp; /* a seccomp filter is on */
} SalProcStatus;

/* What the mapped files tell about Python. Strings owned; sal_proc_python_clear(). */
typedef struct
{
  gboolean is_python;
  char *version; /* (nullable): "3.11", "3.13t", "3.12.1" when a path tells; NULL = unknown */
} SalProcPython;

/** sal_proc_open: a descriptor of the folder of @pid below @root, "/proc" but in tests; −1 when
 * there is none. What is read through it is of one process, even when the number is used again.
 * Source: proc(5); reading after the end gives ESRCH. */
int sal_proc_open (const char *root, int pid) G_GNUC_WARN_UNUSED_RESULT;

/** sal_proc_read: (transfer full) (nullable): at most @limit bytes of the file @name in the folder
 * @folder, a 0 behind them; NULL when it cannot be opened or read, errno tells why.
 * @length: (out) (nullable): bytes read. */
char *sal_proc_read (int folder, const char *name, gsize limit, gsize *length)
    G_GNUC_WARN_UNUSED_RESULT;

/** sal_proc_read_link: (transfer full) (nullable): where the link @name leads, as bytes, not as
 * UTF-8; NULL when it cannot be read, errno tells why. */
char *sal_proc_read_link (int folder, const char *name) G_GNUC_WARN_UNUSED_RESULT;

/** sal_proc_parse_stat: takes @text apart; FALSE when it is no such text, @stat is then undefined.
 * The name may hold anything, blanks and brackets, too. */
gboolean sal_proc_parse_stat (const char *text, SalProcStat *stat) G_GNUC_WARN_UNUSED_RESULT;

/** sal_proc_parse_status: takes @text apart; what is missing or malformed is left as not told. */
void sal_proc_parse_status (const char *text, SalProcStatus *status);

/** sal_proc_parse_strings: (transfer full): the strings of a cmdline or environ file, each made
 * valid UTF-8 and cut at 4096 bytes, at most 256 of them; never NULL. */
char **sal_proc_parse_strings (const char *data, gsize length) G_GNUC_WARN_UNUSED_RESULT;

/** sal_proc_parse_container: (transfer full) (nullable): what a cgroup file tells of the container
 * that the process is in: "docker 0123456789ab", "flatpak org.gnome.Builder"; NULL: none.
 * Source: cgroups(7); the names that container managers give their groups. */
char *sal_proc_parse_container (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/** sal_proc_dup_user_name: (transfer full): what the user @uid is called here, made valid UTF-8, or
 * the number. */
char *sal_proc_dup_user_name (gint64 uid) G_GNUC_WARN_UNUSED_RESULT;

/** sal_proc_is_python_program: whether a file called as the last part of @path is a CPython
 * interpreter: "python3.11", "python3.11 (deleted)", not "python3-config".
 * @version: (out) (optional) (nullable) (transfer full): the version in its path, NULL = none. */
gboolean sal_proc_is_python_program (const char *path, char **version);

/** sal_proc_find_python: whether the program @executable (nullable) is Python or a Python library
 * is mapped, by the file maps in @folder, of which at most 16 MiB are read.
 * @python: (out): to be cleared. FALSE: maps may not be read; @executable alone decided. */
gboolean sal_proc_find_python (int folder, const char *executable, SalProcPython *python);

/** sal_proc_python_clear: frees the strings. */
void sal_proc_python_clear (SalProcPython *python);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SalProcPython, sal_proc_python_clear)

G_END_DECLS
