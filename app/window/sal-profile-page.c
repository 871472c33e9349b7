/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts the views of a profile together and offers what can be done with them as actions. */
#include "config.h"

#include "sal-profile-page.h"

#include <glib/gi18n.h>

#include "sal-filter-switches.h"
#include "sal-flame-view.h"
#include "sal-function-view.h"
#include "sal-legend.h"
#include "sal-related-view.h"
#include "sal-thread-list.h"

#include "sal-filter-actions.h"
#include "sal-function-line.h"
#include "sal-message-bar.h"
#include "sal-outcome.h"
#include "sal-output-pane.h"
#include "sal-record-bar.h"
#include "sal-search-line.h"
#include "sal-settings.h"
#include "sal-summary.h"

#define THREADS_HEIGHT 220

#define CALLERS_HEIGHT 170
#define OUTPUT_HEIGHT 150

/* Smaller windows begin without callers and callees. */
#define LARGE_WIDTH 900
#define LARGE_HEIGHT 680

struct _SalProfilePage
{
  AdwBin parent_instance;

  /* Template children */
  GtkBox *record_box;
  SalMessageBar *message_bar;
  GtkWidget *inverted_button;
  GtkLabel *search_label;
  GtkEditable *search_entry;
  GtkPaned *output_paned;
  GtkPaned *sidebar_paned;
  GtkPaned *views_paned;
  GtkStack *stack;
  SalOutputPane *output_pane;
  GtkLabel *details_label;
  GtkLabel *place_label;
  GtkLabel *summary_label;

  /* Children made in code */
  SalFlameView *flame_view;
  GtkWidget *function_view;
  GtkWidget *related_view;
  GtkWidget *sidebar; /* NULL for a call profile */

  /* Owned */
  SalDocument *document;
  GSimpleActionGroup *actions;
};

G_DEFINE_FINAL_TYPE (SalProfilePage, sal_profile_page, ADW_TYPE_BIN)

static SalViewState *
get_state (SalProfilePage *self)
{
  return sal_document_get_state (self->document);
}

static gboolean
is_recording_kind (SalProfilePage *self)
{
  SalProfile *profile = sal_document_get_profile (self->document);

  return !profile || sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES;
}

/* What a process prints that we did not start goes where it always went. */
static gboolean
has_output (SalProfilePage *self)
{
  SalSession *session = sal_document_get_session (self->document);

  return session && sal_session_get_options (session)->argv;
}

/* The search. */

static void
update_search_label (SalProfilePage *self)
{
  SalProfile *profile = sal_document_get_profile (self->document);
  g_autofree char *text = sal_search_line_describe (get_state (self), profile, self->flame_view);

  gtk_label_set_text (self->search_label, text);
}

static void
search_changed_cb (SalProfilePage *self)
{
  sal_view_state_set_search (get_state (self), gtk_editable_get_text (self->search_entry));
}

static void
focus_view (SalProfilePage *self)
{
  GtkWidget *view = gtk_stack_get_visible_child (self->stack);

  if (!gtk_widget_grab_focus (view))
    gtk_widget_child_focus (view, GTK_DIR_TAB_FORWARD);
}

static void
stop_search_cb (SalProfilePage *self)
{
  gtk_editable_set_text (self->search_entry, "");
  search_changed_cb (self);
  focus_view (self);
}

static void
search_activated_cb (SalProfilePage *self)
{
  search_changed_cb (self);
  focus_view (self);
}

/* The line below the views. */

static void
update_details_cb (SalProfilePage *self)
{
  SalProfile *profile = sal_document_get_profile (self->document);
  guint32 function = sal_view_state_get_selected_function (get_state (self));
  g_autofree char *line = NULL;
  g_autofree char *place = NULL;

  if (profile && function < sal_profile_get_n_functions (profile))
    line = sal_function_line_describe (profile,
                                       sal_view_state_get_table (get_state (self)),
                                       function,
                                       &place);
  gtk_label_set_text (self->details_label, line ? line : _ ("No function is selected."));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->details_label), line);
  gtk_label_set_text (self->place_label, place ? place : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->place_label), place);
}

static void
update_summary_cb (SalProfilePage *self)
{
  SalProfile *profile = sal_document_get_profile (self->document);
  gboolean recording = sal_document_is_recording (self->document);
  g_autofree char *line = NULL;

  if (profile)
    line = sal_summary_describe (profile);
  else
    line = g_strdup (_ ("Nothing was recorded."));
  gtk_label_set_text (self->summary_label, recording ? "" : line);
}

