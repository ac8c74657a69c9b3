/* Tables that are broken or come from anywhere, columns as JSON, and what the system refuses. */
#include <errno.h>
#include <unistd.h>

#include "table_support.h"

/* The file is another one from the call number `swap_at` on (1: the next). */
static int swap_at;
static const char *swapped;

/* Reading: with `bytes_a_read` > 0, a call gives at most so many; after `reads_left` calls the disk fails. */
static int bytes_a_read, reads_left = -1;

ssize_t __real_read(int descriptor, void *bytes, size_t count);
ssize_t __wrap_read(int descriptor, void *bytes, size_t count);
ssize_t __wrap_read(int descriptor, void *bytes, size_t count)
{
    if (reads_left == 0) {
        errno = EIO;
        return -1;
    }
    reads_left -= reads_left > 0;
    if (swap_at > 0 && --swap_at == 0)
        write_bytes(swapped, strlen(swapped));
    bool short_read = bytes_a_read > 0 && count > (size_t)bytes_a_read;
    return __real_read(descriptor, bytes, short_read ? (size_t)bytes_a_read : count);
}

#define TABLE                                                                                                \
    "\xEF\xBB\xBF"                                                                                           \
    "id;width;\"the; colour\";w;kind\r\n"                                                                    \
    "1;2.5;\"red\";1;a\r\n\n2;-1e-3;\"blue \"\"ish\"\"\";0.5;b\r\n3;NA;red;2;a\n4;7;?;1;b"

static void set_options(void)
{
    options.targets = "kind", options.weights = "w", options.ignore = "id";
    options.missing = TALUS_MISSING_MEAN;
}

static talus_status read_first(void)
{
    return talus_dataset_read_table(context, path, &options, &data, &columns);
}

static talus_status read_further(void)
{
    talus_table_options as;
    talus_table_options_defaults(&as);
    as.missing = options.missing;
    talus_dataset_destroy(data);
    data = NULL;
    return talus_dataset_read_table_as(context, path, columns, &as, &data);
}

START_TEST(every_failing_allocation_is_survived)
{
    set_options();
    write_bytes(TABLE, strlen(TABLE));
    for (int n = 1;; n++) {
        refuse_from_now(&book, n);
        talus_status status = read_first();
        book.fail_at = 0;
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 20);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        expect_message(context, "no memory");
        ck_assert(data == NULL && columns == NULL);
        nothing_is_left();
    }
    for (int n = 1;; n++) {
        const int64_t alive = book.alive - (data != NULL);
        refuse_from_now(&book, n);
        talus_status status = read_further();
        book.fail_at = 0;
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 8);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_ptr_null(data);
        ck_assert_int_le(book.alive, alive);
    }
}
END_TEST

/* A table that is read twice, since text comes late in a column, and classes that are numbers. */
static char *large_table(size_t *length)
{
    char *text = malloc(1 << 20), *at = text;
    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < 3000; i++)
        at += sprintf(at, "%d.25,%s,%d\n", i, i == 2000 ? "text" : "1", i % 3);
    *length = (size_t)(at - text);
    return text;
}

START_TEST(every_failing_read_is_named)
{
    size_t length;
    char *text = large_table(&length);
    talus_status status = TALUS_ERROR_FILE;
    options.targets = "3";
    write_bytes(text, length);
    bytes_a_read = 5000;
    int before = 0;
    for (; status != TALUS_OK && before < 1000; before++) {
        reads_left = before;
        status = read_first();
        if (status == TALUS_OK)
            continue;
        ck_assert_int_eq(status, TALUS_ERROR_FILE);
        ck_assert(data == NULL && columns == NULL);
        expect_message(context, "data.csv\" cannot be read: Input/output error");
        nothing_is_left();
    }
    bytes_a_read = 0, reads_left = -1;
    ck_assert_int_eq(status, TALUS_OK);
    ck_assert_int_gt(before, 2 * (int)length / 5000); /* it was read twice */
    ck_assert_int_eq(talus_columns_classes(columns), 3);
    ck_assert_int_eq(talus_columns_inputs(columns), 3);
    for (int n = 1;; n++) {
        nothing_is_left();
        refuse_from_now(&book, n);
        status = read_first();
        book.fail_at = 0;
        if (status == TALUS_OK)
            break;
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
    }
    free(text);
}
END_TEST

