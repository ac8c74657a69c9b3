#include "fit_support.h"

talus_dataset *training, *held_out, *labelled, *bowl;
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
    static const double sides[2] = {1, -1}, zeros[2] = {0, 0}; /* mean of ½(w + b)² and ½(−w + b)² */
    talus_matrix of_bowl = talus_matrix_view(sides, TALUS_DTYPE_F64, 2, 1),
                 floor = talus_matrix_view(zeros, TALUS_DTYPE_F64, 2, 1);
    bowl = dataset_of(&of_bowl, &floor);
    training = dataset_of(&in, &values);
    labelled = dataset_of(&in, &classes);
    held_out = dataset_of(&others, &of_others);
}

void end_fits(void)
{
    talus_dataset_destroy(bowl);
    talus_dataset_destroy(held_out);
    talus_dataset_destroy(labelled);
    talus_dataset_destroy(training);
    end_counted();
    free(x), free(y);
}

pupil make_bowl(int precision, double rate)
{
    return make_bowl_of(precision, TALUS_GRADIENT_DESCENT, rate);
}

pupil make_bowl_of(int precision, int method, double rate)
{
    pupil p = {.network = NULL};
    talus_layer layer = {.width = 1};
    talus_network_spec spec = {.inputs = 1, .layers = &layer, .layer_count = 1, .precision = precision};
    expect_ok(context, talus_network_create(context, &spec, &p.network));
    talus_matrix w;
    expect_ok(context, talus_network_weights(p.network, NULL, 1, &w));
    if (precision == TALUS_DTYPE_F32)
        *(float *)w.data = 1;
    else
        *(double *)w.data = 1;
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, method);
    optimizer.rate = rate;
    expect_ok(context, talus_trainer_create(p.network, &optimizer, 2, &p.trainer));
    return p;
}

double bowl_weight(const pupil *p)
{
    talus_matrix w;
    expect_ok(context, talus_network_weights(p->network, NULL, 1, &w));
    return w.dtype == TALUS_DTYPE_F32 ? (double)*(float *)w.data : *(double *)w.data;
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

pupil make_normalized(double max_norm)
{
    pupil p;
    talus_layer layers[2] = {talus_dense(6, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
    layers[0].normalization = TALUS_NORMALIZATION_BATCH, layers[0].max_norm = max_norm;
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_optimizer_spec method;
    talus_optimizer_defaults(&method, TALUS_ADAM);
    method.rate = 0.02;
    expect_ok(context, talus_network_create(context, &spec, &p.network));
    expect_ok(context, talus_trainer_create(p.network, &method, SAMPLES, &p.trainer));
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

talus_fit_result fit_bowl(pupil *p, const talus_fit_options *options)
{
    talus_fit_result result;
    expect_ok(context, talus_trainer_fit(p->trainer, bowl, NULL, options, &result));
    return result;
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

double cost_of(const talus_network *network)
{
    talus_workspace *workspace = workspace_of(network, SAMPLES);
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(network, workspace, held_out, &metrics));
    talus_workspace_destroy(workspace);
    return metrics.cost;
}
