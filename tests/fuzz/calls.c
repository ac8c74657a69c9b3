/* Bytes as a sequence of calls, legal and not. Each call is a row of a table, at the end or in calls.h, which a byte chooses; the bytes
 * after it are its arguments. The first four make what the others need. After each: a status, an error with a message of one line; parameters change only by
 * calls that are there to change them and that worked, and stay finite. */
#include <math.h>

#include "calls.h"

enum { MOST_CALLS = 48, MAKERS = 4 };

/* Keeps a network that a spec makes, if there is room. */
static talus_status add_network(world *w, talus_context *context, const talus_network_spec *spec)
{
    if (w->net_count == NETWORKS)
        return TALUS_OK;
    net *n = &w->nets[w->net_count];
    talus_status status = checked(context, talus_network_create(context, spec, &n->network));
    if (status != TALUS_OK)
        return status;
    require(talus_network_parameters(n->network, &n->parameters) == TALUS_OK);
    n->before = malloc((size_t)n->parameters.cols * sizeof(double));
    require(n->before != NULL);
    remember_net(n);
    w->net_count++;
    return status;
}

static talus_status make_network(world *w)
{
    talus_context *context = draw_context(w);
    talus_layer layers[LAYERS];
    talus_network_spec spec = talus_dense_network(draw_size(w), layers, (int)draw(&w->bytes, 1, LAYERS),
                                                  draw_value(w, TALUS_ENUMERATION_LOSS));
    for (int l = 0; l < spec.layer_count; l++) {
        layers[l] = talus_dense(draw_size(w), draw_value(w, TALUS_ENUMERATION_ACTIVATION));
        draw_options(w, context, TALUS_STRUCTURE_LAYER, &layers[l]);
    }
    if (!one_in(&w->bytes, 8) && spec.loss != TALUS_SQUARED_ERROR)
        layers[spec.layer_count - 1].activation = spec.loss == TALUS_CROSS_ENTROPY ? TALUS_SOFTMAX
                                                                                   : TALUS_SIGMOID;
    spec.precision = (int)draw(&w->bytes, 0, 1);
    draw_options(w, context, TALUS_STRUCTURE_NETWORK, &spec);
    if (spec.layer_count > LAYERS)
        spec.layer_count = LAYERS;
    return add_network(w, context, &spec);
}

