/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of threads that are updated where they stand, so that nothing jumps and no focus is lost. */
#include "sal-thread-list.h"

#include <glib/gi18n.h>

#include "sal-format.h"

struct _SalThreadList
{
  GtkWidget parent_instance;

  /* owned */
  SalViewState *state;
  GPtrArray *rows; /* Row, by thread */

  /* children */
  GtkWidget *box;
  GtkWidget *note;   /* borrowed, as all below: why there are none */
  GtkWidget *window; /* around the list */
  GtkWidget *buttons;
  GtkWidget *list;
  GtkWidget *menu;
  guint32 menu_thread;
  gboolean is_syncing;
};

/* The widgets of one thread, borrowed from its GtkListBoxRow. */
typedef struct
{
  GtkWidget *row;
  GtkWidget *title;
  GtkWidget *subtitle;
  GtkWidget *toggle;
} Row;

G_DEFINE_FINAL_TYPE (SalThreadList, sal_thread_list, GTK_TYPE_WIDGET)

static guint32
get_thread (gpointer row)
{
  return GPOINTER_TO_UINT (g_object_get_data (row, "sal-thread"));
}

static char *
get_title (const SalThread *thread)
{
  g_autofree char *tid = NULL;

  if (*thread->name != '\0')
    return g_strdup_printf ("\u2068%s\u2069", thread->name);
  if (thread->is_main)
    return g_strdup (_ ("Main thread"));
  tid = g_strdup_printf ("%" G_GUINT64_FORMAT, thread->tid);
  return g_strdup_printf (_ ("Thread %s"), tid);
}

/* What a line has room for, "4711 · 34 %", and the whole of it for the tooltip. */
static char *
get_subtitle (SalProfile *profile, const SalThread *thread, char **tooltip)
{
  g_autofree char *share = sal_format_percent ((double)thread->n_samples,
                                               (double)sal_profile_get_n_samples (profile));
  g_autofree char *tid = g_strdup_printf ("%" G_GUINT64_FORMAT, thread->tid);
  g_autofree char *cpu = sal_format_duration_ns ((gint64)MIN (thread->cpu_ns, G_MAXINT64));

  /* Translators: the system's number of a thread, its share of samples, its processor time. */
  *tooltip = g_strdup_printf (_ ("Thread %s: %s of the samples, %s of processor time"), tid, share,
                              cpu);
  /* Translators: the system's number of a thread, its share of samples. */
  return g_strdup_printf (_ ("%s · %s"), tid, share);
}

static void
toggled_cb (GtkSwitch *toggle, GParamSpec *pspec, SalThreadList *self)
{
  if (self->is_syncing)
    return;
  sal_view_state_set_thread_shown (self->state, get_thread (toggle),
                                   gtk_switch_get_active (toggle));
}

static void
set_all (SalThreadList *self, gboolean shown, guint32 except)
{
  for (guint32 i = 0; i < self->rows->len; i++)
    sal_view_state_set_thread_shown (self->state, i, i == except ? !shown : shown);
}

static void
row_menu_cb (GtkGestureClick *gesture, gint n_press, double x, double y, SalThreadList *self)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  graphene_point_t point;

  if (!gtk_widget_compute_point (row, GTK_WIDGET (self), &GRAPHENE_POINT_INIT ((float)x, (float)y),
                                 &point))
    return;
  self->menu_thread = get_thread (row);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu),
                               &(GdkRectangle){ (gint)point.x, (gint)point.y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static GtkWidget *
make_label (const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (class != NULL)
    gtk_widget_add_css_class (label, class);
  return label;
}

static Row *
make_row (SalThreadList *self, guint32 thread)
{
  Row *row = g_new0 (Row, 1);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkGesture *click = gtk_gesture_click_new ();

  row->title = make_label (NULL);
  row->subtitle = make_label ("dim-label");
  gtk_widget_add_css_class (row->subtitle, "caption");
  gtk_widget_add_css_class (row->subtitle, "numeric");
  row->toggle = gtk_switch_new ();
  gtk_widget_set_valign (row->toggle, GTK_ALIGN_CENTER);
  g_object_set_data (G_OBJECT (row->toggle), "sal-thread", GUINT_TO_POINTER (thread));
  gtk_accessible_update_relation (GTK_ACCESSIBLE (row->toggle), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  row->title, NULL, GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  row->subtitle, NULL, -1);
  g_signal_connect (row->toggle, "notify::active", G_CALLBACK (toggled_cb), self);
  gtk_box_append (GTK_BOX (texts), row->title);
  gtk_box_append (GTK_BOX (texts), row->subtitle);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (line), texts);
  gtk_box_append (GTK_BOX (line), row->toggle);
  g_object_set (line, "margin-start", 6, "margin-end", 6, "margin-top", 4, "margin-bottom", 4,
                NULL);

  row->row = gtk_list_box_row_new ();
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row->row), line);
  g_object_set_data (G_OBJECT (row->row), "sal-thread", GUINT_TO_POINTER (thread));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (row_menu_cb), self);
  gtk_widget_add_controller (row->row, GTK_EVENT_CONTROLLER (click));
  return row;
}