/* The same rows, until another column holds text too. */
START_TEST(a_file_that_changes_is_noticed)
{
    size_t length;
    char *text = large_table(&length), *other;
    bool noticed = false;
    text[length] = '\0';
    other = strdup(text);
    memcpy(strstr(other, "2990.25"), "2990?25", 7);
    swapped = other;
    bytes_a_read = 5000;
    for (int at = 1; at < 40 && !noticed; at++) {
        write_bytes(text, length);
        swap_at = at;
        if (read_first() != TALUS_OK)
            noticed = strstr(talus_error_message(context), "data.csv\" was changed while it was read") !=
                      NULL;
        nothing_is_left();
    }
    bytes_a_read = 0, swap_at = 0;
    ck_assert(noticed);
    free(text), free(other);
}
END_TEST

START_TEST(a_line_may_end_where_the_buffer_does)
{
    enum { ROWS = 70000 };
    char *text = malloc(16 * ROWS + 2);
    ck_assert_ptr_nonnull(text);
    for (int end = 0; end < 2; end++) { /* between CR and LF, and behind both */
        char *at = text;
        for (int i = 0; i < ROWS; i++)
            at += sprintf(at, "%s,123456\r\n", i == 0 && end == 0 ? "12345678" : "1234567");
        reads(text);
        ck_assert_int_eq(talus_dataset_samples(data), ROWS);
        nothing_is_left();
    }
    free(text);
}
END_TEST

/* Whatever a file holds: an error with a message, or a data set that can be used, and nothing is lost. */
static bool survives(const char *text, size_t length)
{
    talus_matrix x, y;
    write_bytes(text, length);
    book.largest = 0;
    talus_status status = read_first();
    ck_assert((status == TALUS_OK) == (data != NULL) && (data != NULL) == (columns != NULL));
    ck_assert_uint_le(book.largest, 100 * length + (1 << 20) + 4096);
    if (status == TALUS_OK) {
        ck_assert_int_eq(talus_dataset_matrices(data, &x, &y), TALUS_OK);
        talus_dataset *again = NULL;
        expect_ok(context, talus_dataset_from_matrices(context, &x, y.data == NULL ? NULL : &y, &again));
        ck_assert_int_eq(x.cols, talus_columns_inputs(columns));
        talus_dataset_destroy(again);
        expect_ok(context, read_further());
    } else if (status != TALUS_ERROR_ARGUMENT) { /* the options name no column */
        ck_assert(status == TALUS_ERROR_FORMAT || status == TALUS_ERROR_DATA);
        expect_message(context, "data.csv\"");
    }
    nothing_is_left();
    return status == TALUS_OK;
}

START_TEST(every_truncation_and_every_flipped_bit_is_survived)
{
    char text[] = TABLE;
    const size_t length = strlen(text);
    int valid = 0;
    set_options();
    ck_assert(survives(text, length));
    for (size_t count = 0; count < length; count++)
        valid += survives(text, count);
    for (size_t i = 0; i < 8 * length; i++) {
        text[i / 8] ^= (char)(1 << i % 8);
        valid += survives(text, length);
        text[i / 8] ^= (char)(1 << i % 8);
    }
    ck_assert_int_gt(valid, 100);         /* others are text for text */
    for (size_t i = 0; i < length; i++) { /* a 0, and half a character */
        const char kept = text[i];
        text[i] = '\0';
        (void)survives(text, length);
        text[i] = '\xC3';
        (void)survives(text, length);
        text[i] = kept;
    }
}
END_TEST