/* The message above the views. */

static void
update_message_cb (SalProfilePage *self)
{
  g_autofree char *text = sal_outcome_describe (self->document);

  if (!sal_document_is_recording (self->document) && *text)
    sal_message_bar_show (self->message_bar,
                          sal_document_get_problem (self->document) ? SAL_MESSAGE_ERROR
                                                                    : SAL_MESSAGE_WARNING,
                          text);
}

void
sal_profile_page_show_error (SalProfilePage *self, const char *sentence)
{
  g_return_if_fail (SAL_IS_PROFILE_PAGE (self));

  sal_message_bar_show (self->message_bar, SAL_MESSAGE_ERROR, sentence);
}

/* Actions. */

static void
view_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  SalProfilePage *self = SAL_PROFILE_PAGE (data);

  gtk_stack_set_visible_child_name (self->stack, g_variant_get_string (value, NULL));
  focus_view (self);
}

static void
view_changed_cb (SalProfilePage *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "view");
  const char *name = gtk_stack_get_visible_child_name (self->stack);
  gboolean flame = g_strcmp0 (name, "flame") == 0;

  gtk_widget_set_visible (GTK_WIDGET (self->search_entry), flame);
  gtk_widget_set_visible (GTK_WIDGET (self->search_label), flame);
  gtk_widget_set_visible (self->inverted_button, flame && self->sidebar);
  g_simple_action_set_state (G_SIMPLE_ACTION (action),
                             g_variant_new_string (name ? name : "flame"));
  for (const char *const *zoom = (const char *const[]){ "zoom-in", "zoom-out", "zoom-reset", NULL };
       *zoom;
       zoom++)
    {
      GAction *zooming = g_action_map_lookup_action (G_ACTION_MAP (self->actions), *zoom);

      g_simple_action_set_enabled (G_SIMPLE_ACTION (zooming), flame);
    }
}

static void
search_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SalProfilePage *self = SAL_PROFILE_PAGE (data);

  /* The table has an entry of its own, above its rows. */
  if (gtk_stack_get_visible_child (self->stack) == self->function_view)
    {
      gtk_root_set_focus (gtk_widget_get_root (self->function_view), NULL);
      gtk_widget_child_focus (self->function_view, GTK_DIR_TAB_FORWARD);
      return;
    }
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
  gtk_editable_select_region (self->search_entry, 0, -1);
}

static void
zoom_in_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sal_flame_view_zoom_in (SAL_PROFILE_PAGE (data)->flame_view);
}

static void
zoom_out_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sal_flame_view_zoom_out (SAL_PROFILE_PAGE (data)->flame_view);
}

static void
zoom_reset_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sal_flame_view_reset (SAL_PROFILE_PAGE (data)->flame_view);
}

static void
back_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sal_flame_view_go_back (SAL_PROFILE_PAGE (data)->flame_view);
}

static void
forward_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sal_flame_view_go_forward (SAL_PROFILE_PAGE (data)->flame_view);
}

/* The callers and callees of the selected function. */

static void
show_callers_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  SalProfilePage *self = SAL_PROFILE_PAGE (data);

  gtk_widget_set_visible (self->related_view, g_variant_get_boolean (value));
  g_simple_action_set_state (action, value);
  g_settings_set_value (sal_settings_get (), "show-callers", value);
}

/* As somebody has once decided, otherwise where there is room. */
static void
update_callers (SalProfilePage *self, GtkWidget *window)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "show-callers");
  g_autoptr (GVariant) decided = g_settings_get_user_value (sal_settings_get (), "show-callers");
  gboolean has_output_pane = gtk_widget_get_visible (GTK_WIDGET (self->output_pane));
  int width = gtk_widget_get_width (window);
  int height = gtk_widget_get_height (window);
  gboolean shown;

  if (height == 0)
    gtk_window_get_default_size (GTK_WINDOW (window), &width, &height);
  shown = width >= LARGE_WIDTH && height >= LARGE_HEIGHT + (has_output_pane ? OUTPUT_HEIGHT : 0);
  if (decided)
    shown = g_variant_get_boolean (decided);
  gtk_widget_set_visible (self->related_view, shown);
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (shown));
}

static void
go_to_function_cb (SalProfilePage *self, guint function)
{
  sal_flame_view_go_to_function (self->flame_view, function);
}

