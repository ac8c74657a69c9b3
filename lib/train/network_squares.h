/* A network and a data set as a sum of squares (optimize/gauss_newton.h): C = ½·‖r‖² of the header
 * talus/levenberg_marquardt.h, and what the method wants of its Jacobian, block by block of samples. Where steps are factored,
 * `normal` is what gives A and g; else `gradient` and `product`. */
#ifndef TL_TRAIN_NETWORK_SQUARES_H
#define TL_TRAIN_NETWORK_SQUARES_H

#include "data/feed.h"
#include "diagnose/derivatives.h"
#include "engine/pass.h"
#include "optimize/gauss_newton.h"

typedef struct tl_network_squares {
    talus_network *network;
    const talus_dataset *dataset;
    talus_workspace *workspace; /* of `reach` samples */
    tl_feed feed;
    double *rows, *residuals; /* of J and r in a block: samples·d_L of each; where steps are factored */
    double *sums;             /* else: of each tile of a block, Jᵀ·r and the squares of J's columns */
    int64_t samples;          /* of a block */
    int64_t numbers;          /* that it takes */
    int64_t
        reach; /* samples of a pass: all, if the memory is enough for products of them; else those of a block */
    tl_pass
        pass; /* of products (network_products.c), which have what is below only where steps are not factored */
    tl_derivatives derivatives;
    double *moved;     /* J·v, reach × d_L */
    void *v, *product; /* P of the network's precision: a direction; what came back of Jᵀ */
    int64_t beside;    /* bytes that are taken beside all this; given */
    int64_t
        needed; /* bytes of both, as the allocator is asked for them, without what a feed reads; −1: too many */
    int64_t residual_count; /* m, with the weights that have a penalty */
    double weight;          /* W */
} tl_network_squares;

/* Takes the memory for blocks of at least `least` samples so that no more than `memory` is needed, if it is enough for them; then
 * counts the residuals. What was begun is to be ended, also after an error; zeros may be, too. */
talus_status tl_network_squares_begin(tl_network_squares *squares, int64_t memory, int64_t least,
                                      bool iterative);
void tl_network_squares_end(tl_network_squares *squares);

/* The functions of tl_squares; user is a tl_network_squares. */
talus_status tl_network_squares_evaluate(void *user, const double *theta, double *cost);
talus_status tl_network_squares_normal(void *user, const double *theta, double *a, double *g);
talus_status tl_network_squares_gradient(void *user, const double *theta, double *diagonal, double *g);
talus_status tl_network_squares_product(void *user, const double *theta, const double *v, double *product);

/* network_products.c: the memory that products of `reach` samples take beside the workspace, and its bytes. */
talus_status tl_network_products_reserve(tl_network_squares *squares);
int64_t tl_network_products_bytes(const tl_network_squares *squares);
void tl_network_products_release(tl_network_squares *squares);

/* network_parameters.c: the parameters of a network as doubles, and the other way. */
void tl_parameters_get(const talus_network *network, double *theta);
void tl_parameters_set(talus_network *network, const double *theta);

/* Adds ½·l2·w² of all weights to the cost, which is the result; l2 to the diagonal of A, whose elements are `step` apart; l2·x to
 * g, for x = θ or a vector that A multiplies. Each may be NULL. */
double tl_network_penalties(const talus_network *network, const double *x, double *diagonal, int64_t step,
                            double *g);

#endif
