#include "world.h"

#include <math.h>
#include <stdio.h>

enum { MOST_MEMORY = 1 << 24, MOST_THREADS = 3 };

void world_begin(world *w, const uint8_t *data, size_t size)
{
    *w = (world){.bytes = {data, data + size}, .memory = {.most = MOST_MEMORY}};
    for (int i = 0; i < CONTEXTS; i++) {
        talus_context_options options = fuzz_options(&w->memory, 1 + i);
        draw_options(w, NULL, TALUS_STRUCTURE_CONTEXT, &options);
        if (options.threads > MOST_THREADS)
            options.threads = MOST_THREADS;
        talus_status status = talus_context_create(&options, &w->contexts[i]);
        require(status == TALUS_OK || status == TALUS_ERROR_UNSUPPORTED);
        if (status != TALUS_OK) {
            options.instruction_set = TALUS_INSTRUCTION_SET_BEST;
            require(talus_context_create(&options, &w->contexts[i]) == TALUS_OK);
        }
    }
}

void world_end(world *w)
{
    for (int i = 0; i < w->net_count; i++) {
        talus_trainer_destroy(w->nets[i].trainer);
        talus_workspace_destroy(w->nets[i].workspace);
        talus_network_destroy(w->nets[i].network);
        free(w->nets[i].before);
    }
    while (w->dataset_count > 0) /* parts before what they are parts of */
        talus_dataset_destroy(w->datasets[--w->dataset_count]);
    for (int i = 0; i < CONTEXTS; i++)
        talus_context_destroy(w->contexts[i]);
    require(w->memory.alive == 0);
    for (int i = 0; i < w->array_count; i++)
        free(w->arrays[i]);
}

/* An index below count, or −1. */
static int draw_index(world *w, int count)
{
    return count == 0 || one_in(&w->bytes, 32) ? -1 : (int)draw(&w->bytes, 0, count - 1);
}

talus_context *draw_context(world *w)
{
    return w->contexts[draw(&w->bytes, 0, CONTEXTS - 1)];
}

net *draw_net(world *w)
{
    int i = draw_index(w, w->net_count);
    return i < 0 ? NULL : &w->nets[i];
}

net *draw_worker(world *w)
{
    net *n = draw_net(w);
    return n == NULL || n->workspace == NULL ? NULL : n;
}

talus_dataset *draw_dataset(world *w)
{
    int i = draw_index(w, w->dataset_count);
    return i < 0 ? NULL : w->datasets[i];
}

int draw_value(world *w, int enumeration)
{
    int count = talus_enumeration_count(enumeration);
    return one_in(&w->bytes, 16)
               ? (int)draw(&w->bytes, -1, count + 1)
               : talus_enumeration_value_at(enumeration, (int)draw(&w->bytes, 0, count - 1));
}

double draw_number(world *w)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, 1e308, -1e308, 1e38, 1e-40, 5e-324, -0.0, 1e-12};
    return one_in(&w->bytes, 16) ? odd[draw(&w->bytes, 0, sizeof odd / sizeof *odd - 1)]
                                 : (double)draw(&w->bytes, -128, 127) / 64;
}

int64_t draw_size(world *w)
{
    static const int64_t odd[] = {0, -1, INT64_MIN, 200, 513, INT32_MAX, (int64_t)1 << 40, INT64_MAX};
    return one_in(&w->bytes, 16) ? odd[draw(&w->bytes, 0, sizeof odd / sizeof *odd - 1)]
                                 : draw(&w->bytes, 1, 40);
}

void *new_array(world *w, size_t bytes)
{
    void *array = w->array_count < ARRAYS ? calloc(bytes, 1) : NULL;
    if (array != NULL)
        w->arrays[w->array_count++] = array;
    return array;
}

