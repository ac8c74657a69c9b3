/* Tables in text: each rule of the format and of what columns mean, on files small enough to see what follows. */
#include "table_support.h"

#ifdef TL_HAVE_ZLIB
#include <zlib.h>
#endif

/* The format ------------------------------------------------------------------------------------------------ */

START_TEST(lines_end_in_every_way)
{
    static const char *const texts[] = {"1,2\n3,4\n",
                                        "1,2\n3,4",
                                        "1,2\r\n3,4\r\n",
                                        "1,2\r3,4\r",
                                        "1,2\r3,4",
                                        "\357\273\2771,2\n3,4\n",
                                        "\n\n1,2\n\r\n \n3,4\n\n",
                                        " 1 ,\t2\n3 , 4 ",
                                        "\"1\",\"2\"\n \"3\" ,\" 4\"",
                                        "1;2\n3;4\n",
                                        "1\t2\n3\t4",
                                        "1|2\n3|4\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        reads(texts[i]);
        if (strchr(texts[i], '"') == NULL)
            INPUTS(2, 2, 1, 2, 3, 4);
    }
}
END_TEST

START_TEST(quotes_keep_what_is_in_them)
{
    options.header = TALUS_HEADER_YES;
    options.targets = "\"a, \"\"b\"\"\"";
    reads("x,\"a, \"\"b\"\"\"\n1,\"two\nlines\"\n2,\" c\"\n3,say \"no\"\n4,\"two\nlines\"\r\n");
    talus_column column;
    expect_ok(context, talus_columns_get(columns, 1, &column));
    ck_assert_str_eq(column.name, "a, \"b\"");
    ck_assert_int_eq(talus_columns_classes(columns), 3);
    ck_assert_str_eq(talus_columns_class(columns, 0), " c");
    ck_assert_str_eq(talus_columns_class(columns, 1), "say \"no\"");
    ck_assert_str_eq(talus_columns_class(columns, 2), "two\nlines");
    ck_assert_ptr_null(talus_columns_class(columns, 3));
    LABELS(2, 0, 1, 2);
    INPUTS(4, 1, 1, 2, 3, 4);
}
END_TEST

START_TEST(broken_tables_are_refused)
{
    refuses("", TALUS_ERROR_FORMAT, "data.csv\" must have at least one row, got none");
    refuses("\n \n", TALUS_ERROR_FORMAT, "must have at least one row");
    refuses("a,b\n", TALUS_ERROR_FORMAT, "must have at least one row of values, got none");
    refuses("1,2\n3,4\n\n5\n", TALUS_ERROR_FORMAT,
            "data.csv\": line 4 must have 2 fields, as the first one has, got 1");
    options.separator = TALUS_SEPARATOR_COMMA;
    refuses("1,2\n3,4,5\n", TALUS_ERROR_FORMAT, "line 2 must have 2 fields");
    refuses("1,2\n3,\"4\n", TALUS_ERROR_FORMAT, "line 2, column 2: its quote must be closed");
    refuses("1,2\n\"a\nb\",4\n3,\"4\"5\n", TALUS_ERROR_FORMAT,
            "line 4, column 2: a closing quote must end it");
    options.header = TALUS_HEADER_YES;
    refuses("a,b,a\n1,2,3\n", TALUS_ERROR_FORMAT, "line 1, column 3: is named \"a\", as column 1 is");
    refuses("a,\xFF\n1,2\n", TALUS_ERROR_FORMAT, "line 1, column 2: the name of a column must be UTF-8");
}
END_TEST

