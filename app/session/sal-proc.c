/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads files of /proc and takes them apart. Every byte is the other process's to choose. */
#include "config.h"

#include "sal-proc.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define MAX_STRINGS 256
#define MAX_STRING_BYTES 4096
#define MAX_MAPS_BYTES (16 * 1024 * 1024)
#define MAPS_BUFFER (64 * 1024)

/* PF_KTHREAD. Source: Linux include/linux/sched.h. */
#define FLAG_KERNEL_THREAD 0x00200000

int
sal_proc_open (const char *root, int pid)
{
  g_autofree char *path = g_strdup_printf ("%s/%d", root, pid);

  return open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static gssize
read_some (int fd, char *buffer, gsize size)
{
  gssize n;

  do
    n = read (fd, buffer, size);
  while (n == -1 && errno == EINTR);
  return n;
}

char *
sal_proc_read (int folder, const char *name, gsize limit, gsize *length)
{
  int fd = openat (folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  g_autoptr (GString) text = NULL;
  gsize missing = limit;
  gssize n = 1;

  if (fd == -1)
    return NULL;
  text = g_string_new (NULL);
  while (missing > 0 && n > 0)
    {
      char buffer[4096];

      n = read_some (fd, buffer, MIN (sizeof buffer, missing));
      if (n > 0)
        {
          g_string_append_len (text, buffer, n);
          missing -= (gsize)n;
        }
    }
  if (n < 0)
    {
      int error = errno;

      close (fd);
      errno = error;
      return NULL;
    }
  close (fd);
  if (length != NULL)
    *length = text->len;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
sal_proc_read_link (int folder, const char *name)
{
  char target[4096];
  gssize n = readlinkat (folder, name, target, sizeof target - 1);

  if (n <= 0)
    return NULL;
  target[n] = '\0';
  return g_strdup (target);
}

/* Text that may be cut in the middle of a character. */
static char *
dup_valid (const char *bytes, gsize length)
{
  return g_utf8_make_valid (bytes, (gssize)length);
}

gboolean
sal_proc_parse_stat (const char *text, SalProcStat *stat)
{
  const char *begin = strchr (text, '(');
  const char *end = strrchr (text, ')');
  long long numbers[20];
  g_autofree char *name = NULL;
  char *rest;

  if (begin == NULL || end == NULL || end < begin || end[1] != ' ' || end[2] == '\0')
    return FALSE;
  rest = (char *)end + 3;
  /* Fields 4, the parent, to 22, the start. */
  for (guint i = 4; i <= 22; i++)
    {
      char *next = NULL;

      errno = 0;
      numbers[i - 4] = (long long)g_ascii_strtoll (rest, &next, 10);
      if (next == rest || errno != 0)
        return FALSE;
      rest = next;
    }
  stat->state = end[2];
  stat->is_kernel = ((guint64)numbers[9 - 4] & FLAG_KERNEL_THREAD) != 0;
  stat->pid = (int)CLAMP (g_ascii_strtoll (text, NULL, 10), 0, G_MAXINT);
  stat->parent = (int)CLAMP (numbers[0], 0, G_MAXINT);
  stat->cpu_ticks = (guint64)MAX (numbers[14 - 4], 0) + (guint64)MAX (numbers[15 - 4], 0);
  stat->start_ticks = (guint64)MAX (numbers[22 - 4], 0);
  name = dup_valid (begin + 1, MIN ((gsize)(end - begin - 1), (gsize)16));
  g_strlcpy (stat->name, name, sizeof stat->name);
  return stat->pid > 0;
}

static void
parse_ids (const char *text, gint64 ids[3])
{
  for (guint i = 0; i < 3; i++)
    {
      char *next = NULL;
      gint64 id = g_ascii_strtoll (text, &next, 10);

      if (next == text || id < 0 || id > G_MAXUINT32)
        return;
      ids[i] = id;
      text = next;
    }
}

static void
parse_namespace_pids (const char *text, SalProcStatus *status)
{
  for (status->n_namespaces = 0; status->n_namespaces < 64; status->n_namespaces++)
    {
      char *next = NULL;
      gint64 pid = g_ascii_strtoll (text, &next, 10);

      if (next == text)
        return;
      status->inner_pid = (int)CLAMP (pid, 0, G_MAXINT);
      text = next;
    }
}

void
sal_proc_parse_status (const char *text, SalProcStatus *status)
{
  *status = (SalProcStatus){ .uids = { -1, -1, -1 }, .gids = { -1, -1, -1 } };
  for (const char *line = text; line != NULL;)
    {
      const char *value = strchr (line, ':');
      const char *end = strchr (line, '\n');

      /* Each value ends at its line: strtoll() would look for a number in the next one. */
      if (value != NULL && (end == NULL || value < end))
        {
          g_autofree char *copy = g_strndup (value + 1,
                                             MIN (end != NULL ? (gsize)(end - value - 1) : 256,
                                                  (gsize)256));

          if (g_str_has_prefix (line, "Uid:"))
            parse_ids (copy, status->uids);
          else if (g_str_has_prefix (line, "Gid:"))
            parse_ids (copy, status->gids);
          else if (g_str_has_prefix (line, "CapPrm:"))
            status->permitted = g_ascii_strtoull (copy, NULL, 16);
          else if (g_str_has_prefix (line, "CapEff:"))
            status->effective = g_ascii_strtoull (copy, NULL, 16);
          else if (g_str_has_prefix (line, "NSpid:"))
            parse_namespace_pids (copy, status);
          else if (g_str_has_prefix (line, "Seccomp:"))
            status->has_seccomp = g_ascii_strtoull (copy, NULL, 10) != 0;
        }
      line = end != NULL ? end + 1 : NULL;
    }
}

char **
sal_proc_parse_strings (const char *data, gsize length)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  gsize at = 0;

  while (at < length && strings->len < MAX_STRINGS)
    {
      gsize n = strnlen (data + at, length - at);

      g_ptr_array_add (strings, dup_valid (data + at, MIN (n, (gsize)MAX_STRING_BYTES)));
      at += n + 1;
    }
  g_ptr_array_add (strings, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&strings), FALSE);
}

/* What stands in @part between @prefix and @suffix, at most @limit bytes; NULL: it is another. */
static char *
take_between (const char *part, const char *prefix, const char *suffix, gsize limit)
{
  gsize length = strlen (part);
  gsize skipped = strlen (prefix) + strlen (suffix);

  if (!g_str_has_prefix (part, prefix) || !g_str_has_suffix (part, suffix) || length <= skipped)
    return NULL;
  return dup_valid (part + strlen (prefix), MIN (length - skipped, limit));
}

/* One group's name. A group inside another: the last container named wins. */
static char *
parse_group (const char *part, const char *before)
{
  static const struct
  {
    const char *prefix;
    const char *suffix;
    const char *kind;
    gsize limit;
  } groups[] = {
    { "docker-", ".scope", "docker", 12 },
    { "libpod-conmon-", ".scope", NULL, 0 },
    { "libpod-", ".scope", "podman", 12 },
    { "libpod-", "", "podman", 12 },
    { "cri-containerd-", ".scope", "kubernetes", 12 },
    { "crio-conmon-", ".scope", NULL, 0 },
    { "crio-", ".scope", "kubernetes", 12 },
    { "lxc.payload.", "", "lxc", 64 },
    { "systemd-nspawn@", ".service", "nspawn", 64 },
    { "machine-", ".scope", "machine", 64 },
    { "app-flatpak-", ".scope", "flatpak", 128 },
    { "snap.", ".scope", "snap", 128 },
    { "snap.", ".service", "snap", 128 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_autofree char *name = take_between (part,
                                            groups[i].prefix,
                                            groups[i].suffix,
                                            groups[i].limit);

      if (name == NULL)
        continue;
      if (groups[i].kind == NULL)
        return NULL;
      /* "app-flatpak-org.gnome.Builder-1234.scope" */
      if (g_str_equal (groups[i].kind, "flatpak") && strrchr (name, '-') != NULL)
        *strrchr (name, '-') = '\0';
      return g_strdup_printf ("%s %s", groups[i].kind, name);
    }
  if (before != NULL && (g_str_equal (before, "docker") || g_str_equal (before, "lxc")))
    return g_strdup_printf ("%s %.12s", before, part);
  if (before != NULL && g_str_has_prefix (before, "pod") && strlen (part) == 64)
    return g_strdup_printf ("kubernetes %.12s", part);
  return NULL;
}

char *
sal_proc_parse_container (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 64);
  g_autofree char *found = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *path = strchr (lines[i], '/');
      g_auto (GStrv) parts = path != NULL ? g_strsplit (path, "/", 64) : NULL;

      for (guint j = 0; parts != NULL && parts[j] != NULL; j++)
        {
          g_autofree char *valid = g_utf8_make_valid (parts[j], -1);
          char *name = parse_group (valid, j > 0 ? parts[j - 1] : NULL);

          if (name != NULL)
            {
              g_free (found);
              found = g_utf8_make_valid (name, -1);
              g_free (name);
            }
        }
    }
  return g_steal_pointer (&found);
}

