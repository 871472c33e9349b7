/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests do to the binaries that they make. */
#include "binary.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "sal-target-elf.h"

gboolean
binary_run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  return status == 0;
}

guint64
binary_find (const char *path, const char *name)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  SalTargetElf *elf;
  guint64 address;

  g_assert_cmpint (sal_target_elf_new (fd, &elf), ==, SAL_TARGET_OK);
  g_assert_true (sal_target_elf_find_symbol (elf, name, &address));
  sal_target_elf_free (elf);
  close (fd);
  return address;
}
