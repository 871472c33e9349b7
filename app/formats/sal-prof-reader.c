/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads .prof files, the marshalled dict of cProfile and profile:
 *
 *   { (file, line, name): (pcalls, ncalls, tottime, cumtime, { caller's key: edge, … }), … }
 *
 * An edge is (ncalls, pcalls, tottime, cumtime), the counts the other way round than above, or in
 * files of the module "profile" just the number of calls.
 */
#include "config.h"

#include "sal-prof-reader.h"

#include <math.h>

#include <glib/gi18n.h>

#include "sal-profile-builder.h"
#include "sal-profile-error.h"

#include "sal-marshal.h"

#define CANCEL_INTERVAL 1024

typedef struct
{
  SalMarshal *marshal;
  SalProfileBuilder *builder;
  guint64 n_functions;
  guint64 n_call_counts_only; /* edges of the module "profile" */
  guint64 n_negative;
  gboolean sampled;
} Reader;

gboolean
sal_prof_reader_matches (const guint8 *bytes, gsize length)
{
  return length > 0 && ((bytes[0] & 0x7f) == '{' || (bytes[0] & 0x7f) == '}');
}

static gint64
get_count (Reader *reader, const SalMarshalValue *value)
{
  gint64 count = value->integer;

  if (value->kind == SAL_MARSHAL_REAL)
    {
      count = -1;
      if (value->real >= 0x1p63)
        count = G_MAXINT64;
      else if (value->real >= 0)
        count = (gint64)value->real;
    }
  if (count >= 0)
    return count;
  reader->n_negative++;
  return 0;
}

static double
get_time (Reader *reader, const SalMarshalValue *value)
{
  if (value->real >= 0 && isfinite (value->real))
    return value->real;
  reader->n_negative++;
  return 0;
}

static gboolean
read_number (Reader *reader, SalMarshalValue *value)
{
  if (!sal_marshal_next (reader->marshal, value))
    return FALSE;
  if (value->kind != SAL_MARSHAL_INT && value->kind != SAL_MARSHAL_REAL)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
  return TRUE;
}

/* Two counts in the order of the file, then two times. */
static gboolean
read_costs (Reader *reader, gint64 *first, gint64 *second, SalCallCosts *costs)
{
  SalMarshalValue number;

  if (!read_number (reader, &number))
    return FALSE;
  *first = get_count (reader, &number);
  if (!read_number (reader, &number))
    return FALSE;
  *second = get_count (reader, &number);
  if (!read_number (reader, &number))
    return FALSE;
  costs->tottime = get_time (reader, &number);
  if (!read_number (reader, &number))
    return FALSE;
  costs->cumtime = get_time (reader, &number);
  return TRUE;
}

static gboolean
read_text (Reader *reader, const char **text)
{
  SalMarshalValue value;

  if (!sal_marshal_next (reader->marshal, &value))
    return FALSE;
  if (value.kind == SAL_MARSHAL_CODE)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_CODE_KEY);
  if (value.kind == SAL_MARSHAL_BYTES)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_PYTHON_2);
  if (value.kind != SAL_MARSHAL_TEXT)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
  *text = value.text;
  return TRUE;
}

/* cProfile writes functions made in C as ('~', 0, name), profile as ('', 0, name). */
static guint32
add_function (Reader *reader, const char *file, gint64 line, const char *name)
{
  static const char no_library[] = "";
  guint32 first_line = line > 0 && line < G_MAXUINT32 ? (guint32)line : 0;
  gboolean builtin = first_line == 0 && (g_str_equal (file, "~") || *file == '\0');
  SalFunction function = { .name = name, .library = no_library, .first_line = first_line };

  if (builtin)
    file = sal_profile_builder_intern_text (reader->builder, "", 0);
  function.file = file;
  function.kind = builtin ? SAL_FUNCTION_BUILTIN : SAL_FUNCTION_PYTHON;
  return sal_profile_builder_intern_function (reader->builder, &function);
}

static gboolean
read_function (Reader *reader, const SalMarshalValue *key, guint32 *function)
{
  const char *file = NULL;
  const char *name = NULL;
  SalMarshalValue line;

  if (!read_text (reader, &file) || !read_number (reader, &line) || !read_text (reader, &name))
    return FALSE;
  *function = add_function (reader, file, line.kind == SAL_MARSHAL_INT ? line.integer : 0, name);
  sal_marshal_close_as (reader->marshal, key, *function);
  return TRUE;
}

/* @key is the key of an entry. What is no function is stepped over: *@function is SAL_NO_ID then.
   */
static gboolean
read_key (Reader *reader, const SalMarshalValue *key, guint32 *function)
{
  SalMarshalValue item;

  *function = SAL_NO_ID;
  if (key->kind == SAL_MARSHAL_TAG)
    {
      *function = key->tag;
      return TRUE;
    }
  if (key->kind != SAL_MARSHAL_TUPLE)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
  if (key->count == 3)
    return read_function (reader, key, function);
  if (key->count != 1)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
  if (!sal_marshal_next (reader->marshal, &item))
    return FALSE;
  if (item.kind == SAL_MARSHAL_TEXT && g_str_equal (item.text, "__sampled__"))
    reader->sampled = TRUE;
  if (!sal_marshal_skip (reader->marshal, &item))
    return FALSE;
  sal_marshal_close (reader->marshal, key);
  return TRUE;
}

static gboolean
read_edge (Reader *reader, guint32 caller, guint32 callee)
{
  SalCallEdge edge = { .caller = caller, .callee = callee };
  SalMarshalValue value;

  if (!sal_marshal_next (reader->marshal, &value))
    return FALSE;
  if (value.kind == SAL_MARSHAL_INT)
    {
      edge.costs.ncalls = get_count (reader, &value);
      edge.costs.pcalls = edge.costs.ncalls;
      reader->n_call_counts_only++;
    }
  else if ((value.kind == SAL_MARSHAL_TUPLE || value.kind == SAL_MARSHAL_LIST) && value.count == 4)
    {
      if (!read_costs (reader, &edge.costs.ncalls, &edge.costs.pcalls, &edge.costs))
        return FALSE;
      edge.has_times = TRUE;
      sal_marshal_close (reader->marshal, &value);
    }
  else
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
  sal_profile_builder_add_edge (reader->builder, &edge);
  return TRUE;
}

static gboolean
read_callers (Reader *reader, guint32 callee)
{
  SalMarshalValue dict, key;
  guint32 caller;

  if (!sal_marshal_next (reader->marshal, &dict))
    return FALSE;
  if (dict.kind != SAL_MARSHAL_DICT)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
  for (;;)
    {
      if (!sal_marshal_next (reader->marshal, &key))
        return FALSE;
      if (key.kind == SAL_MARSHAL_END)
        break;
      if (!read_key (reader, &key, &caller))
        return FALSE;
      if (caller == SAL_NO_ID)
        return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
      if (!read_edge (reader, caller, callee))
        return FALSE;
    }
  sal_marshal_close (reader->marshal, &dict);
  return TRUE;
}

/* The value of an entry: what @function cost and who called it. */
static gboolean
read_entry (Reader *reader, guint32 function)
{
  SalMarshalValue value;
  SalCallCosts costs;

  if (!sal_marshal_next (reader->marshal, &value))
    return FALSE;
  if (function == SAL_NO_ID && value.kind != SAL_MARSHAL_END)
    return sal_marshal_skip (reader->marshal, &value);
  if ((value.kind != SAL_MARSHAL_TUPLE && value.kind != SAL_MARSHAL_LIST) || value.count != 5)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
  if (!read_costs (reader, &costs.pcalls, &costs.ncalls, &costs) ||
      !read_callers (reader, function))
    return FALSE;
  sal_marshal_close (reader->marshal, &value);
  sal_profile_builder_add_costs (reader->builder, function, &costs);
  reader->n_functions++;
  return TRUE;
}

/* Returns FALSE with @error set only when it was cancelled: see the marshal reader's error. */
static gboolean
read_dict (Reader *reader, GCancellable *cancellable, GError **error)
{
  SalMarshalValue dict, key;
  guint32 function;

  if (!sal_marshal_next (reader->marshal, &dict))
    return FALSE;
  if (dict.kind != SAL_MARSHAL_DICT)
    return sal_marshal_fail (reader->marshal, SAL_MARSHAL_UNEXPECTED);
  for (guint64 i = 1;; i++)
    {
      if (i % CANCEL_INTERVAL == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!sal_marshal_next (reader->marshal, &key))
        return FALSE;
      if (key.kind == SAL_MARSHAL_END)
        return TRUE;
      if (!read_key (reader, &key, &function) || !read_entry (reader, function))
        return FALSE;
    }
}

static const char *
get_reason (SalMarshalError error)
{
  switch (error)
    {
    case SAL_MARSHAL_TRUNCATED:
      return _ ("the file ends in the middle of a value");
    case SAL_MARSHAL_LENGTH:
      return _ ("a length is negative or goes beyond the end of the file");
    case SAL_MARSHAL_TYPE:
      return _ ("there is no value of such a type");
    case SAL_MARSHAL_REFERENCE:
      return _ ("a reference to a value that has not been read");
    case SAL_MARSHAL_DEPTH:
      return _ ("values are nested too deeply");
    case SAL_MARSHAL_LIMIT:
      return _ ("more values than a profile of this size can have");
    case SAL_MARSHAL_NUMBER:
      return _ ("a number is written wrongly");
    case SAL_MARSHAL_UNEXPECTED:
    case SAL_MARSHAL_OK:
    case SAL_MARSHAL_PYTHON_2:
    case SAL_MARSHAL_CODE_KEY:
    default:
      return _ ("this is not what stands there in a profile");
    }
}

static void
set_error (Reader *reader, GError **error)
{
  gsize offset;
  SalMarshalError reason = sal_marshal_get_error (reader->marshal, &offset);
  g_autofree char *number = g_strdup_printf ("%" G_GSIZE_FORMAT, offset);

  if (reason == SAL_MARSHAL_PYTHON_2)
    g_set_error (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_VERSION,
                 /* Translators: %s is an offset in bytes */
                 _ ("This profile was written by Python 2, which cannot be read (at byte %s)."),
                 number);
  else if (reason == SAL_MARSHAL_CODE_KEY)
    g_set_error (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_VERSION,
                 /* Translators: %s is an offset in bytes */
                 _ ("This profile was written by “python -m profile”, which cannot be read (a code "
                    "object at byte %s); use “python -m cProfile”."),
                 number);
  else
    g_set_error (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_CORRUPT,
                 /* Translators: first an offset in bytes, then the reason, like “a number is
                  * written wrongly” */
                 _ ("The .prof file is damaged at byte %s: %s."), number, get_reason (reason));
}

static void
add_remarks (Reader *reader, gsize length)
{
  gsize rest = length - sal_marshal_get_offset (reader->marshal);
  const char *format = "cProfile";

  if (reader->sampled)
    format = "sampled";
  else if (reader->n_call_counts_only > 0)
    format = "profile";
  sal_profile_builder_set_meta (reader->builder, "format", format);
  if (rest > 0)
    {
      g_autofree char *sentence = g_strdup_printf (
          ngettext ("%u byte after the end of the profile was left out.",
                    "%u bytes after the end of the profile were left out.", rest),
          (guint)MIN (rest, G_MAXUINT));

      sal_profile_builder_add_warning (reader->builder, sentence);
    }
  if (reader->n_negative > 0)
    {
      g_autofree char *sentence = g_strdup_printf (
          ngettext ("%u count or time that is negative or no number was taken as 0.",
                    "%u counts or times that are negative or no numbers were taken as 0.",
                    reader->n_negative),
          (guint)MIN (reader->n_negative, G_MAXUINT));

      sal_profile_builder_add_warning (reader->builder, sentence);
    }
}

static const char *
intern_text (gpointer builder, const char *bytes, gsize length)
{
  return sal_profile_builder_intern_text (builder, bytes, length);
}

SalProfile *
sal_prof_reader_read (const guint8 *bytes, gsize length, GCancellable *cancellable, GError **error)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  g_autoptr (SalMarshal) marshal = sal_marshal_new (bytes, length, intern_text, builder);
  Reader reader = { .marshal = marshal, .builder = builder };
  GError *cancelled = NULL;

  if (!read_dict (&reader, cancellable, &cancelled))
    {
      if (cancelled != NULL)
        g_propagate_error (error, cancelled);
      else
        set_error (&reader, error);
      return NULL;
    }
  if (reader.n_functions == 0)
    {
      g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_EMPTY,
                           _ ("The .prof file is empty: no function was called while it was "
                              "made."));
      return NULL;
    }
  add_remarks (&reader, length);
  return sal_profile_builder_take (builder);
}