/* Sets a label only when it says something new: unchanged text costs no layout. */
static void
set_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
}

static void
update_row (SalThreadList *self, SalProfile *profile, guint32 id)
{
  SalThread thread = sal_profile_get_thread (profile, id);
  const Row *row = self->rows->pdata[id];
  g_autofree char *title = get_title (&thread);
  g_autofree char *tooltip = NULL;
  g_autofree char *subtitle = get_subtitle (profile, &thread, &tooltip);

  set_text (row->title, title);
  set_text (row->subtitle, subtitle);
  gtk_widget_set_tooltip_text (gtk_widget_get_parent (row->subtitle), tooltip);
  gtk_switch_set_active (GTK_SWITCH (row->toggle),
                         sal_view_state_get_thread_shown (self->state, id));
}

/* Which kind of thing is listed: no rows, but a sentence, for a call profile. */
static void
update_note (SalThreadList *self, SalProfile *profile)
{
  const char *text = NULL;

  if (profile != NULL && sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    text = _ (".prof files have no information about threads");
  else if (profile != NULL && sal_profile_get_n_threads (profile) == 0 &&
           sal_profile_is_finished (profile))
    text = _ ("No threads");
  else if (profile == NULL || sal_profile_get_n_threads (profile) == 0)
    text = _ ("No threads yet");
  gtk_widget_set_visible (self->note, text != NULL);
  gtk_widget_set_visible (self->window, text == NULL);
  gtk_widget_set_visible (self->buttons, text == NULL);
  gtk_label_set_text (GTK_LABEL (self->note), text != NULL ? text : "");
}

static void
update (SalThreadList *self)
{
  SalProfile *profile = sal_view_state_get_profile (self->state);
  guint32 n_threads = profile != NULL ? sal_profile_get_n_threads (profile) : 0;

  self->is_syncing = TRUE;
  update_note (self, profile);
  while (self->rows->len > n_threads)
    {
      const Row *row = self->rows->pdata[self->rows->len - 1];

      gtk_list_box_remove (GTK_LIST_BOX (self->list), row->row);
      g_ptr_array_set_size (self->rows, (gint)self->rows->len - 1);
    }
  while (self->rows->len < n_threads)
    {
      Row *row = make_row (self, self->rows->len);

      g_ptr_array_add (self->rows, row);
      gtk_list_box_append (GTK_LIST_BOX (self->list), row->row);
    }
  for (guint32 i = 0; i < n_threads; i++)
    update_row (self, profile, i);
  self->is_syncing = FALSE;
}

/* By process, then the main thread, then as they came: an order that never changes. */
static gint
compare_rows (GtkListBoxRow *a, GtkListBoxRow *b, gpointer data)
{
  SalThreadList *self = data;
  SalProfile *profile = sal_view_state_get_profile (self->state);
  guint32 first = get_thread (a), second = get_thread (b);
  guint32 n_threads = profile != NULL ? sal_profile_get_n_threads (profile) : 0;

  if (first < n_threads && second < n_threads)
    {
      SalThread left = sal_profile_get_thread (profile, first);
      SalThread right = sal_profile_get_thread (profile, second);

      if (left.process != right.process)
        return left.process < right.process ? -1 : 1;
      if (left.is_main != right.is_main)
        return left.is_main ? -1 : 1;
    }
  return first < second ? -1 : first > second;
}

/* A command in one line, as short as it can be recognised: its paths without their folders. */
static char *
shorten_command (const char *command)
{
  g_auto (GStrv) words = g_strsplit_set (command, " \t\r\n", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *slash = *words[i] == '/' ? strrchr (words[i], '/') : NULL;

      if (slash != NULL && slash[1] != '\0')
        memmove (words[i], slash + 1, strlen (slash));
    }
  return g_strjoinv (" ", words);
}

/* Two lines: which process, and its command. */
static GtkWidget *
make_header (void)
{
  GtkWidget *header = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (header), make_label ("heading"));
  gtk_box_append (GTK_BOX (header), make_label ("caption"));
  gtk_widget_add_css_class (gtk_widget_get_last_child (header), "dim-label");
  g_object_set (header, "margin-start", 6, "margin-end", 6, "margin-top", 8, "margin-bottom", 2,
                NULL);
  return header;
}

