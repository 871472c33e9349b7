/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small terminal parser that drops what it cannot show. Source: ECMA-48, 5.4 (control sequences)
 * and 5.6 (control strings). */
#include "config.h"

#include "sal-output-text.h"

#include <string.h>

typedef enum
{
  STATE_TEXT,
  STATE_ESCAPE,   /* after ESC */
  STATE_SEQUENCE, /* after ESC [, to a byte from @ to ~ */
  STATE_STRING,   /* after ESC ] and the like, to BEL or ESC \ */
  STATE_STRING_ESCAPE,
} State;

struct _SalOutputText
{
  State state;
  gboolean return_pending; /* a "\r" came; a "\n" may follow */
  guint8 partial[4];       /* the beginning of a character */
  gsize n_partial;
};

#define REPLACEMENT "\xef\xbf\xbd"

SalOutputText *
sal_output_text_new (void)
{
  return g_new0 (SalOutputText, 1);
}

void
sal_output_text_free (SalOutputText *self)
{
  g_free (self);
}

static void
flush_partial (SalOutputText *self, GString *text)
{
  if (self->n_partial > 0)
    g_string_append (text, REPLACEMENT);
  self->n_partial = 0;
}

static void
add_control (SalOutputText *self, guint8 byte, GString *text)
{
  if (byte == 0x1b)
    self->state = STATE_ESCAPE;
  else if (byte == '\r')
    self->return_pending = TRUE;
  else if (byte == '\n' || byte == '\t')
    g_string_append_c (text, (char)byte);
}

static void
add_text (SalOutputText *self, guint8 byte, GString *text)
{
  gunichar character;

  if (self->return_pending && byte != '\r')
    {
      if (byte != '\n')
        g_string_append_c (text, '\r');
      self->return_pending = FALSE;
    }
  if (self->n_partial > 0 && (byte & 0xc0) != 0x80)
    flush_partial (self, text);
  if (byte < 0x20 || byte == 0x7f)
    {
      add_control (self, byte, text);
      return;
    }
  self->partial[self->n_partial++] = byte;
  character = g_utf8_get_char_validated ((const char *)self->partial, (gssize)self->n_partial);
  if (character == (gunichar)-2 && self->n_partial < 4)
    return;
  if (character == (gunichar)-1 || character == (gunichar)-2)
    {
      flush_partial (self, text);
      return;
    }
  g_string_append_len (text, (const char *)self->partial, (gssize)self->n_partial);
  self->n_partial = 0;
}

static void
add_escape (SalOutputText *self, guint8 byte)
{
  if (byte == '[')
    self->state = STATE_SEQUENCE;
  else if (strchr ("]PX^_", byte) && byte)
    self->state = STATE_STRING;
  else if (byte < 0x20 || byte > 0x2f) /* intermediate bytes go on */
    self->state = STATE_TEXT;
}

char *
sal_output_text_convert (SalOutputText *self, const void *bytes, gsize length)
{
  const guint8 *next = bytes;
  GString *text = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++)
    {
      switch (self->state)
        {
        case STATE_ESCAPE:
          add_escape (self, next[i]);
          break;
        case STATE_SEQUENCE:
          if (next[i] >= 0x40 && next[i] <= 0x7e)
            self->state = STATE_TEXT;
          break;
        case STATE_STRING:
          if (next[i] == 0x07)
            self->state = STATE_TEXT;
          else if (next[i] == 0x1b)
            self->state = STATE_STRING_ESCAPE;
          break;
        case STATE_STRING_ESCAPE:
          self->state = next[i] == '\\' ? STATE_TEXT : STATE_STRING;
          break;
        case STATE_TEXT:
        default:
          add_text (self, next[i], text);
          break;
        }
    }
  return g_string_free (text, FALSE);
}
