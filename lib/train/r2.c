/* The coefficient of determination. */
#include <math.h>

#include "train/metric_table.h"

/* Of one output; NaN if its targets are all equal. */
static double r2_of(const tl_predictions *p, int64_t k)
{
    double mean = 0, errors = 0, spread = 0, least = INFINITY, most = -INFINITY;
    for (int64_t i = 0; i < p->samples; i++) {
        double w = tl_weight_of(p, i), y = tl_target(p, i, k);
        mean += w / p->weight * y;
        least = w > 0 ? fmin(least, y) : least;
        most = w > 0 ? fmax(most, y) : most;
    }
    for (int64_t i = 0; i < p->samples; i++) {
        double w = tl_weight_of(p, i), y = tl_target(p, i, k), error = tl_output(p, i, k) - y;
        errors += w * error * error;
        spread += w * (y - mean) * (y - mean);
    }
    return least == most ? NAN : 1 - errors / spread;
}

talus_status tl_measure_r2(const tl_predictions *p, talus_report *report)
{
    double sum = 0, defined = 0;
    for (int64_t k = 0; k < p->columns; k++) {
        double r2 = r2_of(p, k);
        sum += isnan(r2) ? 0 : r2;
        defined += !isnan(r2);
    }
    report->r2.value = sum / defined; /* NaN without any */
    return TALUS_OK;
}