static void
fill_header (GtkWidget *header, SalProfile *profile, guint32 id)
{
  g_autofree char *title = NULL;
  g_autofree char *command = NULL;
  SalProcess process = { .command = "" };

  if (id < sal_profile_get_n_processes (profile))
    {
      process = sal_profile_get_process (profile, id);
      title = g_strdup_printf (_ ("Process %u"), process.pid);
    }
  else
    title = g_strdup (_ ("Unknown process"));
  command = shorten_command (process.command);
  set_text (gtk_widget_get_first_child (header), title);
  set_text (gtk_widget_get_last_child (header), command);
  gtk_widget_set_visible (gtk_widget_get_last_child (header), *command != '\0');
  gtk_widget_set_tooltip_text (header, process.command);
}

/* A heading above the first thread of each process. */
static void
update_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  SalThreadList *self = data;
  SalProfile *profile = sal_view_state_get_profile (self->state);
  guint32 n_threads = profile != NULL ? sal_profile_get_n_threads (profile) : 0;
  guint32 process;

  if (get_thread (row) >= n_threads)
    return;
  process = sal_profile_get_thread (profile, get_thread (row)).process;
  if (before != NULL && get_thread (before) < n_threads &&
      sal_profile_get_thread (profile, get_thread (before)).process == process)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  if (gtk_list_box_row_get_header (row) == NULL)
    gtk_list_box_row_set_header (row, make_header ());
  fill_header (gtk_list_box_row_get_header (row), profile, process);
}

static void
row_activated_cb (GtkListBox *list, GtkListBoxRow *row, SalThreadList *self)
{
  const Row *widgets = self->rows->pdata[get_thread (row)];

  gtk_switch_set_active (GTK_SWITCH (widgets->toggle),
                         !gtk_switch_get_active (GTK_SWITCH (widgets->toggle)));
}

static void
show_all (GtkWidget *widget, const char *action, GVariant *parameter)
{
  set_all (SAL_THREAD_LIST (widget), TRUE, SAL_NO_ID);
}

static void
show_none (GtkWidget *widget, const char *action, GVariant *parameter)
{
  set_all (SAL_THREAD_LIST (widget), FALSE, SAL_NO_ID);
}

static void
show_only (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SalThreadList *self = SAL_THREAD_LIST (widget);

  set_all (self, FALSE, self->menu_thread);
}

/* The keyboard's way to the menu of a row. */
static gboolean
popup_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  SalThreadList *self = SAL_THREAD_LIST (data);
  GtkWidget *focus = gtk_widget_get_focus_child (self->list);
  graphene_rect_t bounds;

  if (focus == NULL || !GTK_IS_LIST_BOX_ROW (focus) ||
      !gtk_widget_compute_bounds (focus, GTK_WIDGET (self), &bounds))
    return FALSE;
  self->menu_thread = get_thread (focus);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu),
                               &(GdkRectangle){ (gint)bounds.origin.x + 24,
                                                (gint)(bounds.origin.y + bounds.size.height / 2), 1,
                                                1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
  return TRUE;
}

