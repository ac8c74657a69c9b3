/* Singular values of weights, and the bound that follows from them. */
#include "fixture.h"
#include "problem.h"

#define EPSILON 2.3e-16

static talus_network *make(int precision, int64_t width, int64_t inputs, int initializer, double gain)
{
    talus_layer layers[] = {{.width = inputs}, {.width = width, .initializer = initializer, .gain = gain}};
    talus_network_spec spec = {
        .inputs = 2, .layers = layers, .layer_count = 2, .precision = precision, .seed = 4};
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static void put(const talus_network *network, int l, int part, int64_t i, double value)
{
    talus_matrix view;
    expect_ok(context, talus_network_part(network, NULL, l, part, &view));
    if (view.dtype == TALUS_DTYPE_F32)
        ((float *)view.data)[i] = (float)value;
    else
        ((double *)view.data)[i] = value;
}

/* W_2 = diag(s), with its rows in the order of `order`. */
static talus_weight_spectrum of_diagonal(int precision, int64_t rows, int64_t cols, const double *s,
                                         double *values)
{
    talus_weight_spectrum spectrum;
    const int64_t k = rows < cols ? rows : cols;
    talus_network *network = make(precision, rows, cols, TALUS_INIT_AUTO, 0);
    for (int64_t i = 0; i < rows * cols; i++)
        put(network, 2, TALUS_PART_WEIGHTS, i, 0);
    for (int64_t i = 0; i < k; i++) /* the first column in the last row, and so on */
        put(network, 2, TALUS_PART_WEIGHTS, (rows - 1 - i) * cols + i, i % 2 ? -s[i] : s[i]);
    const talus_matrix view = talus_matrix_view(values, TALUS_DTYPE_F64, 1, k);
    expect_ok(context, talus_network_weight_spectrum(network, 2, &view, &spectrum));
    talus_network_destroy(network);
    return spectrum;
}

static void near(double got, double expected)
{
    ck_assert_msg(fabs(got - expected) <= 20 * EPSILON * fabs(expected), "%.17g, not %.17g", got, expected);
}

/* p = ½, ¼, ¼: the entropy is 1½·log 2. */
START_TEST(a_diagonal_matrix_has_its_diagonal)
{
    for (int wide = 0; wide < 2; wide++) {
        double values[3];
        talus_weight_spectrum s = of_diagonal(_i, wide ? 3 : 5, wide ? 7 : 3, (double[]){2, 4, 2}, values);
        near(values[0], 4), near(values[1], 2), near(values[2], 2);
        near(s.largest, 4), near(s.smallest, 2), near(s.condition, 2);
        near(s.effective_rank, pow(2, 1.5));
        near(s.stable_rank, 1.5);
        ck_assert_int_eq(s.rank, 3);
    }
}
END_TEST

START_TEST(ranks_of_singular_matrices)
{
    double values[4];
    talus_weight_spectrum s = of_diagonal(_i, 4, 4, (double[]){0, 3, 0, 0}, values);
    near(s.effective_rank, 1), near(s.stable_rank, 1), near(s.largest, 3);
    ck_assert(s.rank == 1 && isinf(s.condition) && s.smallest == 0);
    s = of_diagonal(_i, 4, 4, (double[]){0, 0, 0, 0}, values);
    ck_assert(s.rank == 0 && s.effective_rank == 0 && s.stable_rank == 0 && s.largest == 0 &&
              isinf(s.condition));
    const double tiny = _i == TALUS_DTYPE_F32 ? 0x1p-23 : 0x1p-52; /* ε: 4·ε is what counts */
    s = of_diagonal(_i, 4, 4, (double[]){1, 3 * tiny, 5 * tiny, 1}, values);
    ck_assert_int_eq(s.rank, 3);
    near(s.condition, 1 / (3 * tiny));
}
END_TEST

/* Gain times an orthogonal matrix: all are the gain. */
START_TEST(orthogonal_weights_have_equal_singular_values)
{
    const double epsilon = _i == TALUS_DTYPE_F32 ? EPSILON_32 : EPSILON_64;
    talus_network *network = make(_i, 40, 70, TALUS_INIT_ORTHOGONAL, 1.5);
    double values[40];
    const talus_matrix view = talus_matrix_view(values, TALUS_DTYPE_F64, 1, 40);
    talus_weight_spectrum s;
    expect_ok(context, talus_network_weight_spectrum(network, 2, &view, &s));
    for (int i = 0; i < 40; i++)
        ck_assert_double_le(fabs(values[i] - 1.5), 40 * epsilon);
    ck_assert_double_le(fabs(s.effective_rank - 40), 1600 * epsilon);
    ck_assert_double_le(fabs(s.stable_rank - 40), 1600 * epsilon);
    ck_assert_int_eq(s.rank, 40);
    talus_network_destroy(network);
}
END_TEST

/* Σ s² = ‖W‖_F², whatever W; the network stays, and threads do not matter. */
START_TEST(any_matrix_keeps_its_norm)
{
    double values[31], again[31], squares = 0, sum = 0;
    const talus_matrix view = talus_matrix_view(values, TALUS_DTYPE_F64, 1, 31),
                       other = talus_matrix_view(again, TALUS_DTYPE_F64, 1, 31);
    talus_network *network = make(_i, 31, 45, TALUS_INIT_AUTO, 0);
    talus_matrix w;
    expect_ok(context, talus_network_weight_spectrum(network, 2, &view, NULL));
    expect_ok(context, talus_network_weights(network, NULL, 2, &w));
    for (int i = 0; i < 31 * 45; i++) {
        double x = _i == TALUS_DTYPE_F32 ? (double)((float *)w.data)[i] : ((double *)w.data)[i];
        squares += x * x;
    }
    for (int i = 0; i < 31; i++) {
        sum += values[i] * values[i];
        ck_assert(i == 0 || values[i] <= values[i - 1]);
    }
    ck_assert_double_le(fabs(sum - squares), 45 * EPSILON * squares);
    talus_context *outer = context;
    context = context_with(4, NULL);
    talus_network *same = make(_i, 31, 45, TALUS_INIT_AUTO, 0);
    expect_ok(context, talus_network_weight_spectrum(same, 2, &other, NULL));
    ck_assert_mem_eq(values, again, sizeof values);
    talus_network_destroy(same);
    talus_context_destroy(context);
    context = outer;
    talus_network_destroy(network);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    talus_network *network = make(TALUS_DTYPE_F64, 3, 4, TALUS_INIT_AUTO, 0);
    double values[3], bound = 42;
    talus_matrix view = talus_matrix_view(values, TALUS_DTYPE_F64, 1, 3), bad = view;
    talus_weight_spectrum s = {.rank = 42};
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_network_weight_spectrum(NULL, 1, NULL, NULL));
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_lipschitz_bound(NULL, &bound));
    for (int layer = 0; layer <= 3; layer += 3) {
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_weight_spectrum(network, layer, NULL, &s));
        expect_message(context, "weight_spectrum: layer must be 1 … 2, got");
    }
    bad.dtype = TALUS_DTYPE_F32;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_weight_spectrum(network, 2, &bad, &s));
    bad = view, bad.cols = 2;
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_weight_spectrum(network, 2, &bad, &s));
    expect_message(context, "weight_spectrum: values must be 1 × 3, got 1 × 2");
    bad = talus_matrix_view(values, TALUS_DTYPE_F64, 3, 1);
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_weight_spectrum(network, 2, &bad, &s));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_network_weight_spectrum_sized(network, 2, NULL, &s, sizeof s - 1));
    put(network, 2, TALUS_PART_WEIGHTS, 6, NAN);
    expect_status(context, TALUS_ERROR_DATA, talus_network_weight_spectrum(network, 2, &view, &s));
    expect_message(context, "weight_spectrum: layer 2: its parameters and scalings must be finite, got nan "
                            "at row 1, column 2");
    expect_status(context, TALUS_ERROR_DATA, talus_lipschitz_bound(network, &bound));
    expect_message(context, "lipschitz_bound: layer 2");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_lipschitz_bound(network, NULL));
    ck_assert(s.rank == 42 && bound == 42);
    talus_network_destroy(network);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    talus_network *network = make(_i, 6, 4, TALUS_INIT_AUTO, 0);
    const int64_t alive = book.alive;
    double bound, values[4];
    const talus_matrix view = talus_matrix_view(values, TALUS_DTYPE_F64, 1, 4);
    for (int which = 0; which < 2; which++) {
        talus_status status = TALUS_ERROR_MEMORY;
        int n = 0;
        while (status != TALUS_OK) {
            refuse_from_now(&book, ++n);
            status = which ? talus_lipschitz_bound(network, &bound)
                           : talus_network_weight_spectrum(network, 2, &view, NULL);
            ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
            ck_assert_int_eq(book.alive, alive);
        }
        ck_assert_int_ge(n, 3);
    }
    book.fail_at = 0;
    talus_network_destroy(network);
}
END_TEST