static void
create_related_view (SalProfilePage *self, SalViewState *state)
{
  self->related_view = sal_related_view_new (state);
  gtk_widget_set_size_request (self->related_view, -1, CALLERS_HEIGHT);
  gtk_paned_set_end_child (self->views_paned, self->related_view);
  g_signal_connect_object (self->related_view,
                           "activated",
                           G_CALLBACK (go_to_function_cb),
                           self,
                           G_CONNECT_SWAPPED);
}

static const GActionEntry action_entries[] = {
  { .name = "view", .parameter_type = "s", .state = "'flame'", .change_state = view_cb },
  { .name = "search", .activate = search_cb },
  { .name = "zoom-in", .activate = zoom_in_cb },
  { .name = "zoom-out", .activate = zoom_out_cb },
  { .name = "zoom-reset", .activate = zoom_reset_cb },
  { .name = "back", .activate = back_cb },
  { .name = "forward", .activate = forward_cb },
  { .name = "show-callers", .state = "false", .change_state = show_callers_cb },
};

/* From each view of native frames to the next one. */
static gboolean
native_key_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  SalViewState *state = get_state (SAL_PROFILE_PAGE (widget));
  SalProfile *profile = sal_view_state_get_profile (state);
  SalNativeView view;

  if (!profile || !sal_frame_view_has_native (profile))
    return GDK_EVENT_PROPAGATE;
  g_object_get (state, "native-frames", &view, NULL);
  g_object_set (state, "native-frames", (view + 1) % SAL_N_NATIVE_VIEWS, NULL);
  return GDK_EVENT_STOP;
}

/* Keys without Ctrl, wherever the focus is but where somebody writes: entries take them first. */
static void
add_keys (SalProfilePage *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  GtkShortcut *shortcut = gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_x, 0),
                                            gtk_callback_action_new (native_key_cb, NULL, NULL));

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), shortcut);
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (keys), GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
add_setting_action (SalProfilePage *self, const char *key, gpointer object, const char *property)
{
  g_autoptr (GAction) action = g_settings_create_action (sal_settings_get (), key);

  g_action_map_add_action (G_ACTION_MAP (self->actions), action);
  g_settings_bind (sal_settings_get (), key, object, property, G_SETTINGS_BIND_GET);
}

static void
create_actions (SalProfilePage *self)
{
  GActionMap *map = G_ACTION_MAP (self->actions);

  g_action_map_add_action_entries (map, action_entries, G_N_ELEMENTS (action_entries), self);
  add_setting_action (self, "root-at-bottom", self->flame_view, "root-at-bottom");
  add_setting_action (self, "colouring", self->flame_view, "colouring");
  g_object_bind_property (self->flame_view,
                          "can-go-back",
                          g_action_map_lookup_action (map, "back"),
                          "enabled",
                          G_BINDING_SYNC_CREATE);
  g_object_bind_property (self->flame_view,
                          "can-go-forward",
                          g_action_map_lookup_action (map, "forward"),
                          "enabled",
                          G_BINDING_SYNC_CREATE);
  if (self->sidebar)
    {
      add_setting_action (self, "show-sidebar", self->sidebar, "visible");
      sal_filter_actions_add (map, get_state (self));
    }
  if (has_output (self))
    add_setting_action (self, "show-output", self->output_pane, "visible");
}

/* Putting it together. */

/* The list of threads scrolls by itself; all of it does where not even a few threads have room. */
static void
create_sidebar (SalProfilePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *list = sal_thread_list_new (get_state (self));
  GtkWidget *switches = sal_filter_switches_new (get_state (self));
  GtkWidget *title = gtk_label_new (_ ("Threads"));

  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (title, "sidebar-title");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_vexpand (list, TRUE);
  gtk_widget_set_size_request (list, -1, THREADS_HEIGHT);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), list);
  gtk_widget_add_css_class (switches, "sidebar-switches");
  gtk_box_append (GTK_BOX (box), switches);

  self->sidebar = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->sidebar), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->sidebar), box);
  gtk_widget_set_size_request (self->sidebar, 180, -1);
  gtk_paned_set_start_child (self->sidebar_paned, self->sidebar);
}

