/* What works on vectors and numbers of the caller's, and what changes the steps to come. */
#include <math.h>

#include "calls.h"

enum { MOST_ITERATIONS = 30 };

typedef struct bowl {
    double centre, curvature, flaw; /* flaw: the value at some points; 0 at none */
    int answer;                     /* what the function returns after so many calls */
    int64_t calls;
} bowl;

static double at(const talus_matrix *x, int64_t i)
{
    return x->dtype == TALUS_DTYPE_F64 ? ((const double *)x->data)[i] : (double)((const float *)x->data)[i];
}

/* ½·k·Σ (x_i − c)² */
static int bowl_of(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
{
    bowl *b = user;
    *value = 0;
    for (int64_t i = 0; i < x->cols; i++) {
        double apart = at(x, i) - b->centre, slope = b->curvature * apart;
        *value += 0.5 * slope * apart;
        if (x->dtype == TALUS_DTYPE_F64)
            ((double *)gradient->data)[i] = slope;
        else
            ((float *)gradient->data)[i] = (float)slope;
    }
    b->calls++;
    if (b->calls % 5 == 0 && b->flaw != 0)
        *value = b->flaw;
    return b->calls > 7 ? b->answer : 0;
}

static bowl draw_bowl(world *w)
{
    bowl b = {.centre = draw_number(w), .curvature = draw_number(w)};
    b.flaw = one_in(&w->bytes, 4) ? draw_number(w) : 0;
    b.answer = one_in(&w->bytes, 8);
    return b;
}

static int stop_sometimes(const talus_minimize_step *step, void *user)
{
    world *w = user;
    require(step->iteration >= 1 && step->evaluations >= 1);
    return one_in(&w->bytes, 16);
}

static talus_status minimize(world *w)
{
    talus_context *context = draw_context(w);
    talus_optimizer_spec spec;
    talus_minimize_options options;
    talus_minimize_result result;
    bowl b = draw_bowl(w);
    talus_optimizer_defaults(&spec, draw_value(w, TALUS_ENUMERATION_METHOD));
    draw_options(w, context, TALUS_STRUCTURE_OPTIMIZER, &spec);
    talus_minimize_options_defaults(&options);
    draw_options(w, context, TALUS_STRUCTURE_MINIMIZE, &options);
    if (options.iterations > MOST_ITERATIONS)
        options.iterations = MOST_ITERATIONS;
    talus_matrix x = draw_outputs(w, 1, draw(&w->bytes, 1, 30)),
                 history = draw_matrix(w, TALUS_DTYPE_F64, draw(&w->bytes, 1, 40), 3, 1);
    options.optimizer = one_in(&w->bytes, 4) ? NULL : &spec;
    options.history = one_in(&w->bytes, 2) ? &history : NULL;
    options.on_step = one_in(&w->bytes, 2) ? stop_sometimes : NULL;
    options.user = w;
    talus_status status = checked(context, talus_minimize(context, bowl_of, &b, &x, &options, &result));
    if (status == TALUS_OK)
        require(result.evaluations >= 1 && result.iterations <= options.iterations);
    return status;
}

static talus_status check_function(world *w)
{
    talus_context *context = draw_context(w);
    bowl b = draw_bowl(w);
    talus_matrix x = draw_outputs(w, 1, draw(&w->bytes, 1, 30));
    talus_gradient_check_result result;
    int64_t count = draw(&w->bytes, -1, 30);
    return checked(context, talus_gradient_check_function(context, bowl_of, &b, &x, count,
                                                          draw(&w->bytes, 0, 255), &result));
}

/* A·v = k·v + c for each element */
static int product_of(const talus_matrix *v, const talus_matrix *product, void *user)
{
    bowl *b = user;
    for (int64_t i = 0; i < v->cols; i++)
        ((double *)product->data)[i] = b->curvature * (double)(i % 3) * at(v, i) + b->flaw;
    b->calls++;
    return b->calls > 7 ? b->answer : 0;
}

static talus_status find_spectrum_of(world *w)
{
    talus_context *context = draw_context(w);
    bowl b = draw_bowl(w);
    talus_spectrum spectrum;
    int64_t n = draw_size(w), iterations = draw(&w->bytes, -1, 40);
    double tolerance = one_in(&w->bytes, 2) ? 0 : draw_number(w);
    return checked(context, talus_spectrum_of(context, product_of, &b, n, iterations, tolerance,
                                              draw(&w->bytes, 0, 255), &spectrum));
}

static double factor_of(int64_t step, void *user)
{
    (void)user;
    return (double)(step % 4) / 2;
}

static double wrong_factor(int64_t step, void *user)
{
    return factor_of(step, user) - 1;
}

talus_schedule draw_schedule(world *w)
{
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, draw_value(w, TALUS_ENUMERATION_SCHEDULE_KIND));
    draw_options(w, draw_context(w), TALUS_STRUCTURE_SCHEDULE, &schedule);
    if (schedule.kind == TALUS_SCHEDULE_CALLBACK && !one_in(&w->bytes, 4))
        schedule.callback = factor_of;
    return schedule;
}

