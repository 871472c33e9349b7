/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks the privileged helper to open a process that the kernel keeps from us. */
#include "config.h"

#include "sal-session-helper.h"

#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>

#include "sal-helper-wire.h"

#include "sal-access.h"
#include "sal-proc.h"
#include "sal-session-agent.h"

/* The bus itself answers at once. */
#define LIST_TIMEOUT_MS 1000

typedef struct
{
  int pid;
  guint64 start_time;
  gboolean in_terminal; /* may be asked there still */
  GDBusConnection *bus;
  SalSessionAgent *agent; /* that asks on the terminal; NULL = none */
} Request;

static void
request_free (Request *request)
{
  sal_session_agent_end (request->agent);
  g_clear_object (&request->bus);
  g_free (request);
}

/* The sentence for one of the helper's own errors, and its code. */
static char *
describe_error (const char *name, int pid, SalSessionError *code)
{
  g_autofree char *subject = g_strdup_printf (_ ("process %d"), pid);

  *code = SAL_SESSION_ERROR_DENIED;
  if (g_strcmp0 (name, SAL_HELPER_ERROR_GONE) == 0)
    {
      *code = SAL_SESSION_ERROR_NO_PROCESS;
      return sal_access_describe (SAL_ACCESS_GONE, subject, "");
    }
  if (g_strcmp0 (name, SAL_HELPER_ERROR_NOT_PYTHON) == 0 ||
      g_strcmp0 (name, SAL_HELPER_ERROR_KERNEL_THREAD) == 0 ||
      g_strcmp0 (name, SAL_HELPER_ERROR_ITSELF) == 0)
    {
      *code = SAL_SESSION_ERROR_NOT_PYTHON;
      return sal_access_describe (SAL_ACCESS_NOT_PYTHON, subject, "");
    }
  if (g_strcmp0 (name, SAL_HELPER_ERROR_DISMISSED) == 0)
    return g_strdup_printf (_ ("Cannot look into %s: no password was given; try again, and give "
                               "the password that is asked for."),
                            subject);
  if (g_strcmp0 (name, SAL_HELPER_ERROR_NO_AGENT) == 0)
    return g_strdup_printf (_ ("Cannot look into %s: that needs a password, and nothing is here "
                               "to ask for it; try it on the desktop or in a terminal, or use "
                               "sudo."),
                            subject);
  if (g_strcmp0 (name, SAL_HELPER_ERROR_NOT_AUTHORIZED) == 0)
    return g_strdup_printf (_ ("Cannot look into %s: the password was wrong, or the "
                               "administrator's rules (polkit) do not allow it; try again, or "
                               "ask the administrator."),
                            subject);
  if (g_strcmp0 (name, SAL_HELPER_ERROR_CHANGED) == 0)
    return g_strdup_printf (_ ("Cannot look into %s: it changed its user or its rights while it "
                               "was being opened; try again."),
                            subject);
  if (g_strcmp0 (name, SAL_HELPER_ERROR_DENIED) == 0)
    return g_strdup_printf (_ ("Cannot look into %s: the system refuses it even to the "
                               "administrator; its security settings (ptrace_scope, a security "
                               "module) would have to be changed."),
                            subject);
  if (g_strcmp0 (name, SAL_HELPER_ERROR_TOO_MANY) == 0)
    return g_strdup_printf (_ ("Cannot look into %s: too many programs are being recorded with "
                               "Salamander's helper; end some recordings, or wait a little."),
                            subject);
  return NULL;
}

/* Whether the call never reached a helper. */
static gboolean
is_missing (const char *name)
{
  return name == NULL || g_str_equal (name, "org.freedesktop.DBus.Error.ServiceUnknown") ||
         g_str_equal (name, "org.freedesktop.DBus.Error.NameHasNoOwner") ||
         g_str_equal (name, "org.freedesktop.DBus.Error.AccessDenied") ||
         g_str_has_prefix (name, "org.freedesktop.DBus.Error.Spawn.");
}

static void
return_error (GTask *task, const GError *cause)
{
  Request *request = g_task_get_task_data (task);
  g_autofree char *name = g_dbus_error_get_remote_error (cause);
  SalSessionError code;
  g_autofree char *sentence = NULL;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_error_copy (cause));
      return;
    }
  sentence = describe_error (name, request->pid, &code);
  if (sentence != NULL)
    g_task_return_new_error (task, SAL_SESSION_ERROR, code, "%s", sentence);
  else if (is_missing (name))
    g_task_return_new_error (task,
                             SAL_SESSION_ERROR,
                             SAL_SESSION_ERROR_NO_HELPER,
                             "%s",
                             _ ("Salamander could ask for a password instead, but its helper is "
                                "not installed; install it with “sudo meson install -C build”, "
                                "built for the prefix /usr or /usr/local."));
  else
    g_task_return_new_error (task,
                             SAL_SESSION_ERROR,
                             SAL_SESSION_ERROR_DENIED,
                             _ ("Cannot look into process %d: Salamander's helper failed (%s); "
                                "look for its messages in the system's log."),
                             request->pid,
                             cause->message);
}