/* Outputs in ranges, and weights of outputs, which may be too few or too many. */
static talus_status make_ranged_network(world *w)
{
    enum { RANGES = 3, MOST_OUTPUTS = 5 };
    talus_context *context = draw_context(w);
    talus_output_range ranges[RANGES];
    double output_weights[RANGES * MOST_OUTPUTS];
    int count = (int)draw(&w->bytes, 1, RANGES);
    int64_t outputs = 0;
    for (int r = 0; r < count; r++) {
        talus_output_range_defaults(&ranges[r]);
        ranges[r].outputs = draw(&w->bytes, 1, MOST_OUTPUTS);
        ranges[r].activation = draw_value(w, TALUS_ENUMERATION_ACTIVATION);
        ranges[r].loss = draw_value(w, TALUS_ENUMERATION_LOSS);
        draw_options(w, context, TALUS_STRUCTURE_RANGE, &ranges[r]);
        outputs += ranges[r].outputs > 0 && ranges[r].outputs <= MOST_OUTPUTS ? ranges[r].outputs : 0;
    }
    for (int k = 0; k < RANGES * MOST_OUTPUTS; k++)
        output_weights[k] = k % 4 == 0 ? draw_number(w) : 1;
    talus_layer layers[] = {talus_dense(draw(&w->bytes, 1, 20), TALUS_TANH),
                            talus_dense(outputs + one_in(&w->bytes, 8), TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(draw(&w->bytes, 1, 20), layers, 2, TALUS_SQUARED_ERROR);
    spec.ranges = ranges, spec.range_count = count, spec.range_size = sizeof *ranges;
    spec.precision = (int)draw(&w->bytes, 0, 1);
    draw_options(w, context, TALUS_STRUCTURE_NETWORK, &spec);
    spec.layer_count = spec.layer_count < 2 ? spec.layer_count : 2;
    spec.range_count = spec.range_count < count ? spec.range_count : count;
    if (one_in(&w->bytes, 3)) {
        spec.output_weights = output_weights;
        spec.output_weight_count = (int)draw(&w->bytes, 0, RANGES * MOST_OUTPUTS);
    }
    return add_network(w, context, &spec);
}

static talus_status initialize(world *w)
{
    net *n = draw_net(w);
    return talus_network_initialize(n == NULL ? NULL : n->network, draw(&w->bytes, -2, 9));
}

static talus_status write_parameter(world *w)
{
    net *n = draw_net(w);
    if (n == NULL)
        return TALUS_OK;
    int64_t i = draw(&w->bytes, 0, n->parameters.cols - 1);
    double number = draw_number(w);
    if (n->parameters.dtype == TALUS_DTYPE_F64)
        ((double *)n->parameters.data)[i] = number;
    else
        ((float *)n->parameters.data)[i] = (float)number;
    remember_net(n);
    return TALUS_OK;
}

static talus_status take_part(world *w)
{
    net *n = draw_net(w);
    if (n == NULL)
        return TALUS_OK;
    talus_matrix flat = draw_outputs(w, 1, n->parameters.cols), view;
    int layer = (int)draw(&w->bytes, 0, LAYERS + 1), part = draw_value(w, TALUS_ENUMERATION_PART);
    talus_status status = talus_network_part(n->network, one_in(&w->bytes, 2) ? &flat : NULL, layer, part,
                                             &view);
    if (status == TALUS_OK)
        require(view.rows * view.cols <= n->parameters.cols);
    return status;
}

static talus_status make_workspace(world *w)
{
    net *n = draw_net(w);
    talus_context *context = draw_context(w);
    talus_workspace *made = NULL;
    talus_status status = checked(
        context, talus_workspace_create(context, n == NULL ? NULL : n->network, draw_size(w), &made));
    if (status != TALUS_OK)
        return status;
    talus_workspace_destroy(n->workspace);
    n->workspace = made, n->worker = context;
    return status;
}

static talus_optimizer_spec draw_optimizer(world *w)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, draw_value(w, TALUS_ENUMERATION_METHOD));
    draw_options(w, draw_context(w), TALUS_STRUCTURE_OPTIMIZER, &spec);
    return spec;
}

static talus_status make_trainer(world *w)
{
    net *n = draw_net(w);
    talus_optimizer_spec spec = draw_optimizer(w);
    talus_trainer *made = NULL;
    talus_status status = talus_trainer_create(n == NULL ? NULL : n->network,
                                               one_in(&w->bytes, 4) ? NULL : &spec, draw_size(w), &made);
    if (status != TALUS_OK)
        return status;
    talus_trainer_destroy(n->trainer);
    n->trainer = made;
    return status;
}

static talus_status set_rate(world *w)
{
    net *n = draw_net(w);
    return talus_trainer_set_rate(n == NULL ? NULL : n->trainer, draw_number(w));
}

talus_status keep_dataset(world *w, talus_status status, talus_dataset *made)
{
    require((status == TALUS_OK) == (made != NULL));
    if (status == TALUS_OK)
        require(talus_dataset_samples(made) > 0);
    if (status == TALUS_OK && w->dataset_count < DATASETS)
        w->datasets[w->dataset_count++] = made;
    else
        talus_dataset_destroy(made);
    return status;
}

static talus_status make_dataset(world *w)
{
    net *n = draw_net(w);
    talus_context *context = draw_context(w);
    talus_dataset *made = NULL;
    int64_t rows = draw(&w->bytes, 1, 80);
    talus_matrix inputs = n == NULL ? draw_outputs(w, rows, 3) : draw_inputs(w, n, rows);
    talus_matrix targets = n == NULL ? draw_outputs(w, rows, 2) : draw_targets(w, n, rows);
    talus_status status = talus_dataset_from_matrices(context, &inputs,
                                                      one_in(&w->bytes, 8) ? NULL : &targets, &made);
    return keep_dataset(w, checked(context, status), made);
}

static talus_status scale(world *w)
{
    net *n = draw_net(w);
    bool inputs = one_in(&w->bytes, 2);
    if (n == NULL)
        return TALUS_OK;
    int64_t count = talus_network_width(n->network, inputs ? 0 : talus_network_layer_count(n->network));
    count = one_in(&w->bytes, 4) ? 1 : count + one_in(&w->bytes, 8);
    double *shift = new_array(w, (size_t)count * sizeof *shift),
           *factor = new_array(w, (size_t)count * sizeof *shift);
    for (int64_t i = 0; i < count && shift != NULL && factor != NULL; i++)
        shift[i] = draw_number(w), factor[i] = i % 3 == 0 ? draw_number(w) : 0.5;
    if (one_in(&w->bytes, 4))
        shift = NULL;
    if (one_in(&w->bytes, 4))
        factor = NULL;
    return inputs ? talus_network_scale_inputs(n->network, shift, factor, count)
                  : talus_network_scale_targets(n->network, shift, factor, count);
}

