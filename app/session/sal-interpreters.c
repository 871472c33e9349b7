/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers candidates from the places where interpreters live, then asks each for its version. */
#include "config.h"

#include "sal-interpreters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

#define PROBE_SECONDS 5
#define MAX_INTERPRETERS 64

/* What each candidate is asked; works from Python 2 on. */
#define PROBE "import sys;print('%d.%d.%d' % sys.version_info[:3]);print(sys.executable)"

typedef struct
{
  char *path;
  char *version;  /* (nullable): NULL = has to be asked */
  char *place;    /* (nullable): what tells it from its like: the environment's name */
  char *identity; /* two candidates of the same identity are one */
} Candidate;

typedef struct
{
  GPtrArray *candidates; /* of Candidate */
  guint n_pending;
} Search;

static void
candidate_free (Candidate *candidate)
{
  g_free (candidate->path);
  g_free (candidate->version);
  g_free (candidate->place);
  g_free (candidate->identity);
  g_free (candidate);
}

static void
interpreter_free (SalInterpreter *interpreter)
{
  g_free (interpreter->path);
  g_free (interpreter->version);
  g_free (interpreter->label);
  g_free (interpreter);
}

static void
search_free (Search *search)
{
  g_ptr_array_unref (search->candidates);
  g_free (search);
}

static char *
dup_real_path (const char *path)
{
  char *real = realpath (path, NULL);
  char *copy = g_strdup (real != NULL ? real : path);

  free (real);
  return copy;
}

static gboolean
is_program (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) &&
         g_file_test (path, G_FILE_TEST_IS_EXECUTABLE);
}

static gboolean
is_known (Search *search, const char *identity)
{
  for (guint i = 0; i < search->candidates->len; i++)
    if (g_str_equal (((Candidate *)search->candidates->pdata[i])->identity, identity))
      return TRUE;
  return FALSE;
}

static void
add_candidate (Search *search,
               const char *path,
               const char *version,
               const char *place,
               const char *identity_path)
{
  g_autofree char *identity = dup_real_path (identity_path);
  Candidate *candidate;

  if (search->candidates->len >= MAX_INTERPRETERS || !is_program (path) ||
      is_known (search, identity))
    return;
  candidate = g_new0 (Candidate, 1);
  candidate->path = g_strdup (path);
  candidate->version = g_strdup (version);
  candidate->place = g_strdup (place);
  candidate->identity = g_steal_pointer (&identity);
  g_ptr_array_add (search->candidates, candidate);
}

/* The version in a virtual environment's pyvenv.cfg: the key is "version" (venv) or "version_info"
 * (virtualenv: "3.11.7.final.0"). NULL: not there, or not just numbers. Source: PEP 405. */
static char *
read_venv_version (const char *config)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (config, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", 64);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *sign = strchr (lines[i], '=');
      int major;
      int minor;
      int micro;

      if (sign == NULL)
        continue;
      *sign = '\0';
      g_strstrip (lines[i]);
      if (!g_str_equal (lines[i], "version") && !g_str_equal (lines[i], "version_info"))
        continue;
      if (sscanf (sign + 1, "%d.%d.%d", &major, &minor, &micro) == 3)
        return g_strdup_printf ("%d.%d.%d", major, minor, micro);
    }
  return NULL;
}

/* A folder with bin/python: a virtual environment, a pyenv version, a conda environment. */
static void
add_environment (Search *search, const char *folder, const char *place)
{
  g_autofree char *config = g_build_filename (folder, "pyvenv.cfg", NULL);
  g_autofree char *python = g_build_filename (folder, "bin", "python", NULL);
  g_autofree char *python3 = g_build_filename (folder, "bin", "python3", NULL);
  const char *path = is_program (python) ? python : python3;

  if (g_file_test (config, G_FILE_TEST_EXISTS))
    {
      g_autofree char *version = read_venv_version (config);

      /* Its python is a link to the one it was made from: the folder is what it is. */
      add_candidate (search, path, version, place, folder);
    }
  else
    {
      add_candidate (search, path, NULL, place, path);
    }
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
add_environments_below (Search *search, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_strings);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      g_autofree char *place = g_filename_display_name (names->pdata[i]);

      add_environment (search, path, place);
    }
}

