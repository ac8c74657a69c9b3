/* Nonlinear conjugate gradients: p = −∇f + β·p_last, with
 *
 *     β = max(0, ∇f_{k+1}ᵀ·(∇f_{k+1} − ∇f_k) / ∇f_kᵀ·∇f_k)         Polak and Ribière 1969; at least 0: Gilbert and Nocedal 1992
 *
 * and β = 0 where two gradients are far from orthogonal, |∇f_{k+1}ᵀ·∇f_k| ≥ 0.2·‖∇f_{k+1}‖² (Powell 1977); also Nocedal and
 * Wright 2006, section 5.2. β is of gradients of one function, also where batches change between the iterations. */
#include <math.h>

#include "optimize/minimizer.h"

/* What is learnt: p, and two numbers. */
enum { BETA, GAIN, NUMBERS };

static int64_t vectors(const talus_optimizer_spec *spec)
{
    (void)spec;
    return 1;
}

static int64_t numbers(const talus_optimizer_spec *spec)
{
    (void)spec;
    return NUMBERS;
}

static void direct(tl_minimizer *m)
{
    tl_vector_combine(&m->space, -1, m->gradient, m->learnt_numbers[BETA], m->learnt_vectors, m->direction);
}

/* The first-order change of f is to be as in the last iteration: α·φ′(0) = α_last·φ′_last(0). */
static double first(const tl_minimizer *m, double slope)
{
    return m->learnt_numbers[GAIN] / slope;
}

static void learn(tl_minimizer *m, double step)
{
    double now = tl_vector_dot(&m->space, m->gradient, m->gradient);
    double before = tl_vector_dot(&m->space, m->last_gradient, m->last_gradient);
    double both = tl_vector_dot(&m->space, m->gradient, m->last_gradient);
    bool restarts = fabs(both) >= 0.2 * now;
    m->learnt_numbers[BETA] = restarts ? 0 : fmax(0, (now - both) / before);
    m->learnt_numbers[GAIN] = step * tl_vector_dot(&m->space, m->last_gradient, m->direction);
    tl_vector_copy(&m->space, m->direction, m->learnt_vectors);
    m->learnt = 1;
}

const tl_search tl_conjugate_gradient = {
    .curvature = 0.1,
    .vectors = vectors,
    .numbers = numbers,
    .direct = direct,
    .first = first,
    .learn = learn,
};
