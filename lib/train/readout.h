/* The last layer of a network solved exactly (talus/solve.h). All of it is computed in f64, whatever the network's precision is. */
#ifndef TL_TRAIN_READOUT_H
#define TL_TRAIN_READOUT_H

#include <talus/solve.h>

#include "base/options.h"
#include "train/batches.h"

#define TL_READOUT_SLICES 8 /* of a batch: tasks that are cut by its size alone */

/* What passes are made for: the normal matrix; residuals; R of orthogonal factors. */
enum { TL_READOUT_NORMAL, TL_READOUT_RESIDUALS, TL_READOUT_FACTOR };

/* A difference of numbers of which it is less than this part has lost too many digits. */
#define TL_READOUT_DIGITS 0x1p-20

/* What a slice of the batches adds up. */
typedef struct tl_readout_sums {
    double weight;   /* Σ s */
    double *targets; /* Σ s·(y − shift): k */
    double *squares; /* Σ s·(residual)²: k */
    double *spread;  /* Σ s·(y − ȳ)²: k */
} tl_readout_sums;

/* R and Qᵀ·Y of the rows so far, on top of the rows that come. */
typedef struct tl_readout_stack {
    double *rows;    /* (d + chunk) × d, with leading dimension ld */
    double *targets; /* (d + chunk) × k */
    double *tau, *work;
} tl_readout_stack;

typedef struct tl_readout {
    const char *call; /* that messages begin with */
    talus_network *network;
    talus_solve_options options;
    talus_workspace *workspace;
    tl_feed feed;
    tl_pass pass;
    void *arena;

    int64_t d, k; /* inputs and outputs of the last layer */
    bool biases;
    double ridge;        /* λ */
    const void *kernels; /* a tl_kernels_f64 */
    bool own_products;   /* by these kernels; else by the BLAS */
    int64_t chains;      /* in which normal matrices are summed up */
    int64_t
        panels; /* of rows of them; rows of H for one panel are used at once, while they are in the cache */
    int64_t block;   /* rows of H that are made at once */
    int64_t stacks;  /* in which rows are factored */
    int64_t chunk;   /* rows that a stack takes at once */
    int64_t ld;      /* of x and of stacks */
    int64_t ld_sums; /* of what chains sum up */
    int64_t ld_fit;  /* of −Wᵀ for residuals */
    int64_t rows;    /* of the batch at hand */
    bool begun;      /* shifts are set */
    int made;        /* what the pass under way makes: TL_READOUT_… */

    double *x; /* rows (h y 1)·√s of the batch, h and y without the shifts; y may become residuals */
    double *shift, *target_shift; /* about the means first, then h̄ and ȳ; 0 without biases */
    double *target_first; /* the first targets of a sample that counts: sums of squares are about these */
    double *target_means; /* ȳ */
    double weight;        /* Σ s */
    tl_readout_sums sums[TL_READOUT_SLICES];

    double *normal;           /* HᵀH, d × d: all of it, once it is summed up */
    double *inputs;           /* Σ s·(h − shift): d */
    double *cross;            /* YᵀH, k × d; later (residuals)ᵀH */
    double *solution;         /* W, k × d */
    double *change;           /* k × d: W_old − W, or a step of refinement */
    double *product;          /* k × d: that times the normal matrix */
    double *transposed;       /* −Wᵀ, d × k; for residuals with columns of 0 after it */
    double *squares, *spread; /* of the residuals and of the targets, k */
    double *
        before; /* k: the terms that squares are differences of, infinite where these have no digits left; where
                       orthogonal factors are taken, the squares of the residuals of the layer as it was */
    double *chain_crosses; /* (residuals)ᵀH of each chain, k × d */

    /* While the normal matrix is made and solved. */
    double *chain_normals; /* (H Y √s)ᵀ·H of each chain, (d + k + 1) × d; of HᵀH the lower triangle */
    double *raw;           /* the diagonal before means were taken out */
    double *factor, *scale; /* L, and 1/√diagonal; 0 of columns that are constant */
    double *estimate;       /* 3d */
    int32_t *counts;        /* 8d */

    /* While H is factored, in the same memory. */
    tl_readout_stack *stack;
    int64_t stack_work, singular_work, orthogonal_work;
    double *left, *right, *values, *lengths, *work,
        *tau; /* of R: its singular vectors and values; of its columns */

    talus_solve_result result;
} tl_readout;

/* Checks that the last layer can be solved for the data, and takes all memory. A readout that was opened is to be closed, as one
 * of zeros may be, too. */
talus_status tl_readout_open(tl_readout *readout, talus_network *network, const char *call,
                             const talus_dataset *training, const talus_solve_options *options);
void tl_readout_close(tl_readout *readout);

/* Solves it, and sets the result. Nothing is allocated. */
talus_status tl_readout_solve(tl_readout *readout);

/* readout_memory.c */
talus_status tl_readout_reserve(tl_readout *readout);

/* readout_rows.c: shifts that are about the means, by the first samples of the batch that count, false if none does; and rows of the batch, with what they add to
 * the sums of a slice. */
bool tl_readout_choose_shifts(tl_readout *readout);
void tl_readout_make_rows(const tl_readout *readout, int64_t first, int64_t rows, double *x,
                          tl_readout_sums *sums);

/* readout_products.c, for rows x of a batch: y ← y − W·x; G += (X Y √s)ᵀ·X in a panel of its rows, up to the diagonal; and
 * C += YᵀX in a panel of its columns. */
void tl_readout_subtract_fit(const tl_readout *readout, double *x, int64_t rows);
void tl_readout_add_normal(const tl_readout *readout, const double *x, int64_t rows, int64_t panel,
                           double *normal);
void tl_readout_add_cross(const tl_readout *readout, const double *x, int64_t rows, int64_t panel,
                          double *cross);

/* Part `index` of `count` about equal ones of a length: where it begins. */
static inline int64_t tl_readout_edge(int64_t length, int64_t index, int64_t count)
{
    return length * index / count;
}

/* readout_pass.c: passes over the data, which make the normal matrix; the residuals of the solution with their squares, and what
 * they have in common with H; R and Qᵀ·Y, in the first stack. */
talus_status tl_readout_gather(tl_readout *readout);
talus_status tl_readout_compare(tl_readout *readout);
talus_status tl_readout_factor(tl_readout *readout);

/* normal_solve.c: whether the normal matrix can be solved with at most two steps of refinement, which result.refinements tells, and
 * its factor; rows of k × d, each of which becomes its solution. */
bool tl_readout_decompose(tl_readout *readout);
void tl_readout_solve_normal(const tl_readout *readout, double *rows);

/* orthogonal_solve.c: a block of rows is taken into a stack; stacks become the first one, with the rows of the ridge; and its
 * solution of minimum norm, false if the singular values did not converge. */
void tl_readout_push(const tl_readout *readout, tl_readout_stack *stack, const double *x, int64_t rows);
void tl_readout_join(const tl_readout *readout);
bool tl_readout_solve_orthogonal(tl_readout *readout);

extern const tl_options tl_solve_table; /* talus_solve_options */

#endif