static talus_status fit_scaling(world *w)
{
    net *n = draw_net(w);
    const talus_dataset *dataset = draw_dataset(w);
    int kind = (int)draw(&w->bytes, -1, TALUS_SCALING_COUNT);
    if (n == NULL)
        return TALUS_OK;
    return one_in(&w->bytes, 2) ? talus_network_fit_input_scaling(n->network, dataset, kind)
                                : talus_network_fit_target_scaling(n->network, dataset, kind);
}

/* predict, or forward */
static talus_status evaluate_batch(world *w)
{
    net *n = draw_net(w);
    int64_t rows = draw(&w->bytes, 1, 41);
    if (n == NULL || n->workspace == NULL)
        return talus_predict(NULL, NULL, NULL, NULL);
    bool predicts = one_in(&w->bytes, 2);
    talus_matrix inputs = draw_inputs(w, n, rows);
    talus_matrix outputs = draw_outputs(
        w, rows, talus_network_width(n->network, talus_network_layer_count(n->network)));
    talus_status status = predicts ? talus_predict(n->network, n->workspace, &inputs, &outputs)
                                   : talus_forward(n->network, n->workspace, &inputs,
                                                   one_in(&w->bytes, 4) ? NULL : &outputs);
    return checked(n->worker, status);
}

static talus_status backward(world *w)
{
    net *n = draw_net(w);
    if (n == NULL || n->workspace == NULL)
        return TALUS_OK;
    int64_t rows = draw(&w->bytes, 1, 41);
    talus_matrix given = draw_outputs(w, rows,
                                      talus_network_width(n->network, talus_network_layer_count(n->network)));
    talus_matrix flat = draw_matrix(w, n->parameters.dtype, 1, n->parameters.cols, 1);
    talus_matrix back = draw_outputs(w, rows, talus_network_width(n->network, 0));
    return checked(n->worker,
                   talus_backward(n->network, n->workspace, &given, one_in(&w->bytes, 4) ? NULL : &flat,
                                  one_in(&w->bytes, 2) ? NULL : &back));
}

talus_batch draw_batch(world *w, const net *n)
{
    int64_t rows = draw(&w->bytes, 1, 41);
    talus_matrix inputs = draw_inputs(w, n, rows), targets = draw_targets(w, n, rows);
    talus_batch batch = talus_batch_of(inputs, targets);
    if (one_in(&w->bytes, 3))
        batch.weights = draw_outputs(w, one_in(&w->bytes, 4) ? 3 : rows, 1);
    return batch;
}

static talus_status gradient(world *w)
{
    net *n = draw_net(w);
    if (n == NULL || n->workspace == NULL)
        return TALUS_OK;
    talus_batch batch = draw_batch(w, n);
    talus_matrix flat = draw_matrix(w, n->parameters.dtype, 1, n->parameters.cols, 1);
    double cost;
    talus_metrics metrics;
    if (one_in(&w->bytes, 4))
        return checked(n->worker, talus_evaluate_batch(n->network, n->workspace, &batch, &metrics));
    return checked(n->worker,
                   talus_gradient(n->network, n->workspace, &batch, one_in(&w->bytes, 4) ? NULL : &cost,
                                  one_in(&w->bytes, 4) ? NULL : &flat));
}

static talus_status evaluate(world *w)
{
    net *n = draw_net(w);
    const talus_dataset *dataset = draw_dataset(w);
    talus_metrics metrics;
    if (n == NULL || n->workspace == NULL)
        return TALUS_OK;
    talus_status status = checked(n->worker, talus_evaluate(n->network, n->workspace, dataset, &metrics));
    if (status == TALUS_OK) {
        require(metrics.samples == talus_dataset_samples(dataset));
        require(isnan(metrics.accuracy) || (metrics.accuracy >= 0 && metrics.accuracy <= 1));
    }
    return status;
}

