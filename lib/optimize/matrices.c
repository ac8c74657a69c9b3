#include "optimize/matrices.h"

#include <math.h>

#include "base/call.h"
#include "linalg/blas_threads.h"
#include "optimize/flat_vector.h"
#include "optimize/optimizer.h"

static const tl_matrix_rule *rule_of(const talus_optimizer *optimizer)
{
    return tl_rule_of(optimizer->spec.method)->matrices;
}

bool tl_optimizer_has_matrices(const talus_optimizer *optimizer)
{
    return optimizer->matrices.count > 0;
}

/* Memory ---------------------------------------------------------------------------------------------------- */

static int64_t longest(int64_t so_far, const tl_matrix *matrix)
{
    const int64_t longer = matrix->rows > matrix->cols ? matrix->rows : matrix->cols;
    return longer > so_far ? longer : so_far;
}

/* Takes the matrices that are for the rule, and gives them their places; the numbers of work. */
static int64_t lay_out(const talus_optimizer *optimizer, const tl_matrix *matrices, int64_t count,
                       tl_matrices *made)
{
    const tl_matrix_rule *rule = rule_of(optimizer);
    int64_t work = 0;
    for (int64_t i = 0; i < count; i++) {
        if (matrices[i].is_last && rule->spares_last)
            continue;
        tl_matrix *matrix = &made->list[made->count++];
        *matrix = matrices[i];
        matrix->kept = made->kept_count, matrix->work = work;
        matrix->has_biases = matrix->has_biases && rule->takes_biases;
        matrix->numbers = matrix->rows * (matrix->cols + matrix->has_biases);
        made->longest = longest(made->longest, matrix);
        if (rule->kept != NULL)
            made->kept_count += rule->kept(optimizer, matrix);
        work += rule->work(optimizer, matrix);
    }
    return work;
}

static bool allocate(talus_optimizer *optimizer, const tl_matrix *matrices, int64_t count, tl_matrices *made)
{
    talus_context *context = optimizer->context;
    const size_t size = tl_dtype_size(optimizer->precision);
    made->list = tl_allocate(context, (size_t)count * sizeof *made->list);
    if (made->list == NULL)
        return false;
    const int64_t work = lay_out(optimizer, matrices, count, made);
    if (made->count == 0)
        return true;
    made->work = tl_allocate(context, (size_t)work * size);
    if (made->kept_count > 0)
        made->kept = tl_allocate(context, (size_t)made->kept_count * size);
    bool all = made->work != NULL && (made->kept != NULL || made->kept_count == 0);
    for (int i = TL_MATRIX_DIRECTION; i < TL_MATRIX_DIRECTION + rule_of(optimizer)->scratch; i++) {
        if (optimizer->states[i] == NULL)
            optimizer->states[i] = tl_allocate(context, (size_t)optimizer->count * size);
        all = all && optimizer->states[i] != NULL;
    }
    return all;
}

bool tl_optimizer_set_matrices(talus_optimizer *optimizer, const tl_matrix *matrices, int64_t count)
{
    tl_matrices made = {0};
    if (rule_of(optimizer) == NULL || count == 0)
        return true;
    if (!allocate(optimizer, matrices, count, &made)) {
        tl_matrices_release(optimizer->context, &made);
        return false;
    }
    tl_matrices_release(optimizer->context, &optimizer->matrices);
    optimizer->matrices = made;
    if (made.count > 0 && rule_of(optimizer)->begin[0] != NULL)
        rule_of(optimizer)->begin[optimizer->precision == TALUS_DTYPE_F64](optimizer);
    return true;
}

static talus_status check_matrix(const talus_optimizer *optimizer, int64_t first, int64_t rows, int64_t cols)
{
    talus_context *context = optimizer->context;
    int64_t numbers = 0;
    if (rule_of(optimizer) == NULL || rule_of(optimizer)->needs_network)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "add_matrix: %s has no matrices%s",
                       tl_rule_of(optimizer->spec.method)->name,
                       rule_of(optimizer) == NULL ? "" : " but those of a trainer");
    if (optimizer->steps > 0)
        return tl_fail(context, TALUS_ERROR_STATE,
                       "add_matrix: matrices must be named before the first step, got one after %lld",
                       (long long)optimizer->steps);
    if (first < 0 || first >= optimizer->count)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "add_matrix: first must be 0 … %lld, got %lld",
                       (long long)optimizer->count - 1, (long long)first);
    if (rows < 1 || cols < 1 || !tl_multiply(rows, cols, &numbers) || numbers > optimizer->count - first)
        return tl_fail(
            context, TALUS_ERROR_ARGUMENT,
            "add_matrix: rows and cols must be at least 1, and at most %lld numbers, got %lld × %lld",
            (long long)(optimizer->count - first), (long long)rows, (long long)cols);
    if (tl_matrices_end(&optimizer->matrices, first, first + numbers) < first + numbers ||
        tl_optimizer_kernel(optimizer, first) != optimizer->form->kernel)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "add_matrix: the numbers %lld … %lld must not be part of another matrix",
                       (long long)first, (long long)(first + numbers - 1));
    return TALUS_OK;
}

