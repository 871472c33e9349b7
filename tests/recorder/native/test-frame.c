/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of following a thread that was not stopped, by frame pointers that could not be read. */
#include "sal-native-frame.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <glib.h>

#include "binary.h"
#include "sal-native-stop.h"
#include "sal-native-unwind.h"
#include "sal-target-direct.h"

#define PATIENCE_US (60 * G_USEC_PER_SEC)
#define SET_UP "\x55\x48\x89\xe5"

typedef struct
{
  const char *name;
  const char *code;
  gboolean is_fixed;
} Code;

static const Code codes[] = {
  { "nothing", "", FALSE },
  { "short", "\x48\x89", FALSE },
  { "no-pointer", "\x48\x83\xec\x20\xc3", FALSE },
  { "sub-number", SET_UP "\x48\x83\xec\x20\xe8\x01\x01\x01\x01\xc9\xc3", TRUE },
  { "other-coding", "\x55\x48\x8b\xec\x48\x81\xec\x20\x01\x01\x01\xc9\xc3", TRUE },
  { "end-by-lea", SET_UP "\x53\x48\x8d\x65\xf8\x5b\x5d\xc3", TRUE },
  { "end-by-mov", SET_UP "\x48\x89\xec\x5d\xc3", TRUE },
  { "mov-rsp-to-r12", SET_UP "\x49\x89\xe4\xc9\xc3", TRUE },
  { "load-r12", SET_UP "\x4c\x8b\x64\x24\x08\xc9\xc3", TRUE },
  { "and-r12", SET_UP "\x49\x83\xe4\xf0\xc9\xc3", TRUE },
  { "sub-rax", SET_UP "\x48\x29\xc4\xc9\xc3", FALSE },
  { "sub-r13", SET_UP "\x4c\x29\xec\xc9\xc3", FALSE },
  { "sub-memory", SET_UP "\x48\x2b\x65\xf0\xc9\xc3", FALSE },
  { "add-rax", SET_UP "\x48\x01\xc4\xc9\xc3", FALSE },
  { "add-memory", SET_UP "\x48\x03\x65\xf0\xc9\xc3", FALSE },
  { "align", SET_UP "\x48\x83\xe4\xe0\xc9\xc3", FALSE },
  { "mov-r12-to-rsp", SET_UP "\x4c\x89\xe4\xc9\xc3", FALSE },
  { "load", SET_UP "\x48\x8b\x65\xf0\xc9\xc3", FALSE },
  { "lea-sum", SET_UP "\x48\x8d\x24\x04\xc9\xc3", FALSE },
};

static void
test_code (gconstpointer data)
{
  const Code *code = data;

  g_assert_cmpint (
      sal_native_frame_is_fixed ((const guint8 *)code->code, strlen (code->code)),
      ==,
      code->is_fixed);
}

/* Waits four calls deep, in a function that always makes the same room, or at once in one that
 * makes as much as it is told. Those further out are found by what the innermost has saved. */
static const char program_source[] =
    "#include <alloca.h>\n"
    "#include <stdlib.h>\n"
    "#include <string.h>\n"
    "#define PAUSE(number) \\\n"
    "  __asm__ volatile (\"syscall\" : \"+a\" (number) :: \"rcx\", \"r11\", \"memory\")\n"
    "int fixed (int depth)\n"
    "{\n"
    "  volatile char room[72] = { 0 };\n"
    "  long number = 34;\n"
    "  if (depth == 0)\n"
    "    PAUSE (number);\n"
    "  else\n"
    "    room[1] = (char)fixed (depth - 1);\n"
    "  return room[depth & 63];\n"
    "}\n"
    "int loose (int length)\n"
    "{\n"
    "  volatile char *room = alloca (length);\n"
    "  long number = 34;\n"
    "  memset ((void *)room, 1, length);\n"
    "  PAUSE (number);\n"
    "  return room[length / 2];\n"
    "}\n"
    "int main (int argc, char **argv)\n"
    "{\n"
    "  return argc > 1 ? loose (atoi (argv[1])) : fixed (3);\n"
    "}\n";

static GPid
start (const char *path, const char *length)
{
  const char *argv[] = { path, length, NULL };
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  g_autofree char *file = NULL;
  GPid pid;

  g_assert_true (g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &pid, NULL));
  file = g_strdup_printf ("/proc/%d/syscall", pid);
  for (;;)
    {
      g_autofree char *text = NULL;

      if (g_file_get_contents (file, &text, NULL, NULL) && g_str_has_prefix (text, "34 "))
        return pid;
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
}

typedef struct
{
  SalTarget *target;
  SalNativeUnwinder *unwinder;
  SalNativeSnapshot snapshot;
  guint8 bytes[16384];
} Stopped;

