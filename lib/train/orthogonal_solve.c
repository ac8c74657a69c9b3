#define TL_PRECISION 64 /* all of it */
/* R of H by orthogonal factors of rows that are stacked, and the solution of minimum norm by its singular values. */
#include <math.h>
#include <string.h>

#include "linalg/blas_product.h"
#include "linalg/factor.h"
#include "train/readout.h"

/* [R; rows below] = Q·R′, and Qᵀ of the targets: reflectors are cleared away. */
static void factor(const tl_readout *r, const tl_readout_stack *stack, int64_t rows)
{
    const int64_t d = r->d;
    tl_columns_factor_f64(d + rows, d, stack->rows, r->ld, stack->tau, stack->work, r->stack_work);
    tl_columns_apply_f64(d + rows, d, r->k, stack->rows, r->ld, stack->tau, stack->targets, r->k, stack->work,
                         r->stack_work);
    for (int64_t i = 1; i < d; i++)
        memset(stack->rows + i * r->ld, 0, (size_t)i * sizeof(double));
}

static void take_row(const tl_readout *r, tl_readout_stack *stack, int64_t row, const double *x,
                     const double *y)
{
    memcpy(stack->rows + (r->d + row) * r->ld, x, (size_t)r->d * sizeof *x);
    memcpy(stack->targets + (r->d + row) * r->k, y, (size_t)r->k * sizeof *y);
}

void tl_readout_push(const tl_readout *r, tl_readout_stack *stack, const double *x, int64_t rows)
{
    for (int64_t i = 0; i < rows; i++)
        take_row(r, stack, i, x + i * r->ld, x + i * r->ld + r->d);
    factor(r, stack, rows);
}

/* √(λ·Σs) on the diagonal, and targets of 0. */
static void push_ridge(const tl_readout *r)
{
    tl_readout_stack *first = &r->stack[0];
    double *rows = first->rows + r->d * r->ld;
    memset(rows, 0, (size_t)(r->d * r->ld) * sizeof *rows);
    memset(first->targets + r->d * r->k, 0, (size_t)(r->d * r->k) * sizeof(double));
    for (int64_t i = 0; i < r->d; i++)
        rows[i * r->ld + i] = sqrt(r->ridge * r->weight);
    factor(r, first, r->d);
}

void tl_readout_join(const tl_readout *r)
{
    for (int64_t i = 1; i < r->stacks; i++) {
        for (int64_t row = 0; row < r->d; row++)
            take_row(r, &r->stack[0], row, r->stack[i].rows + row * r->ld, r->stack[i].targets + row * r->k);
        factor(r, &r->stack[0], r->d);
    }
    if (r->ridge > 0)
        push_ridge(r);
}

/* R = A·diag(lengths), and the columns of A have the length 1. */
static void bring_to_length_one(const tl_readout *r)
{
    double *rows = r->stack[0].rows;
    memset(r->lengths, 0, (size_t)r->d * sizeof *r->lengths);
    for (int64_t i = 0; i < r->d; i++)
        for (int64_t j = i; j < r->d; j++)
            r->lengths[j] = hypot(r->lengths[j], rows[i * r->ld + j]);
    for (int64_t j = 0; j < r->d; j++)
        r->lengths[j] = r->lengths[j] > 0 ? r->lengths[j] : 1;
    for (int64_t i = 0; i < r->d; i++)
        for (int64_t j = i; j < r->d; j++)
            rows[i * r->ld + j] /= r->lengths[j];
}

static int64_t count_values(const tl_readout *r)
{
    int64_t rank = 0;
    while (rank < r->d && r->values[rank] > r->options.rank_tolerance * r->values[0])
        rank++;
    return rank;
}

/* −Wᵀ, whose sign its users want, in the directions that count. */
static void solve_in_directions(const tl_readout *r, int64_t rank, double *solved)
{
    const int64_t d = r->d, k = r->k;
    double *along = r->product;
    tl_product_transposed_f64(rank, k, d, r->left, d, r->stack[0].targets, k, 0, along, k);
    for (int64_t i = 0; i < rank; i++)
        for (int64_t o = 0; o < k; o++)
            along[i * k + o] /= r->values[i];
    tl_product_transposed_f64(d, k, rank, r->right, d, along, k, 0, solved, k);
    for (int64_t j = 0; j < d; j++)
        for (int64_t o = 0; o < k; o++)
            solved[j * k + o] /= r->lengths[j];
}

/* What lies in the null space N of the directions that do not count is taken out: W ← W − N·Nᵀ·W, for orthonormal N. */
static void take_out_null_space(const tl_readout *r, int64_t rank, double *solved)
{
    const int64_t d = r->d, k = r->k, count = d - rank;
    double *null = r->right + rank * d, *along = r->product;
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < d; j++)
            null[i * d + j] /= r->lengths[j];
    tl_rows_factor_f64(count, d, null, d, r->tau, r->work, r->orthogonal_work);
    tl_rows_form_f64(count, d, null, d, r->tau, r->work, r->orthogonal_work);
    tl_product_f64(count, k, d, null, d, solved, k, 0, along, k);
    for (int64_t i = 0; i < count * k; i++)
        along[i] = -along[i];
    tl_product_transposed_f64(d, k, count, null, d, along, k, 1, solved, k);
}

bool tl_readout_solve_orthogonal(tl_readout *r)
{
    const int64_t d = r->d, k = r->k;
    double *solved = r->transposed;
    bring_to_length_one(r);
    if (!tl_singular_f64(d, d, r->stack[0].rows, r->ld, r->values, r->left, d, r->right, d, r->work,
                         r->singular_work, r->counts))
        return false;
    const int64_t rank = count_values(r);
    memset(solved, 0, (size_t)(d * k) * sizeof *solved);
    if (rank > 0)
        solve_in_directions(r, rank, solved);
    if (rank > 0 && rank < d)
        take_out_null_space(r, rank, solved);
    for (int64_t o = 0; o < k; o++)
        for (int64_t j = 0; j < d; j++)
            r->solution[o * d + j] = solved[j * k + o];
    r->result.rank = rank;
    r->result.condition = rank == 0 ? NAN : r->values[0] / r->values[rank - 1];
    r->result.orthogonal = 1;
    r->result.refinements = 0;
    return true;
}
