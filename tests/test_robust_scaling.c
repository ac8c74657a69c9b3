/* Scalings by quartiles, smooth clipping, and columns that do not vary. */
#include <float.h>
#include <stdio.h>
#include <talus/interchange.h>

#include "scaling_support.h"

static char folder[64];

static void begin(void)
{
    begin_with_folder(folder);
}

static const char *file(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void end(void)
{
    end_with_folder(folder, file("m"));
}

/* Fits numbers of one column as inputs and as targets. */
static void fit_column(const double *values, int64_t count, double *shift, double *scale)
{
    talus_network *network = network_for(1, TALUS_DTYPE_F64);
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F64, count, 1);
    talus_dataset *dataset = dataset_of(&x, &x);
    const double *shifts, *scales;
    fit_inputs(network, dataset, TALUS_SCALING_ROBUST);
    expect_ok(context, talus_network_input_scaling(network, NULL, &shifts, &scales));
    *shift = *shifts, *scale = *scales;
    expect_ok(context, talus_network_fit_target_scaling(network, dataset, TALUS_SCALING_ROBUST));
    expect_ok(context, talus_network_target_scaling(network, NULL, &shifts, &scales));
    ck_assert(*shifts == *shift && *scales == *scale);
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Type 7 as it is defined, of sorted numbers. */
static double quantile(const double *sorted, int64_t n, double p)
{
    const double h = (double)(n - 1) * p, whole = floor(h);
    const int64_t at = (int64_t)whole;
    return at + 1 < n ? sorted[at] + (h - whole) * (sorted[at + 1] - sorted[at]) : sorted[at];
}

START_TEST(quartiles_are_those_of_the_definition)
{
    double shift, scale;
    fit_column((double[]){3, 1, 4, 2}, 4, &shift, &scale); /* quartiles 1.75, 2.5, 3.25 */
    ck_assert(shift == 2.5 && scale == 1 / 1.5);
    fit_column((double[]){5, -1e300, 3, 1e300, 4}, 5, &shift,
               &scale); /* 3, 4, 5: what is far away does nothing */
    ck_assert(shift == 4 && scale == 0.5);
    fit_column((double[]){-0.0, 0.0, -3, 1, -0.0}, 5, &shift, &scale); /* −0 is 0; one quartile: 2/(1 + 3) */
    ck_assert(shift == 0 && scale == 0.5);
    for (int64_t n = 2; n <= 600; n += n < 40 ? 1 : 97) {
        double *values = random_array((uint64_t)n, n);
        for (int64_t i = 0; i < n; i++)
            values[i] = ldexp(values[i], (int)(i % 90) - 45) + (n % 3 == 0 ? 0.5 : 0);
        fit_column(values, n, &shift, &scale);
        qsort(values, (size_t)n, sizeof *values, compare);
        ck_assert_double_eq(shift, quantile(values, n, 0.5));
        ck_assert_double_eq(scale, 1 / (quantile(values, n, 0.75) - quantile(values, n, 0.25)));
        free(values);
    }
}
END_TEST

/* Of a column of which most are one number, both quartiles are that number. */
START_TEST(columns_with_one_quartile_are_scaled_by_their_range)
{
    double shift, scale;
    fit_column((double[]){0, 0, 7, 0, 0, 0, -1, 0}, 8, &shift, &scale);
    ck_assert(shift == 0 && scale == 2.0 / 8);
    fit_column((double[]){1, 1, 1 + 0x1p-52, 1, 1, 1 + 0x1p-51, 3, 1}, 8, &shift,
               &scale); /* but for roundings */
    ck_assert(shift == 1 && scale == 1);
}
END_TEST

/* Loops over dtypes: more columns than are read at once, a part, a list, padding. */
START_TEST(every_column_of_a_part_has_its_quartiles)
{
    enum { ROWS = 300, COLS = 300, STRIDE = COLS + 5, FIRST = 11, COUNT = 270 };
    double *values = malloc(ROWS * STRIDE * sizeof *values), column[COUNT];
    for (int i = 0; i < ROWS * STRIDE; i++)
        values[i] = i / STRIDE < FIRST ? 255 : i % 104729 * 37 % 104729 % (3 + i % STRIDE % 250);
    talus_matrix x = typed(input_dtypes[_i], values, ROWS, STRIDE);
    x.cols = COLS, x.stride = STRIDE;
    talus_network *network = network_for(COLS, TALUS_DTYPE_F32);
    talus_dataset *whole = dataset_of(&x, NULL), *part = slice_of(whole, FIRST, COUNT), *mixed;
    expect_ok(context, talus_dataset_shuffle(part, 3, &mixed));
    const double *shifts, *scales;
    fit_inputs(network, mixed, TALUS_SCALING_ROBUST);
    expect_ok(context, talus_network_input_scaling(network, NULL, &shifts, &scales));
    for (int j = 0; j < COLS; j++) {
        for (int i = 0; i < COUNT; i++)
            column[i] = values[(FIRST + i) * STRIDE + j];
        qsort(column, COUNT, sizeof *column, compare);
        const double spread = quantile(column, COUNT, 0.75) - quantile(column, COUNT, 0.25);
        ck_assert_double_eq(shifts[j], quantile(column, COUNT, 0.5));
        ck_assert_double_eq(scales[j], 1 / spread);
    }
    talus_dataset_destroy(mixed), talus_dataset_destroy(part), talus_dataset_destroy(whole);
    talus_network_destroy(network);
    free(x.data), free(values);
}
END_TEST

/* A number that is missing has no rank. */
START_TEST(missing_targets_are_left_out)
{
    double x[6] = {0}, y[12] = {NAN, NAN, 3, NAN, 1, NAN, NAN, NAN, 4, NAN, 2, NAN}, shift, scale;
    talus_layer layer = {.width = 2};
    talus_network_spec spec = {
        .inputs = 1, .layers = &layer, .layer_count = 1, .missing_targets = 1, .precision = TALUS_DTYPE_F64};
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, 6, 1),
                 out = talus_matrix_view(y, TALUS_DTYPE_F64, 6, 2);
    talus_dataset *dataset;
    expect_ok(context, talus_dataset_with_missing_targets(context, &in, &out, &dataset));
    const double *shifts, *scales;
    expect_ok(context, talus_network_fit_target_scaling(network, dataset, TALUS_SCALING_ROBUST));
    expect_ok(context, talus_network_target_scaling(network, NULL, &shifts, &scales));
    fit_column((double[]){3, 1, 4, 2}, 4, &shift, &scale);
    ck_assert(shifts[0] == shift && scales[0] == scale && shifts[1] == 0 && scales[1] == 1);
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
}
END_TEST

