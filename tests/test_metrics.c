/* Metrics of predictions: identities, plain loops and definitions. */
#include "metrics_support.h"

/* Identities -------------------------------------------------------------------------------------------------- */

enum { N = 211, K = 4 };

static double outputs[N * K], targets[N * K], weights[N];
static int32_t labels[N];

/* Probabilities with ties; targets near them; labels; whole weights, some of them 0. */
static void fill(uint64_t seed)
{
    number_stream stream = numbers_from(seed);
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int k = 0; k < K; k++)
            sum += outputs[i * K + k] = 1 + floor(4 * (next_number(&stream) + 1));
        for (int k = 0; k < K; k++) {
            outputs[i * K + k] /= sum;
            targets[i * K + k] = outputs[i * K + k] + next_number(&stream) / 10;
        }
        labels[i] = (int32_t)(2 * (next_number(&stream) + 1));
        weights[i] = floor(2 * (next_number(&stream) + 1));
    }
}

/* All metrics of a report are those of another, NaN included; and their errors. */
static void same_report(const talus_report *a, const talus_report *b, bool errors)
{
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        talus_estimate x, y;
        ck_assert_int_eq(talus_report_estimate(a, metric, &x), TALUS_OK);
        ck_assert_int_eq(talus_report_estimate(b, metric, &y), TALUS_OK);
        ck_assert_msg((isnan(x.value) && isnan(y.value)) || fabs(x.value - y.value) <= 64 * DBL_EPSILON,
                      "%s: %.17g, not %.17g", talus_metric_name(metric), x.value, y.value);
        ck_assert_msg(!errors || (isnan(x.error) && isnan(y.error)) ||
                          fabs(x.error - y.error) <= 64 * DBL_EPSILON,
                      "error of %s: %.17g, not %.17g", talus_metric_name(metric), x.error, y.error);
    }
}

/* Task 0 is values, 1 classes, 2 one side. */
static talus_matrix targets_of(int task, const double *y, const int32_t *label, int64_t n)
{
    return task == 0 ? f64(y, n, K) : labels_of(label, n);
}

static talus_matrix outputs_of(int task, const double *a, int64_t n)
{
    talus_matrix view = f64(a, n, task == 2 ? 1 : K);
    view.stride = K;
    return view;
}

static void prepare(int task)
{
    fill(7 + (uint64_t)task);
    for (int i = 0; i < N && task == 2; i++)
        labels[i] &= 1;
}

/* Picks rows, in an order, with repeats. */
static talus_report report_of_rows(int task, const int *rows, int n, const double *w)
{
    static double a[3 * N * K], y[3 * N * K], v[3 * N];
    static int32_t label[3 * N];
    for (int i = 0; i < n; i++) {
        memcpy(&a[i * K], &outputs[rows[i] * K], K * sizeof *a);
        memcpy(&y[i * K], &targets[rows[i] * K], K * sizeof *y);
        label[i] = labels[rows[i]];
        v[i] = w == NULL ? 1 : w[rows[i]];
    }
    return report_of(outputs_of(task, a, n), targets_of(task, y, label, n), w == NULL ? NULL : v, NULL);
}

START_TEST(weights_count_samples)
{
    int repeated[3 * N], present[N], n = 0, m = 0, all[N];
    prepare(_i);
    for (int i = 0; i < N; i++) {
        all[i] = i;
        for (int j = 0; j < (int)weights[i]; j++)
            repeated[n++] = i;
        if (weights[i] > 0)
            present[m++] = i;
    }
    talus_report weighted = report_of_rows(_i, all, N, weights);
    talus_report twice = report_of_rows(_i, repeated, n, NULL);
    talus_report without = report_of_rows(_i, present, m, weights);
    same_report(&weighted, &twice, false);
    same_report(&weighted, &without, true);
    ck_assert_double_eq(weighted.weight, n);
    double scaled[N];
    for (int i = 0; i < N; i++)
        scaled[i] = 4 * weights[i];
    talus_report larger = report_of_rows(_i, all, N, scaled);
    same_report(&weighted, &larger, true);
}
END_TEST

