/* The noise of gradients over the batches of a data set. */
#include "fixture.h"
#include "train/batches.h"

enum { N = 120, INPUTS = 2, PARAMETERS = INPUTS + 1 };

static double *x, *y;
static talus_network *network;
static talus_workspace *workspace;
static talus_dataset *data;

/* One linear unit of f64 on random numbers. */
static void setup(void)
{
    begin_counted();
    x = random_array(1, N * INPUTS);
    y = random_array(2, N);
    for (int i = 0; i < N; i++)
        y[i] += 2;
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F64, N, 1);
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(INPUTS, &layer, 1, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    expect_ok(context, talus_network_create(context, &spec, &network));
    workspace = workspace_of(network, N);
    data = dataset_of(&inputs, &targets);
}

static void teardown(void)
{
    talus_dataset_destroy(data);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    free(x), free(y);
    end_counted();
}

static double *parameters(void)
{
    talus_matrix theta;
    expect_ok(context, talus_network_parameters(network, &theta));
    return theta.data;
}

/* ‖ḡ‖² of samples in rows, each of which has g = (a − y)·(x, 1). */
static double square_of(const int64_t *rows, int64_t count)
{
    const double *w = parameters();
    double sums[PARAMETERS] = {0}, square = 0;
    for (int64_t i = 0; i < count; i++) {
        const double *input = x + rows[i] * INPUTS;
        const double error = w[0] * input[0] + w[1] * input[1] + w[2] - y[rows[i]];
        for (int k = 0; k < PARAMETERS; k++)
            sums[k] += error * (k < INPUTS ? input[k] : 1) / (double)count;
    }
    for (int k = 0; k < PARAMETERS; k++)
        square += sums[k] * sums[k];
    return square;
}

/* Appendix A.1 of McCandlish et al. as it stands, and the spread of t − R·s, batch by batch. */
static talus_noise_scale by_hand(const int64_t *rows, int64_t batch, int64_t small, int64_t batches)
{
    double s[N], t[N], spread = 0;
    talus_noise_scale found = {.batches = batches};
    for (int64_t k = 0; k < batches; k++) {
        double big = square_of(rows + k * batch, batch), parts = 0;
        for (int64_t first = 0; first < batch; first += small)
            parts += square_of(rows + k * batch + first, small) * (double)small / (double)batch;
        s[k] = ((double)batch * big - (double)small * parts) / (double)(batch - small);
        t[k] = (parts - big) / (1 / (double)small - 1 / (double)batch);
        found.signal += s[k] / (double)batches;
        found.noise += t[k] / (double)batches;
    }
    found.scale = found.noise / found.signal;
    for (int64_t k = 0; k < batches; k++)
        spread += pow(t[k] - found.scale * s[k], 2);
    found.error = sqrt(spread / (double)(batches * (batches - 1))) / found.signal;
    return found;
}

/* The data set's matrices begin at row `first`. */
static void compare(const talus_dataset *samples, int64_t first, int64_t batch, int64_t small,
                    int64_t batches, int64_t seed)
{
    const int64_t count = talus_dataset_samples(samples), taken = batches == 0 ? count / batch : batches;
    int64_t rows[N];
    talus_noise_scale noise;
    tl_draw_order(samples, (uint64_t)seed, 0, rows);
    for (int64_t i = 0; i < count; i++)
        rows[i] += first;
    expect_ok(context,
              talus_noise_scale_over(network, workspace, samples, batch, small, batches, seed, &noise));
    talus_noise_scale expected = by_hand(rows, batch, small, taken);
    ck_assert_int_eq(noise.batches, taken);
    ck_assert_double_eq_tol(noise.signal, expected.signal, 1e-13 * expected.noise);
    ck_assert_double_eq_tol(noise.noise, expected.noise, 1e-13 * expected.noise);
    ck_assert_double_eq_tol(noise.scale, expected.scale, 1e-12 * expected.scale);
    ck_assert_double_eq_tol(noise.error, expected.error, 1e-12 * expected.scale);
}

