/* The kernels on tiles, in both precisions: test_tiles_tmpl.c. */
#include "support.h"

void add_tiles_f32(Suite *suite);
void add_tiles_f64(Suite *suite);

int main(void)
{
    Suite *suite = suite_create("tiles");
    add_tiles_f32(suite);
    add_tiles_f64(suite);
    return run_suite(suite);
}
