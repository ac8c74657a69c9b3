/* Tables by the Arrow C data interface: what they give, and that they are released. */
#include "fixture.h"

enum { MOST_COLUMNS = 12, ROWS = 5 };

/* A table as a producer has it. */
typedef struct table {
    struct ArrowSchema schema, columns[MOST_COLUMNS];
    struct ArrowArray array, arrays[MOST_COLUMNS];
    struct ArrowSchema *schema_children[MOST_COLUMNS];
    struct ArrowArray *array_children[MOST_COLUMNS];
    const void *buffers[1], *column_buffers[MOST_COLUMNS][2];
    int released; /* schemas and arrays that were */
} table;

static void release_schema(struct ArrowSchema *schema)
{
    ((table *)schema->private_data)->released++;
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
    ((table *)array->private_data)->released++;
    array->release = NULL;
}

static void begin_table(table *t, int64_t rows)
{
    *t = (table){.released = 0};
    t->schema = (struct ArrowSchema){
        .format = "+s", .children = t->schema_children, .release = release_schema, .private_data = t};
    t->array = (struct ArrowArray){.length = rows,
                                   .n_buffers = 1,
                                   .buffers = t->buffers,
                                   .children = t->array_children,
                                   .release = release_array,
                                   .private_data = t};
}

static void add_column(table *t, const char *name, const char *format, const void *numbers)
{
    int64_t j = t->schema.n_children++;
    t->array.n_children++;
    t->schema_children[j] = &t->columns[j], t->array_children[j] = &t->arrays[j];
    t->columns[j] = (struct ArrowSchema){.format = format, .name = name};
    t->column_buffers[j][1] = numbers;
    t->arrays[j] = (struct ArrowArray){
        .length = t->array.length, .null_count = -1, .n_buffers = 2, .buffers = t->column_buffers[j]};
}

static const float floats[] = {1, 2, 3, 4, 5};
static const double doubles[] = {0.1, 0.2, 0.3, 0.4, 0.5};
static const int32_t integers[] = {2, 0, 1, 1, 7};

/* Columns a (f32), b (f64), c (i32). */
static void make_table(table *t)
{
    begin_table(t, ROWS);
    add_column(t, "a", "f", floats);
    add_column(t, "b", "g", doubles);
    add_column(t, "c", "i", integers);
}

static const char *const target_c[] = {"c"};

static talus_dataset *takes(table *t, const char *const *targets, int64_t count, int missing, talus_matrix *x,
                            talus_matrix *y)
{
    talus_dataset *dataset = NULL;
    expect_ok(context,
              talus_dataset_from_arrow(context, &t->schema, &t->array, targets, count, missing, &dataset));
    ck_assert(t->released == 2 && t->schema.release == NULL && t->array.release == NULL);
    expect_ok(context, talus_dataset_matrices(dataset, x, y));
    return dataset;
}

START_TEST(columns_become_samples)
{
    table t;
    talus_matrix x, y;
    make_table(&t);
    talus_dataset *dataset = takes(&t, target_c, 1, 0, &x, &y);
    ck_assert(x.dtype == TALUS_DTYPE_F64 && x.rows == ROWS && x.cols == 2 && y.dtype == TALUS_DTYPE_I32);
    for (int i = 0; i < ROWS; i++) {
        ck_assert_double_eq(((double *)x.data)[2 * i], (double)floats[i]);
        ck_assert_double_eq(((double *)x.data)[2 * i + 1], doubles[i]);
        ck_assert_int_eq(((int32_t *)y.data)[i], integers[i]);
    }
    talus_dataset_destroy(dataset);

    static const char *const targets[] = {"c", "b"}; /* in this order; integers among several are values */
    make_table(&t);
    dataset = takes(&t, targets, 2, 0, &x, &y);
    ck_assert(x.dtype == TALUS_DTYPE_F32 && x.cols == 1 && y.dtype == TALUS_DTYPE_F64 && y.cols == 2);
    same_bytes(x.data, floats, sizeof floats);
    for (int i = 0; i < ROWS; i++) {
        ck_assert_double_eq(((double *)y.data)[2 * i], integers[i]);
        ck_assert_double_eq(((double *)y.data)[2 * i + 1], doubles[i]);
    }
    talus_dataset_destroy(dataset);

    make_table(&t);
    t.columns[0].name = NULL;
    dataset = takes(&t, NULL, 0, 0, &x, &y);
    ck_assert(x.cols == 3 && y.data == NULL);
    talus_dataset_destroy(dataset);
}
END_TEST

