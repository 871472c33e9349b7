/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists a profile's origin and counters in groups of rows. */
#include "config.h"

#include "sal-details-window.h"

#include <glib/gi18n.h>

#include "sal-format.h"

struct _SalDetailsWindow
{
  AdwWindow parent_instance;

  /* Children */
  AdwPreferencesPage *page;
  GPtrArray *groups; /* of AdwPreferencesGroup, borrowed from the page */

  /* Owned */
  SalDocument *document;
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

static void
add_row (AdwPreferencesGroup *group, const char *title, const char *value)
{
  GtkWidget *row;
  GtkWidget *label;

  if (!value || *value == '\0')
    return;
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
update_cb (SalDetailsWindow *self)
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
  add_sampling (self, profile);
  add_quality (self, profile);
}

static void
sal_details_window_dispose (GObject *object)
{
  SalDetailsWindow *self = SAL_DETAILS_WINDOW (object);

  g_clear_object (&self->document);
  G_OBJECT_CLASS (sal_details_window_parent_class)->dispose (object);
}

static void
sal_details_window_finalize (GObject *object)
{
  SalDetailsWindow *self = SAL_DETAILS_WINDOW (object);

  g_clear_pointer (&self->groups, g_ptr_array_unref);
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
  SalDetailsWindow *self = g_object_new (SAL_TYPE_DETAILS_WINDOW, "transient-for", parent, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (sal_document_get_state (document),
                           "notify::profile",
                           G_CALLBACK (update_cb),
                           self,
                           G_CONNECT_SWAPPED);
  update_cb (self);
  return GTK_WIDGET (self);
}
