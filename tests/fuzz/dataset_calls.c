/* Calls that make parts of data sets. */
#include "calls.h"

static talus_status slice(world *w)
{
    talus_dataset *whole = draw_dataset(w), *part = NULL;
    int64_t first = draw(&w->bytes, -1, 80);
    talus_status status = talus_dataset_slice(whole, first, draw_size(w), &part);
    return keep_dataset(w, status, part);
}

static talus_status list_rows(world *w)
{
    talus_dataset *whole = draw_dataset(w), *part = NULL;
    int64_t count = draw(&w->bytes, 0, 100), *rows = new_array(w, (size_t)count * sizeof *rows);
    int64_t samples = talus_dataset_samples(whole), wrong = one_in(&w->bytes, 8);
    for (int64_t i = 0; i < count && rows != NULL && samples > 0; i++)
        rows[i] = draw(&w->bytes, -wrong, samples - 1 + wrong);
    talus_status status = talus_dataset_rows(whole, rows, count, &part);
    return keep_dataset(w, status, part);
}

static talus_status shuffle(world *w)
{
    talus_dataset *whole = draw_dataset(w), *part = NULL;
    talus_status status = talus_dataset_shuffle(whole, (uint64_t)draw(&w->bytes, 0, 255), &part);
    return keep_dataset(w, status, part);
}

static talus_status split(world *w)
{
    talus_dataset *whole = draw_dataset(w), *first = NULL, *second = NULL;
    double fraction = one_in(&w->bytes, 8) ? draw_number(w) : (double)draw(&w->bytes, 1, 99) / 100;
    talus_status status = talus_dataset_split(whole, fraction, (int)draw(&w->bytes, 0, 1),
                                              (uint64_t)draw(&w->bytes, 0, 255), &first, &second);
    if (status == TALUS_OK)
        require(talus_dataset_samples(first) + talus_dataset_samples(second) == talus_dataset_samples(whole));
    keep_dataset(w, status, first);
    return keep_dataset(w, status, second);
}

static talus_status divide(world *w)
{
    enum { MOST_PARTS = 4 };
    talus_dataset *whole = draw_dataset(w), *parts[MOST_PARTS] = {NULL};
    double fractions[MOST_PARTS] = {0}, left = 1;
    int count = (int)draw(&w->bytes, 1, MOST_PARTS);
    for (int p = 0; p < count - 1; p++) {
        fractions[p] = one_in(&w->bytes, 8) ? draw_number(w) : left * (double)draw(&w->bytes, 1, 99) / 100;
        left -= fractions[p];
    }
    fractions[count - 1] = left;
    talus_status status = talus_dataset_divide(whole, fractions, count, (int)draw(&w->bytes, 0, 1),
                                               (uint64_t)draw(&w->bytes, 0, 255), parts);
    int64_t samples = 0;
    for (int p = 0; p < count; p++)
        samples += talus_dataset_samples(parts[p]);
    require(samples == (status == TALUS_OK ? talus_dataset_samples(whole) : 0));
    for (int p = 0; p < count; p++)
        keep_dataset(w, status, parts[p]);
    return status;
}

static void fill(void *to, int dtype, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (dtype == TALUS_DTYPE_F32)
            ((float *)to)[i] = 1;
        else if (dtype == TALUS_DTYPE_F64)
            ((double *)to)[i] = 1;
        else if (dtype == TALUS_DTYPE_U8)
            ((uint8_t *)to)[i] = 1;
        else
            ((int32_t *)to)[i] = 0;
}

/* A stream that is its own user. All its samples are the same, and it fails always or never, so that a fit on it that gives an
 * error has made no step. */
static int read_same(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    const talus_stream *stream = user;
    for (int64_t i = 0; i < count; i++)
        require(rows[i] >= 0 && rows[i] < stream->samples);
    require((targets != NULL) == (stream->targets > 0));
    fill(inputs, stream->input_dtype, count * stream->inputs);
    fill(targets, stream->target_dtype, count * stream->targets);
    return stream->samples % 8 == 0;
}

static talus_status make_stream(world *w)
{
    enum { MOST_ROWS = 1000 }; /* of a stream that is kept: calls go through all of them */
    net *n = draw_net(w);
    talus_dataset *made = NULL;
    talus_stream *stream = new_array(w, sizeof *stream);
    const int64_t rows = one_in(&w->bytes, 8) ? draw_size(w) : draw(&w->bytes, 1, 80);
    if (n == NULL || stream == NULL)
        return keep_dataset(w, talus_dataset_from_stream(draw_context(w), NULL, &made), made);
    const talus_matrix inputs = draw_inputs(w, n, 1),
                       targets = draw_targets(w, n, rows >= 1 && rows < MOST_ROWS ? rows : 1);
    const bool resident = one_in(&w->bytes, 3);
    *stream = (talus_stream){.samples = rows,
                             .inputs = inputs.cols,
                             .input_dtype = inputs.dtype,
                             .target_dtype = resident ? 0 : targets.dtype,
                             .targets = resident ? 0 : targets.cols,
                             .resident = resident ? &targets : NULL,
                             .read = read_same,
                             .user = stream,
                             .missing_targets = draw(&w->bytes, 0, 1)};
    talus_status status = talus_dataset_from_stream(draw_context(w), stream, &made);
    stream->resident = NULL; /* of this call */
    if (rows >= MOST_ROWS) {
        talus_dataset_destroy(made);
        return status;
    }
    return keep_dataset(w, status, made);
}

/* The rows of all samples lie within the arrays. */
static talus_status look_up_rows(world *w)
{
    talus_dataset *dataset = draw_dataset(w);
    talus_matrix inputs, targets;
    if (dataset == NULL)
        return TALUS_OK;
    require(talus_dataset_matrices(dataset, &inputs, &targets) == TALUS_OK);
    for (int64_t i = 0; i < talus_dataset_samples(dataset); i++)
        require(talus_dataset_row(dataset, i) >= 0 && talus_dataset_row(dataset, i) < inputs.rows);
    require(talus_dataset_row(dataset, talus_dataset_samples(dataset)) == -1);
    require(talus_dataset_row(dataset, draw_size(w)) < inputs.rows);
    return TALUS_OK;
}

static const fuzz_call calls[] = {
    {slice, false},  {list_rows, false},    {shuffle, false},     {split, false},
    {divide, false}, {look_up_rows, false}, {make_stream, false},
};

const fuzz_calls dataset_calls = {calls, sizeof calls / sizeof *calls};
