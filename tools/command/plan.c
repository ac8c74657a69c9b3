/* What will run on this machine for a network of given widths. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"

enum { MOST_LAYERS = 64 };

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

static int print_plan(const command_line *line, talus_context *context, const talus_network_spec *spec)
{
    talus_network *network = NULL;
    static char text[1 << 16];
    const char *entries = text_of(line, "entries");
    char *end;
    const long long batch = strtoll(line->operands[1], &end, 10);
    if (*end != '\0') {
        fprintf(stderr, "talus: the number of samples must be a whole number, got \"%s\"\n",
                line->operands[1]);
        return WRONG_USAGE;
    }
    int failed = (entries != NULL && talus_context_load_plan(context, entries)) ||
                 talus_network_create(context, spec, &network) ||
                 talus_plan_describe(context, network, batch, text, sizeof text, NULL);
    if (failed)
        report_failure(context);
    else
        fputs(text, stdout);
    talus_network_destroy(network);
    return failed ? FAILED : DONE;
}

int run_plan(command_line *line)
{
    talus_layer layers[MOST_LAYERS];
    talus_network_spec spec;
    talus_network_defaults(&spec);
    spec.layers = layers;
    if (!check_operands(line, 2, 2, "widths such as 784-256-10 and a number of samples"))
        return WRONG_USAGE;
    if (!read_widths(line->operands[0], &spec, layers)) {
        fprintf(stderr, "talus: the widths must be numbers such as 784-256-10, got \"%s\"\n",
                line->operands[0]);
        return WRONG_USAGE;
    }
    talus_context *context = open_context(line);
    if (context == NULL)
        return FAILED;
    int status = apply_options(line, context, TALUS_STRUCTURE_NETWORK, &spec)
                     ? print_plan(line, context, &spec)
                     : WRONG_USAGE;
    talus_context_destroy(context);
    return status;
}
