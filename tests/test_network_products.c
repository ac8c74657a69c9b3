/* A·v of the squares of a network, A = Jᵀ·J, by a pass forward and one back: against A itself, over all that a network may have; and
 * steps by conjugate gradients that are made of it. */
#include <string.h>

#include "fixture.h"
#include "optimize/gauss_newton_cg.h"
#include "train/network_squares.h"

enum { N = 45, INPUTS = 4, RAW = 5, OUTPUTS = 3, FEW = 7 };

static double x[N * RAW], y[N * OUTPUTS], w[N];

static void begin(void)
{
    begin_counted();
    number_stream stream = numbers_from(23);
    for (int i = 0; i < N * RAW; i++)
        x[i] = 3 * next_number(&stream);
    for (int i = 0; i < N * OUTPUTS; i++)
        y[i] = next_number(&stream);
    for (int i = 0; i < N; i++)
        w[i] = i % 4 == 0 ? 0 : 0.5 + i % 3;
}

static talus_matrix view(const double *values, int64_t rows, int64_t cols)
{
    return talus_matrix_view((void *)values, TALUS_DTYPE_F64, rows, cols);
}

/* What the cases have beside layers. */
enum { WEIGHTS = 1, MISSING = 2, OUTPUT_WEIGHTS = 4, SCALED = 8, PROJECTED = 16, STREAMED = 32 };

typedef struct product_case {
    const char *name;
    talus_layer layers[2];
    unsigned with;
} product_case;

static const product_case cases[] = {
    {"plain", {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}}, 0},
    {"weights", {{.width = 6, .activation = TALUS_SILU}, {.width = OUTPUTS}}, WEIGHTS},
    {"missing targets", {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}}, MISSING | WEIGHTS},
    {"weights of outputs",
     {{.width = 5, .activation = TALUS_SIGMOID}, {.width = OUTPUTS}},
     OUTPUT_WEIGHTS | WEIGHTS},
    {"scaled targets", {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}}, SCALED | WEIGHTS},
    {"a projection", {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}}, PROJECTED | SCALED},
    {"penalties",
     {{.width = 6, .activation = TALUS_TANH, .l2 = 0.25}, {.width = OUTPUTS, .l2 = 0.5}},
     WEIGHTS},
    {"layer normalisation",
     {{.width = 6, .activation = TALUS_GELU, .normalization = TALUS_NORMALIZATION_LAYER}, {.width = OUTPUTS}},
     WEIGHTS},
    {"slopes that are learnt", {{.width = 6, .activation = TALUS_PRELU}, {.width = OUTPUTS}}, 0},
    {"no biases", {{.width = 6, .activation = TALUS_TANH, .without_biases = 1}, {.width = OUTPUTS}}, 0},
    {"activations of outputs",
     {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS, .activation = TALUS_SIGMOID}},
     WEIGHTS | SCALED},
    {"all of a stream", {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}}, STREAMED | WEIGHTS},
};

enum { CASES = sizeof cases / sizeof *cases };

static talus_network *network_of(talus_context *of, const product_case *c, int precision)
{
    static const double weights[OUTPUTS] = {3, 0, 0.5}, shift[OUTPUTS] = {1, -2, 0},
                        scale[OUTPUTS] = {0.25, 8, 1}, mean[RAW] = {0.5, 0, -0.5, 0, 0.25};
    talus_network_spec spec;
    talus_network *network;
    talus_network_defaults(&spec);
    spec.inputs = INPUTS, spec.layers = c->layers, spec.layer_count = 2, spec.precision = precision;
    spec.seed = 3, spec.missing_targets = (c->with & MISSING) != 0;
    if (c->with & OUTPUT_WEIGHTS)
        spec.output_weights = weights, spec.output_weight_count = OUTPUTS;
    expect_ok(of, talus_network_create(of, &spec, &network));
    if (c->with & SCALED)
        expect_ok(of, talus_network_scale_targets(network, shift, scale, OUTPUTS));
    if (c->with & PROJECTED) {
        double t[INPUTS * RAW];
        for (int i = 0; i < INPUTS * RAW; i++)
            t[i] = sin(i + 1);
        expect_ok(of, talus_network_project_inputs(network, t, mean, RAW));
    }
    return network;
}