typedef struct stream_source {
    const double *values;
    int64_t cols, reads, fail_at;
} stream_source;

static int read_rows(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    stream_source *from = user;
    (void)targets;
    for (int64_t i = 0; i < count; i++)
        memcpy((double *)inputs + i * from->cols, from->values + rows[i] * from->cols,
               (size_t)from->cols * sizeof(double));
    return ++from->reads == from->fail_at ? 5 : 0;
}

static talus_dataset *stream_of(stream_source *from, int64_t rows)
{
    talus_stream stream = {.samples = rows,
                           .inputs = from->cols,
                           .input_dtype = TALUS_DTYPE_F64,
                           .read = read_rows,
                           .user = from};
    talus_dataset *dataset;
    expect_ok(context, talus_dataset_from_stream(context, &stream, &dataset));
    return dataset;
}

START_TEST(streams_are_read_nine_times)
{
    enum { ROWS = 700, COLS = 3 };
    double *values = random_array(5, ROWS * COLS);
    stream_source from = {values, COLS, 0, 0};
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F64, ROWS, COLS);
    talus_dataset *matrices = dataset_of(&x, NULL), *stream = stream_of(&from, ROWS);
    talus_network *a = network_for(COLS, TALUS_DTYPE_F64), *b = network_for(COLS, TALUS_DTYPE_F64);
    const double *shifts, *scales;
    fit_inputs(a, matrices, TALUS_SCALING_ROBUST);
    fit_inputs(b, stream, TALUS_SCALING_ROBUST);
    ck_assert_int_eq(from.reads, 9 * 3);
    expect_ok(context, talus_network_input_scaling(a, NULL, &shifts, &scales));
    input_scaling_is(b, COLS, shifts, scales);
    for (int64_t fail = 1; fail <= 9 * 3; fail += 4) { /* in every sweep */
        from.fail_at = from.reads + fail;
        expect_status(context, TALUS_ERROR_DATA,
                      talus_network_fit_input_scaling(b, stream, TALUS_SCALING_ROBUST));
        input_scaling_is(b, COLS, shifts, scales);
    }
    from.fail_at = 0;
    for (int n = 1; n <= 6; n++) { /* columns; batch, numbers; searches, counts; the scaling */
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY,
                      talus_network_fit_input_scaling(b, stream, TALUS_SCALING_ROBUST));
        input_scaling_is(b, COLS, shifts, scales);
    }
    book.fail_at = 0;
    talus_dataset_destroy(matrices), talus_dataset_destroy(stream);
    talus_network_destroy(a), talus_network_destroy(b);
    free(values);
}
END_TEST

