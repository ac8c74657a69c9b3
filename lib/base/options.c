#include "base/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/text.h"

#define MOST_BYTES 65536 /* of a caller's struct: more is a mistake */

static const char *field(const tl_option *option, const void *options)
{
    return (const char *)options + option->offset;
}

int64_t tl_option_integer(const tl_option *option, const void *options)
{
    int narrow;
    int64_t wide;
    if (option->size == sizeof wide)
        return memcpy(&wide, field(option, options), sizeof wide), wide;
    return memcpy(&narrow, field(option, options), sizeof narrow), narrow;
}

double tl_option_number(const tl_option *option, const void *options)
{
    double number;
    if (option->type != TALUS_OPTION_TYPE_DOUBLE)
        return (double)tl_option_integer(option, options);
    return memcpy(&number, field(option, options), sizeof number), number;
}

void tl_option_store_integer(const tl_option *option, void *options, int64_t value)
{
    int narrow = (int)value;
    const void *from = option->size == sizeof value ? (const void *)&value : &narrow;
    memcpy((char *)options + option->offset, from, option->size);
}

void tl_option_store_number(const tl_option *option, void *options, double value)
{
    memcpy((char *)options + option->offset, &value, sizeof value);
}

void tl_options_defaults(const tl_options *table, void *to, size_t size)
{
    if (to == NULL)
        return;
    memset(to, 0, size);
    for (const tl_option *option = table->rows; option < table->rows + table->count; option++)
        if (option->offset + option->size > size)
            return;
        else if (option->type == TALUS_OPTION_TYPE_DOUBLE)
            tl_option_store_number(option, to, option->standard);
        else if (option->type != TALUS_OPTION_TYPE_POINTER)
            tl_option_store_integer(option, to, (int64_t)option->standard);
}

static bool is_zero(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

talus_status tl_struct_take(talus_context *context, const char *subject, size_t began, void *to, size_t size,
                            const void *from, size_t from_size)
{
    if (from_size < began || from_size > MOST_BYTES)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "%s: the size of its struct must be %zu … %d bytes, got %zu", subject, began,
                       MOST_BYTES, from_size);
    if (from_size > size && !is_zero((const char *)from + size, from_size - size))
        return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                       "%s: this version of Talus, %s, knows the first %zu bytes of its struct; the other "
                       "%zu must be 0, "
                       "and are not",
                       subject, talus_version(), size, from_size - size);
    memcpy(to, from, from_size < size ? from_size : size);
    return TALUS_OK;
}

talus_status tl_options_take(talus_context *context, const tl_options *table, const char *subject, void *to,
                             const void *from, size_t from_size)
{
    tl_options_defaults(table, to, table->size);
    if (from == NULL)
        return TALUS_OK;
    return tl_struct_take(context, subject == NULL ? table->name : subject, table->began, to, table->size,
                          from, from_size);
}

void tl_result_give(const void *known, size_t known_size, void *to, size_t size)
{
    memcpy(to, known, size < known_size ? size : known_size);
    if (size > known_size)
        memset((char *)to + known_size, 0, size - known_size);
}

talus_status tl_result_check(talus_context *context, const char *name, size_t size, size_t began)
{
    if (size >= began && size <= MOST_BYTES)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "the size of the %s must be %zu … %d bytes, got %zu", name,
                   began, MOST_BYTES, size);
}

bool tl_option_allows(const tl_option *option, double value)
{
    switch (option->type) {
    case TALUS_OPTION_TYPE_FLAG:
        return value == 0 || value == 1;
    case TALUS_OPTION_TYPE_NAME:
        return value >= option->least && value <= option->most && value < option->names->end &&
               option->names->of((int)value) != NULL;
    default:
        return isfinite(value) && (option->least_open ? value > option->least : value >= option->least) &&
               (option->most_open ? value < option->most : value <= option->most);
    }
}

/* "one of f32, f64" */
static void names_in_range(const tl_option *option, char text[TL_RANGE_BYTES])
{
    int length = snprintf(text, TL_RANGE_BYTES, "one of");
    for (int value = 0; value < option->names->end && length < TL_RANGE_BYTES; value++)
        if (tl_option_allows(option, value))
            length += snprintf(text + length, (size_t)(TL_RANGE_BYTES - length), "%s %s",
                               length > 6 ? "," : "", option->names->of(value));
}

