/* The losses of every table of kernels in one precision, and what they count as correct, against plain formulas in long
 * double. */
#include "losses_tmpl.h"

/* What the kernel leaves in a: outputs. */
static void expect_outputs(int loss, int64_t rows, const tile *now, int64_t j, const long double *z,
                           double width)
{
    int fused = tl_loss_kind_of(loss)->fused;
    long double expected[MOST];
    activate_column(fused < 0 ? TALUS_IDENTITY : fused, 0, rows, z, expected);
    for (int64_t i = 0; i < rows; i++) {
        long double least = (long double)LEAST_NORMAL * eps * SOFTMAX; /* some denormal numbers */
        expect_near("output", now->at[i][j], expected[i],
                    SOFTMAX * ((long double)rows + 2 * (long double)width) * eps * fabsl(expected[i]) +
                        least);
    }
}

static void check_loss(int loss, int64_t rows, int64_t cols, double width, bool uneven)
{
    const long double parameter = (long double)(real)loss_parameter_for(loss);
    const sample_weights by = weights_of(uneven);
    static tile before, now, y, delta, gap;
    long double z[MOST], targets[MOST], slope[MOST], sum = 0, size = 0;
    fill(&before, 8, width);
    fill_targets(&y, 9, loss);
    fill(&gap, 10, 1);
    now = before, delta = gap;
    double got = run(loss, rows, cols, LD, now.at[0], y.at[0], delta.at[0], &by);
    for (int64_t j = 0; j < cols; j++) {
        const long double scale = (long double)by.scales[j];
        column_of(&before, rows, j, z);
        column_of(&y, rows, j, targets);
        long double value = (long double)by.weights[j] * loss_value(loss, parameter, rows, z, targets);
        sum += value, size += fabsl(value);
        expect_outputs(loss, rows, &now, j, z, width);
        loss_slope(loss, parameter, rows, z, targets, slope);
        for (int64_t i = 0; i < rows; i++)
            expect_near(talus_loss_name(loss), delta.at[i][j], slope[i] * scale,
                        LOSS * eps * ((long double)rows + 2 * (long double)width) * scale *
                            fmaxl(rows, fabsl(slope[i])));
    }
    expect(fabsl((long double)got - sum) <= LOSS * eps * (rows + 2) * (size + 1), "%s: %.17g, not %.17Lg",
           talus_loss_name(loss), got, sum);
    expect_guards(&now, &before, rows, cols);
    expect_guards(&delta, &gap, rows, cols);
}

static void losses(int64_t rows, int64_t cols)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        for (int uneven = 0; takes(loss, rows) && uneven < 2; uneven++)
            check_loss(loss, rows, cols, 4, uneven);
}

START_TEST(losses_agree_with_their_formulas)
{
    for_all_shapes(losses);
}
END_TEST

typedef struct hand_case {
    int loss;
    double z[2], y[2], sum, delta[2];
} hand_case;