START_TEST(text_must_be_utf_8)
{
    options.targets = "2";
    refuses("1,\xC3\xA9\n2,\xE9\n", TALUS_ERROR_DATA, "line 2, column 2: text must be UTF-8");
    write_bytes("1,a\n2,b\0c\n", 10);
    expect_status(context, TALUS_ERROR_DATA, read_first());
    expect_message(context, "line 2, column 2: text must be UTF-8");
    options.targets = NULL;
    reads("a,b\n1,2\n");
    write_bytes("a,b\0\n1,2\n", 9);
    expect_status(context, TALUS_ERROR_FORMAT, read_further());
    expect_message(context, "line 1, column 2: the name of a column must be UTF-8");
    refuses("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xC3\xA9\xC3\xA9,b\ninf,1\n", TALUS_ERROR_DATA,
            "column 1 (\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\"): must be a finite number");
    char text[200] = "1,1,", message[] = "must be a number, got \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\"";
    memset(text + 4, 'x', 39); /* a message cuts no character in two */
    memcpy(text + 43, "\xC3\xA9\xC3\xA9\n", 6);
    options.targets = "3,2";
    refuses(text, TALUS_ERROR_DATA, message);
}
END_TEST

START_TEST(rows_and_columns_have_limits)
{
    const size_t most = (16 << 20) + 100;
    char *text = malloc(most + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, '1', most);
    text[most] = '\0';
    refuses(text, TALUS_ERROR_FORMAT, "data.csv\": line 1: a row must have less than 16777216 bytes");
    memset(text, ',', 70000);
    text[70000] = '\0';
    refuses(text, TALUS_ERROR_FORMAT, "line 1, column 65537: there must be at most 65536 columns");
    text[65535] = '\n', text[65536] = '\0';
    options.missing = TALUS_MISSING_DROP;
    refuses(text, TALUS_ERROR_FORMAT, "must have at least one row of values");
    memset(text, '"', 1 << 21); /* one field of quotes, longer than what is read at once */
    memcpy(text + (1 << 21), "\n1,2\n", 6);
    options.header = TALUS_HEADER_YES;
    refuses(text, TALUS_ERROR_FORMAT, "line 2 must have 1 fields, as the first one has, got 2");
    talus_status status = TALUS_ERROR_MEMORY;
    for (int n = 1; status == TALUS_ERROR_MEMORY; n++) { /* the buffer that grows, too */
        refuse_from_now(&book, n);
        status = read_first();
        book.fail_at = 0;
        nothing_is_left();
    }
    ck_assert_int_eq(status, TALUS_ERROR_FORMAT);
    free(text);
}
END_TEST

/* Random tables against loops that know only what is written here. */
START_TEST(random_tables_are_what_was_written)
{
    number_stream numbers = numbers_from(3);
    enum { ROWS = 400, COLS = 6 };
    static const char *const ends[] = {"\n", "\r\n", "\n\n", " \n"};
    for (int round = 0; round < 20; round++) {
        double values[ROWS * COLS];
        char *text = malloc(ROWS * COLS * 32), *at = text;
        ck_assert_ptr_nonnull(text);
        for (int i = 0; i < ROWS * COLS; i++) {
            values[i] = ldexp(next_number(&numbers), (int)(40 * next_number(&numbers)));
            bool quoted = next_number(&numbers) > 0.8, spaced = next_number(&numbers) > 0.8;
            at += sprintf(at, "%s%s%.17g%s%s", spaced ? " " : "", quoted ? "\"" : "", values[i],
                          quoted ? "\"" : "", spaced ? " " : "");
            at += sprintf(at, "%s",
                          i % COLS == COLS - 1 ? ends[(int)(4 * fabs(next_number(&numbers)))] : ";");
        }
        bytes_a_read = 1 + (int)(300 * fabs(next_number(&numbers)));
        reads(text);
        bytes_a_read = 0;
        has_inputs(ROWS, COLS, values);
        free(text);
    }
}
END_TEST

/* Columns as JSON ------------------------------------------------------------------------------------------- */

static char *json_of(const talus_columns *of)
{
    size_t length;
    expect_ok(context, talus_columns_to_json(of, NULL, 0, &length));
    char *text = malloc(length + 1);
    ck_assert_ptr_nonnull(text);
    expect_ok(context, talus_columns_to_json(of, text, length + 1, NULL));
    ck_assert_uint_eq(strlen(text), length);
    return text;
}