/* Bounds ----------------------------------------------------------------------------------------------------- */

static double bound_of(const talus_network *network)
{
    double bound = 0;
    expect_ok(context, talus_lipschitz_bound(network, &bound));
    return bound;
}

/* A layer of zeros does not bound one that has no bound. */
START_TEST(what_has_no_bound_has_none_after_zeros)
{
    talus_layer layers[] = {talus_dense(2, TALUS_EXPONENTIAL), talus_dense(2, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_SQUARED_ERROR);
    talus_network *network;
    talus_matrix weights;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 2, &weights));
    memset(weights.data, 0, 4 * sizeof(float));
    ck_assert(isinf(bound_of(network)));
    expect_ok(context, talus_network_weights(network, NULL, 1, &weights));
    memset(weights.data, 0, 4 * sizeof(float));
    ck_assert(isinf(bound_of(network)));
    talus_network_destroy(network);
}
END_TEST

/* The spectral norm of J (m × n), from below, by the power iteration on JᵀJ. */
static double norm_of(const double *j, int64_t m, int64_t n)
{
    double v[8], u[8], norm = 0;
    for (int64_t k = 0; k < n; k++)
        v[k] = 1 + 0.1 * (double)k;
    for (int step = 0; step < 500; step++) {
        double length = 0;
        for (int64_t k = 0; k < n; k++)
            length += v[k] * v[k];
        for (int64_t i = 0; i < m; i++) {
            u[i] = 0;
            for (int64_t k = 0; k < n; k++)
                u[i] += j[i * n + k] * v[k] / sqrt(length);
        }
        norm = 0;
        for (int64_t i = 0; i < m; i++)
            norm += u[i] * u[i];
        for (int64_t k = 0; k < n; k++) {
            v[k] = 0;
            for (int64_t i = 0; i < m; i++)
                v[k] += j[i * n + k] * u[i];
        }
        if (norm == 0)
            return 0;
    }
    return sqrt(norm);
}