static talus_status step(world *w)
{
    net *n = draw_net(w);
    if (n == NULL || n->trainer == NULL)
        return talus_trainer_step(NULL, NULL, NULL);
    talus_batch batch = draw_batch(w, n);
    double cost = NAN;
    talus_status status = talus_trainer_step(n->trainer, &batch, &cost);
    if (status == TALUS_OK && !isfinite(cost))
        require_parameters_unchanged(w);
    return status;
}

static int stop_sometimes(const talus_epoch *epoch, void *user)
{
    world *w = user;
    require(epoch->epoch >= 1 && epoch->seconds >= 0);
    return one_in(&w->bytes, 4);
}

static int stop_a_step_sometimes(const talus_progress *progress, void *user)
{
    world *w = user;
    require(progress->sample >= 1 && progress->sample <= progress->samples &&
            progress->epoch <= progress->epochs);
    return one_in(&w->bytes, 8);
}

static void look_at_end(const talus_fit_result *result, void *user)
{
    (void)user;
    require(result->epochs >= 0 && result->steps >= 0);
}

/* What is streamed is not read before the fit: where a validation set fails, the steps of the epoch before it stand. */
static void keep_steps_before(world *w, const talus_dataset *validation)
{
    talus_matrix inputs;
    if (validation == NULL || talus_dataset_matrices(validation, &inputs, NULL) != TALUS_OK ||
        inputs.data != NULL)
        return;
    for (int k = 0; k < w->net_count; k++)
        remember_net(&w->nets[k]);
}

/* In one call, or by the trainer that the network has. */
static talus_status fit_with(world *w, talus_fit_options options)
{
    net *n = draw_net(w);
    const talus_dataset *training = draw_dataset(w);
    const talus_dataset *validation = one_in(&w->bytes, 2) ? draw_dataset(w) : NULL;
    talus_optimizer_spec optimizer = draw_optimizer(w);
    talus_fit_result result;
    options.epochs = 2, options.batch = draw(&w->bytes, 1, 50), options.user = w;
    options.optimizer = one_in(&w->bytes, 4) ? NULL : &optimizer;
    options.on_epoch = one_in(&w->bytes, 2) ? stop_sometimes : NULL;
    options.on_progress = one_in(&w->bytes, 2) ? stop_a_step_sometimes : NULL;
    draw_options(w, draw_context(w), TALUS_STRUCTURE_FIT, &options);
    options.epochs = options.epochs < 3 ? options.epochs : 3;
    talus_trainer *trainer = n != NULL && one_in(&w->bytes, 2) ? n->trainer : NULL;
    int64_t before = talus_trainer_epochs(trainer);
    if (trainer != NULL && !one_in(&w->bytes, 4))
        options.optimizer = NULL;
    talus_status status = trainer != NULL
                              ? talus_trainer_fit(trainer, training, validation, &options, &result)
                              : talus_fit(n == NULL ? NULL : n->network, training, validation, &options,
                                          &result);
    if (status == TALUS_OK)
        require(result.epochs <= options.epochs && result.seconds >= 0);
    if (trainer != NULL)
        require(talus_trainer_epochs(trainer) == before + (status == TALUS_OK ? result.epochs : 0));
    if (status != TALUS_OK)
        keep_steps_before(w, validation);
    return status;
}

static talus_status fit(world *w)
{
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    return fit_with(w, options);
}

static talus_status fit_by_schedules(world *w)
{
    talus_schedule rate = draw_schedule(w), dropout = draw_schedule(w), decay = draw_schedule(w);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.rate_schedule = one_in(&w->bytes, 2) ? &rate : NULL;
    options.dropout_schedule = one_in(&w->bytes, 3) ? &dropout : NULL;
    options.decay_schedule = one_in(&w->bytes, 3) ? &decay : NULL;
    options.on_end = look_at_end;
    options.accumulate = one_in(&w->bytes, 3) ? (int)draw(&w->bytes, 0, 4) : 1;
    return fit_with(w, options);
}

static talus_status optimize(world *w)
{
    talus_context *context = draw_context(w);
    talus_optimizer_spec spec = draw_optimizer(w);
    int precision = (int)draw(&w->bytes, 0, 1);
    int64_t count = draw(&w->bytes, 1, 99);
    talus_optimizer *optimizer = NULL;
    talus_status status = checked(context,
                                  talus_optimizer_create(context, &spec, precision, count, &optimizer));
    for (int64_t steps = draw(&w->bytes, 0, 2); status == TALUS_OK && steps > 0; steps--) {
        talus_matrix parameters = draw_matrix(w, precision, 1, count, 1),
                     gradient = draw_matrix(w, precision, 1, count, 1);
        checked(context, talus_optimizer_step(optimizer, &parameters, &gradient));
    }
    talus_optimizer_destroy(optimizer);
    return status;
}