static void call_helper (GTask *task);

/* 0, which no process has, when there is no such process. */
static guint64
get_start_time (int pid)
{
  int folder = sal_proc_open ("/proc", pid);
  g_autofree char *text = folder != -1 ? sal_proc_read (folder, "stat", 4096, NULL) : NULL;
  SalProcStat stat;

  if (folder != -1)
    close (folder);
  return text != NULL && sal_proc_parse_stat (text, &stat) ? stat.start_ticks : 0;
}

/* The agent is ready, or there is none and polkit will say so again. */
static void
agent_ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Request *request = g_task_get_task_data (task);

  request->agent = sal_session_agent_begin_finish (result);
  call_helper (task);
}

/* Whether it is worth to ask again, with an agent on our terminal. */
static gboolean
try_in_terminal (GTask *task, const GError *error)
{
  Request *request = g_task_get_task_data (task);
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  if (!request->in_terminal || g_strcmp0 (name, SAL_HELPER_ERROR_NO_AGENT) != 0)
    return FALSE;
  request->in_terminal = FALSE;
  sal_session_agent_begin_async (g_task_get_cancellable (task),
                                 agent_ready_cb,
                                 g_object_ref (task));
  return TRUE;
}

static void
attached_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                       &fds,
                                                       result,
                                                       &error);
  int handle;
  int fd = -1;

  if (answer != NULL)
    {
      g_variant_get (answer, "(h)", &handle);
      if (fds != NULL)
        fd = g_unix_fd_list_get (fds, handle, &error);
      else
        g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED, "no descriptor");
    }
  if (fd >= 0)
    g_task_return_int (task, fd);
  else if (!try_in_terminal (task, error))
    return_error (task, error);
}

static void
call_helper (GTask *task)
{
  Request *request = g_task_get_task_data (task);
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_dbus_connection_call_with_unix_fd_list (request->bus,
                                            SAL_HELPER_BUS_NAME,
                                            SAL_HELPER_PATH,
                                            SAL_HELPER_INTERFACE,
                                            "Attach",
                                            g_variant_new ("(ut@a{sv})",
                                                           (guint32)request->pid,
                                                           request->start_time,
                                                           g_variant_dict_end (&options)),
                                            G_VARIANT_TYPE ("(h)"),
                                            G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION,
                                            G_MAXINT,
                                            NULL,
                                            g_task_get_cancellable (task),
                                            attached_cb,
                                            g_object_ref (task));
}

static void
bus_got_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Request *request = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  request->bus = g_bus_get_finish (result, &error);
  if (request->bus == NULL)
    {
      return_error (task, error);
      return;
    }
  /* The window does not end with the bus. */
  g_dbus_connection_set_exit_on_close (request->bus, FALSE);
  call_helper (task);
}

void
sal_session_helper_attach_async (int pid,
                                 gboolean in_terminal,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->pid = pid;
  request->in_terminal = in_terminal;
  g_task_set_task_data (task, request, (GDestroyNotify)request_free);
  request->start_time = get_start_time (pid);
  g_bus_get (G_BUS_TYPE_SYSTEM, cancellable, bus_got_cb, g_object_ref (task));
}

int
sal_session_helper_attach_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), -1);
  return (int)g_task_propagate_int (G_TASK (result), error);
}

/* Whether the bus's method @name, one of those that list names, has the helper's in its answer. */
static gboolean
is_listed (GDBusConnection *bus, const char *name)
{
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (bus,
                                                             "org.freedesktop.DBus",
                                                             "/org/freedesktop/DBus",
                                                             "org.freedesktop.DBus",
                                                             name,
                                                             NULL,
                                                             G_VARIANT_TYPE ("(as)"),
                                                             G_DBUS_CALL_FLAGS_NONE,
                                                             LIST_TIMEOUT_MS,
                                                             NULL,
                                                             NULL);
  g_autofree const char **names = NULL;

  if (answer == NULL)
    return FALSE;
  g_variant_get (answer, "(^a&s)", &names);
  return g_strv_contains (names, SAL_HELPER_BUS_NAME);
}

gboolean
sal_session_helper_is_installed (void)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

  if (bus == NULL)
    return FALSE;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  return is_listed (bus, "ListActivatableNames") || is_listed (bus, "ListNames");
}
