/* Tables that are read as another one was: their columns are found, and hold what those hold. */
#include "table_support.h"

START_TEST(a_further_table_is_read_as_the_first)
{
    options.targets = "y", options.ignore = "id", options.weights = "w";
    reads("id,x,c,w,y\n1,1,a,1,no\n2,2,b,1,yes\n3,6,b,2,no\n");
    talus_table_options_defaults(&options);
    expect_ok(context, read_text_as("y;more;c;w;x\nyes;?;b;3;7\nno;?;a;4;8\n"));
    INPUTS(2, 3, 7, 0, 1, 8, 1, 0);
    LABELS(1, 0);
    talus_matrix weights;
    expect_ok(context, talus_dataset_weights(data, &weights));
    ck_assert_double_eq(((double *)weights.data)[1], 4);
    options.header = TALUS_HEADER_NO; /* by place */
    expect_ok(context, read_text_as("one,7,b,3,yes\n"));
    INPUTS(1, 3, 7, 0, 1);
    options.missing = TALUS_MISSING_MEAN; /* with the means of the first */
    expect_ok(context, read_text_as("one,?,?,3,yes\n"));
    INPUTS(1, 3, 3, 1.0 / 3, 2.0 / 3);
    options.header = TALUS_HEADER_AUTO;
    expect_status(context, TALUS_ERROR_DATA, read_text_as("x,c,y,w\n1,c,no,1\n"));
    expect_message(context, "line 2, column 2 (\"c\"): must be a category that the columns have, got \"c\"");
    expect_status(context, TALUS_ERROR_DATA, read_text_as("x,c,y,w\none,a,no,1\n"));
    expect_message(context, "line 2, column 1 (\"x\"): must be a number, got \"one\"");
    options.unknown_categories = 1;
    expect_ok(context, read_text_as("x,c,y,w\n1,c,no,1\n"));
    INPUTS(1, 3, 1, 0, 0);
    expect_status(context, TALUS_ERROR_DATA, read_text_as("x,c,y,w\n1,a,maybe,1\n"));
    expect_message(context, "column 3 (\"y\"): must be a category that the columns have, got \"maybe\"");
}
END_TEST

START_TEST(targets_may_lack_in_a_further_table)
{
    options.targets = "y,z", options.weights = "w", options.ignore = "id";
    reads("x,id,y,w,z\n1,a,2,3,4\n2,b,3,4,5\n");
    talus_table_options_defaults(&options);
    expect_status(context, TALUS_ERROR_FORMAT, read_text_as("x,y,w\n1,2,3\n"));
    expect_message(context, "data.csv\" must have column 5 (\"z\") of the first table, got none");
    expect_status(context, TALUS_ERROR_FORMAT, read_text_as("x,y,z\n1,2,3\n"));
    expect_message(context, "must have column 4 (\"w\") of the first table, got none");
    options.optional_targets = 1;
    expect_ok(context, read_text_as("x,y,w\n1,text,3\n"));
    INPUTS(1, 1, 1);
    has_values(0, NULL);
    expect_ok(context, read_text_as("z,x,y\n1,2,3\n"));
    VALUES(2, 3, 1);
    expect_status(context, TALUS_ERROR_FORMAT, read_text_as("y,z\n1,2\n"));
    expect_message(context, "must have column 1 (\"x\") of the first table, got none");
    expect_status(context, TALUS_ERROR_FORMAT, read_text_as("x,y,x\n1,2,3\n"));
    expect_message(context, "must have column 1 (\"x\") of the first table once, got 2");
    options.header = TALUS_HEADER_NO;
    expect_ok(context, read_text_as("7,anything\n"));
    INPUTS(1, 1, 7);
    expect_ok(context, read_text_as("7,anything,1,2,3\n"));
    VALUES(2, 1, 3);
    expect_status(context, TALUS_ERROR_FORMAT, read_text_as("7,anything,1\n"));
    expect_message(context, "data.csv\" must have 5 columns, got 3");
}
END_TEST

START_TEST(classes_that_are_numbers_are_found_as_numbers)
{
    options.targets = "2";
    reads("1,0\n2,10\n3,0\n4,10\n");
    talus_table_options_defaults(&options);
    expect_ok(context, read_text_as("5,1e1\n6,-0.0\n7,10.0\n"));
    LABELS(1, 0, 1);
    expect_status(context, TALUS_ERROR_DATA, read_text_as("5,1\n"));
    expect_message(context, "line 1, column 2: must be a category that the columns have, got \"1\"");
    expect_status(context, TALUS_ERROR_DATA, read_text_as("5,\"a\"\n"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_further_table_is_read_as_the_first, targets_may_lack_in_a_further_table,
                                  classes_that_are_numbers_are_found_as_numbers};
    return run_table_tests("table_further", tests, sizeof tests / sizeof *tests);
}