/* Lines of a log. */
static char logged[1024];

static void keep_line(const char *line, void *user)
{
    (void)user;
    (void)snprintf(logged, sizeof logged, "%s", line);
}

/* Column j of 16: 3·0.1 and 0.3 in turns, which are two numbers of f64, at odd j; else j and j + 1. */
START_TEST(columns_that_do_not_vary_are_named)
{
    enum { COLS = 25 };
    double x[2 * COLS];
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.log = keep_line;
    talus_context *talking;
    expect_ok(NULL, talus_context_create(&options, &talking));
    for (int j = 0; j < COLS; j++)
        x[j] = j % 2 == 1 ? 3 * 0.1 : j, x[COLS + j] = j % 2 == 1 ? 0.3 : j + 1;
    ck_assert(x[1] != x[COLS + 1]);
    talus_matrix view = talus_matrix_view(x, TALUS_DTYPE_F64, 2, COLS);
    talus_layer layer = {.width = 1};
    talus_network_spec spec = {.inputs = COLS, .layers = &layer, .layer_count = 1};
    talus_network *network;
    talus_dataset *dataset;
    expect_ok(talking, talus_dataset_from_matrices(talking, &view, NULL, &dataset));
    expect_ok(talking, talus_network_create(talking, &spec, &network));
    for (int kind = 0; kind < TALUS_SCALING_COUNT; kind++) {
        const double *scales;
        logged[0] = '\0';
        expect_ok(talking, talus_network_fit_input_scaling(network, dataset, kind));
        ck_assert_str_eq(logged, "note: fit_input_scaling: 12 of 25 columns do not vary and get the scale 1: "
                                 "1, 3, 5, 7, 9, 11, 13, 15, 17, 19 … (counted from 0)");
        expect_ok(talking, talus_network_input_scaling(network, NULL, NULL, &scales));
        for (int j = 0; j < COLS; j++)
            ck_assert_double_eq(scales[j], j % 2 == 1 ? 1 : kind == TALUS_SCALING_RANGE ? 1 : 2);
    }
    int64_t columns[14] = {0}, count = 0;
    expect_ok(talking, talus_constant_inputs(talking, dataset, NULL, 0, &count));
    ck_assert_int_eq(count, 12);
    expect_ok(talking, talus_constant_inputs(talking, dataset, columns, 2, NULL));
    ck_assert(columns[0] == 1 && columns[1] == 3 && columns[2] == 0);
    expect_ok(talking, talus_constant_inputs(talking, dataset, columns, 14, &count));
    ck_assert(count == 12 && columns[11] == 23 && columns[12] == 0);
    expect_status(talking, TALUS_ERROR_ARGUMENT, talus_constant_inputs(talking, NULL, columns, 1, &count));
    expect_message(talking, "constant_inputs: dataset must not be NULL");
    expect_status(talking, TALUS_ERROR_ARGUMENT, talus_constant_inputs(talking, dataset, NULL, 1, &count));
    expect_message(talking, "constant_inputs: columns must not be NULL");
    expect_status(talking, TALUS_ERROR_ARGUMENT,
                  talus_constant_inputs(talking, dataset, columns, -1, &count));
    expect_message(talking, "constant_inputs: capacity must be at least 0, got -1");
    ck_assert_int_eq(talus_constant_inputs(NULL, dataset, columns, 1, &count), TALUS_ERROR_ARGUMENT);
    talus_network_destroy(network);
    talus_dataset_destroy(dataset);
    talus_context_destroy(talking);
}
END_TEST

