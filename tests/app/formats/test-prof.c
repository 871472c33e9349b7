/* SPDX-License-Identifier: GPL-3.0-or-later */
/* .prof files written by hand: the shapes that are rare, and those that are wrong. */
#include "sal-prof-reader.h"

#include <math.h>
#include <string.h>

#include "sal-profile-error.h"

#include "marshal-bytes.h"

#define MAX_TEXT_LENGTH 0x7fffffff

static GByteArray *
begin (void)
{
  GByteArray *bytes = g_byte_array_new ();

  put_code (bytes, '{', 0);
  return bytes;
}

static SalProfile *
read_bytes (GByteArray *bytes, GError **error)
{
  return sal_prof_reader_read (bytes->data, bytes->len, NULL, error);
}

/* Ends the dict and reads it. */
static SalProfile *
read_whole (GByteArray *bytes)
{
  GError *error = NULL;
  SalProfile *profile = NULL;

  put_code (bytes, '0', 0);
  profile = read_bytes (bytes, &error);
  g_assert_no_error (error);
  return profile;
}

static void
assert_fails (GByteArray *bytes, SalProfileError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  SalProfile *profile = read_bytes (bytes, &error);

  g_assert_null (profile);
  g_assert_error (error, SAL_PROFILE_ERROR, (int)code);
  if (strstr (error->message, part) == NULL)
    g_error ("\"%s\" is not in \"%s\"", part, error->message);
}

static guint32
find_function (SalProfile *profile, const char *name)
{
  for (guint32 i = 0; i < sal_profile_get_n_functions (profile); i++)
    if (g_str_equal (sal_profile_get_function (profile, i).name, name))
      return i;
  g_error ("no function %s", name);
}

static void
test_counts_stand_in_their_order (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;
  const SalCallEdge *edge;

  put_key (bytes, "a.py", 3, "f");
  put_tuple (bytes, 5);
  put_costs (bytes, 2, 7, 0.5, 1.5);
  put_code (bytes, '{', 0);
  put_key (bytes, "a.py", 9, "caller");
  put_tuple (bytes, 4);
  put_costs (bytes, 7, 2, 0.25, 0.75);
  put_code (bytes, '0', 0);
  profile = read_whole (bytes);
  edge = sal_profile_get_edges (profile);
  g_assert_cmpuint (sal_profile_get_n_edges (profile), ==, 1);
  g_assert_cmpint (sal_profile_get_costs (profile, edge->callee).pcalls, ==, 2);
  g_assert_cmpint (sal_profile_get_costs (profile, edge->callee).ncalls, ==, 7);
  g_assert_cmpint (edge->costs.pcalls, ==, 2);
  g_assert_cmpint (edge->costs.ncalls, ==, 7);
  g_assert_cmpfloat (edge->costs.tottime, ==, 0.25);
  g_assert_cmpfloat (edge->costs.cumtime, ==, 0.75);
  g_assert_true (edge->has_times);
}

static void
test_caller_without_entry_becomes_a_function (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;
  guint32 stub;

  put_key (bytes, "a.py", 3, "f");
  put_tuple (bytes, 5);
  put_costs (bytes, 1, 1, 1, 1);
  put_code (bytes, '{', 0);
  put_key (bytes, "b.py", 9, "stub");
  put_int (bytes, 4);
  put_code (bytes, '0', 0);
  profile = read_whole (bytes);
  stub = find_function (profile, "stub");
  g_assert_cmpuint (sal_profile_get_n_functions (profile), ==, 2);
  g_assert_cmpint (sal_profile_get_costs (profile, stub).ncalls, ==, 0);
  g_assert_cmpstr (sal_profile_get_function (profile, stub).file, ==, "b.py");
  g_assert_cmpuint (sal_profile_get_function (profile, stub).first_line, ==, 9);
  g_assert_false (sal_profile_get_edges (profile)->has_times);
  g_assert_cmpint (sal_profile_get_edges (profile)->costs.ncalls, ==, 4);
  g_assert_cmpstr (sal_profile_get_meta (profile, "format"), ==, "profile");
}

static void
test_builtins_are_told_apart (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;
  SalFunction function;

  put_entry (bytes, "f", 1, 1);
  put_key (bytes, "~", 0, "<built-in method time.sleep>");
  put_tuple (bytes, 5);
  put_costs (bytes, 1, 1, 1, 1);
  put_code (bytes, '{', 0);
  put_code (bytes, '0', 0);
  profile = read_whole (bytes);
  function = sal_profile_get_function (
      profile, find_function (profile, "<built-in method time.sleep>"));
  g_assert_cmpint (function.kind, ==, SAL_FUNCTION_BUILTIN);
  g_assert_cmpstr (function.file, ==, "");
  g_assert_cmpint (sal_profile_get_function (profile, find_function (profile, "f")).kind, ==,
                   SAL_FUNCTION_PYTHON);
}

