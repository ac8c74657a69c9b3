#include "network_squares_support.h"

#include <string.h>

static double x[N * RAW], y[N * OUTPUTS], w[N];

void begin_squares(void)
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

const squares_case squares_cases[] = {
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

const int squares_case_count = sizeof squares_cases / sizeof *squares_cases;

static talus_network *network_of(talus_context *of, const squares_case *c, int precision)
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

static talus_dataset *data_of(talus_context *of, const squares_case *c)
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

void open_squares(squares_bench *b, talus_context *of, const squares_case *c, int precision, bool iterative,
                  bool few)
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

void close_squares(squares_bench *b)
{
    tl_network_squares_end(&b->squares);
    talus_dataset_destroy(b->data);
    talus_network_destroy(b->network);
}
