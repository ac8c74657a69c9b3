/* How numbers are cut into pieces: each the bf16 nearest to what is left, in tiles of the documented layout. */
#include "pieces_support.h"

enum { SIDE = TL_PIECE_SIDE, INNER = TL_PIECE_INNER, TILE = TL_PIECE_TILE };

/* The pieces of one number, which stands first in a left tile. */
static void cut_one(const tl_piece_kernels *kernels, int pieces, float x, uint16_t piece[TL_MOST_PIECES])
{
    _Alignas(64) uint16_t tiles[TL_MOST_PIECES * TILE];
    kernels->split_left(pieces, 1, 1, &x, 1, 1, tiles, 0);
    for (int s = 0; s < pieces; s++)
        piece[s] = tiles[s * TILE];
}

/* What they must be, by bf16_nearest. */
static void expect_pieces(int pieces, float x, const uint16_t piece[TL_MOST_PIECES])
{
    uint16_t first = bf16_nearest(x);
    if (pieces > 1 && isinf(bf16_number(first)))
        first = (uint16_t)(bits_of_float(x) >> 16);
    float rest = x;
    for (int s = 0; s < pieces; s++) {
        uint16_t expected = s == 0 ? first : bf16_nearest(rest);
        if (piece[s] != expected)
            ck_abort_msg("piece %d of %d of %a is %04x, not %04x", s + 1, pieces, (double)x,
                         (unsigned)piece[s], (unsigned)expected);
        rest -= bf16_number(piece[s]);
    }
}

/* Patterns of bits over the whole range: all exponents, fractions near ties and at random. */
static void walk(const tl_piece_kernels *kernels, void (*check)(const tl_piece_kernels *kernels, float x))
{
    static const uint32_t fractions[] = {0,       1,       0x7fff,   0x8000,   0x8001,   0x17fff,
                                         0x18000, 0x18001, 0x7f7fff, 0x7f8000, 0x7f8001, 0x7fffff,
                                         0x4080,  0x40c0,  0x00ff80, 0x2aaaaa, 0x555555, 0x123456};
    number_stream numbers = numbers_from(7);
    for (uint32_t exponent = 0; exponent < 255; exponent++)
        for (size_t i = 0; i < 2 * sizeof fractions / sizeof fractions[0]; i++) {
            uint32_t sign = (uint32_t)(i % 2) << 31;
            check(kernels, float_of_bits(sign | exponent << 23 | fractions[i / 2]));
            uint32_t random = (uint32_t)(fabs(next_number(&numbers)) * 0x800000) & 0x7fffff;
            check(kernels, float_of_bits(sign | exponent << 23 | random));
        }
}

static void check_nearest(const tl_piece_kernels *kernels, float x)
{
    uint16_t piece[TL_MOST_PIECES];
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++) {
        cut_one(kernels, pieces, x, piece);
        expect_pieces(pieces, x, piece);
    }
}

static void check_all_nearest(const tl_piece_kernels *kernels)
{
    walk(kernels, check_nearest);
}

START_TEST(each_piece_is_nearest_to_what_is_left)
{
    for_all_piece_tables(check_all_nearest);
}
END_TEST

/* Below 2^−110 the last digits of x lie below those of the smallest bf16, 2^−133. */
static void check_exact(const tl_piece_kernels *kernels, float x)
{
    uint16_t piece[TL_MOST_PIECES];
    cut_one(kernels, 3, x, piece);
    double sum = (double)bf16_number(piece[0]) + (double)bf16_number(piece[1]) +
                 (double)bf16_number(piece[2]);
    double limit = fabsf(x) >= 0x1p-110F ? 0 : 0x1p-134;
    if (fabs(sum - (double)x) > limit)
        ck_abort_msg("the pieces of %a are %a together", (double)x, sum);
}

static void check_all_exact(const tl_piece_kernels *kernels)
{
    walk(kernels, check_exact);
}

START_TEST(three_pieces_are_the_number)
{
    for_all_piece_tables(check_all_exact);
}
END_TEST

static void check_infinite(const tl_piece_kernels *kernels)
{
    uint16_t piece[TL_MOST_PIECES];
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            cut_one(kernels, pieces, (float)sign * INFINITY, piece);
            ck_assert_int_eq(piece[0], sign > 0 ? 0x7f80 : 0xff80);
            for (int s = 1; s < pieces; s++)
                ck_assert_float_eq(bf16_number(piece[s]), 0);
        }
        /* A signalling NaN, whose only digit is the last one; one with all digits */
        static const uint32_t nans[] = {0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fc00000};
        for (size_t i = 0; i < sizeof nans / sizeof nans[0]; i++) {
            cut_one(kernels, pieces, float_of_bits(nans[i]), piece);
            ck_assert_int_eq(piece[0] & 0x7fc0, 0x7fc0);
            for (int s = 1; s < pieces; s++)
                ck_assert_float_eq(bf16_number(piece[s]), 0);
        }
    }
}

START_TEST(what_is_not_finite_stays_so)
{
    for_all_piece_tables(check_infinite);
}
END_TEST

