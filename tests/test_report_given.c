/* Reports of outputs and targets that a program has: what is refused. */
#include <float.h>

#include "fixture.h"

static double good[] = {0.5, 0.25, 0.25, 0.125, 0.75, 0.125};
static const int32_t two[] = {0, 2};

static void refuse(talus_status status, talus_matrix outputs, talus_matrix targets,
                   const talus_matrix *weights, const talus_report_options *options, const char *message)
{
    talus_report report = {.samples = 42};
    expect_status(context, status, talus_report_of(context, &outputs, &targets, weights, options, &report));
    expect_message(context, message);
    ck_assert_int_eq(report.samples, 42);
    no_memory_is_left();
}

START_TEST(matrices_are_checked)
{
    talus_matrix outputs = talus_matrix_view(good, TALUS_DTYPE_F64, 2, 3),
                 one = talus_matrix_view(good, TALUS_DTYPE_F64, 2, 1),
                 targets = talus_matrix_view(two, TALUS_DTYPE_I32, 2, 1), view;
    static const int32_t large[] = {0, 3}, three[] = {0, 1, 2}, side[] = {1, 2};
    static const double bad[] = {1, NAN, 2, 3, 4, 5}, negative[] = {1, -1}, none[] = {0, 0},
                        huge[] = {DBL_MAX, DBL_MAX}, above[] = {0.5, 1.5};
    talus_report_options options;
    talus_report_options_defaults(&options);
    refuse(TALUS_ERROR_DATA, talus_matrix_view(bad, TALUS_DTYPE_F64, 2, 3), targets, NULL, NULL,
           "outputs: row 0, column 1 (counted from 0) must be a finite number");
    refuse(TALUS_ERROR_ARGUMENT, talus_matrix_view(NULL, TALUS_DTYPE_F64, 2, 3), targets, NULL, NULL,
           "outputs");
    refuse(TALUS_ERROR_ARGUMENT, targets, targets, NULL, NULL, "outputs");
    refuse(TALUS_ERROR_DATA, outputs, talus_matrix_view(large, TALUS_DTYPE_I32, 2, 1), NULL, NULL,
           "targets: row 1, column 0 (counted from 0) must be a number in 0 … 2, got 3");
    refuse(TALUS_ERROR_DATA, one, talus_matrix_view(side, TALUS_DTYPE_I32, 2, 1), NULL, NULL,
           "targets: row 1, column 0 (counted from 0) must be a number in 0 … 1, got 2");
    refuse(TALUS_ERROR_SHAPE, outputs, talus_matrix_view(three, TALUS_DTYPE_I32, 3, 1), NULL, NULL,
           "targets must have 2 rows, as outputs, got 3");
    refuse(TALUS_ERROR_SHAPE, outputs, one, NULL, NULL, "targets must have 3 columns, got 1");
    refuse(TALUS_ERROR_SHAPE, outputs, talus_matrix_view(three, TALUS_DTYPE_I32, 2, 2), NULL, NULL,
           "targets must have 1 columns, got 2");
    refuse(TALUS_ERROR_DATA, outputs, talus_matrix_view(bad, TALUS_DTYPE_F64, 2, 3), NULL, NULL,
           "targets: row 0, column 1 (counted from 0) must be a finite number, got nan");
    view = talus_matrix_view(negative, TALUS_DTYPE_F64, 2, 1);
    refuse(TALUS_ERROR_DATA, outputs, targets, &view, NULL,
           "weights: row 1, column 0 (counted from 0) must be a finite number of at least 0, got -1");
    view = talus_matrix_view(none, TALUS_DTYPE_F64, 2, 1);
    refuse(TALUS_ERROR_DATA, outputs, targets, &view, NULL, "weights must have a finite sum above 0, got 0");
    view = talus_matrix_view(huge, TALUS_DTYPE_F64, 2, 1);
    refuse(TALUS_ERROR_DATA, outputs, targets, &view, NULL,
           "weights must have a finite sum above 0, got inf");
    view = talus_matrix_view(good, TALUS_DTYPE_F64, 2, 2);
    refuse(TALUS_ERROR_SHAPE, outputs, targets, &view, NULL, "weights must have 1 column, got 2");
    options.task = TALUS_TASK_VALUES;
    refuse(TALUS_ERROR_ARGUMENT, outputs, targets, NULL, &options, "targets of values must not be labels");
    options.task = TALUS_TASK_SIDES;
    refuse(TALUS_ERROR_SHAPE, outputs, targets, NULL, &options, "sides with one output only, got 3 outputs");
    refuse(TALUS_ERROR_DATA, one, talus_matrix_view(above, TALUS_DTYPE_F64, 2, 1), NULL, &options,
           "targets: row 1, column 0 (counted from 0) must be a number in 0 … 1, got 1.5");
    options.task = TALUS_TASK_CLASSES;
    refuse(TALUS_ERROR_DATA, one, talus_matrix_view(negative, TALUS_DTYPE_F64, 2, 1), NULL, &options,
           "targets: row 1, column 0");
}
END_TEST

START_TEST(options_are_checked)
{
    talus_matrix outputs = talus_matrix_view(good, TALUS_DTYPE_F64, 2, 3),
                 targets = talus_matrix_view(two, TALUS_DTYPE_I32, 2, 1), values = outputs;
    talus_report_options options;
    double memory[15];
    talus_matrix to = talus_matrix_view(memory, TALUS_DTYPE_F64, 3, 3);
    talus_report_options_defaults(&options);
    options.threshold = 0.25;
    refuse(TALUS_ERROR_ARGUMENT, outputs, targets, NULL, &options,
           "report: a task of classes has no threshold, which must be left at 0.5, got 0.25");
    refuse(TALUS_ERROR_ARGUMENT, outputs, values, NULL, &options, "a task of values has no threshold");
    talus_report_options_defaults(&options);
    options.confusion = &to;
    refuse(TALUS_ERROR_ARGUMENT, outputs, values, NULL, &options,
           "report: a task of values has no confusion, which must be NULL");
    options.task = TALUS_TASK_SIDES;
    refuse(TALUS_ERROR_SHAPE, outputs, values, NULL, &options,
           "confusion must be NULL for sides with several outputs, got 3");
    options.task = TALUS_TASK_AUTO, to.rows = 2;
    refuse(TALUS_ERROR_SHAPE, outputs, targets, NULL, &options, "confusion must be 3 × 3, got 2 × 3");
    to.dtype = TALUS_DTYPE_F32;
    refuse(TALUS_ERROR_ARGUMENT, outputs, targets, NULL, &options, "confusion");
    options.confusion = NULL, options.classes = &to, to.dtype = TALUS_DTYPE_F64;
    refuse(TALUS_ERROR_SHAPE, outputs, targets, NULL, &options, "classes must be 3 × 5, got 2 × 3");
    options.classes = NULL, options.top_k = 0;
    refuse(TALUS_ERROR_ARGUMENT, outputs, targets, NULL, &options, "report: top_k must be at least 1, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_report_of(context, &outputs, &targets, NULL, NULL, NULL));
    expect_message(context, "report must not be NULL");
    talus_report report;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_report_of_sized(context, &outputs, &targets, NULL, NULL, 0, &report, 8));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_report_of(NULL, &outputs, &targets, NULL, NULL, &report));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_report_of(context, NULL, &targets, NULL, NULL, &report));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_given");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, matrices_are_checked);
    tcase_add_test(tests, options_are_checked);
    return run_suite(suite);
}
