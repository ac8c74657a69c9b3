/* Networks from tensors that other programs have written. */
#include <stdlib.h>
#include <string.h>
#include <talus/model.h>

#include "base/call.h"
#include "model/tensors.h"

static const char weight[] = "weight", bias[] = "bias";

/* The length of a tensor's name without this end; −1 if it ends otherwise. */
static int stem(const tl_tensor *tensor, const char *end)
{
    const int length = (int)strlen(end), rest = tensor->name_length - length;
    bool found = rest >= 0 && memcmp(tensor->name + rest, end, (size_t)length) == 0;
    return found && (rest == 0 || tensor->name[rest - 1] == '.' || tensor->name[rest - 1] == '_') ? rest : -1;
}

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* Compares names, in which digits are numbers: "layers.2" comes before "layers.10". */
static int compare_names(const char *a, const char *a_end, const char *b, const char *b_end)
{
    while (a < a_end && b < b_end) {
        if (is_digit(a, a_end) && is_digit(b, b_end)) {
            const char *a_from, *b_from;
            for (; a + 1 < a_end && *a == '0' && is_digit(a + 1, a_end); a++)
                ;
            for (; b + 1 < b_end && *b == '0' && is_digit(b + 1, b_end); b++)
                ;
            for (a_from = a; is_digit(a, a_end); a++)
                ;
            for (b_from = b; is_digit(b, b_end); b++)
                ;
            if (a - a_from != b - b_from)
                return a - a_from < b - b_from ? -1 : 1;
            int order = memcmp(a_from, b_from, (size_t)(a - a_from));
            if (order != 0)
                return order;
        } else if (*a != *b)
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        else
            a++, b++;
    }
    return (a < a_end) - (b < b_end);
}

/* A layer of the file. */
typedef struct file_layer {
    const tl_tensor *weights, *biases;
} file_layer;

static int by_name(const void *a, const void *b)
{
    const tl_tensor *one = ((const file_layer *)a)->weights, *other = ((const file_layer *)b)->weights;
    return compare_names(one->name, one->name + one->name_length, other->name,
                         other->name + other->name_length);
}

static const tl_tensor *find_biases(const tl_safetensors *file, const tl_tensor *weights)
{
    const int length = stem(weights, weight);
    for (int i = 0; i < file->count; i++)
        if (stem(&file->tensors[i], bias) == length &&
            memcmp(file->tensors[i].name, weights->name, (size_t)length) == 0)
            return &file->tensors[i];
    return NULL;
}

static talus_status refuse(const tl_safetensors *file, const tl_tensor *tensor, const char *what)
{
    return tl_fail(file->file.context, TALUS_ERROR_FORMAT, "%s: the tensor \"%.*s\" %s", file->file.name,
                   tensor->name_length, tensor->name, what);
}

/* Finds the layers, whose number is *count, and checks that they go one into the other. */
static talus_status find_layers(const tl_safetensors *file, file_layer *layers, int *count)
{
    int biases = 0;
    *count = 0;
    for (int i = 0; i < file->count; i++)
        if (stem(&file->tensors[i], weight) >= 0) {
            if (file->tensors[i].dimensions != 2)
                return refuse(file, &file->tensors[i],
                              "must have 2 dimensions, as the weights of a dense layer have");
            layers[(*count)++] = (file_layer){&file->tensors[i], find_biases(file, &file->tensors[i])};
            biases += layers[*count - 1].biases != NULL;
        }
    for (int i = 0; i < file->count && *count + biases < file->count; i++)
        if (stem(&file->tensors[i], weight) < 0 && stem(&file->tensors[i], bias) < 0)
            return refuse(file, &file->tensors[i], "is neither weights nor biases of a dense layer");
    if (*count == 0 || *count + biases < file->count)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s must have weights of layers, and biases of these only", file->file.name);
    qsort(layers, (size_t)*count, sizeof *layers, by_name);
    for (int l = 0; l < *count; l++) {
        if (l > 0 && layers[l].weights->shape[1] != layers[l - 1].weights->shape[0])
            return refuse(file, layers[l].weights,
                          "must have as many columns as the weights before it have rows");
        if (layers[l].biases != NULL &&
            (layers[l].biases->dimensions != 1 || layers[l].biases->shape[0] != layers[l].weights->shape[0]))
            return refuse(file, layers[l].biases, "must have a number for each row of its weights");
    }
    return TALUS_OK;
}

/* Takes a size from the file where the caller leaves it open. */
static talus_status take_size(const tl_safetensors *file, const char *what, int number, int64_t in_file,
                              int64_t *size)
{
    if (*size != 0 && *size != in_file)
        return tl_fail(file->file.context, TALUS_ERROR_SHAPE,
                       "%s: %s %d must be %lld as in the file, or 0, got %lld", file->file.name, what, number,
                       (long long)in_file, (long long)*size);
    *size = in_file;
    return TALUS_OK;
}

