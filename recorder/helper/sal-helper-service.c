/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The helper on the system bus: calls of Attach, each until the session that it began has ended. */
#include "sal-helper-service.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <polkit/polkit.h>

#include "sal-helper-bus.h"
#include "sal-helper-wire.h"

#include "sal-helper-packet.h"
#include "sal-helper-rules.h"
#include "sal-helper-session.h"

#define VERSION 1
#define IDLE_S 30
/* How long calls that were sent to the name before it was given up may take to arrive. */
#define LINGER_S 1

typedef struct
{
  GMainLoop *loop;
  GDBusConnection *bus;
  PolkitAuthority *authority;
  GHashTable *callers; /* for sal_helper_rules_admit() */
  int opener;
  guint n_calls;    /* calls and sessions that have not ended */
  guint n_sessions; /* those of them that were admitted */
  guint name;       /* id of its ownership, 0 = given up */
  guint idle;       /* timer, 0 = there is something to do */
} Service;

typedef enum
{
  CALLED,      /* the bus says whose call it is */
  IDENTIFYING, /* the session says who the process is */
  ASKING,      /* polkit */
  OPENING,     /* the session opens the process */
  SERVING,     /* the session and its caller have no more need of us */
  ENDED,       /* once bus or polkit has answered what nobody waits for any more */
} State;

typedef struct
{
  Service *service; /* borrowed */
  State state;
  GDBusMethodInvocation *invocation; /* owned; NULL when answered */
  GCancellable *cancellable;
  SalHelperCaller *caller; /* borrowed; NULL = not admitted yet */
  guint64 start_time;
  guint32 pid;
  guint32 uid;
  guint watch;   /* of the caller's name, until polkit has answered */
  guint control; /* source of @control_fd */
  int control_fd;
  int client_fd; /* what the caller gets */
} Call;

static const char *const verdict_errors[] = {
  [SAL_HELPER_VERDICT_OK] = SAL_HELPER_ERROR_FAILED,
  [SAL_HELPER_VERDICT_GONE] = SAL_HELPER_ERROR_GONE,
  [SAL_HELPER_VERDICT_CHANGED] = SAL_HELPER_ERROR_CHANGED,
  [SAL_HELPER_VERDICT_KERNEL_THREAD] = SAL_HELPER_ERROR_KERNEL_THREAD,
  [SAL_HELPER_VERDICT_ITSELF] = SAL_HELPER_ERROR_ITSELF,
  [SAL_HELPER_VERDICT_NOT_PYTHON] = SAL_HELPER_ERROR_NOT_PYTHON,
  [SAL_HELPER_VERDICT_DENIED] = SAL_HELPER_ERROR_DENIED,
  [SAL_HELPER_VERDICT_FAILED] = SAL_HELPER_ERROR_FAILED,
};

/* Gives the name up first, then ends. */
static gboolean
idle_cb (gpointer data)
{
  Service *self = data;

  self->idle = 0;
  if (self->name == 0)
    {
      g_main_loop_quit (self->loop);
      return G_SOURCE_REMOVE;
    }
  g_clear_handle_id (&self->name, g_bus_unown_name);
  self->idle = g_timeout_add_seconds (LINGER_S, idle_cb, self);
  return G_SOURCE_REMOVE;
}

/* Begins to be idle when nothing is left to do. */
static void
rest (Service *self)
{
  if (self->n_calls == 0 && self->idle == 0)
    self->idle = g_timeout_add_seconds (self->name != 0 ? IDLE_S : LINGER_S, idle_cb, self);
}

/* The sentence for a person is made by the program that called. */
static void
refuse (GDBusMethodInvocation *invocation, const char *error)
{
  g_dbus_method_invocation_return_dbus_error (invocation, error, "refused by salamander-helper");
}

static void
call_free (Call *self)
{
  Service *service = self->service;

  if (self->caller != NULL)
    {
      self->caller->n_sessions--;
      service->n_sessions--;
    }
  service->n_calls--;
  g_object_unref (self->cancellable);
  g_free (self);
  rest (service);
}

static void
clear_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* Ends the call with @error if it was not answered, and with it the session: the opener's child
 * sees its socket closed. */