static GtkWidget *
create_flame_box (SalProfilePage *self, SalViewState *state)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *legend = sal_legend_new (state);

  self->flame_view = SAL_FLAME_VIEW (sal_flame_view_new (state));
  g_object_bind_property (self->flame_view, "colouring", legend, "colouring", 0);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->flame_view));
  gtk_box_append (GTK_BOX (box), legend);
  return box;
}

static void
output_cb (SalProfilePage *self, GBytes *bytes)
{
  sal_output_pane_append (self->output_pane, bytes);
}

static void
follow_session (SalProfilePage *self, SalSession *session)
{
  g_signal_connect_object (session, "output", G_CALLBACK (output_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session,
                           "exited",
                           G_CALLBACK (update_message_cb),
                           self,
                           G_CONNECT_SWAPPED);
}

static void
follow_state (SalProfilePage *self, SalViewState *state)
{
  static const char *const of_details[] = { "notify::selected-function", "notify::table" };

  for (guint i = 0; i < G_N_ELEMENTS (of_details); i++)
    g_signal_connect_object (state,
                             of_details[i],
                             G_CALLBACK (update_details_cb),
                             self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (self->flame_view,
                           "notify::match-fraction",
                           G_CALLBACK (update_search_label),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->document,
                           "notify::recording",
                           G_CALLBACK (update_summary_cb),
                           self,
                           G_CONNECT_SWAPPED);
  for (const char *const *signal = (const char *const[]){ "notify::recording",
                                                          "notify::problem",
                                                          NULL };
       *signal;
       signal++)
    g_signal_connect_object (self->document,
                             *signal,
                             G_CALLBACK (update_message_cb),
                             self,
                             G_CONNECT_SWAPPED);
}

static void
sal_profile_page_root (GtkWidget *widget)
{
  SalProfilePage *self = SAL_PROFILE_PAGE (widget);

  GTK_WIDGET_CLASS (sal_profile_page_parent_class)->root (widget);
  update_callers (self, GTK_WIDGET (gtk_widget_get_root (widget)));
}

static void
sal_profile_page_dispose (GObject *object)
{
  SalProfilePage *self = SAL_PROFILE_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SAL_TYPE_PROFILE_PAGE);
  g_clear_object (&self->actions);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (sal_profile_page_parent_class)->dispose (object);
}

static void
sal_profile_page_class_init (SalProfilePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sal_profile_page_dispose;
  widget_class->root = sal_profile_page_root;
  g_type_ensure (SAL_TYPE_MESSAGE_BAR);
  g_type_ensure (SAL_TYPE_OUTPUT_PANE);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/org/salamander_profiler/Salamander/window/sal-profile-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, record_box);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, message_bar);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, inverted_button);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, search_label);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, output_paned);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, sidebar_paned);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, views_paned);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, stack);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, output_pane);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, details_label);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, place_label);
  gtk_widget_class_bind_template_child (widget_class, SalProfilePage, summary_label);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activated_cb);
}

static void
sal_profile_page_init (SalProfilePage *self)
{
  self->actions = g_simple_action_group_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
sal_profile_page_new (SalDocument *document)
{
  SalProfilePage *self = g_object_new (SAL_TYPE_PROFILE_PAGE, NULL);
  SalViewState *state = sal_document_get_state (document);
  SalSession *session = sal_document_get_session (document);

  self->document = g_object_ref (document);
  if (session)
    gtk_box_append (self->record_box, sal_record_bar_new (document));
  self->function_view = sal_function_view_new (state);
  gtk_stack_add_titled (self->stack, create_flame_box (self, state), "flame", _ ("Flame Graph"));
  gtk_stack_add_titled (self->stack, self->function_view, "table", _ ("Call Table"));
  create_related_view (self, state);
  if (is_recording_kind (self))
    create_sidebar (self);
  gtk_widget_set_visible (self->inverted_button, self->sidebar != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->output_pane), has_output (self));

  create_actions (self);
  add_keys (self);
  follow_state (self, state);
  if (session)
    follow_session (self, session);
  g_signal_connect_object (self->stack,
                           "notify::visible-child-name",
                           G_CALLBACK (view_changed_cb),
                           self,
                           G_CONNECT_SWAPPED);
  update_details_cb (self);
  update_summary_cb (self);
  update_message_cb (self);
  return GTK_WIDGET (self);
}

GActionGroup *
sal_profile_page_get_actions (SalProfilePage *self)
{
  g_return_val_if_fail (SAL_IS_PROFILE_PAGE (self), NULL);

  return G_ACTION_GROUP (self->actions);
}
