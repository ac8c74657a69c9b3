/* A network and a data set as a sum of squares (optimize/gauss_newton.h): C = ½·‖r‖² of the header
 * talus/levenberg_marquardt.h, and what the method wants of its Jacobian, block by block of samples. */
#ifndef TL_TRAIN_NETWORK_SQUARES_H
#define TL_TRAIN_NETWORK_SQUARES_H

#include "data/feed.h"
#include "engine/pass.h"
#include "optimize/gauss_newton.h"

typedef struct tl_network_squares {
    talus_network *network;
    const talus_dataset *dataset;
    talus_workspace *workspace; /* of a block of samples */
    tl_feed feed;
    double *rows, *residuals; /* of J and r in a block: samples·d_L of each */
    double *products;         /* of the rows with a vector; NULL: steps are factored */
    int64_t samples;          /* of a block */
    int64_t beside;           /* bytes that are taken beside all this; given */
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

/* The parameters of a network as doubles, and the other way. */
void tl_parameters_get(const talus_network *network, double *theta);
void tl_parameters_set(talus_network *network, const double *theta);

#endif
