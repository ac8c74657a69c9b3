/* Principal components and whitening of inputs. */
#include <float.h>
#include <stdio.h>
#include <talus/interchange.h>

#include "fixture.h"

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

/* d inputs that are outputs: W is the identity. */
static talus_network *identity_of(int64_t d, int precision)
{
    talus_layer layer = {.width = d};
    talus_network_spec spec = {.inputs = d, .layers = &layer, .layer_count = 1, .precision = precision};
    talus_network *network;
    talus_matrix weights;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 1, &weights));
    for (int64_t i = 0; i < d * d; i++)
        if (precision == TALUS_DTYPE_F32)
            ((float *)weights.data)[i] = i % (d + 1) == 0;
        else
            ((double *)weights.data)[i] = i % (d + 1) == 0;
    return network;
}

static talus_dataset *rows_in(const double *x, int64_t n, int64_t p)
{
    talus_matrix view = talus_matrix_view(x, TALUS_DTYPE_F64, n, p);
    return dataset_of(&view, NULL);
}

/* What a network of identities predicts: its features. */
static double *features_of(const talus_network *network, const double *x, int64_t n)
{
    const int64_t p = talus_network_columns(network), d = talus_network_width(network, 0);
    double *out = malloc((size_t)(n * d) * sizeof *out);
    talus_workspace *workspace = workspace_of(network, 100);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, n, p),
                 to = talus_matrix_view(out, TALUS_DTYPE_F64, n, d);
    expect_ok(context, talus_predict(network, workspace, &in, &to));
    talus_workspace_destroy(workspace);
    return out;
}

/* Σ (x_i − mean_i)·(x_j − mean_j)/n of columns i and j */
static double covariance(const double *x, int64_t n, int64_t p, int64_t i, int64_t j)
{
    double a = 0, b = 0, sum = 0;
    for (int64_t k = 0; k < n; k++)
        a += x[k * p + i] / (double)n, b += x[k * p + j] / (double)n;
    for (int64_t k = 0; k < n; k++)
        sum += (x[k * p + i] - a) * (x[k * p + j] - b);
    return sum / (double)n;
}

/* Numbers of p columns that depend on each other, far from 0. */
static double *mixed(int64_t n, int64_t p)
{
    double *x = random_array(7, n * p), *y = malloc((size_t)(n * p) * sizeof *y);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < p; j++)
            y[i * p + j] = 20 + (double)j + x[i * p + j] * (1 + (double)j / 4) +
                           (j > 0 ? x[i * p + j - 1] : 0) + 2 * x[i * p + j / 2];
    free(x);
    return y;
}

/* m ± √2·σ_1·v_1 and m ± √2·σ_2·v_2 have the covariance σ_1²·v_1·v_1ᵀ + σ_2²·v_2·v_2ᵀ: here λ = 9, 1, v_1 = (0.8, 0.6), v_2 = (−0.6,
 * 0.8), so C = ((6.12, 3.84), (3.84, 3.88)). */
static const double v1[] = {0.8, 0.6}, v2[] = {-0.6, 0.8}, center[] = {10, -5};
static void cross(double *x)
{
    for (int i = 0; i < 2; i++) {
        x[i] = center[i] + sqrt(2) * 3 * v1[i], x[2 + i] = center[i] - sqrt(2) * 3 * v1[i];
        x[4 + i] = center[i] + sqrt(2) * v2[i], x[6 + i] = center[i] - sqrt(2) * v2[i];
    }
}

START_TEST(two_columns_are_those_of_closed_forms)
{
    double x[8];
    const double *matrix, *mean, *variances, *shares;
    int64_t columns, count;
    cross(x);
    talus_dataset *data = rows_in(x, 4, 2);
    talus_network *one = identity_of(1, TALUS_DTYPE_F64), *two = identity_of(2, TALUS_DTYPE_F64);
    expect_ok(context, talus_network_fit_projection(one, data, -1, TALUS_PROJECTION_PCA, 0, 0));
    expect_ok(context, talus_network_projection(one, &columns, &matrix, &mean));
    expect_ok(context, talus_network_projection_variances(one, &count, &variances, &shares));
    const double trace = 10, det = 9, root = sqrt(trace * trace - 4 * det), tol = 32 * DBL_EPSILON;
    ck_assert(columns == 2 && count == 2);
    ck_assert_double_le(fabs(variances[0] - (trace + root) / 2), 9 * tol);
    ck_assert_double_le(fabs(variances[1] - (trace - root) / 2), 9 * tol);
    ck_assert_double_le(fabs(shares[0] - 0.9), tol);
    ck_assert_double_le(fabs(shares[1] - 0.1), tol);
    for (int j = 0; j < 2; j++) {
        ck_assert_double_le(fabs(matrix[j] - v1[j]), tol);
        ck_assert_double_le(fabs(mean[j] - center[j]), 10 * tol);
    }
    expect_ok(context, talus_network_fit_projection(two, data, -1, TALUS_PROJECTION_PCA_WHITENING, 0, 0));
    expect_ok(context, talus_network_projection(two, NULL, &matrix, NULL));
    for (int j = 0; j < 2; j++) { /* the largest element of v_2 is positive */
        ck_assert_double_le(fabs(matrix[j] - v1[j] / 3), tol);
        ck_assert_double_le(fabs(matrix[2 + j] - v2[j]), tol);
    }
    expect_ok(context, talus_network_fit_projection(two, data, -1, TALUS_PROJECTION_PCA_WHITENING, 0, 7));
    expect_ok(context, talus_network_projection(two, NULL, &matrix, NULL));
    for (int j = 0; j < 2; j++) { /* 9 + 7 = 16, 1 + 7 = 8 */
        ck_assert_double_le(fabs(matrix[j] - v1[j] / 4), tol);
        ck_assert_double_le(fabs(matrix[2 + j] - v2[j] / sqrt(8)), tol);
    }
    /* C^(1/2) = (C + √det·I)/√(tr + 2·√det), and its inverse by Cramer's rule: its determinant is √det */
    expect_ok(context, talus_network_fit_projection(two, data, -1, TALUS_PROJECTION_ZCA_WHITENING, 0, 0));
    expect_ok(context, talus_network_projection(two, NULL, &matrix, NULL));
    const double below = sqrt(trace + 2 * 3), half[] = {(6.12 + 3) / below, 3.84 / below, (3.88 + 3) / below};
    ck_assert_double_le(fabs(matrix[0] - half[2] / 3), tol);
    ck_assert_double_le(fabs(matrix[1] + half[1] / 3), tol);
    ck_assert_double_le(fabs(matrix[3] - half[0] / 3), tol);
    ck_assert_double_eq(matrix[1], matrix[2]);
    talus_dataset_destroy(data);
    talus_network_destroy(one), talus_network_destroy(two);
}
END_TEST

