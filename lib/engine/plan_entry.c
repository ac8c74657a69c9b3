#include "engine/plan_entry.h"

#include <stddef.h>
#include <string.h>

#include "base/call.h"
#include "base/file.h"
#include "base/processor.h"
#include "kernels/block.h"

enum { PRECISIONS = 2 }; /* TALUS_DTYPE_F32 and TALUS_DTYPE_F64 are 0 and 1 */
typedef struct entry_table {
    tl_plan_entry of[TALUS_INSTRUCTION_SET_COUNT][PRECISIONS];
} entry_table;

/* Products of our own: long inner pieces, for which a panel of inner × samples streams from the second-level cache;
 * short ones where W is read across its rows. OpenBLAS: as large as its packing wants them on cores where it packs. */
static const entry_table standard = {
    .of = {
        [TALUS_INSTRUCTION_SET_BASELINE] = {{128, 256, 512, 512, 0, 256, 256, 1 << 20, false},
                                            {128, 256, 256, 256, 0, 256, 256, 1 << 20, false}},
        [TALUS_INSTRUCTION_SET_AVX2] = {{64, 96, 256, 128, 4, 96, 128, 1 << 18, true},
                                        {32, 96, 256, 128, 4, 96, 64, 1 << 18, true}},
        [TALUS_INSTRUCTION_SET_AVX512] = {{64, 96, 512, 128, 4, 120, 128, 1 << 20, true},
                                          {32, 96, 512, 128, 4, 120, 64, 1 << 20, true}},
    }};
_Static_assert(96 % TL_BLOCK_ROWS == 0 && 120 % TL_BLOCK_ROWS == 0, "products of our own get whole blocks");

/* The table of a context, which is either standard or its own. */
static const entry_table *table_of(const talus_context *context)
{
    return context->plan_entries == NULL ? &standard : context->plan_entries;
}

tl_plan_entry tl_plan_entry_of(const talus_context *context, int precision)
{
    return table_of(context)->of[context->options.instruction_set][precision];
}

/* The sizes by name, with their ranges. */
static const struct {
    const char *name;
    size_t offset;
    int64_t least, most, step;
} sizes[] = {
    {"samples", offsetof(tl_plan_entry, samples), TL_COLUMN_STEP, TL_TILE_COLS, TL_COLUMN_STEP},
    {"features", offsetof(tl_plan_entry, features), 1, 65536, 1},
    {"inner", offsetof(tl_plan_entry, inner), TL_INNER_STEP, 65536, 1},
    {"inner_across", offsetof(tl_plan_entry, inner_across), TL_INNER_STEP, 65536, 1},
    {"pack", offsetof(tl_plan_entry, pack), 0, 65536, 1},
    {"weight_rows", offsetof(tl_plan_entry, weight_rows), 1, 4096, 1},
    {"weight_cols", offsetof(tl_plan_entry, weight_cols), TL_COLUMN_STEP, 4096, TL_COLUMN_STEP},
    {"cache", offsetof(tl_plan_entry, cache), 0, (int64_t)1 << 40, 1},
};

/* A word of the text, which is not terminated. */
typedef struct word {
    const char *start;
    int length;
} word;

static word next_word(const char **text, const char *end)
{
    while (*text < end && (**text == ' ' || **text == '\t' || **text == '\r'))
        ++*text;
    word found = {*text, 0};
    while (*text < end && **text != ' ' && **text != '\t' && **text != '\r')
        ++*text, found.length++;
    return found;
}

static bool is(word found, const char *name)
{
    return strlen(name) == (size_t)found.length && memcmp(found.start, name, (size_t)found.length) == 0;
}

/* The digits of a number up to 2⁴⁰; −1 if they are none. */
static int64_t parse_number(word digits)
{
    int64_t number = digits.length > 0 ? 0 : -1;
    for (int i = 0; i < digits.length && number >= 0; i++) {
        bool digit = digits.start[i] >= '0' && digits.start[i] <= '9';
        number = digit && number <= (int64_t)1 << 40 ? number * 10 + (digits.start[i] - '0') : -1;
    }
    return number;
}

/* Sets what "name=value" says; false if the name is unknown or the value out of its range. */
static bool apply_setting(tl_plan_entry *entry, word setting)
{
    const char *equals = memchr(setting.start, '=', (size_t)setting.length);
    if (equals == NULL)
        return false;
    word name = {setting.start, (int)(equals - setting.start)};
    word value = {equals + 1, setting.length - name.length - 1};
    if (is(name, "products") && (is(value, "own") || is(value, "blas"))) {
        entry->own_products = is(value, "own");
        return true;
    }
    int64_t number = parse_number(value);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (!is(name, sizes[i].name) || number < sizes[i].least || number > sizes[i].most ||
            number % sizes[i].step != 0)
            continue;
        memcpy((char *)entry + sizes[i].offset, &number, sizeof number);
        return true;
    }
    return false;
}