static void
call_end (Call *self, const char *error)
{
  gboolean is_asking = self->state == CALLED || self->state == ASKING;

  g_clear_handle_id (&self->control, g_source_remove);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  clear_fd (&self->control_fd);
  clear_fd (&self->client_fd);
  if (self->invocation != NULL)
    refuse (g_steal_pointer (&self->invocation), error);
  self->state = ENDED;
  if (is_asking)
    g_cancellable_cancel (self->cancellable);
  else
    call_free (self);
}

static void
caller_left_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  call_end (data, SAL_HELPER_ERROR_FAILED);
}

/* The error for what polkit said; NULL for yes. */
static const char *
judge (PolkitAuthorizationResult *result)
{
  if (result == NULL)
    return SAL_HELPER_ERROR_FAILED;
  if (polkit_authorization_result_get_is_authorized (result))
    return NULL;
  if (polkit_authorization_result_get_dismissed (result))
    return SAL_HELPER_ERROR_DISMISSED;
  return polkit_authorization_result_get_is_challenge (result) ? SAL_HELPER_ERROR_NO_AGENT
                                                               : SAL_HELPER_ERROR_NOT_AUTHORIZED;
}

static void
polkit_answered_cb (GObject *source, GAsyncResult *answer, gpointer data)
{
  Call *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PolkitAuthorizationResult) result =
      polkit_authority_check_authorization_finish (POLKIT_AUTHORITY (source), answer, &error);
  const char *refusal = judge (result);

  if (self->state == ENDED)
    {
      call_free (self);
      return;
    }
  if (result == NULL)
    g_printerr ("salamander-helper: polkit does not answer: %s\n", error->message);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  self->state = OPENING;
  if (refusal == NULL && send (self->control_fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
    refusal = SAL_HELPER_ERROR_GONE;
  if (refusal != NULL)
    call_end (self, refusal);
}

static void
ask_polkit (Call *self, const SalHelperAnswer *found)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (self->invocation);
  const char *sender = g_dbus_message_get_sender (message);
  gboolean may_ask = (g_dbus_message_get_flags (message) &
                      G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;
  g_autoptr (PolkitSubject) subject = polkit_system_bus_name_new (sender);
  g_autoptr (PolkitDetails) details = polkit_details_new ();
  g_autofree char *pid = g_strdup_printf ("%u", found->identity.pid);
  g_autofree char *user = sal_helper_rules_dup_user (found->identity.uids[0]);
  g_autofree char *command =
      sal_helper_rules_dup_command (found->command,
                                    MIN (found->n_command, sizeof found->command));

  polkit_details_insert (details, "pid", pid);
  polkit_details_insert (details, "user", user);
  polkit_details_insert (details, "command", command);
  self->state = ASKING;
  polkit_authority_check_authorization (
      self->service->authority,
      subject,
      sal_helper_rules_get_action (&found->identity, self->uid),
      details,
      may_ask ? POLKIT_CHECK_AUTHORIZATION_FLAGS_ALLOW_USER_INTERACTION
              : POLKIT_CHECK_AUTHORIZATION_FLAGS_NONE,
      self->cancellable,
      polkit_answered_cb,
      self);
}

static void
hand_over (Call *self)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new_from_array (&self->client_fd, 1);

  self->client_fd = -1;
  self->state = SERVING;
  g_dbus_method_invocation_return_value_with_unix_fd_list (g_steal_pointer (&self->invocation),
                                                           g_variant_new ("(h)", 0),
                                                           fds);
}

/* The opener's child speaks: who the process is, whether it was opened, and by its end that the
 * session is over. */
