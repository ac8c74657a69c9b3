#include "data/table_task.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/sort.h"

enum { MOST_WHOLE_CLASSES = 20, LEAST_OF_CLASS = 2 };

/* Keys in the order of the numbers. */
static uint64_t key_of(double number)
{
    uint64_t bits;
    number += 0.0; /* −0 is 0 */
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* The numbers of a target in their order. */
static talus_status sort_numbers(const tl_table *table, const double *targets, tl_keyed **sorted)
{
    *sorted = tl_allocate_keyed(table->context, table->cells.rows);
    if (*sorted == NULL)
        return TALUS_ERROR_MEMORY;
    for (int64_t i = 0; i < table->cells.rows; i++)
        (*sorted)[i] = (tl_keyed){key_of(targets[i]), i};
    tl_sort_by_key(*sorted, table->cells.rows);
    return TALUS_OK;
}

static int64_t run_end(const tl_table *table, const tl_keyed *sorted, int64_t start)
{
    int64_t end = start + 1;
    while (end < table->cells.rows && sorted[end].key == sorted[start].key)
        end++;
    return end;
}

/* What is found of the numbers of a target. */
typedef struct numbers {
    int64_t different, least; /* how many, and how often that occurs which does least */
    bool whole;               /* and at least 0 */
} numbers;

static numbers look_at(const tl_table *table, const double *targets, const tl_keyed *sorted)
{
    numbers found = {.least = table->cells.rows, .whole = true};
    for (int64_t start = 0, end; start < table->cells.rows; start = end) {
        const double number = targets[sorted[start].item];
        end = run_end(table, sorted, start);
        found.different++;
        found.least = end - start < found.least ? end - start : found.least;
        found.whole = found.whole && number >= 0 && number == trunc(number);
    }
    return found;
}

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(talus_columns *columns, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(columns->reason, sizeof columns->reason, format, arguments);
    va_end(arguments);
}

/* Makes the numbers of a target its classes. */
static talus_status make_classes(tl_table *table, tl_column *target, const double *targets,
                                 const tl_keyed *sorted, int32_t **labels)
{
    talus_status status = TALUS_OK;
    int32_t *made = tl_allocate(table->context, (size_t)table->cells.rows * sizeof *made);
    if (made == NULL)
        return tl_fail(table->context, TALUS_ERROR_MEMORY, "there is no memory for the labels of %s",
                       table->file.name);
    *labels = made;
    target->kind = TALUS_COLUMN_CATEGORY;
    target->numbers = true;
    for (int64_t start = 0, end; start < table->cells.rows && status == TALUS_OK; start = end) {
        char text[TL_NUMBER_BYTES];
        tl_text_of_double(targets[sorted[start].item] + 0.0, text);
        end = run_end(table, sorted, start);
        for (int64_t i = start; i < end; i++)
            made[sorted[i].item] = (int32_t)target->categories.count;
        status = tl_category_add(&target->categories, text, strlen(text));
    }
    tl_table_columns_place(table->columns);
    return status;
}

static void say_classes(talus_columns *columns, const char *name, const numbers *found)
{
    say(columns, "classification: %s holds %lld different whole numbers, each at least twice", name,
        (long long)found->different);
}

/* Why numbers are no classes. */
static void say_values(talus_columns *columns, const char *name, const numbers *found)
{
    if (!found->whole)
        say(columns, "regression: %s holds numbers that are not all whole and at least 0", name);
    else if (found->different > MOST_WHOLE_CLASSES)
        say(columns, "regression: %s holds %lld different numbers, more than %d", name,
            (long long)found->different, MOST_WHOLE_CLASSES);
    else
        say(columns, "regression: %s holds a number that occurs only once", name);
}

/* Of the only target, which holds numbers; the task may be asked for. */
static talus_status choose_for_numbers(tl_table *table, tl_column *target, const char *name,
                                       const double *targets, int32_t **labels)
{
    talus_columns *columns = table->columns;
    tl_keyed *sorted = NULL;
    talus_status status = sort_numbers(table, targets, &sorted);
    if (status != TALUS_OK)
        return status;
    const numbers found = look_at(table, targets, sorted);
    const bool asked = table->options.task == TALUS_TABLE_TASK_CLASSIFICATION;
    const bool classes = asked || (found.whole && found.different <= MOST_WHOLE_CLASSES &&
                                   found.least >= LEAST_OF_CLASS);
    columns->task = classes ? TALUS_TABLE_TASK_CLASSIFICATION : TALUS_TABLE_TASK_REGRESSION;
    if (asked && found.different > table->options.most_categories)
        status = tl_fail(table->context, TALUS_ERROR_DATA, "%s: %s must have at most %lld classes, got %lld",
                         table->file.name, name, (long long)table->options.most_categories,
                         (long long)found.different);
    else if (classes)
        status = make_classes(table, target, targets, sorted, labels);
    if (asked)
        say(columns, "classification, as asked: %s holds %lld different numbers", name,
            (long long)found.different);
    else
        (classes ? say_classes : say_values)(columns, name, &found);
    tl_release(table->context, sorted);
    return status;
}

static tl_column *first_target(talus_columns *columns)
{
    for (int64_t j = 0; j < columns->count; j++)
        if (columns->columns[j].role == TALUS_ROLE_TARGET)
            return &columns->columns[j];
    return NULL;
}

talus_status tl_table_choose_task(tl_table *table, const double *targets, int32_t **labels)
{
    talus_columns *columns = table->columns;
    tl_column *target = first_target(columns);
    char name[TL_COLUMN_TEXT_BYTES];
    columns->task = table->options.task;
    if (target == NULL) {
        say(columns, "there are no targets");
        return TALUS_OK;
    }
    tl_table_column_says(columns, target - columns->columns, name);
    if (target->kind == TALUS_COLUMN_CATEGORY) {
        columns->task = TALUS_TABLE_TASK_CLASSIFICATION;
        say(columns, "classification: %s holds %lld categories", name, (long long)target->categories.count);
        return TALUS_OK;
    }
    if (table->options.task != TALUS_TABLE_TASK_REGRESSION && columns->targets == 1)
        return choose_for_numbers(table, target, name, targets, labels);
    columns->task = TALUS_TABLE_TASK_REGRESSION;
    if (table->options.task == TALUS_TABLE_TASK_REGRESSION)
        say(columns, "regression, as asked: %lld target%s", (long long)columns->targets,
            columns->targets == 1 ? "" : "s");
    else
        say(columns, "regression: there are %lld targets", (long long)columns->targets);
    return TALUS_OK;
}
