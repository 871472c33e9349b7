/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists a profile's origin, where its time went by state, and its counters in groups of rows. */
#include "config.h"

#include "sal-details-window.h"

#include <glib/gi18n.h>

#include "sal-format.h"
#include "sal-state-totals.h"

/* Where the time went of what is shown, made on a worker. */
typedef struct
{
  SalProfile *profile; /* owned, as all below */
  SalFilter *filter;
  guint32 function;
  GArray *all;      /* of SalStateRow */
  GArray *selected; /* likewise of the samples with the selected function; NULL = there is none */
} Times;

struct _SalDetailsWindow
{
  AdwWindow parent_instance;

  /* Children */
  AdwPreferencesPage *page;
  GPtrArray *groups; /* of AdwPreferencesGroup, borrowed from the page */

  /* Owned */
  SalDocument *document;
  GCancellable *cancellable;
  Times *times; /* the newest; NULL = none yet */
  gboolean is_finding;
  gboolean is_stale; /* what is being found is not the newest any longer */
};

G_DEFINE_FINAL_TYPE (SalDetailsWindow, sal_details_window, ADW_TYPE_WINDOW)

static AdwPreferencesGroup *
add_group (SalDetailsWindow *self, const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_page_add (self->page, ADW_PREFERENCES_GROUP (group));
  g_ptr_array_add (self->groups, group);
  return ADW_PREFERENCES_GROUP (group);
}

static GtkWidget *
add_row (AdwPreferencesGroup *group, const char *title, const char *value)
{
  GtkWidget *row;
  GtkWidget *label;

  if (!value || *value == '\0')
    return NULL;
  row = adw_action_row_new ();
  label = gtk_label_new (value);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  /* What a long value asks for would be taken from its title. */
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_RIGHT);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_margin_bottom (label, 6);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "numeric");
  gtk_accessible_update_relation (GTK_ACCESSIBLE (label),
                                  GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  row,
                                  NULL,
                                  -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  adw_preferences_group_add (group, row);
  return row;
}

static void
add_count (AdwPreferencesGroup *group, const char *title, guint64 count, guint64 whole)
{
  g_autofree char *number = sal_format_count (count);
  g_autofree char *share = NULL;
  g_autofree char *text = NULL;

  if (whole > 0 && count > 0)
    {
      share = sal_format_percent ((double)count, (double)whole);
      text = g_strdup_printf ("%s (%s)", number, share);
    }
  add_row (group, title, text ? text : number);
}