enum { INPUTS = 4, OUTPUTS = 3, POINTS = 60 };

/* The largest norm of the Jacobian by central differences over random points, in the caller's units. */
static double steepest_of(const talus_network *network)
{
    double *x = random_array(9, POINTS * INPUTS), up[OUTPUTS], down[OUTPUTS], j[OUTPUTS * INPUTS], most = 0;
    talus_workspace *workspace = workspace_of(network, 1);
    const double h = 1e-5;
    for (int p = 0; p < POINTS; p++) {
        double *point = x + p * INPUTS;
        const talus_matrix in = f64_view(point, 1, INPUTS), over = f64_view(up, 1, OUTPUTS),
                           under = f64_view(down, 1, OUTPUTS);
        for (int k = 0; k < INPUTS; k++)
            point[k] *= 3;
        for (int k = 0; k < INPUTS; k++) {
            const double at = point[k];
            point[k] = at + h;
            expect_ok(context, talus_predict(network, workspace, &in, &over));
            point[k] = at - h;
            expect_ok(context, talus_predict(network, workspace, &in, &under));
            point[k] = at;
            for (int i = 0; i < OUTPUTS; i++)
                j[i * INPUTS + k] = (up[i] - down[i]) / (2 * h);
        }
        most = fmax(most, norm_of(j, OUTPUTS, INPUTS));
    }
    talus_workspace_destroy(workspace);
    free(x);
    return most;
}

static talus_network *make_deep(int hidden, int last, int normalization)
{
    talus_layer layers[] = {{.width = 7, .activation = hidden, .normalization = normalization},
                            {.width = 6, .activation = hidden, .normalization = normalization},
                            {.width = OUTPUTS, .activation = last, .normalization = normalization}};
    talus_network_spec spec = {.inputs = INPUTS,
                               .layers = layers,
                               .layer_count = 3,
                               .loss = last == TALUS_SOFTMAX ? TALUS_CROSS_ENTROPY : TALUS_SQUARED_ERROR,
                               .precision = TALUS_DTYPE_F64,
                               .seed = 8};
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

/* Differences have an error of about h² and ε/h. */
#define DIFFERENCES 1e-6

START_TEST(no_jacobian_is_above_the_bound)
{
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++)
        for (int normalization = 0; normalization < TALUS_NORMALIZATION_COUNT; normalization++) {
            talus_network *network = make_deep(f, f, normalization);
            const double bound = bound_of(network);
            ck_assert(isinf(bound) == (f == TALUS_EXPONENTIAL || f == TALUS_STEP));
            if (normalization == TALUS_NORMALIZATION_BATCH)
                for (int k = 0; k < 6; k++) {
                    talus_matrix means, variances;
                    expect_ok(context, talus_network_statistics(network, 2, &means, &variances));
                    ((double *)means.data)[k] = 0.3;
                    ((double *)variances.data)[k] = 0.01 * (k + 1); /* steeper than before */
                    put(network, 2, TALUS_PART_NORM_SCALES, k, -1.5);
                }
            if (f == TALUS_PRELU)
                put(network, 1, TALUS_PART_SLOPES, 2, -3);
            ck_assert_double_le(steepest_of(network), bound_of(network) * (1 + DIFFERENCES) + DIFFERENCES);
            ck_assert(normalization != TALUS_NORMALIZATION_BATCH || isinf(bound) ||
                      bound_of(network) > bound);
            talus_network_destroy(network);
        }
}
END_TEST

