/* Mean and covariance of the inputs of a data set, as its eigenvalues and eigenvectors. */
#ifndef TL_TRAIN_INPUT_SPECTRUM_H
#define TL_TRAIN_INPUT_SPECTRUM_H

#include "data/dataset.h"
#include "network/scaling.h"

/* m = Σ s(x)/n, and Σ (s(x) − m)·(s(x) − m)ᵀ/n = Vᵀ·diag(λ)·V of p columns. */
typedef struct tl_input_spectrum {
    int64_t columns;
    double *mean;
    double *variances; /* λ, descending, at least 0 */
    double *vectors;   /* V, p × p: row k goes with λ_k, and has a positive element of the largest size */
} tl_input_spectrum;

/* Goes three times through the samples, in blocks. Give it back with tl_input_spectrum_destroy, also after an error. TALUS_ERROR_SHAPE
 * (more than 32766 columns), TALUS_ERROR_DATA (a column that does not vary, numbers that are too large), TALUS_ERROR_MEMORY; messages begin with call. */
talus_status tl_input_spectrum_compute(talus_context *context, const char *call, const talus_dataset *dataset,
                                       const tl_scaling *scaling, double clip, tl_input_spectrum *spectrum);
void tl_input_spectrum_destroy(talus_context *context, tl_input_spectrum *spectrum);

/* The least number of components that have a share of the variance. */
int64_t tl_input_spectrum_components(const tl_input_spectrum *spectrum, double share);

#endif
