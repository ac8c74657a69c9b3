/* Methods for matrices: against the naive loops, in closed form, and what is refused. */
#include "../bench/naive/naive.h"
#include "optimize/blocks.h"
#include "optimize/optimizer.h"
#include "support.h"

static talus_context *context;

static void setup(void)
{
    context = context_with(1, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

static bool has_matrices(int method)
{
    return tl_rule_of(method)->matrices != NULL && !tl_rule_of(method)->matrices->needs_network;
}

static talus_optimizer_spec spec_of(int method)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, method);
    if (method == TALUS_SOAP)
        spec.block = 48, spec.refresh = 3;
    return spec;
}

/* A wide, a tall and a square matrix, a row and a column, in a vector that has other numbers before, between and after them; they
 * are named in another order. Slabs of 64 rows meet longer and shorter sides. */
enum { COUNT = 17600, MATRICES = 5 };
static const naive_matrix places[MATRICES] = {{.at = 3, .rows = 17, .cols = 70},
                                              {.at = 1193, .rows = 130, .cols = 65},
                                              {.at = 9643, .rows = 70, .cols = 70},
                                              {.at = 14543, .rows = 1, .cols = 31},
                                              {.at = 14574, .rows = 9, .cols = 1}};

static talus_optimizer *make(talus_context *of, const talus_optimizer_spec *spec, int precision)
{
    static const int order[MATRICES] = {2, 0, 4, 3, 1};
    talus_optimizer *optimizer = NULL;
    expect_ok(of, talus_optimizer_create(of, spec, precision, COUNT, &optimizer));
    for (int i = 0; i < MATRICES; i++) {
        const naive_matrix *matrix = &places[order[i]];
        expect_ok(of, talus_optimizer_add_matrix(optimizer, matrix->at, matrix->rows, matrix->cols));
    }
    return optimizer;
}

/* Blocks of a basis as a whole matrix; number `side` of those that soap keeps of a matrix. */
static double *basis_of(const talus_optimizer *optimizer, int index, int side)
{
    const tl_matrix *matrix = &optimizer->matrices.list[index];
    const int64_t most = optimizer->spec.block;
    const tl_blocks rows = tl_blocks_of(matrix->rows, most), cols = tl_blocks_of(matrix->cols, most),
                    blocks = side % 2 == 0 ? rows : cols;
    const double *kept = (const double *)optimizer->matrices.kept + matrix->kept;
    kept += (side > 0 ? tl_blocks_numbers(rows) : 0) + (side > 1 ? tl_blocks_numbers(cols) : 0) +
            (side > 2 ? tl_blocks_numbers(rows) : 0);
    double *whole = calloc((size_t)(blocks.length * blocks.length), sizeof *whole);
    for (int64_t b = 0; b < blocks.count; b++) {
        const tl_block block = tl_block_at(blocks, b);
        for (int64_t i = 0; i < block.size; i++)
            for (int64_t j = 0; j < block.size; j++)
                whole[(block.first + i) * blocks.length + block.first + j] =
                    kept[block.at + i * block.size + j];
    }
    return whole;
}

/* An iteration of Newton and Schulz multiplies an error by 3.4445 at most where it counts, five of them by 500. */
#define C_STEP 500.0

START_TEST(steps_are_the_naive_ones)
{
    enum { STEPS = 12 };
    if (!has_matrices(_i))
        return;
    talus_optimizer_spec spec = spec_of(_i);
    spec.weight_decay = 0.3, spec.rate = 0.01;
    naive_matrix matrices[MATRICES];
    memcpy(matrices, places, sizeof places);
    double *ours = random_array(1, COUNT), *theirs = random_array(1, COUNT);
    naive_optimizer naive = {.spec = spec,
                             .m = calloc(COUNT, 8),
                             .v = calloc(COUNT, 8),
                             .u = calloc(COUNT, 8),
                             .matrix_count = MATRICES,
                             .matrices = matrices};
    talus_optimizer *optimizer = make(context, &spec, TALUS_DTYPE_F64);
    for (int k = 0; k < STEPS; k++) {
        double *g = random_array((uint64_t)k + 2, COUNT);
        talus_matrix p = talus_matrix_view(ours, TALUS_DTYPE_F64, 1, COUNT),
                     gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, COUNT);
        for (int i = 0; i < MATRICES && _i == TALUS_SOAP; i++) {
            matrices[i].left = basis_of(optimizer, i, 2);
            matrices[i].right = basis_of(optimizer, i, 3);
        }
        expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
        naive_update(&naive, COUNT, theirs, g);
        for (int i = 0; i < MATRICES; i++)
            free((double *)matrices[i].left), free((double *)matrices[i].right);
        ck_assert_double_le(largest_difference(ours, theirs, COUNT),
                            C_STEP * 2.3e-16 * (k + 1) * largest(theirs, COUNT));
        free(g);
    }
    talus_optimizer_destroy(optimizer);
    free(ours), free(theirs), free(naive.m), free(naive.v), free(naive.u);
}
END_TEST