static void
copy (Stopped *stopped, GPid pid)
{
  SalNativeSnapshot *snapshot = &stopped->snapshot;
  SalNativeStop stop;
  guint64 start;

  g_assert_cmpint (sal_target_direct_new (pid, &stopped->target), ==, SAL_TARGET_OK);
  stopped->unwinder = sal_native_unwinder_new (stopped->target);
  g_assert_cmpint (
      sal_native_stop (pid, true, SAL_NATIVE_STOP_PATIENCE, &stop, snapshot->registers),
      ==,
      SAL_NATIVE_STOP_OK);
  snapshot->stack = snapshot->registers[SAL_NATIVE_RSP];
  snapshot->end = sal_native_unwinder_find_stack (stopped->unwinder, snapshot->stack, &start);
  snapshot->bytes = stopped->bytes;
  snapshot->length = MIN (sizeof stopped->bytes, snapshot->end - snapshot->stack);
  g_assert_cmpint (
      sal_target_read (stopped->target, snapshot->stack, stopped->bytes, snapshot->length),
      ==,
      SAL_TARGET_OK);
  sal_native_stop_release (&stop);
}

/* What is left of the registers of a thread that is not stopped. */
static void
forget (SalNativeSnapshot *snapshot)
{
  for (guint i = 0; i < SAL_NATIVE_N_REGISTERS; i++)
    if (i != SAL_NATIVE_RSP && i != SAL_NATIVE_RIP)
      snapshot->registers[i] = SAL_NATIVE_UNKNOWN;
}

/* Where a frame pointer always is, it is found after it was seen there once; where it depends, it
 * never is. */
static void
test_program (gconstpointer data)
{
  static SalNativeFrame seen[SAL_NATIVE_MAX_FRAMES];
  static SalNativeFrame found[SAL_NATIVE_MAX_FRAMES];
  const char *length = data;
  SalNativeReach expected = length == NULL ? SAL_NATIVE_WHOLE : SAL_NATIVE_LOST;
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *source = g_build_filename (folder, "program.c", NULL);
  g_autofree char *path = g_build_filename (folder, "program", NULL);
  g_autofree Stopped *stopped = g_new0 (Stopped, 1);
  SalNativeSnapshot unread;
  gsize n_seen;
  gsize n_found;
  GPid pid;

  g_assert_true (g_file_set_contents (source, program_source, -1, NULL));
  BINARY_RUN ("cc", "-O1", "-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer",
              "-fno-optimize-sibling-calls", "-fno-inline", "-o", path, source);
  pid = start (path, length);
  copy (stopped, pid);
  unread = stopped->snapshot;
  forget (&unread);
  g_assert_cmpint (sal_native_unwinder_run (stopped->unwinder, &unread, found, &n_found),
                   ==,
                   SAL_NATIVE_LOST);
  g_assert_cmpint (
      sal_native_unwinder_run (stopped->unwinder, &stopped->snapshot, seen, &n_seen),
      ==,
      SAL_NATIVE_WHOLE);
  g_assert_cmpint (sal_native_unwinder_run (stopped->unwinder, &unread, found, &n_found),
                   ==,
                   expected);
  g_assert_cmpuint (n_seen, >, length == NULL ? 5 : 2);
  g_assert_cmpuint (n_found, ==, length == NULL ? n_seen : 1);
  for (gsize i = 0; i < n_found; i++)
    {
      g_assert_true (found[i].site == seen[i].site);
      g_assert_cmphex (found[i].stack, ==, seen[i].stack);
    }
  sal_native_unwinder_free (stopped->unwinder);
  sal_target_free (stopped->target);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  BINARY_RUN ("rm", "-r", folder);
}

/* Two distances at one instruction are none. */
static void
test_distances (void)
{
  SalNativeFrameSize size = { 0 };
  guint64 registers[SAL_NATIVE_N_REGISTERS] = { [SAL_NATIVE_RBP] = 0x7f40,
                                                [SAL_NATIVE_RSP] = 0x7f00 };

  sal_native_frame_see (&size, registers);
  g_assert_cmpint (size.kind, ==, SAL_NATIVE_FRAME_SEEN);
  g_assert_cmpuint (size.distance, ==, 0x40);
  size.kind = SAL_NATIVE_FRAME_FIXED;
  sal_native_frame_see (&size, registers);
  g_assert_cmpint (size.kind, ==, SAL_NATIVE_FRAME_FIXED);
  registers[SAL_NATIVE_RSP] -= 16;
  sal_native_frame_see (&size, registers);
  g_assert_cmpint (size.kind, ==, SAL_NATIVE_FRAME_LOOSE);
  /* Of no use as a distance: it points elsewhere. */
  size = (SalNativeFrameSize){ 0 };
  registers[SAL_NATIVE_RBP] = 0x10;
  sal_native_frame_see (&size, registers);
  g_assert_cmpint (size.kind, ==, SAL_NATIVE_FRAME_UNSEEN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/native/frame/code/%s", codes[i].name);

      g_test_add_data_func (path, &codes[i], test_code);
    }
  g_test_add_func ("/native/frame/distances", test_distances);
  g_test_add_data_func ("/native/frame/fixed", NULL, test_program);
  g_test_add_data_func ("/native/frame/loose", "160", test_program);
  return g_test_run ();
}
