/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers and stack bytes of a thread → its native frames. */
#include "sal-native-unwind.h"

#include <libunwind.h>
#include <stdlib.h>
#include <string.h>

#include "sal-native-functions.h"
#include "sal-native-map.h"

/* Not in libunwind's headers, but exported for exactly this: perf(1) lives on it. */
#define search_table UNW_OBJ (dwarf_search_unwind_table)
int search_table (unw_addr_space_t space,
                  unw_word_t ip,
                  unw_dyn_info_t *info,
                  unw_proc_info_t *found,
                  int need_unwind_info,
                  void *data);

/* libunwind's own dwarf_reg_state_t, with room to spare: 19 columns of a word each on x86-64. */
#define MAX_RULES 384
#define N_SLOTS ((size_t)1 << 14)

/* What is known about one program counter. */
typedef struct
{
  uint64_t pc; /* looked up: of a caller one less than where it goes on; 0 = free */
  SalNativeFunction *function;
  SalNativeFunction *site;
  uint32_t n_rules; /* bytes; 0: libunwind has to guess */
  bool is_signal;   /* the kernel put this frame there, at any instruction */
  uint64_t rules[MAX_RULES / 8];
} Place;

struct _SalNativeUnwinder
{
  SalNativeMap map;
  SalNativeFunctions functions;
  SalNativeFunctions sites;
  unw_addr_space_t space;
  Place *places; /* N_SLOTS */
  size_t n_places;
  const SalNativeSnapshot *snapshot; /* at work on, borrowed */
  bool is_out;                       /* a word behind the copy was asked for */
};

static int
find_proc_info (unw_addr_space_t space,
                unw_word_t ip,
                unw_proc_info_t *found,
                int need_unwind_info,
                void *data)
{
  SalNativeUnwinder *self = data;
  const SalNativeRegion *region = sal_native_map_find (&self->map, ip);
  const SalNativeModule *module = region != NULL ? region->module : NULL;
  unw_dyn_info_t info = { 0 };

  if (module == NULL || module->table.n_entries == 0)
    return -UNW_ENOINFO;
  info.format = UNW_INFO_FORMAT_REMOTE_TABLE;
  info.start_ip = region->start;
  info.end_ip = region->end;
  info.u.rti.segbase = module->table.base + region->bias;
  info.u.rti.table_data = module->table.entries + region->bias;
  info.u.rti.table_len = module->table.n_entries;
  return search_table (space, ip, &info, found, need_unwind_info, data);
}

static void
put_unwind_info (unw_addr_space_t space, unw_proc_info_t *info, void *data)
{
  (void)space;
  (void)info;
  (void)data;
}

static int
get_dynamic_list (unw_addr_space_t space, unw_word_t *address, void *data)
{
  (void)space;
  (void)address;
  (void)data;
  return -UNW_ENOINFO;
}

static int
access_memory (
    unw_addr_space_t space, unw_word_t address, unw_word_t *word, int is_write, void *data)
{
  SalNativeUnwinder *self = data;
  const SalNativeSnapshot *snapshot = self->snapshot;

  (void)space;
  if (is_write)
    return -UNW_EINVAL;
  if (address >= snapshot->stack && snapshot->length >= sizeof *word &&
      address - snapshot->stack <= snapshot->length - sizeof *word)
    {
      memcpy (word, snapshot->bytes + (address - snapshot->stack), sizeof *word);
      return 0;
    }
  /* The rest of the stack has changed by now. */
  if (address >= snapshot->stack && address < snapshot->end)
    {
      self->is_out = true;
      return -UNW_EINVAL;
    }
  return sal_native_map_read (&self->map, address, word) ? 0 : -UNW_EINVAL;
}

static int
access_register (
    unw_addr_space_t space, unw_regnum_t number, unw_word_t *value, int is_write, void *data)
{
  SalNativeUnwinder *self = data;

  (void)space;
  if (is_write || number < 0 || number >= SAL_NATIVE_N_REGISTERS)
    return -UNW_EBADREG;
  *value = self->snapshot->registers[number];
  return 0;
}