enum { N = 1000, P = 17, D = 5 };

/* Loops over kinds: features have the mean 0 and the covariance that they should have. */
START_TEST(features_have_the_covariance_of_their_kind)
{
    const int kind = _i;
    const int64_t d = kind == TALUS_PROJECTION_ZCA_WHITENING ? P : D;
    double *x = mixed(N, P);
    talus_dataset *data = rows_in(x, N, P);
    talus_network *network = identity_of(d, TALUS_DTYPE_F64);
    const double *variances;
    for (int scaling = -1; scaling < TALUS_SCALING_COUNT; scaling++)
        for (int clips = 0; clips < 2; clips++) {
            expect_ok(context, talus_network_clip_inputs(network, clips * 3.0));
            expect_ok(context, talus_network_project_inputs(network, NULL, NULL, 0));
            expect_ok(context, talus_network_scale_inputs(network, NULL, NULL, 0));
            expect_ok(context, talus_network_fit_projection(network, data, scaling, kind, 0, 0));
            expect_ok(context, talus_network_projection_variances(network, NULL, &variances, NULL));
            double *f = features_of(network, x, N), sum = 0;
            for (int64_t i = 0; i < d; i++)
                for (int64_t j = 0; j < d; j++) {
                    const double wanted = i != j ? 0 : kind == TALUS_PROJECTION_PCA ? variances[i] : 1;
                    const double scale = kind == TALUS_PROJECTION_PCA ? variances[0]
                                                                      : variances[0] / variances[d - 1];
                    ck_assert_double_le(fabs(covariance(f, N, d, i, j) - wanted),
                                        8 * P * DBL_EPSILON * scale);
                }
            for (int64_t i = 0; i < N; i++)
                sum += f[i * d];
            ck_assert_double_le(fabs(sum / N), 100 * P * DBL_EPSILON * sqrt(variances[0] / variances[d - 1]));
            free(f);
        }
    free(x);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* x = m + Tᵀ·x′ where all components are kept; of fewer, the mean square of what is lost is Σ of the other λ. */
START_TEST(components_reconstruct_the_inputs)
{
    double *x = mixed(N, P);
    talus_dataset *data = rows_in(x, N, P);
    for (int64_t d = D; d <= P; d += P - D) {
        talus_network *network = identity_of(d, TALUS_DTYPE_F64);
        const double *matrix, *mean, *variances;
        expect_ok(context, talus_network_fit_projection(network, data, -1, TALUS_PROJECTION_PCA, 0, 0));
        expect_ok(context, talus_network_projection(network, NULL, &matrix, &mean));
        expect_ok(context, talus_network_projection_variances(network, NULL, &variances, NULL));
        double *f = features_of(network, x, N), lost = 0, others = 0;
        for (int64_t i = 0; i < N; i++)
            for (int64_t j = 0; j < P; j++) {
                double back = mean[j];
                for (int64_t k = 0; k < d; k++)
                    back += matrix[k * P + j] * f[i * d + k];
                lost += (back - x[i * P + j]) * (back - x[i * P + j]) / N;
            }
        for (int64_t k = d; k < P; k++)
            others += variances[k];
        ck_assert_double_le(fabs(lost - others), 8 * P * DBL_EPSILON * variances[0]);
        for (int64_t k = 0; k < d; k++) { /* orthonormal rows, the sign of each fixed */
            double most = 0;
            for (int64_t l = 0; l < d; l++) {
                double product = 0;
                for (int64_t j = 0; j < P; j++)
                    product += matrix[k * P + j] * matrix[l * P + j];
                ck_assert_double_le(fabs(product - (k == l)), 4 * P * DBL_EPSILON);
            }
            for (int64_t j = 0; j < P; j++)
                most = fabs(matrix[k * P + j]) > fabs(most) ? matrix[k * P + j] : most;
            ck_assert_double_gt(most, 0);
        }
        free(f);
        talus_network_destroy(network);
    }
    free(x);
    talus_dataset_destroy(data);
}
END_TEST

/* ZCA's matrix is C^(−1/2): symmetric, positive definite, and T·C·T is the identity. */
START_TEST(zca_is_the_symmetric_root)
{
    double *x = mixed(N, P), product[P * P];
    talus_dataset *data = rows_in(x, N, P);
    talus_network *network = identity_of(P, TALUS_DTYPE_F64);
    const double *t, *variances;
    expect_ok(context, talus_network_fit_projection(network, data, -1, TALUS_PROJECTION_ZCA_WHITENING, 0, 0));
    expect_ok(context, talus_network_projection(network, NULL, &t, NULL));
    expect_ok(context, talus_network_projection_variances(network, NULL, &variances, NULL));
    for (int i = 0; i < P; i++)
        for (int j = 0; j < P; j++) {
            ck_assert_double_eq(t[i * P + j], t[j * P + i]);
            product[i * P + j] = 0;
            for (int k = 0; k < P; k++)
                product[i * P + j] += t[i * P + k] * covariance(x, N, P, k, j);
        }
    for (int i = 0; i < P; i++)
        for (int j = 0; j < P; j++) {
            double sum = 0;
            for (int k = 0; k < P; k++)
                sum += product[i * P + k] * t[k * P + j];
            ck_assert_double_le(fabs(sum - (i == j)), 16 * P * DBL_EPSILON * variances[0] / variances[P - 1]);
        }
    free(x);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

START_TEST(a_share_of_the_variance_is_kept)
{
    double *x = mixed(N, P);
    talus_dataset *data = rows_in(x, N, P);
    talus_network *network = identity_of(P, TALUS_DTYPE_F64);
    const double *matrix, *variances, shares[] = {1e-9, 0.3, 0.5, 0.9, 0.999};
    for (int s = 0; s < 5; s++) {
        int64_t needed, expected = 0;
        double sum = 0;
        expect_ok(context, talus_network_fit_projection(network, data, TALUS_SCALING_STANDARD,
                                                        TALUS_PROJECTION_PCA_WHITENING, shares[s], 0));
        expect_ok(context, talus_network_projection(network, NULL, &matrix, NULL));
        expect_ok(context, talus_network_projection_variances(network, NULL, &variances, NULL));
        do /* standardised columns have the variance 1: all of them p */
            sum += variances[expected++];
        while (sum < shares[s] * P);
        expect_ok(context,
                  talus_projection_components(context, data, TALUS_SCALING_STANDARD, 0, shares[s], &needed));
        ck_assert_int_eq(needed, expected);
        for (int64_t k = 0; k < P; k++) {
            double size = 0;
            for (int64_t j = 0; j < P; j++)
                size += fabs(matrix[k * P + j]);
            ck_assert_int_eq(size > 0, k < needed);
        }
    }
    int64_t all, clipped;
    expect_ok(context, talus_projection_components(context, data, -1, 0, 1, &all));
    ck_assert_int_eq(all, P);
    expect_ok(context, talus_projection_components(context, data, TALUS_SCALING_ROBUST, 0.5, 0.9, &clipped));
    ck_assert(clipped >= 1 && clipped <= P);
    talus_network *few = identity_of(2, TALUS_DTYPE_F64); /* does not reach its share */
    expect_ok(context, talus_network_fit_projection(few, data, TALUS_SCALING_STANDARD, TALUS_PROJECTION_PCA,
                                                    0.999, 0));
    talus_network_destroy(few);
    free(x);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

typedef struct stream_source {
    const double *values;
    int64_t cols, reads;
} stream_source;

static int read_rows(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    stream_source *from = user;
    (void)targets;
    for (int64_t i = 0; i < count; i++)
        memcpy((double *)inputs + i * from->cols, from->values + rows[i] * from->cols,
               (size_t)from->cols * sizeof(double));
    from->reads++;
    return 0;
}

/* Contexts of 1, 2 and 3 threads, and streams. */
START_TEST(bits_do_not_depend_on_threads_or_streams)
{
    double *x = mixed(N, P), first[P * P];
    for (int run = 0; run < 4; run++) {
        stream_source from = {x, P, 0};
        talus_stream stream = {
            .samples = N, .inputs = P, .input_dtype = TALUS_DTYPE_F64, .read = read_rows, .user = &from};
        talus_matrix view = talus_matrix_view(x, TALUS_DTYPE_F64, N, P);
        talus_context *own = context_with(run == 3 ? 2 : run + 1, NULL);
        talus_dataset *data;
        talus_network *network;
        talus_layer layer = {.width = 1};
        talus_network_spec spec = {.inputs = P, .layers = &layer, .layer_count = 1};
        const double *matrix;
        expect_ok(own, run == 3 ? talus_dataset_from_stream(own, &stream, &data)
                                : talus_dataset_from_matrices(own, &view, NULL, &data));
        expect_ok(own, talus_network_create(own, &spec, &network));
        expect_ok(own, talus_network_fit_projection(network, data, TALUS_SCALING_RANGE,
                                                    TALUS_PROJECTION_ZCA_WHITENING, 0, 1e-3));
        expect_ok(own, talus_network_projection(network, NULL, &matrix, NULL));
        if (run == 0)
            memcpy(first, matrix, sizeof first);
        same_bytes(first, matrix, sizeof first);
        if (run == 3)
            ck_assert_int_eq(from.reads,
                             (1 + 3) * 4); /* a range; extremes, means and products: of 4 batches */
        talus_network_destroy(network);
        talus_dataset_destroy(data);
        talus_context_destroy(own);
    }
    free(x);
}
END_TEST

enum { SAMPLES = 203, RAW = 90, FEATURES = 37, HIDDEN = 19 };

static talus_network *deep(talus_context *own, int precision)
{
    talus_layer layers[] = {{.width = HIDDEN, .activation = TALUS_TANH}, {.width = 2}};
    talus_network_spec spec = {
        .inputs = FEATURES, .layers = layers, .layer_count = 2, .precision = precision, .input_noise = 0};
    talus_network *network;
    expect_ok(own, talus_network_create(own, &spec, &network));
    return network;
}

/* Loops over precisions: training is that on the features as a data set of their own, with any threads and tiles. */
START_TEST(training_is_that_on_projected_copies)
{
    static const char *const plans[] = {NULL, LAYER_BY_LAYER};
    double *x = mixed(SAMPLES, RAW), *y = random_array(3, SAMPLES * 2);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, RAW),
                 out = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 2), theta, first = {0};
    for (int run = 0; run < 7; run++) {
        talus_context *own = context_with(run % 3 + 1, NULL);
        if (plans[run % 2] != NULL)
            expect_ok(own, talus_context_set_plan(own, plans[run % 2]));
        talus_dataset *data;
        talus_network *network = deep(own, _i);
        talus_fit_options options;
        expect_ok(own, talus_dataset_from_matrices(own, &in, &out, &data));
        expect_ok(own, talus_network_fit_projection(network, data, TALUS_SCALING_STANDARD,
                                                    TALUS_PROJECTION_PCA_WHITENING, 0, 0));
        talus_dataset *trained = data;
        double *features = NULL;
        if (run == 6) { /* the copy */
            talus_network *one = identity_of(FEATURES, _i);
            const double *matrix, *mean, *shift, *scale;
            expect_ok(own, talus_network_projection(network, NULL, &matrix, &mean));
            expect_ok(own, talus_network_input_scaling(network, NULL, &shift, &scale));
            expect_ok(context, talus_network_project_inputs(one, matrix, mean, RAW));
            expect_ok(context, talus_network_scale_inputs(one, shift, scale, RAW));
            features = features_of(one, x, SAMPLES);
            talus_network_destroy(one), talus_network_destroy(network);
            network = deep(own, _i);
            talus_matrix copy = talus_matrix_view(features, TALUS_DTYPE_F64, SAMPLES, FEATURES);
            expect_ok(own, talus_dataset_from_matrices(own, &copy, &out, &trained));
        }
        talus_fit_options_defaults(&options);
        options.epochs = 3, options.batch = 64;
        expect_ok(own, talus_fit(network, trained, trained, &options, NULL));
        expect_ok(own, talus_network_parameters(network, &theta));
        const size_t bytes = (size_t)theta.cols * (_i == TALUS_DTYPE_F32 ? 4 : 8);
        if (run == 0)
            first = theta, first.data = memcpy(malloc(bytes), theta.data, bytes);
        same_bytes(first.data, theta.data, bytes);
        if (trained != data)
            talus_dataset_destroy(trained);
        free(features);
        talus_network_destroy(network);
        talus_dataset_destroy(data);
        talus_context_destroy(own);
    }
    free(first.data), free(x), free(y);
}
END_TEST

static double weighted(talus_network *network, talus_workspace *workspace, const talus_matrix *x,
                       const double *weight)
{
    double out[2 * 40], sum = 0;
    talus_matrix y = talus_matrix_view(out, TALUS_DTYPE_F64, x->rows, 2);
    expect_ok(context, talus_forward(network, workspace, x, &y));
    for (int64_t i = 0; i < x->rows * 2; i++)
        sum += weight[i] * out[i];
    return sum;
}

/* Loops: without a scaling, with one, clipped. */
START_TEST(input_gradients_run_through_the_projection)
{
    double *x = mixed(SAMPLES, RAW), *weight = random_array(6, 2 * 40),
           *gradient = malloc(40 * RAW * sizeof *gradient);
    talus_dataset *data = rows_in(x, SAMPLES, RAW);
    talus_network *network = deep(context, TALUS_DTYPE_F64);
    if (_i == 2)
        expect_ok(context, talus_network_clip_inputs(network, 0.8));
    expect_ok(context, talus_network_fit_projection(network, data, _i == 0 ? -1 : TALUS_SCALING_ROBUST,
                                                    TALUS_PROJECTION_PCA, 0, 0));
    for (int64_t n = 1; n <= 40; n += 39) {
        talus_workspace *workspace = workspace_of(network, n);
        talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, n, RAW),
                     given = talus_matrix_view(weight, TALUS_DTYPE_F64, n, 2),
                     got = talus_matrix_view(gradient, TALUS_DTYPE_F64, n, RAW);
        weighted(network, workspace, &in, weight);
        expect_ok(context, talus_backward(network, workspace, &given, NULL, &got));
        const double size = largest(gradient, n * RAW);
        for (int64_t i = 0; i < n * RAW; i += 7) {
            const double h = 1e-5, before = x[i];
            x[i] = before + h;
            const double above = weighted(network, workspace, &in, weight);
            x[i] = before - h;
            const double below = weighted(network, workspace, &in, weight);
            x[i] = before;
            ck_assert_double_le(fabs((above - below) / (2 * h) - gradient[i]), 1e-8 * fmax(size, 1));
        }
        talus_workspace_destroy(workspace);
    }
    free(x), free(weight), free(gradient);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* Loops over precisions, without and with a clip. */
START_TEST(files_keep_the_projection)
{
    const int precision = _i % 2, clips = _i / 2;
    double *x = mixed(SAMPLES, RAW), out[3][SAMPLES * 2];
    talus_dataset *data = rows_in(x, SAMPLES, RAW);
    talus_network *all[3];
    talus_layer layers[] = {
        {.width = HIDDEN, .activation = TALUS_TANH, .normalization = TALUS_NORMALIZATION_BATCH},
        {.width = 2}};
    talus_network_spec spec = {
        .inputs = FEATURES, .layers = layers, .layer_count = 2, .precision = precision};
    expect_ok(context, talus_network_create(context, &spec, &all[0]));
    expect_ok(context, talus_network_clip_inputs(all[0], clips * 2.0));
    expect_ok(context, talus_network_fit_projection(all[0], data, TALUS_SCALING_STANDARD,
                                                    TALUS_PROJECTION_PCA_WHITENING, 0.99, 0.25));
    expect_ok(context, talus_model_save(all[0], NULL, file("m")));
    expect_ok(context, talus_model_load(context, file("m"), &all[1]));
    expect_ok(context, talus_network_fold_normalization(all[0], &all[2]));
    const double *a, *b, *mean[2], *variances[2], *shares[2];
    int64_t columns, count;
    expect_ok(context, talus_network_projection(all[0], NULL, &a, &mean[0]));
    expect_ok(context, talus_network_projection(all[1], &columns, &b, &mean[1]));
    expect_ok(context, talus_network_projection_variances(all[0], NULL, &variances[0], &shares[0]));
    expect_ok(context, talus_network_projection_variances(all[1], &count, &variances[1], &shares[1]));
    ck_assert(columns == RAW && count == RAW);
    same_bytes(a, b, FEATURES * RAW * sizeof *a);
    same_bytes(mean[0], mean[1], RAW * sizeof *a);
    same_bytes(variances[0], variances[1], RAW * sizeof *a);
    same_bytes(shares[0], shares[1], RAW * sizeof *a);
    expect_ok(context, talus_model_export_onnx(all[2], file("m")));
    talus_network *imported;
    expect_ok(context, talus_model_import_onnx(context, file("m"), &imported));
    ck_assert_int_eq(talus_network_layer_count(imported), 3); /* the projection is a layer of its own */
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, RAW);
    for (int i = 0; i < 3; i++) {
        talus_network *of = i == 2 ? imported : all[i];
        talus_workspace *workspace = workspace_of(of, SAMPLES);
        talus_matrix y = talus_matrix_view(out[i], TALUS_DTYPE_F64, SAMPLES, 2);
        expect_ok(context, talus_predict(of, workspace, &in, &y));
        talus_workspace_destroy(workspace);
    }
    same_bytes(out[0], out[1], sizeof out[0]);
    const double epsilon = precision == TALUS_DTYPE_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    ck_assert_double_le(largest_difference(out[0], out[2], SAMPLES * 2), 16 * epsilon * RAW);
    for (int i = 0; i < 3; i++)
        talus_network_destroy(all[i]);
    talus_network_destroy(imported);
    talus_dataset_destroy(data);
    ck_assert_int_eq(remove(file("m")), 0);
    free(x);
}
END_TEST

