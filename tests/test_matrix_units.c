/* Why a process may not use matrix units. */
#include <errno.h>

#include "base/matrix_units.h"
#include "base/processor.h"
#include "kernels/pieces.h"
#include "support.h"

static int answer, asked;

static int permit(void)
{
    asked++;
    return answer;
}

static const char *reason(uint32_t features, uint64_t saved, int permission)
{
    answer = permission;
    asked = 0;
    return tl_matrix_units_reason(&(tl_matrix_units){features, saved, permit});
}

enum { BF16 = 1 << 22, TILE = 1 << 24, CONFIG = 1 << 17, DATA = 1 << 18 };

START_TEST(everything_must_be_there)
{
    ck_assert_ptr_null(reason(BF16 | TILE, CONFIG | DATA | 7, 0));
    ck_assert_int_eq(asked, 1);
    ck_assert_ptr_null(reason(UINT32_MAX, UINT64_MAX, 0));
}
END_TEST

START_TEST(what_is_missing_is_said)
{
    ck_assert_ptr_nonnull(strstr(reason(TILE, UINT64_MAX, 0), "no matrix units for bf16"));
    ck_assert_ptr_nonnull(strstr(reason(BF16, UINT64_MAX, 0), "no matrix units for bf16"));
    ck_assert_ptr_nonnull(strstr(reason(BF16 | TILE, ~(uint64_t)CONFIG, 0), "does not keep the registers"));
    ck_assert_ptr_nonnull(strstr(reason(BF16 | TILE, ~(uint64_t)DATA, 0), "does not keep the registers"));
    ck_assert_int_eq(asked, 0);
    ck_assert_ptr_nonnull(strstr(reason(BF16 | TILE, CONFIG | DATA, ENOSPC), "sigaltstack"));
    ck_assert_ptr_nonnull(strstr(reason(BF16 | TILE, CONFIG | DATA, EINVAL), "does not permit"));
}
END_TEST

/* Without a reason the table for AVX-512 is that of the matrix units; with one it is that of multiply-adds. */
START_TEST(tables_follow)
{
    bool units = tl_matrix_units_missing() == NULL;
    for (int set = TALUS_INSTRUCTION_SET_BASELINE; set < TALUS_INSTRUCTION_SET_COUNT; set++) {
        const tl_piece_kernels *plain = tl_piece_kernels_without_units(set), *best = tl_piece_kernels_of(set);
        if (units && set == TALUS_INSTRUCTION_SET_AVX512)
            ck_assert_str_eq(best->name, "amx_bf16");
        else
            ck_assert_ptr_eq(best, plain);
        ck_assert_ptr_eq(tl_piece_kernels_of(set), best); /* asked again */
        if (set == TALUS_INSTRUCTION_SET_AVX512 && tl_processor_multiplies_pairs())
            ck_assert_str_eq(tl_piece_kernels_with_pairs(set)->name, "avx512_bf16");
        else
            ck_assert_ptr_null(tl_piece_kernels_with_pairs(set));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("matrix_units");
    add_case(suite, "matrix units", everything_must_be_there, what_is_missing_is_said, tables_follow);
    return run_suite(suite);
}
