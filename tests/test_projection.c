/* Principal components and whitening that are fitted to inputs. */
#include <float.h>
#include <stdio.h>

#include "projection_support.h"

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

/* Columns a·h_k of the signs h_k of Hadamard's matrix, each twice: λ = 2a² three times, whose sum is beyond double. */
START_TEST(shares_of_variances_whose_sum_is_infinite)
{
    enum { ROWS = 4, COLUMNS = 6 };
    static const int signs[ROWS][3] = {{1, 1, 1}, {-1, 1, -1}, {1, -1, -1}, {-1, -1, 1}};
    const double a = 6e153, *variances, *shares;
    double x[ROWS * COLUMNS];
    int64_t count, half;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            x[i * COLUMNS + j] = a * signs[i][j / 2];
    talus_dataset *data = rows_in(x, ROWS, COLUMNS);
    talus_network *network = identity_of(3, TALUS_DTYPE_F64);
    expect_ok(context, talus_network_fit_projection(network, data, -1, TALUS_PROJECTION_PCA, 0, 0));
    expect_ok(context, talus_network_projection_variances(network, &count, &variances, &shares));
    ck_assert(count == COLUMNS && isinf(variances[0] + variances[1] + variances[2]));
    for (int k = 0; k < COLUMNS; k++)
        ck_assert_double_le(fabs(shares[k] - (k < 3 ? 1.0 / 3 : 0)), 32 * DBL_EPSILON);
    expect_ok(context, talus_projection_components(context, data, -1, 0, 0.5, &half));
    ck_assert_int_eq(half, 2);
    talus_dataset_destroy(data);
    talus_network_destroy(network);
}
END_TEST

/* Features whose squares are beyond double are numbers like others: T is (1 1; 1 −1). */
START_TEST(features_may_be_large)
{
    const double matrix[] = {1, 1, 1, -1}, x[] = {0x3p530, 0x1p530, -0x1p1000, 0};
    talus_network *network = identity_of(2, TALUS_DTYPE_F64);
    expect_ok(context, talus_network_project_inputs(network, matrix, NULL, 2));
    double *f = features_of(network, x, 2);
    ck_assert(f[0] == 0x4p530 && f[1] == 0x2p530 && f[2] == -0x1p1000 && f[3] == -0x1p1000);
    free(f);
    const double most[] = {DBL_MAX, DBL_MAX};
    double y[2];
    talus_matrix in = talus_matrix_view(most, TALUS_DTYPE_F64, 1, 2),
                 to = talus_matrix_view(y, TALUS_DTYPE_F64, 1, 2);
    talus_workspace *workspace = workspace_of(network, 1);
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &in, &to));
    expect_message(
        context,
        "inputs, row 0 (counted from 0): component 0 of its projection must be within the range of f64");
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

static char logged[256];

static void keep_line(const char *line, void *user)
{
    (void)user;
    (void)snprintf(logged, sizeof logged, "%s", line);
}

static talus_context *talking_context(void)
{
    talus_context_options options;
    talus_context *talking;
    talus_context_options_defaults(&options);
    options.log = keep_line;
    expect_ok(NULL, talus_context_create(&options, &talking));
    return talking;
}

/* Columns 2·h_1, h_2, 7, −5 of signs h that are orthogonal: λ = 4, 1, 0, 0, and each component is a column. */
START_TEST(columns_that_do_not_vary_have_no_part)
{
    enum { ROWS = 4, COLUMNS = 4 };
    const double x[ROWS * COLUMNS] = {3, 1, 7, -5, -1, -1, 7, -5, 3, -1, 7, -5, -1, 1, 7, -5};
    const double *matrix, *variances, of_zca[] = {0.5, 1, 0, 0};
    int64_t needed;
    talus_context *talking = talking_context();
    talus_matrix view = talus_matrix_view(x, TALUS_DTYPE_F64, ROWS, COLUMNS);
    talus_layer layer = {.width = 1};
    talus_network_spec spec = {
        .inputs = COLUMNS, .layers = &layer, .layer_count = 1, .precision = TALUS_DTYPE_F64};
    talus_network *network;
    talus_dataset *data;
    expect_ok(talking, talus_dataset_from_matrices(talking, &view, NULL, &data));
    expect_ok(talking, talus_network_create(talking, &spec, &network));
    expect_ok(talking, talus_projection_components(talking, data, -1, 0, 1, &needed));
    ck_assert_int_eq(needed, 2);
    ck_assert_str_eq(logged, "note: projection_components: 2 of 4 columns do not vary and add nothing to the "
                             "covariance: 2, 3 (counted from 0)");
    expect_ok(talking, talus_network_fit_projection(network, data, -1, TALUS_PROJECTION_ZCA_WHITENING, 1, 0));
    expect_ok(talking, talus_network_projection(network, NULL, &matrix, NULL));
    expect_ok(talking, talus_network_projection_variances(network, NULL, &variances, NULL));
    ck_assert(variances[0] == 4 && variances[1] == 1 && variances[2] == 0 && variances[3] == 0);
    for (int i = 0; i < COLUMNS; i++)
        for (int j = 0; j < COLUMNS; j++)
            ck_assert_double_le(fabs(matrix[i * COLUMNS + j] - (i == j ? of_zca[i] : 0)), 8 * DBL_EPSILON);
    ck_assert_str_eq(logged, "note: fit_projection: 2 of 4 columns do not vary and add nothing to the "
                             "covariance: 2, 3 (counted from 0)");
    expect_ok(talking, talus_network_fit_projection(network, data, TALUS_SCALING_STANDARD,
                                                    TALUS_PROJECTION_PCA, 1, 0));
    ck_assert_str_eq(logged, "note: fit_projection: 2 of 4 columns do not vary and get the scale 1: 2, 3 "
                             "(counted from 0)");
    talus_network_destroy(network);
    talus_dataset_destroy(data);
    talus_context_destroy(talking);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("projection");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, two_columns_are_those_of_closed_forms);
    tcase_add_loop_test(tests, features_have_the_covariance_of_their_kind, 0, TALUS_PROJECTION_COUNT);
    tcase_add_test(tests, components_reconstruct_the_inputs);
    tcase_add_test(tests, zca_is_the_symmetric_root);
    tcase_add_test(tests, a_share_of_the_variance_is_kept);
    tcase_add_test(tests, shares_of_variances_whose_sum_is_infinite);
    tcase_add_test(tests, features_may_be_large);
    tcase_add_test(tests, columns_that_do_not_vary_have_no_part);
    return run_suite(suite);
}