START_TEST(means_must_fit_into_the_precision_of_exports)
{
    talus_network *network = identity_of(1, TALUS_DTYPE_F32);
    for (int clips = 0; clips < 2; clips++) {
        expect_ok(context, talus_network_project_inputs(network, (double[]){clips ? 1e30 : 1},
                                                        (double[]){clips ? 1e30 : 1e39}, 1));
        expect_ok(context, talus_network_clip_inputs(network, clips));
        expect_status(context, TALUS_ERROR_UNSUPPORTED, talus_model_export_onnx(network, file("m")));
        expect_message(context,
                       "export_onnx: the mean of a projection must fit into the network's f32, got ");
    }
    talus_network_destroy(network);
}
END_TEST

START_TEST(projections_that_are_given)
{
    const double matrix[] = {1, 2, 3, 0, -1, 1}, mean[] = {1, 1, 1}, x[] = {2, 3, 5, 1, 1, 1};
    const double *got, *of_mean;
    int64_t columns, count;
    talus_network *network = identity_of(2, TALUS_DTYPE_F32);
    ck_assert_int_eq(talus_network_columns(network), 2);
    expect_ok(context, talus_network_scale_inputs(network, mean, mean, 2));
    expect_ok(context,
              talus_network_project_inputs(network, matrix, mean, 3)); /* the scaling of 2 columns goes */
    expect_ok(context, talus_network_input_scaling(network, &count, NULL, NULL));
    ck_assert(count == 0 && talus_network_columns(network) == 3);
    double *f = features_of(network, x, 2); /* x − m: 1 2 4, 0 0 0 */
    ck_assert(f[0] == 17 && f[1] == 2 && f[2] == 0 && f[3] == 0);
    free(f);
    expect_ok(context, talus_network_scale_inputs(network, NULL, (double[]){1, 2, 3}, 3));
    expect_ok(context, talus_network_project_inputs(network, matrix, NULL, 3)); /* that of 3 stays */
    f = features_of(network, x, 2);                                             /* 2 6 15, 1 2 3 */
    ck_assert(f[0] == 59 && f[1] == 9 && f[2] == 14 && f[3] == 1);
    free(f);
    expect_ok(context, talus_network_projection(network, &columns, &got, &of_mean));
    ck_assert(columns == 3 && of_mean[0] == 0);
    same_bytes(got, matrix, sizeof matrix);
    const double *variances = matrix, *shares = matrix;
    expect_ok(context, talus_network_projection_variances(network, &count, &variances, &shares));
    ck_assert(count == 0 && variances == NULL && shares == NULL);
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_project_inputs(network, matrix, mean, 0));
    expect_message(context, "project_inputs: columns must be 1 … 2147483647, got 0");
    expect_status(context, TALUS_ERROR_DATA,
                  talus_network_project_inputs(network, (double[]){1, 1e39, 1, 1}, mean, 2));
    expect_message(context, "project_inputs: matrix[1] must be a finite number of f32, got 1e+39");
    expect_status(context, TALUS_ERROR_DATA,
                  talus_network_project_inputs(network, matrix, (double[]){0, 0, NAN}, 3));
    expect_message(context, "project_inputs: mean[2] must be a finite number, got nan");
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_network_project_inputs(network, matrix, mean, 3));
    book.fail_at = 0;
    expect_message(context, "project_inputs: there is no memory for a projection of 3 columns to 2");
    expect_ok(context, talus_network_projection(network, &columns, NULL, NULL));
    ck_assert_int_eq(columns, 3);
    expect_ok(context, talus_network_project_inputs(network, NULL, NULL, 7));
    expect_ok(context, talus_network_projection(network, &columns, &got, &of_mean));
    ck_assert(columns == 0 && got == NULL && of_mean == NULL && talus_network_columns(network) == 2);
    ck_assert_int_eq(talus_network_project_inputs(NULL, matrix, mean, 3), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_projection(NULL, &columns, NULL, NULL), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_projection_variances(NULL, &count, NULL, NULL), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_columns(NULL), 0);
    talus_network_destroy(network);
}
END_TEST

