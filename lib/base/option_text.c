/* Options by name and as text. */
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/options.h"
#include "base/text.h"

#define MOST_LETTERS 64 /* of names that are compared; longer ones are cut */

static int least_of(int a, int b, int c)
{
    int least = a < b ? a : b;
    return least < c ? least : c;
}

/* The letters to put in, take out or change to make one word of the other (Levenshtein 1965). */
static int distance(const char *a, const char *b)
{
    size_t rows = strnlen(a, MOST_LETTERS), cols = strnlen(b, MOST_LETTERS);
    int row[MOST_LETTERS + 1];
    for (size_t j = 0; j <= cols; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= rows; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= cols; j++) {
            int changed = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least_of(changed, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[cols];
}

static const tl_option *nearest(const tl_options *table, const char *name)
{
    const tl_option *best = table->rows;
    for (int i = 1; i < table->count; i++)
        if (distance(table->rows[i].name, name) < distance(best->name, name))
            best = &table->rows[i];
    return best;
}

/* The option of a name, in a caller's struct that reaches so far. */
static talus_status find(talus_context *context, const tl_options *table, const void *options, size_t size,
                         const char *name, const tl_option **found)
{
    if (options == NULL || name == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s must not be NULL", table->name,
                       options == NULL ? "options" : "name");
    *found = tl_option_of(table, name);
    if (*found == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s has no option \"%.64s\"; did you mean \"%s\"?",
                       table->name, name, nearest(table, name)->name);
    if ((*found)->offset + (*found)->size > size)
        return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the struct of its options must have at least %zu bytes for %s, got %zu",
                       table->name, (*found)->offset + (*found)->size, name, size);
    if ((*found)->type == TALUS_OPTION_TYPE_POINTER)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s is a pointer, which has no text", table->name,
                       name);
    return TALUS_OK;
}

/* What the text of an option means, as an integer or a number; false if it is none. */
static bool read(const tl_option *option, const char *text, int64_t *integer, double *number)
{
    switch (option->type) {
    case TALUS_OPTION_TYPE_DOUBLE:
        return tl_text_to_double(text, number);
    case TALUS_OPTION_TYPE_NAME:
        *number = (double)(*integer = tl_value(option->names, text));
        return *integer >= 0;
    case TALUS_OPTION_TYPE_FLAG:
        *integer = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
        *number = (double)*integer;
        return *integer == 1 || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    default:
        if (!tl_text_to_integer(text, integer))
            return false; /* or too large even for an int64_t */
        *number = (double)*integer;
        return true;
    }
}

/* Says what kind of text an option takes or, if that is what it got, what range. */
static talus_status refuse_text(talus_context *context, const tl_options *table, const tl_option *option,
                                const char *text)
{
    static const char *const kinds[] = {
        [TALUS_OPTION_TYPE_INT] = "an integer",
        [TALUS_OPTION_TYPE_INT64] = "an integer",
        [TALUS_OPTION_TYPE_DOUBLE] = "a number",
        [TALUS_OPTION_TYPE_FLAG] = "true or false",
    };
    char range[TL_RANGE_BYTES];
    int64_t integer;
    double number;
    tl_option_range(option, range);
    bool is_name = option->type == TALUS_OPTION_TYPE_NAME;
    const char *wanted = is_name || read(option, text, &integer, &number) ? range : kinds[option->type];
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s must be %s%s got \"%.64s\"", table->name,
                   option->name, wanted, is_name ? ";" : ",", text);
}

talus_status tl_option_set(talus_context *context, const tl_options *table, void *options, size_t size,
                           const char *name, const char *text)
{
    const tl_option *option = NULL;
    talus_status status = find(context, table, options, size, name, &option);
    if (status != TALUS_OK)
        return status;
    if (text == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: the text of %s must not be NULL", table->name,
                       name);
    int64_t integer = 0;
    double number = 0;
    if (!read(option, text, &integer, &number) || !tl_option_allows(option, number))
        return refuse_text(context, table, option, text);
    if (option->type == TALUS_OPTION_TYPE_DOUBLE)
        tl_option_store_number(option, options, number);
    else
        tl_option_store_integer(option, options, integer);
    return TALUS_OK;
}

talus_status tl_option_get(talus_context *context, const tl_options *table, const void *options, size_t size,
                           const char *name, char *text, size_t capacity, size_t *length)
{
    const tl_option *option = NULL;
    talus_status status = find(context, table, options, size, name, &option);
    if (status != TALUS_OK)
        return status;
    if (text == NULL && capacity > 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "%s: the text of %s must have room for %zu characters, got NULL", table->name, name,
                       capacity);
    char number[TL_NUMBER_BYTES];
    const char *value = number;
    int64_t integer = option->type == TALUS_OPTION_TYPE_DOUBLE ? 0 : tl_option_integer(option, options);
    if (option->type == TALUS_OPTION_TYPE_DOUBLE)
        tl_text_of_double(tl_option_number(option, options), number);
    else if (option->type == TALUS_OPTION_TYPE_FLAG)
        value = integer != 0 ? "true" : "false";
    else if (option->type == TALUS_OPTION_TYPE_NAME)
        value = tl_name(option->names, (int)integer);
    else
        (void)snprintf(number, sizeof number, "%lld", (long long)integer);
    (void)snprintf(text, capacity, "%s", value);
    if (length != NULL)
        *length = strlen(value);
    return TALUS_OK;
}