START_TEST(headers_are_recognised)
{
    static const struct {
        const char *text;
        bool header;
    } cases[] = {{"a,b\n1,2\n", true},  {",b\n1,2\n", true},     {"1,b\n2,c\n", false},
                 {"a,a\nb,c\n", false}, {",\n1,2\n", false},     {"a,2e3\nb,3\n", false},
                 {"a,b\nc,d\n", true},  {"inf,b\n1,2\n", false}, {"\"1\",b\n3,2\n", false}};
    options.missing = TALUS_MISSING_DROP;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        talus_status status = read_text(cases[i].text);
        if (strncmp(cases[i].text, "inf", 3) == 0) {
            ck_assert_int_eq(status, TALUS_ERROR_DATA); /* it is a number, but none that can be used */
            continue;
        }
        expect_ok(context, status);
        ck_assert_msg(talus_dataset_samples(data) == (cases[i].header || cases[i].text[0] == ',' ? 1 : 2),
                      "%s", cases[i].text);
    }
    options.header = TALUS_HEADER_YES;
    reads("2019,2020\n1,2\n");
    INPUTS(1, 2, 1, 2);
    options.header = TALUS_HEADER_NO;
    reads("a,b\nc,d\n");
    INPUTS(2, 4, 1, 0, 1, 0, 0, 1, 0, 1);
}
END_TEST

START_TEST(separators_are_found)
{
    reads("a;b;c\n1;2;3\n4;5;6\n");
    INPUTS(2, 3, 1, 2, 3, 4, 5, 6);
    reads("a\tb\n1, or so\t2\n");
    INPUTS(1, 2, 1, 2);
    reads("1\n2\n3\n"); /* nothing parts them */
    INPUTS(3, 1, 1, 2, 3);
    reads("\"a,b\";\"c\"\n1;2\n3;4\n");
    ck_assert_int_eq(talus_columns_count(columns), 2);
    options.separator = TALUS_SEPARATOR_BAR;
    options.header = TALUS_HEADER_YES;
    reads("a,b|c\n1|2\n");
    INPUTS(1, 2, 1, 2);
}
END_TEST

/* Numbers --------------------------------------------------------------------------------------------------- */

START_TEST(numbers_must_be_numbers_and_finite)
{
    options.task = TALUS_TABLE_TASK_REGRESSION;
    options.targets = "age";
    reads("x,age\n+1.5,.5\n-2.,1E+3\n");
    INPUTS(2, 1, 1.5, -2);
    VALUES(1, 0.5, 1000);
    refuses("x,age\n1,2\n3,abc\n", TALUS_ERROR_DATA,
            "data.csv\": line 3, column 2 (\"age\"): must be a number, got \"abc\"");
    refuses("x,age\n1,2\n3,-inf\n", TALUS_ERROR_DATA, "must be a finite number, got \"-inf\"");
    refuses("x,age\n1,2\n1e999,3\n", TALUS_ERROR_DATA,
            "line 3, column 1 (\"x\"): must be a finite number, got \"1e999\"");
    static const char *const none[] = {"1e", "0x10",  "1 2", "--1", ".",      "+",
                                       "e5", "1.2.3", "1,5", "1e+", "infinit"};
    options.separator = TALUS_SEPARATOR_SEMICOLON;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char text[64];
        snprintf(text, sizeof text, "x;age\n1;%s\n", none[i]);
        refuses(text, TALUS_ERROR_DATA, "must be a number, got");
    }
}
END_TEST

/* Columns --------------------------------------------------------------------------------------------------- */

