/* Diagnosis: seeing when training goes wrong, and why. */
#ifndef TALUS_DIAGNOSE_H
#define TALUS_DIAGNOSE_H

#include <talus/evaluate.h>
#include <talus/minimize.h>
#include <talus/network.h>
#include <talus/train.h>

TALUS_BEGIN_C

/* Gradient check ------------------------------------------------------------------------------------------- */

/* What a comparison of a gradient g with central differences finds. For each parameter θ_i that is checked,
 *
 *     d_i = (C(θ + h·e_i) − C(θ − h·e_i))/2h,   h = ε^⅓·max(1, |θ_i|),   ε = 2⁻⁵²
 *     error_i = |g_i − d_i| / max(|g_i|, |d_i|, ε^⅓·max(|C|, max_j |g_j|))
 *
 * The h balances the error of the difference quotient, h²·C‴/6, with that of rounding, ε·C/h; differences resolve no less than
 * about ε^⅔·C, which the last term keeps from counting. So a right gradient has errors of a few times ε^⅓ = 6e-6, and a wrong
 * one of order 1. Where f′ jumps (relu), a z nearer to the jump than h shows as an error, too. */
typedef struct talus_gradient_check_result {
    int64_t checked; /* parameters */
    double
        error; /* the largest error_i; infinite if a cost or gradient is not finite. And of that parameter: */
    double analytic; /* g_i */
    double numeric;  /* d_i */
    int64_t index;   /* i, from 0 */
    int layer;       /* 1 … L; 0 in a function of the caller's */
    int part;        /* a talus_part; −1 in a function of the caller's */
    int64_t row;     /* in the part, from 0; 0 in a function of the caller's */
    int64_t col;     /* the same; i in a function of the caller's */
} talus_gradient_check_result;

/* Checks talus_gradient of a network on a batch. The network's parameters are moved and put back.
 *   count                     parameters to check, drawn at random; 0: all
 *   seed                      of the draw, any number
 *   batch_size, result_size   the caller's sizeof of both structs
 * It costs two forward passes a parameter. TALUS_ERROR_UNSUPPORTED in f32, whose differences have no digits left: make the
 * network in f64 to check it. TALUS_ERROR_ARGUMENT (a NULL, a negative count), TALUS_ERROR_MEMORY, and the errors of
 * talus_gradient. */
TALUS_API talus_status talus_gradient_check_sized(talus_network *network, talus_workspace *workspace,
                                                  const talus_batch *batch, size_t batch_size, int64_t count,
                                                  int64_t seed, talus_gradient_check_result *result,
                                                  size_t result_size);

static inline talus_status talus_gradient_check(talus_network *network, talus_workspace *workspace,
                                                const talus_batch *batch, int64_t count, int64_t seed,
                                                talus_gradient_check_result *result)
{
    return talus_gradient_check_sized(network, workspace, batch, sizeof(talus_batch), count, seed, result,
                                      sizeof(talus_gradient_check_result));
}

/* The same for a function of the caller's, as talus_minimize takes it, at the point x (1 × n of f64), which is not changed.
 * TALUS_ERROR_ARGUMENT (a NULL, another dtype, a negative count), TALUS_ERROR_SHAPE (x is not one row), TALUS_ERROR_STATE
 * (the function did not return 0), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_gradient_check_function_sized(talus_context *context, talus_function function,
                                                           void *user, const talus_matrix *x, int64_t count,
                                                           int64_t seed, talus_gradient_check_result *result,
                                                           size_t result_size);

static inline talus_status talus_gradient_check_function(talus_context *context, talus_function function,
                                                         void *user, const talus_matrix *x, int64_t count,
                                                         int64_t seed, talus_gradient_check_result *result)
{
    return talus_gradient_check_function_sized(context, function, user, x, count, seed, result,
                                               sizeof(talus_gradient_check_result));
}

/* Gradient health ------------------------------------------------------------------------------------------ */

