/* One iteration downhill on a function f of a vector x, by any method: the seam between methods and all that has f and ∇f to
 * give, talus_minimize and the trainer. */
#ifndef TL_OPTIMIZE_MINIMIZER_H
#define TL_OPTIMIZE_MINIMIZER_H

#include "optimize/flat_vector.h"
#include "optimize/optimizer.h"

/* Gives f and ∇f at the x of the minimiser, finite or not; false: the iteration is to be left. */
typedef struct tl_objective {
    bool (*evaluate)(void *user, double *value, void *gradient);
    void *user;
} tl_objective;

typedef enum tl_iteration {
    TL_ITERATION_MOVED,    /* x is another point */
    TL_ITERATION_STALLED,  /* no lower point was found, not by steepest descent either; x is as it was */
    TL_ITERATION_DIVERGED, /* f or ∇f is not finite at x or where an update rule went; x is as it was */
    TL_ITERATION_LEFT      /* by evaluate; x is the lowest point that was found */
} tl_iteration;

typedef struct tl_minimizer {
    talus_optimizer *optimizer; /* the method */
    tl_vectors space;
    void *x;      /* is changed in place */
    double value; /* f(x) */
    double norm;  /* max |∂f/∂x_i| */
    double moved; /* max |Δx_i| of the last iteration that moved */
    bool
        known; /* value and gradient are those of x under the objective that comes: they are not asked for again */

    void *memory;
    void *gradient;                  /* ∇f(x) */
    void *last_x;                    /* before the iteration; between two of a search, a copy of x */
    void *last_gradient, *direction; /* of a search: the same, and p */
    void *learnt_vectors; /* of a search: what it has learnt, vectors of `stride` bytes and numbers */
    double *learnt_numbers;
    size_t stride, learnt_bytes;
    int64_t learnt, newest; /* how many pieces it has learnt, and which one is the newest */
} tl_minimizer;

/* A method that searches along lines: how it finds their directions. */
typedef struct tl_search {
    double curvature;                                     /* c₂ of the line search */
    int64_t (*vectors)(const talus_optimizer_spec *spec); /* that it needs for what it learns */
    int64_t (*numbers)(const talus_optimizer_spec *spec);
    void (*direct)(tl_minimizer *minimizer); /* p, if it has learnt anything; else p = −∇f */
    double (*first)(const tl_minimizer *minimizer,
                    double slope);                       /* the first step to try along p, if it has */
    void (*learn)(tl_minimizer *minimizer, double step); /* from last_x to x = last_x + step·p */
} tl_search;

extern const tl_search tl_lbfgs, tl_conjugate_gradient;

/* Makes a minimiser of the vector x, of the optimiser's length and precision, both of which must outlive it. All memory is
 * allocated here. call is what messages begin with. */
talus_status tl_minimizer_create(talus_optimizer *optimizer, void *x, const char *call,
                                 tl_minimizer **minimizer);
void tl_minimizer_destroy(tl_minimizer *minimizer);

/* f and ∇f at x, unless they are known. False: evaluate has ended it. */
bool tl_minimizer_evaluate(tl_minimizer *minimizer, const tl_objective *objective);

/* Whether x is where the last iteration of a search has left it. */
bool tl_minimizer_stands(const tl_minimizer *minimizer);

tl_iteration tl_minimizer_iterate(tl_minimizer *minimizer, const tl_objective *objective);

#endif
