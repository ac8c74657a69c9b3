#include "fit_support.h"

talus_dataset *training, *held_out, *labelled;
static double *x, *y;
static int32_t labels[SAMPLES];

void begin_fits(void)
{
    begin_counted();
    x = random_array(1, (SAMPLES + HELD_OUT) * INPUTS);
    y = random_array(2, SAMPLES + HELD_OUT);
    for (int i = 0; i < SAMPLES; i++)
        labels[i] = i % 7 == 0 ? 2 : i % 2;
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                 values = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 1),
                 classes = talus_matrix_view(labels, TALUS_DTYPE_I32, SAMPLES, 1),
                 others = talus_matrix_view(x + SAMPLES * INPUTS, TALUS_DTYPE_F64, HELD_OUT, INPUTS),
                 of_others = talus_matrix_view(y + SAMPLES, TALUS_DTYPE_F64, HELD_OUT, 1);
    training = dataset_of(&in, &values);
    labelled = dataset_of(&in, &classes);
    held_out = dataset_of(&others, &of_others);
}

void end_fits(void)
{
    talus_dataset_destroy(held_out);
    talus_dataset_destroy(labelled);
    talus_dataset_destroy(training);
    end_counted();
    free(x), free(y);
}

pupil make_pupil(int precision, int method, double rate)
{
    pupil p = {.network = two_layers(precision, INPUTS, 6, 1, TALUS_IDENTITY)};
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, method);
    spec.rate = rate;
    expect_ok(context, talus_trainer_create(p.network, &spec, SAMPLES, &p.trainer));
    return p;
}

void free_pupil(pupil *p)
{
    talus_trainer_destroy(p->trainer);
    talus_network_destroy(p->network);
}

talus_fit_options fit_options(int64_t epochs)
{
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.batch = ROWS, options.epochs = epochs, options.seed = 5;
    return options;
}

talus_fit_result run_fit(pupil *p, const talus_dataset *validation, const talus_fit_options *options)
{
    talus_fit_result result;
    expect_ok(context, talus_trainer_fit(p->trainer, training, validation, options, &result));
    return result;
}

talus_epoch epoch_of(const pupil *p, int64_t number)
{
    talus_epoch epoch = {.epoch = -1};
    expect_ok(context, talus_trainer_epoch(p->trainer, number, &epoch));
    return epoch;
}
