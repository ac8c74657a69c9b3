/* The expected calibration error. */
#include <math.h>

#include "train/metric_table.h"

#define MOST_BINS 256 /* of the options' table */

/* Σ over the cases of a bin: W, Σ w·p of their probabilities, Σ w·y of what came true. */
typedef struct bin {
    double weight, probability, truth;
} bin;

/* p in (b/B, (b+1)/B], 0 in the first */
static void add_case(bin *bins, int count, double weight, double probability, double truth)
{
    int b = (int)ceil(probability * count) - 1;
    bin *of = &bins[b < 0 ? 0 : b];
    of->weight += weight;
    of->probability += weight * probability;
    of->truth += weight * truth;
}

static void add_sample(const tl_predictions *p, int64_t i, bin *bins)
{
    double w = tl_weight_of(p, i);
    if (p->options.task == TALUS_TASK_CLASSES) {
        int64_t class = tl_output_class(p, i);
        add_case(bins, p->options.bins, w, tl_output(p, i, class), class == tl_target_class(p, i));
        return;
    }
    for (int64_t k = 0; k < p->columns; k++)
        add_case(bins, p->options.bins, w, tl_output(p, i, k), tl_target(p, i, k));
}

talus_status tl_measure_calibration(const tl_predictions *p, talus_report *report)
{
    bin bins[MOST_BINS] = {{0}};
    double sum = 0, weight = 0;
    for (int64_t i = 0; i < p->samples; i++)
        add_sample(p, i, bins);
    for (int b = 0; b < p->options.bins; b++) {
        sum += fabs(bins[b].truth - bins[b].probability); /* W_b·|ȳ_b − p̄_b| */
        weight += bins[b].weight;
    }
    report->calibration_error.value = sum / weight;
    return TALUS_OK;
}
