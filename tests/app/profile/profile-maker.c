/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles made by hand. */
#include "profile-maker.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sal-capture-writer.h"

struct _ProfileMaker
{
  SalCaptureWriter *writer;
  int fd;
  guint64 n_fed;
  SalProfileBuilder *builder;
  GHashTable *ids; /* "kind key" → id + 1 */
  guint counts[SAL_CAPTURE_PLACE + 1];
};

static guint32
write_record (ProfileMaker *maker, const SalCaptureRecord *record)
{
  g_assert_cmpint (sal_capture_writer_add (maker->writer, record), ==, SAL_CAPTURE_OK);
  return maker->counts[record->kind]++;
}

/* The id of the definition under this key, which is written where it is new. */
static guint32
define (ProfileMaker *maker, const SalCaptureRecord *record, const char *key)
{
  g_autofree char *full = g_strdup_printf ("%d %s", (int)record->kind, key);
  guint32 id = GPOINTER_TO_UINT (g_hash_table_lookup (maker->ids, full));

  if (id > 0)
    return id - 1;
  id = write_record (maker, record);
  g_hash_table_insert (maker->ids, g_steal_pointer (&full), GUINT_TO_POINTER (id + 1));
  return id;
}

static gboolean
is_defined (ProfileMaker *maker, int kind, const char *key)
{
  g_autofree char *full = g_strdup_printf ("%d %s", kind, key);

  return g_hash_table_contains (maker->ids, full);
}

static guint32
define_string (ProfileMaker *maker, const char *text)
{
  SalCaptureRecord record = { .kind = SAL_CAPTURE_STRING };

  record.string.bytes = text;
  record.string.length = strlen (text);
  return define (maker, &record, text);
}

/* What is inlined in the frame that comes next: the names behind the first, which is its own. */
static void
write_places (ProfileMaker *maker, char **names)
{
  for (guint i = 0; names[0] != NULL && names[1] != NULL && names[i] != NULL; i++)
    {
      SalCaptureRecord place = { .kind = SAL_CAPTURE_PLACE };

      place.place.name.bytes = i == 0 ? "" : names[i];
      place.place.name.length = i == 0 ? 0 : strlen (names[i]);
      place.place.file.bytes = "";
      write_record (maker, &place);
    }
}

static guint32
define_frame (ProfileMaker *maker, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  SalCaptureRecord function = { .kind = SAL_CAPTURE_FUNCTION };
  SalCaptureRecord frame = { .kind = SAL_CAPTURE_FRAME };

  if (strchr (parts[0], '@') != NULL)
    {
      g_auto (GStrv) native = g_strsplit (parts[0], "@", 2);
      const char *plus = strstr (native[0], "+0x");
      g_auto (GStrv) inlined = g_strsplit (native[1], ">", -1);

      function.function.kind = SAL_CAPTURE_NATIVE;
      function.function.name = define_string (maker, native[0]);
      function.function.file = SAL_CAPTURE_NO_ID;
      function.function.library = define_string (maker, inlined[0]);
      function.function.address = plus != NULL ? g_ascii_strtoull (plus + 3, NULL, 16) : 0;
      define (maker, &function, parts[0]);
      if (!is_defined (maker, SAL_CAPTURE_FRAME, text))
        write_places (maker, inlined);
    }
  else if (parts[0][0] == '#')
    {
      function.function.kind = SAL_CAPTURE_TASK;
      function.function.name = define_string (maker, parts[0] + 1);
      function.function.file = SAL_CAPTURE_NO_ID;
    }
  else if (parts[0][0] == '<')
    {
      function.function.kind = SAL_CAPTURE_MARK;
      function.function.name = define_string (maker, parts[0]);
      function.function.file = SAL_CAPTURE_NO_ID;
    }
  else
    {
      g_auto (GStrv) python = g_strsplit (parts[0], "%", 2);

      function.function.name = define_string (maker, python[0]);
      function.function.file =
          define_string (maker, python[1] != NULL ? python[1] : "/srv/made.py");
      function.function.first_line = 1;
    }
  frame.frame.function = define (maker, &function, parts[0]);
  frame.frame.line = parts[1] == NULL ? 1 : (guint32)g_ascii_strtoull (parts[1], NULL, 10);
  return define (maker, &frame, text);
}

static guint32
define_stack (ProfileMaker *maker, const char *text)
{
  g_auto (GStrv) frames = g_strsplit (text, ";", -1);
  g_autoptr (GString) key = g_string_new (NULL);
  guint32 parent = SAL_CAPTURE_NO_ID;

  for (guint i = 0; frames[i] != NULL; i++)
    {
      SalCaptureRecord stack = { .kind = SAL_CAPTURE_STACK };

      stack.stack.parent = parent;
      stack.stack.frame = define_frame (maker, frames[i]);
      g_string_printf (key, "%u %u", parent, stack.stack.frame);
      parent = define (maker, &stack, key->str);
    }
  return parent;
}