/* The first step of muon on a diagonal matrix: each σ/‖u‖ becomes p(p(p(p(p(σ/‖u‖))))). */
START_TEST(muon_makes_a_polynomial_of_singular_values)
{
    static const double sigma[3] = {3, -1, 0.25};
    const double length = sqrt(9 + 1 + 0.0625), rate = 0.5;
    for (int tall = 0; tall <= 1; tall++) {
        double theta[15] = {0}, g[15] = {0};
        const int rows = tall ? 5 : 3, cols = tall ? 3 : 5;
        for (int i = 0; i < 3; i++)
            g[i * cols + i] = sigma[i];
        talus_optimizer_spec spec;
        talus_optimizer *optimizer;
        talus_optimizer_defaults(&spec, TALUS_MUON);
        spec.rate = rate;
        expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, 15, &optimizer));
        expect_ok(context, talus_optimizer_add_matrix(optimizer, 0, rows, cols));
        talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, 15),
                     gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, 15);
        expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < cols; j++) {
                double s = i == j ? sigma[i] / length : 0;
                for (int k = 0; k < 5; k++)
                    s = 3.4445 * s - 4.7750 * pow(s, 3) + 2.0315 * pow(s, 5);
                ck_assert_double_eq_tol(theta[i * cols + j], -rate * 0.2 * sqrt(5) * s, 1e-7);
            }
        talus_optimizer_destroy(optimizer);
    }
}
END_TEST

static void run_steps(talus_context *of, const talus_optimizer_spec *spec, int precision, int steps,
                      double scale, void *theta)
{
    talus_optimizer *optimizer = make(of, spec, precision);
    for (int k = 0; k < steps; k++) {
        double *exact = random_array((uint64_t)k + 2, COUNT);
        for (int i = 0; i < COUNT; i++)
            exact[i] *= scale;
        float *rounded = to_float(exact, COUNT);
        void *g = precision == TALUS_DTYPE_F64 ? (void *)exact : rounded;
        talus_matrix p = talus_matrix_view(theta, precision, 1, COUNT),
                     gradient = talus_matrix_view(g, precision, 1, COUNT);
        expect_ok(of, talus_optimizer_step(optimizer, &p, &gradient));
        free(exact), free(rounded);
    }
    talus_optimizer_destroy(optimizer);
}

START_TEST(steps_are_the_same_in_any_number_of_threads)
{
    if (!has_matrices(_i))
        return;
    talus_optimizer_spec spec = spec_of(_i);
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        double first[COUNT] = {0};
        run_steps(context, &spec, precision, 5, 1, first);
        for (int threads = 2; threads <= 8; threads *= 2) {
            double again[COUNT] = {0};
            talus_context *several = context_with(threads, NULL);
            run_steps(several, &spec, precision, 5, 1, again);
            ck_assert_mem_eq(first, again, sizeof first);
            talus_context_destroy(several);
        }
    }
}
END_TEST

/* A direction does not grow with the gradient, nor what is clipped. */
START_TEST(muon_does_not_feel_the_length_of_gradients)
{
    talus_optimizer_spec spec;
    double theta[3][COUNT] = {{0}};
    talus_optimizer_defaults(&spec, TALUS_MUON);
    run_steps(context, &spec, TALUS_DTYPE_F64, 3, 1, theta[0]);
    run_steps(context, &spec, TALUS_DTYPE_F64, 3, 1024, theta[1]);
    spec.clip_value = 1e-3;
    run_steps(context, &spec, TALUS_DTYPE_F64, 3, 1, theta[2]);
    const naive_matrix *last = &places[2];
    ck_assert_double_le(largest_difference(theta[0] + last->at, theta[1] + last->at, last->rows * last->cols),
                        1e-7);
    ck_assert_double_ge(largest_difference(theta[0] + last->at, theta[2] + last->at, last->rows * last->cols),
                        1e-5);
}
END_TEST

