/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of symbols, of the names made of them, and of tables of functions. */
#include "sal-native-name.h"

#include <fcntl.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "binary.h"
#include "sal-native-symbols.h"
#include "sal-native-table.h"
#include "sal-target-elf.h"

static void
assert_name (const char *raw, const char *expected)
{
  g_autofree char *name = sal_native_name_demangle (raw);

  g_assert_cmpstr (name, ==, expected);
}

static void
test_names_are_demangled (void)
{
  assert_name ("sha256_block", "sha256_block");
  assert_name ("_ZN3foo3barEi", "foo::bar(int)");
  assert_name ("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt");
  assert_name ("_PyEval_EvalFrameDefault", "_PyEval_EvalFrameDefault");
  assert_name ("", "");
}

/* The names that rustc and GDC give, in all their ways. */
static void
test_rust_and_d_are_demangled (void)
{
  assert_name ("_RNvCskwGfYPst2Cb_3foo3bar", "foo::bar");
  assert_name ("_RNvXs2_NtC3foo3barNtB5_3BazNtNtC4core3fmt7Display3fmt",
               "<foo::bar::Baz as core::fmt::Display>::fmt");
  assert_name ("_RNCNvCskwGfYPst2Cb_3foo3bar0", "foo::bar::{closure#0}");
  assert_name ("_ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place");
  assert_name ("_ZN47_$LT$foo..Bar$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
               "<foo::Bar as core::fmt::Display>::fmt");
  assert_name ("_D3foo3barFiZv", "foo.bar");
  assert_name ("_D3std5array__T8appenderTAyaZQoFNaNbNfZv", "std.array.appender!(…)");
  assert_name ("_D", "_D");
  assert_name ("_D9x", "_D9x");
  assert_name ("_D1xQb", "x");
  assert_name ("_Dmain", "D main");
}

/* As Cython 0.29 and 3.0 have named the functions of a module with all kinds of them. */
static void
test_cython_is_demangled (void)
{
  assert_name ("__pyx_f_4fast_spin", "fast.spin");
  assert_name ("__pyx_f_4fast_6Engine_turn", "fast.Engine.turn");
  assert_name ("__pyx_pf_4fast_8burn", "fast.burn");
  assert_name ("__pyx_pw_4fast_9burn", "fast.burn");
  assert_name ("__pyx_pw_4fast_1both.isra.0", "fast.both");
  assert_name ("__pyx_pf_2pk_3sub_5quick_5Plain_3run_inner", "pk.sub.quick.Plain.run.inner");
  assert_name ("__pyx_pw_4fast_5Plain_3run_1inner", "fast.Plain.run.inner");
  assert_name ("__pyx_pf_4fast_10__pyx_unpickle_Engine", "fast.__pyx_unpickle_Engine");
  assert_name ("__pyx_pf_4fast_6Engine_4__reduce_cython__", "fast.Engine.__reduce_cython__");
  assert_name ("__pyx_pf_4fast_6Engine_5value___get__", "fast.Engine.value.__get__");
  assert_name ("__pyx_pw_4fast_6Engine_5value_1__get__", "fast.Engine.value.__get__");
  assert_name ("__pyx_getprop_4fast_6Engine_value", "fast.Engine.value");
  assert_name ("__pyx_gb_4fast_7generator1", "fast.<generator>");
  assert_name ("__pyx_gb_4fast_4burn_2generator2", "fast.burn.<generator>");
  assert_name ("__pyx_fuse_0__pyx_f_4fast_twice", "fast.twice");
  assert_name ("__pyx_pw_4fast_15__pyx_fuse_0thrice", "fast.thrice");
  assert_name ("__pyx_tp_new_4fast_Engine", "__pyx_tp_new_4fast_Engine");
  assert_name ("__pyx_pf_", "__pyx_pf_");
  assert_name ("__pyx_pf_99999999999999999999999_", "_");
}