/* Raw widths are checked, messages name them; workspaces know what they were made for. */
START_TEST(raw_widths_are_checked)
{
    double x[12] = {0}, y[4], big[3] = {1e38, 1e38, 1e38};
    const double matrix[] = {1, 2, 3, 0, -1, 1};
    talus_network *network = identity_of(2, TALUS_DTYPE_F32);
    talus_workspace *before = workspace_of(network, 4), *after;
    expect_ok(context, talus_network_project_inputs(network, matrix, NULL, 3));
    after = workspace_of(network, 4);
    talus_matrix two = talus_matrix_view(x, TALUS_DTYPE_F64, 2, 2),
                 three = talus_matrix_view(x, TALUS_DTYPE_F64, 2, 3),
                 out = talus_matrix_view(y, TALUS_DTYPE_F64, 2, 2),
                 large = talus_matrix_view(big, TALUS_DTYPE_F64, 1, 3),
                 row = talus_matrix_view(y, TALUS_DTYPE_F64, 1, 2);
    expect_status(context, TALUS_ERROR_SHAPE, talus_predict(network, after, &two, &out));
    expect_message(context, "inputs must have 3 columns, as the projection of the network takes, got 2");
    expect_status(context, TALUS_ERROR_STATE, talus_predict(network, before, &three, &out));
    expect_message(context,
                   "the workspace was made for a projection of 0 columns (0: none), and the network now has "
                   "one of 3: make workspaces and trainers after the projection");
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, after, &large, &row));
    expect_message(
        context,
        "inputs, row 0 (counted from 0): component 0 of its projection must be within the range of f32");
    big[1] = NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, after, &large, &row));
    expect_message(context,
                   "inputs, row 0, column 1 (counted from 0): the value must be a finite number, got nan");
    talus_dataset *data = dataset_of(&two, &two);
    talus_metrics metrics;
    expect_status(context, TALUS_ERROR_SHAPE, talus_evaluate(network, after, data, &metrics));
    expect_message(context, "must have 3 columns of inputs, as the network projects, got 2");
    expect_ok(context, talus_forward(network, after, &three, &out));
    expect_status(context, TALUS_ERROR_SHAPE, talus_backward(network, after, &out, NULL, &two));
    expect_message(context, "input_gradient must have 3 columns, got 2");
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_scale_inputs(network, x, NULL, 2));
    expect_message(context, "scale_inputs: count must be 1 or 3, got 2");
    double bound;
    expect_status(context, TALUS_ERROR_UNSUPPORTED, talus_lipschitz_bound(network, &bound));
    expect_message(context, "lipschitz_bound: the inputs of the network must not be projected");
    talus_dataset_destroy(data);
    talus_workspace_destroy(before), talus_workspace_destroy(after);
    talus_network_destroy(network);
}
END_TEST

