/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of following the stack of a process whose stack is known. */
#include "sal-native-unwind.h"

#include <dlfcn.h>
#include <elf.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "binary.h"
#include "sal-native-name.h"
#include "sal-native-stop.h"
#include "sal-target-direct.h"

#define PATIENCE_US (60 * G_USEC_PER_SEC)

static atomic_uint *is_ready;

__attribute__ ((noinline)) static void
spin (void)
{
  while (atomic_load (is_ready) < 2)
    atomic_store (is_ready, 1);
}

/* Not at its end, or the call would become a jump. */
__attribute__ ((noinline)) static int
descend (int depth)
{
  volatile char room[64] = { 0 };

  if (depth == 0)
    spin ();
  else
    room[1] = (char)descend (depth - 1);
  return room[depth & 63];
}

static void
handle_signal_cb (int number)
{
  volatile int room = number;

  spin ();
  room++;
}

/* A program that stands in spin(), called through @depth + 1 calls of descend() and, when
 * @in_handler, through a signal. */
static pid_t
start_program (int depth, gboolean in_handler)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  pid_t pid;

  atomic_store (is_ready, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      if (in_handler)
        {
          signal (SIGUSR1, handle_signal_cb);
          raise (SIGUSR1);
        }
      _exit (descend (depth));
    }
  while (atomic_load (is_ready) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (100);
    }
  return pid;
}

typedef struct
{
  SalNativeReach reach;
  GPtrArray *names; /* innermost first */
} Walk;

static void
walk_clear (Walk *walk)
{
  g_ptr_array_unref (walk->names);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Walk, walk_clear)

/* Copies at most @length bytes of the stack of a thread that stands still. */
static void
copy_stack (SalNativeUnwinder *unwinder,
            SalTarget *target,
            SalNativeSnapshot *snapshot,
            guint8 *bytes,
            gsize length)
{
  guint64 pointer = snapshot->registers[SAL_NATIVE_RSP];
  guint64 start;

  snapshot->end = sal_native_unwinder_find_stack (unwinder, pointer, &start);
  g_assert_cmpuint (start, <=, pointer - SAL_NATIVE_RED_ZONE);
  g_assert_cmpuint (snapshot->end, >, pointer);
  snapshot->bytes = bytes;
  snapshot->stack = pointer - SAL_NATIVE_RED_ZONE;
  snapshot->length = MIN (length, snapshot->end - snapshot->stack);
  g_assert_cmpint (sal_target_read (target, snapshot->stack, bytes, snapshot->length),
                   ==,
                   SAL_TARGET_OK);
}

/* Stops @pid, copies at most @length bytes of its stack, and follows them; @damage turns every
 * word of the copy round. */
static Walk
walk_process (pid_t pid, gsize length, gboolean damage)
{
  static SalNativeFrame frames[SAL_NATIVE_MAX_FRAMES];
  Walk walk = { .names = g_ptr_array_new_with_free_func (g_free) };
  g_autofree guint8 *bytes = g_malloc (length);
  SalNativeSnapshot snapshot = { .bytes = bytes };
  SalNativeUnwinder *unwinder;
  SalNativeStop stop;
  SalTarget *target;
  gsize n_frames;

  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  unwinder = sal_native_unwinder_new (target);
  g_assert_cmpint (sal_native_stop (pid, true, SAL_NATIVE_STOP_PATIENCE,
                                    &stop, snapshot.registers),
                   ==, SAL_NATIVE_STOP_OK);
  copy_stack (unwinder, target, &snapshot, bytes, length);
  sal_native_stop_release (&stop);
  if (damage)
    for (gsize i = 0; i < snapshot.length; i++)
      bytes[i] = (guint8)g_test_rand_int ();

  /* Twice: what was learned the first time must give the same the second. */
  for (guint round = 0; round < 2; round++)
    {
      g_ptr_array_set_size (walk.names, 0);
      walk.reach = sal_native_unwinder_run (unwinder, &snapshot, frames, &n_frames);
      g_assert_cmpuint (n_frames, <=, SAL_NATIVE_MAX_FRAMES);
      for (gsize i = 0; i < n_frames; i++)
        {
          g_autofree char *name = sal_native_name_dup (frames[i].function, NULL);

          g_ptr_array_add (walk.names, g_strdup (name));
          g_assert_true (i == 0 || frames[i].stack > frames[i - 1].stack);
        }
    }
  sal_native_unwinder_free (unwinder);
  sal_target_free (target);
  return walk;
}