START_TEST(categories_become_columns)
{
    options.targets = "y";
    reads("colour,x,y\nred,1,0.5\nblue,2,1.5\nred,3,2.25\ngreen,4,7\n");
    INPUTS(4, 4, 0, 0, 1, 1, 1, 0, 0, 2, 0, 0, 1, 3, 0, 1, 0, 4);
    VALUES(1, 0.5, 1.5, 2.25, 7);
    ck_assert_int_eq(talus_columns_task(columns), TALUS_TABLE_TASK_REGRESSION);
    ck_assert_str_eq(talus_columns_reason(columns),
                     "regression: column 3 (\"y\") holds numbers that are not all whole and at least 0");
    talus_column column;
    expect_ok(context, talus_columns_get(columns, 0, &column));
    ck_assert_int_eq(column.kind, TALUS_COLUMN_CATEGORY);
    ck_assert(column.role == TALUS_ROLE_INPUT && column.categories == 3);
    ck_assert(column.first == 0 && column.width == 3);
    ck_assert_str_eq(talus_columns_category(columns, 0, 0), "blue");
    ck_assert_str_eq(talus_columns_category(columns, 0, 2), "red");
    ck_assert_double_eq(talus_columns_share(columns, 0, 2), 0.5);
    expect_ok(context, talus_columns_get(columns, 1, &column));
    ck_assert(column.first == 3 && column.width == 1 && column.mean == 2.5);
    expect_ok(context, talus_columns_get(columns, 2, &column));
    ck_assert(column.role == TALUS_ROLE_TARGET && column.first == 0 && column.mean == 0);
    ck_assert_int_eq(talus_columns_inputs(columns), 4);
    ck_assert_int_eq(talus_columns_targets(columns), 1);
    ck_assert_int_eq(talus_columns_classes(columns), 0);
    options.categories = "1,x";
    reads("colour,x,y\nred,1,0.5\nblue,2,1.5\nred,1.0,2.25\n");
    ck_assert_int_eq(talus_columns_inputs(columns), 5);
    ck_assert_str_eq(talus_columns_category(columns, 1, 1), "1.0");
}
END_TEST