static int read_rows(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    (void)user;
    for (int64_t i = 0; i < count; i++) {
        memcpy((double *)inputs + i * INPUTS, x + rows[i] * INPUTS, INPUTS * sizeof *x);
        memcpy((double *)targets + i * OUTPUTS, y + rows[i] * OUTPUTS, OUTPUTS * sizeof *y);
    }
    return 0;
}

static talus_dataset *data_of(talus_context *of, const product_case *c)
{
    static double holes[N * OUTPUTS];
    const talus_stream stream = {.samples = N,
                                 .inputs = INPUTS,
                                 .targets = OUTPUTS,
                                 .input_dtype = TALUS_DTYPE_F64,
                                 .target_dtype = TALUS_DTYPE_F64,
                                 .read = read_rows};
    memcpy(holes, y, sizeof y);
    for (int i = 0; i < N && (c->with & MISSING); i += 4)
        holes[i * OUTPUTS + i % OUTPUTS] = NAN;
    const talus_matrix in = view(x, N, c->with & PROJECTED ? RAW : INPUTS), to = view(holes, N, OUTPUTS),
                       weights = view(w, N, 1);
    talus_dataset *data;
    expect_ok(of, c->with & STREAMED  ? talus_dataset_from_stream(of, &stream, &data)
                  : c->with & MISSING ? talus_dataset_with_missing_targets(of, &in, &to, &data)
                                      : talus_dataset_from_matrices(of, &in, &to, &data));
    if (c->with & WEIGHTS)
        expect_ok(of, talus_dataset_set_weights(data, &weights));
    return data;
}

/* A network's squares under test; iterative, and with a memory for no more than blocks of a few samples, or not. */
typedef struct bench {
    talus_network *network;
    talus_dataset *data;
    tl_network_squares squares;
    double theta[256], v[256];
    int64_t n;
} bench;

static void open(bench *b, talus_context *of, const product_case *c, int precision, bool iterative, bool few)
{
    memset(b, 0, sizeof *b);
    b->network = network_of(of, c, precision);
    b->data = data_of(of, c);
    b->n = b->network->parameter_count;
    ck_assert_int_le(b->n, 256);
    b->squares = (tl_network_squares){.network = b->network, .dataset = b->data};
    int64_t memory = INT64_MAX / 2;
    if (few) { /* what blocks of FEW samples need at least is told */
        expect_ok(of, tl_network_squares_begin(&b->squares, 1, FEW, iterative));
        ck_assert_int_gt(b->squares.needed, 1);
        for (memory = 1; b->squares.needed > memory || b->squares.feed.context == NULL;) {
            memory = b->squares.needed;
            tl_network_squares_end(&b->squares);
            b->squares = (tl_network_squares){.network = b->network, .dataset = b->data};
            expect_ok(of, tl_network_squares_begin(&b->squares, memory, FEW, iterative));
        }
    } else {
        expect_ok(of, tl_network_squares_begin(&b->squares, memory, 1, iterative));
    }
    tl_parameters_get(b->network, b->theta);
    number_stream stream = numbers_from(5);
    for (int64_t i = 0; i < b->n; i++)
        b->v[i] = next_number(&stream);
}

static void close(bench *b)
{
    tl_network_squares_end(&b->squares);
    talus_dataset_destroy(b->data);
    talus_network_destroy(b->network);
}

/* A of J's rows, whole. */
static void normal_of(bench *b, double *a, double *g)
{
    double cost;
    expect_ok(context, tl_network_squares_evaluate(&b->squares, b->theta, &cost));
    expect_ok(context, tl_network_squares_normal(&b->squares, b->theta, a, g));
    for (int64_t i = 0; i < b->n; i++)
        for (int64_t j = i + 1; j < b->n; j++)
            a[i * b->n + j] = a[j * b->n + i];
}

static void multiply(int64_t n, const double *a, const double *v, double *to, double *size)
{
    for (int64_t i = 0; i < n; i++) {
        to[i] = size[i] = 0;
        for (int64_t j = 0; j < n; j++) {
            to[i] += a[i * n + j] * v[j];
            size[i] += fabs(a[i * n + j] * v[j]);
        }
    }
}