/* Parameters that are frozen neither move nor count. */
START_TEST(frozen_matrices_stay)
{
    if (!has_matrices(_i))
        return;
    talus_optimizer_spec spec = spec_of(_i);
    double theta[COUNT] = {0}, g[COUNT];
    const naive_matrix *frozen = &places[1], *half = &places[2];
    talus_optimizer *optimizer = make(context, &spec, TALUS_DTYPE_F64);
    expect_ok(context, talus_optimizer_set_factors(optimizer, frozen->at, frozen->rows * frozen->cols, 0, 1));
    expect_ok(context, talus_optimizer_set_factors(optimizer, half->at, 35 * half->cols, 0, 1));
    for (int i = 0; i < COUNT; i++)
        g[i] = sin(i + 1);
    g[frozen->at] = g[half->at] = NAN;
    talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, COUNT),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, COUNT);
    const tl_matrix *matrix = &optimizer->matrices.list[1]; /* of which nothing is learnt */
    const int64_t kept = optimizer->matrices.list[2].kept - matrix->kept;
    double *before = malloc((size_t)(kept + 1) * sizeof *before);
    ck_assert_int_eq(matrix->offset, frozen->at);
    if (kept > 0)
        memcpy(before, (double *)optimizer->matrices.kept + matrix->kept, (size_t)kept * sizeof *before);
    for (int k = 0; k < 3; k++)
        expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
    if (kept > 0)
        ck_assert_mem_eq(before, (double *)optimizer->matrices.kept + matrix->kept,
                         (size_t)kept * sizeof *before);
    free(before);
    for (int64_t i = 0; i < COUNT; i++) {
        bool stays = (i >= frozen->at && i < frozen->at + frozen->rows * frozen->cols) ||
                     (i >= half->at && i < half->at + 35 * half->cols);
        ck_assert(isfinite(theta[i]) && (theta[i] == 0) == stays);
    }
    talus_optimizer_destroy(optimizer);
}
END_TEST

/* A step that would not stay finite changes neither parameters nor state: the next is that of an optimiser that has not seen it. */
START_TEST(a_refused_step_changes_nothing)
{
    if (!has_matrices(_i))
        return;
    talus_optimizer_spec spec = spec_of(_i);
    float with[COUNT], without[COUNT], before[COUNT], g[COUNT];
    talus_optimizer *first = make(context, &spec, TALUS_DTYPE_F32),
                    *second = make(context, &spec, TALUS_DTYPE_F32);
    talus_matrix p = talus_matrix_view(with, TALUS_DTYPE_F32, 1, COUNT),
                 q = talus_matrix_view(without, TALUS_DTYPE_F32, 1, COUNT),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F32, 1, COUNT);
    for (int i = 0; i < COUNT; i++)
        with[i] = without[i] = 1;
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < COUNT; i++)
            g[i] = (float)cos(i * (k + 1));
        expect_ok(context, talus_optimizer_step(first, &p, &gradient));
        expect_ok(context, talus_optimizer_step(second, &q, &gradient));
        memcpy(before, with, sizeof before);
        g[places[k].at + 2] = k == 0 ? INFINITY : k == 1 ? NAN : FLT_MAX;
        g[places[k].at + 3] = k == 3 ? -FLT_MAX : FLT_MAX;
        expect_status(context, TALUS_ERROR_DATA, talus_optimizer_step(first, &p, &gradient));
        ck_assert_mem_eq(with, before, sizeof before);
    }
    ck_assert_mem_eq(with, without, sizeof with);
    talus_optimizer_destroy(first);
    talus_optimizer_destroy(second);
}
END_TEST

/* A gradient of zeros has no direction. */
START_TEST(a_zero_gradient_changes_nothing)
{
    if (!has_matrices(_i))
        return;
    talus_optimizer_spec spec = spec_of(_i);
    double theta[COUNT], g[COUNT] = {0};
    for (int i = 0; i < COUNT; i++)
        theta[i] = i;
    talus_optimizer *optimizer = make(context, &spec, TALUS_DTYPE_F64);
    talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, COUNT),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, COUNT);
    for (int k = 0; k < 3; k++)
        expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
    for (int i = 0; i < COUNT; i++)
        ck_assert(theta[i] == i);
    talus_optimizer_destroy(optimizer);
}
END_TEST

/* After step 1 the bases hold the eigenvectors of L and R; after each third the rows of basis·mean by Gram and Schmidt, so that
 * (basis·mean)·newᵀ is lower triangular. They stay orthonormal. */
