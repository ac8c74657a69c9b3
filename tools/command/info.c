/* `talus info`: what a model is, and how it was trained. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config.h"
#include "use.h"

/* Prints the options of a struct that are not at their defaults, but those of its size. */
static void print_changed(talus_context *context, int structure, const void *options)
{
    talus_option info;
    for (int i = 0; i < talus_option_count(structure); i++) {
        char text[64];
        if (talus_option_info(structure, i, &info) != TALUS_OK || info.type == TALUS_OPTION_TYPE_POINTER ||
            talus_option_get(context, structure, options, info.name, text, sizeof text, NULL) != TALUS_OK)
            continue;
        double number = info.type == TALUS_OPTION_TYPE_NAME ? talus_enumeration_value(info.enumeration, text)
                        : strcmp(text, "true") == 0         ? 1
                                                            : strtod(text, NULL);
        if (number != info.standard && strcmp(info.name, "width") != 0)
            printf(" %s=%s", info.name, text);
    }
}

/* How it multiplies: a talus_products. */
static int products_of(const talus_network *network)
{
    talus_network_spec spec;
    (void)talus_network_get_spec(network, &spec); /* which fails for no network that there is */
    return (int)spec.products;
}

static void print_network(const use *of)
{
    const int products = products_of(of->network), is_exact = products == TALUS_PRODUCTS_EXACT;
    const int layers = talus_network_layer_count(of->network);
    int64_t projected;
    printf("%lld inputs, %d layers, %lld parameters in %s, loss %s%s%s\n",
           (long long)talus_network_columns(of->network), layers,
           (long long)talus_network_parameter_count(of->network),
           talus_enumeration_name(TALUS_ENUMERATION_DTYPE, talus_network_precision(of->network)),
           talus_loss_name(talus_network_loss(of->network)), is_exact ? "" : ", products ",
           is_exact ? "" : talus_products_name(products));
    if (talus_network_projection(of->network, &projected, NULL, NULL) == TALUS_OK && projected > 0)
        printf("  projected to %lld features\n", (long long)talus_network_width(of->network, 0));
    for (int l = 1; l <= layers; l++) {
        talus_layer layer;
        if (talus_network_get_layer(of->network, l, &layer) != TALUS_OK)
            continue;
        layer.gain = layer.gain == 1 ? 0 : layer.gain; /* which is its default */
        printf("  layer %d: %lld units", l, (long long)layer.width);
        print_changed(of->context, TALUS_STRUCTURE_LAYER, &layer);
        printf("\n");
    }
    if (of->columns != NULL)
        printf("  %s\n", talus_columns_reason(of->columns));
}

/* An option of the run: a name and its value. */
static int print_option(const char *name, const char *value, void *user)
{
    (void)user;
    printf("  %-20s %s\n", name, value);
    return 0;
}

static int print_metric(const char *name, const char *value, void *user)
{
    (void)user;
    printf("  %-20s %.5g\n", name, strtod(value, NULL));
    return 0;
}

static int print_result_member(const char *name, const char *value, void *user)
{
    if (strcmp(name, "metrics") != 0)
        return print_option(name, value, user);
    return talus_json_each(user, value, print_metric, NULL) != TALUS_OK;
}

/* The history in columns, of about MOST_ROWS epochs. */
enum { MOST_LISTS = 16, MOST_ROWS = 10 };
typedef struct history {
    talus_context *context;
    char names[MOST_LISTS][24];
    double *values[MOST_LISTS];
    size_t counts[MOST_LISTS];
    int lists;
} history;

typedef struct list_reader {
    double *values;
    size_t count;
} list_reader;

static int take_number(const char *name, const char *value, void *user)
{
    (void)name;
    list_reader *to = user;
    to->values[to->count++] = strcmp(value, "null") == 0 ? NAN : strtod(value, NULL);
    return 0;
}

static int take_list(const char *name, const char *value, void *user)
{
    history *to = user;
    list_reader list = {.values = malloc((strlen(value) / 2 + 1) * sizeof *list.values)};
    if (to->lists == MOST_LISTS || list.values == NULL ||
        each_item(to->context, value, take_number, &list) != TALUS_OK) {
        free(list.values);
        return 1;
    }
    snprintf(to->names[to->lists], sizeof to->names[0], "%s", name);
    to->counts[to->lists] = list.count;
    to->values[to->lists++] = list.values;
    return 0;
}

static int width_of(const char *name)
{
    return strlen(name) < 11 ? 11 : (int)strlen(name);
}

static void print_history(talus_context *context, const char *text)
{
    history of = {.context = context};
    if (talus_json_each(context, text, take_list, &of) == TALUS_OK && of.lists > 0 && of.counts[0] > 0) {
        const size_t count = of.counts[0], step = (count - 1) / MOST_ROWS + 1;
        for (int k = 0; k < of.lists; k++)
            printf("  %*s", width_of(of.names[k]), of.names[k]);
        printf("\n");
        for (size_t i = (count - 1) % step; i < count; i += step) {
            for (int k = 0; k < of.lists; k++)
                printf("  %*.6g", width_of(of.names[k]), i < of.counts[k] ? of.values[k][i] : NAN);
            printf("\n");
        }
    }
    for (int k = 0; k < of.lists; k++)
        free(of.values[k]);
}

static int print_note(const char *name, const char *value, void *user)
{
    talus_context *context = user;
    if (strcmp(name, "config") == 0) {
        printf("trained with\n");
        (void)talus_json_each(context, value, print_option, NULL);
    } else if (strcmp(name, "result") == 0) {
        printf("result\n");
        (void)talus_json_each(context, value, print_result_member, context);
    } else if (strcmp(name, "history") == 0) {
        printf("history\n");
        print_history(context, value);
    }
    return 0;
}

static int print_info(const use *of, const char *path)
{
    char *text = read_notes(of->context, path);
    print_network(of);
    if (text == NULL)
        return report_failure(of->context);
    if (text[0] == '{')
        (void)talus_json_each(of->context, text, print_note, of->context);
    free(text);
    return DONE;
}

static int print_notes(const use *of, const char *path)
{
    char *text = read_notes(of->context, path);
    if (text == NULL)
        return report_failure(of->context);
    printf("{\"inputs\": %lld, \"widths\": [", (long long)talus_network_columns(of->network));
    for (int l = 1; l <= talus_network_layer_count(of->network); l++)
        printf("%s%lld", l == 1 ? "" : ", ", (long long)talus_network_width(of->network, l));
    printf("], \"parameters\": %lld, \"precision\": \"%s\", \"products\": \"%s\", \"loss\": \"%s\", "
           "\"notes\": %s}\n",
           (long long)talus_network_parameter_count(of->network),
           talus_enumeration_name(TALUS_ENUMERATION_DTYPE, talus_network_precision(of->network)),
           talus_products_name(products_of(of->network)), talus_loss_name(talus_network_loss(of->network)),
           text[0] == '\0' ? "null" : text);
    free(text);
    return DONE;
}

int run_info(command_line *line)
{
    use of;
    if (!check_operands(line, 1, 1, "a model"))
        return WRONG_USAGE;
    int status = open_use(&of, line, 0) ? DONE : FAILED;
    if (status == DONE && is_given(line, "json"))
        status = print_notes(&of, line->operands[0]);
    else if (status == DONE)
        status = print_info(&of, line->operands[0]);
    close_use(&of);
    return status;
}
