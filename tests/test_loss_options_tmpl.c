/* Losses whose outputs have weights, and whose targets may be missing, of every table of kernels in one precision. */
#include "losses_tmpl.h"

/* Weights of outputs ------------------------------------------------------------------------------------- */

/* Number k of the outputs that weights belong to: of a loss that takes several outputs for each target, the first. */
static int64_t weighted_outputs(int loss, int64_t rows)
{
    return rows / tl_loss_kind_of(loss)->outputs;
}

static double run_weighted(int loss, int64_t rows, int64_t cols, const tile *a, const tile *y,
                           const real *weights, tile *delta, const sample_weights *by)
{
    static tile outputs;
    outputs = *a;
    return kernels->losses[loss].run(&(TL(tl_loss_args)){.rows = rows,
                                                         .cols = cols,
                                                         .ld = LD,
                                                         .a = outputs.at[0],
                                                         .y = y->at[0],
                                                         .delta = delta->at[0],
                                                         .weights = by->weights,
                                                         .scales = by->scales,
                                                         .parameter = (real)loss_parameter_for(loss),
                                                         .output_weights = weights});
}

/* The weights 1 give the plain loss, and with the weight 1 of one output and 0 of the others it is the loss of that one. */
static void check_output_weights(int loss, int64_t rows, int64_t cols)
{
    static tile a, y, delta, plain, all;
    const sample_weights by = weights_of(true);
    real weights[MOST], ones[MOST], alone[MOST] = {0};
    double expected = 0, size = 1;
    static double slopes[MOST][MOST];
    memset(slopes, 0, sizeof slopes);
    fill(&a, 13, 2);
    fill_targets(&y, 14, loss);
    for (int64_t k = 0; k < weighted_outputs(loss, rows); k++) {
        ones[k] = 1, weights[k] = (real)(k % 4) / 2, alone[k] = 1;
        double part = run_weighted(loss, rows, cols, &a, &y, alone, &delta, &by);
        expected += (double)weights[k] * part, size += fabs(part);
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < cols; j++)
                slopes[i][j] += (double)(weights[k] * delta.at[i][j]);
        alone[k] = 0;
    }
    double one = run_weighted(loss, rows, cols, &a, &y, NULL, &plain, &by);
    ck_assert_double_eq_tol(run_weighted(loss, rows, cols, &a, &y, ones, &all, &by), one,
                            LOSS * (double)eps * (double)rows * size);
    ck_assert_double_eq_tol(run_weighted(loss, rows, cols, &a, &y, weights, &delta, &by), expected,
                            LOSS * (double)eps * (double)rows * size);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            long double most = LOSS * eps * rows *
                               fmaxl((long double)by.scales[j], fabsl((long double)plain.at[i][j]));
            expect_near("weights of 1", all.at[i][j], (long double)plain.at[i][j], most);
            expect_near("weighted slope", delta.at[i][j], (long double)slopes[i][j], most * rows);
        }
}

static void output_weights(void)
{
    static const int64_t sizes[][2] = {{1, 3}, {2, 1}, {6, 17}, {31, 5}, {64, 128}};
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            if (takes(loss, sizes[s][0]))
                check_output_weights(loss, sizes[s][0], sizes[s][1]);
}

START_TEST(weights_of_outputs_weigh_their_losses)
{
    for_all_tables(output_weights);
}
END_TEST

/* The loss that the weight of output 1 of three meets, for losses that are a sum over outputs and those of classes. */
static long double loss_of_one(int loss, const long double *z, const long double *y)
{
    const long double parameter = (long double)(real)loss_parameter_for(loss), at_one[] = {0, y[1], 0};
    if (loss_references[loss].one != NULL)
        return loss_references[loss].one(z[1], y[1], parameter);
    if (tl_loss_kind_of(loss)->fused >= 0)
        return loss_value(loss, parameter, 3, z, at_one);
    if (loss == TALUS_HINGE) /* the class is 2 */
        return fmaxl(0, 1 + z[1] - z[2]);
    ck_assert_int_eq(loss, TALUS_GAUSSIAN_NLL); /* of two targets, the second */
    return (z[3] + (z[1] - y[1]) * (z[1] - y[1]) / expl(z[3])) / 2;
}

static void single_weights(void)
{
    static tile a, y, delta;
    const sample_weights by = weights_of(false);
    const long double z[] = {0.5L, 1.25L, -0.75L, 0.25L}, t[] = {0.25L, 0.5L, 1, 0};
    const real second[] = {0, 1, 0, 0};
    for (int i = 0; i < 4; i++)
        a.at[i][0] = (real)z[i], y.at[i][0] = (real)t[i];
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
        int64_t rows = takes(loss, 3) ? 3 : 4;
        long double expected = loss_of_one(loss, z, t);
        double got = run_weighted(loss, rows, 1, &a, &y, second, &delta, &by);
        expect(fabsl((long double)got - expected) <= LOSS * eps * 4, "%s: %.17g, not %.17Lg",
               talus_loss_name(loss), got, expected);
    }
}

