#include "option_support.h"

#include <stdio.h>

char last_line[1024];
talus_context *context;
talus_network *network;
talus_dataset *data;
const talus_layer small_layer = {.width = 3};

static void *allocate_little(size_t bytes, void *user)
{
    (void)user;
    return bytes > MOST_MEMORY ? NULL : malloc(bytes);
}

static void release(void *memory, void *user)
{
    (void)user;
    free(memory);
}

static void keep_line(const char *line, void *user)
{
    (void)user;
    (void)snprintf(last_line, sizeof last_line, "%s", line);
}

talus_context_options small_context(void)
{
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.threads = 1;
    options.allocate = allocate_little;
    options.release = release;
    options.log = keep_line;
    return options;
}

void setup(void)
{
    static const double x[2] = {1, 2}, y[6] = {0};
    talus_context_options options = small_context();
    talus_network_spec spec = {.inputs = 1, .layers = &small_layer, .layer_count = 1};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F64, 2, 1);
    talus_matrix targets = talus_matrix_view(y, TALUS_DTYPE_F64, 2, 3);
    expect_ok(NULL, talus_context_create(&options, &context));
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_dataset_from_matrices(context, &inputs, &targets, &data));
    last_line[0] = '\0';
}

void teardown(void)
{
    talus_dataset_destroy(data);
    talus_network_destroy(network);
    talus_context_destroy(context);
}

void defaults(int structure, any_struct *options)
{
    memset(options, 0x5A, sizeof *options);
    switch (structure) {
    case TALUS_STRUCTURE_CONTEXT:
        talus_context_options_defaults(&options->context);
        break;
    case TALUS_STRUCTURE_NETWORK:
        talus_network_defaults(&options->network);
        break;
    case TALUS_STRUCTURE_LAYER:
        talus_layer_defaults(&options->layer);
        break;
    case TALUS_STRUCTURE_OPTIMIZER:
        talus_optimizer_defaults(&options->optimizer, TALUS_ADAM);
        break;
    case TALUS_STRUCTURE_SCHEDULE:
        talus_schedule_defaults(&options->schedule, TALUS_SCHEDULE_CONSTANT);
        break;
    case TALUS_STRUCTURE_REPORT:
        talus_report_options_defaults(&options->report);
        break;
    case TALUS_STRUCTURE_RANGE:
        talus_output_range_defaults(&options->range);
        break;
    case TALUS_STRUCTURE_TABLE:
        talus_table_options_defaults(&options->table);
        break;
    case TALUS_STRUCTURE_LEAST_SQUARES:
        talus_least_squares_options_defaults(&options->least_squares);
        break;
    case TALUS_STRUCTURE_SOLVE:
        talus_solve_options_defaults(&options->solve);
        break;
    case TALUS_STRUCTURE_LEVENBERG_MARQUARDT:
        talus_levenberg_marquardt_options_defaults(&options->levenberg_marquardt);
        break;
    case TALUS_STRUCTURE_FIT:
        talus_fit_options_defaults(&options->fit);
        break;
    default:
        talus_minimize_options_defaults(&options->minimize);
    }
}

talus_option info_of(int structure, int index)
{
    talus_option info;
    ck_assert_int_eq(talus_option_info(structure, index, &info), TALUS_OK);
    return info;
}

double stored(const any_struct *options, const talus_option *info)
{
    const char *at = options->bytes + info->offset;
    if (info->type == TALUS_OPTION_TYPE_DOUBLE)
        return *(const double *)(const void *)at;
    if (info->type == TALUS_OPTION_TYPE_POINTER)
        return *(void *const *)(const void *)at != NULL;
    return info->size == 8 ? (double)*(const int64_t *)(const void *)at : *(const int *)(const void *)at;
}

void store(any_struct *options, const talus_option *info, double value)
{
    char *at = options->bytes + info->offset;
    if (info->type == TALUS_OPTION_TYPE_DOUBLE)
        *(double *)(void *)at = value;
    else if (info->size == 8)
        *(int64_t *)(void *)at = (int64_t)value;
    else
        *(int *)(void *)at = (int)value;
}