/* What is nothing but roundings depends on how numbers are stored: loops over dtypes. */
START_TEST(roundings_are_those_of_the_stored_numbers)
{
    const double base = 3, step[] = {8 * FLT_EPSILON, 8 * DBL_EPSILON,
                                     1}; /* 4·ε·(3 + a little) is between 1 and 2 of them */
    double values[4] = {base, base, base + step[_i], base + 2 * step[_i]};
    talus_matrix x = typed(input_dtypes[_i], values, 2, 2);
    talus_dataset *dataset = dataset_of(&x, NULL);
    int64_t count, first = -1;
    expect_ok(context, talus_constant_inputs(context, dataset, &first, 1, &count));
    if (input_dtypes[_i] == TALUS_DTYPE_U8)
        ck_assert_int_eq(count, 0);
    else
        ck_assert(count == 1 && first == 0);
    talus_dataset_destroy(dataset);
    free(x.data);
}
END_TEST

/* Loops over precisions and dtypes of inputs; one pair of numbers, one a column, or none. */
START_TEST(predictions_are_those_of_clipped_copies)
{
    const int precision = _i / 3;
    const double clip = 0.7;
    talus_network *clipped = network_of(precision, TALUS_IDENTITY),
                  *plain = network_of(precision, TALUS_IDENTITY);
    talus_workspace *of_clipped = workspace_of(clipped, N), *of_plain = workspace_of(plain, N);
    talus_matrix raw = raw_inputs(input_dtypes[_i % 3], 5);
    double a[N * OUTPUTS], b[N * OUTPUTS], got, *values = malloc(N * INPUTS * sizeof *values);
    talus_matrix out_a = talus_matrix_view(a, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix out_b = talus_matrix_view(b, TALUS_DTYPE_F64, N, OUTPUTS);
    expect_ok(context, talus_network_clip_inputs(clipped, clip));
    expect_ok(context, talus_network_input_clip(clipped, &got));
    ck_assert_double_eq(got, clip);
    for (int scaling = 0; scaling < 3; scaling++) {
        expect_ok(context,
                  talus_network_scale_inputs(clipped, scaling == 0 ? NULL : in_shift,
                                             scaling == 0 ? NULL : in_scale, scaling == 1 ? 1 : INPUTS));
        for (int i = 0; i < N * INPUTS; i++) {
            const int j = scaling == 1 ? 0 : i % INPUTS;
            const double u = scaling == 0 ? value_at(&raw, i)
                                          : (value_at(&raw, i) - in_shift[j]) * in_scale[j];
            values[i] = u / sqrt(1 + u / clip * (u / clip));
        }
        talus_matrix copy = typed(precision, values, N, INPUTS);
        expect_ok(context, talus_predict(clipped, of_clipped, &raw, &out_a));
        expect_ok(context, talus_predict(plain, of_plain, &copy, &out_b));
        /* x′ in double differs by a few roundings; of f32 seldom by one of f32, and products add up 3 and HIDDEN of them */
        const double epsilon = precision == TALUS_DTYPE_F64 ? DBL_EPSILON : (double)FLT_EPSILON;
        ck_assert_double_le(largest_difference(a, b, N * OUTPUTS), 8 * epsilon * (INPUTS + HIDDEN));
        free(copy.data);
    }
    expect_ok(context, talus_network_clip_inputs(clipped, 0));
    free(raw.data), free(values);
    talus_workspace_destroy(of_clipped), talus_workspace_destroy(of_plain);
    talus_network_destroy(clipped), talus_network_destroy(plain);
}
END_TEST

/* The identity: what a network without hidden layers reads. Small numbers stay, huge ones become ±clip, others are refused. */
START_TEST(clipped_inputs_are_never_beyond_the_clip)
{
    talus_network *network = network_for(1, _i);
    talus_workspace *workspace = workspace_of(network, 8);
    talus_matrix weights, x, y;
    double in[8] = {0, 1e-9, 3, -3, 1e10, -1e10, 1e300, -1e300}, out[8];
    expect_ok(context, talus_network_weights(network, NULL, 1, &weights));
    if (_i == TALUS_DTYPE_F32)
        *(float *)weights.data = 1;
    else
        *(double *)weights.data = 1;
    expect_ok(context, talus_network_clip_inputs(network, 3));
    x = talus_matrix_view(in, TALUS_DTYPE_F64, 8, 1), y = talus_matrix_view(out, TALUS_DTYPE_F64, 8, 1);
    expect_ok(context, talus_predict(network, workspace, &x, &y));
    const double epsilon = _i == TALUS_DTYPE_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    ck_assert_double_eq(out[0], 0);
    ck_assert_double_le(fabs(out[1] / 1e-9 - 1), epsilon);
    ck_assert_double_le(fabs(out[2] - 3 / sqrt(2)), 4 * epsilon);
    ck_assert_double_eq(out[3], -out[2]);
    for (int i = 4; i < 8; i++)
        ck_assert_double_le(fabs(out[i] - (i % 2 == 0 ? 3 : -3)), 2 * epsilon);
    in[2] = INFINITY;
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &x, &y));
    expect_message(context,
                   "inputs, row 2, column 0 (counted from 0): the value must be a finite number, got inf");
    in[2] = NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &x, &y));
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