/* "python3", "python3.11", but neither "python3-config" nor "python3.11-gdb.py". */
static gboolean
is_python_name (const char *name)
{
  if (!g_str_has_prefix (name, "python3"))
    return FALSE;
  name += strlen ("python3");
  if (*name == '\0')
    return TRUE;
  return *name == '.' && name[1] != '\0' && strspn (name + 1, "0123456789t") == strlen (name + 1);
}

/* Plain python3 first, then the newest. */
static int
compare_pythons (gconstpointer a, gconstpointer b)
{
  const char *first = *(const char *const *)a;
  const char *second = *(const char *const *)b;
  g_autofree char *first_key = g_utf8_collate_key_for_filename (first, -1);
  g_autofree char *second_key = g_utf8_collate_key_for_filename (second, -1);

  if (g_str_equal (first, "python3") || g_str_equal (second, "python3"))
    return strcmp (first, second);
  return strcmp (second_key, first_key);
}

static void
add_path (Search *search)
{
  g_auto (GStrv) folders = g_strsplit (g_getenv ("PATH") != NULL ? g_getenv ("PATH") : "", ":", 0);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autoptr (GDir) dir = NULL;
      g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
      const char *name;

      if (!g_path_is_absolute (folders[i]))
        continue;
      dir = g_dir_open (folders[i], 0, NULL);
      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        if (is_python_name (name))
          g_ptr_array_add (names, g_strdup (name));
      g_ptr_array_sort (names, compare_pythons);
      for (guint j = 0; j < names->len; j++)
        {
          g_autofree char *path = g_build_filename (folders[i], names->pdata[j], NULL);
          g_autofree char *environment = g_path_get_dirname (folders[i]);
          g_autofree char *config = g_build_filename (environment, "pyvenv.cfg", NULL);

          if (g_file_test (config, G_FILE_TEST_EXISTS))
            add_environment (search, environment, NULL);
          else
            add_candidate (search, path, NULL, NULL, path);
        }
    }
}

static void
add_variable (Search *search, const char *variable)
{
  const char *folder = g_getenv (variable);

  if (folder != NULL && g_path_is_absolute (folder))
    {
      g_autofree char *name = g_path_get_basename (folder);
      g_autofree char *place = g_filename_display_name (name);

      add_environment (search, folder, place);
    }
}

static void
gather (Search *search, const char *directory)
{
  const char *home = g_get_home_dir ();
  const char *pyenv = g_getenv ("PYENV_ROOT");
  g_autofree char *pyenv_root =
      pyenv != NULL ? g_strdup (pyenv) : g_build_filename (home, ".pyenv", NULL);
  g_autofree char *pyenv_versions = g_build_filename (pyenv_root, "versions", NULL);
  static const char *const condas[] = { "miniconda3", "anaconda3", "miniforge3", "mambaforge" };
  static const char *const venvs[] = { ".venv", "venv" };

  add_variable (search, "VIRTUAL_ENV");
  for (guint i = 0; directory != NULL && i < G_N_ELEMENTS (venvs); i++)
    {
      g_autofree char *folder = g_canonicalize_filename (venvs[i], directory);

      add_environment (search, folder, venvs[i]);
    }
  add_variable (search, "CONDA_PREFIX");
  add_path (search);
  add_environments_below (search, pyenv_versions);
  for (guint i = 0; i < G_N_ELEMENTS (condas); i++)
    {
      g_autofree char *base = g_build_filename (home, condas[i], NULL);
      g_autofree char *environments = g_build_filename (base, "envs", NULL);

      add_environment (search, base, condas[i]);
      add_environments_below (search, environments);
    }
}

static SalInterpreter *
make_interpreter (const Candidate *candidate)
{
  SalInterpreter *interpreter = g_new0 (SalInterpreter, 1);
  g_autofree char *shown = g_filename_display_name (candidate->path);

  interpreter->path = g_strdup (candidate->path);
  interpreter->version = g_strdup (candidate->version);
  /* Translators: a Python interpreter: its version, and its environment's name or its path */
  interpreter->label = g_strdup_printf (_ ("Python %s (%s)"),
                                        candidate->version,
                                        candidate->place != NULL ? candidate->place : shown);
  return interpreter;
}

