/* talus-bench costs: what each option of training costs, as the time of a step with it over that of the plain step. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/diagnose.h>
#include <talus/train.h>

#include "cases/batch.h"
#include "cases/names.h"
#include "commands/command.h"
#include "measure/rounds.h"
#include "report/machine.h"
#include "report/report.h"
#include "trial/trial_report.h"

/* What a step is made of, for a variant to change. */
typedef struct ingredients {
    talus_layer layers[NAIVE_MAX_LAYERS];
    talus_network_spec spec;
    talus_optimizer_spec optimizer;
    talus_batch batch;
    const talus_matrix *weights; /* for the batch */
    int64_t health;              /* every so many steps */
} ingredients;

typedef struct variant {
    const char *group, *name;
    void (*change)(ingredients *in, int code);
    int code;
} variant;

/* Variants ------------------------------------------------------------------------------------------------ */

static void change_method(ingredients *in, int method)
{
    talus_optimizer_defaults(&in->optimizer, method);
    if (bench_has_rate(method))
        in->optimizer.rate = BENCH_RATE;
}

static void change_activation(ingredients *in, int activation)
{
    for (int l = 0; l < in->spec.layer_count - 1; l++)
        in->layers[l].activation = activation;
}

static void change_products(ingredients *in, int products)
{
    in->spec.products = products;
}

static void drop(ingredients *in, int code)
{
    (void)code;
    for (int l = 0; l < in->spec.layer_count - 1; l++)
        in->layers[l].dropout = 0.5;
}

static void drop_inputs(ingredients *in, int code)
{
    (void)code;
    in->spec.input_dropout = 0.2;
}

static void add_noise(ingredients *in, int code)
{
    (void)code;
    in->spec.input_noise = 0.1;
}

static void normalise(ingredients *in, int normalization)
{
    for (int l = 0; l < in->spec.layer_count - 1; l++)
        in->layers[l].normalization = normalization;
}

static void penalise(ingredients *in, int code)
{
    (void)code;
    for (int l = 0; l < in->spec.layer_count; l++)
        in->layers[l].l2 = 1e-4;
}

static void limit_norms(ingredients *in, int code)
{
    (void)code;
    for (int l = 0; l < in->spec.layer_count; l++)
        in->layers[l].max_norm = 3;
}

static void limit_spectral_norms(ingredients *in, int code)
{
    (void)code;
    for (int l = 0; l < in->spec.layer_count; l++)
        in->layers[l].spectral_norm = 3;
}

static void penalise_spectral_norms(ingredients *in, int code)
{
    (void)code;
    for (int l = 0; l < in->spec.layer_count; l++)
        in->layers[l].spectral_penalty = 1e-4;
}

static void weigh(ingredients *in, int code)
{
    (void)code;
    in->batch.weights = *in->weights;
}

static void clip_value(ingredients *in, int code)
{
    (void)code;
    in->optimizer.clip_value = 1;
}

static void clip_norm(ingredients *in, int code)
{
    (void)code;
    in->optimizer.clip_norm = 1;
}

static void watch(ingredients *in, int code)
{
    (void)code;
    in->health = 10;
}

static void leave(ingredients *in, int code)
{
    (void)in, (void)code;
}

static const variant options_of_training[] = {
    {"plain", "", leave, 0},
    {"layer", "dropout 0.5", drop, 0},
    {"layer", "layer normalisation", normalise, TALUS_NORMALIZATION_LAYER},
    {"layer", "batch normalisation", normalise, TALUS_NORMALIZATION_BATCH},
    {"layer", "l2", penalise, 0},
    {"layer", "max norm", limit_norms, 0},
    {"layer", "spectral norm", limit_spectral_norms, 0},
    {"layer", "spectral penalty", penalise_spectral_norms, 0},
    {"inputs", "dropout 0.2", drop_inputs, 0},
    {"inputs", "noise", add_noise, 0},
    {"batch", "sample weights", weigh, 0},
    {"gradient", "clipped by value", clip_value, 0},
    {"gradient", "clipped by norm", clip_norm, 0},
    {"gradient", "health every 10th step", watch, 0},
};
enum { OPTIONS = sizeof options_of_training / sizeof *options_of_training };

/* Number `index` of all variants, the plain step first; false if there is none. Softmax is no activation of hidden layers. */
static bool variant_at(int index, variant *found)
{
    int activations = talus_enumeration_count(TALUS_ENUMERATION_ACTIVATION);
    if (index < OPTIONS) {
        *found = options_of_training[index];
        return true;
    }
    index -= OPTIONS;
    if (index < activations) {
        *found = (variant){"activation", talus_activation_name(index), change_activation, index};
        return true;
    }
    index -= activations;
    if (index < TALUS_PRODUCTS_COUNT) {
        *found = (variant){"products", talus_products_name(index), change_products, index};
        return true;
    }
    index -= TALUS_PRODUCTS_COUNT;
    *found = (variant){"optimizer", talus_method_name(index), change_method, index};
    return index < talus_enumeration_count(TALUS_ENUMERATION_METHOD);
}

/* Steps --------------------------------------------------------------------------------------------------- */

typedef struct subject {
    variant what;
    talus_network *network;
    talus_trainer *trainer;
    talus_batch batch;
    bool failed, diverged;
} subject;