static gboolean
control_ready_cb (int fd, GIOCondition condition, gpointer data)
{
  Call *self = data;
  SalHelperAnswer found;
  guint32 verdict = SAL_HELPER_VERDICT_FAILED;

  if (sal_helper_packet_receive (fd, &found, sizeof found, sizeof found, NULL, 0) > 0)
    verdict = MIN (found.verdict, SAL_HELPER_VERDICT_FAILED);
  if (verdict == SAL_HELPER_VERDICT_OK && self->state == IDENTIFYING)
    ask_polkit (self, &found);
  else if (verdict == SAL_HELPER_VERDICT_OK && self->state == OPENING)
    hand_over (self);
  else
    {
      self->control = 0;
      call_end (self, verdict_errors[verdict]);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

/* Orders a child of the opener. */
static gboolean
order (Call *self)
{
  SalHelperOrder wanted = { .pid = self->pid, .start_time = self->start_time };
  struct iovec piece = { &wanted, sizeof wanted };
  int control[2] = { -1, -1 };
  int client[2] = { -1, -1 };
  gboolean is_sent = socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) == 0 &&
                     socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, client) == 0 &&
                     sal_helper_packet_send (self->service->opener,
                                             &piece,
                                             1,
                                             (int[]){ control[1], client[1] },
                                             2);

  clear_fd (&control[1]);
  clear_fd (&client[1]);
  self->control_fd = control[0];
  self->client_fd = client[0];
  return is_sent;
}

static void
uid_known_cb (GObject *source, GAsyncResult *answer, gpointer data)
{
  Call *self = data;
  Service *service = self->service;
  g_autoptr (GVariant) uid =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), answer, NULL);

  if (self->state == ENDED)
    {
      call_free (self);
      return;
    }
  self->state = IDENTIFYING;
  if (uid == NULL)
    {
      call_end (self, SAL_HELPER_ERROR_FAILED);
      return;
    }
  g_variant_get (uid, "(u)", &self->uid);
  self->caller = sal_helper_rules_admit (service->callers,
                                         service->n_sessions,
                                         self->uid,
                                         g_get_monotonic_time ());
  if (self->caller == NULL)
    {
      call_end (self, SAL_HELPER_ERROR_TOO_MANY);
      return;
    }
  service->n_sessions++;
  if (!order (self))
    {
      call_end (self, SAL_HELPER_ERROR_FAILED);
      return;
    }
  self->control =
      g_unix_fd_add (self->control_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, control_ready_cb, self);
}

/* Nothing is opened before polkit has answered, and a caller that leaves the bus before that ends
 * the call. The bus is never waited for: that takes a descriptor, and GLib ends the program when
 * there is none. */
static gboolean
attach_cb (SalHelperBus *object,
           GDBusMethodInvocation *invocation,
           GUnixFDList *fds,
           guint pid,
           guint64 start_time,
           GVariant *options,
           gpointer data)
{
  Service *service = data;
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  Call *self;

  if (g_variant_n_children (options) > 0)
    {
      refuse (invocation, SAL_HELPER_ERROR_OPTION);
      return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
  self = g_new0 (Call, 1);
  *self = (Call){ .service = service, .invocation = invocation, .control_fd = -1, .client_fd = -1 };
  self->pid = pid;
  self->start_time = start_time;
  self->cancellable = g_cancellable_new ();
  service->n_calls++;
  g_clear_handle_id (&service->idle, g_source_remove);
  self->watch = g_bus_watch_name_on_connection (service->bus,
                                                sender,
                                                G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                NULL,
                                                caller_left_cb,
                                                self,
                                                NULL);
  g_dbus_connection_call (service->bus,
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
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
name_lost_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  g_printerr ("salamander-helper: the bus does not let it have its name\n");
  exit (EXIT_FAILURE);
}

int
sal_helper_service_run (int opener)
{
  Service self = { .opener = opener, .loop = g_main_loop_new (NULL, FALSE) };
  g_autoptr (GError) error = NULL;
  g_autoptr (SalHelperBus) object = sal_helper_bus_skeleton_new ();

  sal_helper_bus_set_version (object, VERSION);
  g_signal_connect (object, "handle-attach", G_CALLBACK (attach_cb), &self);
  self.callers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self.bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  self.authority = self.bus != NULL ? polkit_authority_get_sync (NULL, &error) : NULL;
  if (self.authority == NULL ||
      !g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (object),
                                         self.bus,
                                         SAL_HELPER_PATH,
                                         &error))
    {
      g_printerr ("salamander-helper: %s\n", error->message);
      return EXIT_FAILURE;
    }
  self.name = g_bus_own_name_on_connection (self.bus,
                                            SAL_HELPER_BUS_NAME,
                                            G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                            NULL,
                                            name_lost_cb,
                                            NULL,
                                            NULL);
  rest (&self);
  g_main_loop_run (self.loop);
  return EXIT_SUCCESS;
}
