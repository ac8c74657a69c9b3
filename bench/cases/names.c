#include "cases/names.h"

#include <string.h>
#include <talus/talus.h>

static const char *const optimizer_names[TALUS_METHOD_COUNT] = {"sgd", "momentum", "adam"};
static const char *const what_names[BENCH_WHATS] = {"threads", "batch", "width", "depth"};
static const char *const peer_names[BENCH_PEERS] = {"torch", "dnnl", "fann", "sklearn"};

const char *bench_optimizer_name(int method)
{
    return optimizer_names[method];
}

const char *bench_precision_name(int precision)
{
    return precision == TALUS_DTYPE_F32 ? "f32" : "f64";
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
    return find(name, optimizer_names, TALUS_METHOD_COUNT);
}

int bench_find_precision(const char *name)
{
    return !strcmp(name, "f32") ? TALUS_DTYPE_F32 : !strcmp(name, "f64") ? TALUS_DTYPE_F64 : -1;
}

int bench_find_activation(const char *name)
{
    for (int f = 0; f < TALUS_SOFTMAX; f++)
        if (!strcmp(name, talus_activation_name(f)))
            return f;
    return -1;
}

int bench_find_what(const char *name)
{
    return find(name, what_names, BENCH_WHATS);
}

int bench_find_peer(const char *name)
{
    return find(name, peer_names, BENCH_PEERS);
}
