/* The data set that the rows of a table make. */
#include <math.h>
#include <string.h>

#include "data/dataset.h"
#include "data/table.h"
#include "data/table_task.h"

/* What is known of a cell of each row. */
typedef struct slot {
    tl_column *column;
    int64_t present;      /* rows in which it is not missing */
    double sum;           /* of these numbers */
    int64_t *counts;      /* of these categories, by the numbers that they had while they arrived */
    int64_t *new_numbers; /* of these categories */
} slot;

static void release_slots(const tl_table *table, slot *slots)
{
    for (int64_t s = 0; slots != NULL && s < table->cells.width; s++) {
        tl_release(table->context, slots[s].counts);
        tl_release(table->context, slots[s].new_numbers);
    }
    tl_release(table->context, slots);
}

static talus_status fail_without_memory(const tl_table *table)
{
    return tl_fail(table->context, TALUS_ERROR_MEMORY, "there is no memory for the %lld rows of %s",
                   (long long)table->cells.rows, table->file.name);
}

static talus_status make_slots(const tl_table *table, slot **slots)
{
    slot *made = tl_allocate(table->context, (size_t)table->cells.width * sizeof *made), *next = made;
    *slots = made;
    for (int64_t j = 0; j < table->fields && made != NULL; j++) {
        tl_column *column = table->of_field[j];
        if (column == NULL)
            continue;
        next->column = column;
        if (table->infers && column->kind == TALUS_COLUMN_CATEGORY) {
            const size_t count = (size_t)column->categories.count + 1; /* there may be none */
            next->counts = tl_allocate(table->context, count * sizeof *next->counts);
            next->new_numbers = tl_allocate(table->context, count * sizeof *next->new_numbers);
            if (next->counts == NULL || next->new_numbers == NULL)
                return fail_without_memory(table);
        }
        next++;
    }
    return made == NULL ? fail_without_memory(table) : TALUS_OK;
}

/* What the columns are like ----------------------------------------------------------------------------------- */

static void count_row(slot *slots, int64_t width, const double *cells)
{
    for (int64_t s = 0; s < width; s++) {
        if (isnan(cells[s]))
            continue;
        slots[s].present++;
        if (slots[s].counts == NULL)
            slots[s].sum += cells[s];
        else
            slots[s].counts[(int64_t)cells[s]]++;
    }
}

/* Σ_i x_i/n, for numbers so large that their sum is infinite */
static double mean_of_large(const tl_cells *cells, int64_t s, int64_t present)
{
    double mean = 0;
    for (const tl_cell_piece *piece = cells->first; piece != NULL; piece = piece->next)
        for (int64_t i = 0; i < piece->rows; i++) {
            double x = piece->numbers[i * cells->width + s];
            mean += isnan(x) ? 0 : x / (double)present;
        }
    return mean;
}

/* Sorts the categories of a column, leaves out those of rows that were dropped, and finds their shares. */
static talus_status settle_categories(const tl_table *table, slot *at)
{
    tl_categories *categories = &at->column->categories;
    const int64_t count = categories->count;
    bool *keep = tl_allocate(table->context, (size_t)count + 1);
    double *shares = tl_allocate(table->context, ((size_t)count + 1) * sizeof *shares);
    talus_status status = keep == NULL || shares == NULL ? fail_without_memory(table) : TALUS_OK;
    for (int64_t k = 0; k < count && status == TALUS_OK; k++)
        keep[k] = at->counts[k] > 0;
    if (status == TALUS_OK)
        status = tl_categories_sort(categories, keep, at->new_numbers);
    for (int64_t k = 0; k < count && status == TALUS_OK; k++)
        if (keep[k])
            shares[at->new_numbers[k]] = (double)at->counts[k] / (double)at->present;
    tl_release(table->context, keep);
    if (status == TALUS_OK && at->column->role == TALUS_ROLE_INPUT)
        at->column->shares = shares;
    else
        tl_release(table->context, shares);
    return status;
}

static talus_status settle_column(const tl_table *table, slot *slots, int64_t s)
{
    tl_column *column = slots[s].column;
    char name[TL_COLUMN_TEXT_BYTES];
    if (slots[s].present == 0) {
        tl_table_column_says(table->columns, column - table->columns->columns, name);
        return tl_fail(table->context, TALUS_ERROR_DATA, "%s: %s must have a value, got none in %lld rows",
                       table->file.name, name, (long long)table->cells.rows);
    }
    if (column->kind == TALUS_COLUMN_CATEGORY)
        return settle_categories(table, &slots[s]);
    if (column->role == TALUS_ROLE_INPUT)
        column->mean = slots[s].sum / (double)slots[s].present;
    if (!isfinite(column->mean))
        column->mean = mean_of_large(&table->cells, s, slots[s].present);
    return TALUS_OK;
}

static talus_status settle_columns(const tl_table *table, slot *slots)
{
    talus_status status = TALUS_OK;
    for (const tl_cell_piece *piece = table->cells.first; piece != NULL; piece = piece->next)
        for (int64_t i = 0; i < piece->rows; i++)
            count_row(slots, table->cells.width, piece->numbers + i * table->cells.width);
    for (int64_t s = 0; s < table->cells.width && status == TALUS_OK; s++)
        status = settle_column(table, slots, s);
    if (status == TALUS_OK)
        tl_table_columns_place(table->columns);
    return status;
}

/* Rows ---------------------------------------------------------------------------------------------------------- */