static void
test_parts_and_copies_have_one_name (void)
{
  assert_name ("list_sort.cold", "list_sort");
  assert_name ("list_sort.part.0.constprop.1", "list_sort");
  assert_name ("_ZN3foo3barEi.cold", "foo::bar(int)");
  assert_name ("name.of.something", "name.of.something");
  assert_name (".cold", ".cold");
}

/* Names that are nothing but long must not take long, nor anything else. */
static void
test_hostile_names_are_given_back (void)
{
  g_autoptr (GString) nested = g_string_new ("_Z1f");

  for (guint i = 0; i < 3000; i++)
    g_string_append (nested, "PK");
  assert_name (nested->str, nested->str);
  assert_name ("_ZZZZZZZZ\xff\xfe", "_ZZZZZZZZ\xff\xfe");
  /* Each part is a pair of the part before: plain it would be megabytes long. */
  g_string_assign (nested, "_Z1fSt4pairIiiE");
  for (guint i = 0; i < 18; i++)
    {
      static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
      char last = digits[2 * i];

      g_string_append_printf (nested, "St4pairIS%c_S%c_E", last, last);
    }
  assert_name (nested->str, nested->str);
}

/* The name of @address in the ELF file at @path. */
static char *
find_name (const char *path, guint64 address, const char *folder)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  SalNativeSymbols *symbols = sal_native_symbols_new (fd, path, folder, NULL);
  char *name;

  g_assert_nonnull (symbols);
  name = g_strdup (sal_native_symbols_find (symbols, address));
  sal_native_symbols_free (symbols);
  close (fd);
  return name;
}

static guint64
find_section_address (const char *path, const char *name)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  SalTargetElfSection section;
  SalTargetElf *elf;

  g_assert_cmpint (sal_target_elf_new (fd, &elf), ==, SAL_TARGET_OK);
  g_assert_true (sal_target_elf_find_section (elf, name, &section));
  sal_target_elf_free (elf);
  close (fd);
  return section.address;
}

/* A program of our own, whole and stripped, with its symbols beside it or gone. */
static void
test_symbols_are_found_where_they_were_put (void)
{
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *stripped = g_build_filename (folder, "stripped", NULL);
  g_autofree char *debug = g_build_filename (folder, "whole.debug", NULL);
  g_autofree char *source = g_build_filename (folder, "a.c", NULL);
  g_autofree char *link = g_strconcat ("--add-gnu-debuglink=", debug, NULL);
  g_autofree char *found = NULL;
  g_autofree char *linked = NULL;
  g_autofree char *gone = NULL;
  g_autofree char *outside = NULL;
  g_autofree char *init = NULL;
  g_autofree char *jump = NULL;
  guint64 address;

  g_assert_true (g_file_set_contents (source,
                                      "static int quiet (int n) { return n * n + 1; }\n"
                                      "int (*keep) (int) = quiet;\n"
                                      "int puts (const char *text);\n"
                                      "int main (void) { return keep (puts (\"x\")); }\n",
                                      -1,
                                      NULL));
  BINARY_RUN ("cc", "-O0", "-Wl,--build-id=none", "-o", whole, source);
  address = binary_find (whole, "quiet");
  found = find_name (whole, address + 1, folder);
  g_assert_cmpstr (found, ==, "quiet");
  outside = find_name (whole, 8, folder);
  g_assert_null (outside);
  /* The symbol before the jumps to other files has no size, but ends with its section. */
  init = find_name (whole, find_section_address (whole, ".init"), folder);
  g_assert_cmpstr (init, ==, "_init");
  jump = find_name (whole, find_section_address (whole, ".plt"), folder);
  g_assert_null (jump);

  BINARY_RUN ("objcopy", "--only-keep-debug", whole, debug);
  BINARY_RUN ("objcopy", "--strip-all", link, whole, stripped);
  linked = find_name (stripped, address + 1, folder);
  g_assert_cmpstr (linked, ==, "quiet");

  /* Of a file with another checksum nothing is believed. */
  g_assert_true (g_file_set_contents (debug, "\177ELF", 4, NULL));
  gone = find_name (stripped, address + 1, folder);
  g_assert_null (gone);
  g_unlink (source);
  g_unlink (whole);
  g_unlink (stripped);
  g_unlink (debug);
  g_rmdir (folder);
}