/* What sees the parameters alone sees the features: Jᵀ·u is the gradient of u·outputs, and layer 1 gets its variance from them. */
START_TEST(other_calls_take_projected_inputs)
{
    double *x = mixed(SAMPLES, RAW), *u = random_array(6, 2 * 40);
    talus_dataset *data = rows_in(x, SAMPLES, RAW);
    talus_network *network = deep(context, TALUS_DTYPE_F64);
    expect_ok(context, talus_network_clip_inputs(network, 2));
    expect_ok(context, talus_network_fit_projection(network, data, TALUS_SCALING_STANDARD,
                                                    TALUS_PROJECTION_PCA_WHITENING, 0, 0));
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, 40, RAW), theta, out;
    expect_ok(context, talus_network_unit_variance(network, &in, 0.01, 20, NULL));
    expect_ok(context, talus_network_weights(network, NULL, 1, &theta));
    talus_network *one = identity_of(FEATURES, TALUS_DTYPE_F64);
    const double *matrix, *mean, *shift, *scale;
    expect_ok(context, talus_network_projection(network, NULL, &matrix, &mean));
    expect_ok(context, talus_network_input_scaling(network, NULL, &shift, &scale));
    expect_ok(context, talus_network_project_inputs(one, matrix, mean, RAW));
    expect_ok(context, talus_network_scale_inputs(one, shift, scale, RAW));
    expect_ok(context, talus_network_clip_inputs(one, 2));
    double *f = features_of(one, x, 40), sum = 0, squares = 0;
    const double *w = theta.data;
    for (int i = 0; i < 40; i++)
        for (int k = 0; k < HIDDEN; k++) {
            double z = 0;
            for (int j = 0; j < FEATURES; j++)
                z += w[k * FEATURES + j] * f[i * FEATURES + j];
            sum += z / (40 * HIDDEN), squares += z * z / (40 * HIDDEN);
        }
    ck_assert_double_le(fabs(squares - sum * sum - 1), 0.03);
    talus_workspace *workspace = workspace_of(network, 40);
    talus_matrix all;
    expect_ok(context, talus_network_parameters(network, &all));
    double *a = malloc((size_t)all.cols * sizeof *a), *b = malloc((size_t)all.cols * sizeof *b);
    talus_matrix to_a = talus_matrix_view(a, TALUS_DTYPE_F64, 1, all.cols),
                 to_b = talus_matrix_view(b, TALUS_DTYPE_F64, 1, all.cols);
    out = talus_matrix_view(u, TALUS_DTYPE_F64, 40, 2);
    weighted(network, workspace, &in, u);
    expect_ok(context, talus_backward(network, workspace, &out, &to_a, NULL));
    expect_ok(context, talus_parameter_jacobian_transposed_product(network, workspace, &in, &out, &to_b));
    ck_assert_double_le(largest_difference(a, b, all.cols), 1e-12 * largest(a, all.cols));
    free(a), free(b), free(f), free(x), free(u);
    talus_workspace_destroy(workspace);
    talus_network_destroy(one), talus_network_destroy(network);
    talus_dataset_destroy(data);
}
END_TEST

