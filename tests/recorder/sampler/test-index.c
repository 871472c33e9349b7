/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the table of keys. */
#include "sal-sampler-index.h"

#include <glib.h>

static void
test_ids_are_dense_and_stay (void)
{
  SalSamplerIndex index;
  bool is_new;

  sal_sampler_index_init (&index, 2, UINT32_MAX);
  for (uint32_t i = 0; i < 50000; i++)
    {
      g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ i / 7, i }, &is_new), ==, i);
      g_assert_true (is_new);
    }
  for (uint32_t i = 0; i < 50000; i++)
    {
      g_assert_cmpuint (sal_sampler_index_find (&index, (uint32_t[]){ i / 7, i }), ==, i);
      g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ i / 7, i }, &is_new), ==, i);
      g_assert_false (is_new);
    }
  sal_sampler_index_clear (&index);
}

static void
test_every_word_counts (void)
{
  SalSamplerIndex index;
  bool is_new;

  sal_sampler_index_init (&index, 3, 100);
  g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ 0, 0, 0 }, &is_new), ==, 0);
  g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ 1, 0, 0 }, &is_new), ==, 1);
  g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ 0, 1, 0 }, &is_new), ==, 2);
  g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ 0, 0, 1 }, &is_new), ==, 3);
  g_assert_cmpuint (sal_sampler_index_find (&index, (uint32_t[]){ 1, 1, 1 }),
                    ==,
                    SAL_SAMPLER_INDEX_NONE);
  sal_sampler_index_clear (&index);
}

static void
test_full_refuses_only_new_keys (void)
{
  SalSamplerIndex index;
  bool is_new;

  sal_sampler_index_init (&index, 1, 2);
  sal_sampler_index_add (&index, (uint32_t[]){ 5 }, &is_new);
  sal_sampler_index_add (&index, (uint32_t[]){ 6 }, &is_new);
  g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ 7 }, &is_new),
                    ==,
                    SAL_SAMPLER_INDEX_NONE);
  g_assert_false (is_new);
  g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ 6 }, &is_new), ==, 1);
  sal_sampler_index_clear (&index);
}

static void
test_clear_forgets (void)
{
  SalSamplerIndex index;
  bool is_new;

  sal_sampler_index_init (&index, 1, 10);
  g_assert_cmpuint (sal_sampler_index_find (&index, (uint32_t[]){ 5 }),
                    ==,
                    SAL_SAMPLER_INDEX_NONE);
  sal_sampler_index_add (&index, (uint32_t[]){ 5 }, &is_new);
  sal_sampler_index_clear (&index);
  g_assert_cmpuint (sal_sampler_index_add (&index, (uint32_t[]){ 9 }, &is_new), ==, 0);
  g_assert_true (is_new);
  sal_sampler_index_clear (&index);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/index/ids-are-dense-and-stay", test_ids_are_dense_and_stay);
  g_test_add_func ("/sampler/index/every-word-counts", test_every_word_counts);
  g_test_add_func ("/sampler/index/full-refuses-only-new-keys", test_full_refuses_only_new_keys);
  g_test_add_func ("/sampler/index/clear-forgets", test_clear_forgets);
  return g_test_run ();
}