static SalNativeSection
read_section (SalTargetElf *elf, const char *name)
{
  SalNativeSection section = { 0 };
  SalTargetElfSection found;

  g_assert_true (sal_target_elf_find_section (elf, name, &found));
  section.bytes = g_malloc (found.size);
  section.address = found.address;
  section.length = sal_target_elf_read (elf, found.offset, section.bytes, found.size);
  return section;
}

static gint32
get_word (const SalNativeSection *header, gsize word)
{
  return ((const gint32 *)(gconstpointer)header->bytes)[word];
}

/* What is made where .eh_frame_hdr is missing is what the linker makes of the same frames. */
static void
test_a_table_is_made_like_the_linker_s (void)
{
  int fd = g_open ("/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
  SalNativeSection frames;
  SalNativeSection linked;
  SalNativeSection made = { 0 };
  SalNativeTable linked_table;
  SalNativeTable made_table = { 0 };
  SalTargetElf *elf;

  g_assert_cmpint (sal_target_elf_new (fd, &elf), ==, SAL_TARGET_OK);
  frames = read_section (elf, ".eh_frame");
  linked = read_section (elf, ".eh_frame_hdr");
  g_assert_true (sal_native_table_read_header (&linked, &linked_table));
  sal_native_table_make_header (&frames, &made, &made_table);
  g_assert_cmpuint (made_table.n_entries, ==, linked_table.n_entries);
  for (gsize i = 0; i < made_table.n_entries; i++)
    for (gsize word = 0; word < 2; word++)
      g_assert_cmpuint (made_table.base + (guint64)(gint64)get_word (&made, 2 * i + word),
                        ==,
                        linked_table.base + (guint64)(gint64)get_word (&linked, 3 + 2 * i + word));
  g_free (frames.bytes);
  g_free (linked.bytes);
  free (made.bytes);
  sal_target_elf_free (elf);
  close (fd);
}

/* Every byte of the frames damaged in turn: no fault, and never more entries than bytes allow. */
static void
test_damaged_frames_are_harmless (void)
{
  int fd = g_open ("/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
  SalNativeSection frames;
  SalTargetElf *elf;

  g_assert_cmpint (sal_target_elf_new (fd, &elf), ==, SAL_TARGET_OK);
  frames = read_section (elf, ".eh_frame");
  frames.length = MIN (frames.length, 600);
  for (gsize i = 0; i < frames.length; i++)
    for (guint bit = 0; bit < 8; bit += 7)
      {
        SalNativeSection made = { 0 };
        SalNativeTable table = { 0 };

        frames.bytes[i] ^= (guint8)(1 << bit);
        sal_native_table_make_header (&frames, &made, &table);
        g_assert_cmpuint (table.n_entries, <=, frames.length / 8);
        g_assert_cmpuint (made.length, ==, table.n_entries * 8);
        frames.bytes[i] ^= (guint8)(1 << bit);
        free (made.bytes);
      }
  g_free (frames.bytes);
  sal_target_elf_free (elf);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/native/name/names-are-demangled", test_names_are_demangled);
  g_test_add_func ("/native/name/rust-and-d-are-demangled", test_rust_and_d_are_demangled);
  g_test_add_func ("/native/name/cython-is-demangled", test_cython_is_demangled);
  g_test_add_func ("/native/name/parts-and-copies-have-one-name",
                   test_parts_and_copies_have_one_name);
  g_test_add_func ("/native/name/hostile-names-are-given-back", test_hostile_names_are_given_back);
  g_test_add_func ("/native/symbols/are-found-where-they-were-put",
                   test_symbols_are_found_where_they_were_put);
  g_test_add_func ("/native/table/is-made-like-the-linker-s",
                   test_a_table_is_made_like_the_linker_s);
  g_test_add_func ("/native/table/damaged-frames-are-harmless", test_damaged_frames_are_harmless);
  return g_test_run ();
}
