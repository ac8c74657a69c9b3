/* What kernels should compute: formulas in long double, by the code of their kind. A new kind needs a row here. */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include "network/kinds.h"

/* f of one z; α is read where the kind has one. */
typedef struct activation_reference {
    long double (*value)(long double z, long double alpha);
    long double (*slope)(long double z, long double alpha); /* f′ */
    double at_plus, at_minus;                               /* f(±∞), for α = ½ */
    double slope_at_zero;                                   /* f′(0), for α = ½ */
    double flat_from;                   /* f′ jumps to 0 at ± this number, if it is not 0 */
    double more_ulps;                   /* of error beyond 2 */
    double alpha_ulps;                  /* the same, for any α but 1 */
    double (*tail_ulps)(long double z); /* the same, at z; or NULL */
    long double (*slope_size)(long double z,
                              long double alpha); /* Σ of the sizes of what f′ adds up; NULL: |f′| */
} activation_reference;

/* f of the z of a whole layer; Δ = ∂/∂z of Σ_i g_i·a_i for the a that f gives. */
typedef struct whole_reference {
    void (*value)(int64_t rows, const long double *z, long double *a);
    void (*slope)(int64_t rows, const long double *a, const long double *g, long double *delta);
} whole_reference;

/* A loss of z where it is fused with an activation, else of a; and its derivative: of one output where the loss of a
 * sample is the sum over its outputs, else of the whole sample. parameter is read where the kind has one. */
typedef struct loss_reference {
    long double (*one)(long double z, long double y, long double parameter);
    long double (*one_slope)(long double z, long double y, long double parameter);
    long double (*whole)(int64_t rows, const long double *z, const long double *y, long double parameter);
    void (*whole_slope)(int64_t rows, const long double *z, const long double *y, long double parameter,
                        long double *slope);
} loss_reference;

/* A row for each kind without and with whole_layer, and for each loss. */
extern const activation_reference activation_references[TALUS_ACTIVATION_COUNT];
extern const whole_reference whole_references[TALUS_ACTIVATION_COUNT];
extern const loss_reference loss_references[TALUS_LOSS_COUNT];

/* log Σ_i exp z_i */
long double log_sum_exp(int64_t rows, const long double *z);

/* The loss of a sample, of either sort, and its gradient. */
long double loss_value(int loss, long double parameter, int64_t rows, const long double *z,
                       const long double *y);
void loss_slope(int loss, long double parameter, int64_t rows, const long double *z, const long double *y,
                long double *slope);

/* A parameter for the kinds that have one, unlike the usual one; 0 for the others. */
double loss_parameter_for(int loss);

/* The activations of the two sorts, one by one: the next code after `activation`, TALUS_ACTIVATION_COUNT at the end. */
int next_elementwise(int activation);
int next_whole(int activation);

/* f of a column, for an activation of either sort. */
void activate_column(int activation, long double alpha, int64_t rows, const long double *z, long double *a);

#endif
