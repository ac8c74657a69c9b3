/* Projections that are given, and what cannot be projected. */
#include "projection_support.h"

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

int main(void)
{
    Suite *suite = suite_create("refusals of projections");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, projections_that_are_given);
    tcase_add_test(tests, raw_widths_are_checked);
    tcase_add_test(tests, fits_that_cannot_be);
    return run_suite(suite);
}
