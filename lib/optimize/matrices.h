/* Rules that see some of the parameters as matrices. What they make of a matrix of the gradient, its direction, comes first;
 * then a kernel takes every number of the matrix along it, as kernels do with numbers that are no part of a matrix. */
#ifndef TL_OPTIMIZE_MATRICES_H
#define TL_OPTIMIZE_MATRICES_H

#include <stdbool.h>
#include <talus/optimizer.h>

/* A matrix in the vector, by rows. */
typedef struct tl_matrix {
    int64_t offset, rows, cols;
    bool is_last;       /* of the layers of a network */
    int64_t kept, work; /* where its numbers begin in the memory of tl_matrices */
} tl_matrix;

/* Those of an optimiser. */
typedef struct tl_matrices {
    int64_t count;
    tl_matrix *list; /* in the order of the vector */
    void *kept; /* what is learnt of them, part of the state of the optimiser: numbers of its precision */
    void *work; /* of a step */
    int64_t kept_count;
} tl_matrices;

/* A rule of matrices, part of a tl_rule. All others of the parameters are changed by its kernel. */
typedef struct tl_matrix_rule {
    int kernel;       /* for the numbers of matrices */
    bool spares_last; /* the matrix of the last layer is none for it */
    /* How many numbers a matrix has of each memory. NULL: none is kept. */
    int64_t (*kept)(const talus_optimizer_spec *spec, const tl_matrix *matrix);
    int64_t (*work)(const talus_optimizer_spec *spec, const tl_matrix *matrix);
    /* Makes the directions of a step that is begun, in the state TL_MATRIX_DIRECTION; nothing else of the optimiser changes. In
     * each precision. */
    void (*direct[2])(const talus_optimizer *optimizer, const void *gradient);
} tl_matrix_rule;

extern const tl_matrix_rule tl_muon;

/* Gives an optimiser that has taken no step its matrices, in their order, of which the rule takes those that are for it. False if
 * there is no memory, and nothing has changed. */
bool tl_optimizer_set_matrices(talus_optimizer *optimizer, const tl_matrix *matrices, int64_t count);
void tl_matrices_release(talus_context *context, tl_matrices *matrices);

/* Whether it takes any; where the numbers from `offset` on, up to `end`, stop to be in one matrix or outside of all; the
 * kernel for them. */
bool tl_optimizer_has_matrices(const talus_optimizer *optimizer);
int64_t tl_matrices_end(const tl_matrices *matrices, int64_t offset, int64_t end);
int tl_optimizer_kernel(const talus_optimizer *optimizer, int64_t offset);

/* What is done to every matrix, in slabs of what it is cut along: its rows, or the shorter of its sides. The slabs are tasks of
 * all threads, or of the caller's alone where the BLAS is for one thread. */
typedef struct tl_matrix_job {
    const talus_optimizer *optimizer;
    int64_t (*length)(const tl_matrix *matrix);
    void (*run)(const struct tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count);
    const void *gradient;
    double factors[3];
    bool flag;
} tl_matrix_job;
void tl_matrix_run(tl_matrix_job *job);

static inline int64_t tl_matrix_rows(const tl_matrix *matrix)
{
    return matrix->rows;
}

static inline int64_t tl_matrix_shorter(const tl_matrix *matrix)
{
    return matrix->rows < matrix->cols ? matrix->rows : matrix->cols;
}

/* The directions of the step that is begun. */
void tl_matrices_direct(const talus_optimizer *optimizer, const void *gradient);

/* muon_tmpl.c */
void tl_muon_direct_f32(const talus_optimizer *optimizer, const void *gradient);
void tl_muon_direct_f64(const talus_optimizer *optimizer, const void *gradient);

#endif