/* Causes are named by machines; here they get words. Unknown ones are shown as they are. */
static const char *
describe_cause (const char *name)
{
  static const struct
  {
    const char *name;
    const char *text;
  } causes[] = {
    { "torn", N_ ("Changed while being read") },
    { "read", N_ ("Memory could not be read") },
    { "corrupt", N_ ("Made no sense") },
    { "gone", N_ ("Thread had ended") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (causes); i++)
    {
      if (strcmp (causes[i].name, name) == 0)
        return _ (causes[i].text);
    }
  return name;
}

static void
add_quality (SalDetailsWindow *self, SalProfile *profile)
{
  const SalProfileCounters *counters = sal_profile_get_counters (profile);
  AdwPreferencesGroup *group = add_group (self, _ ("Quality"));
  guint64 tries = counters->samples + counters->rejected;

  add_count (group, _ ("Samples"), sal_profile_get_n_samples (profile), 0);
  add_count (group, _ ("Missed Ticks"), counters->missed, counters->ticks + counters->missed);
  if (counters->withheld > 0)
    add_count (group, _ ("Left Out to Keep to the Budget"), counters->withheld,
               counters->ticks + counters->withheld);
  add_count (group, _ ("Late Ticks"), counters->late, counters->ticks);
  add_count (group, _ ("Read Again"), counters->retried, tries);
  add_count (group, _ ("Rejected"), counters->rejected, tries);
  if (counters->same_cpu > 0)
    add_count (group, _ ("Read from the Program’s Own Processor"), counters->same_cpu,
               MAX (counters->ticks, counters->same_cpu));
  if (counters->held > 0)
    add_count (group, _ ("Held Still"), counters->held, 0);
  for (guint i = 0; i < MIN (counters->n_errors, G_N_ELEMENTS (counters->errors)); i++)
    {
      if (counters->errors[i] > 0)
        add_count (group, describe_cause (counters->error_names[i]), counters->errors[i], tries);
    }
}

static char *
format_rate (double rate_hz)
{
  g_autofree char *number = sal_format_count ((guint64)(rate_hz + 0.5));

  /* Translators: samples a second */
  return g_strdup_printf (_ ("%s Hz"), number);
}

static void
add_sampling (SalDetailsWindow *self, SalProfile *profile)
{
  const SalProfileCounters *counters = sal_profile_get_counters (profile);
  AdwPreferencesGroup *group = add_group (self, _ ("Sampling"));
  gint64 duration_ns = sal_profile_get_duration_ns (profile);
  g_autofree char *duration = sal_format_duration_ns (duration_ns);
  g_autofree char *cpu = NULL;
  g_autofree char *cpu_time = sal_format_duration_ns ((gint64)counters->recorder_cpu_ns);
  g_autofree char *cpu_share = NULL;
  g_autofree char *asked = NULL;
  g_autofree char *reached = NULL;
  const char *rate = sal_profile_get_meta (profile, "rate_hz");
  double rate_hz = rate ? g_ascii_strtod (rate, NULL) : 0;

  asked = rate_hz > 0 ? format_rate (rate_hz) : g_strdup (_ ("As fast as possible"));
  add_row (group, _ ("Duration"), duration);
  add_row (group, _ ("Rate Asked For"), asked);
  if (duration_ns > 0)
    {
      reached = format_rate ((double)counters->ticks * 1e9 / (double)duration_ns);
      add_row (group, _ ("Rate Reached"), reached);
    }
  if (counters->recorder_cpu_ns > 0)
    {
      cpu_share = sal_format_percent ((double)counters->recorder_cpu_ns, (double)duration_ns);
      /* Translators: time, and its share of one processor */
      cpu = g_strdup_printf (_ ("%s (%s of a processor)"), cpu_time, cpu_share);
      add_row (group, _ ("Recorder’s CPU Time"), cpu);
    }
}

static void
add_program (SalDetailsWindow *self, SalProfile *profile)
{
  AdwPreferencesGroup *group = add_group (self, _ ("Program"));
  GFile *file = sal_document_get_file (self->document);
  g_autofree char *path = file ? g_file_get_parse_name (file) : NULL;

  add_row (group, _ ("Command"), sal_profile_get_meta (profile, "command"));
  add_row (group, _ ("Python"), sal_profile_get_meta (profile, "python"));
  if (sal_profile_get_n_processes (profile) > 1)
    add_count (group, _ ("Processes"), sal_profile_get_n_processes (profile), 0);
  add_row (group, _ ("File"), path);
  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    {
      g_autofree char *duration = sal_format_duration_ns (sal_profile_get_duration_ns (profile));

      add_row (group, _ ("Total Time"), duration);
      add_count (group, _ ("Functions"), sal_profile_get_n_functions (profile), 0);
      add_count (group, _ ("Callers and Callees"), sal_profile_get_n_edges (profile), 0);
    }
}

static void
times_free (gpointer data)
{
  Times *times = data;

  sal_profile_unref (times->profile);
  sal_filter_free (times->filter);
  g_clear_pointer (&times->all, g_array_unref);
  g_clear_pointer (&times->selected, g_array_unref);
  g_free (times);
}

static void
add_state (AdwPreferencesGroup *group, const SalStateRow *state, guint64 sum)
{
  g_autofree char *title = sal_state_row_describe (state);
  g_autofree char *time = sal_format_duration_ns ((gint64)state->ns);
  g_autofree char *share = sal_format_percent ((double)state->ns, (double)sum);
  g_autofree char *value = g_strdup_printf ("%s (%s)", time, share);
  GtkWidget *row = add_row (group, title, value);

  if (*state->name != '\0')
    {
      g_autofree char *mostly = NULL;
      g_autofree char *subtitle = NULL;

      /* Translators: a file, for which most of the time was spent */
      mostly = g_strdup_printf (_ ("mostly %s"), state->name);
      subtitle = g_markup_escape_text (mostly, -1);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
    }
}

/* A row for each state in which time was spent. */
static void
add_states (SalDetailsWindow *self, const char *title, GArray *states)
{
  g_autofree char *escaped = g_markup_escape_text (title, -1);
  AdwPreferencesGroup *group;
  guint64 sum = 0;

  if (states == NULL || states->len == 0)
    return;
  group = add_group (self, escaped);
  for (guint i = 0; i < states->len; i++)
    sum += g_array_index (states, SalStateRow, i).ns;
  for (guint i = 0; i < states->len; i++)
    add_state (group, &g_array_index (states, SalStateRow, i), sum);
  if (sal_profile_get_n_waits (self->times->profile) == 0)
    adw_preferences_group_set_description (
        group,
        _ ("This recording does not tell what threads waited for."));
  else
    adw_preferences_group_set_description (group, _ ("Of the threads and samples that are shown."));
}

static void
add_times (SalDetailsWindow *self)
{
  const Times *times = self->times;
  g_autofree char *title = NULL;

  if (times == NULL)
    return;
  add_states (self, _ ("Where the Time Went"), times->all);
  if (times->selected == NULL)
    return;
  /* Translators: the selected function */
  title = g_strdup_printf (_ ("Where the Time of “%s” Went"),
                           sal_profile_get_function (times->profile, times->function).name);
  add_states (self, title, times->selected);
}

static void
rebuild (SalDetailsWindow *self)
{
  SalProfile *profile = sal_document_get_profile (self->document);

  for (guint i = 0; i < self->groups->len; i++)
    adw_preferences_page_remove (self->page, g_ptr_array_index (self->groups, i));
  g_ptr_array_set_size (self->groups, 0);
  if (!profile)
    return;
  add_program (self, profile);
  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    return;
  add_times (self);
  add_sampling (self, profile);
  add_quality (self, profile);
}

static void
find_times (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Times *times = data;

  times->all = sal_state_totals_new (times->profile, times->filter, SAL_NO_ID, cancellable);
  if (times->function != SAL_NO_ID)
    times->selected =
        sal_state_totals_new (times->profile, times->filter, times->function, cancellable);
  g_task_return_pointer (task, times, times_free);
}

static void update_cb (SalDetailsWindow *self);

static void
found_times_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  SalDetailsWindow *self = SAL_DETAILS_WINDOW (source);
  Times *times = g_task_propagate_pointer (G_TASK (result), NULL);

  if (times == NULL)
    return;
  g_clear_pointer (&self->times, times_free);
  self->times = times;
  self->is_finding = FALSE;
  rebuild (self);
  if (self->is_stale)
    update_cb (self);
}

