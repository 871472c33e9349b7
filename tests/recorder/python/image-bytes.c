/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of tests/images, whole or damaged on purpose. */
#include "image-bytes.h"

#include <string.h>

#include "sal-target-image.h"

Image *
image_load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "..", "images", name, NULL);
  g_autoptr (GError) error = NULL;
  Image *image = g_new0 (Image, 1);

  g_file_get_contents (path, (char **)&image->bytes, &image->length, &error);
  g_assert_no_error (error);
  return image;
}

guint8 *
image_at (Image *image, guint64 address)
{
  gsize at = 8;

  while (at + 16 <= image->length)
    {
      guint32 length;
      guint64 start;

      memcpy (&length, image->bytes + at + 4, 4);
      memcpy (&start, image->bytes + at + 8, 8);
      if (memcmp (image->bytes + at, "MEM ", 4) == 0 && address >= start &&
          address - start < length - 8)
        return image->bytes + at + 16 + (address - start);
      at += 8 + length;
    }
  g_error ("the image has nothing at %lx", address);
}

void
image_put (Image *image, guint64 address, guint64 value)
{
  memcpy (image_at (image, address), &value, sizeof value);
}

guint64
image_get (Image *image, guint64 address)
{
  guint64 value;

  memcpy (&value, image_at (image, address), sizeof value);
  return value;
}

static void
image_close (Image *image)
{
  sal_python_free (image->python);
  sal_target_free (image->target);
  image->python = NULL;
  image->target = NULL;
}

void
image_open (Image *image)
{
  image_close (image);
  g_assert_cmpint (sal_target_image_new_for_bytes (image->bytes, image->length, &image->target), ==,
                   SAL_TARGET_OK);
  image->result = sal_python_open (image->target, image->version, &image->python);
}

void
image_free (Image *image)
{
  image_close (image);
  g_free (image->bytes);
  g_free (image);
}