/* The arrays of the data set. */
typedef struct arrays {
    double *inputs, *targets;
    tl_held_weights *weights;
    int32_t *labels;
} arrays;

static void fill_categories(const slot *at, double cell, double *inputs)
{
    const tl_column *column = at->column;
    if (isnan(cell))
        memcpy(inputs, column->shares, (size_t)column->width * sizeof *inputs);
    else if (cell != TL_UNKNOWN_CATEGORY)
        inputs[at->new_numbers == NULL ? (int64_t)cell : at->new_numbers[(int64_t)cell]] = 1;
}

static void fill_row(const tl_table *table, const slot *slots, const double *cells, int64_t i, arrays *to)
{
    const talus_columns *columns = table->columns;
    for (const slot *at = slots; at < slots + table->cells.width; at++, cells++) {
        const tl_column *column = at->column;
        const bool categories = column->kind == TALUS_COLUMN_CATEGORY;
        if (column->role == TALUS_ROLE_WEIGHT)
            to->weights->numbers[i] = *cells;
        else if (column->role == TALUS_ROLE_INPUT && categories)
            fill_categories(at, *cells, to->inputs + i * columns->inputs + column->first);
        else if (column->role == TALUS_ROLE_INPUT)
            to->inputs[i * columns->inputs + column->first] = isnan(*cells) ? column->mean : *cells;
        else if (categories)
            to->labels[i] = (int32_t)(at->new_numbers == NULL ? (int64_t)*cells
                                                              : at->new_numbers[(int64_t)*cells]);
        else
            to->targets[i * columns->targets + column->first] = *cells;
    }
}

static bool allocate_rows(const tl_table *table, int64_t width, size_t size, void *array)
{
    int64_t bytes;
    if (!tl_multiply(table->cells.rows, width, &bytes) || !tl_multiply(bytes, (int64_t)size, &bytes))
        return false;
    void *made = tl_allocate(table->context, (size_t)bytes);
    memcpy(array, &made, sizeof made);
    return made != NULL;
}

static talus_status make_arrays(const tl_table *table, const slot *slots, arrays *to)
{
    bool targets = false, weights = false;
    for (int64_t s = 0; s < table->cells.width; s++) {
        targets = targets || slots[s].column->role == TALUS_ROLE_TARGET;
        weights = weights || slots[s].column->role == TALUS_ROLE_WEIGHT;
    }
    bool labels = targets && table->columns->class_column >= 0;
    if (!allocate_rows(table, table->columns->inputs, sizeof *to->inputs, &to->inputs) ||
        (labels && !allocate_rows(table, 1, sizeof *to->labels, &to->labels)) ||
        (targets && !labels &&
         !allocate_rows(table, table->columns->targets, sizeof *to->targets, &to->targets)) ||
        (weights && (to->weights = tl_weights_allocate(table->context, table->cells.rows)) == NULL))
        return fail_without_memory(table);
    int64_t row = 0;
    for (const tl_cell_piece *piece = table->cells.first; piece != NULL; piece = piece->next)
        for (int64_t i = 0; i < piece->rows; i++)
            fill_row(table, slots, piece->numbers + i * table->cells.width, row++, to);
    return TALUS_OK;
}

static talus_status make_dataset(const tl_table *table, arrays *from, talus_dataset **dataset)
{
    const int64_t rows = table->cells.rows;
    talus_dataset *made = NULL;
    talus_matrix inputs = talus_matrix_view(from->inputs, TALUS_DTYPE_F64, rows, table->columns->inputs);
    talus_matrix targets = from->labels != NULL ? talus_matrix_view(from->labels, TALUS_DTYPE_I32, rows, 1)
                                                : talus_matrix_view(from->targets, TALUS_DTYPE_F64, rows,
                                                                    table->columns->targets);
    talus_status status = tl_dataset_create(table->context, &inputs, targets.data == NULL ? NULL : &targets,
                                            &made);
    if (status != TALUS_OK)
        return status;
    made->owned_inputs = from->inputs;
    made->owned_targets = targets.data;
    if (from->weights != NULL) {
        made->held_weights = from->weights;
        made->weights = talus_matrix_view(from->weights->numbers, TALUS_DTYPE_F64, rows, 1);
        tl_dataset_weigh(made);
    }
    *dataset = made;
    return TALUS_OK;
}

talus_status tl_table_finish(tl_table *table, talus_dataset **dataset)
{
    slot *slots = NULL;
    arrays made = {0};
    if (table->cells.rows == 0)
        return tl_fail(table->context, TALUS_ERROR_FORMAT,
                       "%s must have at least one row of values%s, got none", table->file.name,
                       table->options.missing == TALUS_MISSING_DROP ? " of which none is missing" : "");
    talus_status status = make_slots(table, &slots);
    if (status == TALUS_OK && table->infers)
        status = settle_columns(table, slots);
    if (status == TALUS_OK)
        status = make_arrays(table, slots, &made);
    if (status == TALUS_OK && table->infers)
        status = tl_table_choose_task(table, made.targets, &made.labels);
    if (status == TALUS_OK)
        status = make_dataset(table, &made, dataset);
    if (status == TALUS_OK && made.labels != NULL) /* numbers that were found to be classes */
        tl_release(table->context, made.targets);
    if (status != TALUS_OK) {
        tl_release(table->context, made.inputs);
        tl_release(table->context, made.targets);
        tl_release(table->context, made.labels);
        tl_weights_let_go(table->context, made.weights);
    }
    release_slots(table, slots);
    return status;
}