START_TEST(clips_that_cannot_be)
{
    static const double bad[] = {-1, NAN, INFINITY, 0x1p-101, 0x1p101, -INFINITY};
    talus_network *network = network_for(1, TALUS_DTYPE_F32);
    double clip = 7;
    for (int i = 0; i < 6; i++) {
        expect_status(context, TALUS_ERROR_DATA, talus_network_clip_inputs(network, bad[i]));
        expect_message(context, "clip_inputs: clip must be 2^-100 … 2^100, or 0 for none, got ");
    }
    expect_ok(context, talus_network_input_clip(network, &clip));
    ck_assert_double_eq(clip, 0);
    ck_assert_int_eq(talus_network_clip_inputs(NULL, 1), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_input_clip(NULL, &clip), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_input_clip(network, NULL), TALUS_ERROR_ARGUMENT);
    talus_network_destroy(network);
}
END_TEST

/* Σ weight·output of a forward call: what differences are taken of. */
static double weighted(talus_network *network, talus_workspace *workspace, const talus_matrix *x,
                       const double *weight)
{
    double out[N * OUTPUTS], sum = 0;
    talus_matrix y = talus_matrix_view(out, TALUS_DTYPE_F64, N, OUTPUTS);
    expect_ok(context, talus_forward(network, workspace, x, &y));
    for (int i = 0; i < N * OUTPUTS; i++)
        sum += weight[i] * out[i];
    return sum;
}

