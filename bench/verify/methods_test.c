/* The step of every method that the naive loops have agrees with them; the others are refused. */
#include <math.h>
#include <stdio.h>
#include <talus/talus.h>

#include "verify/against_naive.h"

static const int64_t batches[] = {1, 13};
static const bench_shape shapes[] = {{.L = 2, .d = {20, 17, 3}}, {.L = 2, .d = {5, 40, 1}}};

static bool verify_method(int method)
{
    bool good = true;
    for (int i = 0; i < 8; i++) {
        bench_setup setup = {.shape = shapes[i / 4],
                             .n = batches[i / 2 % 2],
                             .activation = TALUS_TANH,
                             .method = method,
                             .precision = i % 2 ? TALUS_DTYPE_F32 : TALUS_DTYPE_F64,
                             .threads = 1,
                             .seed = 1};
        double error;
        good &= bench_verify(&setup, &error) == naive_has(method) && isfinite(error) == naive_has(method);
    }
    return good;
}

int main(void)
{
    int count = talus_enumeration_count(TALUS_ENUMERATION_METHOD), wrong = 0;
    for (int method = 0; method < count; method++)
        if (!verify_method(method)) {
            printf("%s is not verified as it should be\n", talus_method_name(method));
            wrong++;
        }
    return wrong > 0;
}