static int
access_float (
    unw_addr_space_t space, unw_regnum_t number, unw_fpreg_t *value, int is_write, void *data)
{
  (void)space;
  (void)number;
  (void)value;
  (void)is_write;
  (void)data;
  return -UNW_EBADREG;
}

static int
resume (unw_addr_space_t space, unw_cursor_t *cursor, void *data)
{
  (void)space;
  (void)cursor;
  (void)data;
  return -UNW_EINVAL;
}

static int
get_name (unw_addr_space_t space,
          unw_word_t address,
          char *buffer,
          size_t length,
          unw_word_t *offset,
          void *data)
{
  (void)space;
  (void)address;
  (void)buffer;
  (void)length;
  (void)offset;
  (void)data;
  return -UNW_ENOINFO;
}

SalNativeUnwinder *
sal_native_unwinder_new (SalTarget *target)
{
  static unw_accessors_t accessors = {
    .find_proc_info = find_proc_info,
    .put_unwind_info = put_unwind_info,
    .get_dyn_info_list_addr = get_dynamic_list,
    .access_mem = access_memory,
    .access_reg = access_register,
    .access_fpreg = access_float,
    .resume = resume,
    .get_proc_name = get_name,
  };
  SalNativeUnwinder *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  sal_native_map_init (&self->map, target);
  self->places = calloc (N_SLOTS, sizeof *self->places);
  self->space = unw_create_addr_space (&accessors, 0);
  if (self->places == NULL || self->space == NULL)
    {
      sal_native_unwinder_free (self);
      return NULL;
    }
  /* What libunwind would keep, it would keep behind a lock and two system calls a frame. */
  unw_set_caching_policy (self->space, UNW_CACHE_NONE);
  return self;
}

static void
forget_places (SalNativeUnwinder *self)
{
  memset (self->places, 0, N_SLOTS * sizeof *self->places);
  self->n_places = 0;
}

/* The rules of the stretch of a function that holds a program counter. */
static int
take_rules (
    void *data, void *rules, size_t length, unw_word_t start, unw_word_t end)
{
  Place *place = data;

  if (place->pc >= start && place->pc < end && length <= sizeof place->rules)
    {
      memcpy (place->rules, rules, length);
      place->n_rules = (uint32_t)length;
    }
  return 0;
}

/* Where the function around @pc begins, as far as the table tells. */
static uint64_t
find_start (SalNativeUnwinder *self, uint64_t pc)
{
  unw_proc_info_t info = { 0 };

  if (find_proc_info (self->space, pc, &info, 0, self) < 0 || info.start_ip > pc)
    return pc;
  return info.start_ip;
}

/* The function that begins at @start and the instruction at @pc in it, both as linked. */
static void
set_function (SalNativeUnwinder *self,
              Place *place,
              const SalNativeModule *module,
              uint64_t start,
              uint64_t pc)
{
  SalNativeFunction *function = sal_native_functions_get (&self->functions, module, start);

  place->site = sal_native_functions_get (&self->sites, module, pc);
  if (function == NULL || place->site == NULL)
    return;
  place->function = function;
  place->site->function = function;
}

static void
learn (SalNativeUnwinder *self, Place *place, uint64_t pc)
{
  SalNativeSnapshot snapshot = *self->snapshot;
  const SalNativeSnapshot *real = self->snapshot;
  const SalNativeRegion *region;
  unw_cursor_t cursor;

  memset (place, 0, sizeof *place);
  place->pc = pc;
  region = sal_native_map_find (&self->map, pc);
  if (region == NULL && sal_native_map_refresh (&self->map, false))
    region = sal_native_map_find (&self->map, pc);
  if (region == NULL || region->module == NULL)
    {
      uint64_t address = region != NULL && region->is_code ? pc : 0;

      set_function (self,
                    place,
                    address != 0 ? sal_native_map_get_made (&self->map) : NULL,
                    address,
                    address);
      return;
    }
  set_function (self,
                place,
                region->module,
                find_start (self, pc) - region->bias,
                pc - region->bias);
  /* A cursor of its own, that stands exactly there. */
  snapshot.registers[SAL_NATIVE_RIP] = pc;
  self->snapshot = &snapshot;
  if (unw_init_remote (&cursor, self->space, self) == 0)
    {
      if (unw_reg_states_iterate (&cursor, take_rules, place) < 0)
        place->n_rules = 0;
      place->is_signal = unw_is_signal_frame (&cursor) > 0;
    }
  self->snapshot = real;
}