START_TEST(columns_go_round_as_json)
{
    set_options();
    write_bytes(TABLE, strlen(TABLE));
    expect_ok(context, read_first());
    char *text = json_of(columns);
    talus_columns *again = NULL;
    expect_ok(context, talus_columns_from_json(context, text, strlen(text), &again));
    char *same = json_of(again);
    ck_assert_str_eq(text, same);
    ck_assert_str_eq(talus_columns_reason(again), talus_columns_reason(columns));
    ck_assert_int_eq(talus_columns_inputs(again), talus_columns_inputs(columns));
    ck_assert_str_eq(talus_columns_category(again, 2, 0), "blue \"ish\"");
    ck_assert_double_eq(talus_columns_share(again, 2, 0), 1.0 / 3);
    ck_assert_str_eq(talus_columns_class(again, 1), "b");
    talus_columns_destroy(columns);
    columns = again;
    expect_ok(context, read_further());
    char piece[8];
    expect_ok(context, talus_columns_to_json(columns, piece, sizeof piece, NULL));
    ck_assert_str_eq(piece, "{\"heade");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_columns_to_json(columns, NULL, 1, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_columns_from_json(context, NULL, 1, &again));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_columns_from_json(context, text, 1, NULL));
    ck_assert_int_eq(talus_columns_to_json(NULL, NULL, 0, NULL), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_columns_from_json(NULL, text, 1, &again), TALUS_ERROR_ARGUMENT);
    for (int n = 1;; n++) {
        const int64_t alive = book.alive;
        again = NULL;
        refuse_from_now(&book, n);
        talus_status status = talus_columns_from_json(context, text, strlen(text), &again);
        book.fail_at = 0;
        if (status == TALUS_OK)
            break;
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_int_eq(book.alive, alive);
    }
    talus_columns_destroy(again);
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_columns_to_json(columns, NULL, 0, NULL));
    book.fail_at = 0;
    free(text), free(same);
}
END_TEST

#define COLUMN(members) "{\"header\":true,\"task\":\"auto\",\"reason\":\"\",\"columns\":[{" members "}]}"
#define INPUT           "\"name\":\"x\",\"role\":\"input\",\"kind\":\"number\",\"mean\":1"
#define CATEGORIES(all, shares)                                                                              \
    "\"name\":\"x\",\"role\":\"input\",\"kind\":\"category\",\"categories\":" all ",\"shares\":" shares

static talus_status parse(const char *text, size_t length)
{
    talus_columns *made = NULL;
    const int64_t alive = book.alive;
    talus_status status = talus_columns_from_json(context, text, length, &made);
    ck_assert((status == TALUS_OK) == (made != NULL));
    ck_assert(status == TALUS_OK || status == TALUS_ERROR_FORMAT);
    talus_columns_destroy(made);
    ck_assert_int_eq(book.alive, alive);
    return status;
}

