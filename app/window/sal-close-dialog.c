/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two message dialogs and what their buttons mean. */
#include "config.h"

#include "sal-close-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* A question that was put to a person, and where the answer goes: the dialog holds it, and so does
 * the answer on its way. */
typedef struct
{
  SalCloseAnswered answered;
  GWeakRef object;
  SalCloseAnswer answer;
} Question;

static void
question_clear (gpointer data)
{
  Question *question = data;

  g_weak_ref_clear (&question->object);
}

static void
question_unref (gpointer data)
{
  g_rc_box_release_full (data, question_clear);
}

static void
closure_unref (gpointer data, GClosure *closure)
{
  question_unref (data);
}

static gboolean
answer_cb (gpointer data)
{
  Question *question = data;
  g_autoptr (GObject) object = g_weak_ref_get (&question->object);

  if (object)
    question->answered (question->answer, object);
  return G_SOURCE_REMOVE;
}

/* The answer may destroy the window that the dialog belongs to, and the dialog is still busy with
 * its signal: the answer is given when it has done with it. */
static void
response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Question *question = data;
  GtkWidget *check = adw_message_dialog_get_extra_child (dialog);

  question->answer = SAL_CLOSE_CANCEL;
  if (strcmp (response, "stop") == 0)
    question->answer = !check || gtk_check_button_get_active (GTK_CHECK_BUTTON (check))
                           ? SAL_CLOSE_STOP
                           : SAL_CLOSE_KILL;
  else if (strcmp (response, "save") == 0)
    question->answer = SAL_CLOSE_SAVE;
  else if (strcmp (response, "discard") == 0)
    question->answer = SAL_CLOSE_DISCARD;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, answer_cb, g_rc_box_acquire (question), question_unref);
}

static AdwMessageDialog *
create_question (GtkWindow *parent,
                 const char *heading,
                 const char *body,
                 SalCloseAnswered answered,
                 gpointer object)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);
  Question *question = g_rc_box_new0 (Question);

  question->answered = answered;
  g_weak_ref_init (&question->object, object);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"));
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), TRUE);
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), question, closure_unref, 0);
  return ADW_MESSAGE_DIALOG (dialog);
}

/* Whether the program runs on. */
static GtkWidget *
create_check (void)
{
  GtkWidget *check = gtk_check_button_new_with_label (_ ("Let the program run on"));

  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  gtk_widget_set_halign (check, GTK_ALIGN_CENTER);
  return check;
}

void
sal_close_dialog_ask_stop (GtkWindow *parent,
                           gboolean is_ours,
                           SalCloseAnswered answered,
                           gpointer object)
{
  const char *body = is_ours ? _ ("The program is still being recorded.")
                             : _ ("The process is still being recorded. It runs on afterwards.");
  AdwMessageDialog *dialog =
      create_question (parent, _ ("Stop Recording?"), body, answered, object);

  if (is_ours)
    adw_message_dialog_set_extra_child (dialog, create_check ());
  adw_message_dialog_add_response (dialog, "stop", _ ("_Stop Recording"));
  adw_message_dialog_set_response_appearance (dialog, "stop", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "stop");
  gtk_window_present (GTK_WINDOW (dialog));
}

void
sal_close_dialog_ask_save (GtkWindow *parent, SalCloseAnswered answered, gpointer object)
{
  AdwMessageDialog *dialog = create_question (parent,
                                              _ ("Save the Recording?"),
                                              _ ("A recording that is not saved is lost."),
                                              answered,
                                              object);

  adw_message_dialog_add_responses (dialog, "discard", _ ("_Discard"), "save", _ ("_Save"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (dialog, "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "save");
  gtk_window_present (GTK_WINDOW (dialog));
}
