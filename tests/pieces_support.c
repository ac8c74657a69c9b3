#include "pieces_support.h"

#include <stdio.h>

#include "base/matrix_units.h"
#include "base/processor.h"

extern const tl_piece_kernels tl_piece_kernels_f32_emulated_tiles;
extern const tl_piece_kernels tl_piece_kernels_f32_emulated_pairs;

void for_all_piece_tables(void (*test)(const tl_piece_kernels *kernels))
{
    for (int set = TALUS_INSTRUCTION_SET_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++)
        if (tl_processor_runs(set)) {
            const tl_piece_kernels *kernels = tl_piece_kernels_without_units(set);
            ck_assert_str_eq(kernels->name, tl_instruction_set_name(set));
            test(kernels);
            if (tl_piece_kernels_of(set) != kernels)
                test(tl_piece_kernels_of(set));
            if (tl_piece_kernels_with_pairs(set) != NULL)
                test(tl_piece_kernels_with_pairs(set));
        }
    test(&tl_piece_kernels_f32_emulated_pairs);
    test(&tl_piece_kernels_f32_emulated_tiles);
    static bool said;
    if (tl_matrix_units_missing() != NULL && !said)
        printf("matrix units: only emulated, since %s\n", tl_matrix_units_missing());
    said = true;
}

uint32_t bits_of_float(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

float float_of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

float bf16_number(uint16_t bits)
{
    return float_of_bits((uint32_t)bits << 16);
}

/* Neighbours in size are `below` and `below` + 1; the one after the largest stands for 2^128. */
uint16_t bf16_nearest(float x)
{
    uint16_t below = (uint16_t)(bits_of_float(x) >> 16), above = below + 1;
    if (!isfinite(x))
        return below;
    double size = fabs((double)x), low = fabs((double)bf16_number(below));
    double high = isfinite(bf16_number(above)) ? fabs((double)bf16_number(above)) : 0x1p128;
    if (size - low == high - size)
        return below % 2 == 0 ? below : above;
    return size - low < high - size ? below : above;
}

static void *aligned(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (memory == NULL)
        ck_abort_msg("no memory");
    memset(memory, 0xff, bytes); /* NaN, where a tile is left open */
    return memory;
}

float signed_number(number_stream *numbers)
{
    return (float)next_number(numbers);
}

float positive_number(number_stream *numbers)
{
    return fabsf((float)next_number(numbers));
}

void cut_piece_case(const tl_piece_kernels *kernels, piece_case *c, bool turned)
{
    float *columns = malloc((size_t)(c->m * c->k) * sizeof *columns);
    for (int64_t part = 0; part < c->parts; part++) {
        float *a = c->a + part * c->m * c->k;
        uint16_t *left = c->left + part * c->product.left_part;
        for (int64_t i = 0; i < c->m; i++)
            for (int64_t p = 0; p < c->k; p++)
                columns[p * c->m + i] = a[i * c->k + p];
        if (turned)
            kernels->split_left(c->pieces, c->m, c->k, columns, 1, c->m, left, c->product.left_strip);
        else
            kernels->split_left(c->pieces, c->m, c->k, a, c->k, 1, left, c->product.left_strip);
        kernels->split_right(c->pieces, c->k, c->n, c->b + part * c->k * c->n, c->n,
                             c->right + part * c->product.right_part, c->product.right_strip);
    }
    free(columns);
}

piece_case make_piece_case(const tl_piece_kernels *kernels, int pieces, int64_t m, int64_t n, int64_t k,
                           int64_t parts, bool turned, number_maker *make)
{
    number_stream numbers = numbers_from((uint64_t)(1000000 * m + 10000 * n + 100 * k + parts));
    piece_case c = {.m = m, .n = n, .k = k, .parts = parts, .pieces = pieces};
    c.a = malloc((size_t)(parts * m * k) * sizeof *c.a);
    c.b = malloc((size_t)(parts * n * k) * sizeof *c.b);
    for (int64_t i = 0; i < parts * m * k; i++)
        c.a[i] = make(&numbers);
    for (int64_t i = 0; i < parts * n * k; i++)
        c.b[i] = make(&numbers);
    const int64_t steps = (k + TL_PIECE_INNER - 1) / TL_PIECE_INNER, part = steps * pieces * TL_PIECE_TILE;
    const int64_t left_strips = (m + TL_PIECE_SIDE - 1) / TL_PIECE_SIDE;
    const int64_t right_strips = (n + TL_PIECE_SIDE - 1) / TL_PIECE_SIDE;
    c.product = (tl_piece_product){
        .m = m,
        .n = n,
        .steps = steps,
        .parts = parts,
        .pieces = pieces,
        .left_strip = part,
        .left_part = left_strips * part,
        .right_strip = parts * part,
        .right_part = part,
    };
    c.left = aligned((size_t)(left_strips * parts * part) * sizeof *c.left);
    c.right = aligned((size_t)(right_strips * parts * part) * sizeof *c.right);
    c.product.left = c.left;
    c.product.right = c.right;
    cut_piece_case(kernels, &c, turned);
    return c;
}

void free_piece_case(piece_case *c)
{
    free(c->a);
    free(c->b);
    free(c->left);
    free(c->right);
}

void multiply_pieces(const tl_piece_kernels *kernels, const tl_piece_product *product, bool add, float *c,
                     int64_t ldc)
{
    tl_piece_product whole = *product;
    whole.add = add;
    whole.c = c;
    whole.ldc = ldc;
    if (kernels->begin != NULL)
        kernels->begin();
    kernels->product(&whole);
    if (kernels->end != NULL)
        kernels->end();
}

double product_element(const piece_case *c, int64_t i, int64_t j, double *sizes)
{
    double sum = 0;
    *sizes = 0;
    for (int64_t part = 0; part < c->parts; part++)
        for (int64_t p = 0; p < c->k; p++) {
            double term = (double)c->a[(part * c->m + i) * c->k + p] *
                          (double)c->b[(part * c->k + p) * c->n + j];
            sum += term;
            *sizes += fabs(term);
        }
    return sum;
}

bool flushes(const tl_piece_kernels *kernels)
{
    return strstr(kernels->name, "bf16") != NULL || strstr(kernels->name, "emulated") != NULL;
}