/* That a fit is refused with these words. */
static void refuses(talus_status status, const char *words, const talus_dataset *data, int scaling, int kind,
                    double share, double epsilon)
{
    talus_network *network = identity_of(2, TALUS_DTYPE_F64);
    const double three[] = {1, 2, 3};
    expect_ok(context, talus_network_project_inputs(network, (double[]){1, 0, 0, 0, 1, 0}, three, 3));
    expect_ok(context, talus_network_scale_inputs(network, three, NULL, 3));
    expect_status(context, status,
                  talus_network_fit_projection(network, data, scaling, kind, share, epsilon));
    expect_message(context, words);
    const double *mean, *shift; /* nothing has changed */
    int64_t count;
    expect_ok(context, talus_network_projection(network, &count, NULL, &mean));
    ck_assert(count == 3 && mean[2] == 3);
    expect_ok(context, talus_network_input_scaling(network, &count, &shift, NULL));
    ck_assert(count == 3 && shift[2] == 3);
    talus_network_destroy(network);
}

START_TEST(fits_that_cannot_be)
{
    const double x[] = {1, 2, 5, 4, 5, 5, 7, 9, 5, 8, 9, 5}, one[] = {1, 2, 3, 4};
    const double flat[] = {1, 2, 2, 4, 3, 6, 4, 8}, wide[] = {1e200, 0, -1e200, 1, 0, 2, 1, 3};
    talus_dataset *constant = rows_in(x, 4, 3), *narrow = rows_in(one, 4, 1), *pairs = rows_in(x, 6, 2),
                  *line = rows_in(flat, 4, 2), *large = rows_in(wide, 4, 2), *few = rows_in(x, 2, 2);
    int64_t count;
    refuses(TALUS_ERROR_ARGUMENT, "fit_projection: dataset must not be NULL", NULL, -1, 0, 0, 0);
    refuses(TALUS_ERROR_ARGUMENT, "kind must be one of pca, pca_whitening, zca_whitening; got 3", pairs, -1,
            3, 0, 0);
    refuses(TALUS_ERROR_ARGUMENT, "kind must be one of pca, pca_whitening, zca_whitening; got -1", pairs, -1,
            -1, 0, 0);
    refuses(TALUS_ERROR_ARGUMENT, "scaling must be one of standard, range, robust; got 3", pairs, 3, 0, 0, 0);
    refuses(TALUS_ERROR_ARGUMENT, "scaling must be one of standard, range, robust; got -2", pairs, -2, 0, 0,
            0);
    refuses(TALUS_ERROR_ARGUMENT, "share must be 0 … 1, got 1.5", pairs, 0, 0, 1.5, 0);
    refuses(TALUS_ERROR_ARGUMENT, "share must be 0 … 1, got nan", pairs, 0, 0, NAN, 0);
    refuses(TALUS_ERROR_ARGUMENT, "share must be 0 … 1, got -0.5", pairs, 0, 0, -0.5, 0);
    refuses(TALUS_ERROR_ARGUMENT, "epsilon must be a finite number of at least 0, got -1", pairs, 0, 1, 0,
            -1);
    refuses(TALUS_ERROR_ARGUMENT, "epsilon must be a finite number of at least 0, got inf", pairs, 0, 1, 0,
            INFINITY);
    refuses(TALUS_ERROR_ARGUMENT, "epsilon must be 0 for pca, which does not whiten, got 1", pairs, 0, 0, 0,
            1);
    refuses(TALUS_ERROR_SHAPE,
            "dataset must have at least 2 columns of inputs, the features of the network, for pca, got 1",
            narrow, 0, 0, 0, 0);
    refuses(TALUS_ERROR_SHAPE,
            "dataset must have 2 columns of inputs, the features of the network, for zca_whitening, got 3",
            constant, 0, 2, 0, 0);
    refuses(TALUS_ERROR_SHAPE, "the scaling of the network, which is to stay, must be of 1 or 2 pairs, got 3",
            pairs, -1, 0, 0, 0);
    refuses(TALUS_ERROR_DATA,
            "every column must vary, but column 2 (counted from 0) is 5 everywhere, and 1 of 3 do not vary",
            constant, 0, 0, 0, 0);
    refuses(TALUS_ERROR_DATA, "dataset must have more samples than the 2 components that are kept, got 2",
            few, 0, 0, 0, 0);
    refuses(TALUS_ERROR_DATA, "component 2 of 2 has no variance to divide by", line, 0, 1, 0, 0);
    talus_network *network = identity_of(2, TALUS_DTYPE_F64);
    expect_status(context, TALUS_ERROR_DATA,
                  talus_network_fit_projection(network, large, -1, TALUS_PROJECTION_PCA, 0, 0));
    expect_message(context,
                   "fit_projection: the covariance of the inputs must be finite numbers: scale them");
    expect_ok(context,
              talus_network_fit_projection(network, line, 0, TALUS_PROJECTION_PCA_WHITENING, 0, 0.5));
    expect_ok(context,
              talus_network_fit_projection(network, line, 0, TALUS_PROJECTION_ZCA_WHITENING, 0.9, 0));
    ck_assert_int_eq(talus_network_fit_projection(NULL, line, 0, 0, 0, 0), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_projection_components(NULL, line, 0, 0, 0.5, &count), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_projection_components(context, NULL, 0, 0, 0.5, &count));
    expect_message(context, "projection_components: dataset must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_projection_components(context, line, 0, 0, 0, &count));
    expect_message(context, "projection_components: share must be above 0, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_projection_components(context, line, 0, 0, 0.5, NULL));
    expect_message(context, "projection_components: count must not be NULL");
    expect_status(context, TALUS_ERROR_DATA, talus_projection_components(context, line, 0, -1, 0.5, &count));
    expect_message(context, "projection_components: clip must be");
    talus_dataset *all[] = {constant, narrow, pairs, line, large, few};
    for (int i = 0; i < 6; i++)
        talus_dataset_destroy(all[i]);
    talus_network_destroy(network);
}
END_TEST

/* Every allocation of a fit, of what comes before it, and of files fails in turn. */
START_TEST(every_allocation_may_fail)
{
    double *x = mixed(N, P);
    talus_dataset *data = rows_in(x, N, P);
    talus_network *network = identity_of(P, TALUS_DTYPE_F32), *made;
    int64_t count, columns;
    const int64_t alive = book.alive;
    for (int what = 0; what < 5; what++) {
        if (what == 2)
            expect_ok(context,
                      talus_network_fit_projection(network, data, 0, TALUS_PROJECTION_ZCA_WHITENING, 0, 1));
        if (what == 2)
            expect_ok(context, talus_network_clip_inputs(network, 3));
        const int64_t before = book.alive;
        for (int fail_at = 1;; fail_at++) {
            refuse_from_now(&book, fail_at);
            talus_status status = what == 0 ? talus_network_fit_projection(
                                                  network, data, 0, TALUS_PROJECTION_ZCA_WHITENING, 0, 1)
                                  : what == 1 ? talus_projection_components(context, data, 2, 0, 0.5, &count)
                                  : what == 2 ? talus_model_save(network, NULL, file("m"))
                                  : what == 3 ? talus_model_load(context, file("m"), &made)
                                              : talus_model_export_onnx(network, file("m"));
            const bool failed = book.calls >= book.fail_at;
            book.fail_at = 0;
            ck_assert_msg(status == (failed ? TALUS_ERROR_MEMORY : TALUS_OK), "what %d at %d: %d", what,
                          fail_at, status);
            if (status == TALUS_OK)
                break;
            ck_assert_int_eq(book.alive, before);
            expect_ok(context, talus_network_projection(network, &columns, NULL, NULL));
            ck_assert_int_eq(columns, what < 2 ? 0 : P);
        }
        if (what == 0) {
            expect_ok(context, talus_network_project_inputs(network, NULL, NULL, 0));
            expect_ok(context, talus_network_scale_inputs(network, NULL, NULL, 0));
        }
        if (what == 3)
            talus_network_destroy(made);
    }
    ck_assert_int_ge(book.alive, alive);
    ck_assert_int_eq(remove(file("m")), 0);
    talus_network_destroy(network);
    talus_dataset_destroy(data);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("projection");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_test(tests, two_columns_are_those_of_closed_forms);
    tcase_add_loop_test(tests, features_have_the_covariance_of_their_kind, 0, TALUS_PROJECTION_COUNT);
    tcase_add_test(tests, components_reconstruct_the_inputs);
    tcase_add_test(tests, zca_is_the_symmetric_root);
    tcase_add_test(tests, a_share_of_the_variance_is_kept);
    tcase_add_test(tests, bits_do_not_depend_on_threads_or_streams);
    tcase_add_loop_test(tests, training_is_that_on_projected_copies, 0, 2);
    tcase_add_loop_test(tests, input_gradients_run_through_the_projection, 0, 3);
    tcase_add_loop_test(tests, files_keep_the_projection, 0, 4);
    tcase_add_test(tests, means_must_fit_into_the_precision_of_exports);
    tcase_add_test(tests, projections_that_are_given);
    tcase_add_test(tests, raw_widths_are_checked);
    tcase_add_test(tests, other_calls_take_projected_inputs);
    tcase_add_test(tests, fits_that_cannot_be);
    tcase_add_test(tests, every_allocation_may_fail);
    return run_suite(suite);
}