static void fill_row(const talus_matrix *view, int64_t row, int64_t classes, uint32_t *random)
{
    for (int64_t j = 0; j < view->cols; j++) {
        int64_t i = row * view->stride + j;
        *random = *random * 1664525 + 1013904223;
        int byte = (int)(*random >> 24);
        if (view->dtype == TALUS_DTYPE_F32)
            ((float *)view->data)[i] = (float)byte / 256;
        else if (view->dtype == TALUS_DTYPE_F64)
            ((double *)view->data)[i] = (double)byte / 256;
        else if (view->dtype == TALUS_DTYPE_U8)
            ((uint8_t *)view->data)[i] = (uint8_t)byte;
        else
            ((int32_t *)view->data)[i] = (int32_t)(byte % classes);
    }
}

/* Puts a number anywhere in an array, the gaps between its rows included. */
static void place_number(world *w, const talus_matrix *view, int64_t elements)
{
    int64_t i = draw(&w->bytes, 0, elements - 1);
    double number = draw_number(w);
    if (view->dtype == TALUS_DTYPE_F32)
        ((float *)view->data)[i] = (float)number;
    else if (view->dtype == TALUS_DTYPE_F64)
        ((double *)view->data)[i] = number;
    else if (view->dtype == TALUS_DTYPE_I32)
        ((int32_t *)view->data)[i] = (int32_t)draw(&w->bytes, -2, 127);
}

/* A view that is refused whatever it is for. */
static void make_wrong(world *w, talus_matrix *view)
{
    switch (draw(&w->bytes, 0, 4)) {
    case 0:
        view->dtype = one_in(&w->bytes, 2) ? -1 : TALUS_DTYPE_COUNT;
        break;
    case 1:
        view->rows = -draw(&w->bytes, 0, 1);
        break;
    case 2:
        view->cols = -draw(&w->bytes, 0, 1);
        break;
    case 3:
        view->stride = view->cols > 1 ? view->cols - 1 : -1;
        break;
    default:
        view->data = NULL;
    }
}

talus_matrix draw_matrix(world *w, int dtype, int64_t rows, int64_t cols, int64_t classes)
{
    static const size_t sizes[] = {sizeof(float), sizeof(double), 1, sizeof(int32_t)};
    bool flawed = one_in(&w->bytes, 8);
    int flaw = flawed ? (int)draw(&w->bytes, 0, 3) : -1;
    rows += flaw == 0, cols += flaw == 1;
    int64_t stride = cols + (one_in(&w->bytes, 4) ? draw(&w->bytes, 0, 9) : 0);
    int64_t elements = (rows - 1) * stride + cols;
    talus_matrix view = talus_matrix_view(new_array(w, (size_t)elements * sizes[dtype]), dtype, rows, cols);
    view.stride = stride;
    uint32_t random = (uint32_t)draw(&w->bytes, 0, 255);
    for (int64_t row = 0; row < rows && view.data != NULL; row++)
        fill_row(&view, row, classes, &random);
    if (flaw == 2 && view.data != NULL)
        place_number(w, &view, elements);
    if (flaw == 3)
        make_wrong(w, &view);
    if (stride == cols && one_in(&w->bytes, 4))
        view.stride = 0;
    return view;
}

talus_matrix draw_inputs(world *w, const net *n, int64_t rows)
{
    /* now and then those behind a projection, which may be fewer */
    int64_t columns = one_in(&w->bytes, 8) ? talus_network_width(n->network, 0)
                                           : talus_network_columns(n->network);
    return draw_matrix(w, (int)draw(&w->bytes, 0, 3) % 3, rows, columns, 1);
}

talus_matrix draw_targets(world *w, const net *n, int64_t rows)
{
    int64_t outputs = talus_network_width(n->network, talus_network_layer_count(n->network));
    int loss = talus_network_loss(n->network);
    int dtype = (int)draw(&w->bytes, 0, 3);
    if (loss == TALUS_CROSS_ENTROPY && !one_in(&w->bytes, 4))
        dtype = TALUS_DTYPE_I32;
    if (loss == TALUS_BINARY_CROSS_ENTROPY && dtype == TALUS_DTYPE_U8)
        dtype = TALUS_DTYPE_F32;
    return draw_matrix(w, dtype, rows, dtype == TALUS_DTYPE_I32 ? 1 : outputs, outputs > 1 ? outputs : 2);
}