/* What is computed in a step, in this order. */
typedef enum talus_operand {
    TALUS_OPERAND_INPUTS = 0,      /* X */
    TALUS_OPERAND_PARAMETERS = 1,  /* W_l, b_l, … as they were before the step */
    TALUS_OPERAND_Z = 2,           /* Z_l */
    TALUS_OPERAND_ACTIVATIONS = 3, /* A_l */
    TALUS_OPERAND_LOSS = 4,        /* C */
    TALUS_OPERAND_DELTAS = 5,      /* Δ_l */
    TALUS_OPERAND_GRADIENT = 6,    /* ∇W_l, ∇b_l, … */
    TALUS_OPERAND_UPDATE = 7,      /* the parameters after the step, or the state of the optimiser */
    TALUS_OPERAND_COUNT = 8        /* known to this header */
} talus_operand;

/* "inputs", "z", "deltas", …, or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_operand_name(int operand)
{
    return talus_enumeration_name(TALUS_ENUMERATION_OPERAND, operand);
}

static inline int talus_operand_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_OPERAND, name);
}

/* The first number of a step that is not finite. */
typedef struct talus_non_finite {
    int64_t step; /* of the trainer, from 1; 0 if there is none */
    int found;    /* 1: there is such a number; 0: all are finite, and what follows is not set */
    int layer;    /* 1 … L; 0 for the inputs */
    int operand;  /* a talus_operand */
    int part;     /* a talus_part, of parameters, gradient and update; −1 of others */
    int64_t row;  /* of that part; else the sample, counted in the step, from 0; −1 for the loss */
    int64_t col;  /* of that part; else the unit. From 0; −1 for the loss */
} talus_non_finite;

/* How a layer fares in a step. ‖·‖ is the root of the sum of the squares. */
typedef struct talus_health {
    int64_t step;   /* of the trainer, from 1; 0 if there is none */
    int layer;      /* l */
    int activation; /* a talus_activation */
    double
        gradient; /* ‖∂C/∂θ_l‖, with θ_l all parameters of the layer, of which those that are frozen count as 0 */
    double parameters; /* ‖θ_l‖ before the step */
    double update;     /* ‖θ_l after the step − θ_l before‖; NaN if no step was made */
    double ratio;      /* update/parameters: a thousandth is usual */
    double
        delta; /* ‖Δ_l‖/√d_l: that of the first layer beside that of the last says whether gradients vanish or
                          explode on their way back (Glorot and Bengio 2010) */
    double
        dead; /* share of the units, 0 … 1, with f′ = 0 for every sample of the batch, which so pass no gradient */
    double
        saturated; /* share of the outputs, 0 … 1, of activations that are bounded on both sides, with |f′| below a
                          twentieth of its largest value; NaN for other activations. Both are NaN for softmax, and where
                          the loss is computed from Z_L */
    int operand; /* −1; in the layer with the first number that is not finite, where it stands: see */
    int part;    /* talus_non_finite. One in the inputs stands in layer 1. */
    int64_t row;
    int64_t col;
} talus_health;

/* The health of all layers on one batch, without a step.
 *   healths  receives count = L structs, those of layer 1 first; health_size is the caller's sizeof of one
 * Allocates a little for the time of the call. The errors of talus_gradient, and TALUS_ERROR_ARGUMENT (healths is NULL, a
 * count other than L), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_health_of_sized(const talus_network *network, talus_workspace *workspace,
                                             const talus_batch *batch, size_t batch_size,
                                             talus_health *healths, size_t health_size, int count);

static inline talus_status talus_health_of(const talus_network *network, talus_workspace *workspace,
                                           const talus_batch *batch, talus_health *healths, int count)
{
    return talus_health_of_sized(network, workspace, batch, sizeof(talus_batch), healths,
                                 sizeof(talus_health), count);
}

/* Has a trainer look at every k-th step, from the next on whose number is a multiple of k: steps 1, k + 1, … if it is new.
 * 0, as in the beginning: at none. The bits of the training are the same, and a look costs about a quarter of a step. Takes
 * memory for a copy of the parameters. Of a step in which a fit accumulates several batches, the gradient is that of all of
 * them, and Δ_l, dead units and outputs are looked at over all samples. TALUS_ERROR_ARGUMENT (a NULL, a negative number),
 * TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_trainer_watch_health(talus_trainer *trainer, int64_t every);

/* The health of layer l = 1 … L in the last step that was looked at; a callback of a fit may ask, too. TALUS_ERROR_ARGUMENT
 * (a NULL, no such layer), TALUS_ERROR_STATE (no step was looked at). */
