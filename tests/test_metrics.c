/* Metrics of predictions: published numbers, identities, and plain loops. */
#include <float.h>

#include "support.h"

static talus_context *context;

static void setup(void)
{
    context = context_with(1, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

static talus_matrix f64(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

static talus_matrix labels_of(const int32_t *data, int64_t rows)
{
    return talus_matrix_view(data, TALUS_DTYPE_I32, rows, 1);
}

static talus_report report_of(talus_matrix outputs, talus_matrix targets, const double *weights,
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

static talus_report_options options_of(int task)
{
    talus_report_options options;
    talus_report_options_defaults(&options);
    options.task = task;
    return options;
}

static void close_to(double got, double expected)
{
    ck_assert_double_eq_tol(got, expected, 16 * DBL_EPSILON * fmax(fabs(expected), 1));
}

/* Outputs of n samples of which each is surely of a class. */
static void decide(const int32_t *classes, int64_t n, int64_t count, double *outputs)
{
    for (int64_t i = 0; i < n * count; i++)
        outputs[i] = i % count == classes[i / count];
}

/* Published numbers ------------------------------------------------------------------------------------------- */

/* The examples of scikit-learn 1.3's reference: confusion_matrix, precision_recall_fscore_support, f1_score. */
START_TEST(confusion_is_as_published)
{
    static const int32_t truth[] = {2, 0, 2, 2, 0, 1}, guess[] = {0, 0, 2, 2, 0, 2};
    static const double published[] = {2, 0, 0, 0, 0, 1, 1, 0, 2};
    double outputs[18], confusion[9];
    decide(guess, 6, 3, outputs);
    talus_matrix to = f64(confusion, 3, 3);
    talus_report_options options = options_of(TALUS_TASK_AUTO);
    options.confusion = &to;
    talus_report report = report_of(f64(outputs, 6, 3), labels_of(truth, 6), NULL, &options);
    ck_assert_int_eq(memcmp(confusion, published, sizeof published), 0);
    close_to(report.accuracy.value, 4.0 / 6);
    close_to(report.accuracy.error, sqrt(4.0 / 6 * (2.0 / 6) / 5)); /* √(p(1−p)/(n−1)) */
}
END_TEST

START_TEST(averages_are_as_published)
{
    static const int32_t truth[] = {0, 1, 2, 0, 1, 2}, guess[] = {0, 2, 1, 0, 0, 1};
    double outputs[18], classes[15];
    decide(guess, 6, 3, outputs);
    talus_matrix to = f64(classes, 3, 5);
    talus_report_options options = options_of(TALUS_TASK_CLASSES);
    options.classes = &to;
    talus_report report = report_of(f64(outputs, 6, 3), labels_of(truth, 6), NULL, &options);
    close_to(report.precision.value, 2.0 / 9); /* 0.22… */
    close_to(report.recall.value, 1.0 / 3);    /* 0.33… */
    close_to(report.f1.value, 0.8 / 3);        /* 0.26… */
    close_to(report.weighted_precision.value, 2.0 / 9);
    close_to(report.weighted_recall.value, report.accuracy.value);
    close_to(report.weighted_f1.value, 0.8 / 3);
    close_to(classes[0], 2.0 / 3);
    ck_assert(classes[1] == 1 && classes[4] == 2);
    close_to(classes[2], 0.8);
    ck_assert(classes[5] == 0 && classes[6] == 0 && classes[7] == 0 && classes[9] == 2);
    ck_assert(isnan(report.f1.error) && isnan(report.r2.value));
}
END_TEST

/* The same reference: roc_auc_score, brier_score_loss, log_loss, top_k_accuracy_score. */
START_TEST(probabilities_are_as_published)
{
    static const double scores[] = {0.1, 0.4, 0.35, 0.8}, chances[] = {0.1, 0.9, 0.8, 0.3};
    static const int32_t truth[] = {0, 0, 1, 1}, rain[] = {0, 1, 1, 0}, spam[] = {1, 0, 0, 1};
    static const double mails[] = {0.1, 0.9, 0.9, 0.1, 0.8, 0.2, 0.35, 0.65};
    static const double ranked[] = {0.5, 0.2, 0.2, 0.3, 0.4, 0.2, 0.2, 0.4, 0.3, 0.7, 0.2, 0.1};
    static const int32_t of_ranked[] = {0, 1, 2, 2};
    ck_assert_double_eq(report_of(f64(scores, 4, 1), labels_of(truth, 4), NULL, NULL).auc.value, 0.75);
    close_to(report_of(f64(chances, 4, 1), labels_of(rain, 4), NULL, NULL).brier_score.value, 0.0375);
    talus_report mail = report_of(f64(mails, 4, 2), labels_of(spam, 4), NULL, NULL);
    ck_assert_double_eq_tol(mail.log_loss.value, 0.21616, 5e-6);
    close_to(mail.log_loss.value, -(2 * log(0.9) + log(0.8) + log(0.65)) / 4);
    talus_report_options two = options_of(TALUS_TASK_AUTO);
    two.top_k = 2;
    ck_assert_double_eq(
        report_of(f64(ranked, 4, 3), labels_of(of_ranked, 4), NULL, &two).top_k_accuracy.value, 0.75);
    ck_assert_double_eq(
        report_of(f64(ranked, 4, 3), labels_of(of_ranked, 4), NULL, NULL).top_k_accuracy.value, 1);
}
END_TEST

/* The same: r2_score, mean_absolute_error, mean_squared_error. */
START_TEST(values_are_as_published)
{
    static const double y[] = {3, -0.5, 2, 7}, a[] = {2.5, 0, 2, 8};
    static const double yy[] = {0.5, 1, -1, 1, 7, -6}, aa[] = {0, 2, -1, 2, 8, -5};
    talus_report one = report_of(f64(a, 4, 1), f64(y, 4, 1), NULL, NULL);
    close_to(one.r2.value, 1 - 1.5 / 29.1875); /* 0.948… */
    close_to(one.mae.value, 0.5);
    close_to(one.rmse.value, sqrt(0.375));
    talus_report two = report_of(f64(aa, 3, 2), f64(yy, 3, 2), NULL, NULL);
    close_to(two.mae.value, 0.75);
    close_to(two.rmse.value, sqrt(4.25 / 6)); /* of 0.708… */
    /* Σ(y − ȳ)² = 36.1666… and 32.6666…, Σ(a − y)² = 1.25 and 3 */
    close_to(two.r2.value, 1 - (1.25 / (217.0 / 6) + 3 / (98.0 / 3)) / 2);
    ck_assert(isnan(two.accuracy.value) && isnan(two.auc.value) && isnan(two.brier_score.value));
}
END_TEST

/* Hanley and McNeil 1982, table I: ratings 1 … 5 of 58 normal and 51 abnormal images: 0.893 with the error 0.032. */
START_TEST(ratings_are_as_published)
{
    static const int normal[] = {33, 6, 6, 11, 2}, abnormal[] = {3, 2, 2, 11, 33};
    double ratings[109];
    int32_t truth[109];
    int n = 0;
    for (int rating = 0; rating < 5; rating++)
        for (int i = 0; i < normal[rating] + abnormal[rating]; i++, n++)
            ratings[n] = rating + 1, truth[n] = i >= normal[rating];
    ck_assert_int_eq(n, 109);
    talus_report report = report_of(f64(ratings, n, 1), labels_of(truth, n), NULL, NULL);
    ck_assert_double_eq_tol(report.auc.value, 0.893, 0.0005);
    ck_assert_double_eq_tol(report.auc.error, 0.032, 0.001);
    double a = report.auc.value, q1 = a / (2 - a), q0 = 2 * a * a / (1 + a);
    close_to(report.auc.error, sqrt((a * (1 - a) + 50 * (q1 - a * a) + 57 * (q0 - a * a)) / (51.0 * 58)));
    ck_assert(isnan(report.log_loss.value) && isnan(report.brier_score.value)); /* no probabilities */
    ck_assert(isnan(report.calibration_error.value));
}
END_TEST

/* Four bins by hand. Of (0, ¼]: ¼, false; (¼, ½]: none; (½, ¾]: 0.6 true, 0.7 false; (¾, 1]: 1 true. */
START_TEST(calibration_is_a_sum_over_bins)
{
    static const double yes[] = {0.25, 0.6, 0.7, 1, 0};
    static const int32_t truth[] = {0, 1, 0, 1, 0};
    talus_report_options options = options_of(TALUS_TASK_AUTO);
    options.bins = 4;
    talus_report sides = report_of(f64(yes, 5, 1), labels_of(truth, 5), NULL, &options);
    close_to(sides.calibration_error.value, (0.25 + fabs(1 - 1.3) + 0) / 5);
    /* Classes: the predicted one. 0.6 right, 0.7 wrong, 0.9 right. */
    static const double three[] = {0.6, 0.3, 0.1, 0.7, 0.2, 0.1, 0.05, 0.05, 0.9};
    static const int32_t of[] = {0, 1, 2};
    talus_report classes = report_of(f64(three, 3, 3), labels_of(of, 3), NULL, &options);
    close_to(classes.calibration_error.value, (fabs(1 - 1.3) + fabs(1 - 0.9)) / 3);
}
END_TEST

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
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, confusion_is_as_published);
    tcase_add_test(tests, averages_are_as_published);
    tcase_add_test(tests, probabilities_are_as_published);
    tcase_add_test(tests, values_are_as_published);
    tcase_add_test(tests, ratings_are_as_published);
    tcase_add_test(tests, calibration_is_a_sum_over_bins);
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