START_TEST(order_plays_no_part)
{
    int forward[N], shuffled[N];
    prepare(_i);
    for (int i = 0; i < N; i++)
        forward[i] = i, shuffled[i] = (i * 97 + 5) % N;
    talus_report a = report_of_rows(_i, forward, N, weights), b = report_of_rows(_i, shuffled, N, weights);
    same_report(&a, &b, true);
}
END_TEST

/* Plain loops ------------------------------------------------------------------------------------------------- */

static double naive_auc(int k)
{
    double pairs = 0, all = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            if (labels[i] == k && labels[j] != k) {
                double a = outputs[i * K + k], b = outputs[j * K + k], w = weights[i] * weights[j];
                pairs += a > b ? w : a == b ? w / 2 : 0;
                all += w;
            }
    return pairs / all;
}

START_TEST(the_area_counts_pairs)
{
    fill(3);
    double sum = 0, classes[K * 5];
    talus_matrix to = f64(classes, K, 5);
    talus_report_options options = options_of(TALUS_TASK_AUTO);
    options.classes = &to;
    talus_report report = report_of(f64(outputs, N, K), labels_of(labels, N), weights, &options);
    for (int k = 0; k < K; k++) {
        close_to(classes[k * 5 + 3], naive_auc(k));
        sum += naive_auc(k);
    }
    close_to(report.auc.value, sum / K);
    ck_assert(isnan(report.auc.error));
}
END_TEST

static int largest_of(const double *row)
{
    int best = 0;
    for (int k = 1; k < K; k++)
        best = row[k] > row[best] ? k : best;
    return best;
}

START_TEST(averages_are_those_of_loops)
{
    fill(4);
    double classes[K * 5], confusion[K * K], macro[3] = {0}, weighted[3] = {0}, all = 0;
    talus_matrix to = f64(classes, K, 5), table = f64(confusion, K, K);
    talus_report_options options = options_of(TALUS_TASK_AUTO);
    options.classes = &to, options.confusion = &table;
    talus_report report = report_of(f64(outputs, N, K), labels_of(labels, N), weights, &options);
    for (int k = 0; k < K; k++) {
        double right = 0, wrong = 0, missing = 0;
        for (int i = 0; i < N; i++) {
            int guess = largest_of(&outputs[i * K]);
            right += guess == k && labels[i] == k ? weights[i] : 0;
            wrong += guess == k && labels[i] != k ? weights[i] : 0;
            missing += guess != k && labels[i] == k ? weights[i] : 0;
        }
        double p = right / (right + wrong), r = right / (right + missing), of[] = {p, r, 2 * p * r / (p + r)};
        for (int m = 0; m < 3; m++) {
            close_to(classes[k * 5 + m], of[m]);
            macro[m] += of[m] / K;
            weighted[m] += of[m] * (right + missing);
        }
        ck_assert_double_eq(classes[k * 5 + 4], right + missing);
        ck_assert_double_eq(confusion[k * K + k], right);
        all += right + missing;
    }
    close_to(report.precision.value, macro[0]), close_to(report.weighted_precision.value, weighted[0] / all);
    close_to(report.recall.value, macro[1]), close_to(report.weighted_recall.value, weighted[1] / all);
    close_to(report.f1.value, macro[2]), close_to(report.weighted_f1.value, weighted[2] / all);
}
END_TEST

/* Means and errors of 200 000 samples in long double. */
START_TEST(many_samples_keep_their_digits)
{
    enum { MANY = 200000 };
    double *a = random_array(1, MANY), *y = random_array(2, MANY), *w = random_array(3, MANY);
    long double sum[2] = {0}, weight = 0, squares[2] = {0}, mean[2], y_mean = 0, spread = 0;
    for (int i = 0; i < MANY; i++) {
        a[i] += 1000, y[i] += 1000, w[i] = fabs(w[i]);
        long double e = (long double)a[i] - (long double)y[i], v = (long double)w[i];
        sum[0] += v * fabsl(e), sum[1] += v * e * e, weight += v, y_mean += v * (long double)y[i];
    }
    mean[0] = sum[0] / weight, mean[1] = sum[1] / weight, y_mean /= weight;
    for (int i = 0; i < MANY; i++) {
        long double e = (long double)a[i] - (long double)y[i], v = (long double)w[i],
                    from_mean = (long double)y[i] - y_mean;
        squares[0] += v * v * (fabsl(e) - mean[0]) * (fabsl(e) - mean[0]);
        squares[1] += v * v * (e * e - mean[1]) * (e * e - mean[1]);
        spread += v * from_mean * from_mean;
    }
    talus_report report = report_of(f64(a, MANY, 1), f64(y, MANY, 1), w, NULL);
    double tolerance = MANY * DBL_EPSILON;
    double n = MANY, correction = sqrt(n / (n - 1));
    ck_assert_double_eq_tol(report.mae.value, (double)mean[0], tolerance);
    ck_assert_double_eq_tol(report.rmse.value, (double)sqrtl(mean[1]), tolerance);
    ck_assert_double_eq_tol(report.r2.value, (double)(1 - sum[1] / spread), tolerance);
    ck_assert_double_eq_tol(report.mae.error, correction * (double)(sqrtl(squares[0]) / weight), tolerance);
    ck_assert_double_eq_tol(report.rmse.error,
                            correction * (double)(sqrtl(squares[1]) / weight / (2 * sqrtl(mean[1]))),
                            tolerance);
    free(a), free(y), free(w);
}
END_TEST

