/* Projection: principal components and whitening of the inputs, as a part of the network.
 *
 * A network with a projection takes raw inputs of p columns, and its layers read d_0 features of them,
 *
 *     x′ = T·(s(x) − m),     T: d_0 × p,   m: p numbers
 *
 * where s is the scaling of talus/scaling.h with its clipping, column by column; s and m are computed in double and rounded
 * once to the network's precision, in which the product is made. Every call on the network takes X with p columns; the
 * input_gradient of talus_backward has p columns too, (∂C/∂X′)·T in the raw units. Calls of
 * talus/derivatives.h are by the p raw inputs, too.
 *
 * Workspaces and trainers are made for the raw width that the network has then: after a change of it make others. */
#ifndef TALUS_PROJECTION_H
#define TALUS_PROJECTION_H

#include <talus/scaling.h>

TALUS_BEGIN_C

/* Kinds of projections that are fitted to n samples, with m = Σ s(x)/n and the covariance
 *
 *     C = Σ (s(x) − m)·(s(x) − m)ᵀ/n = Vᵀ·diag(λ)·V,     λ_1 ≥ λ_2 ≥ …,
 *
 * of which the rows of V are the eigenvectors, each with a positive element of the largest size. Whitened features have the
 * covariance λ/(λ + ε), the identity for ε = 0. Sources: Jolliffe, Principal component analysis, 2002; Kessy, Lewin and Strimmer,
 * Optimal whitening and decorrelation, The American Statistician 72(4), 2018. */
typedef enum talus_projection_kind {
    TALUS_PROJECTION_PCA = 0,           /* T = the first rows of V */
    TALUS_PROJECTION_PCA_WHITENING = 1, /* T = diag(1/√(λ + ε))·(the first rows of V) */
    TALUS_PROJECTION_ZCA_WHITENING =
        2, /* T = Vᵀ·diag(1/√(λ + ε))·V, symmetric; p = d_0: of all whitenings the one whose features
                                           stay nearest to s(x) − m in the mean square */
    TALUS_PROJECTION_COUNT = 3 /* known to this header */
} talus_projection_kind;

/* "pca", "pca_whitening", "zca_whitening"; "unknown". And the value of a name; −1. */
static inline const char *talus_projection_kind_name(int kind)
{
    return talus_enumeration_name(TALUS_ENUMERATION_PROJECTION, kind);
}

static inline int talus_projection_kind_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_PROJECTION, name);
}

/* Fits a projection to the p columns of a data set, in place of the one that the network has.
 *   dataset  with p ≥ d_0 columns of inputs; p = d_0 for ZCA
 *   scaling  a talus_scaling that is fitted to the columns first; −1: that which the network has stays, which must be of one pair for
 *            all columns, of p pairs, or none
 *   kind     a talus_projection_kind
 *   share    0: d_0 components; 0 < share ≤ 1: of these as many as are needed for that share of the variance, Σ_{k ≤ c} λ_k ≥
 *            share·Σ λ_k; the rows of T beyond them are 0, and ZCA leaves them out of its sum. All d_0 where they do not reach it
 *   epsilon  ε ≥ 0 of whitening, in the units of λ; 0 for PCA
 * Computed in double, in blocks of 256 samples, by all threads, with O(p²) memory: the same bits with any number of them.
 * Streamed samples are read twice, and before that as often as the scaling needs, once for −1. Columns that do not vary add
 * nothing to C, and no component with variance reads them; the context's log names them.
 * TALUS_ERROR_ARGUMENT (a NULL, an unknown kind or scaling, a share outside 0 … 1, an epsilon that is negative, not finite, or
 * above 0 for PCA), TALUS_ERROR_SHAPE (too few columns, more than 32766; another number than d_0 for ZCA; a scaling of another
 * number), TALUS_ERROR_DATA (not more samples than components that are kept; numbers beyond double; whitening with ε = 0 of a
 * component without variance: λ_k ≤ p·2^−52·λ_1; what talus_network_fit_input_scaling refuses), TALUS_ERROR_MEMORY; on an error
 * the network stays as it was. */
TALUS_API talus_status talus_network_fit_projection(talus_network *network, const talus_dataset *dataset,
                                                    int scaling, int kind, double share, double epsilon);

/* Before a network is made: how many components a share of the variance of a data set needs, as above, for a scaling that is fitted
 * (−1: none) and a clip as of talus_network_clip_inputs (0: none).
 *   share  0 < share ≤ 1
 *   count  receives 1 … p
 * Errors as of talus_network_fit_projection. */
TALUS_API talus_status talus_projection_components(talus_context *context, const talus_dataset *dataset,
                                                   int scaling, double clip, double share, int64_t *count);

/* From now on inputs are projected by a T and an m of the caller's.
 *   matrix   T, d_0 × columns by rows, copied; NULL: no projection
 *   mean     m, columns numbers, copied; NULL: 0
 *   columns  p, 1 … 2^31 − 1; not read if matrix is NULL
 * A scaling with one pair a column is removed if there is another number of columns now. TALUS_ERROR_ARGUMENT (a NULL
 * network), TALUS_ERROR_SHAPE, TALUS_ERROR_DATA (an element of T that is not finite in the network's precision, or one of m that is not
 * finite), TALUS_ERROR_MEMORY; on an error the projection stays as it was. */
TALUS_API talus_status talus_network_project_inputs(talus_network *network, const double *matrix,
                                                    const double *mean, int64_t columns);

/* Lends T and m until the projection is changed; p, or 0 and NULLs if there is none. What is not wanted may be NULL.
 * TALUS_ERROR_ARGUMENT if network is NULL. */
TALUS_API talus_status talus_network_projection(const talus_network *network, int64_t *columns,
                                                const double **matrix, const double **mean);

/* Lends λ_1 ≥ … ≥ λ_p of the data that a projection was fitted to, and the share λ_k/Σ λ of each; 0 and NULLs for others. What is not
 * wanted may be NULL. TALUS_ERROR_ARGUMENT if network is NULL. */
TALUS_API talus_status talus_network_projection_variances(const talus_network *network, int64_t *count,
                                                          const double **variances, const double **shares);

/* The columns of X: p, or d_0 without a projection; 0 if network is NULL. */
TALUS_API int64_t talus_network_columns(const talus_network *network);

TALUS_END_C

#endif
