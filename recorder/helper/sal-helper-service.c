/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The helper on the system bus. */
#include "sal-helper-service.h"

#include <stdlib.h>

#include "sal-helper-bus.h"
#include "sal-helper-wire.h"

#include "sal-helper-call.h"

#define VERSION 1
#define IDLE_S 30
/* How long calls that were sent to the name before it was given up may take to arrive. */
#define LINGER_S 1

typedef struct
{
  GMainLoop *loop;
  SalHelperHouse house;
  guint name;        /* id of its ownership, 0 = given up */
  guint idle;        /* timer, 0 = there is something to do */
  gboolean has_lost; /* never had the name, or somebody took it */
} Service;

static gboolean
linger_cb (gpointer data)
{
  Service *self = data;

  self->idle = 0;
  if (self->house.n_calls == 0)
    g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
idle_cb (gpointer data)
{
  Service *self = data;

  g_bus_unown_name (self->name);
  self->name = 0;
  self->idle = g_timeout_add_seconds (LINGER_S, linger_cb, self);
  return G_SOURCE_REMOVE;
}

/* Begins to be idle when nothing is left to do. */
static void
rest (gpointer data)
{
  Service *self = data;

  if (self->house.n_calls > 0 || self->idle != 0)
    return;
  if (self->name != 0)
    self->idle = g_timeout_add_seconds (IDLE_S, idle_cb, self);
  else
    self->idle = g_timeout_add_seconds (LINGER_S, linger_cb, self);
}

static gboolean
attach_cb (SalHelperBus *object,
           GDBusMethodInvocation *invocation,
           GUnixFDList *fds,
           guint pid,
           guint64 start_time,
           GVariant *options,
           gpointer data)
{
  Service *self = data;

  if (g_variant_n_children (options) > 0)
    {
      g_dbus_method_invocation_return_dbus_error (invocation,
                                                  SAL_HELPER_ERROR_OPTION,
                                                  "there are no options yet");
      return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
  g_clear_handle_id (&self->idle, g_source_remove);
  sal_helper_call_begin (&self->house, invocation, pid, start_time);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
name_lost_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  Service *self = data;

  self->has_lost = TRUE;
  g_main_loop_quit (self->loop);
}

static void
serve (Service *self, SalHelperBus *object)
{
  g_signal_connect (object, "handle-attach", G_CALLBACK (attach_cb), self);
  self->name = g_bus_own_name_on_connection (self->house.bus,
                                             SAL_HELPER_BUS_NAME,
                                             G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                             NULL,
                                             name_lost_cb,
                                             self,
                                             NULL);
  rest (self);
  g_main_loop_run (self->loop);
}

int
sal_helper_service_run (int opener)
{
  Service self = { .house.opener = opener, .house.ended_cb = rest, .house.data = &self };
  g_autoptr (GError) error = NULL;
  g_autoptr (SalHelperBus) object = sal_helper_bus_skeleton_new ();

  self.house.bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  if (self.house.bus != NULL)
    self.house.authority = polkit_authority_get_sync (NULL, &error);
  sal_helper_bus_set_version (object, VERSION);
  if (self.house.authority == NULL ||
      !g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (object),
                                         self.house.bus,
                                         SAL_HELPER_PATH,
                                         &error))
    {
      g_printerr ("salamander-helper: %s\n", error->message);
      return EXIT_FAILURE;
    }
  self.house.callers = sal_helper_callers_new ();
  self.loop = g_main_loop_new (NULL, FALSE);
  serve (&self, object);
  return self.has_lost ? EXIT_FAILURE : EXIT_SUCCESS;
}
