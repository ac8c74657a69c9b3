/* What tests of projections begin from. */
#ifndef TESTS_PROJECTION_SUPPORT_H
#define TESTS_PROJECTION_SUPPORT_H

#include "fixture.h"

enum { N = 1000, P = 17, D = 5 }; /* samples, columns, features */

/* Of a network that trains on projected inputs. */
enum { SAMPLES = 203, RAW = 90, FEATURES = 37, HIDDEN = 19 };

/* d inputs that are outputs: W is the identity. */
talus_network *identity_of(int64_t d, int precision);

/* n rows of p columns, without targets. */
talus_dataset *rows_in(const double *x, int64_t n, int64_t p);

/* What a network of identities predicts: its features. To be freed. */
double *features_of(const talus_network *network, const double *x, int64_t n);

/* Σ (x_i − mean_i)·(x_j − mean_j)/n of columns i and j of n rows of p */
double covariance(const double *x, int64_t n, int64_t p, int64_t i, int64_t j);

/* Numbers of p columns that depend on each other, far from 0. To be freed. */
double *mixed(int64_t n, int64_t p);

/* FEATURES-HIDDEN-2. */
talus_network *deep(talus_context *own, int precision);

#endif
