/* A search of Levenberg and Marquardt's method under way: what its parts (gauss_newton.c, squares_point.c, squares_step.c,
 * squares_report.c) share. */
#ifndef TL_OPTIMIZE_SQUARES_SEARCH_H
#define TL_OPTIMIZE_SQUARES_SEARCH_H

#include "optimize/equations.h"
#include "optimize/gauss_newton_cg.h"

/* A search under way. What it minimises is the cost + ρ/2·‖x‖², with ρ = α/β of Bayesian regularisation, else 0. */
typedef struct tl_squares_search {
    const tl_squares *squares;
    const talus_least_squares_options *options;
    int64_t n;
    bool iterative;
    tl_equations equations; /* of the iterative way, only what is lent to it: D, s, the diagonal */
    tl_cg cg;
    double *memory;               /* the vectors below, and those of the iterative way */
    double *x, *trial, *delta;    /* Δ */
    double *g;                    /* Jᵀ·W·r */
    double mu, growth;            /* by which the next rejection multiplies μ */
    double rho, alpha, beta;      /* of Bayesian regularisation */
    double gamma;                 /* effective parameters */
    double cost, gradient, moved; /* at x, and how far the last step went */
    double first_gradient;
    double least;        /* gradient since the cost has had no digits left; else that at x */
    double start;        /* in time */
    bool below_rounding; /* the last step was expected to lower the cost by no more than its rounding */
    int idle;            /* so many of those in a row, the last ones, have not lowered the least gradient */
    bool ended;          /* with result.outcome */
    talus_least_squares_result result;
} tl_squares_search;

/* Ends it, unless it has ended. */
void tl_search_end(tl_squares_search *s, int outcome);

/* What a function of the squares has returned: the caller may have wished to stop. */
talus_status tl_search_heard(tl_squares_search *s, talus_status status);

/* The cost at x, unless that ends it. */
talus_status tl_search_evaluate(tl_squares_search *s, const double *x, double *cost);

/* The cost + ρ/2·‖x‖² */
double tl_search_objective(const tl_squares_search *s, double cost, const double *x);

/* A, g, D, ρ and the gradient at x, where the cost is known (squares_point.c); *finite: they are numbers. */
talus_status tl_search_arrive(tl_squares_search *s, bool first, bool *finite);

/* max_i ‖√W·J_i‖·|y_i| */
double tl_search_size(const tl_squares_search *s, const double *y);

/* Tries one step; *taken: x and the cost are those of the new point. Where the cost has no digits left that could tell, the step is
 * taken for what the gradient says of it. And a larger μ for the next; false: it has ended. */
talus_status tl_search_step(tl_squares_search *s, bool *taken);
bool tl_search_harden(tl_squares_search *s);

/* A row of the history; what the caller is told of an iteration; and the result. */
void tl_search_record(tl_squares_search *s);
void tl_search_report(tl_squares_search *s);
void tl_search_settle(tl_squares_search *s);

#endif