/* Numbers 0, 1, 100 of every type. */
START_TEST(every_type)
{
    static const int8_t i1[] = {0, 1, 100};
    static const uint8_t u1[] = {0, 1, 100};
    static const int16_t i2[] = {0, 1, 100};
    static const uint16_t u2[] = {0, 1, 100}, f2[] = {0x0000, 0x3C00, 0x5640};
    static const int32_t i4[] = {0, 1, 100};
    static const uint32_t u4[] = {0, 1, 100};
    static const int64_t i8[] = {0, 1, 100};
    static const uint64_t u8[] = {0, 1, 100};
    static const float f4[] = {0, 1, 100};
    static const double f8[] = {0, 1, 100};
    static const struct {
        const char *format;
        const void *numbers;
        bool narrow;
    } types[] = {{"c", i1, true},  {"C", u1, true},  {"s", i2, true},  {"S", u2, true},
                 {"e", f2, true},  {"f", f4, true},  {"i", i4, false}, {"I", u4, false},
                 {"l", i8, false}, {"L", u8, false}, {"g", f8, false}};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        table t;
        talus_matrix x, y;
        begin_table(&t, 3);
        add_column(&t, "c", types[k].format, types[k].numbers);
        add_column(&t, "x", types[k].format, types[k].numbers);
        talus_dataset *dataset = takes(&t, target_c, 1, 0, &x, &y);
        bool counts = strchr("efg", types[k].format[0]) == NULL;
        ck_assert_int_eq(x.dtype, types[k].narrow ? TALUS_DTYPE_F32 : TALUS_DTYPE_F64);
        ck_assert_int_eq(y.dtype, counts ? TALUS_DTYPE_I32 : x.dtype);
        for (int i = 0; i < 3; i++) {
            double number = x.dtype == TALUS_DTYPE_F32 ? (double)((float *)x.data)[i] : ((double *)x.data)[i];
            ck_assert_double_eq(number, i4[i]);
            if (counts)
                ck_assert_int_eq(((int32_t *)y.data)[i], i4[i]);
        }
        talus_dataset_destroy(dataset);
    }
}
END_TEST

/* Offsets of the table and of a column add up, for numbers and for the bits of what is there. */
START_TEST(offsets)
{
    table t;
    talus_matrix x, y;
    double numbers[20];
    unsigned char valid[3] = {0};
    for (int i = 0; i < 20; i++)
        numbers[i] = i;
    for (int i = 9; i < 12; i++)
        valid[i / 8] |= (unsigned char)(1 << i % 8);
    begin_table(&t, 3);
    t.array.offset = 2;
    add_column(&t, "a", "g", numbers);
    t.column_buffers[0][0] = valid;
    t.arrays[0].offset = 7, t.arrays[0].length = 5, t.arrays[0].null_count = 2;
    talus_dataset *dataset = takes(&t, NULL, 0, 0, &x, &y);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(((double *)x.data)[i], 9 + i);
    talus_dataset_destroy(dataset);
}
END_TEST

START_TEST(missing_targets)
{
    static const unsigned char but_row_1[] = {0x1D}, but_row_3[] = {0x17};
    static const char *const target_b[] = {"b"};
    for (int whole = 0; whole < 2; whole++) { /* the value is missing, or the row of targets alone */
        table t;
        talus_matrix x, y;
        begin_table(&t, ROWS);
        if (whole == 0)
            add_column(&t, "a", "f", floats);
        add_column(&t, "b", "g", doubles);
        if (whole == 1)
            add_column(&t, "a", "f", floats);
        t.column_buffers[whole == 0][0] = but_row_1;
        talus_dataset *dataset = takes(&t, target_b, 1, 1, &x, &y);
        for (int i = 0; i < ROWS; i++)
            ck_assert(i == 1 ? isnan(((double *)y.data)[i]) : ((double *)y.data)[i] == doubles[i]);
        talus_dataset_destroy(dataset);
    }
    table t;
    talus_matrix x, y;
    make_table(&t); /* bits that a count of 0 makes meaningless */
    t.column_buffers[0][0] = but_row_3, t.arrays[0].null_count = 0;
    t.buffers[0] = but_row_1;
    talus_dataset_destroy(takes(&t, target_c, 1, 0, &x, &y));
}
END_TEST

static void refuses(table *t, const char *const *targets, int64_t count, int missing, talus_status status,
                    const char *text)
{
    talus_dataset *dataset = NULL;
    expect_status(
        context, status,
        talus_dataset_from_arrow(context, &t->schema, &t->array, targets, count, missing, &dataset));
    ck_assert_ptr_null(dataset);
    expect_message(context, text);
    ck_assert(t->schema.release == NULL && t->array.release == NULL);
    no_memory_is_left();
}

