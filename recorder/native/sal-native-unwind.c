/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers and stack bytes of a thread → its native frames. */
#include "sal-native-unwind.h"

#include <libunwind.h>
#include <stdlib.h>
#include <string.h>

#include "sal-native-frame.h"
#include "sal-native-functions.h"
#include "sal-native-map.h"
#include "sal-native-rule.h"

/* Not in libunwind's headers, but exported for exactly this: perf(1) lives on it. */
#define search_table UNW_OBJ (dwarf_search_unwind_table)
int search_table (unw_addr_space_t space,
                  unw_word_t ip,
                  unw_dyn_info_t *info,
                  unw_proc_info_t *found,
                  int need_unwind_info,
                  void *data);

#define N_SLOTS ((size_t)1 << 14)
/* How old the list of regions may be. */
#define MOST_AGE_NS INT64_C (1000000000)
/* The largest function whose code is looked through. */
#define MOST_CODE ((size_t)256 << 10)

/* What is known about one program counter. */
typedef struct
{
  uint64_t pc; /* looked up: of a caller one less than where it goes on */
  SalNativeFunction *function;
  SalNativeFunction *site;
  uint32_t epoch; /* when it was learned: 0 = never, before now = forgotten */
  bool is_signal; /* the kernel put this frame there, at any instruction */
  SalNativeRule rule;
  SalNativeFrameSize size;
} Place;

struct _SalNativeUnwinder
{
  SalNativeMap map;
  SalNativeFunctions functions;
  SalNativeFunctions sites;
  unw_addr_space_t space;
  Place *places; /* N_SLOTS */
  size_t n_places;
  uint32_t epoch;

  /* At work. */
  const SalNativeSnapshot *snapshot; /* borrowed; NULL: a rule is asked for by marks */
  const SalNativeModule *module;     /* borrowed: whose tables were asked last; NULL = none */
  uint64_t bias;                     /* of it */
  uint64_t registers[SAL_NATIVE_N_REGISTERS];
  bool is_out; /* a word behind the copy was asked for */
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
  int result = -UNW_ENOINFO;

  self->module = module;
  self->bias = module != NULL ? region->bias : 0;
  for (int i = 0; i < SAL_NATIVE_N_TABLES && module != NULL && result < 0; i++)
    {
      const SalNativeTable *table = &module->tables[i].table;
      unw_dyn_info_t info = { 0 };

      if (table->n_entries == 0)
        continue;
      info.format = UNW_INFO_FORMAT_REMOTE_TABLE;
      info.start_ip = region->start;
      info.end_ip = region->end;
      info.u.rti.segbase = table->base + region->bias;
      info.u.rti.table_data = table->entries + region->bias;
      info.u.rti.table_len = table->n_entries;
      result = search_table (space, ip, &info, found, need_unwind_info, data);
    }
  return result;
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

