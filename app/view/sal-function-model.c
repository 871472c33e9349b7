/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorts and filters an array of row numbers; makes an object for a row when somebody asks for it.
 */
#include "sal-function-model.h"

#include <stdlib.h>
#include <string.h>

#include "sal-function-model-private.h"
#include "sal-origin.h"
#include "sal-text-match.h"

struct _SalFunctionModel
{
  GObject parent_instance;

  SalFunctionTable *table; /* owned */
  char *filter;            /* owned, case folded */
  guint32 *order;          /* owned: rows as they stand */
  guint n_items;
  GHashTable *items; /* position → SalFunctionItem, not owned: those alive */
  SalFunctionColumn column;
  gboolean descending;
};

static void model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SalFunctionModel,
                               sal_function_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_iface_init))

/* A row while it is being sorted. */
typedef struct
{
  double number;
  const char *text; /* NULL = the number decides */
  guint32 line;
  guint32 row;
} SortKey;

static int
compare_keys (const void *a, const void *b, void *descending)
{
  const SortKey *left = a, *right = b;
  int order = 0;

  if (left->text != NULL)
    {
      order = g_ascii_strcasecmp (left->text, right->text);
      if (order == 0)
        order = strcmp (left->text, right->text);
      if (order == 0)
        order = (left->line > right->line) - (left->line < right->line);
    }
  else
    order = (left->number > right->number) - (left->number < right->number);
  if (order == 0)
    return (left->row > right->row) - (left->row < right->row);
  return GPOINTER_TO_INT (descending) ? -order : order;
}

static double
divide (double seconds, gint64 calls)
{
  return calls > 0 ? seconds / (double)calls : -1;
}

static double
get_number (const SalFunctionRow *row, SalFunctionColumn column)
{
  switch (column)
    {
    case SAL_FUNCTION_COLUMN_SELF:
    case SAL_FUNCTION_COLUMN_SELF_SHARE:
      return (double)row->self_ns;
    case SAL_FUNCTION_COLUMN_TOTAL:
    case SAL_FUNCTION_COLUMN_TOTAL_SHARE:
      return (double)row->total_ns;
    case SAL_FUNCTION_COLUMN_SELF_SAMPLES:
      return (double)row->self_samples;
    case SAL_FUNCTION_COLUMN_TOTAL_SAMPLES:
      return (double)row->total_samples;
    case SAL_FUNCTION_COLUMN_NCALLS:
      return (double)row->costs.ncalls;
    case SAL_FUNCTION_COLUMN_TOTTIME:
      return row->costs.tottime;
    case SAL_FUNCTION_COLUMN_TOTTIME_PERCALL:
      return divide (row->costs.tottime, row->costs.ncalls);
    case SAL_FUNCTION_COLUMN_CUMTIME:
      return row->costs.cumtime;
    case SAL_FUNCTION_COLUMN_CUMTIME_PERCALL:
      return divide (row->costs.cumtime, row->costs.pcalls);
    case SAL_FUNCTION_COLUMN_NAME:
    case SAL_FUNCTION_COLUMN_FILE:
    case SAL_FUNCTION_COLUMN_LIBRARY:
    case SAL_FUNCTION_COLUMN_LOCATION:
    case SAL_FUNCTION_N_COLUMNS:
    default:
      return 0;
    }
}

/* @texts: where what is made for sorting lives. */
static SortKey
make_key (SalFunctionModel *self,
          const SalFunction *function,
          const SalFunctionRow *row,
          guint32 index,
          GStringChunk *texts)
{
  SortKey key = { .row = index };

  if (self->column == SAL_FUNCTION_COLUMN_NAME)
    key.text = function->name;
  else if (self->column == SAL_FUNCTION_COLUMN_LIBRARY)
    {
      g_autofree char *library = sal_origin_dup_library (function);

      key.text = g_string_chunk_insert_const (texts, library);
    }
  else if (self->column == SAL_FUNCTION_COLUMN_FILE || self->column == SAL_FUNCTION_COLUMN_LOCATION)
    {
      key.text = *function->file != '\0' ? function->file : function->name;
      key.line = function->first_line;
    }
  else
    key.number = get_number (row, self->column);
  return key;
}

/* The order of the rows that the filter keeps (transfer full). */
static guint32 *
make_order (SalFunctionModel *self, guint *n_items)
{
  const SalFunctionRow *rows = sal_function_table_get_rows (self->table);
  guint32 n_rows = sal_function_table_get_n_rows (self->table), n_keys = 0;
  g_autofree SortKey *keys = g_new (SortKey, n_rows);
  GStringChunk *texts = g_string_chunk_new (4096);
  guint32 *order;

  for (guint32 i = 0; i < n_rows; i++)
    {
      SalFunction function = _sal_function_item_get_what (self->table, rows[i].function);

      if (*self->filter == '\0' || sal_text_match (function.name, self->filter) ||
          sal_text_match (function.file, self->filter) ||
          sal_text_match (function.library, self->filter))
        keys[n_keys++] = make_key (self, &function, &rows[i], i, texts);
    }
  if (n_keys > 0)
    qsort_r (keys, n_keys, sizeof (SortKey), compare_keys, GINT_TO_POINTER (self->descending));
  g_string_chunk_free (texts);
  order = g_new (guint32, MAX (n_keys, 1));
  for (guint32 i = 0; i < n_keys; i++)
    order[i] = keys[i].row;
  *n_items = n_keys;
  return order;
}