/* Loops: without and with a scaling. */
START_TEST(input_gradients_run_through_the_clipping)
{
    talus_network *network = network_of(TALUS_DTYPE_F64, TALUS_TANH);
    talus_workspace *workspace = workspace_of(network, N);
    talus_matrix x = raw_inputs(TALUS_DTYPE_F64, 5);
    double *values = x.data, *weight = random_array(6, N * OUTPUTS), gradient[N * INPUTS];
    for (int i = 0; _i == 0 && i < N * INPUTS; i++)
        values[i] /= 64;
    expect_ok(context, talus_network_clip_inputs(network, 1.5));
    if (_i == 1)
        scale_inputs(network);
    weighted(network, workspace, &x, weight);
    talus_matrix given = talus_matrix_view(weight, TALUS_DTYPE_F64, N, OUTPUTS),
                 got = talus_matrix_view(gradient, TALUS_DTYPE_F64, N, INPUTS);
    expect_ok(context, talus_backward(network, workspace, &given, NULL, &got));
    for (int i = 0; i < N * INPUTS; i++) {
        const double scale = _i == 0 ? 1 : fabs(in_scale[i % INPUTS]), h = 1e-5 / scale, before = values[i];
        values[i] = before + h;
        const double above = weighted(network, workspace, &x, weight);
        values[i] = before - h;
        const double below = weighted(network, workspace, &x, weight);
        values[i] = before;
        ck_assert_double_le(fabs((above - below) / (2 * h) - gradient[i]), 1e-8 * scale);
    }
    free(x.data), free(weight);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Loops over precisions; with a scaling and without. */
START_TEST(files_keep_the_clip)
{
    talus_matrix x = raw_inputs(TALUS_DTYPE_F32, 5);
    for (int scaled = 0; scaled < 2; scaled++) {
        talus_network *network = network_of(_i, TALUS_IDENTITY), *back[2];
        double out[3][N * OUTPUTS], clip;
        if (scaled)
            expect_ok(context, talus_network_scale_inputs(network, (double[]){100, -3, 0.5},
                                                          (double[]){0.25, 2, 0.5}, 3));
        expect_ok(context, talus_network_clip_inputs(network, 2.5));
        expect_ok(context, talus_model_save(network, NULL, file("m")));
        expect_ok(context, talus_model_load(context, file("m"), &back[0]));
        expect_ok(context, talus_model_export_onnx(network, file("m")));
        expect_ok(context, talus_model_import_onnx(context, file("m"), &back[1]));
        for (int i = 0; i < 3; i++) {
            talus_network *of = i == 0 ? network : back[i - 1];
            talus_workspace *workspace = workspace_of(of, N);
            talus_matrix y = talus_matrix_view(out[i], TALUS_DTYPE_F64, N, OUTPUTS);
            expect_ok(context, talus_network_input_clip(of, &clip));
            ck_assert_double_eq(clip, 2.5);
            expect_ok(context, talus_predict(of, workspace, &x, &y));
            same_bytes(out[0], out[i], sizeof out[i]);
            talus_workspace_destroy(workspace);
            talus_network_destroy(of);
        }
        ck_assert_int_eq(remove(file("m")), 0);
    }
    free(x.data);
}
END_TEST

/* A network that has another copy made of it keeps the clip. */
START_TEST(folding_keeps_the_clip)
{
    talus_layer layers[] = {{.width = 3, .normalization = TALUS_NORMALIZATION_BATCH}, {.width = 2}};
    talus_network_spec spec = {.inputs = 3, .layers = layers, .layer_count = 2};
    talus_network *network, *folded;
    double clip;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_clip_inputs(network, 4));
    expect_ok(context, talus_network_fold_normalization(network, &folded));
    expect_ok(context, talus_network_input_clip(folded, &clip));
    ck_assert_double_eq(clip, 4);
    talus_network_destroy(folded), talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("robust scaling");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_test(tests, quartiles_are_those_of_the_definition);
    tcase_add_test(tests, columns_with_one_quartile_are_scaled_by_their_range);
    tcase_add_loop_test(tests, every_column_of_a_part_has_its_quartiles, 0, 3);
    tcase_add_test(tests, missing_targets_are_left_out);
    tcase_add_test(tests, streams_are_read_nine_times);
    tcase_add_test(tests, columns_that_do_not_vary_are_named);
    tcase_add_loop_test(tests, roundings_are_those_of_the_stored_numbers, 0, 3);
    tcase_add_loop_test(tests, predictions_are_those_of_clipped_copies, 0, 6);
    tcase_add_loop_test(tests, clipped_inputs_are_never_beyond_the_clip, 0, 2);
    tcase_add_test(tests, clips_that_cannot_be);
    tcase_add_loop_test(tests, input_gradients_run_through_the_clipping, 0, 2);
    tcase_add_loop_test(tests, files_keep_the_clip, 0, 2);
    tcase_add_test(tests, folding_keeps_the_clip);
    return run_suite(suite);
}