TALUS_API talus_status talus_trainer_health_sized(const talus_trainer *trainer, int layer,
                                                  talus_health *health, size_t size);

static inline talus_status talus_trainer_health(const talus_trainer *trainer, int layer, talus_health *health)
{
    return talus_trainer_health_sized(trainer, layer, health, sizeof(talus_health));
}

/* The first number that was not finite in the last step that was therefore not made, whether steps are looked at or not: what
 * made a fit diverge. found->found is 0 if there was no such step. TALUS_ERROR_ARGUMENT on a NULL. */
TALUS_API talus_status talus_trainer_non_finite_sized(const talus_trainer *trainer, talus_non_finite *found,
                                                      size_t size);

static inline talus_status talus_trainer_non_finite(const talus_trainer *trainer, talus_non_finite *found)
{
    return talus_trainer_non_finite_sized(trainer, found, sizeof(talus_non_finite));
}

/* What ails a network; the first that holds counts most. */
typedef enum talus_verdict {
    TALUS_VERDICT_HEALTHY = 0,    /* nothing stands out */
    TALUS_VERDICT_NOT_FINITE = 1, /* a number is not finite */
    TALUS_VERDICT_DEAD = 2,       /* more than half of a layer's units pass no gradient */
    TALUS_VERDICT_SATURATED = 3,  /* more than half of a layer's outputs lie where f is flat */
    TALUS_VERDICT_VANISHING = 4,  /* delta of layer 1 is below 1/1000 of that of layer L */
    TALUS_VERDICT_EXPLODING = 5,  /* it is above 1000 times that of layer L */
    TALUS_VERDICT_LEAPING = 6,    /* a step changes a layer by more than a tenth of its parameters */
    TALUS_VERDICT_CREEPING = 7,   /* a step changes no layer by more than a millionth, but changes some */
    TALUS_VERDICT_COUNT = 8       /* known to this header */
} talus_verdict;

/* "healthy", "vanishing", …, or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_verdict_name(int verdict)
{
    return talus_enumeration_name(TALUS_ENUMERATION_VERDICT, verdict);
}

static inline int talus_verdict_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_VERDICT, name);
}

/* Judges the healths of layers 1 … count of a network, and says in a line for each thing that stands out what it is, with
 * its number, and what to try.
 *   verdict   receives a talus_verdict; or NULL
 *   text      receives as much as fits of the lines, with a 0 at the end; capacity is its bytes, and may be 0
 *   length    receives the length of the whole text, without the 0; or NULL
 * TALUS_ERROR_ARGUMENT (a NULL, a count below 1), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_health_verdict_sized(talus_context *context, const talus_health *healths,
                                                  size_t health_size, int count, int *verdict, char *text,
                                                  size_t capacity, size_t *length);

static inline talus_status talus_health_verdict(talus_context *context, const talus_health *healths,
                                                int count, int *verdict, char *text, size_t capacity,
                                                size_t *length)
{
    return talus_health_verdict_sized(context, healths, sizeof(talus_health), count, verdict, text, capacity,
                                      length);
}

/* Curvature ------------------------------------------------------------------------------------------------ */

/* product ← H·v with H = ∂²C/∂θ², the Hessian of talus_gradient's C on a batch, exactly: by forward over reverse, at about
 * three times the cost of a gradient (Pearlmutter 1994, Neural Computation 6(1)). C is that of any network which has gradients,
 * with the penalties on its weights. As in talus_gradient, a layer that is normalised over the batch takes the statistics of
 * the batch, through which H runs, or the running ones for a single sample; dropout, noise and label smoothing do not act.
 * Where f′ or the slope of a loss jumps, as relu's at 0, it is H beside the jump.
 *   v, product  1 × P of the network's precision, laid out as the parameters, which do not overlap
 * Allocates room for a tile of samples for the time of the call, and with layers that are normalised over the batch for all
 * samples. The bits do not depend on the threads. The errors of talus_gradient, TALUS_ERROR_UNSUPPORTED (a layer has
 * spectral_penalty), and TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_hessian_product_sized(const talus_network *network, talus_workspace *workspace,
                                                   const talus_batch *batch, size_t batch_size,
                                                   const talus_matrix *v, const talus_matrix *product);

static inline talus_status talus_hessian_product(const talus_network *network, talus_workspace *workspace,
                                                 const talus_batch *batch, const talus_matrix *v,
                                                 const talus_matrix *product)
{
    return talus_hessian_product_sized(network, workspace, batch, sizeof(talus_batch), v, product);
}

/* What the Hessian says of a point, apart from curvatures that are nothing beside the largest. */
typedef enum talus_nature {
    TALUS_NATURE_MINIMUM = 0, /* the cost curves up in all directions */
    TALUS_NATURE_VALLEY = 1,  /* up in some, and in no direction down */
    TALUS_NATURE_SADDLE = 2,  /* up in some, down in others */
    TALUS_NATURE_MAXIMUM = 3, /* down in some, and in no direction up */
    TALUS_NATURE_FLAT = 4,    /* nowhere: the Hessian is 0 */
    TALUS_NATURE_COUNT = 5    /* known to this header */
} talus_nature;

