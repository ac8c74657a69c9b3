/* Metrics that are means over samples. */
#include <math.h>

#include "train/batches.h"
#include "train/metric_table.h"
#include "train/report.h"

/* Deviations are taken from the mean in a second pass, so that nothing cancels. */
talus_estimate tl_mean(const tl_predictions *p, tl_sample_value *value)
{
    double sum = 0, squares = 0, counted = 0;
    for (int64_t i = 0; i < p->samples; i++)
        if (tl_weight_of(p, i) > 0)
            sum += tl_weight_of(p, i) * value(p, i);
    double mean = sum / p->weight;
    for (int64_t i = 0; i < p->samples; i++)
        if (tl_weight_of(p, i) > 0) {
            double deviation = tl_weight_of(p, i) * (value(p, i) - mean);
            squares += deviation * deviation;
            counted++;
        }
    double error = counted > 1 ? sqrt(counted / (counted - 1) * squares) / p->weight : NAN;
    return (talus_estimate){mean, error};
}

static double loss_of(const tl_predictions *p, int64_t i)
{
    return p->losses[i];
}

double tl_cost_error(const talus_dataset *dataset, const double *losses)
{
    tl_pass all;
    tl_pass_at(dataset, NULL, 0, dataset->samples, &all);
    tl_predictions p = {.samples = dataset->samples, .weights = all.weights, .losses = losses};
    for (int64_t i = 0; i < p.samples; i++)
        p.weight += tl_weight_of(&p, i);
    return tl_mean(&p, loss_of).error;
}

/* The mean of a function of output and target over the outputs of a sample. */
static double mean_over_outputs(const tl_predictions *p, int64_t i,
                                double value(const tl_predictions *, double a, double y))
{
    double sum = 0;
    for (int64_t k = 0; k < p->columns; k++)
        sum += value(p, tl_output(p, i, k), tl_target(p, i, k));
    return sum / (double)p->columns;
}

static bool is_classes(const tl_predictions *p)
{
    return p->options.task == TALUS_TASK_CLASSES;
}

static double is_right(const tl_predictions *p, double a, double y)
{
    return (a > p->options.threshold) == (y > 0.5);
}

double tl_sample_right(const tl_predictions *p, int64_t i)
{
    return is_classes(p) ? tl_output_class(p, i) == tl_target_class(p, i) : mean_over_outputs(p, i, is_right);
}

double tl_sample_among_first(const tl_predictions *p, int64_t i)
{
    int64_t class = tl_target_class(p, i), before = 0;
    double own = tl_output(p, i, class);
    for (int64_t k = 0; k < p->columns; k++)
        before += tl_output(p, i, k) > own || (tl_output(p, i, k) == own && k < class);
    return before < p->options.top_k;
}

static double kept_away(const tl_predictions *p, double a)
{
    return fmin(fmax(a, p->epsilon), 1 - p->epsilon);
}

static double side_log_loss(const tl_predictions *p, double a, double y)
{
    double yes = y == 0 ? 0 : y * log(kept_away(p, a)), no = y == 1 ? 0 : (1 - y) * log1p(-kept_away(p, a));
    return -yes - no;
}

double tl_sample_log_loss(const tl_predictions *p, int64_t i)
{
    double sum = 0;
    if (!is_classes(p))
        return mean_over_outputs(p, i, side_log_loss);
    for (int64_t k = 0; k < p->columns; k++)
        if (tl_target(p, i, k) != 0)
            sum -= tl_target(p, i, k) * log(kept_away(p, tl_output(p, i, k)));
    return sum;
}

static double squared(const tl_predictions *p, double a, double y)
{
    (void)p;
    return (a - y) * (a - y);
}

static double absolute(const tl_predictions *p, double a, double y)
{
    (void)p;
    return fabs(a - y);
}

static double mean_square(const tl_predictions *p, int64_t i)
{
    return mean_over_outputs(p, i, squared);
}

double tl_sample_absolute_error(const tl_predictions *p, int64_t i)
{
    return mean_over_outputs(p, i, absolute);
}

/* The sum over classes; the mean over sides. */
double tl_sample_brier(const tl_predictions *p, int64_t i)
{
    return mean_square(p, i) * (is_classes(p) ? (double)p->columns : 1);
}

/* d√x = dx/(2·√x) */
talus_status tl_measure_rmse(const tl_predictions *p, talus_report *report)
{
    talus_estimate square = tl_mean(p, mean_square);
    double root = sqrt(square.value);
    report->rmse = (talus_estimate){root, root > 0 ? square.error / (2 * root) : square.error};
    return TALUS_OK;
}
