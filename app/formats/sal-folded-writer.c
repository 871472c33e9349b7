/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes folded stacks. */
#include "sal-folded-writer.h"

#include "sal-thread-forest.h"

typedef struct
{
  guint32 node;
  gsize prefix; /* length of the path of its parent */
} Step;

static void
append_escaped (GString *line, const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    switch (*c)
      {
      case '\\':
        g_string_append (line, "\\\\");
        break;
      case '\n':
        g_string_append (line, "\\n");
        break;
      case '\r':
        g_string_append (line, "\\r");
        break;
      case ';':
        g_string_append (line, "\\x3b");
        break;
      default:
        g_string_append_c (line, *c);
      }
}

static void
append_function (GString *line, const SalFunction *function)
{
  append_escaped (line, function->name);
  if (*function->file == '\0')
    return;
  g_string_append (line, " (");
  append_escaped (line, function->file);
  if (function->first_line > 0)
    g_string_append_printf (line, ":%u", function->first_line);
  g_string_append_c (line, ')');
}

static void
append_separator (GString *line)
{
  if (line->len > 0)
    g_string_append_c (line, ';');
}

static void
push_children (GArray *steps, const SalCallNode *node, gsize prefix)
{
  for (guint32 i = node->n_children; i > 0; i--)
    {
      const Step step = { .node = node->first_child + i - 1, .prefix = prefix };

      g_array_append_val (steps, step);
    }
}

/* Depth first, so that the path in @line is only cut and grown. @line begins with what stands
   above. */
static void
write_tree (SalCallTree *tree, GString *line, SalOutput *output)
{
  SalProfile *profile = sal_call_tree_get_profile (tree);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));
  const Step root = { .node = 0, .prefix = line->len };

  g_array_append_val (steps, root);
  while (steps->len > 0 && !sal_output_has_failed (output))
    {
      Step step = g_array_index (steps, Step, steps->len - 1);
      SalCallNode node = sal_call_tree_get_node (tree, step.node);

      g_array_set_size (steps, steps->len - 1);
      g_string_truncate (line, step.prefix);
      if (step.node != 0)
        {
          SalFunction function = sal_profile_get_function (profile, node.function);

          append_separator (line);
          append_function (line, &function);
        }
      if (node.self_samples > 0)
        {
          sal_output_append_bytes (output, line->str, line->len);
          sal_output_append (output, " ");
          sal_output_append_uint (output, node.self_samples);
          sal_output_append (output, "\n");
        }
      push_children (steps, &node, line->len);
    }
}

gboolean
sal_folded_writer_write (SalProfile *profile,
                         const SalExportOptions *options,
                         SalOutput *output,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GArray) forest =
      sal_thread_forest_new (profile, &options->filter, options->threads, SAL_CALL_TREE_BY_NAME,
                             cancellable, error);

  for (guint i = 0; forest != NULL && i < forest->len; i++)
    {
      const SalForestTree *entry = &g_array_index (forest, SalForestTree, i);

      g_string_truncate (line, 0);
      if (entry->thread != SAL_NO_ID)
        {
          g_autofree char *process = sal_thread_forest_name_process (profile, entry->process);
          g_autofree char *thread = sal_thread_forest_name_thread (profile, entry->thread);

          append_escaped (line, process);
          g_string_append_c (line, ';');
          append_escaped (line, thread);
        }
      write_tree (entry->tree, line, output);
    }
  return forest != NULL;
}