START_TEST(batches_are_averaged_as_by_hand)
{
    talus_dataset *part = slice_of(data, 7, 100), *drawn = NULL;
    expect_ok(context, talus_dataset_shuffle(data, 5, &drawn));
    compare(data, 0, 12, 1, 0, 0);
    compare(data, 0, 12, 3, 4, 1);
    compare(data, 0, 40, 20, 0, -1);
    compare(part, 7, 8, 2, 0, 2); /* with a rest */
    compare(drawn, 0, 30, 5, 3, 3);
    talus_dataset_destroy(drawn);
    talus_dataset_destroy(part);
}
END_TEST

/* One batch of all is the one of talus_noise_scale_of, in another order. */
START_TEST(one_batch_is_the_single_form)
{
    talus_noise_scale single, over;
    talus_batch batch = talus_batch_of(talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                                       talus_matrix_view(y, TALUS_DTYPE_F64, N, 1));
    expect_ok(context, talus_noise_scale_of(network, workspace, &batch, 1, &single));
    expect_ok(context, talus_noise_scale_over(network, workspace, data, N, 1, 0, 0, &over));
    ck_assert_double_eq_tol(over.signal, single.signal, 1e-13 * single.noise);
    ck_assert_double_eq_tol(over.noise, single.noise, 1e-13 * single.noise);
    ck_assert(isnan(single.error) && isnan(over.error));
    ck_assert(single.batches == 1 && over.batches == 1);
}
END_TEST

/* With y = ±1 and no inputs, two samples have g = ∓1, and the signal of a batch of both is their product. */
START_TEST(gradients_that_cancel_have_an_infinite_scale)
{
    int seen[2] = {0};
    talus_dataset *four = slice_of(data, 0, 4);
    memset(x, 0, sizeof(double) * N * INPUTS);
    memset(parameters(), 0, sizeof(double) * PARAMETERS);
    for (int i = 0; i < 4; i++)
        y[i] = i % 2 == 0 ? 1 : -1;
    for (int64_t seed = 0; seed < 16; seed++) {
        talus_noise_scale noise;
        expect_ok(context, talus_noise_scale_over(network, workspace, four, 2, 1, 0, seed, &noise));
        bool cancels = noise.signal < 0;
        seen[cancels]++;
        ck_assert_double_eq(noise.signal, cancels ? -1 : 1);
        ck_assert_double_eq(noise.noise, cancels ? 2 : 0);
        ck_assert(cancels ? isinf(noise.scale) && isinf(noise.error) : noise.scale == 0 && noise.error == 0);
    }
    ck_assert(seen[0] > 0 && seen[1] > 0);
    talus_dataset_destroy(four);
}
END_TEST

/* Without inputs g = −y, so with y = 1 + 3·u for u uniform on (−1, 1) ‖G‖² = 1, tr Σ = 9/3 and B_simple = 3. The estimates
 * scatter about that, as their standard error says: of z = (B − 3)/error the mean square is near 1. */