/* One layer without activation: K is its norm, and so it is with scalings, and with a normalisation over the batch. */
START_TEST(one_linear_layer_has_its_bound)
{
    for (int normalization = 0; normalization < TALUS_NORMALIZATION_COUNT; normalization += 2) {
        const double shift[] = {1, 2, 3, 4}, scale[] = {0.2, -3, 1, 0.5}, out[] = {2, 0.1, -7};
        talus_layer layer = {.width = OUTPUTS, .normalization = normalization};
        talus_network_spec spec = {
            .inputs = INPUTS, .layers = &layer, .layer_count = 1, .precision = TALUS_DTYPE_F64, .seed = 8};
        talus_network *network;
        expect_ok(context, talus_network_create(context, &spec, &network));
        ck_assert_double_le(fabs(steepest_of(network) / bound_of(network) - 1), DIFFERENCES);
        expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
        ck_assert_double_le(fabs(steepest_of(network) / bound_of(network) - 1), DIFFERENCES);
        expect_ok(context, talus_network_scale_targets(network, shift, out, OUTPUTS));
        ck_assert_double_le(fabs(steepest_of(network) / bound_of(network) - 1), DIFFERENCES);
        const double before = bound_of(network);
        expect_ok(context, talus_network_scale_inputs(network, shift, out, 1)); /* twice for all */
        expect_ok(context, talus_network_scale_targets(network, shift, scale + 3, 1));
        ck_assert_double_le(fabs(steepest_of(network) / bound_of(network) - 1), DIFFERENCES);
        ck_assert(bound_of(network) != before);
        talus_network_destroy(network);
    }
}
END_TEST

/* A network of one weight 1 has the largest |f′|, which is found on a grid and never exceeded. */
START_TEST(the_largest_slope_is_that_of_the_activation)
{
    enum { COUNT = 40001 };
    static double z[COUNT], a[COUNT];
    for (int i = 0; i < COUNT; i++)
        z[i] = -10 + 5e-4 * i + 1e-5;
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++) {
        const bool has_alpha = tl_activation_kind_of(f)->parameter.name != NULL;
        for (int which = 0; which < (has_alpha ? 2 : 1); which++) {
            talus_layer layer = {.width = 1, .activation = f, .alpha = has_alpha ? (which ? 1.7 : 0.4) : 0};
            talus_network_spec spec = {.inputs = 1, .layers = &layer, .layer_count = 1, .precision = 1};
            talus_network *network;
            double most = 0;
            if (f == TALUS_SOFTMAX || isinf(tl_activation_kind_of(f)->largest_slope))
                continue;
            expect_ok(context, talus_network_create(context, &spec, &network));
            put(network, 1, TALUS_PART_WEIGHTS, 0, 1);
            talus_workspace *workspace = workspace_of(network, COUNT);
            const talus_matrix in = f64_view(z, COUNT, 1), out = f64_view(a, COUNT, 1);
            expect_ok(context, talus_predict(network, workspace, &in, &out));
            for (int i = 1; i < COUNT; i++)
                most = fmax(most, fabs(a[i] - a[i - 1]) / (z[i] - z[i - 1]));
            const double bound = bound_of(network);
            ck_assert_msg(most <= bound * (1 + 1e-10) && most >= bound * (1 - 1e-3), "%s: %.17g, %.17g",
                          tl_activation_kind_of(f)->name, most, bound);
            talus_workspace_destroy(workspace);
            talus_network_destroy(network);
        }
    }
}
END_TEST