START_TEST(values_must_be_usable)
{
    static const unsigned char but_row_3[] = {0x17};
    static const double infinite[] = {0, 0, INFINITY, 0, 0}, absent[] = {0, NAN, 0, 0, 0};
    static const int32_t negative[] = {0, 0, 0, 0, -1};
    static const uint64_t large[] = {0, 0x80000000, 0, 0, 0};
    table t;
    make_table(&t), t.column_buffers[0][0] = but_row_3;
    refuses(&t, target_c, 1, 1, TALUS_ERROR_DATA,
            "arrow: column \"a\", row 3 (counted from 0) must be a finite number, got a missing value");
    make_table(&t), t.buffers[0] = but_row_3, t.array.null_count = 1;
    refuses(&t, target_c, 1, 0, TALUS_ERROR_DATA, "column \"a\", row 3");
    make_table(&t), t.column_buffers[2][0] = but_row_3;
    refuses(&t, target_c, 1, 1, TALUS_ERROR_DATA,
            "column \"c\", row 3 (counted from 0) must be a label of 0 … 2147483647, got a missing value");
    make_table(&t), t.column_buffers[1][1] = infinite;
    refuses(&t, target_c, 1, 0, TALUS_ERROR_DATA,
            "column \"b\", row 2 (counted from 0) must be a finite number, got inf");
    static const char *const target_b[] = {"b"};
    make_table(&t), t.column_buffers[1][1] = absent;
    refuses(&t, target_b, 1, 0, TALUS_ERROR_DATA,
            "column \"b\", row 1 (counted from 0) must be a finite number, got nan");
    make_table(&t), t.column_buffers[2][1] = negative;
    refuses(&t, target_c, 1, 0, TALUS_ERROR_DATA,
            "column \"c\", row 4 (counted from 0) must be a label of 0 … 2147483647, got -1");
    make_table(&t), t.column_buffers[2][1] = large, t.columns[2].format = "L";
    refuses(&t, target_c, 1, 0, TALUS_ERROR_DATA,
            "row 1 (counted from 0) must be a label of 0 … 2147483647, got 2.14748e+09");
}
END_TEST

START_TEST(tables_must_be_right)
{
    table t;
    make_table(&t), t.schema.format = "g";
    refuses(&t, NULL, 0, 0, TALUS_ERROR_UNSUPPORTED, "must be one of structs (format +s), got \"g\"");
    make_table(&t), t.schema.format = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_UNSUPPORTED, "got \"NULL\"");
    make_table(&t), t.array.n_children = 2;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "schema and array must have equally many columns");
    make_table(&t), t.array.n_children = t.schema.n_children = -1;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "equally many columns");
    make_table(&t), t.array.children = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "the columns must not be NULL");
    make_table(&t), t.schema.children = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "the columns must not be NULL");
    make_table(&t), t.array.n_buffers = 2;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "an array of structs must have 1 buffer");
    make_table(&t), t.array.buffers = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "an array of structs must have 1 buffer");
    begin_table(&t, 0), add_column(&t, "a", "f", floats);
    refuses(&t, NULL, 0, 0, TALUS_ERROR_SHAPE, "must have at least 1 row, got 0");
    begin_table(&t, 1);
    refuses(&t, NULL, 0, 0, TALUS_ERROR_SHAPE, "no column is left for the inputs");
    begin_table(&t, 1), add_column(&t, "c", "i", integers);
    refuses(&t, target_c, 1, 0, TALUS_ERROR_SHAPE, "no column is left for the inputs");
}
END_TEST

START_TEST(columns_must_be_right)
{
    static const char *const formats[] = {"u", "b", "tdD", "", "fg"};
    table t;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        make_table(&t), t.columns[1].format = formats[i];
        refuses(&t, NULL, 0, 0, TALUS_ERROR_UNSUPPORTED,
                "arrow: column \"b\" must hold numbers (format c, C,");
    }
    make_table(&t), t.columns[2].dictionary = &t.columns[0];
    refuses(&t, NULL, 0, 0, TALUS_ERROR_UNSUPPORTED, "got \"i\" in a dictionary");
    make_table(&t), t.columns[1].format = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "a column must not be NULL");
    make_table(&t), t.schema_children[1] = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "a column must not be NULL");
    make_table(&t), t.array_children[1] = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "a column must not be NULL");
    make_table(&t), t.arrays[1].n_buffers = 1;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "must have 2 buffers and no children");
    make_table(&t), t.arrays[1].buffers = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "must have 2 buffers and no children");
    make_table(&t), t.arrays[1].n_children = 1;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "must have 2 buffers and no children");
    make_table(&t), t.arrays[1].length = ROWS - 1;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "a column must have as many rows as the table");
    make_table(&t), t.arrays[1].offset = -1;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "a column must have as many rows as the table");
    make_table(&t), t.array.offset = INT64_MAX;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "a column must have as many rows as the table");
    make_table(&t), t.column_buffers[1][1] = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_FORMAT, "the numbers of a column must not be NULL");
}
END_TEST