/* Definitions ------------------------------------------------------------------------------------------------- */

/* Outputs of 1/20 … 1 in 20 samples: the s/√n of a mean, in closed form: of x = 1, 2, … n, s² = n(n+1)/12. */
START_TEST(errors_are_those_of_means)
{
    double a[20], y[20] = {0};
    for (int i = 0; i < 20; i++)
        a[i] = i + 1;
    talus_report report = report_of(f64(a, 20, 1), f64(y, 20, 1), NULL, NULL);
    close_to(report.mae.value, 10.5);
    close_to(report.mae.error, sqrt(20 * 21 / 12.0) / sqrt(20));
    ck_assert(isnan(report.r2.value)); /* all targets are equal */
    talus_report one = report_of(f64(a, 1, 1), f64(y, 1, 1), NULL, NULL);
    ck_assert(one.mae.value == 1 && isnan(one.mae.error));
    talus_report exact = report_of(f64(a, 20, 1), f64(a, 20, 1), NULL, NULL);
    ck_assert(exact.rmse.value == 0 && exact.rmse.error == 0 && exact.r2.value == 1);
}
END_TEST

START_TEST(classes_without_samples_do_not_count)
{
    static const int32_t truth[] = {0, 0, 2}, guess[] = {0, 1, 2};
    double a[12], classes[20];
    decide(guess, 3, 4, a);
    talus_matrix to = f64(classes, 4, 5);
    talus_report_options options = options_of(TALUS_TASK_AUTO);
    options.classes = &to;
    talus_report report = report_of(f64(a, 3, 4), labels_of(truth, 3), NULL, &options);
    close_to(report.precision.value, 1);
    close_to(report.recall.value, 0.75);
    close_to(report.f1.value, (2.0 / 3 + 1) / 2);
    ck_assert(classes[5] == 0 && isnan(classes[6]) && classes[7] == 0 && isnan(classes[8])); /* predicted */
    ck_assert(classes[15] == 0 && isnan(classes[16]) && isnan(classes[17]) && classes[19] == 0);
    close_to(report.auc.value, (0.75 + 1) / 2); /* of classes 0 and 2 */
    static const int32_t same[] = {1, 1, 1};
    ck_assert(isnan(report_of(f64(a, 3, 4), labels_of(same, 3), NULL, NULL).auc.value));
    static const double sides[] = {0.2, 0.7, 0.9};
    static const int32_t no[] = {0, 0, 0};
    talus_report none = report_of(f64(sides, 3, 1), labels_of(no, 3), NULL, NULL);
    ck_assert(isnan(none.recall.value) && isnan(none.weighted_f1.value) && isnan(none.auc.value));
    close_to(none.accuracy.value, 1.0 / 3);
}
END_TEST

