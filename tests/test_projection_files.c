/* Projections in files. */
#include <float.h>
#include <stdio.h>
#include <talus/interchange.h>

#include "projection_support.h"

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
    Suite *suite = suite_create("files of projections");
    TCase *tests = case_with(suite, begin, end);
    tcase_add_loop_test(tests, files_keep_the_projection, 0, 4);
    tcase_add_test(tests, means_must_fit_into_the_precision_of_exports);
    tcase_add_test(tests, every_allocation_may_fail);
    return run_suite(suite);
}
