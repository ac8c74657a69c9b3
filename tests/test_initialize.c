/* Weights that are drawn as orthogonal matrices, and the gain of weights. */
#include "fixture.h"

static talus_network *make(talus_context *with, int precision, int64_t width, int64_t inputs, int initializer,
                           double gain)
{
    talus_layer layer = {.width = width, .initializer = initializer, .gain = gain};
    talus_network_spec spec = {
        .inputs = inputs, .layers = &layer, .layer_count = 1, .precision = precision, .seed = 3};
    talus_network *network;
    expect_ok(with, talus_network_create(with, &spec, &network));
    return network;
}

static double at(const talus_matrix *w, int64_t i, int64_t j)
{
    return w->dtype == TALUS_DTYPE_F32 ? (double)((const float *)w->data)[i * w->stride + j]
                                       : ((const double *)w->data)[i * w->stride + j];
}

static talus_matrix weights_of(const talus_network *network)
{
    talus_matrix w;
    expect_ok(context, talus_network_weights(network, NULL, 1, &w));
    w.stride = w.cols;
    return w;
}

static double epsilon_of(int precision)
{
    return precision == TALUS_DTYPE_F32 ? 0x1p-23 : 0x1p-52;
}

/* The shorter side of W: the scalar product of its rows, or columns, i and j is gain² if i = j, else 0. */
static void check_orthogonal(int precision, int64_t rows, int64_t cols, double gain)
{
    talus_network *network = make(context, precision, rows, cols, TALUS_INIT_ORTHOGONAL, gain);
    const talus_matrix w = weights_of(network);
    const int64_t vectors = rows <= cols ? rows : cols, length = rows + cols - vectors;
    for (int64_t i = 0; i < vectors; i++)
        for (int64_t j = 0; j <= i; j++) {
            double sum = 0;
            for (int64_t k = 0; k < length; k++)
                sum += rows <= cols ? at(&w, i, k) * at(&w, j, k) : at(&w, k, i) * at(&w, k, j);
            double error = fabs(sum - (i == j ? gain * gain : 0));
            ck_assert_msg(error <= 8 * epsilon_of(precision) * gain * gain * (double)vectors,
                          "%lld × %lld: %g", (long long)rows, (long long)cols, error);
        }
    talus_network_destroy(network);
}

START_TEST(the_shorter_side_is_orthonormal)
{
    static const int64_t shapes[][2] = {{1, 1},   {1, 7},    {7, 1},    {2, 2},     {3, 5},    {5, 3},
                                        {64, 64}, {31, 100}, {100, 31}, {129, 300}, {300, 129}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        check_orthogonal(_i, shapes[i][0], shapes[i][1], 1);
        check_orthogonal(_i, shapes[i][0], shapes[i][1], 1.25);
    }
}
END_TEST

/* Of the uniform law of orthonormal vectors of length n: E q = 0, E q² = 1/n, E q⁴ = 3/(n·(n + 2)) for any element, and the
 * four signs of two elements of the diagonal are equally likely, as any row may be negated. Without the signs of R the diagonal of LAPACK's Q is one-sided. */
static void check_law(int precision, int64_t rows, int64_t cols)
{
    enum { DRAWS = 20000 };
    const double n = (double)(rows > cols ? rows : cols), square = 1 / n, fourth = 3 / (n * (n + 2));
    const double eighth = 105 / (n * (n + 2) * (n + 4) * (n + 6));
    const int64_t rank = rows < cols ? rows : cols;
    talus_network *network = make(context, precision, rows, cols, TALUS_INIT_ORTHOGONAL, 0);
    const talus_matrix w = weights_of(network);
    double sums[3] = {0}, signs[2][2] = {{0}};
    for (int seed = 0; seed < DRAWS; seed++) {
        expect_ok(context, talus_network_initialize(network, seed));
        double first = at(&w, 0, 0), last = at(&w, rank - 1, rank - 1);
        sums[0] += last / DRAWS;
        sums[1] += last * last / DRAWS;
        sums[2] += last * last * last * last / DRAWS;
        signs[first > 0][last > 0] += 1.0 / DRAWS;
    }
    ck_assert_double_le(fabs(sums[0]), 5 * sqrt(square / DRAWS));
    ck_assert_double_le(fabs(sums[1] - square), 5 * sqrt((fourth - square * square) / DRAWS));
    ck_assert_double_le(fabs(sums[2] - fourth), 5 * sqrt((eighth - fourth * fourth) / DRAWS));
    for (int i = 0; i < 4; i++)
        ck_assert_double_le(fabs(signs[i / 2][i % 2] - 0.25), 5 * sqrt(0.1875 / DRAWS));
    talus_network_destroy(network);
}

START_TEST(all_orthogonal_matrices_are_equally_likely)
{
    check_law(_i, 3, 3);
    check_law(_i, 2, 4);
    check_law(_i, 4, 2);
    check_law(_i, 5, 5);
}
END_TEST

