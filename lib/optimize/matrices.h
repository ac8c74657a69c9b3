/* Rules that see some of the parameters as matrices. What they make of a matrix of the gradient, its direction, comes first;
 * then a kernel takes every number of the matrix along it, as kernels do with numbers that are no part of a matrix. */
#ifndef TL_OPTIMIZE_MATRICES_H
#define TL_OPTIMIZE_MATRICES_H

#include <stdbool.h>
#include <talus/optimizer.h>

/* A matrix in the vector, by rows; behind it may stand one more column, of biases. */
typedef struct tl_matrix {
    int64_t offset, rows, cols;
    bool is_last, has_biases; /* whether it is of the last layer of a network; whether the layer has biases */
    int64_t numbers;          /* of the vector that belong to it, for the rule */
    int64_t kept, work;       /* where its numbers begin in the memory of tl_matrices */
} tl_matrix;

/* Those of an optimiser. */
typedef struct tl_matrices {
    int64_t count;
    tl_matrix *list; /* in the order of the vector */
    void *kept; /* what is learnt of them, part of the state of the optimiser: numbers of its precision */
    void *work; /* of a step */
    int64_t kept_count;
    int64_t longest; /* of all sides */
    int64_t samples; /* of the batch whose sums are there (kfac.h) */
    double largest;  /* of what has been made of the gradient in the step that is begun */
} tl_matrices;

/* A rule of matrices, part of a tl_rule. All others of the parameters are changed by its kernel. */
typedef struct tl_matrix_rule {
    int kernel; /* for the numbers of matrices */
    int scratch; /* how many vectors of n numbers it has from the state TL_MATRIX_DIRECTION on, beside the states */
    bool spares_last; /* the matrix of the last layer is none for it */
    bool takes_biases;
    bool needs_network; /* matrices are those of a trainer only */
    bool
        learns_squares; /* what is kept is finite if the squares of the gradient times the longest side are */
    /* How many numbers a matrix has of each memory. NULL: none is kept. */
    int64_t (*kept)(const talus_optimizer *optimizer, const tl_matrix *matrix);
    int64_t (*work)(const talus_optimizer *optimizer, const tl_matrix *matrix);
    /* Gives what is kept its first values, where 0 is none; or NULL. */
    void (*begin[2])(const talus_optimizer *optimizer);
    /* Makes the directions of a step that is begun, in the state TL_MATRIX_DIRECTION; nothing else of the optimiser changes. In
     * each precision. */
    void (*direct[2])(const talus_optimizer *optimizer, const void *gradient);
    /* After a step was made: changes what is kept; or NULL. */
    void (*learn[2])(const talus_optimizer *optimizer);
} tl_matrix_rule;

/* Gives an optimiser that has taken no step its matrices, in their order, of which the rule takes those that are for it. False if
 * there is no memory, and nothing has changed. */
bool tl_optimizer_set_matrices(talus_optimizer *optimizer, const tl_matrix *matrices, int64_t count);
void tl_matrices_release(talus_context *context, tl_matrices *matrices);

/* Whether it takes any; where the numbers from `offset` on, up to `end`, stop to be in one matrix or outside of all; the
 * kernel for them. */
bool tl_optimizer_has_matrices(const talus_optimizer *optimizer);
int64_t tl_matrices_end(const tl_matrices *matrices, int64_t offset, int64_t end);
int tl_optimizer_kernel(const talus_optimizer *optimizer, int64_t offset);

/* What is done to every matrix, in slabs of what it is cut along: its rows, the shorter of its sides, or what a rule says. The slabs
 * are tasks of all threads, or of the caller's alone where the BLAS is for one thread. */
typedef struct tl_matrix_job {
    const talus_optimizer *optimizer;
    const void *gradient;
    double factors[3];
    bool flag;
    int64_t slab; /* 0: TL_MATRIX_SLAB */
    int64_t (*length)(const struct tl_matrix_job *job, const tl_matrix *matrix);
    void (*part)(const struct tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count);
} tl_matrix_job;
#define TL_MATRIX_SLAB 64

void tl_matrix_run(tl_matrix_job job, int64_t (*length)(const tl_matrix_job *job, const tl_matrix *matrix),
                   void (*part)(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first,
                                int64_t count));

int64_t tl_matrix_rows(const tl_matrix_job *job, const tl_matrix *matrix);
int64_t tl_matrix_shorter(const tl_matrix_job *job, const tl_matrix *matrix);

static inline int64_t tl_shorter_side(const tl_matrix *matrix)
{
    return matrix->rows < matrix->cols ? matrix->rows : matrix->cols;
}

/* Whether none of its numbers moves: then nothing is learnt of it, either. */
bool tl_matrix_is_frozen(const talus_optimizer *optimizer, const tl_matrix *matrix);

/* The directions of the step that is begun, and all else that its kernels see in the place of states; the largest |d| of those, NaN if
 * one is; and what is learnt of it after its end. */
void tl_matrices_direct(const talus_optimizer *optimizer, const void *gradient);
double tl_matrices_largest(const talus_optimizer *optimizer);
void tl_matrices_learn(const talus_optimizer *optimizer);

/* muon_tmpl.c */
void tl_muon_direct_f32(const talus_optimizer *optimizer, const void *gradient);
void tl_muon_direct_f64(const talus_optimizer *optimizer, const void *gradient);

#endif
