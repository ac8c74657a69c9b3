#include "inputs.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config.h"

#define EPSILON                                                                                              \
    1e-5 /* of whitening: columns of categories, which add up to 1, leave a component without variance */

/* The largest of the bytes that pictures are, at least 1. */
static int largest_byte(const talus_matrix *inputs)
{
    int largest = 1;
    for (int64_t i = 0; i < inputs->rows && largest < 255; i++) {
        const unsigned char *row = (const unsigned char *)inputs->data +
                                   i * (inputs->stride == 0 ? inputs->cols : inputs->stride);
        for (int64_t j = 0; j < inputs->cols; j++)
            largest = row[j] > largest ? row[j] : largest;
    }
    return largest;
}

static int read_scaling(command_line *line, const input_data *data, input_options *options)
{
    talus_matrix inputs;
    options->scaling = is_given(line, "no-scaling") ? -1 : TALUS_SCALING_STANDARD;
    if (is_given(line, "input-scaling"))
        return (options->scaling = named_value_of(line, "input-scaling")) >= 0;
    if (options->scaling < 0 || talus_dataset_matrices(data->dataset, &inputs, NULL) != TALUS_OK ||
        inputs.dtype != TALUS_DTYPE_U8)
        return 1;
    options->scaling = -1;
    options->white = 1.0 / largest_byte(&inputs);
    return 1;
}

static int read_projection(command_line *line, input_options *options)
{
    char text[32];
    options->projection = -1;
    if (!is_given(line, "projection"))
        return 1;
    options->projection = named_value_of(line, "projection");
    if (options->projection < 0)
        return 0;
    if (options->projection == TALUS_PROJECTION_PCA) {
        if (!is_given(line, "projection-epsilon"))
            return share_of(line, "kept-variance", &options->share);
        fprintf(stderr, "talus: --projection-epsilon is for whitening, not for pca\n");
        line->wrong = 1;
        return 0;
    }
    snprintf(text, sizeof text, "%g", EPSILON);
    options->epsilon = EPSILON;
    return share_of(line, "kept-variance", &options->share) &&
           number_of(line, "projection-epsilon", &options->epsilon) &&
           (is_given(line, "projection-epsilon") || use_text(line, "projection-epsilon", text));
}

int read_input_options(command_line *line, const input_data *data, input_options *options)
{
    *options = (input_options){0};
    return read_scaling(line, data, options) && number_of(line, "input-clip", &options->clip) &&
           read_projection(line, options);
}

talus_status count_features(talus_context *context, const input_data *data, const input_options *options,
                            int64_t *count)
{
    *count = talus_dataset_inputs(data->dataset);
    if (options->share == 0 || options->projection == TALUS_PROJECTION_ZCA_WHITENING)
        return TALUS_OK;
    /* Of pictures, which are not scaled here, the same is clipped there. */
    const double clip = options->white > 0 ? options->clip / options->white : options->clip;
    return talus_projection_components(context, data->dataset, options->scaling, clip, options->share, count);
}

talus_status fit_inputs(talus_network *network, const input_data *data, const input_options *options)
{
    talus_status status = talus_network_clip_inputs(network, options->clip);
    if (status == TALUS_OK && options->white > 0)
        status = talus_network_scale_inputs(network, NULL, &options->white, 1);
    if (status == TALUS_OK && options->projection >= 0)
        return talus_network_fit_projection(network, data->dataset, options->scaling, options->projection,
                                            options->share, options->epsilon);
    if (status == TALUS_OK && options->scaling >= 0)
        status = talus_network_fit_input_scaling(network, data->dataset, options->scaling);
    return status;
}

enum { MOST_SAMPLES = 512 }; /* that first weights follow from */

/* Copies samples that lie evenly in the data; NULL without memory. */
static void *copy_samples(const talus_dataset *dataset, const talus_matrix *raw, int64_t count)
{
    const size_t size = raw->dtype == TALUS_DTYPE_F64   ? sizeof(double)
                        : raw->dtype == TALUS_DTYPE_F32 ? sizeof(float)
                                                        : 1;
    const size_t bytes = (size_t)raw->cols * size;
    const int64_t stride = raw->stride == 0 ? raw->cols : raw->stride;
    char *copy = malloc((size_t)count * bytes);
    for (int64_t i = 0; copy != NULL && i < count; i++) {
        const int64_t row = talus_dataset_row(dataset, i * talus_dataset_samples(dataset) / count);
        memcpy(copy + (size_t)i * bytes, (const char *)raw->data + (size_t)(row * stride) * size, bytes);
    }
    return copy;
}

int scale_weights(const command_line *line, talus_context *context, const input_data *data,
                  talus_network *network)
{
    talus_matrix raw;
    talus_unit_variance found;
    if (!is_given(line, "unit-variance"))
        return 1;
    const int64_t all = talus_dataset_samples(data->dataset), count = all < MOST_SAMPLES ? all : MOST_SAMPLES;
    void *copy = NULL;
    talus_status status = talus_dataset_matrices(data->dataset, &raw, NULL);
    if (status == TALUS_OK && (copy = copy_samples(data->dataset, &raw, count)) == NULL)
        return fprintf(stderr, "talus: there is no memory\n"), 0;
    const talus_matrix inputs = talus_matrix_view(copy, raw.dtype, count, raw.cols);
    if (status == TALUS_OK)
        status = talus_network_unit_variance(network, &inputs, 0, 0, &found);
    free(copy);
    if (status != TALUS_OK)
        return report_failure(context), 0;
    if (!found.converged)
        fprintf(stderr, "talus: --unit-variance: the variance of layer %d is %g off 1\n", found.layer,
                found.error);
    return 1;
}
