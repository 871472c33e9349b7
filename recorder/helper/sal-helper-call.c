/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call of Attach, from its arrival to the end of the session that it began. */
#include "sal-helper-call.h"

#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <glib-unix.h>

#include "sal-helper-wire.h"

#include "sal-helper-packet.h"
#include "sal-helper-question.h"
#include "sal-helper-verdict.h"

typedef struct
{
  SalHelperHouse *house;             /* borrowed */
  GDBusMethodInvocation *invocation; /* owned; NULL when answered */
  GCancellable *cancellable;
  guint watch;   /* of the caller's name, until polkit has answered */
  guint control; /* source of @control_fd */
  int control_fd;
  int client_fd; /* what the caller gets */
  guint32 pid;
  guint64 start_time;
  guint32 uid;
  gboolean is_admitted;
  gboolean is_asking;  /* an answer of the bus or of polkit is still to come */
  gboolean is_granted; /* by polkit */
  gboolean is_over;
} Call;

static void
clear_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
call_free (Call *self)
{
  SalHelperHouse *house = self->house;

  if (self->is_admitted)
    sal_helper_callers_leave (house->callers, self->uid);
  g_clear_object (&self->cancellable);
  g_free (self);
  house->n_calls--;
  house->ended_cb (house->data);
}

/* Ends the call, and with it the session: the opener's child sees its socket closed. */
static void
call_end (Call *self)
{
  g_clear_handle_id (&self->control, g_source_remove);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  clear_fd (&self->control_fd);
  clear_fd (&self->client_fd);
  self->is_over = TRUE;
  if (self->is_asking)
    g_cancellable_cancel (self->cancellable);
  else
    call_free (self);
}

static void
refuse (Call *self, const char *error_name, const char *sentence)
{
  if (self->invocation != NULL)
    g_dbus_method_invocation_return_dbus_error (g_steal_pointer (&self->invocation),
                                                error_name,
                                                sentence);
  call_end (self);
}

static void
refuse_for_verdict (Call *self, SalHelperVerdict verdict)
{
  static const struct
  {
    const char *name;
    const char *sentence;
  } errors[] = {
    [SAL_HELPER_VERDICT_OK] = { SAL_HELPER_ERROR_FAILED, "the session ended" },
    [SAL_HELPER_VERDICT_GONE] = { SAL_HELPER_ERROR_GONE,
                                  "no process of this number started at this time" },
    [SAL_HELPER_VERDICT_CHANGED] = { SAL_HELPER_ERROR_CHANGED,
                                     "the process has changed its user or its rights meanwhile" },
    [SAL_HELPER_VERDICT_KERNEL_THREAD] = { SAL_HELPER_ERROR_KERNEL_THREAD, "a kernel thread" },
    [SAL_HELPER_VERDICT_ITSELF] = { SAL_HELPER_ERROR_ITSELF, "the helper does not open itself" },
    [SAL_HELPER_VERDICT_NOT_PYTHON] = { SAL_HELPER_ERROR_NOT_PYTHON,
                                        "no Python runtime is mapped in the process" },
    [SAL_HELPER_VERDICT_DENIED] = { SAL_HELPER_ERROR_DENIED, "the kernel refuses even root" },
    [SAL_HELPER_VERDICT_FAILED] = { SAL_HELPER_ERROR_FAILED, "the process could not be opened" },
  };

  if ((guint)verdict >= G_N_ELEMENTS (errors))
    verdict = SAL_HELPER_VERDICT_FAILED;
  refuse (self, errors[verdict].name, errors[verdict].sentence);
}

static void
hand_over (Call *self)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new_from_array (&self->client_fd, 1);

  self->client_fd = -1;
  g_dbus_method_invocation_return_value_with_unix_fd_list (g_steal_pointer (&self->invocation),
                                                           g_variant_new ("(h)", 0),
                                                           fds);
}

static void
caller_left_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  Call *self = data;

  refuse (self, SAL_HELPER_ERROR_FAILED, "the caller has left");
}