/* Gives the rows that are alive what stands at their positions now; forgets those behind the end.
 */
static void
refresh_items (SalFunctionModel *self, guint n_items)
{
  g_autoptr (GPtrArray) alive = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer position, item;

  /* Over a copy: a row's "changed" may make or drop others. */
  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, &position, &item))
    {
      if (GPOINTER_TO_UINT (position) < n_items)
        g_ptr_array_add (alive, g_object_ref (item));
      else
        g_hash_table_iter_remove (&iter);
    }
  for (guint i = 0; i < alive->len; i++)
    {
      SalFunctionItem *row = alive->pdata[i];

      _sal_function_item_set (row, self->table, self->order[row->position]);
    }
}

/* Sorts anew. @in_place: rows that live change; else the list is another one. */
static void
update (SalFunctionModel *self, gboolean in_place)
{
  guint n_before = self->n_items, n_common;

  g_clear_pointer (&self->order, g_free);
  self->n_items = 0;
  if (self->table != NULL)
    self->order = make_order (self, &self->n_items);
  n_common = in_place ? MIN (n_before, self->n_items) : 0;
  if (!in_place)
    g_hash_table_remove_all (self->items);
  else
    refresh_items (self, n_common);
  if (n_before != n_common || self->n_items != n_common)
    g_list_model_items_changed (G_LIST_MODEL (self), n_common, n_before - n_common,
                                self->n_items - n_common);
}

static GType
get_item_type (GListModel *list)
{
  return SAL_TYPE_FUNCTION_ITEM;
}

static guint
get_n_items (GListModel *list)
{
  return SAL_FUNCTION_MODEL (list)->n_items;
}

static void
item_gone_cb (gpointer data, GObject *item)
{
  GHashTable *items = data;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (value == item)
      {
        g_hash_table_iter_remove (&iter);
        break;
      }
  g_hash_table_unref (items);
}

static gpointer
get_item (GListModel *list, guint position)
{
  SalFunctionModel *self = SAL_FUNCTION_MODEL (list);
  SalFunctionItem *item;

  if (position >= self->n_items)
    return NULL;
  item = g_hash_table_lookup (self->items, GUINT_TO_POINTER (position));
  if (item != NULL)
    return g_object_ref (item);
  item = g_object_new (SAL_TYPE_FUNCTION_ITEM, NULL);
  item->position = position;
  _sal_function_item_set (item, self->table, self->order[position]);
  g_hash_table_insert (self->items, GUINT_TO_POINTER (position), item);
  g_object_weak_ref (G_OBJECT (item), item_gone_cb, g_hash_table_ref (self->items));
  return item;
}

static void
model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
sal_function_model_finalize (GObject *object)
{
  SalFunctionModel *self = SAL_FUNCTION_MODEL (object);

  g_clear_pointer (&self->table, sal_function_table_unref);
  g_clear_pointer (&self->filter, g_free);
  g_clear_pointer (&self->order, g_free);
  g_hash_table_remove_all (self->items);
  g_clear_pointer (&self->items, g_hash_table_unref);
  G_OBJECT_CLASS (sal_function_model_parent_class)->finalize (object);
}

static void
sal_function_model_class_init (SalFunctionModelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sal_function_model_finalize;
}

static void
sal_function_model_init (SalFunctionModel *self)
{
  self->filter = g_strdup ("");
  self->items = g_hash_table_new (NULL, NULL);
  self->descending = TRUE;
}

SalFunctionModel *
sal_function_model_new (void)
{
  return g_object_new (SAL_TYPE_FUNCTION_MODEL, NULL);
}

void
sal_function_model_set_table (SalFunctionModel *self, SalFunctionTable *table)
{
  gboolean in_place = self->table != NULL && table != NULL;

  g_return_if_fail (SAL_IS_FUNCTION_MODEL (self));

  if (self->table == table)
    return;
  g_clear_pointer (&self->table, sal_function_table_unref);
  self->table = table != NULL ? sal_function_table_ref (table) : NULL;
  update (self, in_place);
}

void
sal_function_model_set_sort (SalFunctionModel *self, SalFunctionColumn column, gboolean descending)
{
  g_return_if_fail (SAL_IS_FUNCTION_MODEL (self));

  if (self->column == column && self->descending == descending)
    return;
  self->column = column;
  self->descending = descending;
  update (self, FALSE);
}

void
sal_function_model_set_filter (SalFunctionModel *self, const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  g_return_if_fail (SAL_IS_FUNCTION_MODEL (self));

  if (strcmp (folded, self->filter) == 0)
    return;
  g_free (self->filter);
  self->filter = g_steal_pointer (&folded);
  update (self, FALSE);
}

guint
sal_function_model_find (SalFunctionModel *self, guint32 function)
{
  const SalFunctionRow *rows;

  g_return_val_if_fail (SAL_IS_FUNCTION_MODEL (self), G_MAXUINT);

  if (self->table == NULL || function == SAL_NO_ID)
    return G_MAXUINT;
  rows = sal_function_table_get_rows (self->table);
  for (guint i = 0; i < self->n_items; i++)
    if (rows[self->order[i]].function == function)
      return i;
  return G_MAXUINT;
}

guint32
sal_function_model_get_function (SalFunctionModel *self, guint position)
{
  g_return_val_if_fail (SAL_IS_FUNCTION_MODEL (self), SAL_NO_ID);

  if (position >= self->n_items)
    return SAL_NO_ID;
  return sal_function_table_get_rows (self->table)[self->order[position]].function;
}