/* A square Q is as often a rotation, det Q = 1, as a reflection. */
START_TEST(rotations_are_as_likely_as_reflections)
{
    enum { DRAWS = 4000 };
    talus_network *network = make(context, _i, 2, 2, TALUS_INIT_ORTHOGONAL, 0);
    const talus_matrix w = weights_of(network);
    int rotations = 0;
    for (int seed = 0; seed < DRAWS; seed++) {
        expect_ok(context, talus_network_initialize(network, seed));
        double det = at(&w, 0, 0) * at(&w, 1, 1) - at(&w, 0, 1) * at(&w, 1, 0);
        ck_assert_double_le(fabs(fabs(det) - 1), 8 * epsilon_of(_i));
        rotations += det > 0;
    }
    ck_assert_double_le(fabs(rotations / (double)DRAWS - 0.5), 5 * sqrt(0.25 / DRAWS));
    talus_network_destroy(network);
}
END_TEST

/* A power of 2 is exact. */
START_TEST(a_gain_multiplies_what_is_drawn)
{
    for (int initializer = 0; initializer < TALUS_INITIALIZER_COUNT; initializer++) {
        talus_network *plain = make(context, _i, 6, 4, initializer, 0),
                      *doubled = make(context, _i, 6, 4, initializer, 2);
        const talus_matrix v = weights_of(plain), w = weights_of(doubled);
        for (int64_t i = 0; i < 6; i++)
            for (int64_t j = 0; j < 4; j++)
                ck_assert_double_eq(at(&w, i, j), 2 * at(&v, i, j));
        talus_layer layer;
        expect_ok(context, talus_network_get_layer(plain, 1, &layer));
        ck_assert_double_eq(layer.gain, 1);
        expect_ok(context, talus_network_get_layer(doubled, 1, &layer));
        ck_assert_double_eq(layer.gain, 2);
        talus_network_destroy(plain);
        talus_network_destroy(doubled);
    }
}
END_TEST

START_TEST(gains_that_are_none_are_refused)
{
    const double bad[] = {-1, -0x1p-1074, NAN, INFINITY};
    for (int i = 0; i < 4; i++) {
        talus_layer layer = {.width = 2, .gain = bad[i]};
        talus_network_spec spec = {.inputs = 2, .layers = &layer, .layer_count = 1};
        talus_network *network = NULL;
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, &network));
        expect_message(context, "layer 1: gain must be");
        ck_assert_ptr_null(network);
    }
}
END_TEST

START_TEST(orthogonal_weights_do_not_depend_on_threads)
{
    enum { ROWS = 150, COLS = 210 };
    const size_t bytes = ROWS * COLS * (_i == TALUS_DTYPE_F32 ? sizeof(float) : sizeof(double));
    talus_network *one = make(context, _i, ROWS, COLS, TALUS_INIT_ORTHOGONAL, 0);
    const talus_matrix expected = weights_of(one);
    for (int threads = 2; threads <= 8; threads *= 2) {
        talus_context *other = context_with(threads, NULL);
        talus_network *same = make(other, _i, ROWS, COLS, TALUS_INIT_ORTHOGONAL, 0);
        ck_assert_mem_eq(expected.data, weights_of(same).data, bytes);
        talus_network_destroy(same);
        talus_context_destroy(other);
    }
    talus_network_destroy(one);
}
END_TEST

/* The layers have different shapes, so that one is the largest. */
START_TEST(without_memory_a_network_stays_as_it_was)
{
    talus_layer layers[] = {{.width = 9, .initializer = TALUS_INIT_ORTHOGONAL, .activation = TALUS_RELU},
                            {.width = 3},
                            {.width = 5, .initializer = TALUS_INIT_ORTHOGONAL}};
    talus_network_spec spec = {.inputs = 4, .layers = layers, .layer_count = 3, .precision = _i, .seed = 1};
    counting_allocator allocator = {0};
    talus_context *own = context_with(1, &allocator);
    const int64_t before = allocator.alive;
    talus_network *network = NULL;
    talus_matrix parameters;
    for (int n = 1; network == NULL; n++) {
        refuse_from_now(&allocator, n);
        talus_status status = talus_network_create(own, &spec, &network);
        ck_assert(status == (network == NULL ? TALUS_ERROR_MEMORY : TALUS_OK));
        ck_assert(network != NULL || (allocator.alive == before && n <= 10));
    }
    expect_ok(own, talus_network_parameters(network, &parameters));
    double first = at(&parameters, 0, 0);
    refuse_from_now(&allocator, 1);
    expect_status(own, TALUS_ERROR_MEMORY, talus_network_initialize(network, 2));
    expect_message(own, "no memory for orthogonal weights");
    ck_assert(at(&parameters, 0, 0) == first && talus_network_seed(network) == 1);
    allocator.fail_at = 0;
    expect_ok(own, talus_network_initialize(network, 2));
    ck_assert(at(&parameters, 0, 0) != first && talus_network_seed(network) == 2);
    talus_network_destroy(network);
    ck_assert_int_eq(allocator.alive, before);
    talus_context_destroy(own);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("initialize");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_loop_test(tests, the_shorter_side_is_orthonormal, 0, 2);
    tcase_add_loop_test(tests, all_orthogonal_matrices_are_equally_likely, 0, 2);
    tcase_add_loop_test(tests, rotations_are_as_likely_as_reflections, 0, 2);
    tcase_add_loop_test(tests, a_gain_multiplies_what_is_drawn, 0, 2);
    tcase_add_test(tests, gains_that_are_none_are_refused);
    tcase_add_loop_test(tests, orthogonal_weights_do_not_depend_on_threads, 0, 2);
    tcase_add_loop_test(tests, without_memory_a_network_stays_as_it_was, 0, 2);
    return run_suite(suite);
}
