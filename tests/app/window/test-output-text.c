/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Program output made into text. */
#include "sal-output-text.h"

static void
assert_converted (const char *bytes, gsize length, const char *expected)
{
  /* In one piece, and byte by byte: it must not matter how the output arrives. */
  g_autoptr (SalOutputText) whole = sal_output_text_new ();
  g_autoptr (SalOutputText) pieces = sal_output_text_new ();
  g_autofree char *text = sal_output_text_convert (whole, bytes, length);
  g_autoptr (GString) joined = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *piece = sal_output_text_convert (pieces, bytes + i, 1);

      g_string_append (joined, piece);
    }
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpstr (joined->str, ==, expected);
}

#define CONVERT(bytes, expected) assert_converted (bytes, sizeof bytes - 1, expected)

static void
test_plain (void)
{
  CONVERT ("one\ntwo\tthree\n", "one\ntwo\tthree\n");
  CONVERT ("grüße, 世界 🦎", "grüße, 世界 🦎");
}

static void
test_invalid (void)
{
  CONVERT ("a\xff"
           "b",
           "a\xef\xbf\xbd"
           "b");
  CONVERT ("\xe4\xb8x", "\xef\xbf\xbdx");
  CONVERT ("\xc0\x80|", "\xef\xbf\xbd|");
  CONVERT ("nul\0end\x07.", "nulend.");
}

static void
test_escapes (void)
{
  CONVERT ("\x1b[1;31mred\x1b[0m!", "red!");
  CONVERT ("\x1b]0;title\x07text", "text");
  CONVERT ("\x1b]8;;http://x\x1b\\link", "link");
  CONVERT ("\x1b(Bx\x1b=y", "xy");
}

static void
test_returns (void)
{
  CONVERT ("a\r\nb\r\n", "a\nb\n");
  CONVERT ("10%\r20%\n", "10%\r20%\n");
  CONVERT ("x\r\r\ny", "x\ny");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/window/output-text/plain-text-passes", test_plain);
  g_test_add_func ("/window/output-text/invalid-bytes-are-replaced", test_invalid);
  g_test_add_func ("/window/output-text/escape-sequences-vanish", test_escapes);
  g_test_add_func ("/window/output-text/carriage-returns", test_returns);
  return g_test_run ();
}