static talus_status follow_schedule(world *w)
{
    talus_context *context = draw_context(w);
    talus_schedule schedule = draw_schedule(w);
    talus_plateau plateau;
    if (schedule.callback != NULL && one_in(&w->bytes, 4))
        schedule.callback = wrong_factor;
    talus_plateau_defaults(&plateau);
    talus_status status = TALUS_OK;
    for (int64_t epochs = draw(&w->bytes, 0, 3); status == TALUS_OK && epochs > 0; epochs--)
        status = checked(context, talus_plateau_tell(context, &schedule, draw_number(w),
                                                     (int)draw(&w->bytes, 0, 1), &plateau));
    if (one_in(&w->bytes, 8))
        plateau.factor = draw_number(w), plateau.waited = draw_size(w);
    double factor = -1;
    status = checked(context,
                     talus_schedule_factor(context, &schedule, draw_size(w), draw_size(w), draw_size(w),
                                           one_in(&w->bytes, 4) ? NULL : &plateau, &factor));
    require(status == TALUS_OK ? isfinite(factor) && factor >= 0 : factor == -1);
    return status;
}

static talus_status set_factors(world *w)
{
    net *n = draw_net(w);
    talus_trainer *trainer = n == NULL ? NULL : n->trainer;
    double rate = draw_number(w), decay = draw_number(w);
    switch (draw(&w->bytes, 0, 3)) {
    case 0:
        return talus_trainer_set_part_factors(trainer, draw_value(w, TALUS_ENUMERATION_PART), rate, decay);
    case 1:
        return talus_trainer_set_layer_factors(trainer, (int)draw(&w->bytes, 0, LAYERS + 1), rate, decay);
    case 2:
        return talus_trainer_set_dropout_factor(trainer, rate);
    default:
        return talus_trainer_set_weight_decay(trainer, decay);
    }
}

static talus_status weigh_samples(world *w)
{
    talus_dataset *dataset = draw_dataset(w);
    int64_t rows = talus_dataset_samples(dataset);
    if (rows == 0 || one_in(&w->bytes, 4))
        rows = draw(&w->bytes, 1, 100);
    talus_matrix weights = draw_outputs(w, rows, 1);
    return talus_dataset_set_weights(dataset, one_in(&w->bytes, 8) ? NULL : &weights);
}

static talus_status weigh_classes(world *w)
{
    int64_t count = draw(&w->bytes, 0, 12);
    talus_dataset *dataset = draw_dataset(w);
    double *weights = new_array(w, (size_t)(count + 1) * sizeof *weights);
    for (int64_t i = 0; i < count && weights != NULL; i++)
        weights[i] = i % 3 == 0 ? draw_number(w) : 0.5;
    return talus_dataset_weight_classes(dataset, weights, count);
}

static const fuzz_call rows[] = {
    {minimize, false},    {check_function, false}, {find_spectrum_of, false}, {follow_schedule, false},
    {set_factors, false}, {weigh_samples, false},  {weigh_classes, false},
};

const fuzz_calls number_calls = {rows, sizeof rows / sizeof *rows};