/* One piece is rounded as IEEE 754 says; of several the first stays finite, and together they are FLT_MAX. */
static void check_largest(const tl_piece_kernels *kernels)
{
    uint16_t piece[TL_MOST_PIECES];
    cut_one(kernels, 1, FLT_MAX, piece);
    ck_assert_int_eq(piece[0], 0x7f80);
    cut_one(kernels, 1, -FLT_MAX, piece);
    ck_assert_int_eq(piece[0], 0xff80);
    cut_one(kernels, 3, FLT_MAX, piece);
    ck_assert_int_eq(piece[0], 0x7f7f);
    check_exact(kernels, FLT_MAX);
    check_exact(kernels, -FLT_MAX);
}

START_TEST(the_largest_number_stays_finite_in_several_pieces)
{
    for_all_piece_tables(check_largest);
}
END_TEST

/* Numbers that say where they come from. */
static float marked(int64_t i, int64_t p)
{
    return (float)(1 + i * 128 + p);
}

static uint16_t expected_piece(int pieces, int s, bool inside, int64_t i, int64_t p)
{
    float rest = inside ? marked(i, p) : 0;
    for (int before = 0; before < s && before < pieces; before++)
        rest -= bf16_number(bf16_nearest(rest));
    return bf16_nearest(rest);
}

static void expect_layout(const uint16_t *strips, bool left, int pieces, int64_t outer, int64_t inner,
                          int64_t strip)
{
    const int64_t steps = (inner + INNER - 1) / INNER;
    for (int64_t i = 0; i < (outer + SIDE - 1) / SIDE * SIDE; i++)
        for (int64_t p = 0; p < steps * INNER; p++)
            for (int s = 0; s < pieces; s++) {
                const uint16_t *tile = strips + i / SIDE * strip + (p / INNER * pieces + s) * TILE;
                int64_t row = i % SIDE, at = p % INNER;
                uint16_t got = left ? tile[row * INNER + at] : tile[(at / 2 * SIDE + row) * 2 + at % 2];
                uint16_t expected = expected_piece(pieces, s, i < outer && p < inner, i, p);
                if (got != expected) /* a passed check takes long */
                    ck_abort_msg("%s %d of %d at (%d, %d) of %d x %d is %04x, not %04x",
                                 left ? "left" : "right", s + 1, pieces, (int)i, (int)p, (int)outer,
                                 (int)inner, (unsigned)got, (unsigned)expected);
            }
}

/* Both kinds of strips, from arrays by rows and by columns, with a gap of one number between rows and one tile between strips. */
static void check_layout(const tl_piece_kernels *kernels, int pieces, int64_t outer, int64_t inner)
{
    const int64_t strips = (outer + SIDE - 1) / SIDE, steps = (inner + INNER - 1) / INNER;
    const int64_t strip = (steps * pieces + 1) * TILE;
    const size_t bytes = (size_t)(strips * strip) * sizeof(uint16_t);
    uint16_t *to = aligned_alloc(64, bytes);
    float *by_rows = malloc((size_t)(outer * (inner + 1)) * sizeof *by_rows);
    float *by_columns = malloc((size_t)(inner * (outer + 1)) * sizeof *by_columns);
    for (int64_t i = 0; i < outer; i++)
        for (int64_t p = 0; p < inner; p++)
            by_rows[i * (inner + 1) + p] = by_columns[p * (outer + 1) + i] = marked(i, p);
    for (int way = 0; way < 3; way++) {
        memset(to, 0xee, bytes);
        if (way == 0)
            kernels->split_left(pieces, outer, inner, by_rows, inner + 1, 1, to, strip);
        else if (way == 1)
            kernels->split_left(pieces, outer, inner, by_columns, 1, outer + 1, to, strip);
        else
            kernels->split_right(pieces, inner, outer, by_columns, outer + 1, to, strip);
        expect_layout(to, way < 2, pieces, outer, inner, strip);
        bool kept = true;
        for (int64_t i = 0; i < strips; i++)
            for (int64_t gap = 0; gap < TILE; gap++)
                kept = kept && to[i * strip + steps * pieces * TILE + gap] == 0xeeee;
        ck_assert(kept);
    }
    free(by_rows);
    free(by_columns);
    free(to);
}

static void check_layouts(const tl_piece_kernels *kernels)
{
    static const int64_t sizes[] = {1, 2, 3, 5, 16, 17, 31, 32, 33, 64, 100};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++)
        for (int i = 0; i < SIZES; i++)
            for (int p = 0; p < SIZES; p++)
                check_layout(kernels, pieces, sizes[i], sizes[p]);
}

START_TEST(strips_lie_as_documented)
{
    for_all_piece_tables(check_layouts);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pieces_split");
    add_case(suite, "numbers", each_piece_is_nearest_to_what_is_left, three_pieces_are_the_number,
             what_is_not_finite_stays_so, the_largest_number_stays_finite_in_several_pieces);
    add_case(suite, "strips", strips_lie_as_documented);
    return run_suite(suite);
}
