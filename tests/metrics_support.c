#include "metrics_support.h"

#include <float.h>

talus_context *context;

void begin_metrics(void)
{
    context = context_with(1, NULL);
}

void end_metrics(void)
{
    talus_context_destroy(context);
}

talus_matrix f64(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

talus_matrix labels_of(const int32_t *data, int64_t rows)
{
    return talus_matrix_view(data, TALUS_DTYPE_I32, rows, 1);
}

talus_report report_of(talus_matrix outputs, talus_matrix targets, const double *weights,
                       const talus_report_options *options)
{
    talus_report report;
    talus_matrix w = f64(weights, outputs.rows, 1);
    expect_ok(context,
              talus_report_of(context, &outputs, &targets, weights == NULL ? NULL : &w, options, &report));
    ck_assert_int_eq(report.samples, outputs.rows);
    ck_assert(isnan(report.cost.value));
    return report;
}

talus_report_options options_of(int task)
{
    talus_report_options options;
    talus_report_options_defaults(&options);
    options.task = task;
    return options;
}

void close_to(double got, double expected)
{
    ck_assert_double_eq_tol(got, expected, 16 * DBL_EPSILON * fmax(fabs(expected), 1));
}

void decide(const int32_t *classes, int64_t n, int64_t count, double *outputs)
{
    for (int64_t i = 0; i < n * count; i++)
        outputs[i] = i % count == classes[i / count];
}
