/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The back-ends and what reads files of the target. */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "sal-target-direct.h"
#include "sal-target-elf.h"
#include "sal-target-image.h"
#include "sal-target-maps.h"

extern int a_symbol_to_find;
int a_symbol_to_find = 42;

/* A child that waits for ever; it shares this program's addresses. */
static pid_t
start_child (void)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      for (;;)
        pause ();
    }
  g_assert_cmpint (pid, >, 0);
  return pid;
}

static void
end_child (pid_t pid)
{
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

static void
test_direct_read (void)
{
  int first = 1;
  pid_t pid;
  SalTarget *target;
  int values[3] = { 0 };
  SalTargetRange ranges[] = { { (uintptr_t)&a_symbol_to_find, &values[0], 4 },
                              { (uintptr_t)&first, &values[1], 4 },
                              { 16, &values[2], 4 } };
  size_t n_read;

  pid = start_child ();
  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  g_assert_cmpint (target->ops->read_many (target, ranges, 2, &n_read), ==, SAL_TARGET_OK);
  g_assert_cmpint (values[0], ==, 42);
  g_assert_cmpint (values[1], ==, 1);
  g_assert_cmpint (target->ops->read_many (target, ranges, 3, &n_read), ==, SAL_TARGET_FAULT);
  g_assert_cmpuint (n_read, ==, 2);
  sal_target_free (target);
  end_child (pid);
}

/* More ranges than one call can take. */
static void
test_direct_many (void)
{
  pid_t pid = start_child ();
  g_autofree int *values = g_new0 (int, 3000);
  g_autofree SalTargetRange *ranges = g_new (SalTargetRange, 3000);
  SalTarget *target;
  size_t n_read;

  for (int i = 0; i < 3000; i++)
    ranges[i] = (SalTargetRange){ (uintptr_t)&a_symbol_to_find, &values[i], 4 };
  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  g_assert_cmpint (target->ops->read_many (target, ranges, 3000, &n_read), ==, SAL_TARGET_OK);
  g_assert_cmpuint (n_read, ==, 3000);
  g_assert_cmpint (values[2999], ==, 42);
  sal_target_free (target);
  end_child (pid);
}

static void
test_direct_gone (void)
{
  pid_t pid = start_child ();
  SalTarget *target;
  int value;

  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  g_assert_cmpint (target->ops->is_alive (target), ==, SAL_TARGET_OK);
  end_child (pid);
  g_assert_cmpint (target->ops->is_alive (target), ==, SAL_TARGET_GONE);
  g_assert_cmpint (sal_target_read (target, (uintptr_t)&a_symbol_to_find, &value, 4), ==,
                   SAL_TARGET_GONE);
  sal_target_free (target);
  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_GONE);
}

static void
test_direct_threads (void)
{
  pid_t pid = start_child ();
  SalTarget *target;
  uint64_t tids[4];
  size_t n_tids;

  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  g_assert_cmpint (target->ops->list_threads (target, tids, 4, &n_tids), ==, SAL_TARGET_OK);
  g_assert_cmpuint (n_tids, ==, 1);
  g_assert_cmpuint (tids[0], ==, (uint64_t)pid);
  g_assert_cmpint (target->ops->list_threads (target, tids, 0, &n_tids), ==, SAL_TARGET_OK);
  g_assert_cmpuint (n_tids, ==, 1);
  sal_target_free (target);
  end_child (pid);
}

static const SalTargetRegion *
find_region (const SalTargetRegions *regions, uint64_t address)
{
  for (size_t i = 0; i < regions->n_items; i++)
    if (address >= regions->items[i].start && address < regions->items[i].end)
      return &regions->items[i];
  return NULL;
}

/* A file that was deleted after it was mapped can still be read. */
static void
test_direct_deleted_file (void)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("salamander-XXXXXX", &path, NULL);
  SalTargetRegions regions;
  const SalTargetRegion *region;
  SalTarget *target;
  char text[5] = "";
  char *map;
  pid_t pid;
  int again;

  g_assert_cmpint (write (fd, "bytes", 5), ==, 5);
  map = mmap (NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  g_assert_true (map != MAP_FAILED);
  close (fd);
  pid = start_child ();
  g_unlink (path);
  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  g_assert_cmpint (target->ops->list_regions (target, &regions), ==, SAL_TARGET_OK);
  region = find_region (&regions, (uintptr_t)map);
  g_assert_nonnull (region);
  g_assert_true (g_str_has_suffix (region->path, " (deleted)"));
  if (target->ops->open_file (target, region, &again) == SAL_TARGET_OK)
    {
      g_assert_cmpint (read (again, text, 5), ==, 5);
      g_assert_cmpmem (text, 5, "bytes", 5);
      close (again);
    }
  else
    g_test_skip ("the kernel does not let us open map_files");
  sal_target_regions_free (&regions);
  sal_target_free (target);
  end_child (pid);
  munmap (map, 4096);
}

/* The address of a symbol, by the file it is in and where that was loaded, is the symbol's. */
static void
test_elf_symbol (void)
{
  pid_t pid = start_child ();
  SalTargetRegions regions;
  SalTargetElfSection section;
  const SalTargetRegion *region;
  SalTargetElf *elf;
  SalTarget *target;
  uint64_t value;
  uint64_t bias;
  int fd;

  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  g_assert_cmpint (target->ops->list_regions (target, &regions), ==, SAL_TARGET_OK);
  region = find_region (&regions, (uintptr_t)test_elf_symbol);
  g_assert_nonnull (region);
  g_assert_cmpint (target->ops->open_file (target, region, &fd), ==, SAL_TARGET_OK);
  g_assert_cmpint (sal_target_elf_new (fd, &elf), ==, SAL_TARGET_OK);
  g_assert_true (sal_target_elf_get_bias (elf, region, &bias));
  g_assert_true (sal_target_elf_find_symbol (elf, "a_symbol_to_find", &value));
  g_assert_cmphex (value + bias, ==, (uintptr_t)&a_symbol_to_find);
  g_assert_false (sal_target_elf_find_symbol (elf, "no_such_symbol", &value));
  g_assert_true (sal_target_elf_find_section (elf, ".data", &section));
  g_assert_cmpuint ((uintptr_t)&a_symbol_to_find - section.address - bias, <, section.size);
  sal_target_elf_free (elf);
  close (fd);
  sal_target_regions_free (&regions);
  sal_target_free (target);
  end_child (pid);
}

