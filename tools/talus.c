/* The talus command: what this library is, and what it will do on this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talus/talus.h>

enum { MOST_LAYERS = 64 };

static int usage(void)
{
    fputs("usage: talus version\n"
          "       talus plan WIDTHS BATCH [f32|f64] [ENTRIES]\n"
          "  version   the version of the library\n"
          "  plan      what runs for batches of BATCH samples of a network such as 784-256-128-10 (ReLU); "
          "ENTRIES is a\n"
          "            file that `talus-bench tune` has printed\n",
          stderr);
    return 2;
}

/* Reads "784-256-10" into the inputs and layers of a spec; false if it is no such list. */
static int read_widths(const char *text, talus_network_spec *spec, talus_layer layers[MOST_LAYERS])
{
    char *end;
    spec->inputs = strtoll(text, &end, 10);
    while (end != text && *end == '-' && spec->layer_count < MOST_LAYERS) {
        text = end + 1;
        layers[spec->layer_count++] = talus_dense(strtoll(text, &end, 10), TALUS_RELU);
    }
    return end != text && *end == '\0' && spec->layer_count > 0;
}

static int print_plan(talus_context *context, const talus_network_spec *spec, long long batch,
                      const char *entries)
{
    talus_network *network = NULL;
    static char text[1 << 16];
    int failed = (entries != NULL && talus_context_load_plan(context, entries)) ||
                 talus_network_create(context, spec, &network) ||
                 talus_plan_describe(context, network, batch, text, sizeof text, NULL);
    if (failed)
        fprintf(stderr, "talus: %s\n", talus_error_message(context));
    else
        fputs(text, stdout);
    talus_network_destroy(network);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "version") == 0)
        return printf("%s\n", talus_version()) < 0;
    talus_layer layers[MOST_LAYERS];
    talus_network_spec spec;
    talus_network_defaults(&spec);
    spec.layers = layers;
    if (argc < 4 || argc > 6 || strcmp(argv[1], "plan") != 0 || !read_widths(argv[2], &spec, layers))
        return usage();
    if (argc > 4 && strcmp(argv[4], "f64") == 0)
        spec.precision = TALUS_DTYPE_F64;
    else if (argc > 4 && strcmp(argv[4], "f32") != 0)
        return usage();
    talus_context *context = NULL;
    if (talus_context_create(NULL, &context) != TALUS_OK)
        return 1;
    int failed = print_plan(context, &spec, atoll(argv[3]), argc > 5 ? argv[5] : NULL);
    talus_context_destroy(context);
    return failed;
}
