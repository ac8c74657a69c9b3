/* What the options of a fit may say. */
#include <math.h>

#include "train/fit_options.h"

#define ROW(field) TL_FIELD(talus_fit_options, field)

static const tl_option rows[] = {
    {ROW(optimizer), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "The spec of the optimiser; NULL: Adam's defaults."},
    {ROW(batch), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INFINITY, .standard = 128,
     .unit = "samples", .sentence = "Samples a step; the last one of an epoch takes what is left."},
    {ROW(epochs), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INFINITY, .standard = 10,
     .unit = "epochs", .sentence = "How often all samples are gone through."},
    {ROW(shuffle), .type = TALUS_OPTION_TYPE_FLAG, .most = 1, .standard = 1,
     .sentence = "Whether each epoch has a new order of the samples."},
    {ROW(seed), .type = TALUS_OPTION_TYPE_INT64, .least = -INFINITY, .most = INFINITY,
     .sentence = "The seed of these orders, any number."},
    {ROW(on_epoch), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Called after each epoch; not 0 stops."},
    {ROW(on_progress), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Called after each step; not 0 stops."},
    {ROW(user), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Handed to both."},
};

const tl_options tl_fit_table = {
    .name = "fit",
    .size = sizeof(talus_fit_options),
    .began = TL_END_OF(talus_fit_options, user),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_fit_options_defaults_sized(talus_fit_options *options, size_t size)
{
    tl_options_defaults(&tl_fit_table, options, size);
}