static void
test_elf_not (void)
{
  int fd = memfd_create ("not-elf", MFD_CLOEXEC);
  SalTargetElf *elf;

  g_assert_cmpint (sal_target_elf_new (fd, &elf), ==, SAL_TARGET_CORRUPT);
  g_assert_cmpint (write (fd, "\177ELF\2\1\1 and then nothing", 22), ==, 22);
  g_assert_cmpint (sal_target_elf_new (fd, &elf), ==, SAL_TARGET_CORRUPT);
  close (fd);
}

static void
test_maps_good (void)
{
  static const char text[] =
      "00400000-00401000 r-xp 00000000 08:01 12                         /usr/bin/a b (deleted)\n"
      "7f0000000000-7f0000001000 rw-s 00002000 00:05 99 /with\\012newline\n"
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0";
  SalTargetRegions regions;

  g_assert_cmpint (sal_target_maps_parse (text, sizeof text - 1, &regions), ==, SAL_TARGET_OK);
  g_assert_cmpuint (regions.n_items, ==, 3);
  g_assert_cmpstr (regions.items[0].path, ==, "/usr/bin/a b (deleted)");
  g_assert_cmpuint (regions.items[0].inode, ==, 12);
  g_assert_cmpstr (regions.items[0].permissions, ==, "r-xp");
  g_assert_cmpstr (regions.items[1].path, ==, "/with\nnewline");
  g_assert_cmphex (regions.items[1].offset, ==, 0x2000);
  g_assert_null (regions.items[2].path);
  g_assert_cmphex (regions.items[2].end, ==, 0xffffffffff601000);
  sal_target_regions_free (&regions);
}

static void
test_maps_bad (void)
{
  static const char *const texts[] = {
    "x",
    "1000-2000",
    "1000-2000 r-xp 0 0:0",
    "2000-1000 r-xp 0 0:0 0",
    "11111111111111111-2000 r-xp 0 0:0 0",
    "2000-3000 r-xp 0 0:0 0\n1000-2000 r-xp 0 0:0 0",
    "1000-2000 r-xp 0 0:0 99999999999999999999999",
  };
  SalTargetRegions regions;

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_cmpint (sal_target_maps_parse (texts[i], strlen (texts[i]), &regions), ==,
                       SAL_TARGET_CORRUPT);
      g_assert_cmpuint (regions.n_items, ==, 0);
    }
  g_assert_cmpint (sal_target_maps_parse ("", 0, &regions), ==, SAL_TARGET_OK);
  sal_target_regions_free (&regions);
}

static const char image[] = "SALIMG01"
                            "MEM \x0c\0\0\0\0\x10\0\0\0\0\0\0"
                            "abcd"
                            "MEM \x0c\0\0\0\x04\x10\0\0\0\0\0\0"
                            "efgh"
                            "TIDS\x08\0\0\0\x07\0\0\0\0\0\0\0";

static void
test_image_read (void)
{
  SalTarget *target;
  char text[9] = "";
  uint64_t tid;
  size_t n_tids;

  g_assert_cmpint (sal_target_image_new_for_bytes (image, sizeof image - 1, &target), ==,
                   SAL_TARGET_OK);
  g_assert_cmpint (sal_target_read (target, 0x1001, text, 6), ==, SAL_TARGET_OK);
  g_assert_cmpstr (text, ==, "bcdefg");
  g_assert_cmpint (sal_target_read (target, 0x1004, text, 5), ==, SAL_TARGET_FAULT);
  g_assert_cmpint (sal_target_read (target, 0xfff, text, 1), ==, SAL_TARGET_FAULT);
  g_assert_cmpint (target->ops->list_threads (target, &tid, 1, &n_tids), ==, SAL_TARGET_OK);
  g_assert_cmpuint (tid, ==, 7);
  sal_target_free (target);
}

/* Every way of ending early is told from a whole one. */
static void
test_image_truncated (void)
{
  SalTarget *target;
  guint n_whole = 0;

  for (size_t n = 0; n < sizeof image - 1; n++)
    if (sal_target_image_new_for_bytes (image, n, &target) == SAL_TARGET_OK)
      {
        sal_target_free (target);
        n_whole++;
      }
  g_assert_cmpuint (n_whole, ==, 3);
  g_assert_cmpint (sal_target_image_new ("/no/such/file", &target), ==, SAL_TARGET_ABSENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/target/direct/read", test_direct_read);
  g_test_add_func ("/target/direct/many", test_direct_many);
  g_test_add_func ("/target/direct/gone", test_direct_gone);
  g_test_add_func ("/target/direct/threads", test_direct_threads);
  g_test_add_func ("/target/direct/deleted-file", test_direct_deleted_file);
  g_test_add_func ("/target/elf/symbol", test_elf_symbol);
  g_test_add_func ("/target/elf/not", test_elf_not);
  g_test_add_func ("/target/maps/good", test_maps_good);
  g_test_add_func ("/target/maps/bad", test_maps_bad);
  g_test_add_func ("/target/image/read", test_image_read);
  g_test_add_func ("/target/image/truncated", test_image_truncated);
  return g_test_run ();
}