static const Place *
get_place (SalNativeUnwinder *self, uint64_t pc)
{
  size_t slot = (size_t)(pc * UINT64_C (0x9e3779b97f4a7c15) >> 40) & (N_SLOTS - 1);

  while (self->places[slot].pc != 0 && self->places[slot].pc != pc)
    slot = (slot + 1) & (N_SLOTS - 1);
  if (self->places[slot].pc == pc)
    return &self->places[slot];
  if (self->n_places >= N_SLOTS / 4 * 3)
    {
      forget_places (self);
      slot = (size_t)(pc * UINT64_C (0x9e3779b97f4a7c15) >> 40) & (N_SLOTS - 1);
    }
  learn (self, &self->places[slot], pc);
  self->n_places++;
  return &self->places[slot];
}

/* One frame outwards: > 0 went, 0 the outer end, < 0 lost. */
static int
step (unw_cursor_t *cursor, const Place *place)
{
  if (place->n_rules == 0)
    return unw_step (cursor);
  return unw_apply_reg_state (cursor, (void *)place->rules);
}

SalNativeReach
sal_native_unwinder_run (SalNativeUnwinder *self,
                         const SalNativeSnapshot *snapshot,
                         SalNativeFrame *frames,
                         size_t *n_frames)
{
  unw_cursor_t cursor;
  uint64_t back = 0; /* from where a frame goes on to the instruction at work */
  size_t n = 0;
  int stepped = 1;

  self->snapshot = snapshot;
  self->is_out = false;
  if (sal_native_map_refresh (&self->map, true))
    forget_places (self);
  if (unw_init_remote (&cursor, self->space, self) != 0)
    stepped = -1;
  while (stepped > 0 && n < SAL_NATIVE_MAX_FRAMES)
    {
      const Place *place;
      unw_word_t pc;
      unw_word_t stack;

      if (unw_get_reg (&cursor, UNW_REG_IP, &pc) < 0 ||
          unw_get_reg (&cursor, UNW_REG_SP, &stack) < 0)
        break;
      if (n > 0 && (pc <= back || stack <= frames[n - 1].stack))
        {
          stepped = pc == 0 ? 0 : -1;
          break;
        }
      place = get_place (self, pc - back);
      if (place->function == NULL)
        break;
      frames[n++] = (SalNativeFrame){ place->function, place->site, stack };
      back = place->is_signal ? 0 : 1;
      stepped = step (&cursor, place);
    }
  *n_frames = n;
  self->snapshot = NULL;
  if (stepped == 0)
    return SAL_NATIVE_WHOLE;
  return self->is_out || n == SAL_NATIVE_MAX_FRAMES ? SAL_NATIVE_CUT : SAL_NATIVE_LOST;
}

uint64_t
sal_native_unwinder_find_stack (SalNativeUnwinder *self, uint64_t address)
{
  const SalNativeRegion *region = sal_native_map_find (&self->map, address);

  if (region == NULL && sal_native_map_refresh (&self->map, false))
    region = sal_native_map_find (&self->map, address);
  return region != NULL && region->is_writable ? region->end : 0;
}

void
sal_native_unwinder_forget (SalNativeUnwinder *self, SalTarget *target)
{
  sal_native_map_forget (&self->map, target);
  forget_places (self);
}

void
sal_native_unwinder_free (SalNativeUnwinder *self)
{
  if (self == NULL)
    return;
  if (self->space != NULL)
    unw_destroy_addr_space (self->space);
  sal_native_functions_clear (&self->functions);
  sal_native_functions_clear (&self->sites);
  sal_native_map_clear (&self->map);
  free (self->places);
  free (self);
}
