/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The versions that recorder/python has layouts for. Newer ones are tried. */
#include "sal-python-version.h"

#define SUPPORTED_PYTHONS "2.7, 3.6 – 3.15"

static const struct
{
  guint64 major;
  guint64 first_minor;
  guint64 last_minor;
} supported[] = { { 2, 7, 7 }, { 3, 6, G_MAXUINT64 } };

gboolean
sal_python_version_is_supported (const char *version)
{
  char *rest = NULL;
  guint64 major = g_ascii_strtoull (version, &rest, 10);
  guint64 minor;

  if (rest == version || *rest != '.' || !g_ascii_isdigit (rest[1]))
    return TRUE;
  minor = g_ascii_strtoull (rest + 1, NULL, 10);
  for (guint i = 0; i < G_N_ELEMENTS (supported); i++)
    if (major == supported[i].major && minor >= supported[i].first_minor &&
        minor <= supported[i].last_minor)
      return TRUE;
  return FALSE;
}

const char *
sal_python_version_list (void)
{
  return SUPPORTED_PYTHONS;
}
