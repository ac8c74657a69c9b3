/* The same bits of products of pieces, however often and in however many calls C is computed. */
#include "pieces_support.h"

enum { M = 67, N = 50, SIDE = TL_PIECE_SIDE };

static void same(const float *a, const float *b)
{
    ck_assert_mem_eq(a, b, M * N * sizeof *a);
}

/* Blocks of C of at most rows × cols, which are multiples of the side of a tile. */
static void in_blocks(const tl_piece_kernels *kernels, const piece_case *x, int64_t rows, int64_t cols,
                      bool add, float *c)
{
    for (int64_t i = 0; i < M; i += rows)
        for (int64_t j = 0; j < N; j += cols) {
            tl_piece_product block = x->product;
            block.m = M - i < rows ? M - i : rows;
            block.n = N - j < cols ? N - j : cols;
            block.left += i / SIDE * block.left_strip;
            block.right += j / SIDE * block.right_strip;
            multiply_pieces(kernels, &block, add, c + i * N + j, N);
        }
}

static void check_cuts(const tl_piece_kernels *kernels, const piece_case *x)
{
    static const int64_t cuts[] = {SIDE, 3 * SIDE};
    float whole[M * N], added[M * N], parts[M * N];
    multiply_pieces(kernels, &x->product, false, whole, N);
    memcpy(added, whole, sizeof added);
    multiply_pieces(kernels, &x->product, true, added, N);
    multiply_pieces(kernels, &x->product, false, parts, N);
    same(parts, whole);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        for (size_t j = 0; j < sizeof cuts / sizeof cuts[0]; j++) {
            in_blocks(kernels, x, cuts[i], cuts[j], false, parts);
            same(parts, whole);
            in_blocks(kernels, x, cuts[i], cuts[j], true, parts);
            same(parts, added);
        }
}

/* One part that is one stretch, or more; several parts in one stretch, or in more. */
static void check_all_cuts(const tl_piece_kernels *kernels)
{
    static const int64_t inner[][2] = {{40, 1}, {545, 1}, {33, 3}, {64, 9}, {300, 2}};
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++)
        for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
            piece_case x = make_piece_case(kernels, pieces, M, N, inner[i][0], inner[i][1], i % 2 == 0,
                                           signed_number);
            check_cuts(kernels, &x);
            free_piece_case(&x);
        }
}

START_TEST(blocks_of_c_have_the_bits_of_the_whole)
{
    for_all_piece_tables(check_all_cuts);
}
END_TEST

/* Strips hold the same bits if rows are cut at a multiple of the side, and whether they come by rows or by columns. */
static void check_ways(const tl_piece_kernels *kernels)
{
    for (int pieces = 1; pieces <= TL_MOST_PIECES; pieces++) {
        float c[M * N], turned[M * N];
        piece_case x = make_piece_case(kernels, pieces, M, N, 100, 2, false, signed_number);
        multiply_pieces(kernels, &x.product, false, c, N);
        cut_piece_case(kernels, &x, true);
        multiply_pieces(kernels, &x.product, false, turned, N);
        same(turned, c);
        free_piece_case(&x);
    }
}

START_TEST(rows_and_columns_give_the_same_bits)
{
    for_all_piece_tables(check_ways);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pieces_cuts");
    add_case(suite, "pieces cuts", blocks_of_c_have_the_bits_of_the_whole,
             rows_and_columns_give_the_same_bits);
    return run_suite(suite);
}
