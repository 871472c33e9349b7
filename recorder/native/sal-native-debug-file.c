/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the file that a stripped ELF file's symbols were put in. */
#include "sal-native-debug-file.h"

#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEBUG_FOLDER "/usr/lib/debug"
#define MAX_BUILD_ID 64
#define MAX_NOTES ((uint64_t)1 << 20)
#define MAX_SECTION ((uint64_t)64 << 20)
/* Of .gnu_debugdata: memory of the decoder, bytes that come out of it and at once. */
#define MAX_UNPACKING ((uint64_t)128 << 20)
#define MAX_UNPACKED ((size_t)128 << 20)
#define UNPACK_STEP ((size_t)1 << 20)

static int
open_regular (const char *path)
{
  struct stat status;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd >= 0 && (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode)))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

/* How many bytes of build-id @elf has, at *@id. */
static size_t
find_build_id (Elf *elf, const uint8_t **id)
{
  for (Elf_Scn *scn = elf_nextscn (elf, NULL); scn != NULL; scn = elf_nextscn (elf, scn))
    {
      GElf_Shdr header;
      GElf_Nhdr note;
      Elf_Data *data;
      size_t name;
      size_t content;
      size_t at = 0;

      if (gelf_getshdr (scn, &header) == NULL || header.sh_type != SHT_NOTE ||
          header.sh_size > MAX_NOTES || (data = elf_getdata (scn, NULL)) == NULL)
        continue;
      while ((at = gelf_getnote (data, at, &note, &name, &content)) > 0)
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && note.n_descsz > 2 &&
            note.n_descsz <= MAX_BUILD_ID && memcmp ((char *)data->d_buf + name, "GNU", 4) == 0)
          {
            *id = (const uint8_t *)data->d_buf + content;
            return note.n_descsz;
          }
    }
  return 0;
}

static bool
has_build_id (int fd, const uint8_t *id, size_t length)
{
  Elf *elf = elf_begin (fd, ELF_C_READ, NULL);
  const uint8_t *theirs;
  bool is_same = elf != NULL && elf_kind (elf) == ELF_K_ELF &&
                 find_build_id (elf, &theirs) == length && memcmp (theirs, id, length) == 0;

  elf_end (elf);
  return is_same;
}

/* The file at @path if it has this build-id, or -1. */
static int
open_with_build_id (const char *path, const uint8_t *id, size_t length)
{
  int fd = open_regular (path);

  if (fd >= 0 && !has_build_id (fd, id, length))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static int
open_by_build_id (Elf *elf, const char *folder)
{
  const uint8_t *id;
  size_t length = find_build_id (elf, &id);
  char path[PATH_MAX];
  int n;

  if (length == 0)
    return -1;
  n = snprintf (path, sizeof path, "%s/.build-id/%02x/", folder, id[0]);
  if (n < 0 || (size_t)n + 2 * MAX_BUILD_ID + sizeof ".debug" > sizeof path)
    return -1;
  for (size_t i = 1; i < length; i++)
    n += snprintf (path + n, sizeof path - (size_t)n, "%02x", id[i]);
  snprintf (path + n, sizeof path - (size_t)n, ".debug");
  return open_with_build_id (path, id, length);
}

/* IEEE 802.3, as .gnu_debuglink has it. */
static bool
has_checksum (int fd, uint32_t wanted)
{
  static uint8_t buffer[65536];
  uint32_t crc = UINT32_MAX;
  off_t at = 0;
  ssize_t n;

  while ((n = pread (fd, buffer, sizeof buffer, at)) > 0)
    {
      at += n;
      for (ssize_t i = 0; i < n; i++)
        {
          crc ^= buffer[i];
          for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C (0xedb88320) : 0);
        }
    }
  return n == 0 && ~crc == wanted;
}

/* The bytes of the section called @name, or NULL. */
static Elf_Data *
find_section (Elf *elf, const char *name)
{
  size_t names;

  if (elf_getshdrstrndx (elf, &names) != 0)
    return NULL;
  for (Elf_Scn *scn = elf_nextscn (elf, NULL); scn != NULL; scn = elf_nextscn (elf, scn))
    {
      GElf_Shdr header;
      const char *text;
      Elf_Data *data;

      if (gelf_getshdr (scn, &header) == NULL || header.sh_size > MAX_SECTION ||
          (text = elf_strptr (elf, names, header.sh_name)) == NULL || strcmp (text, name) != 0)
        continue;
      data = elf_rawdata (scn, NULL);
      return data != NULL && data->d_buf != NULL ? data : NULL;
    }
  return NULL;
}