static void
init_menu (SalThreadList *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  g_menu_append (menu, _ ("Show _Only This Thread"), "threads.only");
  g_menu_append (menu, _ ("Show _All"), "threads.all");
  self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Menu|<Shift>F10"),
                        gtk_callback_action_new (popup_cb, self, NULL)));
  gtk_widget_add_controller (self->list, keys);
}

static GtkWidget *
make_buttons (void)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *all = gtk_button_new_with_mnemonic (_ ("_All"));
  GtkWidget *none = gtk_button_new_with_mnemonic (_ ("_None"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (all), "threads.all");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (none), "threads.none");
  gtk_widget_set_tooltip_text (all, _ ("Show every thread"));
  gtk_widget_set_tooltip_text (none, _ ("Hide every thread"));
  gtk_box_append (GTK_BOX (buttons), all);
  gtk_box_append (GTK_BOX (buttons), none);
  gtk_box_set_homogeneous (GTK_BOX (buttons), TRUE);
  g_object_set (buttons, "margin-start", 6, "margin-end", 6, "margin-top", 6, "margin-bottom", 6,
                NULL);
  return buttons;
}

static void
sal_thread_list_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  SalThreadList *self = SAL_THREAD_LIST (widget);

  gtk_widget_size_allocate (self->box, &(GtkAllocation){ 0, 0, width, height }, baseline);
  gtk_popover_present (GTK_POPOVER (self->menu));
}

static void
sal_thread_list_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         gint for_size,
                         gint *minimum,
                         gint *natural,
                         gint *minimum_baseline,
                         gint *natural_baseline)
{
  gtk_widget_measure (SAL_THREAD_LIST (widget)->box, orientation, for_size, minimum, natural,
                      minimum_baseline, natural_baseline);
}

static void
sal_thread_list_dispose (GObject *object)
{
  SalThreadList *self = SAL_THREAD_LIST (object);

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_object (&self->state);
  G_OBJECT_CLASS (sal_thread_list_parent_class)->dispose (object);
}

static void
sal_thread_list_class_init (SalThreadListClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sal_thread_list_dispose;
  widget_class->measure = sal_thread_list_measure;
  widget_class->size_allocate = sal_thread_list_size_allocate;
  gtk_widget_class_install_action (widget_class, "threads.all", NULL, show_all);
  gtk_widget_class_install_action (widget_class, "threads.none", NULL, show_none);
  gtk_widget_class_install_action (widget_class, "threads.only", NULL, show_only);
}

static void
sal_thread_list_init (SalThreadList *self)
{
  self->rows = g_ptr_array_new_with_free_func (g_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->note = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->note), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->note), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->note, "dim-label");
  g_object_set (self->note, "margin-start", 12, "margin-end", 12, "margin-top", 12, "margin-bottom",
                12, NULL);
  self->buttons = make_buttons ();
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Threads"), -1);
  gtk_widget_add_css_class (self->list, "navigation-sidebar");
  self->window = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->window), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->window), self->list);
  gtk_widget_set_vexpand (self->window, TRUE);
  gtk_box_append (GTK_BOX (self->box), self->note);
  gtk_box_append (GTK_BOX (self->box), self->buttons);
  gtk_box_append (GTK_BOX (self->box), self->window);
  init_menu (self);
}

GtkWidget *
sal_thread_list_new (SalViewState *state)
{
  SalThreadList *self;

  g_return_val_if_fail (SAL_IS_VIEW_STATE (state), NULL);

  self = g_object_new (SAL_TYPE_THREAD_LIST, NULL);
  self->state = g_object_ref (state);
  gtk_list_box_set_sort_func (GTK_LIST_BOX (self->list), compare_rows, self, NULL);
  gtk_list_box_set_header_func (GTK_LIST_BOX (self->list), update_header, self, NULL);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self, 0);
  g_signal_connect_object (state, "notify::profile", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (state, "threads-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