static void
test_sampled_mark_of_python_3_15 (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;

  put_tuple (bytes, 1);
  put_text (bytes, "__sampled__");
  put_code (bytes, 'T', 0);
  put_entry (bytes, "f", 1, 1);
  profile = read_whole (bytes);
  g_assert_cmpuint (sal_profile_get_n_functions (profile), ==, 1);
  g_assert_cmpstr (sal_profile_get_meta (profile, "format"), ==, "sampled");
}

/* What a later Python may add under a key of one item is stepped over, with its slices and frozen
 * dicts (versions 5 and 6 of the format). */
static void
test_unknown_marks_are_stepped_over (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;

  put_tuple (bytes, 1);
  put_text (bytes, "__later__");
  put_code (bytes, '}', 0x80);
  put_code (bytes, ':', 0x80);
  put_code (bytes, 'N', 0);
  put_int (bytes, 1);
  put_code (bytes, '.', 0);
  put_code (bytes, '>', 0);
  put_int32 (bytes, 2);
  put_reference (bytes, 1);
  put_code (bytes, 's', 0x80);
  put_int32 (bytes, 1);
  put_code (bytes, 'x', 0);
  put_code (bytes, '0', 0);
  put_entry (bytes, "f", 1, 1);
  profile = read_whole (bytes);
  g_assert_cmpuint (sal_profile_get_n_functions (profile), ==, 1);
}