/* "minimum", "valley", …, or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_nature_name(int nature)
{
    return talus_enumeration_name(TALUS_ENUMERATION_NATURE, nature);
}

static inline int talus_nature_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_NATURE, name);
}

/* The extreme eigenvalues of a symmetric operator. */
typedef struct talus_spectrum {
    double largest;        /* λ_max, from below */
    double smallest;       /* λ_min, from above */
    double largest_bound;  /* there is an eigenvalue within this of `largest` */
    double smallest_bound; /* the same of `smallest` */
    int64_t iterations;    /* products that were made */
    int nature;            /* a talus_nature */
    int whole;             /* 1: no direction was left to look at, and so both are exact but for rounding */
} talus_spectrum;

/* The extreme eigenvalues of the Hessian of talus_gradient's C on a batch, by the Lanczos process with full
 * reorthogonalisation (Lanczos 1950; Parlett, The Symmetric Eigenvalue Problem, 1980), from a random direction.
 *   iterations  at most so many products, and vectors of P numbers of f64; 0: 100
 *   tolerance   ends when both bounds are at most this share of the larger |λ|; as small a share is nothing for the nature.
 *               Below 1; 0: 1e-4
 *   seed        of the direction, any number
 *   …_size      the caller's sizeof of the structs
 * The errors of talus_hessian_product, and TALUS_ERROR_ARGUMENT for these. */
TALUS_API talus_status talus_hessian_spectrum_sized(const talus_network *network, talus_workspace *workspace,
                                                    const talus_batch *batch, size_t batch_size,
                                                    int64_t iterations, double tolerance, int64_t seed,
                                                    talus_spectrum *spectrum, size_t spectrum_size);

static inline talus_status talus_hessian_spectrum(const talus_network *network, talus_workspace *workspace,
                                                  const talus_batch *batch, int64_t iterations,
                                                  double tolerance, int64_t seed, talus_spectrum *spectrum)
{
    return talus_hessian_spectrum_sized(network, workspace, batch, sizeof(talus_batch), iterations, tolerance,
                                        seed, spectrum, sizeof(talus_spectrum));
}

/* A symmetric operator of the caller's: product ← A·v, both 1 × n of f64. A return value other than 0 ends the call that
 * asked. It may make calls with the context. */
typedef int (*talus_product)(const talus_matrix *v, const talus_matrix *product, void *user);

/* The same of an operator of the caller's on vectors of n numbers. TALUS_ERROR_ARGUMENT (a NULL, an argument out of its
 * range), TALUS_ERROR_SHAPE (n below 1), TALUS_ERROR_STATE (the product did not return 0), TALUS_ERROR_DATA (a product that is
 * not finite), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_spectrum_of_sized(talus_context *context, talus_product product, void *user,
                                               int64_t n, int64_t iterations, double tolerance, int64_t seed,
                                               talus_spectrum *spectrum, size_t spectrum_size);

static inline talus_status talus_spectrum_of(talus_context *context, talus_product product, void *user,
                                             int64_t n, int64_t iterations, double tolerance, int64_t seed,
                                             talus_spectrum *spectrum)
{
    return talus_spectrum_of_sized(context, product, user, n, iterations, tolerance, seed, spectrum,
                                   sizeof(talus_spectrum));
}

/* Weights ---------------------------------------------------------------------------------------------------- */