START_TEST(wrong_json_is_refused)
{
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "'{' must come here"},
        {"[]", "'{' must come here"},
        {"{}", "\"header\" must be a member of columns"},
        {COLUMN(INPUT) " x", "the end must come here"},
        {COLUMN(INPUT ",\"more\":1"), "\"more\" must not be here"},
        {COLUMN(INPUT ",\"mean\":1"), "\"mean\" must come once"},
        {COLUMN("\"role\":\"input\",\"kind\":\"number\",\"mean\":1"),
         "\"name\" must be a member of this column"},
        {COLUMN("\"name\":\"x\",\"role\":\"input\",\"kind\":\"number\""), "\"mean\" must be a member"},
        {COLUMN(INPUT ",\"numbers\":true"), "\"numbers\" must be no member of this column"},
        {COLUMN("\"name\":\"x\",\"role\":\"king\",\"kind\":\"number\",\"mean\":1"),
         "\"king\" is no value that can come here"},
        {COLUMN("\"name\":1,\"role\":\"input\",\"kind\":\"number\",\"mean\":1"), "a string must come here"},
        {COLUMN("\"name\":\"x\",\"role\":\"input\",\"kind\":\"number\",\"mean\":1e999"),
         "a number of -1.79769e+308"},
        {COLUMN("\"name\":\"x\",\"role\":\"weight\",\"kind\":\"category\",\"categories\":[\"a\"]"),
         "only inputs and targets can hold categories"},
        {COLUMN("\"name\":\"x\",\"role\":\"weight\",\"kind\":\"number\""), "must have an input"},
        {COLUMN(CATEGORIES("[]", "[]")), "a column of categories must have one"},
        {COLUMN(CATEGORIES("[\"a\",\"a\"]", "[0,1]")), "the category \"a\" must come once"},
        {COLUMN(CATEGORIES("[\"a\",\"b\"]", "[1]")), "shares must be as many as categories"},
        {COLUMN(CATEGORIES("[\"a\"]", "[1,0]")), "shares must be as many as categories"},
        {COLUMN(CATEGORIES("[\"a\"]", "[-1]")), "a number of 0 … 1"},
        {COLUMN(CATEGORIES("[1]", "[1]")), "a string must come here"},
        {COLUMN(INPUT "},{" INPUT), "the name \"x\" must come once"},
        {COLUMN(INPUT "},{\"name\":\"y\",\"role\":\"target\",\"kind\":\"number\""),
         "the task of these columns must be regression"},
        {COLUMN(INPUT "},{\"name\":\"y\",\"role\":\"target\",\"kind\":\"category\",\"categories\":[\"a\"],"
                      "\"numbers\":false"),
         "the task of these columns must be classification"},
        {COLUMN(INPUT "},{\"name\":\"y\",\"role\":\"target\",\"kind\":\"category\",\"categories\":[\"a\"],"
                      "\"numbers\":0"),
         "true or false must come here"},
        {"{\"header\":false,\"task\":\"auto\",\"reason\":\"\",\"columns\":[{" INPUT "}]}",
         "columns of a table without a header must have no names"},
        {"{\"header\":true,\"task\":\"auto\",\"reason\":\"\",\"columns\":[]}",
         "there must be 1 … 65536 columns"},
        {"{\"header\":true,\"task\":\"auto\",\"reason\":\"\",\"columns\":{}}", "'[' must come here"},
        {"{\"header\":1,\"task\":\"auto\",\"reason\":\"\",\"columns\":[{" INPUT "}]}", "true or false"},
        {"{\"header\":true,\"task\":1,\"reason\":\"\",\"columns\":[{" INPUT "}]}", "a string"},
        {"{\"header\":true,\"task\":\"auto\",\"reason\":1,\"columns\":[{" INPUT "}]}", "a string"},
        {"{\"header\":true,\"task\":\"auto\",\"reason\":\"\",\"columns\":[1]}", "'{' must come here"},
    };
    ck_assert_int_eq(parse(COLUMN(INPUT), strlen(COLUMN(INPUT))), TALUS_OK);
    ck_assert_int_eq(parse(COLUMN(CATEGORIES("[\"a\",\"b\"]", "[0.5,0.5]")),
                           strlen(COLUMN(CATEGORIES("[\"a\",\"b\"]", "[0.5,0.5]")))),
                     TALUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_status(context, TALUS_ERROR_FORMAT, parse(wrong[i].text, strlen(wrong[i].text)));
        expect_message(context, wrong[i].message);
        expect_message(context, "columns: byte ");
    }
}
END_TEST

START_TEST(broken_json_is_survived)
{
    set_options();
    write_bytes(TABLE, strlen(TABLE));
    expect_ok(context, read_first());
    char *text = json_of(columns);
    const size_t length = strlen(text);
    for (size_t count = 0; count < length; count++)
        ck_assert_int_eq(parse(text, count), TALUS_ERROR_FORMAT);
    for (size_t i = 0; i < 8 * length; i++) {
        text[i / 8] ^= (char)(1 << i % 8);
        (void)parse(text, length);
        text[i / 8] ^= (char)(1 << i % 8);
    }
    ck_assert_int_eq(parse(text, length), TALUS_OK);
    free(text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_failing_allocation_is_survived,
                                  every_failing_read_is_named,
                                  a_file_that_changes_is_noticed,
                                  a_line_may_end_where_the_buffer_does,
                                  every_truncation_and_every_flipped_bit_is_survived,
                                  text_must_be_utf_8,
                                  rows_and_columns_have_limits,
                                  random_tables_are_what_was_written,
                                  columns_go_round_as_json,
                                  wrong_json_is_refused,
                                  broken_json_is_survived};
    return run_table_tests("table_hostile", tests, sizeof tests / sizeof *tests);
}