static void
polkit_answered_cb (GObject *source, GAsyncResult *answer, gpointer data)
{
  Call *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PolkitAuthorizationResult) result =
      polkit_authority_check_authorization_finish (POLKIT_AUTHORITY (source), answer, &error);

  self->is_asking = FALSE;
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->is_over)
    {
      call_free (self);
      return;
    }
  if (result == NULL)
    refuse (self, SAL_HELPER_ERROR_FAILED, "polkit does not answer");
  else if (polkit_authorization_result_get_is_authorized (result))
    {
      self->is_granted = TRUE;
      if (send (self->control_fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
        refuse (self, SAL_HELPER_ERROR_GONE, "the process has ended");
    }
  else if (polkit_authorization_result_get_dismissed (result))
    refuse (self, SAL_HELPER_ERROR_DISMISSED, "no password was given");
  else if (polkit_authorization_result_get_is_challenge (result))
    refuse (self, SAL_HELPER_ERROR_NO_AGENT, "a password is needed, and nobody can ask for it");
  else
    refuse (self, SAL_HELPER_ERROR_NOT_AUTHORIZED, "polkit does not allow it");
}

static void
ask_polkit (Call *self, const SalHelperAnswer *found)
{
  const char *sender = g_dbus_method_invocation_get_sender (self->invocation);
  GDBusMessage *message = g_dbus_method_invocation_get_message (self->invocation);
  gboolean may_ask = (g_dbus_message_get_flags (message) &
                      G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;
  g_autoptr (PolkitSubject) subject = polkit_system_bus_name_new (sender);
  g_autoptr (PolkitDetails) details = polkit_details_new ();
  g_autofree char *pid = g_strdup_printf ("%u", self->pid);
  g_autofree char *user = sal_helper_question_dup_user (found->identity.uids[0]);
  g_autofree char *command =
      sal_helper_question_dup_command (found->command,
                                       MIN (found->n_command, sizeof found->command));

  polkit_details_insert (details, "pid", pid);
  polkit_details_insert (details, "user", user);
  polkit_details_insert (details, "command", command);
  self->is_asking = TRUE;
  polkit_authority_check_authorization (
      self->house->authority,
      subject,
      sal_helper_question_get_action (&found->identity, self->uid),
      details,
      may_ask ? POLKIT_CHECK_AUTHORIZATION_FLAGS_ALLOW_USER_INTERACTION
              : POLKIT_CHECK_AUTHORIZATION_FLAGS_NONE,
      self->cancellable,
      polkit_answered_cb,
      self);
}

/* The opener's child speaks: who the process is, whether it was opened, and by its end that the
 * session is over. */
static gboolean
control_ready_cb (int fd, GIOCondition condition, gpointer data)
{
  Call *self = data;
  SalHelperAnswer found;
  int received = sal_helper_packet_receive (fd, &found, sizeof found, NULL, 0);

  if (received == 1 && found.verdict == SAL_HELPER_VERDICT_OK && self->invocation != NULL)
    {
      if (self->is_granted)
        hand_over (self);
      else if (!self->is_asking)
        ask_polkit (self, &found);
      return G_SOURCE_CONTINUE;
    }
  self->control = 0;
  refuse_for_verdict (self,
                      received == 1 ? (SalHelperVerdict)found.verdict : SAL_HELPER_VERDICT_FAILED);
  return G_SOURCE_REMOVE;
}

/* Orders a child of the opener. */
static gboolean
order (Call *self)
{
  SalHelperOrder wanted = { .pid = self->pid, .start_time = self->start_time };
  struct iovec piece = { &wanted, sizeof wanted };
  int control[2];
  int client[2];
  gboolean is_sent;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0)
    return FALSE;
  self->control_fd = control[0];
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, client) != 0)
    {
      close (control[1]);
      return FALSE;
    }
  self->client_fd = client[0];
  is_sent = sal_helper_packet_send (self->house->opener,
                                    &piece,
                                    1,
                                    (int[]){ control[1], client[1] },
                                    2);
  close (control[1]);
  close (client[1]);
  return is_sent;
}

static void
uid_known_cb (GObject *source, GAsyncResult *answer, gpointer data)
{
  Call *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) uid =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), answer, &error);

  self->is_asking = FALSE;
  if (self->is_over)
    {
      call_free (self);
      return;
    }
  if (uid == NULL)
    {
      refuse (self, SAL_HELPER_ERROR_FAILED, "the bus does not know the caller");
      return;
    }
  g_variant_get (uid, "(u)", &self->uid);
  if (!sal_helper_callers_admit (self->house->callers, self->uid, g_get_monotonic_time ()))
    {
      refuse (self, SAL_HELPER_ERROR_TOO_MANY, "too many sessions, or calls in too short a time");
      return;
    }
  self->is_admitted = TRUE;
  if (!order (self))
    {
      refuse (self, SAL_HELPER_ERROR_FAILED, "no session could be made");
      return;
    }
  self->control =
      g_unix_fd_add (self->control_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, control_ready_cb, self);
}

void
sal_helper_call_begin (SalHelperHouse *house,
                       GDBusMethodInvocation *invocation,
                       guint32 pid,
                       guint64 start_time)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  Call *self = g_new0 (Call, 1);

  house->n_calls++;
  self->house = house;
  self->invocation = invocation;
  self->pid = pid;
  self->start_time = start_time;
  self->control_fd = -1;
  self->client_fd = -1;
  self->cancellable = g_cancellable_new ();
  self->is_asking = TRUE;
  self->watch = g_bus_watch_name_on_connection (house->bus,
                                                sender,
                                                G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                NULL,
                                                caller_left_cb,
                                                self,
                                                NULL);
  g_dbus_connection_call (house->bus,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          "GetConnectionUnixUser",
                          g_variant_new ("(s)", sender),
                          G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          -1,
                          self->cancellable,
                          uid_known_cb,
                          self);
}