/* Two outputs with W = (1, −1)/√2 and z = 0: J = diag(a) − a·aᵀ has the eigenvalue ½ along it, which softmax's bound is. */
START_TEST(softmax_reaches_a_half)
{
    talus_layer layer = {.width = 2, .activation = TALUS_SOFTMAX};
    talus_network_spec spec = {.inputs = 1,
                               .layers = &layer,
                               .layer_count = 1,
                               .loss = TALUS_CROSS_ENTROPY,
                               .precision = TALUS_DTYPE_F64};
    talus_network *network;
    double x = 0, j[2];
    expect_ok(context, talus_network_create(context, &spec, &network));
    put(network, 1, TALUS_PART_WEIGHTS, 0, sqrt(0.5));
    put(network, 1, TALUS_PART_WEIGHTS, 1, -sqrt(0.5));
    talus_workspace *workspace = workspace_of(network, 1);
    const talus_matrix in = f64_view(&x, 1, 1), jacobian = f64_view(j, 1, 2);
    expect_ok(context, talus_jacobian(network, workspace, &in, &jacobian));
    near(sqrt(j[0] * j[0] + j[1] * j[1]), 0.5);
    near(bound_of(network), 0.5);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Ranges of outputs with activations of their own count with their own slopes. */
START_TEST(ranges_have_their_slopes)
{
    talus_layer layer = {.width = 2};
    const talus_output_range ranges[] = {{.outputs = 1, .activation = TALUS_SINE, .alpha = 5},
                                         {.outputs = 1, .activation = TALUS_SIGMOID}};
    talus_network_spec spec = {.inputs = 2,
                               .layers = &layer,
                               .layer_count = 1,
                               .precision = TALUS_DTYPE_F64,
                               .ranges = ranges,
                               .range_count = 2,
                               .range_size = sizeof *ranges};
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    const double weights[] = {0.1, 0, 0, 12};
    for (int i = 0; i < 4; i++)
        put(network, 1, TALUS_PART_WEIGHTS, i, weights[i]);
    near(bound_of(network), 3); /* max(5·0.1, 12/4) */
    put(network, 1, TALUS_PART_WEIGHTS, 0, 1);
    near(bound_of(network), 5);
    talus_network_destroy(network);
}
END_TEST

/* Norms, and products of them, beyond the range of double have no finite bound, whatever they are multiplied with. */
START_TEST(bounds_beyond_all_numbers_are_infinite)
{
    static const double cases[][3] = {
        {1e200, 1e200, 0}, {1e200, 1e200, 1e-300}, {0, 1.7e308, 1}, {1.7e308, 0, 1}};
    const talus_layer layers[] = {{.width = 2}, {.width = 2}, {.width = 2}};
    const talus_network_spec spec = {
        .inputs = 2, .layers = layers, .layer_count = 3, .precision = TALUS_DTYPE_F64};
    for (int k = 0; k < 4; k++) {
        talus_network *network;
        expect_ok(context, talus_network_create(context, &spec, &network));
        for (int l = 0; l < 3; l++)
            for (int i = 0; i < 4; i++)
                put(network, l + 1, TALUS_PART_WEIGHTS, i, cases[k][l]);
        ck_assert_double_infinite(bound_of(network));
        talus_network_destroy(network);
    }
}
END_TEST

/* A learnt slope or scale that is not finite is no bound. */
START_TEST(parameters_that_are_not_finite_are_refused)
{
    for (int normalization = 0; normalization < TALUS_NORMALIZATION_COUNT; normalization++) {
        double bound = 42;
        talus_network *network = make_deep(TALUS_PRELU, TALUS_PRELU, normalization);
        put(network, 2, TALUS_PART_SLOPES, 0, NAN);
        expect_status(context, TALUS_ERROR_DATA, talus_lipschitz_bound(network, &bound));
        expect_message(context, "lipschitz_bound: layer 2");
        ck_assert(bound == 42);
        talus_network_destroy(network);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("weight spectrum");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_loop_test(tests, a_diagonal_matrix_has_its_diagonal, 0, 2);
    tcase_add_loop_test(tests, ranks_of_singular_matrices, 0, 2);
    tcase_add_loop_test(tests, orthogonal_weights_have_equal_singular_values, 0, 2);
    tcase_add_loop_test(tests, any_matrix_keeps_its_norm, 0, 2);
    tcase_add_test(tests, what_cannot_be_is_refused);
    tcase_add_loop_test(tests, every_allocation_may_fail, 0, 2);
    tcase_add_test(tests, what_has_no_bound_has_none_after_zeros);
    tcase_add_test(tests, no_jacobian_is_above_the_bound);
    tcase_add_test(tests, one_linear_layer_has_its_bound);
    tcase_add_test(tests, the_largest_slope_is_that_of_the_activation);
    tcase_add_test(tests, softmax_reaches_a_half);
    tcase_add_test(tests, ranges_have_their_slopes);
    tcase_add_test(tests, bounds_beyond_all_numbers_are_infinite);
    tcase_add_test(tests, parameters_that_are_not_finite_are_refused);
    return run_suite(suite);
}