static void
end_program (pid_t pid)
{
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

static const char *
get_name (const Walk *walk, guint i)
{
  g_assert_cmpuint (i, <, walk->names->len);
  return g_ptr_array_index (walk->names, i);
}

/* The first frame called @name, which must be there. */
static guint
find_name (const Walk *walk, const char *name)
{
  for (guint i = 0; i < walk->names->len; i++)
    if (strcmp (get_name (walk, i), name) == 0)
      return i;
  g_test_message ("%s is missing", name);
  g_assert_not_reached ();
}

static void
test_every_call_is_found (void)
{
  pid_t pid = start_program (20, FALSE);
  g_auto (Walk) walk = walk_process (pid, 65536, FALSE);

  end_program (pid);
  g_assert_cmpint (walk.reach, ==, SAL_NATIVE_WHOLE);
  g_assert_cmpstr (get_name (&walk, 0), ==, "spin");
  for (guint i = 1; i <= 21; i++)
    g_assert_cmpstr (get_name (&walk, i), ==, "descend");
  g_assert_cmpstr (get_name (&walk, 22), ==, "start_program");
  g_assert_cmpstr (get_name (&walk, walk.names->len - 1), ==, "_start");
}

static void
test_signals_are_passed_through (void)
{
  pid_t pid = start_program (0, TRUE);
  g_auto (Walk) walk = walk_process (pid, 65536, FALSE);
  guint handler;

  end_program (pid);
  g_assert_cmpint (walk.reach, ==, SAL_NATIVE_WHOLE);
  handler = find_name (&walk, "handle_signal_cb");
  g_assert_cmpuint (handler, <, find_name (&walk, "start_program"));
  g_assert_cmpstr (get_name (&walk, walk.names->len - 1), ==, "_start");
}

static void
test_a_short_copy_is_cut (void)
{
  pid_t pid = start_program (200, FALSE);
  g_auto (Walk) walk = walk_process (pid, 4096, FALSE);

  end_program (pid);
  g_assert_cmpint (walk.reach, ==, SAL_NATIVE_CUT);
  g_assert_cmpstr (get_name (&walk, 0), ==, "spin");
  g_assert_cmpuint (walk.names->len, >, 5);
}

static void
test_nonsense_ends_somewhere (void)
{
  pid_t pid = start_program (20, FALSE);

  for (guint i = 0; i < 20; i++)
    {
      g_auto (Walk) walk = walk_process (pid, 16384, TRUE);

      g_assert_cmpuint (walk.names->len, >=, 1);
    }
  end_program (pid);
}

/* Calls again and again, so that every instruction of a call and a return comes by. */
static pid_t
start_caller (void)
{
  pid_t pid;

  atomic_store (is_ready, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      atomic_store (is_ready, 2);
      for (;;)
        atomic_fetch_add (is_ready, (unsigned)descend (3) + 1);
    }
  while (atomic_load (is_ready) < 3)
    g_usleep (100);
  return pid;
}

static void
step_on (pid_t pid, guint64 *registers)
{
  struct user_regs_struct regs;
  struct iovec into = { &regs, sizeof regs };
  int status;

  g_assert_cmpint (ptrace (PTRACE_SINGLESTEP, pid, NULL, NULL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, __WALL), ==, pid);
  g_assert_true (WIFSTOPPED (status));
  g_assert_cmpint (ptrace (PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &into), ==, 0);
  g_assert_true (sal_native_stop_convert (&regs, into.iov_len, registers));
}

/* At the end of a function its caller's registers are below the stack pointer already. */
static void
test_every_instruction_will_do (void)
{
  static SalNativeFrame frames[SAL_NATIVE_MAX_FRAMES];
  static guint8 bytes[16384];
  pid_t pid = start_caller ();
  SalNativeSnapshot snapshot = { 0 };
  SalNativeUnwinder *unwinder;
  SalNativeStop stop;
  SalTarget *target;
  gsize n_frames;

  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  unwinder = sal_native_unwinder_new (target);
  g_assert_cmpint (sal_native_stop (pid, true, SAL_NATIVE_STOP_PATIENCE,
                                    &stop, snapshot.registers),
                   ==, SAL_NATIVE_STOP_OK);
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *name = NULL;

      step_on (pid, snapshot.registers);
      copy_stack (unwinder, target, &snapshot, bytes, sizeof bytes);
      g_assert_cmpint (sal_native_unwinder_run (unwinder, &snapshot, frames, &n_frames),
                       ==,
                       SAL_NATIVE_WHOLE);
      name = sal_native_name_dup (frames[n_frames - 1].function, NULL);
      g_assert_cmpstr (name, ==, "_start");
    }
  end_program (pid);
  sal_native_unwinder_free (unwinder);
  sal_target_free (target);
}

