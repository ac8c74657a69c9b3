/* Cross-validation: each fold is judged by a network that has not seen it. */
#include <math.h>
#include <stdio.h>

#include "commands.h"
#include "job.h"
#include "judge.h"

/* Sums over folds of each metric and of its square. */
typedef struct metric_sums {
    double values[TALUS_METRIC_COUNT], squares[TALUS_METRIC_COUNT];
} metric_sums;

static void add_report(metric_sums *to, const talus_report *report)
{
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        talus_estimate found;
        (void)talus_report_estimate(report, metric, &found);
        to->values[metric] += found.value, to->squares[metric] += found.value * found.value;
    }
}

static int train_fold(job *of, int64_t folds, int64_t fold, metric_sums *sums)
{
    talus_dataset *training = NULL, *held = NULL;
    const int stratified = class_count(&of->data) > 0;
    int done = talus_dataset_fold(of->data.dataset, folds, fold, stratified, (uint64_t)of->run.fit.seed,
                                  &training, &held) == TALUS_OK;
    if (!done)
        report_failure(of->context);
    done = done && begin_run(of, training) && train_on(of, training, NULL) &&
           judge(of->context, of->network, held, &of->report);
    if (done)
        add_report(sums, &of->report);
    end_run(of);
    talus_dataset_destroy(training);
    talus_dataset_destroy(held);
    return done;
}

static void print_folds(int json, const metric_sums *sums, int64_t folds)
{
    const double k = (double)folds;
    const char *comma = "";
    printf(json ? "{\"folds\": %lld, \"metrics\": {" : "%lld folds:\n", (long long)folds);
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        const char *name = talus_metric_name(metric);
        const double mean = sums->values[metric] / k;
        const double variance = fmax(0, sums->squares[metric] / k - mean * mean) * k / (k - 1);
        if (!isfinite(mean))
            continue;
        if (json)
            printf("%s\"%s\": %.10g", comma, name, mean);
        else
            printf("  %-20s %.5g +- %.2g between folds\n", name, mean, sqrt(variance));
        comma = ", ";
    }
    if (json)
        printf("}}\n");
}

int train_folds(job *of, int64_t folds)
{
    metric_sums sums = {{0}, {0}};
    of->run.fit.max_seconds /= (double)folds;
    for (int64_t i = 0; i < folds; i++) {
        if (!is_given(of->line, "quiet"))
            fprintf(stderr, "fold %lld of %lld\n", (long long)i + 1, (long long)folds);
        if (!train_fold(of, folds, i, &sums))
            return FAILED;
        if (stop_asked) {
            fprintf(stderr, "talus: stopped in fold %lld of %lld\n", (long long)i + 1, (long long)folds);
            return INTERRUPTED;
        }
    }
    print_folds(is_given(of->line, "json"), &sums, folds);
    return DONE;
}