/* What the singular values s_1 ≥ … ≥ s_k ≥ 0 of W_l say, k = min(d_l, d_{l−1}). */
typedef struct talus_weight_spectrum {
    double largest;   /* s_1 = ‖W_l‖, the spectral norm */
    double smallest;  /* s_k */
    double condition; /* s_1/s_k; infinite if s_k is 0 */
    double
        effective_rank; /* exp(−Σ p_i·log p_i) of p_i = s_i/Σ s: 1 … k, or 0 of W_l = 0.   Roy and Vetterli 2007, The effective
                              rank: a measure of effective dimensionality, EUSIPCO */
    double stable_rank; /* ‖W_l‖_F²/s_1² = Σ s_i²/s_1²: 1 … k, or 0 of W_l = 0 */
    int64_t rank;       /* of s_i > max(d_l, d_{l−1})·ε·s_1, with ε of the network's precision */
} talus_weight_spectrum;

/* The singular values of W_l, l = 1 … L, by LAPACK, in f64 whatever the network's precision is. Its bits are those of the BLAS library,
 * and do not depend on threads.
 *   values         1 × k of f64, receives s_1 … s_k; or NULL
 *   spectrum       or NULL; spectrum_size is the caller's sizeof
 * Takes memory for a copy of W_l in f64 for the time of the call. TALUS_ERROR_ARGUMENT (a NULL network, no such layer, another
 * dtype), TALUS_ERROR_SHAPE (values is not 1 × k), TALUS_ERROR_DATA (a weight that is not finite, an iteration of LAPACK that does
 * not converge), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_network_weight_spectrum_sized(const talus_network *network, int layer,
                                                           const talus_matrix *values,
                                                           talus_weight_spectrum *spectrum,
                                                           size_t spectrum_size);

static inline talus_status talus_network_weight_spectrum(const talus_network *network, int layer,
                                                         const talus_matrix *values,
                                                         talus_weight_spectrum *spectrum)
{
    return talus_network_weight_spectrum_sized(network, layer, values, spectrum,
                                               sizeof(talus_weight_spectrum));
}

/* A bound K with ‖f(x) − f(y)‖ ≤ K·‖x − y‖ for all inputs x and y, where f is talus_predict of a sample in the caller's units, scaling
 * included: K = Π_l ‖D_l·W_l·C_l‖, the product of spectral norms. The diagonal D_l has for each unit the largest |f′| of
 * its activation (of learnt slopes, its own; of softmax ½), times |γ|/√(σ² + ε) of running statistics if it is normalised over the
 * batch, and in the last layer times 1/scale of the output; C_1 has the scales of the inputs, other C_l are 1. Szegedy et al. 2014,
 * Intriguing properties of neural networks, arXiv:1312.6199, section 4.3
 *
 * For one linear layer K is exact; with each layer more it may be further above what the network does. A normalisation over the units
 * counts with what it comes to at worst, where all z are equal: max |γ·f′|/√ε, which says little. exp and step have no
 * largest slope: then K is infinite, as it is beyond the range of double. Clipped inputs have slopes of at most 1. Rounding is
 * left out.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_UNSUPPORTED (inputs that are projected, talus/projection.h), TALUS_ERROR_DATA (a
 * parameter, or a weight times a scale, that is not finite; an iteration of LAPACK that does not converge), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_lipschitz_bound(const talus_network *network, double *bound);

/* Noise and rates ------------------------------------------------------------------------------------------- */

/* How noisy the gradient of a batch is. With Σ the covariance of the gradients of single samples and G their mean, a batch much
 * smaller than B_simple = tr Σ/‖G‖² gains nearly in proportion from more samples, and one much larger hardly anything.
 * McCandlish et al. 2018, arXiv:1812.06162, appendix A.1 */
typedef struct talus_noise_scale {
    double scale;    /* B_simple = noise/signal, in samples; infinite if the signal is not above 0 */
    double signal;   /* of ‖G‖², without bias, and so below 0 now and then */
    double noise;    /* of tr Σ, without bias */
    double error;    /* the standard error of `scale`; NaN of one batch, else infinite if `scale` is */
    int64_t batches; /* over which signal and noise are means */
} talus_noise_scale;