START_TEST(estimates_are_as_near_as_they_say)
{
    enum { DRAWS = 200, SAMPLES = 40 * 32 };
    const double bias =
        3 * 0.4 / 40; /* of a ratio of means over 40 batches, whose signal has the variance 4·3/32 and more */
    double *inputs = calloc(SAMPLES * INPUTS, sizeof *inputs), mean = 0, squares = 0, scores = 0;
    memset(parameters(), 0, sizeof(double) * PARAMETERS);
    for (int draw = 0; draw < DRAWS; draw++) {
        double *targets = random_array(1000 + (uint64_t)draw, SAMPLES);
        for (int i = 0; i < SAMPLES; i++)
            targets[i] = 1 + 3 * targets[i];
        talus_matrix in = talus_matrix_view(inputs, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                     out = talus_matrix_view(targets, TALUS_DTYPE_F64, SAMPLES, 1);
        talus_dataset *samples = dataset_of(&in, &out);
        talus_noise_scale noise;
        expect_ok(context, talus_noise_scale_over(network, workspace, samples, 32, 4, 0, draw, &noise));
        mean += noise.scale / DRAWS;
        squares += pow(noise.scale - 3, 2) / DRAWS;
        scores += pow((noise.scale - 3) / noise.error, 2) / DRAWS;
        talus_dataset_destroy(samples);
        free(targets);
    }
    ck_assert_double_eq_tol(mean, 3, 3 * sqrt(squares / DRAWS) + bias);
    ck_assert_double_lt(sqrt(squares), 0.5);
    ck_assert_double_eq_tol(scores, 1, 4 * sqrt(2.0 / DRAWS)); /* χ² of so many */
    free(inputs);
}
END_TEST

START_TEST(calls_are_refused_in_sentences)
{
    talus_noise_scale noise = {.scale = 42};
    const talus_status refused = TALUS_ERROR_ARGUMENT;
    ck_assert_int_eq(talus_noise_scale_over(network, NULL, data, 12, 1, 0, 0, &noise), refused);
    expect_status(context, refused, talus_noise_scale_over(NULL, workspace, data, 12, 1, 0, 0, &noise));
    expect_status(context, refused, talus_noise_scale_over(network, workspace, NULL, 12, 1, 0, 0, &noise));
    expect_message(context, "dataset must not be NULL");
    expect_status(context, refused, talus_noise_scale_over(network, workspace, data, 12, 1, 0, 0, NULL));
    expect_message(context, "noise_scale: noise must not be NULL");
    expect_status(context, refused,
                  talus_noise_scale_over_sized(network, workspace, data, 12, 1, 0, 0, &noise, 8));
    expect_status(context, refused, talus_noise_scale_over(network, workspace, data, 0, 1, 0, 0, &noise));
    expect_message(context, "batch must be 1 … 120, as the workspace and the data set allow, got 0");
    expect_status(context, refused, talus_noise_scale_over(network, workspace, data, N + 1, 1, 0, 0, &noise));
    expect_status(context, refused, talus_noise_scale_over(network, workspace, data, 50, 1, 3, 0, &noise));
    expect_message(context, "batches must be 0 … 2, as many as the data set has of 50 samples, got 3");
    expect_status(context, refused, talus_noise_scale_over(network, workspace, data, 50, 1, -1, 0, &noise));
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_noise_scale_over(network, workspace, data, 12, 5, 0, 0, &noise));
    expect_message(context, "small must divide the 12 samples of the batch into 2 parts or more, got 5");
    for (int n = 1; n <= 2; n++) {
        int64_t alive = book.alive;
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY,
                      talus_noise_scale_over(network, workspace, data, 12, 1, 0, 0, &noise));
        ck_assert_int_eq(book.alive, alive);
    }
    book.fail_at = 0;
    y[100] = NAN;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_noise_scale_over(network, workspace, data, 12, 1, 0, 0, &noise));
    y[100] = 0;
    talus_matrix weights = talus_matrix_view(y, TALUS_DTYPE_F64, N, 1);
    expect_ok(context, talus_dataset_set_weights(data, &weights));
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_noise_scale_over(network, workspace, data, 12, 1, 0, 0, &noise));
    expect_message(context, "the samples must have no weights");
    ck_assert_double_eq(noise.scale, 42);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("noise_over");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, batches_are_averaged_as_by_hand);
    tcase_add_test(tests, one_batch_is_the_single_form);
    tcase_add_test(tests, gradients_that_cancel_have_an_infinite_scale);
    tcase_add_test(tests, estimates_are_as_near_as_they_say);
    tcase_add_test(tests, calls_are_refused_in_sentences);
    return run_suite(suite);
}