START_TEST(arguments)
{
    static const char *const nobody[] = {"d"}, *const twice[] = {"c", "c"}, *const null[] = {NULL};
    table t;
    talus_dataset *dataset = NULL;
    make_table(&t);
    ck_assert_int_eq(talus_dataset_from_arrow(NULL, &t.schema, &t.array, NULL, 0, 0, &dataset),
                     TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(t.released, 0);
    refuses(&t, nobody, 1, 0, TALUS_ERROR_ARGUMENT, "each name one column, once; \"d\" names 0");
    make_table(&t);
    refuses(&t, twice, 2, 0, TALUS_ERROR_ARGUMENT, "each name one column, once; \"c\" names 0");
    make_table(&t), t.columns[0].name = "c";
    refuses(&t, target_c, 1, 0, TALUS_ERROR_ARGUMENT, "each name one column, once; \"c\" names 2");
    make_table(&t);
    refuses(&t, null, 1, 0, TALUS_ERROR_ARGUMENT, "targets[0] must not be NULL");
    make_table(&t);
    refuses(&t, target_c, 0, 0, TALUS_ERROR_ARGUMENT, "target_count must be at least 1 with targets");
    make_table(&t);
    refuses(&t, NULL, 1, 0, TALUS_ERROR_ARGUMENT,
            "target_count must be at least 1 with targets and 0 without");
    make_table(&t);
    refuses(&t, NULL, -1, 0, TALUS_ERROR_ARGUMENT, "got -1");
    make_table(&t);
    refuses(&t, NULL, 0, 2, TALUS_ERROR_ARGUMENT, "missing_targets must be 0 or 1, got 2");
    refuses(&t, NULL, 0, 0, TALUS_ERROR_ARGUMENT, "schema must not be released already");
    make_table(&t), t.array.release = NULL;
    refuses(&t, NULL, 0, 0, TALUS_ERROR_ARGUMENT, "array must not be released already");
    make_table(&t);
    ck_assert_int_eq(talus_dataset_from_arrow(context, NULL, &t.array, NULL, 0, 0, &dataset),
                     TALUS_ERROR_ARGUMENT);
    expect_message(context, "schema must not be NULL");
    ck_assert_int_eq(talus_dataset_from_arrow(context, &t.schema, NULL, NULL, 0, 0, &dataset),
                     TALUS_ERROR_ARGUMENT);
    expect_message(context, "array must not be NULL");
    ck_assert_int_eq(t.released, 2);
    make_table(&t);
    ck_assert_int_eq(talus_dataset_from_arrow(context, &t.schema, &t.array, NULL, 0, 0, NULL),
                     TALUS_ERROR_ARGUMENT);
    expect_message(context, "dataset must not be NULL");
    ck_assert_int_eq(t.released, 2);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    talus_status status = TALUS_ERROR_MEMORY;
    for (int n = 1; status != TALUS_OK; n++) {
        table t;
        talus_dataset *dataset = NULL;
        make_table(&t);
        refuse_from_now(&book, n);
        status = talus_dataset_from_arrow(context, &t.schema, &t.array, target_c, 1, 0, &dataset);
        book.fail_at = 0;
        ck_assert(status == TALUS_OK ? n == 5 && dataset != NULL : dataset == NULL);
        ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
        ck_assert_int_eq(t.released, 2);
        talus_dataset_destroy(dataset);
        no_memory_is_left();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arrow");
    TCase *all = case_with(suite, begin_counted, end_counted);
    const TTest *const tests[] = {columns_become_samples,
                                  every_type,
                                  offsets,
                                  missing_targets,
                                  values_must_be_usable,
                                  tables_must_be_right,
                                  columns_must_be_right,
                                  arguments,
                                  every_failing_allocation_is_survived};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(all, tests[i]);
    return run_suite(suite);
}