/* Estimates it from ‖∇C‖² of a batch of n samples, and of its n/small parts of `small` consecutive samples. One batch gives
 * a rough estimate; talus_noise_scale_over takes several. Where layers are normalised over the batch, its parts have
 * statistics of their own, and the estimates are not without bias.
 * TALUS_ERROR_SHAPE (small does not divide n into 2 parts or more), TALUS_ERROR_UNSUPPORTED (samples with weights),
 * TALUS_ERROR_ARGUMENT, TALUS_ERROR_MEMORY, and the errors of talus_gradient. */
TALUS_API talus_status talus_noise_scale_of_sized(const talus_network *network, talus_workspace *workspace,
                                                  const talus_batch *batch, size_t batch_size, int64_t small,
                                                  talus_noise_scale *noise, size_t noise_size);

static inline talus_status talus_noise_scale_of(const talus_network *network, talus_workspace *workspace,
                                                const talus_batch *batch, int64_t small,
                                                talus_noise_scale *noise)
{
    return talus_noise_scale_of_sized(network, workspace, batch, sizeof(talus_batch), small, noise,
                                      sizeof(talus_noise_scale));
}

/* The same over batches of a data set, which have no sample in common: signal and noise are the means over them, and `scale` is
 * the ratio of the means. Its standard error is that of a ratio (Cochran, Sampling Techniques, 3rd ed. 1977, chapter 6), for
 * which 20 batches are enough.
 *   batch    samples a batch, at most the workspace's and those of the data set
 *   small    divides a batch into 2 parts or more
 *   batches  their number, at most as many as the data set has; 0: all that it has. A rest is left out.
 *   seed     of the order in which samples come to batches, any number
 * Each batch costs two gradients of it. TALUS_ERROR_ARGUMENT for these, and the errors of talus_noise_scale_of. */
TALUS_API talus_status talus_noise_scale_over_sized(const talus_network *network, talus_workspace *workspace,
                                                    const talus_dataset *dataset, int64_t batch,
                                                    int64_t small, int64_t batches, int64_t seed,
                                                    talus_noise_scale *noise, size_t noise_size);

static inline talus_status talus_noise_scale_over(const talus_network *network, talus_workspace *workspace,
                                                  const talus_dataset *dataset, int64_t batch, int64_t small,
                                                  int64_t batches, int64_t seed, talus_noise_scale *noise)
{
    return talus_noise_scale_over_sized(network, workspace, dataset, batch, small, batches, seed, noise,
                                        sizeof(talus_noise_scale));
}

/* What a trial over growing learning rates shows. */
typedef struct talus_rate_range {
    double suggested; /* a tenth of `lowest` */
    double lowest;    /* the rate at which the smoothed cost was lowest */
    double diverged;  /* the rate at which it was four times that, or not finite; 0 if it never was */
    int64_t steps;    /* that were made: rows of the curve that were filled */
} talus_rate_range;

/* Tries rates that grow by the same factor from step to step, on a data set as it stands, batch after batch, and leaves
 * network and optimiser as they were, to the bit (Smith 2017, Cyclical learning rates for training neural networks, WACV,
 * section 3.3). Costs are smoothed with what remains of nine tenths a step.
 *   batch        samples a step, at most the trainer's max_batch and those of the data set; an epoch's rest is left out
 *   first, last  rates, 0 < first < last, such as 1e-6 and 10
 *   steps        at least 2; it ends before where the cost diverges
 *   curve        receives in row k rate and cost of step k; steps × 2 of f64, or NULL
 * TALUS_ERROR_ARGUMENT, TALUS_ERROR_SHAPE (the curve), TALUS_ERROR_STATE (in a fit of the trainer), TALUS_ERROR_MEMORY, and
 * the errors of talus_trainer_step and talus_trainer_set_rate. */
TALUS_API talus_status talus_trainer_rate_range_sized(talus_trainer *trainer, const talus_dataset *dataset,
                                                      int64_t batch, double first, double last, int64_t steps,
                                                      const talus_matrix *curve, talus_rate_range *range,
                                                      size_t range_size);

static inline talus_status talus_trainer_rate_range(talus_trainer *trainer, const talus_dataset *dataset,
                                                    int64_t batch, double first, double last, int64_t steps,
                                                    const talus_matrix *curve, talus_rate_range *range)
{
    return talus_trainer_rate_range_sized(trainer, dataset, batch, first, last, steps, curve, range,
                                          sizeof(talus_rate_range));
}

TALUS_END_C

#endif