/* "0 … 1024", "at least 1", "a finite number above 0", "at least 0 and below 1" */
static void numbers_in_range(const tl_option *option, char text[TL_RANGE_BYTES])
{
    char least[TL_NUMBER_BYTES], most[TL_NUMBER_BYTES];
    const char *above = option->least_open ? "above" : "at least";
    const char *below = option->most_open ? "below" : "at most";
    bool has_least = isfinite(option->least), has_most = isfinite(option->most);
    bool is_double = option->type == TALUS_OPTION_TYPE_DOUBLE;
    const char *number = is_double ? "a finite number" : "an integer";
    tl_text_of_double(option->least, least);
    tl_text_of_double(option->most, most);
    if (has_least && has_most && !option->least_open && !option->most_open)
        (void)snprintf(text, TL_RANGE_BYTES, "%s … %s", least, most);
    else if (has_least && has_most)
        (void)snprintf(text, TL_RANGE_BYTES, "%s %s and %s %s", above, least, below, most);
    else if (has_least)
        (void)snprintf(text, TL_RANGE_BYTES, "%s%s %s", is_double ? "a finite number " : "", above, least);
    else
        (void)snprintf(text, TL_RANGE_BYTES, "%s", number);
}

void tl_option_range(const tl_option *option, char text[TL_RANGE_BYTES])
{
    if (option->type == TALUS_OPTION_TYPE_FLAG)
        (void)snprintf(text, TL_RANGE_BYTES, "0 or 1");
    else if (option->type == TALUS_OPTION_TYPE_NAME)
        names_in_range(option, text);
    else
        numbers_in_range(option, text);
}

talus_status tl_option_check(talus_context *context, const tl_option *option, const char *subject,
                             const void *options)
{
    if (option->type == TALUS_OPTION_TYPE_POINTER ||
        tl_option_allows(option, tl_option_number(option, options)))
        return TALUS_OK;
    char range[TL_RANGE_BYTES], got[TL_NUMBER_BYTES];
    tl_option_range(option, range);
    if (option->type == TALUS_OPTION_TYPE_DOUBLE)
        tl_text_of_double(tl_option_number(option, options), got);
    else
        (void)snprintf(got, sizeof got, "%lld", (long long)tl_option_integer(option, options));
    return tl_fail(context, option->out_of_range == TALUS_OK ? TALUS_ERROR_ARGUMENT : option->out_of_range,
                   "%s: %s must be %s%s got %s", subject, option->name, range,
                   option->type == TALUS_OPTION_TYPE_NAME ? ";" : ",", got);
}

talus_status tl_options_check(talus_context *context, const tl_options *table, const char *subject,
                              const void *options)
{
    talus_status status = TALUS_OK;
    for (int i = 0; status == TALUS_OK && i < table->count; i++)
        status = tl_option_check(context, &table->rows[i], subject == NULL ? table->name : subject, options);
    return status;
}

bool tl_is_listed(const char *const *list, const char *name)
{
    while (list != NULL && *list != NULL)
        if (strcmp(*list++, name) == 0)
            return true;
    return false;
}

const tl_option *tl_option_of(const tl_options *table, const char *name)
{
    for (const tl_option *option = table->rows; option < table->rows + table->count; option++)
        if (strcmp(option->name, name) == 0)
            return option;
    return NULL;
}

static talus_status refuse_unused(talus_context *context, const char *subject, const char *kind,
                                  const tl_option *option, const void *options)
{
    char standard[TL_NUMBER_BYTES], got[TL_NUMBER_BYTES];
    if (option->type == TALUS_OPTION_TYPE_POINTER)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s has no %s, which must be NULL", subject, kind,
                       option->name);
    tl_text_of_double(option->standard, standard);
    tl_text_of_double(tl_option_number(option, options), got);
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s has no %s, which must be left at %s, got %s",
                   subject, kind, option->name, standard, got);
}

talus_status tl_options_check_unused(talus_context *context, const tl_options *table, const char *subject,
                                     const char *kind, const char *const *of_all, const char *const *of_kind,
                                     const void *options)
{
    for (const tl_option *option = table->rows; option < table->rows + table->count; option++)
        if (!tl_is_listed(of_all, option->name) && !tl_is_listed(of_kind, option->name) &&
            tl_option_number(option, options) != option->standard)
            return refuse_unused(context, subject == NULL ? table->name : subject, kind, option, options);
    return TALUS_OK;
}