/* Every case in each precision, with one pass for all samples and in blocks of few. */
START_TEST(products_are_those_with_the_rows)
{
    static double a[256 * 256], g[256], wanted[256], size[256], found[256], again[256];
    const product_case *c = &cases[_i];
    for (int precision = 0; precision < 2; precision++)
        for (int few = 0; few < 2; few++) {
            bench rows, products;
            open(&rows, context, c, precision, false, false);
            normal_of(&rows, a, g);
            multiply(rows.n, a, rows.v, wanted, size);
            open(&products, context, c, precision, true, few);
            ck_assert_int_eq(products.squares.reach, few                  ? FEW
                                                     : c->with & STREAMED ? products.squares.samples
                                                                          : N);
            tl_network_squares *q = &products.squares;
            expect_ok(context, tl_network_squares_product(q, rows.theta, rows.v, found));
            expect_ok(context, tl_network_squares_product(q, rows.theta, rows.v, again));
            same_bytes(found, again, (size_t)rows.n * sizeof *found);
            const double eps = precision == TALUS_DTYPE_F64 ? 0x1p-52 : 0x1p-23;
            double most = largest(size, rows.n);
            for (int64_t i = 0; i < rows.n; i++)
                ck_assert_msg(fabs(found[i] - wanted[i]) <= 64 * eps * most, "%s, %d of %d: %g, not %g",
                              c->name, (int)i, precision, found[i], wanted[i]);
            close(&products);
            close(&rows);
        }
}
END_TEST

/* Costs are evaluated elsewhere between products at a point; what the workspace holds then is not taken for that point's. */
START_TEST(other_points_between_products_do_not_matter)
{
    double before[256], after[256], elsewhere[256], cost, g[256], diagonal[256];
    bench b;
    open(&b, context, &cases[1], TALUS_DTYPE_F64, true, false);
    expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, before));
    for (int64_t i = 0; i < b.n; i++)
        elsewhere[i] = b.theta[i] + 1;
    expect_ok(context, tl_network_squares_evaluate(&b.squares, elsewhere, &cost));
    expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, after));
    same_bytes(before, after, (size_t)b.n * sizeof *before);
    expect_ok(context, tl_network_squares_gradient(&b.squares, elsewhere, diagonal, g));
    expect_ok(context, tl_network_squares_product(&b.squares, elsewhere, b.v, after));
    ck_assert_double_gt(largest_difference(before, after, b.n), 1e-6);
    close(&b);
}
END_TEST

/* A is linear, in numbers that f32 does not have, too: powers of two scale without rounding. A vector of zeros gives zeros, and one
 * that is not finite no number, but no error. */
START_TEST(vectors_of_any_size)
{
    double once[256], scaled[256], v[256];
    for (int precision = 0; precision < 2; precision++) {
        bench b;
        open(&b, context, &cases[1], precision, true, false);
        expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, once));
        for (int power = -300; power <= 300; power += 100) {
            for (int64_t i = 0; i < b.n; i++)
                v[i] = ldexp(b.v[i], power);
            expect_ok(context, tl_network_squares_product(&b.squares, b.theta, v, scaled));
            for (int64_t i = 0; i < b.n; i++)
                ck_assert_double_eq(ldexp(once[i], power), scaled[i]);
        }
        memset(v, 0, sizeof v);
        expect_ok(context, tl_network_squares_product(&b.squares, b.theta, v, scaled));
        ck_assert_double_eq(largest(scaled, b.n), 0);
        v[1] = INFINITY;
        expect_ok(context, tl_network_squares_product(&b.squares, b.theta, v, scaled));
        ck_assert(isnan(scaled[0]));
        close(&b);
    }
}
END_TEST

/* Where J·v is beyond f32, the product is no number. */
START_TEST(products_that_overflow_are_no_numbers)
{
    double found[256];
    bench b;
    open(&b, context, &cases[0], TALUS_DTYPE_F32, true, false);
    for (int64_t i = 0; i < b.n; i++)
        b.theta[i] = 3e38, b.v[i] = 1;
    talus_status status = tl_network_squares_product(&b.squares, b.theta, b.v, found);
    ck_assert_int_eq(status, TALUS_OK);
    ck_assert(isnan(found[0]));
    close(&b);
}
END_TEST