char *
sal_proc_dup_user_name (gint64 uid)
{
  char buffer[4096];
  struct passwd entry;
  struct passwd *found = NULL;

  if (getpwuid_r ((uid_t)uid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
    return g_utf8_make_valid (entry.pw_name, -1);
  return g_strdup_printf ("%" G_GINT64_FORMAT, uid);
}

/* The length of "3.11" or "3.13t" that @text begins with; 0: it begins with no version. */
static gsize
measure_version (const char *text)
{
  gsize major = strspn (text, "0123456789");
  gsize minor;

  if (major != 1 || text[1] != '.')
    return 0;
  minor = strspn (text + 2, "0123456789");
  if (minor == 0 || minor > 2)
    return 0;
  return 2 + minor + (text[2 + minor] == 't' ? 1 : 0);
}

/* "3.11" becomes "3.11.7" when a folder in @path has that in its name, as pyenv's and uv's have. */
static char *
refine_version (const char *path, const char *version, gsize length)
{
  gsize plain = version[length - 1] == 't' ? length - 1 : length;

  for (const char *at = path; *at != '\0'; at++)
    {
      gsize micro;

      if (strncmp (at, version, plain) != 0 || at[plain] != '.' ||
          (at != path && (g_ascii_isdigit (at[-1]) || at[-1] == '.')))
        continue;
      micro = strspn (at + plain + 1, "0123456789");
      if (micro > 0 && micro <= 3 && strchr (at, '/') != NULL && at[plain + 1 + micro] != '.')
        return g_strdup_printf ("%.*s.%.*s%s",
                                (int)plain,
                                version,
                                (int)micro,
                                at + plain + 1,
                                plain == length ? "" : "t");
    }
  return g_strndup (version, length);
}

/* What may follow the version in an interpreter's name. */
static gboolean
is_program_end (const char *text)
{
  static const char *const ends[] = { "", "d", "m", "dm", "u", "-dbg", "-real" };
  gsize length = strlen (text);

  if (g_str_has_suffix (text, " (deleted)"))
    length -= strlen (" (deleted)");
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (length == strlen (ends[i]) && strncmp (text, ends[i], length) == 0)
      return TRUE;
  return FALSE;
}

gboolean
sal_proc_is_python_program (const char *path, char **version)
{
  const char *name = strrchr (path, '/');
  gsize length;

  if (version != NULL)
    *version = NULL;
  name = name != NULL ? name + 1 : path;
  if (!g_str_has_prefix (name, "python"))
    return FALSE;
  name += strlen ("python");
  length = measure_version (name);
  if (length == 0)
    return is_program_end (name + (*name == '2' || *name == '3' ? 1 : 0));
  if (!is_program_end (name + length))
    return FALSE;
  if (version != NULL)
    *version = refine_version (path, name, length);
  return TRUE;
}

/* Looks at the path of one mapping: a library of Python, or its folder of modules, which tells the
 * version. */
static void
look_at_mapping (const char *path, SalProcPython *python)
{
  const char *name = strrchr (path, '/');
  const char *folder;
  gsize length;

  if (name != NULL && g_str_has_prefix (name, "/libpython"))
    {
      length = measure_version (name + strlen ("/libpython"));
      if (length > 0)
        {
          python->is_python = TRUE;
          g_free (python->version);
          python->version = refine_version (path, name + strlen ("/libpython"), length);
        }
    }
  folder = strstr (path, "/lib/python");
  if (folder != NULL && python->version == NULL)
    {
      folder += strlen ("/lib/python");
      length = measure_version (folder);
      if (length > 0 && folder[length] == '/')
        python->version = refine_version (path, folder, length);
    }
}

/* Source: proc(5): the path is the sixth field of a line, the only one that begins with "/". */
static void
look_at_maps (int fd, SalProcPython *python)
{
  g_autofree char *buffer = g_malloc (MAPS_BUFFER + 1);
  gsize held = 0;
  gsize total = 0;
  gssize n;

  while (total < MAX_MAPS_BYTES &&
         (n = read_some (fd, buffer + held, MAPS_BUFFER - held)) > 0)
    {
      char *line = buffer;
      char *end;

      total += (gsize)n;
      held += (gsize)n;
      buffer[held] = '\0';
      while ((end = memchr (line, '\n', held - (gsize)(line - buffer))) != NULL)
        {
          char *path;

          *end = '\0';
          path = strchr (line, '/');
          if (path != NULL)
            look_at_mapping (path, python);
          line = end + 1;
        }
      held -= (gsize)(line - buffer);
      /* A line that fills the whole buffer is none of the kernel's. */
      if (held == MAPS_BUFFER)
        return;
      memmove (buffer, line, held);
    }
}

gboolean
sal_proc_find_python (int folder, const char *executable, SalProcPython *python)
{
  char *version = NULL;
  int fd = openat (folder, "maps", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  *python = (SalProcPython){ 0 };
  if (executable != NULL && sal_proc_is_python_program (executable, &version))
    python->is_python = TRUE;
  if (fd == -1)
    {
      python->version = version;
      return FALSE;
    }
  look_at_maps (fd, python);
  close (fd);
  if (version != NULL)
    {
      g_free (python->version);
      python->version = version;
    }
  return TRUE;
}

void
sal_proc_python_clear (SalProcPython *python)
{
  g_clear_pointer (&python->version, g_free);
}
