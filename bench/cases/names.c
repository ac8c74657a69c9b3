#include "cases/names.h"

#include <string.h>
#include <talus/talus.h>

static const char *const what_names[BENCH_WHATS] = {"threads", "batch", "width", "depth"};
static const char *const peer_names[BENCH_PEERS] = {"torch", "dnnl", "fann", "sklearn"};

const char *bench_optimizer_name(int method)
{
    return method == TALUS_GRADIENT_DESCENT ? "sgd" : talus_method_name(method);
}

const char *bench_what_name(int what)
{
    return what_names[what];
}

/* Where a name stands in a list; −1 if nowhere. */
static int find(const char *name, const char *const *names, int count)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(name, names[i]))
            return i;
    return -1;
}

int bench_find_optimizer(const char *name)
{
    return strcmp(name, "sgd") == 0 ? TALUS_GRADIENT_DESCENT : talus_method_value(name);
}

int bench_find_precision(const char *name)
{
    int dtype = talus_dtype_value(name);
    return dtype == TALUS_DTYPE_F32 || dtype == TALUS_DTYPE_F64 ? dtype : -1;
}

int bench_find_what(const char *name)
{
    return find(name, what_names, BENCH_WHATS);
}

int bench_find_peer(const char *name)
{
    return find(name, peer_names, BENCH_PEERS);
}

bool bench_has_rate(int method)
{
    return method != TALUS_LBFGS && method != TALUS_CONJUGATE_GRADIENT;
}