/* x of A·x = b by Cholesky's factors, in plain loops; A (n × n) is overwritten. */
static void solve(int64_t n, double *a, double *b)
{
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = j; i < n; i++) {
            double sum = a[i * n + j];
            for (int64_t k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
        }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < i; k++)
            b[i] -= a[i * n + k] * b[k];
        b[i] /= a[i * n + i];
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        for (int64_t k = i + 1; k < n; k++)
            b[i] -= a[k * n + i] * b[k];
        b[i] /= a[i * n + i];
    }
}

/* Conjugate gradients solve (A + μ·D²)·Δ = −g: with weights, missing targets, scaled targets, penalties. */
START_TEST(steps_are_those_of_the_whole_matrix)
{
    static double a[256 * 256], g[256], diagonal[256], d[256], room[4 * 256], delta[256], exact[256];
    const double mu = 1e-2;
    const product_case *c = &cases[_i];
    bench rows, b;
    open(&rows, context, c, TALUS_DTYPE_F64, false, false);
    open(&b, context, c, TALUS_DTYPE_F64, true, _i % 2 == 1);
    const int64_t n = b.n;
    normal_of(&rows, a, g);
    for (int64_t i = 0; i < n; i++)
        exact[i] = -g[i], d[i] = sqrt(a[i * n + i]) + 1e-3, a[i * n + i] += mu * d[i] * d[i];
    solve(n, a, exact);
    expect_ok(context, tl_network_squares_gradient(&b.squares, b.theta, diagonal, g));
    const tl_squares squares = {.context = context,
                                .name = "test",
                                .n = n,
                                .user = &b.squares,
                                .product = tl_network_squares_product};
    const tl_cg cg = {.squares = &squares,
                      .n = n,
                      .x = b.theta,
                      .d = d,
                      .diagonal = diagonal,
                      .slope = g,
                      .r = room,
                      .z = room + 256,
                      .p = room + 512,
                      .q = room + 768};
    expect_ok(context, tl_cg_solve(&cg, mu, 1e-13, 20 * n, delta));
    ck_assert_double_gt(largest(exact, n), 1e-3);
    ck_assert_msg(largest_difference(delta, exact, n) <= 1e-9 * largest(exact, n), "%s: apart by %g of %g",
                  c->name, largest_difference(delta, exact, n), largest(exact, n));
    close(&rows);
    close(&b);
}
END_TEST

START_TEST(bits_do_not_depend_on_the_threads)
{
    static double first[256], found[256];
    for (int precision = 0; precision < 2; precision++)
        for (int threads = 1; threads <= 4; threads++) {
            bench b;
            talus_context *of = context_with(threads, NULL);
            open(&b, of, &cases[3], precision, true, false);
            expect_ok(of, tl_network_squares_product(&b.squares, b.theta, b.v, threads == 1 ? first : found));
            if (threads > 1)
                same_bytes(first, found, (size_t)b.n * sizeof *found);
            close(&b);
            talus_context_destroy(of);
        }
}
END_TEST

/* No iteration allocates. */
START_TEST(products_take_no_memory)
{
    double found[256];
    bench b;
    open(&b, context, &cases[1], TALUS_DTYPE_F64, true, false);
    const int64_t calls = book.calls;
    refuse_from_now(&book, 1);
    expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, found));
    expect_ok(context, tl_network_squares_product(&b.squares, b.theta, b.v, found));
    ck_assert_int_eq(book.calls, calls);
    book.fail_at = 0;
    close(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network_products");
    TCase *all = case_with(suite, begin, end_counted);
    tcase_add_loop_test(all, products_are_those_with_the_rows, 0, CASES);
    tcase_add_test(all, other_points_between_products_do_not_matter);
    tcase_add_test(all, vectors_of_any_size);
    tcase_add_test(all, products_that_overflow_are_no_numbers);
    tcase_add_loop_test(all, steps_are_those_of_the_whole_matrix, 0, CASES);
    tcase_add_test(all, bits_do_not_depend_on_the_threads);
    tcase_add_test(all, products_take_no_memory);
    return run_suite(suite);
}