START_TEST(a_weight_belongs_to_its_output)
{
    for_all_tables(single_weights);
}
END_TEST

/* Missing targets ---------------------------------------------------------------------------------------- */

static bool is_gone(const tile *y, int64_t i, int64_t j)
{
    return isnan(y->at[i][j]);
}

/* Whether the target of output i of sample j is missing, or for losses of whole samples any of the sample. */
static bool counts_nothing(int loss, const tile *y, int64_t rows, int64_t i, int64_t j)
{
    int64_t targets = weighted_outputs(loss, rows);
    if (tl_loss_kind_of(loss)->labels != TL_LABELS_CLASSES)
        return is_gone(y, i % targets, j);
    for (int64_t k = 0; k < rows; k++)
        if (is_gone(y, k, j))
            return true;
    return false;
}

/* The loss of sample j from what is there: other samples have the weight 0, missing outputs too. */
static double loss_of_rest(int loss, int64_t rows, int64_t cols, const tile *a, const tile *y,
                           const tile *whole, int64_t j)
{
    static tile unused;
    sample_weights by = {.weights = {0}};
    real weights[MOST];
    by.weights[j] = weights_of(true).weights[j];
    for (int64_t k = 0; k < weighted_outputs(loss, rows); k++)
        weights[k] = counts_nothing(loss, y, rows, k, j) ? 0 : 1;
    return run_weighted(loss, rows, cols, a, whole, weights, &unused, &by);
}

static void check_missing(int loss, int64_t rows, int64_t cols)
{
    static tile a, y, whole, outputs, delta, plain;
    const sample_weights by = weights_of(true);
    double expected = 0, size = 1;
    fill(&a, 15, 2);
    fill_targets(&y, 16, loss);
    whole = y;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            if ((i * 5 + j * 3) % 7 == 0 && j % 3 != 1)
                y.at[i][j] = (real)NAN;
    outputs = a;
    run(loss, rows, cols, LD, outputs.at[0], whole.at[0], plain.at[0], &by);
    outputs = a;
    TL(tl_loss_args)
    args = {.rows = rows,
            .cols = cols,
            .ld = LD,
            .a = outputs.at[0],
            .y = y.at[0],
            .delta = delta.at[0],
            .weights = by.weights,
            .scales = by.scales,
            .parameter = (real)loss_parameter_for(loss),
            .missing = true};
    double got = kernels->losses[loss].run(&args);
    for (int64_t j = 0; j < cols; j++) {
        double part = loss_of_rest(loss, rows, cols, &a, &y, &whole, j);
        expected += part, size += fabs(part);
        for (int64_t i = 0; i < rows; i++) {
            real slope = counts_nothing(loss, &y, rows, i, j) ? 0 : plain.at[i][j];
            expect_near(talus_loss_name(loss), delta.at[i][j], (long double)slope,
                        LOSS * eps * fabsl((long double)slope));
        }
    }
    expect(fabs(got - expected) <= (double)(LOSS * eps) * (double)rows * size, "%s: %.17g, not %.17g",
           talus_loss_name(loss), got, expected);
}

static void missing_targets(void)
{
    static const int64_t sizes[][2] = {{1, 3}, {2, 5}, {6, 17}, {31, 4}, {64, 128}};
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            if (takes(loss, sizes[s][0]))
                check_missing(loss, sizes[s][0], sizes[s][1]);
}

START_TEST(missing_targets_count_nothing)
{
    for_all_tables(missing_targets);
}
END_TEST

/* What has no target decides nothing: of two outputs and three samples, in which (0, 0) is missing. */
static void missing_decisions(void)
{
    const sample_weights by = weights_of(false);
    real a[2][3] = {{1, 1, 0}, {0, 0, 1}};
    const real y[2][3] = {{(real)NAN, 1, 1}, {0, 0, 0}};
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
        const int labels = tl_loss_kind_of(loss)->labels;
        if (labels == TL_LABELS_NONE)
            continue;
        tl_decisions found = decide(loss, 2, 3, 3, a[0], y[0], &by);
        ck_assert_double_eq(found.made, labels == TL_LABELS_CLASSES ? 2 : 5);
        ck_assert_double_eq(found.correct, labels == TL_LABELS_CLASSES ? 1 : 3);
    }
}

START_TEST(missing_targets_decide_nothing)
{
    for_all_tables(missing_decisions);
}
END_TEST

void TL(add_loss_options)(Suite *suite)
{
    add_case(suite, "options of losses f" TEXT(TL_PRECISION), weights_of_outputs_weigh_their_losses,
             a_weight_belongs_to_its_output, missing_targets_count_nothing, missing_targets_decide_nothing);
}