/* A library that says for debuggers only how its functions are left; they use the frame pointer for
 * something else. */
static const char library_source[] =
    "int library_down (int depth, void (*call) (void))\n"
    "{\n"
    "  volatile char room[72] = { 0 };\n"
    "  if (depth == 0)\n"
    "    call ();\n"
    "  else\n"
    "    room[1] = (char)library_down (depth - 1, call);\n"
    "  __asm__ volatile (\"xor %%ebp, %%ebp\" ::: \"rbp\");\n"
    "  return room[depth & 63];\n"
    "}\n"
    "int library_enter (int depth, void (*call) (void))\n"
    "{\n"
    "  volatile int room = depth;\n"
    "  __asm__ volatile (\"xor %%ebp, %%ebp\" ::: \"rbp\");\n"
    "  return library_down (depth, call) + room;\n"
    "}\n";

typedef struct
{
  const char *name;
  const char *option; /* of the compiler, besides */
  gboolean is_alone;  /* with no .eh_frame at all, else with one of other functions */
} Library;

static const Library libraries[] = {
  { "alone", "-gdwarf-4", TRUE },
  { "beside-eh-frame", "-gdwarf-4", FALSE },
  { "packed", "-gz=zlib", TRUE },
  { "version-3", "-Wa,--gdwarf-cie-version=3", TRUE },
  { "version-4", "-Wa,--gdwarf-cie-version=4", TRUE },
};

__attribute__ ((noinline)) static pid_t
start_library (const char *path)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  pid_t pid;

  atomic_store (is_ready, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      void *library = dlopen (path, RTLD_NOW);
      int (*enter) (int, void (*) (void)) = NULL;

      prctl (PR_SET_PDEATHSIG, SIGKILL);
      if (library != NULL)
        *(void **)&enter = dlsym (library, "library_enter");
      _exit (enter != NULL ? enter (9, spin) : 1);
    }
  while (atomic_load (is_ready) == 0)
    {
      g_assert_cmpint (waitpid (pid, NULL, WNOHANG), ==, 0);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (100);
    }
  return pid;
}