/* A struct of any size, of which nothing beyond its end is read. */
static talus_status other_sizes(world *w)
{
    talus_context *context = draw_context(w);
    talus_optimizer *optimizer = NULL;
    size_t size = (size_t)draw(&w->bytes, 0, sizeof(talus_optimizer_spec) + 16);
    unsigned char *spec = new_array(w, size == 0 ? 1 : size);
    if (spec == NULL)
        return TALUS_OK;
    talus_optimizer_defaults_sized((void *)spec, size, draw_value(w, TALUS_ENUMERATION_METHOD));
    if (size > 0 && one_in(&w->bytes, 4))
        spec[draw(&w->bytes, 0, (int64_t)size - 1)] = (unsigned char)draw(&w->bytes, 0, 255);
    talus_status status = checked(
        context, talus_optimizer_create_sized(context, (void *)spec, size, TALUS_DTYPE_F32, 5, &optimizer));
    talus_optimizer_destroy(optimizer);
    return status;
}

static talus_status change_plan(world *w)
{
    static const char *const plans[] = {
        "avx2 f32 products=blas\navx2 f64 products=blas\n",
        "avx2 f32 cache=0\navx2 f64 cache=0\n",
        "avx2 f32 samples=16 features=1 inner=8 pack=1 weight_rows=1 weight_cols=16\n",
        "baseline f32 products=own\nbaseline f64 products=own\n",
        "avx2 f64 samples=16 cache=99999999\n",
        "nonsense"};
    talus_context *context = draw_context(w);
    return checked(context, talus_context_set_plan(
                                context, plans[draw(&w->bytes, 0, sizeof plans / sizeof *plans - 1)]));
}

static talus_status describe_plan(world *w)
{
    net *n = draw_net(w);
    talus_context *context = draw_context(w);
    size_t room = (size_t)draw(&w->bytes, 0, 2000), length;
    return checked(context, talus_plan_describe(context, n == NULL ? NULL : n->network, draw_size(w),
                                                new_array(w, room + 1), room, &length));
}

static talus_status refuse_memory(world *w)
{
    w->memory.fails_in = draw(&w->bytes, 0, 9);
    return TALUS_OK;
}

static const fuzz_call calls[] = {
    {make_network, false},
    {make_dataset, false},
    {make_workspace, false},
    {make_trainer, false},
    {step, true},
    {fit, true},
    {gradient, false},
    {evaluate_batch, false},
    {backward, false},
    {evaluate, false},
    {initialize, true},
    {write_parameter, false},
    {take_part, false},
    {set_rate, false},
    {scale, false},
    {fit_scaling, false},
    {optimize, false},
    {other_sizes, false},
    {change_plan, false},
    {describe_plan, false},
    {refuse_memory, false},
    {fit_by_schedules, true},
    {make_ranged_network, false},
};

static const fuzz_call *call_at(int64_t which)
{
    const fuzz_calls tables[] = {
        {calls, sizeof calls / sizeof *calls}, diagnose_calls, number_calls, dataset_calls, exact_calls};
    const fuzz_calls *table = tables;
    for (; which >= table->count; table++)
        which -= table->count;
    return &table->rows[which];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world w;
    const int64_t count = (int64_t)(sizeof calls / sizeof *calls) + diagnose_calls.count +
                          number_calls.count + dataset_calls.count + exact_calls.count;
    world_begin(&w, data, size);
    for (int i = 0; i < MOST_CALLS && w.bytes.next < w.bytes.end; i++) {
        const fuzz_call *call = call_at(i < MAKERS ? i : draw(&w.bytes, 0, count - 1));
        for (int k = 0; k < w.net_count; k++)
            remember_net(&w.nets[k]);
        talus_status status = call->call(&w);
        require(status >= 0 && status < TALUS_STATUS_COUNT);
        if (status != TALUS_OK || !call->changes_parameters)
            require_parameters_unchanged(&w);
        require_parameters_stay_finite(&w);
    }
    world_end(&w);
    return 0;
}
