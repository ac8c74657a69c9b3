/* Metrics are as published. */
#include "metrics_support.h"

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

int main(void)
{
    Suite *suite = suite_create("published metrics");
    TCase *tests = case_with(suite, begin_metrics, end_metrics);
    tcase_add_test(tests, confusion_is_as_published);
    tcase_add_test(tests, averages_are_as_published);
    tcase_add_test(tests, probabilities_are_as_published);
    tcase_add_test(tests, values_are_as_published);
    tcase_add_test(tests, ratings_are_as_published);
    tcase_add_test(tests, calibration_is_a_sum_over_bins);
    return run_suite(suite);
}