/* The name in .gnu_debuglink, without a folder; NULL = there is none. */
static const char *
find_link (Elf *elf, uint32_t *checksum)
{
  Elf_Data *data = find_section (elf, ".gnu_debuglink");
  size_t length = data != NULL ? strnlen (data->d_buf, data->d_size) : 0;

  if (length == 0 || length > PATH_MAX || ((length + 4) & ~(size_t)3) + 4 > data->d_size ||
      memchr (data->d_buf, '/', length) != NULL)
    return NULL;
  memcpy (checksum, (char *)data->d_buf + ((length + 4) & ~(size_t)3), 4);
  return data->d_buf;
}

static int
open_by_link (Elf *elf, const char *path, const char *folder)
{
  uint32_t checksum = 0;
  const char *link = find_link (elf, &checksum);
  const char *slash = strrchr (path, '/');
  int length = slash != NULL ? (int)(slash - path) : 0;

  if (link == NULL || slash == NULL || slash - path > PATH_MAX)
    return -1;
  for (int i = 0; i < 3; i++)
    {
      char candidate[2 * PATH_MAX];
      int fd;

      snprintf (candidate, sizeof candidate, "%s%.*s/%s%s", i == 2 ? folder : "", length, path,
                i == 1 ? ".debug/" : "", link);
      if (strcmp (candidate, path) == 0)
        continue;
      fd = open_regular (candidate);
      if (fd >= 0 && has_checksum (fd, checksum))
        return fd;
      if (fd >= 0)
        close (fd);
    }
  return -1;
}

/* What a server has by that build-id. */
static int
open_from_servers (Elf *elf, SalNativeServers *servers)
{
  const uint8_t *id;
  size_t length = find_build_id (elf, &id);
  int fd = length > 0 ? sal_native_servers_find (servers, id, length) : -1;

  if (fd >= 0 && !has_build_id (fd, id, length))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

int
sal_native_debug_file_open (Elf *elf,
                            const char *path,
                            const char *folder,
                            SalNativeServers *servers)
{
  int fd;

  if (folder == NULL)
    folder = DEBUG_FOLDER;
  fd = open_by_build_id (elf, folder);
  if (fd < 0)
    fd = open_by_link (elf, path, folder);
  return fd < 0 && servers != NULL ? open_from_servers (elf, servers) : fd;
}

int
sal_native_debug_file_open_common (Elf *elf, const char *folder)
{
  Elf_Data *data = find_section (elf, ".gnu_debugaltlink");
  size_t length = data != NULL ? strnlen (data->d_buf, data->d_size) : 0;
  const char *name;
  char path[2 * PATH_MAX];

  if (length == 0 || length > PATH_MAX || length + 2 > data->d_size ||
      data->d_size - length - 1 > MAX_BUILD_ID)
    return -1;
  /* Distributions gather them in one folder, whatever the name is relative to. */
  name = strstr (data->d_buf, "/.dwz/");
  if (name == NULL || strstr (name, "/..") != NULL)
    return -1;
  snprintf (path, sizeof path, "%s%s", folder != NULL ? folder : DEBUG_FOLDER, name);
  return open_with_build_id (path,
                             (const uint8_t *)data->d_buf + length + 1,
                             data->d_size - length - 1);
}

Elf *
sal_native_debug_file_unpack (Elf *elf, char **bytes)
{
  Elf_Data *data = find_section (elf, ".gnu_debugdata");
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret result = LZMA_MEM_ERROR;
  size_t length = 0;

  *bytes = NULL;
  if (data == NULL || lzma_stream_decoder (&stream, MAX_UNPACKING, 0) != LZMA_OK)
    return NULL;
  stream.next_in = data->d_buf;
  stream.avail_in = data->d_size;
  do
    {
      char *grown = length < MAX_UNPACKED ? realloc (*bytes, length + UNPACK_STEP) : NULL;

      if (grown == NULL)
        break;
      *bytes = grown;
      stream.next_out = (uint8_t *)*bytes + length;
      stream.avail_out = UNPACK_STEP;
      result = lzma_code (&stream, LZMA_FINISH);
      length += UNPACK_STEP - stream.avail_out;
    }
  while (result == LZMA_OK);
  lzma_end (&stream);
  if (result == LZMA_STREAM_END && length > 0)
    elf = elf_memory (*bytes, length);
  else
    elf = NULL;
  if (elf == NULL)
    {
      free (*bytes);
      *bytes = NULL;
    }
  return elf;
}
