/* The memory of the equations of a step. */
#include "linalg/f64.h"
#include "optimize/equations.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t work_of(int64_t n, bool has_rows)
{
    int64_t least = larger(3 * n, tl_eigen_work_f64(n));
    if (!has_rows)
        return least;
    least = larger(least, tl_columns_orthogonal_work_f64(3 * n, n));
    least = larger(least, tl_columns_apply_work_f64(3 * n, n, 1));
    return larger(least, tl_singular_work_f64(n, n, true));
}

/* Numbers in all but the work space: A, factor and 5 vectors; R, the stack, and 6 vectors' worth beside them. */
static int64_t squares_of(bool has_rows)
{
    return has_rows ? 6 : 2;
}

static int64_t vectors_of(bool has_rows)
{
    return has_rows ? 11 : 5;
}

/* LAPACK counts 4·n² + 7·n numbers of work space in an int. */
enum { MOST_FACTORED = 23000 };

int64_t tl_equations_bytes(int64_t n, bool has_rows)
{
    if (n > MOST_FACTORED)
        return -1;
    const int64_t work = has_rows ? work_of(n, true) : 2 * n * n + 6 * n + 1;
    return (int64_t)sizeof(double) * (squares_of(has_rows) * n * n + vectors_of(has_rows) * n + work) +
           (int64_t)sizeof(int32_t) * larger(8 * n, 3 + 5 * n);
}

static double *take(double **rest, int64_t count)
{
    double *taken = *rest;
    *rest += count;
    return taken;
}

talus_status tl_squares_check_size(talus_context *context, const char *name, int64_t n, bool has_rows)
{
    const double numbers = (has_rows ? 10. : 4.) * (double)n * (double)n;
    if (n <= MOST_FACTORED)
        return TALUS_OK;
    return tl_fail(
        context, TALUS_ERROR_SHAPE,
        "%s: steps are factored for at most %d parameters, got %lld, which would take %.3g GB: set "
        "steps to conjugate_gradients",
        name, MOST_FACTORED, (long long)n, 8e-9 * numbers);
}

/* The parts of the block that begins with A. */
static void divide(tl_equations *e, double *block, bool has_rows)
{
    const int64_t n = e->n;
    e->a = take(&block, n * n);
    e->factor = take(&block, n * n);
    e->diagonal = take(&block, n);
    e->d = take(&block, n);
    e->slope = take(&block, n);
    e->scale = take(&block, n);
    e->vector = take(&block, n);
    if (!has_rows)
        return;
    e->triangle = take(&block, n * n);
    e->stack = take(&block, 3 * n * n);
    e->lengths = take(&block, n);
    e->image = take(&block, n);
    e->right = take(&block, 3 * n);
    e->tau = take(&block, n);
}

talus_status tl_equations_create(const tl_squares *squares, tl_equations *equations)
{
    const int64_t n = squares->n;
    const bool has_rows = squares->rows != NULL;
    talus_status status = tl_squares_check_size(squares->context, squares->name, n, has_rows);
    if (status != TALUS_OK)
        return status;
    *equations = (tl_equations){.squares = squares, .n = n};
    tl_equations *e = equations;
    e->work_count = work_of(n, has_rows);
    e->counts_count = larger(8 * n, tl_eigen_counts_f64(n));
    e->a = tl_allocate(squares->context,
                       sizeof *e->a * (size_t)(squares_of(has_rows) * n * n + vectors_of(has_rows) * n));
    e->work = tl_allocate(squares->context, (size_t)e->work_count * sizeof *e->work);
    e->counts = tl_allocate(squares->context, (size_t)e->counts_count * sizeof *e->counts);
    if (e->a != NULL && e->work != NULL && e->counts != NULL) {
        divide(e, e->a, has_rows);
        return TALUS_OK;
    }
    tl_equations_destroy(e);
    return tl_fail(
        squares->context, TALUS_ERROR_MEMORY,
        "%s: the allocator returned no memory for the equations of %lld parameters, which take %.3g "
        "MB: steps by conjugate_gradients need none of it",
        squares->name, (long long)n, 1e-6 * (double)tl_equations_bytes(n, has_rows));
}

void tl_equations_destroy(tl_equations *equations)
{
    if (equations->squares == NULL)
        return;
    tl_release(equations->squares->context, equations->a);
    tl_release(equations->squares->context, equations->work);
    tl_release(equations->squares->context, equations->counts);
    equations->a = equations->work = NULL;
    equations->counts = NULL;
}
