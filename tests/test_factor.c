/* What linalg factors and solves, in both precisions: test_factor_tmpl.c, test_parallel_cholesky_tmpl.c. */
#include "support.h"

void add_factors_f32(Suite *suite);
void add_factors_f64(Suite *suite);
void add_parallel_factors_f32(Suite *suite);
void add_parallel_factors_f64(Suite *suite);

int main(void)
{
    Suite *suite = suite_create("factor");
    add_factors_f32(suite);
    add_factors_f64(suite);
    add_parallel_factors_f32(suite);
    add_parallel_factors_f64(suite);
    return run_suite(suite);
}
