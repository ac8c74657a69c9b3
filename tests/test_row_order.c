/* Orders of samples in chunks: what they promise, and that fits go by them. */
#include "base/philox.h"
#include "fit_support.h"
#include "train/batches.h"

enum { MOST = 300 };

/* All samples are there; and where chunks divide them evenly, all samples of a chunk are in the same window. */
static void check_windows(const int64_t *rows, int64_t samples, tl_chunks chunks)
{
    bool seen[MOST] = {false};
    int64_t window_of[MOST];
    for (int64_t at = 0; at < samples; at++) {
        ck_assert(rows[at] >= 0 && rows[at] < samples && !seen[rows[at]]);
        seen[rows[at]] = true;
        window_of[rows[at]] = at / (chunks.rows * chunks.window);
    }
    for (int64_t i = 0; i < samples && samples % chunks.rows == 0; i++)
        ck_assert_int_eq(window_of[i], window_of[i - i % chunks.rows]);
}

START_TEST(windows_hold_whole_chunks)
{
    static const int64_t sizes[] = {1, 2, 7, 64, 300};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int64_t chunk = 1; chunk < 400; chunk = 2 * chunk + 1)
            for (int64_t window = 1; window < 10; window += 2) {
                int64_t rows[MOST];
                talus_dataset *dataset = numbered(sizes[s], NULL);
                tl_chunks chunks = {chunk, window};
                tl_draw_chunked_order(dataset, 5, 2, chunks, rows);
                check_windows(rows, sizes[s], chunks);
                talus_dataset_destroy(dataset);
            }
}
END_TEST

/* With one chunk or one window all samples are shuffled; with chunks of one row and windows of one chunk the chunks are. */
START_TEST(orders_differ)
{
    static const tl_chunks chunks[] = {{300, 1}, {10, 30}, {1, 1}, {10, 3}};
    talus_dataset *dataset = numbered(MOST, NULL);
    for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
        int64_t rows[4][MOST], same[3] = {0}, places = 0;
        tl_draw_chunked_order(dataset, 5, 2, chunks[c], rows[0]);
        tl_draw_chunked_order(dataset, 5, 3, chunks[c], rows[1]);
        tl_draw_chunked_order(dataset, 6, 2, chunks[c], rows[2]);
        tl_draw_chunked_order(dataset, 5, 2, chunks[c], rows[3]);
        same_bytes(rows[0], rows[3], sizeof rows[0]);
        for (int i = 0; i < MOST; i++) {
            same[0] += rows[0][i] == rows[1][i];
            same[1] += rows[0][i] == rows[2][i];
            places += rows[0][i] == i;
        }
        /* The number of fixed points is about Poisson of mean 1: more than 12 have the probability 6e-11; a chunk of ten that
         * stays where it is brings them together, so that more than 60 need six of them. */
        int64_t most = chunks[c].window == 3 ? 60 : 12;
        ck_assert(same[0] <= most && same[1] <= most && places <= most);
    }
    talus_dataset_destroy(dataset);
}
END_TEST

/* The windows of an epoch are not all shuffled in one way. */
START_TEST(windows_differ)
{
    int64_t rows[200], ways = 0;
    talus_dataset *dataset = numbered(200, NULL);
    tl_draw_chunked_order(dataset, 1, 1, (tl_chunks){20, 1}, rows);
    for (int w = 1; w < 10; w++)
        for (int i = 0; i < 20; i++)
            if (rows[20 * w + i] % 20 != rows[i] % 20) {
                ways++;
                break;
            }
    ck_assert_int_eq(ways, 9);
    talus_dataset_destroy(dataset);
}
END_TEST

/* Chunks of a list of rows are chunks of its samples. */
START_TEST(lists_are_in_chunks_of_their_samples)
{
    int64_t list[60], rows[60], wanted[60];
    for (int i = 0; i < 60; i++)
        list[i] = (i * 7 + 3) % 100;
    talus_dataset *whole = numbered(100, NULL), *part = rows_of(whole, list, 60), *plain = numbered(60, NULL);
    tl_draw_chunked_order(plain, 9, 1, (tl_chunks){8, 2}, wanted);
    tl_draw_chunked_order(part, 9, 1, (tl_chunks){8, 2}, rows);
    for (int i = 0; i < 60; i++)
        ck_assert_int_eq(rows[i], list[wanted[i]]);
    talus_dataset_destroy(part), talus_dataset_destroy(whole), talus_dataset_destroy(plain);
}
END_TEST

/* An epoch in chunks is one over the samples in their order, bit for bit. */
START_TEST(fits_go_by_the_order)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        int64_t rows[SAMPLES];
        pupil a = make_pupil(precision, TALUS_ADAM, 0.01), b = make_pupil(precision, TALUS_ADAM, 0.01);
        talus_fit_options options = fit_options(1);
        options.shuffle_chunk = 5, options.shuffle_window = 3;
        expect_ok(context, talus_trainer_fit(a.trainer, training, NULL, &options, NULL));
        tl_draw_chunked_order(training, (uint64_t)options.seed, 1, (tl_chunks){5, 3}, rows);
        talus_dataset *ordered = rows_of(training, rows, SAMPLES);
        options.shuffle = 0, options.shuffle_chunk = 0, options.shuffle_window = 16;
        expect_ok(context, talus_trainer_fit(b.trainer, ordered, NULL, &options, NULL));
        same_parameters(a.network, b.network);
        talus_dataset_destroy(ordered);
        free_pupil(&a), free_pupil(&b);
    }
}
END_TEST

START_TEST(options_that_do_not_apply)
{
    pupil p = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
    talus_fit_options options = fit_options(1);
    options.shuffle_window = 4;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: shuffle_window needs shuffle_chunk, and must be 16 without it, got 4");
    options = fit_options(1);
    options.shuffle_chunk = 4, options.shuffle = 0;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: shuffle_chunk must be 0 without shuffle, got 4");
    options = fit_options(1);
    options.shuffle_chunk = -1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    options.shuffle_chunk = 1, options.shuffle_window = 0;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: shuffle_window must be at least 1, got 0");
    free_pupil(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row_order");
    TCase *all = case_with(suite, begin_fits, end_fits);
    const TTest *const tests[] = {windows_hold_whole_chunks,
                                  orders_differ,
                                  windows_differ,
                                  lists_are_in_chunks_of_their_samples,
                                  fits_go_by_the_order,
                                  options_that_do_not_apply};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(all, tests[i]);
    return run_suite(suite);
}