/* Of equal outputs the first is the largest, for top-k too: k = 1 is accuracy. */
START_TEST(ties_go_to_the_first)
{
    static const double a[] = {0.4, 0.4, 0.2, 0.4, 0.4, 0.2, 0.2, 0.4, 0.4};
    static const int32_t truth[] = {0, 1, 2};
    talus_report_options options = options_of(TALUS_TASK_AUTO);
    options.top_k = 1;
    talus_report report = report_of(f64(a, 3, 3), labels_of(truth, 3), NULL, &options);
    close_to(report.accuracy.value, 1.0 / 3);
    close_to(report.top_k_accuracy.value, 1.0 / 3);
    options.top_k = 2;
    close_to(report_of(f64(a, 3, 3), labels_of(truth, 3), NULL, &options).top_k_accuracy.value, 1);
    static const double soft[] = {0.5, 0.5, 0, 0, 0.5, 0.5, 0.1, 0.2, 0.7}; /* of classes 0, 1 and 2 */
    talus_report_options classes = options_of(TALUS_TASK_CLASSES);
    close_to(report_of(f64(a, 3, 3), f64(soft, 3, 3), NULL, &classes).accuracy.value, 1.0 / 3);
}
END_TEST

/* Several yes-or-no outputs: every one is a case. */
START_TEST(sides_are_cases)
{
    static const double a[] = {0.9, 0.2, 0.4, 0.8, 0.7, 0.5};
    static const double y[] = {1, 0, 1, 1, 0, 0};
    talus_report_options options = options_of(TALUS_TASK_SIDES);
    double classes[10];
    talus_matrix to = f64(classes, 2, 5);
    options.classes = &to;
    talus_report report = report_of(f64(a, 3, 2), f64(y, 3, 2), NULL, &options);
    close_to(report.accuracy.value, 4.0 / 6); /* a sample: 1, ½, ½ */
    close_to(report.accuracy.error, sqrt((1.0 / 9 + 2.0 / 36) / 2 / 3));
    close_to(report.brier_score.value, (0.01 + 0.04 + 0.36 + 0.04 + 0.49 + 0.25) / 6);
    close_to(report.log_loss.value, -(log(0.9) + log(0.8) + log(0.4) + log(0.8) + log(0.3) + log(0.5)) / 6);
    ck_assert(classes[0] == 0.5 && classes[1] == 0.5 && classes[2] == 0.5 && classes[4] == 2);
    ck_assert(classes[5] == 1 && classes[6] == 1 && classes[8] == 1 && classes[9] == 1);
    close_to(report.auc.value, (0.5 + 1) / 2); /* 0.9 > 0.7 > 0.4; 0.8 > 0.5 > 0.2 */
    options.threshold = 0.3;
    close_to(report_of(f64(a, 3, 2), f64(y, 3, 2), NULL, &options).accuracy.value, 4.0 / 6);
    options.threshold = 0.75;
    close_to(report_of(f64(a, 3, 2), f64(y, 3, 2), NULL, &options).accuracy.value, 5.0 / 6);
    double confusion[4];
    talus_matrix table = {confusion, TALUS_DTYPE_F64, 2, 2, 0};
    static const int32_t truth[] = {1, 1, 0, 0};
    static const double one[] = {0.9, 0.3, 0.8, 0.1}, w[] = {1, 2, 3, 4};
    options = options_of(TALUS_TASK_AUTO), options.confusion = &table;
    talus_report binary = report_of(f64(one, 4, 1), labels_of(truth, 4), w, &options);
    ck_assert(confusion[0] == 4 && confusion[1] == 3 && confusion[2] == 2 && confusion[3] == 1);
    close_to(binary.precision.value, 0.25);
    close_to(binary.recall.value, 1.0 / 3);
    close_to(binary.f1.value, 2.0 / 7);
    close_to(binary.auc.value, (4.0 * 1 + 2 * 4 + 3 * 1) / (3 * 7));
}
END_TEST

/* 0 and 1 are kept ε away, so that no logarithm is infinite; ½·ε of f32 is kept at ε of it. */
START_TEST(sure_predictions_cost_a_finite_number)
{
    static const double sure[] = {0, 1};
    static const float sure32[] = {0, 1};
    static const int32_t truth[] = {1, 0};
    talus_matrix single = talus_matrix_view(sure32, TALUS_DTYPE_F32, 2, 1);
    close_to(report_of(f64(sure, 2, 1), labels_of(truth, 2), NULL, NULL).log_loss.value, -log(DBL_EPSILON));
    close_to(report_of(single, labels_of(truth, 2), NULL, NULL).log_loss.value, -log((double)FLT_EPSILON));
    static const int32_t right[] = {0, 1};
    close_to(report_of(f64(sure, 2, 1), labels_of(right, 2), NULL, NULL).log_loss.value, DBL_EPSILON);
    static const double classes[] = {0, 1, 1, 0};
    close_to(report_of(f64(classes, 2, 2), labels_of(right, 2), NULL, NULL).log_loss.value,
             -log(DBL_EPSILON));
    close_to(report_of(f64(classes, 2, 2), labels_of(right, 2), NULL, NULL).brier_score.value, 2);
}
END_TEST