  (void)space;
  if (is_write)
    return -UNW_EINVAL;
  if (self->snapshot == NULL && sal_native_rule_is_marked (address))
    {
      *word = sal_native_rule_get_word (address);
      return 0;
    }
  if (self->snapshot != NULL)
    {
      SalNativeStep step = sal_native_rule_read (self->snapshot, address, word);

      if (step == SAL_NATIVE_STEP_DONE)
        return 0;
      /* The rest of the stack has changed by now. */
      self->is_out = self->is_out || step == SAL_NATIVE_STEP_OUT;
      if (step == SAL_NATIVE_STEP_OUT)
        return -UNW_EINVAL;
    }
  /* Its tables need not be in any region. */
  if (self->module != NULL &&
      sal_native_module_read (self->module, address - self->bias, word, sizeof *word))
    return 0;
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
  *value = self->registers[number];
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
  self->epoch = 1;
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
  self->epoch++;
  self->n_places = 0;
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

/* Takes the registers over from where libunwind has gone to; those that it cannot tell stay. */
static void
take_registers (SalNativeUnwinder *self, unw_cursor_t *cursor)
{
  uint64_t registers[SAL_NATIVE_N_REGISTERS];

  for (int i = 0; i < SAL_NATIVE_N_REGISTERS; i++)
    {
      unw_word_t value;

      registers[i] = unw_get_reg (cursor, i, &value) >= 0 ? value : self->registers[i];
    }
  memcpy (self->registers, registers, sizeof registers);
}

/* Has libunwind take the step that it has a table for. */
static SalNativeStep
step_by_table (SalNativeUnwinder *self, bool *is_signal)
{
  unw_cursor_t cursor;
  int result;

  if (unw_init_remote (&cursor, self->space, self) != 0)
    return SAL_NATIVE_STEP_LOST;
  if (is_signal != NULL)
    *is_signal = unw_is_signal_frame (&cursor) > 0;
  result = unw_step (&cursor);
  if (result == 0)
    return SAL_NATIVE_STEP_END;
  if (result < 0)
    return self->is_out ? SAL_NATIVE_STEP_OUT : SAL_NATIVE_STEP_LOST;
  take_registers (self, &cursor);
  return SAL_NATIVE_STEP_DONE;
}

/* Asks libunwind for the rule at @pc. */
static void
learn_rule (SalNativeUnwinder *self, Place *place, uint64_t pc)
{
  const SalNativeSnapshot *snapshot = self->snapshot;
  uint64_t registers[SAL_NATIVE_N_REGISTERS];
  SalNativeStep step;

  memcpy (registers, self->registers, sizeof registers);
  self->snapshot = NULL;
  for (int i = 0; i < SAL_NATIVE_N_REGISTERS; i++)
    self->registers[i] = sal_native_rule_get_mark (i);
  self->registers[SAL_NATIVE_RIP] = pc;
  step = step_by_table (self, &place->is_signal);
  if (step == SAL_NATIVE_STEP_END)
    place->rule.kind = SAL_NATIVE_RULE_END;
  else if (step == SAL_NATIVE_STEP_DONE)
    place->rule = sal_native_rule_probe (self->registers);
  else
    place->rule.kind = SAL_NATIVE_RULE_HARD;
  self->snapshot = snapshot;
  memcpy (self->registers, registers, sizeof registers);
}

static const SalNativeRegion *
find_region (SalNativeUnwinder *self, uint64_t address, bool is_code)
{
  bool is_changed;
  const SalNativeRegion *region = sal_native_map_seek (&self->map, address, is_code, &is_changed);

  if (is_changed)
    forget_places (self);
  return region;
}

/* What is known of @pc in the module of @region. */
static void
learn_code (SalNativeUnwinder *self, Place *place, const SalNativeRegion *region, uint64_t pc)
{
  static const SalNativeRule in_init = { .kind = SAL_NATIVE_RULE_PLAIN,
                                         .base = SAL_NATIVE_RSP,
                                         .stack = 16,
                                         .address = 8 };
  const SalNativeInit *init = &region->module->init;
  uint64_t linked = pc - region->bias;
  unw_proc_info_t info = { 0 };

  if (find_proc_info (self->space, pc, &info, 0, self) >= 0)
    {
      set_function (self, place, region->module, find_start (self, pc) - region->bias, linked);
      learn_rule (self, place, pc);
    }
  else if (init->last != 0 && linked >= init->first && linked <= init->last)
    {
      set_function (self, place, region->module, init->start, linked);
      place->rule = in_init;
    }
  else
    set_function (self, place, region->module, linked, linked);
}

static void
learn (SalNativeUnwinder *self, Place *place, uint64_t pc)
{
  const SalNativeRegion *region = find_region (self, pc, true);

  *place = (Place){ .pc = pc, .rule.kind = SAL_NATIVE_RULE_ABSENT };
  if (region != NULL && region->module != NULL)
    learn_code (self, place, region, pc);
  else if (region != NULL)
    set_function (self, place, sal_native_map_get_made (&self->map), pc, pc);
  /* Otherwise it stays free: the list of regions may have been too old. */
  if (place->function != NULL)
    place->epoch = self->epoch;
}

static Place *
get_place (SalNativeUnwinder *self, uint64_t pc)
{
  size_t slot = (size_t)(pc * UINT64_C (0x9e3779b97f4a7c15) >> 40) & (N_SLOTS - 1);

  if (self->n_places >= N_SLOTS / 4 * 3)
    forget_places (self);
  for (; self->places[slot].epoch == self->epoch; slot = (slot + 1) & (N_SLOTS - 1))
    if (self->places[slot].pc == pc)
      return &self->places[slot];
  learn (self, &self->places[slot], pc);
  self->n_places++;
  return &self->places[slot];
}

static bool
is_code (SalNativeUnwinder *self, uint64_t address)
{
  const SalNativeRegion *region = sal_native_map_find (&self->map, address);

  return region != NULL && region->is_code;
}

/* Where no table tells: by the frame pointer if it looks like one, or, for a function that has made
 * no frame, by the word on top of the stack if that is where code is. */
static SalNativeStep
step_by_pointer (SalNativeUnwinder *self, bool is_innermost)
{
  static const SalNativeRule by_frame = { .kind = SAL_NATIVE_RULE_PLAIN,
                                          .base = SAL_NATIVE_RBP,
                                          .stack = 16,
                                          .address = 8,
                                          .n_saved = 1,
                                          .saved = { { SAL_NATIVE_RBP, 0 } } };
  static const SalNativeRule by_stack = { .kind = SAL_NATIVE_RULE_PLAIN,
                                          .base = SAL_NATIVE_RSP,
                                          .stack = 8,
                                          .address = 0 };
  uint64_t registers[SAL_NATIVE_N_REGISTERS];
  SalNativeStep step;

  if (self->registers[SAL_NATIVE_RBP] == SAL_NATIVE_UNKNOWN)
    return SAL_NATIVE_STEP_LOST;
  memcpy (registers, self->registers, sizeof registers);
  step = sal_native_rule_apply (&by_frame, self->snapshot, registers);
  if (step == SAL_NATIVE_STEP_DONE &&
      ((self->registers[SAL_NATIVE_RBP] & 7) != 0 ||
       registers[SAL_NATIVE_RSP] <= self->registers[SAL_NATIVE_RSP] ||
       !is_code (self, registers[SAL_NATIVE_RIP])))
    step = SAL_NATIVE_STEP_LOST;
  if (step != SAL_NATIVE_STEP_DONE && is_innermost)
    {
      memcpy (registers, self->registers, sizeof registers);
      step = sal_native_rule_apply (&by_stack, self->snapshot, registers);
      if (step == SAL_NATIVE_STEP_DONE && !is_code (self, registers[SAL_NATIVE_RIP]))
        step = SAL_NATIVE_STEP_LOST;
    }
  if (step == SAL_NATIVE_STEP_DONE)
    memcpy (self->registers, registers, sizeof registers);
  return step;
}

/* Looks through the function around @pc for what might make its part of the stack larger. */
static bool
is_fixed (SalNativeUnwinder *self, uint64_t pc)
{
  unw_proc_info_t info = { 0 };
  uint8_t *code;
  size_t length;
  bool is_fixed;

  if (find_proc_info (self->space, pc, &info, 0, self) < 0 || info.end_ip <= info.start_ip ||
      info.end_ip - info.start_ip > MOST_CODE)
    return false;
  length = (size_t)(info.end_ip - info.start_ip);
  code = malloc (length);
  is_fixed = code != NULL &&
             sal_target_read (self->map.target, info.start_ip, code, length) == SAL_TARGET_OK &&
             sal_native_frame_is_fixed (code, length);
  free (code);
  return is_fixed;
}

/* By a frame pointer that may not be known, but is where it always is. */
static SalNativeStep
step_by_rule (SalNativeUnwinder *self, Place *place)
{
  uint64_t *pointer = &self->registers[SAL_NATIVE_RBP];

  if (sal_native_frame_has_pointer (&place->rule) && *pointer != SAL_NATIVE_UNKNOWN)
    sal_native_frame_see (&place->size, self->registers);
  else if (sal_native_frame_has_pointer (&place->rule))
    {
      if (place->size.kind == SAL_NATIVE_FRAME_SEEN)
        place->size.kind = is_fixed (self, place->pc) ? SAL_NATIVE_FRAME_FIXED
                                                      : SAL_NATIVE_FRAME_LOOSE;
      if (place->size.kind == SAL_NATIVE_FRAME_FIXED)
        *pointer = self->registers[SAL_NATIVE_RSP] + place->size.distance;
    }
  return sal_native_rule_apply (&place->rule, self->snapshot, self->registers);
}

/* One frame outwards from the one at @place. */
static SalNativeStep
take_step (SalNativeUnwinder *self, Place *place, bool is_innermost)
{
  uint64_t stack = self->registers[SAL_NATIVE_RSP];
  SalNativeStep step;

  switch (place->rule.kind)
    {
    case SAL_NATIVE_RULE_PLAIN:
      step = step_by_rule (self, place);
      break;
    case SAL_NATIVE_RULE_HARD:
      self->registers[SAL_NATIVE_RIP] = place->pc;
      step = step_by_table (self, NULL);
      break;
    case SAL_NATIVE_RULE_ABSENT:
      step = step_by_pointer (self, is_innermost);
      break;
    case SAL_NATIVE_RULE_END:
    default:
      return SAL_NATIVE_STEP_END;
    }
  if (step != SAL_NATIVE_STEP_DONE)
    return step;
  if (self->registers[SAL_NATIVE_RIP] == 0)
    return SAL_NATIVE_STEP_END;
  return self->registers[SAL_NATIVE_RSP] > stack ? SAL_NATIVE_STEP_DONE : SAL_NATIVE_STEP_LOST;
}

SalNativeReach
sal_native_unwinder_run (SalNativeUnwinder *self,
                         const SalNativeSnapshot *snapshot,
                         SalNativeFrame *frames,
                         size_t *n_frames)
{
  uint64_t back = 0; /* from where a frame goes on to the instruction at work */
  size_t n = 0;
  SalNativeStep step = SAL_NATIVE_STEP_DONE;

  self->snapshot = snapshot;
  self->is_out = false;
  memcpy (self->registers, snapshot->registers, sizeof self->registers);
  if (sal_native_map_refresh (&self->map, MOST_AGE_NS))
    forget_places (self);
  while (step == SAL_NATIVE_STEP_DONE && n < SAL_NATIVE_MAX_FRAMES)
    {
      uint64_t pc = self->registers[SAL_NATIVE_RIP] - back;
      Place *place = get_place (self, pc);

      if (place->function == NULL)
        step = SAL_NATIVE_STEP_LOST;
      else
        {
          frames[n++] =
              (SalNativeFrame){ place->function, place->site, self->registers[SAL_NATIVE_RSP] };
          back = place->is_signal ? 0 : 1;
          step = take_step (self, place, n == 1);
        }
    }
  *n_frames = n;
  self->snapshot = NULL;
  if (step == SAL_NATIVE_STEP_END)
    return SAL_NATIVE_WHOLE;
  return step == SAL_NATIVE_STEP_LOST ? SAL_NATIVE_LOST : SAL_NATIVE_CUT;
}

const SalNativeFunction *
sal_native_unwinder_find_function (SalNativeUnwinder *self, uint64_t address)
{
  const SalNativeRegion *region = find_region (self, address, true);

  if (region == NULL || region->module == NULL)
    return NULL;
  return sal_native_functions_get (&self->functions, region->module,
                                   find_start (self, address) - region->bias);
}

uint64_t
sal_native_unwinder_find_stack (SalNativeUnwinder *self, uint64_t address, uint64_t *start)
{
  const SalNativeRegion *region = find_region (self, address, false);

  *start = region != NULL ? region->start : address;
  return region != NULL ? region->end : 0;
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