static talus_status add_matrix(talus_optimizer *optimizer, int64_t first, int64_t rows, int64_t cols)
{
    const tl_matrices *matrices = &optimizer->matrices;
    talus_status status = check_matrix(optimizer, first, rows, cols);
    if (status != TALUS_OK)
        return status;
    tl_matrix *all = tl_allocate(optimizer->context, ((size_t)matrices->count + 1) * sizeof *all);
    int64_t at = 0;
    for (int64_t i = 0; all != NULL && i < matrices->count; i++) {
        all[i + (matrices->list[i].offset > first)] = matrices->list[i];
        at += matrices->list[i].offset < first;
    }
    if (all != NULL)
        all[at] = (tl_matrix){.offset = first, .rows = rows, .cols = cols};
    const bool done = all != NULL && tl_optimizer_set_matrices(optimizer, all, matrices->count + 1);
    tl_release(optimizer->context, all);
    return done ? TALUS_OK
                : tl_fail(optimizer->context, TALUS_ERROR_MEMORY,
                          "add_matrix: the allocator returned no memory for a matrix of %lld × %lld",
                          (long long)rows, (long long)cols);
}

talus_status talus_optimizer_add_matrix(talus_optimizer *optimizer, int64_t first, int64_t rows, int64_t cols)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, optimizer->context);
    return status == TALUS_OK ? tl_call_end(&call, add_matrix(optimizer, first, rows, cols)) : status;
}

void tl_matrices_release(talus_context *context, tl_matrices *matrices)
{
    tl_release(context, matrices->list);
    tl_release(context, matrices->kept);
    tl_release(context, matrices->work);
    *matrices = (tl_matrices){0};
}

/* Places ---------------------------------------------------------------------------------------------------- */

/* The first matrix that ends behind `offset`; NULL if none does. */
static const tl_matrix *matrix_after(const tl_matrices *matrices, int64_t offset)
{
    int64_t low = 0, high = matrices->count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        const tl_matrix *matrix = &matrices->list[middle];
        if (matrix->offset + matrix->numbers <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < matrices->count ? &matrices->list[low] : NULL;
}

int64_t tl_matrices_end(const tl_matrices *matrices, int64_t offset, int64_t end)
{
    const tl_matrix *matrix = matrix_after(matrices, offset);
    if (matrix == NULL)
        return end;
    const int64_t limit = matrix->offset > offset ? matrix->offset : matrix->offset + matrix->numbers;
    return limit < end ? limit : end;
}

int tl_optimizer_kernel(const talus_optimizer *optimizer, int64_t offset)
{
    const tl_matrix *matrix = matrix_after(&optimizer->matrices, offset);
    return matrix != NULL && matrix->offset <= offset ? rule_of(optimizer)->kernel : optimizer->form->kernel;
}

/* Work ------------------------------------------------------------------------------------------------------ */

int64_t tl_matrix_rows(const tl_matrix_job *job, const tl_matrix *matrix)
{
    (void)job;
    return matrix->rows;
}

int64_t tl_matrix_shorter(const tl_matrix_job *job, const tl_matrix *matrix)
{
    (void)job;
    return tl_shorter_side(matrix);
}

static int64_t slabs_of(const tl_matrix_job *job, const tl_matrix *matrix)
{
    return (job->length(job, matrix) + job->slab - 1) / job->slab;
}

static void run_slab(void *any, int64_t task, int worker)
{
    (void)worker;
    const tl_matrix_job *job = any;
    const tl_matrix *matrix = job->optimizer->matrices.list;
    for (; task >= slabs_of(job, matrix); matrix++)
        task -= slabs_of(job, matrix);
    const int64_t first = task * job->slab, left = job->length(job, matrix) - first;
    job->part(job, matrix, first, left < job->slab ? left : job->slab);
}

void tl_matrix_run(tl_matrix_job job, int64_t (*length)(const tl_matrix_job *job, const tl_matrix *matrix),
                   void (*part)(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first,
                                int64_t count))
{
    const tl_matrices *matrices = &job.optimizer->matrices;
    int64_t tasks = 0;
    job.length = length, job.part = part;
    job.slab = job.slab == 0 ? TL_MATRIX_SLAB : job.slab;
    for (int64_t i = 0; i < matrices->count; i++)
        tasks += slabs_of(&job, &matrices->list[i]);
    tl_blas_run(job.optimizer->context->pool, run_slab, &job, tasks);
}

void tl_matrices_direct(const talus_optimizer *optimizer, const void *gradient)
{
    const int before = tl_blas_enter_for(optimizer->context);
    rule_of(optimizer)->direct[optimizer->precision == TALUS_DTYPE_F64](optimizer, gradient);
    tl_blas_leave(before);
}

double tl_matrices_largest(const talus_optimizer *optimizer)
{
    const tl_vectors space = {optimizer->context, optimizer->precision, optimizer->count, optimizer->kernels};
    double most = 0;
    for (int i = TL_MATRIX_DIRECTION; i < TL_MATRIX_DIRECTION + rule_of(optimizer)->scratch; i++) {
        const double size = tl_vector_largest(&space, optimizer->states[i]);
        most = size > most || isnan(size) ? size : most;
    }
    return most;
}

void tl_matrices_learn(const talus_optimizer *optimizer)
{
    if (rule_of(optimizer)->learn[0] == NULL)
        return;
    const int before = tl_blas_enter_for(optimizer->context);
    rule_of(optimizer)->learn[optimizer->precision == TALUS_DTYPE_F64](optimizer);
    tl_blas_leave(before);
}