static tl_plan_entry *find_entry(entry_table *table, word instruction_set, word precision)
{
    int column = is(precision, "f32") ? TALUS_DTYPE_F32 : is(precision, "f64") ? TALUS_DTYPE_F64 : -1;
    for (int row = TALUS_INSTRUCTION_SET_BASELINE; column >= 0 && row < TALUS_INSTRUCTION_SET_COUNT; row++) {
        if (is(instruction_set, tl_instruction_set_name(row)))
            return &table->of[row][column];
    }
    return NULL;
}

static talus_status read_line(talus_context *context, entry_table *table, const char *line, const char *end,
                              int number)
{
    if (memchr(line, '\0', (size_t)(end - line)) != NULL)
        return tl_fail(context, TALUS_ERROR_FORMAT, "plan, line %d: it must be text, got a byte 0", number);
    word first = next_word(&line, end);
    if (first.length == 0 || first.start[0] == '#')
        return TALUS_OK;
    word second = next_word(&line, end);
    tl_plan_entry *entry = find_entry(table, first, second);
    if (entry == NULL)
        return tl_fail(
            context, TALUS_ERROR_FORMAT,
            "plan, line %d: it must start with an instruction set (baseline, avx2, avx512) and a precision "
            "(f32, f64), got \"%.*s %.*s\"",
            number, first.length < 40 ? first.length : 40, first.start,
            second.length < 40 ? second.length : 40, second.start);
    for (word setting = next_word(&line, end); setting.length > 0; setting = next_word(&line, end)) {
        if (!apply_setting(entry, setting))
            return tl_fail(
                context, TALUS_ERROR_FORMAT,
                "plan, line %d: a setting must be a known size with a value in its range, got \"%.*s\"",
                number, setting.length < 80 ? setting.length : 80, setting.start);
    }
    return TALUS_OK;
}

static talus_status read_entries(talus_context *context, entry_table *table, const char *text, size_t length)
{
    const char *end = text + length;
    talus_status status = TALUS_OK;
    for (int number = 1; status == TALUS_OK && text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *line_end = newline == NULL ? end : newline;
        status = read_line(context, table, text, line_end, number);
        text = newline == NULL ? end : newline + 1;
    }
    return status;
}

static talus_status set_entries(talus_context *context, const char *text, size_t length)
{
    entry_table *table = tl_allocate(context, sizeof *table);
    if (table == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "plan: the allocator returned no memory for its entries");
    *table = *table_of(context);
    talus_status status = read_entries(context, table, text, length);
    if (status != TALUS_OK) {
        tl_release(context, table);
        return status;
    }
    void *before = context->plan_entries;
    context->plan_entries = table;
    tl_release(context, before);
    return TALUS_OK;
}

static talus_status set_plan(talus_context *context, const char *entries)
{
    if (entries == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "plan: entries must not be NULL");
    return set_entries(context, entries, strlen(entries));
}

talus_status talus_context_set_plan(talus_context *context, const char *entries)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, set_plan(context, entries)) : status;
}

static const int64_t MOST_BYTES = (int64_t)1 << 20;

/* Reads the content of an open file and gives it to the context. */
static talus_status load_entries(talus_context *context, tl_file *file)
{
    int64_t got, most = tl_file_most(file);
    int64_t room = most <= MOST_BYTES ? most : MOST_BYTES + 1;
    char *text = tl_allocate(context, (size_t)room);
    if (text == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "plan: the allocator returned no memory for %s",
                       file->name);
    talus_status status = tl_file_read(file, text, room, &got);
    if (status == TALUS_OK && got > MOST_BYTES)
        status = tl_fail(context, TALUS_ERROR_FORMAT, "plan: %s must be at most 1 MB large, got more",
                         file->name);
    if (status == TALUS_OK)
        status = set_entries(context, text, (size_t)got);
    tl_release(context, text);
    return status;
}

static talus_status load_plan(talus_context *context, const char *path)
{
    tl_file file;
    if (path == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "plan: path must not be NULL");
    talus_status status = tl_file_open(context, path, &file);
    if (status != TALUS_OK)
        return status;
    status = load_entries(context, &file);
    tl_file_close(&file);
    return status;
}

talus_status talus_context_load_plan(talus_context *context, const char *path)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, load_plan(context, path)) : status;
}