START_TEST(columns_are_chosen_by_name_or_number)
{
    options.targets = "-1,2", options.ignore = "id", options.weights = "w";
    reads("id,a,b,w,c\none,1,2,0.5,3\ntwo,4,5,1.5,6\n");
    INPUTS(2, 1, 2, 5);
    VALUES(2, 1, 3, 4, 6);
    ck_assert_str_eq(talus_columns_reason(columns), "regression: there are 2 targets");
    talus_matrix weights;
    expect_ok(context, talus_dataset_weights(data, &weights));
    ck_assert(((double *)weights.data)[0] == 0.5 && ((double *)weights.data)[1] == 1.5);
    talus_column column;
    expect_ok(context, talus_columns_get(columns, 0, &column));
    ck_assert(column.role == TALUS_ROLE_IGNORED && column.first == -1 && column.width == 0);
    expect_ok(context, talus_columns_get(columns, 3, &column));
    ck_assert(column.role == TALUS_ROLE_WEIGHT && column.first == -1);
    options.weights = "4";
    refuses("id,a,b,w,c\none,1,2,-0.5,3\n", TALUS_ERROR_DATA,
            "column 4 (\"w\"): a weight must be at least 0, got \"-0.5\"");

    static const struct {
        const char *targets, *ignore, *categories, *weights, *message;
    } wrong[] = {
        {"d", NULL, NULL, NULL, "table: targets must name columns of"},
        {"d", NULL, NULL, NULL, "which has 3, got \"d\""},
        {"0", NULL, NULL, NULL, "got \"0\""},
        {"4", NULL, NULL, NULL, "got \"4\""},
        {"-4", NULL, NULL, NULL, "got \"-4\""},
        {"a,", NULL, NULL, NULL, "got \"\""},
        {"a,a", NULL, NULL, NULL, "table: targets must not name \"a\", whose role is target already"},
        {"a", "1", NULL, NULL, "table: ignore must not name \"1\", whose role is target already"},
        {NULL, "1", NULL, "a", "table: weights must not name \"a\", whose role is ignored already"},
        {NULL, NULL, NULL, "a,b", "table: weights must name at most 1 column, got \"a,b\""},
        {NULL, NULL, "a", "a", "table: categories must not name \"a\", whose role is weight already"},
        {"1,2,3", NULL, NULL, NULL, "must have a column of inputs, got none"},
        {"1,2", NULL, "1", NULL, "categories must not name a target of a regression"},
        {"\"a", NULL, NULL, NULL, "targets: line 1, column 1: its quote must be closed"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options.targets = wrong[i].targets, options.ignore = wrong[i].ignore;
        options.categories = wrong[i].categories, options.weights = wrong[i].weights;
        refuses("a,b,c\n1,2,3\n", TALUS_ERROR_ARGUMENT, wrong[i].message);
    }
}
END_TEST

/* What is to be learnt -------------------------------------------------------------------------------------- */

static void chooses(const char *text, int task, const char *reason)
{
    options.targets = "y";
    reads(text);
    ck_assert_int_eq(talus_columns_task(columns), task);
    ck_assert_str_eq(talus_columns_reason(columns), reason);
}

START_TEST(the_task_follows_from_the_target)
{
    chooses("x,y\n1,no\n2,yes\n3,no\n", TALUS_TABLE_TASK_CLASSIFICATION,
            "classification: column 2 (\"y\") holds 2 categories");
    LABELS(0, 1, 0);
    chooses("x,y\n1,10\n2,2\n3,10\n4,2.0\n", TALUS_TABLE_TASK_CLASSIFICATION,
            "classification: column 2 (\"y\") holds 2 different whole numbers, each at least twice");
    LABELS(1, 0, 1, 0);
    ck_assert_str_eq(talus_columns_class(columns, 0), "2"); /* in the order of numbers */
    ck_assert_str_eq(talus_columns_class(columns, 1), "10");
    chooses("x,y\n1,10\n2,2\n3,10\n", TALUS_TABLE_TASK_REGRESSION,
            "regression: column 2 (\"y\") holds a number that occurs only once");
    chooses("x,y\n1,-1\n2,1\n3,-1\n4,1\n", TALUS_TABLE_TASK_REGRESSION,
            "regression: column 2 (\"y\") holds numbers that are not all whole and at least 0");
    char text[1024] = "x,y\n";
    for (int i = 0; i < 42; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "1,%d\n", i % 21);
    chooses(text, TALUS_TABLE_TASK_REGRESSION,
            "regression: column 2 (\"y\") holds 21 different numbers, more than 20");
    options.task = TALUS_TABLE_TASK_CLASSIFICATION;
    chooses("x,y\n1,1\n2,-0.5\n3,-0\n4,0\n", TALUS_TABLE_TASK_CLASSIFICATION,
            "classification, as asked: column 2 (\"y\") holds 3 different numbers");
    LABELS(2, 0, 1, 1);
    ck_assert_str_eq(talus_columns_class(columns, 0), "-0.5");
    options.most_categories = 20;
    refuses(text, TALUS_ERROR_DATA, "column 2 (\"y\") must have at most 20 classes, got 21");
    options.task = TALUS_TABLE_TASK_REGRESSION;
    chooses("x,y\n1,1\n2,0\n3,1\n4,0\n", TALUS_TABLE_TASK_REGRESSION, "regression, as asked: 1 target");
    VALUES(1, 1, 0, 1, 0);
    options.targets = NULL;
    refuses("x,y\n1,1\n", TALUS_ERROR_ARGUMENT, "table: regression must have targets, got none");
    options.task = TALUS_TABLE_TASK_CLASSIFICATION;
    refuses("x,y\n1,1\n", TALUS_ERROR_ARGUMENT, "table: classification must have one target, got 0");
    options.task = TALUS_TABLE_TASK_AUTO;
    reads("x,y\n1,1\n");
    ck_assert_int_eq(talus_columns_task(columns), TALUS_TABLE_TASK_AUTO);
    ck_assert_str_eq(talus_columns_reason(columns), "there are no targets");
    has_values(0, NULL);
}
END_TEST

/* What is missing ------------------------------------------------------------------------------------------- */

#define HOLES "x,c,y\n1,a,0.5\nNA,a,1.5\n3,?,2.5\n5,b,3.5\n"

START_TEST(missing_values_are_refused_filled_in_or_dropped)
{
    options.targets = "y";
    refuses(HOLES, TALUS_ERROR_DATA, "line 3, column 1 (\"x\"): a value must be there, got \"NA\"");
    options.missing = TALUS_MISSING_MEAN;
    reads(HOLES);
    INPUTS(4, 3, 1, 1, 0, 3, 1, 0, 3, 2.0 / 3, 1.0 / 3, 5, 0, 1);
    refuses("x,y\n1,\n", TALUS_ERROR_DATA, "line 2, column 2 (\"y\"): a target must be there, got \"\"");
    refuses("x,y\nnull,1\nNULL,2\n", TALUS_ERROR_DATA,
            "column 1 (\"x\") must have a value, got none in 2 rows");
    options.weights = "1", options.targets = NULL;
    refuses("x,y\nN/A,1\n", TALUS_ERROR_DATA, "a weight must be there, got \"N/A\"");
    options.weights = NULL, options.targets = "y";
    options.missing = TALUS_MISSING_DROP;
    reads(HOLES);
    INPUTS(2, 3, 1, 1, 0, 5, 0, 1);
    VALUES(1, 0.5, 3.5);
    reads("x,c,y\n1,a,1\n2,gone,NaN\nnan,b,3\n4,c,4.5\n"); /* categories of dropped rows are none */
    INPUTS(2, 3, 1, 1, 0, 4, 0, 1);
    ck_assert_str_eq(talus_columns_category(columns, 1, 1), "c");
    refuses("x,y\n,1\n,2\n", TALUS_ERROR_FORMAT,
            "must have at least one row of values of which none is missing, got none");
}
END_TEST

START_TEST(means_of_large_numbers_are_finite)
{
    options.missing = TALUS_MISSING_MEAN;
    reads("1.5e308,1\n1.5e308,2\n,3\n");
    INPUTS(3, 2, 1.5e308, 1, 1.5e308, 2, 1.5e308, 3);
}
END_TEST

/* Text that comes late -------------------------------------------------------------------------------------- */

enum { LONG_ROWS = 5000 };

static char *long_text(const char *x, const char *y, int row)
{
    char *text = malloc(64 * LONG_ROWS), *at = text;
    ck_assert_ptr_nonnull(text);
    at += sprintf(at, "x,y,z\n");
    for (int i = 0; i < LONG_ROWS; i++)
        at += sprintf(at, "%s,%d.5,%s\n", i == row ? x : i % 2 ? "1" : "2", i, i == row - 1 ? y : "3");
    return text;
}

START_TEST(text_may_come_late)
{
    char *text = long_text("none", "4", 4000);
    reads(text);
    ck_assert_int_eq(talus_dataset_samples(data), LONG_ROWS);
    ck_assert_int_eq(talus_columns_inputs(columns), 3 + 2);
    ck_assert_str_eq(talus_columns_category(columns, 0, 2), "none");
    talus_matrix x;
    expect_ok(context, talus_dataset_matrices(data, &x, NULL));
    const double *row = (const double *)x.data + 4000 * 5;
    ck_assert(row[0] == 0 && row[1] == 0 && row[2] == 1 && row[3] == 4000.5 && row[4] == 3);
    ck_assert(row[-1] == 4 && row[-4] == 0);
    free(text);
    text = long_text("none", "three", 4000); /* two columns in one more reading */
    reads(text);
    ck_assert_int_eq(talus_columns_inputs(columns), 3 + 1 + 2);
    free(text);
    text = long_text("1", "3", 4000);
    char *wrong = strstr(text, "4321.5");
    memcpy(wrong, "4321,5", 6); /* no, the line has one field more */
    refuses(text, TALUS_ERROR_FORMAT, "line 4323 must have 3 fields");
    memcpy(wrong, "4321?5", 6);
    refuses(text, TALUS_ERROR_DATA,
            "line 4323, column 2 (\"y\"): must be a number, or the column have at most 100 categories, got "
            "\"4321?5\"");
    memcpy(wrong, "4321.5", 6);
    memcpy(strstr(text, "\n1,1.5") + 3, "one", 3);
    refuses(text, TALUS_ERROR_DATA, "line 3, column 2 (\"y\"): must be a number, or the column have");
    free(text);
}
END_TEST

START_TEST(categories_have_a_limit)
{
    options.most_categories = 2;
    reads("x\na\nb\na\n");
    refuses("x\na\nb\nc\n", TALUS_ERROR_DATA,
            "line 2, column 1 (\"x\"): must be a number, or the column have at most 2 categories, got \"a\"");
    options.categories = "1";
    refuses("x\n1\n2\n3\n", TALUS_ERROR_DATA,
            "line 4, column 1 (\"x\"): a column must have at most 2 categories, got \"3\" as one more");
}
END_TEST

/* Calls --------------------------------------------------------------------------------------------------- */

START_TEST(gzip_is_unpacked)
{
#ifdef TL_HAVE_ZLIB
    gzFile file = gzopen(path, "wb");
    ck_assert_int_eq(gzputs(file, "a,b\n1,2\n3,4\n"), 12);
    ck_assert_int_eq(gzclose(file), Z_OK);
    expect_ok(context, talus_dataset_read_table(context, path, NULL, &data, NULL));
    INPUTS(2, 2, 1, 2, 3, 4);
#endif
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    talus_table_options_defaults(&options);
    reads("1,2\n");
    ck_assert_int_eq(talus_dataset_read_table(NULL, path, NULL, &data, NULL), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_read_table(context, NULL, NULL, &data, NULL));
    expect_message(context, "read_table: path must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_dataset_read_table(context, path, NULL, NULL, NULL));
    talus_dataset *none = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_dataset_read_table_as(context, NULL, columns, NULL, &none));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_dataset_read_table_sized(context, path, &options, 8, &none, NULL));
    expect_message(context, "table: the size of its struct must be 64 … 65536 bytes, got 8");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_dataset_read_table_as(context, path, NULL, NULL, &none));
    expect_message(context, "read_table: columns must not be NULL");
    expect_status(context, TALUS_ERROR_FILE,
                  talus_dataset_read_table(context, "/nowhere/at.all", NULL, &none, NULL));
    options.optional_targets = 1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_dataset_read_table(context, path, &options, &none, NULL));
    expect_message(context, "table: a table that is read by itself has no optional_targets, which must be "
                            "left at 0, got 1");
    talus_table_options_defaults(&options);
    options.targets = "1";
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_dataset_read_table_as(context, path, columns, &options, &none));
    expect_message(context, "table: a table that is read as another has no targets, which must be NULL");
    talus_column column;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_columns_get(columns, 2, &column));
    expect_message(context, "index must be 0 … 1, got 2");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_columns_get(columns, -1, &column));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_columns_get(columns, 0, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_columns_get_sized(columns, 0, &column, 8));
    ck_assert_int_eq(talus_columns_get(NULL, 0, &column), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_columns_count(NULL), 0);
    ck_assert_int_eq(talus_columns_inputs(NULL) + talus_columns_targets(NULL) + talus_columns_classes(NULL),
                     0);
    ck_assert_ptr_null(talus_columns_category(NULL, 0, 0));
    ck_assert_ptr_null(talus_columns_category(columns, 0, 0));
    ck_assert_ptr_null(talus_columns_class(NULL, 0));
    ck_assert_ptr_null(talus_columns_class(columns, 0));
    ck_assert_double_eq(talus_columns_share(columns, 0, 0), 0);
    ck_assert_int_eq(talus_columns_task(NULL), -1);
    ck_assert_str_eq(talus_columns_reason(NULL), "");
    talus_columns_destroy(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {lines_end_in_every_way,
                                  quotes_keep_what_is_in_them,
                                  broken_tables_are_refused,
                                  headers_are_recognised,
                                  separators_are_found,
                                  numbers_must_be_numbers_and_finite,
                                  categories_become_columns,
                                  columns_are_chosen_by_name_or_number,
                                  the_task_follows_from_the_target,
                                  missing_values_are_refused_filled_in_or_dropped,
                                  means_of_large_numbers_are_finite,
                                  text_may_come_late,
                                  categories_have_a_limit,
                                  gzip_is_unpacked,
                                  wrong_arguments_are_refused};
    return run_table_tests("table", tests, sizeof tests / sizeof *tests);
}