static void step(void *context)
{
    subject *s = context;
    double cost = 0;
    s->failed |= talus_trainer_step(s->trainer, &s->batch, &cost) != TALUS_OK;
    s->diverged |= !isfinite(cost);
}

static double measure(void *context, int64_t repetitions)
{
    subject *s = context;
    double seconds = bench_repeat(step, s, repetitions);
    return s->failed ? -1 : seconds;
}

/* The ingredients of the plain step. */
static void take_setup(const bench_setup *setup, const bench_batch *batch, const talus_matrix *weights,
                       ingredients *in)
{
    naive_network net = bench_setup_naive(setup);
    *in = (ingredients){.batch = batch->view, .weights = weights};
    for (int l = 1; l <= net.L; l++)
        in->layers[l - 1] = talus_dense(net.d[l], net.f[l]);
    in->spec = talus_dense_network(net.d[0], in->layers, net.L, net.loss);
    in->spec.precision = setup->precision;
    in->spec.seed = (int64_t)setup->seed;
    change_method(in, setup->method);
}

/* False for a variant that this network does not take, such as an activation that cannot be trained. */
static bool open_subject(talus_context *context, const bench_setup *setup, ingredients *in, subject *s)
{
    s->what.change(in, s->what.code);
    s->batch = in->batch;
    return !talus_network_create(context, &in->spec, &s->network) &&
           !talus_trainer_create(s->network, &in->optimizer, setup->n, &s->trainer) &&
           !talus_trainer_watch_health(s->trainer, in->health);
}

static void close_subject(subject *s)
{
    talus_trainer_destroy(s->trainer);
    talus_network_destroy(s->network);
    *s = (subject){.failed = false};
}

enum { MOST = 96 };

typedef struct field {
    talus_context *context;
    bench_batch batch;
    double *weights;
    int count;
    subject subjects[MOST];
    bench_case cases[MOST];
    bench_timing timings[MOST];
} field;

static bool open_field(const bench_setup *setup, field *f)
{
    uint64_t state = setup->seed;
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.threads = setup->threads;
    f->weights = calloc((size_t)setup->n, sizeof *f->weights);
    if (!f->weights || talus_context_create(&options, &f->context) || !bench_batch_create(setup, &f->batch))
        return false;
    for (int64_t i = 0; i < setup->n; i++) {
        bench_batch_draw(setup, &f->batch, i, &state);
        f->weights[i] = 0.5 + (double)(i % 3);
    }
    talus_matrix weights = talus_matrix_view(f->weights, TALUS_DTYPE_F64, setup->n, 1);
    for (int i = 0; f->count < MOST && variant_at(i, &f->subjects[f->count].what); i++) {
        ingredients in;
        subject *s = &f->subjects[f->count];
        take_setup(setup, &f->batch, &weights, &in);
        if (open_subject(f->context, setup, &in, s)) {
            f->cases[f->count] = (bench_case){.name = s->what.name, .measure = measure, .context = s};
            f->count++;
        } else {
            close_subject(s);
        }
    }
    return f->count > 0;
}

static void close_field(field *f)
{
    for (int i = 0; i < f->count; i++)
        close_subject(&f->subjects[i]);
    bench_batch_destroy(&f->batch);
    talus_context_destroy(f->context);
    free(f->weights);
    free(f);
}

static void report_field(bench_report *report, const bench_setup *setup, const field *f)
{
    for (int i = 0; i < f->count; i++) {
        const bench_timing *timing = &f->timings[i], *plain = &f->timings[0];
        double counts = f->subjects[i].diverged ? NAN : 1; /* steps that were not made say nothing */
        bench_report_setup(report, setup);
        bench_report_text(report, "option", "option", -10, f->subjects[i].what.group);
        bench_report_text(report, "name", "name", -22, f->subjects[i].what.name);
        bench_report_number(report, "step_ms", "step ms", 9, 4, counts * 1e3 * timing->seconds.median);
        bench_report_number(report, "ratio", "step/plain", 10, 3,
                            counts * timing->seconds.median / plain->seconds.median);
        bench_report_number(report, "cpu_ratio", "cpu/plain", 9, 3,
                            counts * timing->cpu_seconds / plain->cpu_seconds);
        bench_report_end(report);
    }
}

static bool run_setup(const bench_options *options, int index, bench_report *report)
{
    bench_setup setup = bench_setup_at(options, index);
    field *f = calloc(1, sizeof *f);
    bool good = f && open_field(&setup, f) &&
                bench_rounds(f->cases, f->count, options->rounds, setup.seed, f->timings);
    if (good)
        report_field(report, &setup, f);
    else
        fprintf(stderr, "talus-bench: %s\n", f ? talus_error_message(f->context) : "no memory");
    if (f)
        close_field(f);
    return good;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bool good = true;
    bench_print_machine(&report);
    for (int i = 0; i < bench_setup_count(options) && good; i++)
        good = run_setup(options, i, &report);
    return good ? BENCH_DONE : BENCH_FAILED;
}

const bench_command bench_command_costs = {
    "costs",
    "what each option of training costs, beside the plain step",
    "Times in interleaved rounds the plain step, and the same step with one thing changed: dropout, "
    "normalisation,\npenalties, sample weights, clipping, and every activation of the hidden layers, mode of "
    "products and "
    "method in turn.\nAn iteration of a method that searches along lines is several evaluations.\n",
    BENCH_SETUP | BENCH_ROUNDS | BENCH_SEED,
    NULL,
    run};