/* The same tuples and dicts may be shared by any entries. */
static void
test_shared_values_are_read_again (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;
  const SalCallEdge *edges;
  guint32 caller;

  put_key (bytes, "a.py", 1, "f");
  put_code (bytes, ')', 0x80); /* reference 0: the costs */
  put_code (bytes, 5, 0);
  put_costs (bytes, 1, 2, 0.5, 0.5);
  put_code (bytes, '{', 0x80); /* 1: the callers */
  put_code (bytes, ')', 0x80); /* 2: the caller */
  put_code (bytes, 3, 0);
  put_code (bytes, 'u', 0x80); /* 3: its file */
  put_int32 (bytes, 1);
  put_code (bytes, 'b', 0);
  put_int (bytes, 5);
  put_text (bytes, "caller");
  put_int (bytes, 3);
  put_code (bytes, '0', 0);
  put_tuple (bytes, 3);
  put_reference (bytes, 3);
  put_int (bytes, 8);
  put_text (bytes, "g");
  put_reference (bytes, 0);
  put_reference (bytes, 2);
  put_tuple (bytes, 5);
  put_costs (bytes, 9, 9, 1, 1);
  put_reference (bytes, 1);
  profile = read_whole (bytes);
  edges = sal_profile_get_edges (profile);
  caller = find_function (profile, "caller");
  g_assert_cmpuint (sal_profile_get_n_functions (profile), ==, 3);
  g_assert_cmpuint (sal_profile_get_n_edges (profile), ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (edges[i].caller, ==, caller);
  g_assert_cmpint (sal_profile_get_costs (profile, find_function (profile, "g")).ncalls, ==, 2);
  g_assert_cmpint (sal_profile_get_costs (profile, caller).ncalls, ==, 9);
  g_assert_cmpstr (sal_profile_get_function (profile, find_function (profile, "g")).file, ==, "b");
}

static void
put_text_float (GByteArray *bytes, const char *digits)
{
  put_code (bytes, 'f', 0);
  put_code (bytes, (char)strlen (digits), 0);
  g_byte_array_append (bytes, (const guint8 *)digits, (guint)strlen (digits));
}

static void
test_old_numbers (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;
  SalCallCosts costs;

  put_key (bytes, "a.py", 1, "f");
  put_tuple (bytes, 5);
  put_code (bytes, 'I', 0);
  put_int32 (bytes, 0);
  put_int32 (bytes, 1);
  put_code (bytes, 'l', 0); /* 2 · 32768² + 3 · 32768 + 4 */
  put_int32 (bytes, 3);
  g_byte_array_append (bytes, (const guint8 *)"\4\0\3\0\2\0", 6);
  put_text_float (bytes, "0.25");
  put_text_float (bytes, "1e2");
  put_code (bytes, '{', 0);
  put_code (bytes, '0', 0);
  profile = read_whole (bytes);
  costs = sal_profile_get_costs (profile, 0);
  g_assert_cmpint (costs.pcalls, ==, G_GINT64_CONSTANT (1) << 32);
  g_assert_cmpint (costs.ncalls, ==, G_GINT64_CONSTANT (2147581956));
  g_assert_cmpfloat (costs.tottime, ==, 0.25);
  g_assert_cmpfloat (costs.cumtime, ==, 100);
}

static void
test_impossible_numbers_are_zero_with_a_warning (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;
  SalCallCosts costs;

  put_key (bytes, "a.py", 1, "f");
  put_tuple (bytes, 5);
  put_costs (bytes, -1, -1, NAN, -INFINITY);
  put_code (bytes, '{', 0);
  put_code (bytes, '0', 0);
  profile = read_whole (bytes);
  costs = sal_profile_get_costs (profile, 0);
  g_assert_cmpint (costs.pcalls, ==, 0);
  g_assert_cmpint (costs.ncalls, ==, 0);
  g_assert_cmpfloat (costs.tottime, ==, 0);
  g_assert_cmpfloat (costs.cumtime, ==, 0);
  g_assert_cmpstr (sal_profile_get_warnings (profile)[0], ==,
                   "4 counts or times that are negative or no numbers were taken as 0.");
}

static void
test_names_that_are_no_text_are_escaped (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;

  put_entry (bytes, "a\xed\xb2\x80z", 1, 1);
  put_entry (bytes, "\xff\xc3", 1, 1);
  put_entry (bytes, "\xed\xa0", 1, 1);
  put_entry (bytes, "ü\xe2\x82\xac€", 1, 1);
  profile = read_whole (bytes);
  g_assert_cmpstr (sal_profile_get_function (profile, 0).name, ==, "a\\udc80z");
  g_assert_cmpstr (sal_profile_get_function (profile, 1).name, ==, "\\xff\\xc3");
  g_assert_cmpstr (sal_profile_get_function (profile, 2).name, ==, "\\xed\\xa0");
  g_assert_cmpstr (sal_profile_get_function (profile, 3).name, ==, "ü€€");
}

static void
test_bytes_after_the_end_are_warned_of (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (GError) error = NULL;

  put_entry (bytes, "f", 1, 1);
  put_code (bytes, '0', 0);
  put_text (bytes, "rest");
  profile = read_bytes (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sal_profile_get_warnings (profile)[0], ==,
                   "9 bytes after the end of the profile were left out.");
}

static void
test_empty (void)
{
  g_autoptr (GByteArray) bytes = begin ();

  put_code (bytes, '0', 0);
  assert_fails (bytes, SAL_PROFILE_ERROR_EMPTY, "no function was called");
}

static void
test_truncated_at_every_byte (void)
{
  g_autoptr (GByteArray) bytes = begin ();

  put_entry (bytes, "f", 1, 1);
  put_key (bytes, "b.py", 1, "g");
  put_tuple (bytes, 5);
  put_costs (bytes, 1, 1, 1, 1);
  put_code (bytes, '{', 0);
  put_key (bytes, "a.py", 1, "f");
  put_tuple (bytes, 4);
  put_costs (bytes, 1, 1, 1, 1);
  put_code (bytes, '0', 0);
  put_code (bytes, '0', 0);
  for (guint length = 0; length < bytes->len; length++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *exact = g_memdup2 (bytes->data, length);

      g_assert_null (sal_prof_reader_read (exact, length, NULL, &error));
      g_assert_error (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_CORRUPT);
    }
}

static void
test_length (gconstpointer data)
{
  gint32 length = GPOINTER_TO_INT (data);
  const char types[] = "uatAs([<>l";

  for (const char *type = types; *type != '\0'; type++)
    {
      g_autoptr (GByteArray) bytes = begin ();

      put_tuple (bytes, 1);
      put_code (bytes, *type, 0);
      put_int32 (bytes, length);
      put_code (bytes, 'N', 0);
      assert_fails (bytes, SAL_PROFILE_ERROR_CORRUPT, "damaged at byte 3: a length");
    }
}

static void
test_nested (void)
{
  g_autoptr (GByteArray) bytes = begin ();

  put_tuple (bytes, 1);
  for (guint i = 0; i < 1000000; i++)
    put_tuple (bytes, 1);
  assert_fails (bytes, SAL_PROFILE_ERROR_CORRUPT, "nested too deeply");
}

static void
test_reference_to_nothing (void)
{
  g_autoptr (GByteArray) bytes = begin ();

  put_reference (bytes, 0);
  assert_fails (bytes, SAL_PROFILE_ERROR_CORRUPT, "damaged at byte 1: a reference");
}

static void
test_reference_to_itself (void)
{
  const char types[] = "([<>";

  for (const char *type = types; *type != '\0'; type++)
    {
      g_autoptr (GByteArray) bytes = begin ();

      put_tuple (bytes, 1);
      put_code (bytes, *type, 0x80);
      put_int32 (bytes, 1);
      put_reference (bytes, 0);
      put_code (bytes, 'N', 0);
      assert_fails (bytes, SAL_PROFILE_ERROR_CORRUPT, "a reference to a value that has not");
    }
}

/* Each level refers to the one before ten times: 10⁸ values in some hundred bytes. */
static void
test_expansion_is_limited (void)
{
  g_autoptr (GByteArray) bytes = begin ();

  put_tuple (bytes, 1);
  put_tuple (bytes, 9);
  for (gint32 level = 0; level < 9; level++)
    {
      put_code (bytes, ')', 0x80);
      put_code (bytes, 10, 0);
      for (guint i = 0; i < 10; i++)
        if (level == 0)
          put_code (bytes, 'N', 0);
        else
          put_reference (bytes, level - 1);
    }
  assert_fails (bytes, SAL_PROFILE_ERROR_CORRUPT, "more values than");
}

static void
test_wrong_shapes (void)
{
  g_autoptr (GByteArray) not_a_key = begin ();
  g_autoptr (GByteArray) not_costs = begin ();
  g_autoptr (GByteArray) not_a_type = begin ();

  put_int (not_a_key, 1);
  put_int (not_a_key, 1);
  assert_fails (not_a_key, SAL_PROFILE_ERROR_CORRUPT, "damaged at byte 1: this is not what stands");
  put_key (not_costs, "a.py", 1, "f");
  put_tuple (not_costs, 4);
  put_costs (not_costs, 1, 1, 1, 1);
  assert_fails (not_costs, SAL_PROFILE_ERROR_CORRUPT, "damaged at byte 23: this is not");
  put_code (not_a_type, 'Q', 0);
  assert_fails (not_a_type, SAL_PROFILE_ERROR_CORRUPT, "damaged at byte 1: there is no value");
}

static void
test_other_profilers_are_named (void)
{
  g_autoptr (GByteArray) python_2 = begin ();
  g_autoptr (GByteArray) code = begin ();

  put_tuple (python_2, 3);
  put_code (python_2, 's', 0);
  put_int32 (python_2, 1);
  put_code (python_2, 'a', 0);
  assert_fails (python_2, SAL_PROFILE_ERROR_VERSION, "Python 2");
  put_tuple (code, 3);
  put_text (code, "profile");
  put_int (code, 0);
  put_code (code, 'c', 0);
  assert_fails (code, SAL_PROFILE_ERROR_VERSION, "python -m profile");
}

static void
test_cancelled (void)
{
  g_autoptr (GByteArray) bytes = begin ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5000; i++)
    put_entry (bytes, "f", 1, 1);
  put_code (bytes, '0', 0);
  g_cancellable_cancel (cancellable);
  g_assert_null (sal_prof_reader_read (bytes->data, bytes->len, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define PATH "/formats/prof/"

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func (PATH "counts-stand-in-their-order", test_counts_stand_in_their_order);
  g_test_add_func (PATH "caller-without-entry-becomes-a-function",
                   test_caller_without_entry_becomes_a_function);
  g_test_add_func (PATH "builtins-are-told-apart", test_builtins_are_told_apart);
  g_test_add_func (PATH "sampled-mark-of-python-3-15", test_sampled_mark_of_python_3_15);
  g_test_add_func (PATH "unknown-marks-are-stepped-over", test_unknown_marks_are_stepped_over);
  g_test_add_func (PATH "shared-values-are-read-again", test_shared_values_are_read_again);
  g_test_add_func (PATH "old-numbers", test_old_numbers);
  g_test_add_func (PATH "impossible-numbers-are-zero-with-a-warning",
                   test_impossible_numbers_are_zero_with_a_warning);
  g_test_add_func (PATH "names-that-are-no-text-are-escaped",
                   test_names_that_are_no_text_are_escaped);
  g_test_add_func (PATH "bytes-after-the-end-are-warned-of",
                   test_bytes_after_the_end_are_warned_of);
  g_test_add_func (PATH "empty", test_empty);
  g_test_add_func (PATH "truncated-at-every-byte", test_truncated_at_every_byte);
  g_test_add_data_func (PATH "length-is-negative", GINT_TO_POINTER (-1), test_length);
  g_test_add_data_func (PATH "length-is-huge", GINT_TO_POINTER (MAX_TEXT_LENGTH), test_length);
  g_test_add_func (PATH "nested", test_nested);
  g_test_add_func (PATH "reference-to-nothing", test_reference_to_nothing);
  g_test_add_func (PATH "reference-to-itself", test_reference_to_itself);
  g_test_add_func (PATH "expansion-is-limited", test_expansion_is_limited);
  g_test_add_func (PATH "wrong-shapes", test_wrong_shapes);
  g_test_add_func (PATH "other-profilers-are-named", test_other_profilers_are_named);
  g_test_add_func (PATH "cancelled", test_cancelled);
  return g_test_run ();
}