static const hand_case by_hand[] = {
    {TALUS_SQUARED_ERROR, {3, 0}, {1, 1}, 2.5, {2, -1}},
    {TALUS_BINARY_CROSS_ENTROPY, {1e4, 1e4}, {1, 0}, 1e4, {0, 1}},
    {TALUS_BINARY_CROSS_ENTROPY, {-1e4, -1e4}, {1, 0}, 1e4, {-1, 0}},
    {TALUS_BINARY_CROSS_ENTROPY, {1e4, -1e4}, {1, 0}, 0, {0, 0}},
    {TALUS_BINARY_CROSS_ENTROPY, {0, 0}, {0.5, 1}, 1.38629436111989062, {0, -0.5}},
    {TALUS_CROSS_ENTROPY, {1e4, -1e4}, {1, 0}, 0, {0, 0}},
    {TALUS_CROSS_ENTROPY, {1e4, -1e4}, {0, 1}, 2e4, {1, -1}},
    {TALUS_CROSS_ENTROPY, {1e4, -INFINITY}, {1, 0}, 0, {0, 0}},
    {TALUS_CROSS_ENTROPY, {5, 5}, {0, 1}, 0.693147180559945309, {0.5, -0.5}},
    {TALUS_CROSS_ENTROPY, {5, 5}, {1, 3}, 2.77258872223978124, {1, -1}},
    {TALUS_CROSS_ENTROPY, {5, -7}, {0, 0}, 0, {0, 0}},
    {TALUS_CROSS_ENTROPY, {0, 1.0986122886681098}, {0, 1}, 0.287682072451780927, {0.25, -0.25}},
    {TALUS_ABSOLUTE_ERROR, {3, 1}, {1, 4}, 5, {1, -1}},
    {TALUS_ABSOLUTE_ERROR, {2, 1}, {2, 1}, 0, {0, 0}},                      /* the kink */
    {TALUS_HUBER, {2.5, 1}, {2, 3}, 0.125 + 1.3 * (2 - 0.65), {0.5, -1.3}}, /* δ = 1.3 */
    {TALUS_HUBER, {1e4, 5}, {0, 5}, 1.3 * (1e4 - 0.65), {1.3, 0}},
    {TALUS_QUANTILE, {3, 1}, {1, 4}, 0.35 * 2 + 0.65 * 3, {0.35, -0.65}}, /* τ = 0.65 */
    {TALUS_QUANTILE, {3, 4}, {3, 4}, 0, {0, 0}},
    {TALUS_LOG_COSH, {1e4, 2}, {0, 2}, 9999.30685281944005, {1, 0}}, /* |e| − log 2 */
    {TALUS_LOG_COSH,
     {0, 0},
     {1e4, 0.6931471805599453},
     9999.30685281944005 + 0.223143551314209755,
     {-1, -0.6}}, /* cosh(log 2) = 5/4, tanh(log 2) = 3/5 */
    {TALUS_LOG_COSH,
     {1e-4, 0},
     {0, 0},
     4.99999999166666667e-9,
     {9.99999996666666680e-5, 0}},                       /* ½e² − e⁴/12 */
    {TALUS_GAUSSIAN_NLL, {3, 0}, {1, 99}, 2, {2, -1.5}}, /* ½(0 + 4), ½(1 − 4) */
    {TALUS_GAUSSIAN_NLL, {1, 0.6931471805599453}, {3, 99}, 0.34657359027997264 + 1, {-1, -0.5}}, /* σ² = 2 */
    {TALUS_GAUSSIAN_NLL, {1, -50}, {1, 99}, -25, {0, 0.5}},
    {TALUS_HINGE, {0.25, 1}, {1, 0}, 1.75, {-1, 1}},
    {TALUS_HINGE, {2, 1}, {1, 0}, 0, {0, 0}}, /* the kink */
    {TALUS_HINGE, {1e4, -1e4}, {0, 1}, 20001, {1, -1}},
    {TALUS_KULLBACK_LEIBLER, {5, 5}, {0, 1}, 0.693147180559945309, {0.5, -0.5}},
    {TALUS_KULLBACK_LEIBLER, {1e4, -1e4}, {1, 0}, 0, {0, 0}},
    {TALUS_KULLBACK_LEIBLER,
     {7, 7},
     {1, 3},
     3.29583686600432907 + 2.77258872223978124,
     {1, -1}}, /* 3·log 3 */
    {TALUS_FOCAL, {1e4, -1e4}, {1, 0}, 0, {0, 0}},
    {TALUS_FOCAL, {1e4, -1e4}, {0, 1}, 2e4, {1, -1}},
    {TALUS_FOCAL, {1e4, -INFINITY}, {1, 0}, 0, {0, 0}},
    /* a = ½, γ = 2.6: 2^−2.6·log 2; g = −2^−2.6·(1 + 2.6·log 2), and half of it moves each z */
    {TALUS_FOCAL,
     {5, 5},
     {0, 1},
     0.164938488846611774 * 0.693147180559945309,
     {0.0824692444233058872 * 2.80218266945585780, -0.0824692444233058872 * 2.80218266945585780}},
    {TALUS_POISSON, {0, 1.0986122886681098}, {0, 2}, 1 + 3 - 2 * 1.0986122886681098, {1, 1}},
    {TALUS_POISSON, {-1e4, 0.6931471805599453}, {1, 2}, 1e4 + 2 - 2 * 0.6931471805599453, {-1, 0}},
};

/* With the weight 1 of 1, and with the weight 3 of 4. */
static void check_by_hand(const hand_case *c, double weight, double scale)
{
    real a[2] = {(real)c->z[0], (real)c->z[1]}, y[2] = {(real)c->y[0], (real)c->y[1]}, delta[2];
    sample_weights by = {.weights = {weight}, .scales = {(real)scale}};
    double sum = run(c->loss, 2, 1, 1, a, y, delta, &by);
    expect_near("loss", (real)sum, weight * c->sum, LOSS * eps * weight * fabs(c->sum));
    for (int i = 0; i < 2; i++)
        expect_near("delta", delta[i], scale * c->delta[i], LOSS * eps * fabs(scale * c->delta[i]));
}

static void hand_cases(void)
{
    for (size_t n = 0; n < sizeof by_hand / sizeof by_hand[0]; n++) {
        check_by_hand(&by_hand[n], 1, 1);
        check_by_hand(&by_hand[n], 3, 0.75);
    }
}

START_TEST(losses_worked_by_hand)
{
    for_all_tables(hand_cases);
}
END_TEST

static void nan_losses(void)
{
    const sample_weights by = weights_of(false);
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
        real a[4] = {1, (real)NAN, 1, 1}, y[4] = {0, 0, 1, 1}, delta[4];
        ck_assert_double_nan(run(loss, 2, 2, 2, a, y, delta, &by));
    }
}

START_TEST(nan_gives_a_loss_of_nan)
{
    for_all_tables(nan_losses);
}
END_TEST

/* Sample j as often as its weight says, in columns of their own with the weight 1. */
static int64_t repeat_samples(const tile *from, const sample_weights *by, int64_t cols, tile *to)
{
    int64_t end = 0;
    for (int64_t j = 0; j < cols; j++)
        for (int copies = 0; copies < (int)by->weights[j]; copies++, end++)
            for (int i = 0; i < MOST; i++)
                to->at[i][end] = from->at[i][j];
    return end;
}