START_TEST(u8_targets_are_numbers)
{
    static const uint8_t y[] = {1, 200};
    static const double a[] = {2, 198};
    talus_report report = report_of(f64(a, 2, 1), talus_matrix_view(y, TALUS_DTYPE_U8, 2, 1), NULL, NULL);
    close_to(report.mae.value, 1.5);
}
END_TEST

START_TEST(metrics_say_what_they_are)
{
    ck_assert_int_eq(talus_metric_more_is_better(TALUS_METRIC_AUC), 1);
    ck_assert_int_eq(talus_metric_more_is_better(TALUS_METRIC_COST), 0);
    ck_assert_int_eq(talus_metric_more_is_better(-1), -1);
    ck_assert_int_eq(talus_metric_more_is_better(TALUS_METRIC_COUNT), -1);
    ck_assert_int_eq(talus_metric_applies(TALUS_METRIC_COST, TALUS_TASK_VALUES), 1);
    ck_assert_int_eq(talus_metric_applies(TALUS_METRIC_R2, TALUS_TASK_VALUES), 1);
    ck_assert_int_eq(talus_metric_applies(TALUS_METRIC_R2, TALUS_TASK_SIDES), 0);
    ck_assert_int_eq(talus_metric_applies(TALUS_METRIC_TOP_K_ACCURACY, TALUS_TASK_SIDES), 0);
    ck_assert_int_eq(talus_metric_applies(TALUS_METRIC_AUC, TALUS_TASK_SIDES), 1);
    ck_assert_int_eq(talus_metric_applies(TALUS_METRIC_AUC, TALUS_TASK_AUTO), -1);
    ck_assert_int_eq(talus_metric_applies(TALUS_METRIC_AUC, TALUS_TASK_COUNT), -1);
    ck_assert_int_eq(talus_metric_applies(99, TALUS_TASK_SIDES), -1);
    ck_assert_str_eq(talus_metric_name(TALUS_METRIC_WEIGHTED_F1), "weighted_f1");
    ck_assert_int_eq(talus_metric_value("brier_score"), TALUS_METRIC_BRIER_SCORE);
    ck_assert_str_eq(talus_task_name(TALUS_TASK_SIDES), "sides");
    ck_assert_int_eq(talus_task_value("classes"), TALUS_TASK_CLASSES);
    talus_report report = {.f1 = {0.5, 0.1}};
    talus_estimate f1;
    ck_assert_int_eq(talus_report_estimate(&report, TALUS_METRIC_F1, &f1), TALUS_OK);
    ck_assert(f1.value == 0.5 && f1.error == 0.1);
    ck_assert_int_eq(talus_report_estimate(NULL, TALUS_METRIC_F1, &f1), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_report_estimate(&report, TALUS_METRIC_F1, NULL), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_report_estimate(&report, -1, &f1), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_report_estimate_sized(&report, 32, TALUS_METRIC_F1, &f1), TALUS_ERROR_ARGUMENT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tests = case_with(suite, begin_metrics, end_metrics);
    tcase_add_loop_test(tests, weights_count_samples, 0, 3);
    tcase_add_loop_test(tests, order_plays_no_part, 0, 3);
    tcase_add_test(tests, the_area_counts_pairs);
    tcase_add_test(tests, averages_are_those_of_loops);
    tcase_add_test(tests, many_samples_keep_their_digits);
    tcase_add_test(tests, errors_are_those_of_means);
    tcase_add_test(tests, classes_without_samples_do_not_count);
    tcase_add_test(tests, ties_go_to_the_first);
    tcase_add_test(tests, sides_are_cases);
    tcase_add_test(tests, sure_predictions_cost_a_finite_number);
    tcase_add_test(tests, u8_targets_are_numbers);
    tcase_add_test(tests, metrics_say_what_they_are);
    return run_suite(suite);
}