ProfileMaker *
profile_maker_new (guint n_threads)
{
  ProfileMaker *maker = g_new0 (ProfileMaker, 1);
  SalCaptureRecord process = { .kind = SAL_CAPTURE_PROCESS };

  maker->builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  maker->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  maker->fd = memfd_create ("made", MFD_CLOEXEC);
  g_assert_cmpint (maker->fd, >=, 0);
  g_assert_cmpint (sal_capture_writer_new (maker->fd, &maker->writer), ==, SAL_CAPTURE_OK);
  process.process.command = define_string (maker, "python3 made.py");
  process.process.pid = 42;
  process.process.parent = SAL_CAPTURE_NO_ID;
  process.process.python = SAL_CAPTURE_NO_ID;
  write_record (maker, &process);
  for (guint i = 0; i < n_threads; i++)
    {
      SalCaptureRecord thread = { .kind = SAL_CAPTURE_THREAD };

      thread.thread.id = i;
      thread.thread.tid = 42 + i;
      thread.thread.is_main = i == 0;
      thread.thread.name = SAL_CAPTURE_NO_ID;
      write_record (maker, &thread);
    }
  return maker;
}

void
profile_maker_free (ProfileMaker *maker)
{
  sal_capture_writer_free (maker->writer);
  close (maker->fd);
  sal_profile_builder_free (maker->builder);
  g_hash_table_unref (maker->ids);
  g_free (maker);
}

void
profile_maker_add (ProfileMaker *maker,
                   guint thread,
                   gint64 time_ns,
                   guint state,
                   guint64 weight_ns,
                   const char *stack)
{
  SalCaptureRecord sample = { .kind = SAL_CAPTURE_SAMPLE };

  sample.sample.time_ns = time_ns;
  sample.sample.thread = thread;
  sample.sample.stack = *stack == 0 ? SAL_CAPTURE_NO_ID : define_stack (maker, stack);
  sample.sample.state = state;
  sample.sample.weight_ns = weight_ns;
  sample.sample.cpu_ns = weight_ns / 2;
  write_record (maker, &sample);
}

void
profile_maker_add_asleep (ProfileMaker *maker,
                          guint thread,
                          guint64 weight_ns,
                          const char *stack,
                          SalWait wait,
                          const char *name)
{
  SalCaptureRecord record = { .kind = SAL_CAPTURE_WAIT };
  SalCaptureRecord sample = { .kind = SAL_CAPTURE_SAMPLE };
  g_autofree char *key = NULL;

  record.wait.kind = (guint8)wait.kind;
  record.wait.descriptor_kind = (guint8)wait.descriptor_kind;
  record.wait.descriptor = SAL_CAPTURE_NO_ID;
  record.wait.is_disk = wait.is_disk;
  record.wait.name = name != NULL ? define_string (maker, name) : SAL_CAPTURE_NO_ID;
  key = g_strdup_printf ("%d %d %d %u", (int)wait.kind, (int)wait.descriptor_kind, wait.is_disk,
                         record.wait.name);
  sample.sample.thread = thread;
  sample.sample.stack = *stack == 0 ? SAL_CAPTURE_NO_ID : define_stack (maker, stack);
  sample.sample.weight_ns = weight_ns;
  sample.sample.wait = 1 + define (maker, &record, key);
  write_record (maker, &sample);
}

GByteArray *
profile_maker_take_bytes (ProfileMaker *maker)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 length;

  g_assert_cmpint (sal_capture_writer_flush (maker->writer), ==, SAL_CAPTURE_OK);
  length = sal_capture_writer_get_bytes (maker->writer);
  g_byte_array_set_size (bytes, (guint)length);
  g_assert_cmpint (pread (maker->fd, bytes->data, length, 0), ==, (gssize)length);
  return bytes;
}

SalProfile *
profile_maker_take (ProfileMaker *maker)
{
  g_autoptr (GByteArray) bytes = profile_maker_take_bytes (maker);
  g_autoptr (GError) error = NULL;

  sal_profile_builder_feed (maker->builder,
                            bytes->data + maker->n_fed,
                            bytes->len - maker->n_fed,
                            &error);
  g_assert_no_error (error);
  maker->n_fed = bytes->len;
  return sal_profile_builder_take (maker->builder);
}

SalProfileBuilder *
profile_maker_get_builder (ProfileMaker *maker)
{
  return maker->builder;
}

guint32
profile_maker_find (SalProfile *profile, const char *name)
{
  for (guint32 i = 0; i < sal_profile_get_n_functions (profile); i++)
    if (g_str_equal (sal_profile_get_function (profile, i).name, name))
      return i;
  g_assert_not_reached ();
}

SalProfile *
profile_maker_random (guint32 seed, guint n_samples)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (3);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  for (guint i = 0; i < n_samples; i++)
    {
      g_autoptr (GString) stack = g_string_new (NULL);
      int depth = g_rand_int_range (rand, 0, 8);

      for (int d = 0; d < depth; d++)
        g_string_append_printf (stack,
                                "%s%c:%d",
                                d == 0 ? "" : ";",
                                'a' + g_rand_int_range (rand, 0, 4),
                                g_rand_int_range (rand, 1, 3));
      profile_maker_add (maker,
                         (guint)g_rand_int_range (rand, 0, 3),
                         i / 3,
                         (guint)g_rand_int_range (rand, 0, 8),
                         (guint64)g_rand_int_range (rand, 0, 5),
                         stack->str);
    }
  return profile_maker_take (maker);
}

GArray *
profile_maker_list_functions (SalProfile *profile, guint32 stack)
{
  GArray *functions = g_array_new (FALSE, FALSE, sizeof (guint32));

  while (stack != SAL_NO_ID)
    {
      SalStack node = sal_profile_get_stack (profile, stack);
      guint32 function = sal_profile_get_frame (profile, node.frame).function;

      g_array_prepend_val (functions, function);
      stack = node.parent;
    }
  return functions;
}