/* Scripts such as pyenv's "shims" told who they really start: these may be known already. */
static GPtrArray *
make_result (Search *search)
{
  g_autoptr (GPtrArray) result =
      g_ptr_array_new_with_free_func ((GDestroyNotify)interpreter_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < search->candidates->len; i++)
    {
      Candidate *candidate = search->candidates->pdata[i];

      if (candidate->version != NULL && g_hash_table_add (seen, candidate->identity))
        g_ptr_array_add (result, make_interpreter (candidate));
    }
  return g_steal_pointer (&result);
}

static void
take_answer (Candidate *candidate, const char *answer)
{
  g_auto (GStrv) lines = g_strsplit (answer, "\n", 3);
  g_autofree char *real = NULL;
  g_autofree char *own = dup_real_path (candidate->path);

  if (g_strv_length (lines) < 2 || !g_ascii_isdigit (lines[0][0]))
    return;
  candidate->version = g_utf8_make_valid (lines[0], -1);
  if (!g_path_is_absolute (lines[1]) || !is_program (lines[1]))
    return;
  real = dup_real_path (lines[1]);
  if (!g_str_equal (real, own) && g_str_equal (own, candidate->identity))
    {
      g_free (candidate->path);
      candidate->path = g_strdup (lines[1]);
      g_free (candidate->identity);
      candidate->identity = g_steal_pointer (&real);
    }
}

typedef struct
{
  Search *search;
  Candidate *candidate;
  GSubprocess *process;
  GSource *timeout;
} Probe;

static gboolean
probe_timeout_cb (gpointer user_data)
{
  Probe *probe = user_data;

  g_subprocess_force_exit (probe->process);
  return G_SOURCE_REMOVE;
}

static void
probe_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  g_autofree char *answer = NULL;

  if (g_subprocess_communicate_utf8_finish (probe->process, result, &answer, NULL, NULL) &&
      g_subprocess_get_successful (probe->process) && answer != NULL)
    take_answer (probe->candidate, answer);
  else
    g_subprocess_force_exit (probe->process);
  probe->search->n_pending--;
  g_source_destroy (probe->timeout);
  g_source_unref (probe->timeout);
  g_object_unref (probe->process);
  g_free (probe);
}

static void
start_probe (Search *search,
             Candidate *candidate,
             GMainContext *context,
             GCancellable *cancellable)
{
  GSubprocess *process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                               G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                                           NULL,
                                           candidate->path,
                                           "-E",
                                           "-S",
                                           "-c",
                                           PROBE,
                                           NULL);
  Probe *probe;

  if (process == NULL)
    return;
  probe = g_new0 (Probe, 1);
  probe->search = search;
  probe->candidate = candidate;
  probe->process = process;
  probe->timeout = g_timeout_source_new_seconds (PROBE_SECONDS);
  g_source_set_callback (probe->timeout, probe_timeout_cb, probe, NULL);
  g_source_attach (probe->timeout, context);
  search->n_pending++;
  g_subprocess_communicate_utf8_async (process, NULL, cancellable, probe_done_cb, probe);
}

static void
find_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Search *search = g_new0 (Search, 1);

  search->candidates = g_ptr_array_new_with_free_func ((GDestroyNotify)candidate_free);
  g_main_context_push_thread_default (context);
  gather (search, task_data);
  for (guint i = 0; i < search->candidates->len; i++)
    {
      Candidate *candidate = search->candidates->pdata[i];

      if (candidate->version == NULL)
        start_probe (search, candidate, context, cancellable);
    }
  while (search->n_pending > 0)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  g_task_return_pointer (task, make_result (search), (GDestroyNotify)g_ptr_array_unref);
  search_free (search);
}

void
sal_interpreters_find_async (const char *directory,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_name (task, "sal_interpreters_find_async");
  g_task_set_task_data (task, g_strdup (directory), g_free);
  g_task_run_in_thread (task, find_thread);
}

GPtrArray *
sal_interpreters_find_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
