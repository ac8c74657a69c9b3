/* Right and wrong predictions of each class, or of each output's yes: precision, recall, F1 and the confusion matrix. */
#include <math.h>
#include <string.h>

#include "train/metric_table.h"

/* Weights of samples: predicted rightly to be of a class, predicted to be, and of it. */
typedef struct counts {
    double *right, *predicted, *actual;
} counts;

static void count_sample(const tl_predictions *p, int64_t i, counts *c)
{
    double w = tl_weight_of(p, i);
    if (p->options.task == TALUS_TASK_CLASSES) {
        int64_t target = tl_target_class(p, i), output = tl_output_class(p, i);
        c->actual[target] += w;
        c->predicted[output] += w;
        c->right[target] += target == output ? w : 0;
        return;
    }
    for (int64_t k = 0; k < p->columns; k++) {
        bool yes = tl_target_is_yes(p, i, k), says_yes = tl_output_is_yes(p, i, k);
        c->actual[k] += yes ? w : 0;
        c->predicted[k] += says_yes ? w : 0;
        c->right[k] += yes && says_yes ? w : 0;
    }
}

static void fill_confusion(const tl_predictions *p, const talus_matrix *confusion)
{
    bool classes = p->options.task == TALUS_TASK_CLASSES;
    for (int64_t row = 0; row < confusion->rows; row++)
        memset(tl_wanted_at(confusion, row, 0), 0, (size_t)confusion->cols * sizeof(double));
    for (int64_t i = 0; i < p->samples; i++) {
        int64_t target = classes ? tl_target_class(p, i) : tl_target_is_yes(p, i, 0);
        int64_t output = classes ? tl_output_class(p, i) : tl_output_is_yes(p, i, 0);
        *tl_wanted_at(confusion, target, output) += tl_weight_of(p, i);
    }
}

static double precision_of(const counts *c, int64_t k)
{
    return c->predicted[k] > 0 ? c->right[k] / c->predicted[k] : 0;
}

static double recall_of(const counts *c, int64_t k)
{
    return c->right[k] / c->actual[k];
}

/* 2·TP/(2·TP + FP + FN) */
static double f1_of(const counts *c, int64_t k)
{
    return 2 * c->right[k] / (c->predicted[k] + c->actual[k]);
}

static void average(const tl_predictions *p, const counts *c, double value(const counts *, int64_t),
                    talus_estimate *macro, talus_estimate *weighted)
{
    double sum = 0, weighted_sum = 0, classes = 0, weight = 0;
    for (int64_t k = 0; k < p->columns; k++)
        if (c->actual[k] > 0) {
            sum += value(c, k);
            weighted_sum += c->actual[k] * value(c, k);
            classes++;
            weight += c->actual[k];
        }
    macro->value = sum / classes; /* NaN without any */
    weighted->value = weighted_sum / weight;
}

static void fill_classes(const tl_predictions *p, const counts *c, const talus_matrix *classes)
{
    for (int64_t k = 0; k < p->columns; k++) {
        *tl_wanted_at(classes, k, 0) = precision_of(c, k);
        *tl_wanted_at(classes, k, 1) = recall_of(c, k);
        *tl_wanted_at(classes, k, 2) = f1_of(c, k);
        *tl_wanted_at(classes, k, 4) = c->actual[k];
    }
}

talus_status tl_measure_classes(const tl_predictions *p, talus_report *report)
{
    double *memory = tl_allocate(p->context, 3 * (size_t)p->columns * sizeof *memory);
    if (memory == NULL)
        return tl_fail(p->context, TALUS_ERROR_MEMORY,
                       "report: the allocator returned no memory for the counts of %lld classes",
                       (long long)p->columns);
    counts c = {memory, memory + p->columns, memory + 2 * p->columns};
    for (int64_t i = 0; i < p->samples; i++)
        count_sample(p, i, &c);
    average(p, &c, precision_of, &report->precision, &report->weighted_precision);
    average(p, &c, recall_of, &report->recall, &report->weighted_recall);
    average(p, &c, f1_of, &report->f1, &report->weighted_f1);
    if (p->options.confusion != NULL)
        fill_confusion(p, p->options.confusion);
    if (p->options.classes != NULL)
        fill_classes(p, &c, p->options.classes);
    tl_release(p->context, memory);
    return TALUS_OK;
}