static void
test_tables_for_debuggers (gconstpointer data)
{
  const Library *library = data;
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *source = g_build_filename (folder, "library.c", NULL);
  g_autofree char *path = g_build_filename (folder, "library.so", NULL);
  g_auto (Walk) walk = { 0 };
  pid_t pid;

  g_assert_true (g_file_set_contents (source, library_source, -1, NULL));
  BINARY_RUN ("cc", "-shared", "-fPIC", "-O2", "-g", "-fomit-frame-pointer",
              "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-exceptions",
              "-fno-optimize-sibling-calls", "-Wl,--no-ld-generated-unwind-info", library->option,
              library->is_alone ? "-nostdlib" : "-shared", "-o", path, source);
  pid = start_library (path);
  walk = walk_process (pid, 65536, FALSE);
  end_program (pid);
  BINARY_RUN ("rm", "-r", folder);
  g_assert_cmpint (walk.reach, ==, SAL_NATIVE_WHOLE);
  g_assert_cmpstr (get_name (&walk, 0), ==, "spin");
  for (guint i = 1; i <= 10; i++)
    g_assert_cmpstr (get_name (&walk, i), ==, "library_down");
  g_assert_cmpstr (get_name (&walk, 11), ==, "library_enter");
  g_assert_cmpstr (get_name (&walk, 12), ==, "start_library");
  g_assert_cmpstr (get_name (&walk, walk.names->len - 1), ==, "_start");
}

/* A library that has itself called out of .init, in which no table tells of the call, as that of
 * OpenSSL does. */
static const char init_source[] =
    "#include <stdlib.h>\n"
    "__asm__ (\".section .init\\n call library_begin\\n .text\");\n"
    "__attribute__ ((visibility (\"hidden\"))) void library_begin (void)\n"
    "{\n"
    "  ((void (*) (void))strtoull (getenv (\"SAL_SPIN\"), NULL, 16)) ();\n"
    "  __asm__ volatile (\"\");\n"
    "}\n";

static void
test_what_init_calls (void)
{
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *source = g_build_filename (folder, "library.c", NULL);
  g_autofree char *path = g_build_filename (folder, "library.so", NULL);
  g_autofree char *address = g_strdup_printf ("%" G_GINTPTR_MODIFIER "x", (guintptr)spin);
  g_auto (Walk) walk = { 0 };
  pid_t pid;

  g_assert_true (g_file_set_contents (source, init_source, -1, NULL));
  BINARY_RUN ("cc", "-shared", "-fPIC", "-O2", "-o", path, source);
  g_assert_true (g_setenv ("SAL_SPIN", address, TRUE));
  pid = start_library (path);
  walk = walk_process (pid, 65536, FALSE);
  end_program (pid);
  BINARY_RUN ("rm", "-r", folder);
  g_assert_cmpint (walk.reach, ==, SAL_NATIVE_WHOLE);
  g_assert_cmpstr (get_name (&walk, 0), ==, "spin");
  g_assert_cmpstr (get_name (&walk, 1), ==, "library_begin");
  g_assert_cmpstr (get_name (&walk, 2), ==, "_init");
  (void)find_name (&walk, "start_library");
  g_assert_cmpstr (get_name (&walk, walk.names->len - 1), ==, "_start");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  is_ready =
      mmap (NULL, sizeof *is_ready, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (is_ready != MAP_FAILED);
  g_test_add_func ("/native/unwind/every-call-is-found", test_every_call_is_found);
  g_test_add_func ("/native/unwind/signals-are-passed-through", test_signals_are_passed_through);
  g_test_add_func ("/native/unwind/a-short-copy-is-cut", test_a_short_copy_is_cut);
  g_test_add_func ("/native/unwind/every-instruction-will-do", test_every_instruction_will_do);
  for (gsize i = 0; i < G_N_ELEMENTS (libraries); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/native/unwind/tables-for-debuggers/%s", libraries[i].name);

      g_test_add_data_func (path, &libraries[i], test_tables_for_debuggers);
    }
  g_test_add_func ("/native/unwind/what-init-calls", test_what_init_calls);
  g_test_add_func ("/native/unwind/nonsense-ends-somewhere", test_nonsense_ends_somewhere);
  return g_test_run ();
}
