/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the table of texts. */
#include "sal-sampler-strings.h"

#include <glib.h>
#include <string.h>

static void
test_equal_texts_have_one_id (void)
{
  SalSamplerStrings strings = { 0 };
  bool is_new;

  for (uint32_t i = 0; i < 5000; i++)
    {
      g_autofree char *text = g_strdup_printf ("name %u", i);

      g_assert_cmpuint (sal_sampler_strings_add (&strings, text, &is_new), ==, i);
      g_assert_true (is_new);
    }
  g_assert_cmpuint (sal_sampler_strings_add (&strings, "name 1234", &is_new), ==, 1234);
  g_assert_false (is_new);
  g_assert_cmpstr (strings.items[1234].bytes, ==, "name 1234");
  sal_sampler_strings_clear (&strings);
}

static void
test_texts_stay_where_they_are (void)
{
  SalSamplerStrings strings = { 0 };
  const char *first;
  bool is_new;

  sal_sampler_strings_add (&strings, "first", &is_new);
  first = strings.items[0].bytes;
  for (uint32_t i = 0; i < 5000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      sal_sampler_strings_add (&strings, text, &is_new);
    }
  g_assert_true (strings.items[0].bytes == first);
  g_assert_cmpstr (first, ==, "first");
  sal_sampler_strings_clear (&strings);
}

/* What GLib calls valid stays, and what comes out is always valid. */
static void
test_foreign_bytes_become_utf8 (void)
{
  static const char *const texts[] = {
    "plain",
    "grün",
    "\xf0\x9f\xa6\x8e",
    "\xff",
    "a\xc3",
    "\xc0\x80",
    "\xed\xa0\x80",
    "\xe2\x82",
    "\xf4\x90\x80\x80",
    "x\x80y",
    "\xc3\xa9",
    "\xf0\x8f\xbf\xbf",
    "\xe0\x9f\xbf",
    "\xef\xbf\xbf",
    "\xf8\x88\x80\x80",
    "\xe2\x82\xac",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      uint32_t length;
      char *clean = sal_sampler_strings_dup_clean (texts[i], &length);

      g_assert_true (g_utf8_validate (clean, (gssize)length, NULL));
      g_assert_cmpuint (length, ==, strlen (clean));
      if (g_utf8_validate (texts[i], -1, NULL))
        g_assert_cmpstr (clean, ==, texts[i]);
      else
        g_assert_nonnull (strchr (clean, '?'));
      free (clean);
    }
}

static void
test_long_texts_are_cut_between_characters (void)
{
  g_autoptr (GString) text = g_string_new ("x");
  uint32_t length;
  char *clean;

  while (text->len < 3 * SAL_SAMPLER_STRINGS_LONGEST)
    g_string_append (text, "é");
  clean = sal_sampler_strings_dup_clean (text->str, &length);
  g_assert_cmpuint (length, ==, SAL_SAMPLER_STRINGS_LONGEST - 1);
  g_assert_true (g_utf8_validate (clean, (gssize)length, NULL));
  free (clean);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/strings/equal-texts-have-one-id", test_equal_texts_have_one_id);
  g_test_add_func ("/sampler/strings/texts-stay-where-they-are", test_texts_stay_where_they_are);
  g_test_add_func ("/sampler/strings/foreign-bytes-become-utf8", test_foreign_bytes_become_utf8);
  g_test_add_func ("/sampler/strings/long-texts-are-cut",
                   test_long_texts_are_cut_between_characters);
  return g_test_run ();
}