/* Fills in the sizes of a spec whose layers are these. */
static talus_status complete(const tl_safetensors *file, const file_layer *found, int count,
                             talus_network_spec *spec, talus_layer *layers)
{
    if (spec->layer_count != count)
        return tl_fail(file->file.context, TALUS_ERROR_SHAPE,
                       "%s: layer_count must be %d as in the file, got %d", file->file.name, count,
                       spec->layer_count);
    talus_status status = take_size(file, "the number of inputs of layer", 1, found[0].weights->shape[1],
                                    &spec->inputs);
    for (int l = 0; l < count && status == TALUS_OK; l++) {
        status = take_size(file, "the width of layer", l + 1, found[l].weights->shape[0], &layers[l].width);
        if (found[l].biases == NULL)
            layers[l].without_biases = 1;
    }
    spec->layers = layers;
    return status;
}

/* Where the elements of a tensor belong. */
static void *place_of(const talus_network *network, const file_layer *layers, int count,
                      const tl_tensor *tensor)
{
    talus_matrix view = {0};
    for (int l = 0; l < count; l++)
        if (layers[l].weights == tensor)
            (void)talus_network_weights(network, NULL, l + 1, &view);
        else if (layers[l].biases == tensor)
            (void)talus_network_biases(network, NULL, l + 1, &view);
    return view.data;
}

static talus_status read_all(tl_safetensors *file, const file_layer *layers, int count,
                             talus_network *network)
{
    talus_status status = TALUS_OK;
    for (int i = 0; i < file->count && status == TALUS_OK; i++) {
        void *place = place_of(network, layers, count, &file->tensors[i]);
        status = place == NULL
                     ? refuse(file, &file->tensors[i], "is of a layer that has no biases in the spec")
                     : tl_safetensors_read(file, &file->tensors[i], network->precision, place);
    }
    return status;
}

/* `given` is the caller's spec; `found` and `layers` have room for the layers of the file. */
static talus_status make(tl_safetensors *file, const tl_spec *given, file_layer *found, talus_layer *layers,
                         talus_network **network)
{
    int count;
    talus_network *made = NULL;
    talus_network_spec spec = given->fields;
    talus_status status = find_layers(file, found, &count);
    for (int l = 0; l < spec.layer_count && l < file->count && status == TALUS_OK; l++) {
        const char *from = (const char *)spec.layers + (size_t)l * given->layer_size;
        status = tl_options_take(file->file.context, &tl_layer_table, "layer", &layers[l], from,
                                 given->layer_size);
    }
    if (status == TALUS_OK)
        status = complete(file, found, count, &spec, layers);
    if (status == TALUS_OK)
        status = talus_network_create(file->file.context, &spec, &made);
    if (status == TALUS_OK)
        status = read_all(file, found, count, made);
    if (status == TALUS_OK)
        *network = made;
    else
        talus_network_destroy(made);
    return status;
}

static talus_status load_layers(talus_context *context, const char *path, const talus_network_spec *spec,
                                size_t spec_size, size_t layer_size, talus_network **network)
{
    tl_safetensors file;
    tl_spec given = {.layer_size = layer_size};
    const char *missing = path == NULL ? "path" : spec == NULL ? "spec" : network == NULL ? "network" : NULL;
    if (missing != NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "model_load_layers: %s must not be NULL", missing);
    talus_status status = tl_options_take(context, &tl_network_table, NULL, &given.fields, spec, spec_size);
    if (status == TALUS_OK && (given.fields.layers == NULL || given.fields.layer_count < 1))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "model_load_layers: the spec must have layers");
    if (status == TALUS_OK)
        status = tl_safetensors_open(context, path, &file);
    if (status != TALUS_OK)
        return status;
    file_layer *found = tl_allocate(context, (size_t)file.count * sizeof *found + 1);
    talus_layer *layers = tl_allocate(context, (size_t)file.count * sizeof *layers + 1);
    if (found == NULL || layers == NULL)
        status = tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for the layers of %s",
                         file.file.name);
    else
        status = make(&file, &given, found, layers, network);
    tl_release(context, found);
    tl_release(context, layers);
    tl_safetensors_close(&file);
    return status;
}

talus_status talus_model_load_layers_sized(talus_context *context, const char *path,
                                           const talus_network_spec *spec, size_t spec_size,
                                           size_t layer_size, talus_network **network)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    return tl_call_end(&call, load_layers(context, path, spec, spec_size, layer_size, network));
}
