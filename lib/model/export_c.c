/* Networks as programs in C. */
#include <stdio.h>
#include <string.h>
#include <talus/interchange.h>

#include "base/buffer.h"
#include "base/call.h"
#include "model/c_functions.h"
#include "model/c_text.h"
#include "model/tensors.h"

#define MOST_NAME_BYTES 64
#define MOST_WIDTH      65536 /* two arrays of the widest layer stand on the stack of the program */

static const char *const part_names[] = {
    [TALUS_PART_WEIGHTS] = "weights",    [TALUS_PART_BIASES] = "biases", [TALUS_PART_NORM_SCALES] = "scales",
    [TALUS_PART_NORM_SHIFTS] = "shifts", [TALUS_PART_SLOPES] = "slopes",
};
_Static_assert(sizeof part_names / sizeof *part_names == TALUS_PART_COUNT, "every part has a name in C");

static const char *type_of(int precision)
{
    return precision == TALUS_DTYPE_F64 ? "double" : "float";
}

static talus_status check(const talus_network *network, const char *directory, const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789";
    const char *digits = strchr(letters, '0');
    talus_context *context = network->context;
    if (directory == NULL || name == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "export_c: %s must not be NULL",
                       directory == NULL ? "directory" : "name");
    size_t length = strspn(name, letters);
    if (length == 0 || name[length] != '\0' || length > MOST_NAME_BYTES || strchr(letters, name[0]) >= digits)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "export_c: name must be an identifier of C of at most %d letters, got \"%.80s\"",
                       MOST_NAME_BYTES, name);
    for (int l = 0; l <= network->layer_count; l++)
        if (network->layers[l].width > MOST_WIDTH)
            return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                           "export_c: a layer must have at most %d units, layer %d has %lld", MOST_WIDTH, l,
                           (long long)network->layers[l].width);
    if (tl_network_columns(network) > MOST_WIDTH)
        return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                       "export_c: a network must have at most %d columns of inputs, got %lld", MOST_WIDTH,
                       (long long)tl_network_columns(network));
    return tl_check_parameters(network, "export_c");
}