talus_matrix draw_outputs(world *w, int64_t rows, int64_t cols)
{
    return draw_matrix(w, (int)draw(&w->bytes, 0, 1), rows, cols, 1);
}

/* A text for an option: a value that its type has, or any bytes. */
static void draw_text(world *w, const talus_option *option, char *text, size_t room)
{
    static const char *const odd[] = {
        "",   "0",    "-1",   "1",          "true", "nan", "1e999", "0x10",
        " 1", "1e-9", "0.99", "2147483648", "inf",  "1,5", "-",     "9223372036854775808"};
    size_t length = 0;
    switch (draw(&w->bytes, 0, 3)) {
    case 0: /* what is in the input */
        while (length + 1 < room && length < 12 && w->bytes.next < w->bytes.end && *w->bytes.next != '\n')
            text[length++] = (char)*w->bytes.next++;
        text[length] = '\0';
        w->bytes.next += w->bytes.next < w->bytes.end;
        break;
    case 1:
        snprintf(text, room, "%s", odd[draw(&w->bytes, 0, sizeof odd / sizeof *odd - 1)]);
        break;
    default:
        if (option->type == TALUS_OPTION_TYPE_NAME)
            snprintf(text, room, "%s",
                     talus_enumeration_name(option->enumeration, draw_value(w, option->enumeration)));
        else
            snprintf(text, room, option->type == TALUS_OPTION_TYPE_DOUBLE ? "%d.5" : "%d",
                     (int)draw(&w->bytes, -1, 6));
    }
}

/* What an option was set to can be read, and set to again without a change. */
static void require_round_trip(talus_context *context, int structure, void *options, const char *name)
{
    char text[64];
    size_t length, size = talus_structure_size(structure);
    unsigned char before[512];
    require(size <= sizeof before);
    memcpy(before, options, size);
    require(talus_option_get(context, structure, options, name, text, sizeof text, &length) == TALUS_OK);
    require(strlen(text) == length);
    require(talus_option_set(context, structure, options, name, text) == TALUS_OK);
    require(memcmp(before, options, size) == 0);
}

void draw_options(world *w, talus_context *context, int structure, void *options)
{
    for (int64_t left = draw(&w->bytes, 0, 3); left > 0; left--) {
        int index = (int)draw(&w->bytes, 0, talus_option_count(structure) - 1);
        talus_option option;
        require(talus_option_info(structure, index, &option) == TALUS_OK);
        char text[64], name[32];
        draw_text(w, &option, text, sizeof text);
        snprintf(name, sizeof name, "%s", option.name);
        if (one_in(&w->bytes, 16))
            name[draw(&w->bytes, 0, (int64_t)strlen(name) - 1)] ^= (char)draw(&w->bytes, 1, 127);
        talus_status status = talus_option_set(context, structure, options, name, text);
        if (context != NULL)
            checked(context, status);
        if (status == TALUS_OK)
            require_round_trip(context, structure, options, name);
    }
}

static size_t bytes_of(const talus_matrix *parameters)
{
    return (size_t)parameters->cols * (parameters->dtype == TALUS_DTYPE_F64 ? sizeof(double) : sizeof(float));
}

void remember_net(net *n)
{
    memcpy(n->before, n->parameters.data, bytes_of(&n->parameters));
}

void require_parameters_unchanged(const world *w)
{
    for (int i = 0; i < w->net_count; i++)
        require(memcmp(w->nets[i].before, w->nets[i].parameters.data, bytes_of(&w->nets[i].parameters)) == 0);
}

static bool all_finite(const void *numbers, const talus_matrix *like)
{
    for (int64_t i = 0; i < like->cols; i++)
        if (!isfinite(like->dtype == TALUS_DTYPE_F64 ? ((const double *)numbers)[i]
                                                     : (double)((const float *)numbers)[i]))
            return false;
    return true;
}

void require_parameters_stay_finite(const world *w)
{
    for (int i = 0; i < w->net_count; i++) {
        const net *n = &w->nets[i];
        require(!all_finite(n->before, &n->parameters) || all_finite(n->parameters.data, &n->parameters));
    }
}
