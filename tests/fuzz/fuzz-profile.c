/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile builder on a capture, or on bare records, and what is asked of every profile. */
#include "fuzz-target.h"

#include "sal-call-tree.h"
#include "sal-function-table.h"
#include "sal-profile-builder.h"

#include "fuzz-records.h"

static void
use_tree (SalProfile *profile, gboolean inverted)
{
  g_autoptr (SalCallTree) tree =
      sal_call_tree_new (profile, NULL, inverted, SAL_CALL_TREE_BY_TOTAL, NULL);

  for (guint32 i = 1; i < sal_call_tree_get_n_nodes (tree); i++)
    {
      SalCallNode node = sal_call_tree_get_node (tree, i);
      SalCallNode parent = sal_call_tree_get_node (tree, node.parent);

      g_assert_cmpuint (node.self, <=, node.total);
      g_assert_cmpuint (node.start, >=, parent.start);
      g_assert_cmpuint (node.start + node.total, <=, parent.start + parent.total);
    }
}

static void
use (SalProfile *profile)
{
  g_autoptr (SalFunctionTable) table = sal_function_table_new (profile, NULL, NULL);
  guint32 n_rows = sal_function_table_get_n_rows (table);
  const SalFunctionRow *rows = sal_function_table_get_rows (table);

  use_tree (profile, FALSE);
  use_tree (profile, TRUE);
  for (guint32 i = 0; i < n_rows; i++)
    {
      g_autoptr (SalFunctionTable) callers = NULL;
      g_autoptr (SalFunctionTable) callees = NULL;

      g_assert_cmpuint (rows[i].self_ns, <=, rows[i].total_ns);
      g_assert_cmpuint (rows[i].total_ns, <=, sal_function_table_get_total_ns (table));
      g_assert_true (sal_function_table_find_related (
          profile, NULL, rows[i].function, NULL, &callers, &callees));
    }
}

static void
build (const uint8_t *data, size_t size)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (GError) error = NULL;

  if (!sal_profile_builder_feed (builder, data, size, &error))
    g_assert_nonnull (error);
  profile = sal_profile_builder_take (builder);
  use (profile);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *file;
  size_t length;

  build (data, size);
  file = fuzz_records_wrap (data, size, &length);
  build (file, length);
  return 0;
}