static void print_header(tl_c_text *text, const talus_network *network, const char *name)
{
    const char *type = type_of(network->precision);
    tl_c_print(text, "/* A network, written by Talus %s. */\n", talus_version());
    tl_c_print(text, "#ifndef %s_H\n#define %s_H\n\n#include <stddef.h>\n\n", name, name);
    tl_c_print(text, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    tl_c_print(text, "enum { %s_inputs = %lld, %s_outputs = %lld };\n\n", name,
               (long long)tl_network_columns(network), name, (long long)tl_network_outputs(network));
    tl_c_print(text, "/* The outputs y of a sample x; and of n samples by rows. */\n");
    tl_c_print(text, "void %s_predict(const %s *x, %s *y);\n", name, type, type);
    tl_c_print(text, "void %s_predict_rows(size_t n, const %s *x, %s *y);\n\n", name, type, type);
    tl_c_print(text, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

static void print_parameters(tl_c_text *text, const talus_network *network)
{
    const size_t size = tl_dtype_size(network->precision);
    for (int l = 1; l <= network->layer_count; l++)
        for (int i = 0; i < network->layers[l].part_count; i++) {
            const tl_part *part = &network->layers[l].parts[i];
            tl_c_print_array(text, part_names[part->kind], l,
                             (const char *)network->parameters + (size_t)part->offset * size,
                             part->rows * part->cols);
        }
}

static void print_scaling(tl_c_text *text, const char *side, const tl_scaling *scaling)
{
    char name[32];
    if (scaling->count == 0)
        return;
    (void)snprintf(name, sizeof name, "%s_shift", side);
    tl_c_print_doubles(text, name, scaling->shift, scaling->count);
    (void)snprintf(name, sizeof name, "%s_scale", side);
    tl_c_print_doubles(text, name, scaling->scale, scaling->count);
}

/* The activation of some outputs of a layer, which begin at `first`. */
typedef struct use {
    int layer, activation;
    double alpha;
    int64_t first, count;
} use;

/* Use `i` of the network; false if there are not so many. Layers with one activation come first, then the ranges. */
static bool find_use(const talus_network *network, int i, use *found)
{
    const bool ranges = network->range_count > 1;
    const int layers = network->layer_count - ranges;
    if (i < layers) {
        const tl_layer *layer = &network->layers[i + 1];
        *found = (use){i + 1, layer->activation, layer->alpha, 0, layer->width};
        return true;
    }
    if (!ranges || i - layers >= network->range_count)
        return false;
    const tl_range *range = &network->ranges[i - layers];
    *found = (use){network->layer_count, range->activation, range->alpha, range->first, range->outputs};
    return true;
}

static bool takes_alpha(int activation)
{
    return tl_activation_kind_of(activation)->parameter.name != NULL;
}

static bool changes(int activation)
{
    const tl_c_function *function = tl_c_function_of(activation);
    return function->of_unit != NULL || function->of_layer != NULL;
}

static void print_function(tl_c_text *text, int activation)
{
    const tl_c_function *function = tl_c_function_of(activation);
    const char *name = tl_activation_kind_of(activation)->name;
    if (function->of_layer != NULL)
        tl_c_print(text, "\nstatic void f_%s(int count, real *z)\n{\n", name);
    else
        tl_c_print(text, "\nstatic real f_%s(real z%s)\n{\n    return ", name,
                   takes_alpha(activation) ? ", real alpha" : "");
    tl_c_print_function(text, function->of_layer != NULL ? function->of_layer : function->of_unit);
    tl_c_print(text, function->of_layer != NULL ? "}\n" : ";\n}\n");
}

/* Each that the network has, once. */
static void print_functions(tl_c_text *text, const talus_network *network)
{
    bool printed[TALUS_ACTIVATION_COUNT] = {0};
    use found;
    for (int i = 0; find_use(network, i, &found); i++) {
        if (!printed[found.activation] && changes(found.activation))
            print_function(text, found.activation);
        printed[found.activation] = true;
    }
}

static void print_dense(tl_c_text *text)
{
    tl_c_print(text, "\n/* z = W a + b */\n"
                     "static void dense(int rows, int cols, const real *weights, const real *biases, const "
                     "real *a, real *z)\n"
                     "{\n"
                     "    for (int i = 0; i < rows; i++) {\n"
                     "        real sum = 0;\n"
                     "        for (int j = 0; j < cols; j++)\n"
                     "            sum += weights[(size_t)i * (size_t)cols + (size_t)j] * a[j];\n"
                     "        z[i] = biases == NULL ? sum : sum + biases[i];\n"
                     "    }\n"
                     "}\n");
}

static void print_normalize(tl_c_text *text, const talus_network *network)
{
    for (int l = 1; l <= network->layer_count; l++)
        if (network->layers[l].norm->normalizes) {
            tl_c_print(text,
                       "\n/* Mean 0 and variance 1, then scales and shifts. */\n"
                       "static void normalize(int count, double epsilon, const real *scales, const real "
                       "*shifts, real *z)\n"
                       "{\n"
                       "    double mean = 0, square = 0;\n"
                       "    for (int k = 0; k < count; k++)\n"
                       "        mean += (double)z[k] / count;\n"
                       "    for (int k = 0; k < count; k++)\n"
                       "        square += ((double)z[k] - mean) * ((double)z[k] - mean);\n"
                       "    const double deviation = sqrt(square / count + epsilon);\n"
                       "    for (int k = 0; k < count; k++)\n"
                       "        z[k] = (real)(((double)z[k] - mean) / deviation) * scales[k] + shifts[k];\n"
                       "}\n");
            return;
        }
}

static void print_use(tl_c_text *text, const use *of, bool learns_slopes)
{
    const char *name = tl_activation_kind_of(of->activation)->name;
    if (tl_c_function_of(of->activation)->of_layer != NULL) {
        tl_c_print(text, "    f_%s(%lld, z + %lld);\n", name, (long long)of->count, (long long)of->first);
        return;
    }
    tl_c_print(text, "    for (int k = %lld; k < %lld; k++)\n        z[k] = f_%s(z[k]", (long long)of->first,
               (long long)(of->first + of->count), name);
    if (learns_slopes)
        tl_c_print(text, ", slopes_%d[k]", of->layer);
    else if (takes_alpha(of->activation)) {
        tl_c_print(text, ", ");
        tl_c_print_real(text, text->precision == TALUS_DTYPE_F64 ? of->alpha : (double)(float)of->alpha);
    }
    tl_c_print(text, ");\n");
}

/* a becomes A_l; z is used in between. */
static void print_layer(tl_c_text *text, const talus_network *network, int l)
{
    const tl_layer *layer = &network->layers[l];
    const long long width = (long long)layer->width;
    use found;
    tl_c_print(text, "\n    dense(%lld, %lld, weights_%d, ", width, (long long)layer->inputs, l);
    tl_c_print(text, layer->without_biases ? "NULL" : "biases_%d", l);
    tl_c_print(text, ", a, z);\n");
    if (layer->norm->normalizes) {
        tl_c_print(text, "    normalize(%lld, ", width);
        tl_c_print_double(text, layer->epsilon);
        tl_c_print(text, ", scales_%d, shifts_%d, z);\n", l, l);
    }
    for (int i = 0; find_use(network, i, &found); i++)
        if (found.layer == l && changes(found.activation))
            print_use(text, &found, layer->kind->learns_slopes);
    tl_c_print(text, "    for (int k = 0; k < %lld; k++)\n        a[k] = z[k];\n", width);
}

static const char *index_of(const tl_scaling *scaling)
{
    return scaling->count > 1 ? "k" : "0";
}

/* Input k, scaled and clipped. */
static void print_input(tl_c_text *text, const tl_scaling *in, bool clips)
{
    tl_c_print(text, clips ? "clipped(" : "");
    if (in->count > 0)
        tl_c_print(text, "((double)x[k] - input_shift[%s]) * input_scale[%s]", index_of(in), index_of(in));
    else
        tl_c_print(text, "(double)x[k]");
    tl_c_print(text, clips ? ")" : "");
}

/* A_0, in a. */
static void print_inputs(tl_c_text *text, const talus_network *network, const char *name)
{
    const tl_projection *projection = &network->input_projection;
    const tl_scaling *in = &network->input_scaling;
    const bool projects = projection->columns > 0, clips = network->input_clip > 0;
    tl_c_print(text, "    for (int k = 0; k < %s_inputs; k++)\n        %s[k] = ", name, projects ? "z" : "a");
    if (!projects && !clips && in->count == 0)
        tl_c_print(text, "x[k]");
    else {
        tl_c_print(text, "(real)(");
        print_input(text, in, clips);
        tl_c_print(text, projects ? " - input_mean[k])" : ")");
    }
    tl_c_print(text, ";\n");
    if (projects)
        tl_c_print(text, "    dense(%lld, %lld, projection_0, NULL, z, a);\n",
                   (long long)projection->features, (long long)projection->columns);
}

static void print_projection(tl_c_text *text, const tl_projection *projection)
{
    if (projection->columns == 0)
        return;
    tl_c_print_doubles(text, "input_mean", projection->mean, projection->columns);
    tl_c_print_array(text, "projection", 0, projection->factors, projection->features * projection->columns);
}

/* Before it is clipped, t is bounded so that its square is finite: from there on the result is that of the bound. */
static void print_clipped(tl_c_text *text, double clip)
{
    tl_c_print(text,
               "\n/* u/sqrt(1 + (u/c)^2) */\nstatic double clipped(double u)\n{\n    const double c = ");
    tl_c_print_double(text, clip);
    tl_c_print(text, ", t = u / c, b = t > 1e12 ? 1e12 : t < -1e12 ? -1e12 : t;\n"
                     "    return c * (b / sqrt(1 + b * b));\n}\n");
}

static void print_predict(tl_c_text *text, const talus_network *network, const char *name)
{
    const char *type = type_of(network->precision);
    const tl_scaling *out = tl_scaling_of_outputs(network);
    int64_t widest = tl_network_columns(network);
    for (int l = 0; l <= network->layer_count; l++)
        widest = network->layers[l].width > widest ? network->layers[l].width : widest;
    tl_c_print(text, "\nvoid %s_predict(const %s *x, %s *y)\n{\n    real a[%lld], z[%lld];\n", name, type,
               type, (long long)widest, (long long)widest);
    print_inputs(text, network, name);
    for (int l = 1; l <= network->layer_count; l++)
        print_layer(text, network, l);
    tl_c_print(text, "\n    for (int k = 0; k < %s_outputs; k++)\n        y[k] = ", name);
    if (out->count > 0)
        tl_c_print(text, "(real)((double)a[k] / output_scale[%s] + output_shift[%s]);\n}\n", index_of(out),
                   index_of(out));
    else
        tl_c_print(text, "a[k];\n}\n");
    tl_c_print(text,
               "\nvoid %s_predict_rows(size_t n, const %s *x, %s *y)\n{\n"
               "    for (size_t i = 0; i < n; i++)\n"
               "        %s_predict(x + i * %s_inputs, y + i * %s_outputs);\n}\n",
               name, type, type, name, name, name);
}

static void print_source(tl_c_text *text, const talus_network *network, const char *name)
{
    tl_c_print(text, "#include \"%s.h\"\n\n#include <math.h>\n\ntypedef %s real;\n\n", name,
               type_of(network->precision));
    print_parameters(text, network);
    print_scaling(text, "input", &network->input_scaling);
    print_projection(text, &network->input_projection);
    print_scaling(text, "output", tl_scaling_of_outputs(network));
    if (network->input_clip > 0)
        print_clipped(text, network->input_clip);
    print_functions(text, network);
    print_dense(text);
    print_normalize(text, network);
    print_predict(text, network, name);
}

typedef void print(tl_c_text *text, const talus_network *network, const char *name);

static talus_status write_file(const talus_network *network, const char *directory, const char *name,
                               char end, print *content)
{
    talus_context *context = network->context;
    tl_c_text text = {.precision = network->precision};
    tl_buffer path = {.context = context};
    tl_buffer_add_text(&path, directory);
    tl_buffer_add(&path, "/", 1);
    tl_buffer_print(&path, "%s.%c", name, end);
    tl_buffer_add(&path, "", 1);
    talus_status status = tl_buffer_check(&path, "the path of a program");
    if (status == TALUS_OK)
        status = tl_save_begin(context, path.bytes, &text.save);
    tl_buffer_release(&path);
    if (status != TALUS_OK)
        return status;
    content(&text, network, name);
    return tl_save_end(&text.save, text.status);
}

static talus_status export_c(const talus_network *network, const char *directory, const char *name)
{
    talus_network *folded = NULL;
    talus_status status = check(network, directory, name);
    if (status == TALUS_OK && tl_network_has_batch_statistics(network))
        status = talus_network_fold_normalization(network, &folded);
    if (status == TALUS_OK && folded != NULL)
        status = tl_check_parameters(folded, "export_c");
    if (folded != NULL)
        network = folded;
    if (status == TALUS_OK)
        status = write_file(network, directory, name, 'h', print_header);
    if (status == TALUS_OK)
        status = write_file(network, directory, name, 'c', print_source);
    talus_network_destroy(folded);
    return status;
}

talus_status talus_model_export_c(const talus_network *network, const char *directory, const char *name)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, export_c(network, directory, name)) : status;
}
