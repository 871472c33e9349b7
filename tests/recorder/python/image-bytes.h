/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Images of tests/images, whole or damaged on purpose. */

#include <glib.h>

#include "sal-python-private.h"

typedef struct
{
  guint8 *bytes;
  gsize length;
  SalTarget *target;
  SalPython *python;
  SalPythonResult result; /* of opening */
  char version[32];
} Image;

/** image_load: the bytes of an image; nothing is opened yet. */
Image *image_load (const char *name);

/** image_at: where the memory at @address lies in the image's bytes; fails the test if it does not.
 * */
guint8 *image_at (Image *image, guint64 address);

/** image_put: writes 64 bits of the target's memory. */
void image_put (Image *image, guint64 address, guint64 value);

/** image_get: reads them. */
guint64 image_get (Image *image, guint64 address);

/** image_open: opens it, or opens it again after it was changed. */
void image_open (Image *image);

void image_free (Image *image);