START_TEST(soap_turns_its_bases)
{
    talus_optimizer_spec spec = spec_of(TALUS_SOAP);
    talus_optimizer *optimizer = make(context, &spec, TALUS_DTYPE_F64);
    double theta[COUNT] = {0};
    enum { MATRIX = 2, D = 70 };
    for (int k = 1; k <= 6; k++) {
        double *g = random_array((uint64_t)k, COUNT);
        talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, COUNT),
                     gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, COUNT);
        for (int side = 0; side < 2; side++) {
            double *before = basis_of(optimizer, MATRIX, 2 + side);
            if (side == 1)
                expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
            double *mean = basis_of(optimizer, MATRIX, side), *now = basis_of(optimizer, MATRIX, 2 + side);
            double *turned = calloc(D * D, 8), *values = calloc(D * D, 8);
            for (int i = 0; i < D && side == 1; i++)
                for (int j = 0; j < D; j++) {
                    double unit = 0;
                    for (int q = 0; q < D; q++) {
                        unit += now[i * D + q] * now[j * D + q];
                        turned[i * D + j] += (k == 1 ? now : before)[i * D + q] * mean[q * D + j];
                    }
                    ck_assert_double_eq_tol(unit, i == j, 1e-13);
                }
            for (int i = 0; i < D && side == 1; i++)
                for (int j = 0; j < D; j++) {
                    for (int q = 0; q < D; q++)
                        values[i * D + j] += turned[i * D + q] * now[j * D + q];
                    if ((k == 1 && i != j) || (k % 3 == 0 && j > i))
                        ck_assert_double_eq_tol(values[i * D + j], 0, 1e-12);
                    if (k == 1 && i == j && i > 0 &&
                        i != 48) /* the largest first, in each of the two blocks */
                        ck_assert_double_le(values[i * D + i], values[(i - 1) * D + i - 1] + 1e-12);
                    if (k % 3 != 0 && k > 1)
                        ck_assert(now[i * D + j] == before[i * D + j]);
                }
            free(before), free(mean), free(now), free(turned), free(values);
        }
        free(g);
    }
    talus_optimizer_destroy(optimizer);
}
END_TEST

static void refuse(talus_optimizer *optimizer, talus_status status, int64_t first, int64_t rows, int64_t cols,
                   const char *piece)
{
    expect_status(context, status, talus_optimizer_add_matrix(optimizer, first, rows, cols));
    expect_message(context, piece);
}

START_TEST(bad_matrices_are_refused)
{
    talus_optimizer_spec spec;
    talus_optimizer *optimizer;
    double theta[20] = {0}, g[20] = {0};
    talus_optimizer_defaults(&spec, TALUS_ADAM);
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, 20, &optimizer));
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 0, 2, 2, "add_matrix: adam has no matrices");
    talus_optimizer_destroy(optimizer);
    talus_optimizer_defaults(&spec, TALUS_KFAC);
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, 20, &optimizer));
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 0, 2, 2,
           "add_matrix: kfac has no matrices but those of a trainer");
    talus_optimizer_destroy(optimizer);
    talus_optimizer_defaults(&spec, TALUS_MUON);
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, 20, &optimizer));
    refuse(optimizer, TALUS_ERROR_ARGUMENT, -1, 2, 2, "add_matrix: first must be 0 … 19, got -1");
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 20, 2, 2, "add_matrix: first must be 0 … 19, got 20");
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 12, 3, 3,
           "add_matrix: rows and cols must be at least 1, and at most 8 numbers, got 3 × 3");
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 12, 0, 3, "got 0 × 3");
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 12, 2, -3, "got 2 × -3");
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 12, INT64_MAX, 3, "got 9223372036854775807 × 3");
    expect_ok(context, talus_optimizer_add_matrix(optimizer, 6, 2, 3));
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 6, 1, 1, "the numbers 6 … 6 must not be part of another matrix");
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 4, 3, 1, "the numbers 4 … 6 must not be part of another matrix");
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 11, 3, 1,
           "the numbers 11 … 13 must not be part of another matrix");
    refuse(optimizer, TALUS_ERROR_ARGUMENT, 0, 4, 5, "the numbers 0 … 19 must not be part of another matrix");
    expect_ok(context, talus_optimizer_add_matrix(optimizer, 12, 2, 4));
    expect_ok(context, talus_optimizer_add_matrix(optimizer, 0, 3, 2));
    talus_matrix p = talus_matrix_view(theta, TALUS_DTYPE_F64, 1, 20),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, 20);
    expect_ok(context, talus_optimizer_step(optimizer, &p, &gradient));
    refuse(optimizer, TALUS_ERROR_STATE, 0, 1, 1,
           "add_matrix: matrices must be named before the first step, got one after 1");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_add_matrix(NULL, 0, 1, 1));
    talus_optimizer_destroy(optimizer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("matrices");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_loop_test(tests, steps_are_the_naive_ones, 0, TALUS_METHOD_COUNT);
    tcase_add_loop_test(tests, steps_are_the_same_in_any_number_of_threads, 0, TALUS_METHOD_COUNT);
    tcase_add_loop_test(tests, frozen_matrices_stay, 0, TALUS_METHOD_COUNT);
    tcase_add_loop_test(tests, a_refused_step_changes_nothing, 0, TALUS_METHOD_COUNT);
    tcase_add_loop_test(tests, a_zero_gradient_changes_nothing, 0, TALUS_METHOD_COUNT);
    tcase_add_test(tests, muon_makes_a_polynomial_of_singular_values);
    tcase_add_test(tests, muon_does_not_feel_the_length_of_gradients);
    tcase_add_test(tests, soap_turns_its_bases);
    tcase_add_test(tests, bad_matrices_are_refused);
    return run_suite(suite);
}