static void check_repeated(int loss, int64_t rows, int64_t cols)
{
    static tile a, y, delta, repeated_a, repeated_y, repeated_delta;
    sample_weights by = weights_of(false), one = by;
    for (int j = 0; j < MOST; j++)
        by.weights[j] = j % 3, by.scales[j] = (real)(j % 3) * one.scales[j];
    fill(&a, 11, 2);
    fill_targets(&y, 12, loss);
    int64_t count = repeat_samples(&a, &by, cols, &repeated_a);
    repeat_samples(&y, &by, cols, &repeated_y);
    double sum = run(loss, rows, cols, LD, a.at[0], y.at[0], delta.at[0], &by);
    double repeated = run(loss, rows, count, LD, repeated_a.at[0], repeated_y.at[0], repeated_delta.at[0],
                          &one);
    ck_assert_double_le(fabs(sum - repeated), DBL_EPSILON * (double)(count + 1) * fabs(repeated));
    if (kernels->losses[loss].decide != NULL)
        ck_assert_double_eq(decide(loss, rows, cols, LD, a.at[0], y.at[0], &by).correct,
                            decide(loss, rows, count, LD, repeated_a.at[0], repeated_y.at[0], &one).correct);
    for (int64_t j = 0, at = 0; j < cols; at += (int64_t)by.weights[j++])
        for (int64_t i = 0; i < rows; i++) {
            real expected = by.weights[j] == 0 ? 0 : (real)by.weights[j] * repeated_delta.at[i][at];
            expect(delta.at[i][j] == expected, "%s: delta of sample %d", talus_loss_name(loss), (int)j);
        }
}

static void repetitions(int64_t rows, int64_t cols)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        if (takes(loss, rows))
            check_repeated(loss, rows, cols);
}

START_TEST(a_weight_is_a_number_of_equal_samples)
{
    for_all_shapes(repetitions);
}
END_TEST

/* Correct decisions -------------------------------------------------------------------------------------- */

static int64_t largest_row(const tile *t, int64_t rows, int64_t j)
{
    int64_t at = 0;
    for (int64_t i = 1; i < rows; i++)
        if (t->at[i][j] > t->at[at][j])
            at = i;
    return at;
}

/* The correct decisions of sample j. */
static int64_t count_correct(int labels, const tile *a, const tile *y, int64_t rows, int64_t j)
{
    int64_t count = 0;
    if (labels == TL_LABELS_CLASSES)
        return largest_row(a, rows, j) == largest_row(y, rows, j);
    for (int64_t i = 0; i < rows; i++)
        count += (a->at[i][j] > R(0.5)) == (y->at[i][j] > R(0.5));
    return count;
}

static void check_decisions(int loss, int64_t rows, int64_t cols, bool uneven)
{
    const int labels = tl_loss_kind_of(loss)->labels;
    const sample_weights by = weights_of(uneven);
    static tile a, y;
    double expected = 0, made = 0;
    ck_assert_int_eq(labels == TL_LABELS_NONE, kernels->losses[loss].decide == NULL);
    if (labels == TL_LABELS_NONE)
        return;
    fill_between(&a, 11, 0, 1);
    fill_between(&y, 12, 0, 1);
    for (int64_t j = 0; j < cols; j++) {
        if (j % 2 == 0)
            y.at[largest_row(&a, rows, j)][j] = 2; /* correct */
        expected += by.weights[j] * (double)count_correct(labels, &a, &y, rows, j);
        made += by.weights[j] * (labels == TL_LABELS_CLASSES ? 1 : (double)rows);
    }
    tl_decisions found = decide(loss, rows, cols, LD, a.at[0], y.at[0], &by);
    ck_assert_double_eq(found.correct, expected);
    ck_assert_double_eq(found.made, made);
}

static void decisions(int64_t rows, int64_t cols)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        for (int uneven = 0; uneven < 2; uneven++)
            check_decisions(loss, rows, cols, uneven);
}

START_TEST(decisions_agree_with_a_plain_count)
{
    for_all_shapes(decisions);
}
END_TEST

/* Of equal elements the first counts; ½ is not above ½. */
static void ties(void)
{
    const sample_weights by = weights_of(false);
    real a[2][4] = {{R(0.5), R(0.5), R(0.2), R(0.9)}, {R(0.5), R(0.5), R(0.8), R(0.9)}};
    const real y[2][4] = {{1, 1, 0, R(0.5)}, {0, 0, 1, R(0.5)}};
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        if (kernels->losses[loss].decide != NULL)
            ck_assert_double_eq(decide(loss, 2, 4, 4, a[0], y[0], &by).correct, 4);
}

START_TEST(ties_are_decided)
{
    for_all_tables(ties);
}
END_TEST

void TL(add_losses)(Suite *suite)
{
    add_case(suite, "losses f" TEXT(TL_PRECISION), losses_agree_with_their_formulas, losses_worked_by_hand,
             nan_gives_a_loss_of_nan, a_weight_is_a_number_of_equal_samples,
             decisions_agree_with_a_plain_count, ties_are_decided);
}