/* The table's profile is the one that the selected function is of. */
static SalProfile *
get_shown_profile (SalDetailsWindow *self)
{
  SalViewState *state = sal_document_get_state (self->document);
  SalFunctionTable *table = sal_view_state_get_table (state);

  return table != NULL ? sal_function_table_get_profile (table)
                       : sal_view_state_get_profile (state);
}

static void
start_finding (SalDetailsWindow *self, SalProfile *profile)
{
  SalViewState *state = sal_document_get_state (self->document);
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, found_times_cb, NULL);
  Times *times = g_new0 (Times, 1);

  times->profile = sal_profile_ref (profile);
  times->filter = sal_filter_copy (sal_view_state_get_filter (state));
  times->function = sal_view_state_get_selected_function (state);
  if (times->function >= sal_profile_get_n_functions (profile))
    times->function = SAL_NO_ID;
  g_task_set_task_data (task, times, NULL);
  g_task_run_in_thread (task, find_times);
  self->is_finding = TRUE;
}

/* Shows what is known at once, and where the time went as soon as that is found. */
static void
update_cb (SalDetailsWindow *self)
{
  SalProfile *profile = get_shown_profile (self);
  gboolean is_recording =
      profile != NULL && sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES;

  self->is_stale = self->is_finding;
  if (self->times == NULL || !is_recording)
    rebuild (self);
  if (is_recording && !self->is_finding)
    start_finding (self, profile);
}

static void
sal_details_window_dispose (GObject *object)
{
  SalDetailsWindow *self = SAL_DETAILS_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (sal_details_window_parent_class)->dispose (object);
}

static void
sal_details_window_finalize (GObject *object)
{
  SalDetailsWindow *self = SAL_DETAILS_WINDOW (object);

  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_clear_pointer (&self->times, times_free);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (sal_details_window_parent_class)->finalize (object);
}

static void
sal_details_window_class_init (SalDetailsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sal_details_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = sal_details_window_finalize;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
sal_details_window_init (SalDetailsWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->groups = g_ptr_array_new ();
  self->cancellable = g_cancellable_new ();
  self->page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->page), TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->page));
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Details"));
  gtk_window_set_default_size (GTK_WINDOW (self), 520, 640);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (self), TRUE);
}

GtkWidget *
sal_details_window_new (GtkWindow *parent, SalDocument *document)
{
  /* The table is made anew whenever what is shown changes. */
  static const char *const signals[] = {
    "notify::profile",
    "notify::table",
    "notify::selected-function",
  };
  SalDetailsWindow *self = g_object_new (SAL_TYPE_DETAILS_WINDOW, "transient-for", parent, NULL);

  self->document = g_object_ref (document);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (sal_document_get_state (document),
                             signals[i],
                             G_CALLBACK (update_cb),
                             self,
                             G_CONNECT_SWAPPED);
  update_cb (self);
  return GTK_WIDGET (self);
}
