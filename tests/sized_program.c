/* What sized.sh compiles with headers whose structs are shorter (SHORT) or longer than the library's; then the further
 * field of each is FURTHER. Every call that takes a struct gives the status EXPECTED, and defaults do what they say. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <talus/talus.h>

#ifdef FURTHER
#define SET(structure)    ((structure).further = FURTHER)
#define FILLED(structure) ((structure).further == 0)
#else
#define SET(structure)    ((void)0)
#define FILLED(structure) 1
#endif

static int failures;

static void check(int good, const char *what)
{
    if (!good)
        printf("wrong: %s\n", what);
    failures += !good;
}

/* Nothing is written beyond the struct of this program's size. */
#define GUARDED(structure, name)                                                                             \
    struct {                                                                                                 \
        structure it;                                                                                        \
        char guard[64];                                                                                      \
    } name;                                                                                                  \
    memset(&name, 0x5A, sizeof name)
#define STANDS(name) (name.guard[0] == 0x5A && memcmp(name.guard, name.guard + 1, 63) == 0)

static talus_context *context;
static talus_network *network;
static talus_dataset *points;

static void contexts(void)
{
    talus_context *other = NULL;
    GUARDED(talus_context_options, options);
    talus_context_options_defaults(&options.it);
    check(FILLED(options.it) && STANDS(options), "the defaults of a context");
    SET(options.it);
    check(talus_context_create(&options.it, &other) == EXPECTED, "a context");
    check(talus_context_create(NULL, &context) == TALUS_OK, "a context of defaults");
    talus_context_destroy(other);
}

static void networks(void)
{
    talus_network *other = NULL;
    GUARDED(talus_layer, layer);
    talus_layer_defaults(&layer.it);
    check(FILLED(layer.it) && STANDS(layer), "the defaults of a layer");
    talus_layer layers[] = {talus_dense(3, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
    GUARDED(talus_network_spec, spec);
    talus_network_defaults(&spec.it);
    check(FILLED(spec.it) && STANDS(spec), "the defaults of a network");
    spec.it = talus_dense_network(1, layers, 2, TALUS_SQUARED_ERROR);
    check(talus_network_create(context, &spec.it, &network) == TALUS_OK, "a network");
    check(talus_network_width(network, 1) == 3 && talus_network_width(network, 2) == 1, "its layers");
    SET(layers[1]);
    check(talus_network_create(context, &spec.it, &other) == EXPECTED, "a network of layers");
    talus_network_destroy(other), other = NULL;
    layers[1] = talus_dense(1, TALUS_IDENTITY);
    SET(spec.it);
    check(talus_network_create(context, &spec.it, &other) == EXPECTED, "another network");
    talus_network_destroy(other);
}

static void fits(void)
{
    talus_trainer *trainer = NULL;
    GUARDED(talus_optimizer_spec, adam);
    talus_optimizer_defaults(&adam.it, TALUS_ADAM);
    check(FILLED(adam.it) && STANDS(adam), "the defaults of an optimizer");
    SET(adam.it);
    check(talus_trainer_create(network, &adam.it, 4, &trainer) == EXPECTED, "a trainer");
    talus_trainer_destroy(trainer);

    GUARDED(talus_fit_options, fit);
    GUARDED(talus_fit_result, result);
    talus_fit_options_defaults(&fit.it);
    check(FILLED(fit.it) && STANDS(fit), "the defaults of a fit");
    check(talus_fit(network, points, NULL, &fit.it, &result.it) == TALUS_OK, "a fit");
    check(result.it.epochs == 10 && result.it.steps == 10,
          "its result"); /* the defaults of what was not given */
    check(FILLED(result.it) && STANDS(result), "the end of its result");
    fit.it.optimizer = &adam.it;
    check(talus_fit(network, points, NULL, &fit.it, NULL) == EXPECTED, "a fit with an optimizer");
    fit.it.optimizer = NULL;
    SET(fit.it);
    check(talus_fit(network, points, NULL, &fit.it, NULL) == EXPECTED, "another fit");
}

static void schedules(void)
{
    double factor = 0;
    GUARDED(talus_schedule, schedule);
    GUARDED(talus_plateau, plateau);
    talus_schedule_defaults(&schedule.it, TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    check(FILLED(schedule.it) && STANDS(schedule), "the defaults of a schedule");
    talus_plateau_defaults(&plateau.it);
    check(FILLED(plateau.it) && STANDS(plateau), "the defaults of a plateau");
    check(talus_plateau_tell(context, &schedule.it, 3, 0, &plateau.it) == TALUS_OK, "telling a value");
    check(plateau.it.best == 3 && FILLED(plateau.it) && STANDS(plateau), "what it makes of it");
    SET(plateau.it);
    check(talus_schedule_factor(context, &schedule.it, 0, 1, 0, &plateau.it, &factor) == EXPECTED,
          "a factor");
    SET(schedule.it);
    check(talus_schedule_factor(context, &schedule.it, 0, 1, 0, NULL, &factor) == EXPECTED, "another factor");
}

static void evaluations(void)
{
    talus_workspace *workspace = NULL;
    GUARDED(talus_metrics, metrics);
    check(talus_workspace_create(context, network, 4, &workspace) == TALUS_OK, "a workspace");
    check(talus_evaluate(network, workspace, points, &metrics.it) == TALUS_OK, "an evaluation");
    check(metrics.it.samples == 4 && isfinite(metrics.it.cost), "its metrics");
    check(FILLED(metrics.it) && STANDS(metrics), "the end of its metrics");

    talus_matrix inputs, targets;
    check(talus_dataset_matrices(points, &inputs, &targets) == TALUS_OK, "the data");
    talus_batch batch = talus_batch_of(inputs, targets);
    double cost = 0;
    SET(batch);
    check(talus_evaluate_batch(network, workspace, &batch, &metrics.it) == EXPECTED, "evaluation of a batch");
    check(talus_gradient(network, workspace, &batch, &cost, NULL) == EXPECTED, "the cost of a batch");

    GUARDED(talus_report_options, options);
    GUARDED(talus_report, report);
    talus_report_options_defaults(&options.it);
    check(FILLED(options.it) && STANDS(options), "the defaults of a report");
    check(talus_evaluate_report(network, workspace, points, &options.it, &report.it) == TALUS_OK, "a report");
    check(report.it.samples == 4 && FILLED(report.it) && STANDS(report), "the end of a report");
    SET(options.it);
    check(talus_evaluate_report(network, workspace, points, &options.it, &report.it) == EXPECTED,
          "a report with options");
    talus_workspace_destroy(workspace);
}

static int read_points(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
{
    (void)user;
    for (int64_t i = 0; i < count; i++) {
        ((float *)inputs)[i] = (float)rows[i];
        ((float *)targets)[i] = 2 * (float)rows[i] + 1;
    }
    return 0;
}

static void streams(void)
{
    talus_dataset *streamed = NULL;
    talus_workspace *workspace = NULL;
    talus_metrics metrics;
    talus_stream stream = {.samples = 4, .inputs = 1, .targets = 1, .read = read_points};
    check(talus_dataset_from_stream(context, &stream, &streamed) == TALUS_OK, "a stream");
    check(talus_workspace_create(context, network, 4, &workspace) == TALUS_OK, "a workspace");
    check(talus_evaluate(network, workspace, streamed, &metrics) == TALUS_OK, "its evaluation");
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(streamed);
    streamed = NULL;
    SET(stream);
    check(talus_dataset_from_stream(context, &stream, &streamed) == EXPECTED, "another stream");
    talus_dataset_destroy(streamed);
}

static void options_by_name(void)
{
    talus_fit_options fit;
    talus_fit_options_defaults(&fit);
    GUARDED(talus_option, info);
    check(talus_option_info(TALUS_STRUCTURE_FIT, 1, &info.it) == TALUS_OK, "an option");
    check(strcmp(info.it.name, "batch") == 0 && FILLED(info.it) && STANDS(info), "what is known of it");
    check(talus_option_set(context, TALUS_STRUCTURE_FIT, &fit, "batch", "2") == TALUS_OK, "setting it");
#ifdef SHORT
    talus_optimizer_spec adam;
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    check(talus_option_set(context, TALUS_STRUCTURE_OPTIMIZER, &adam, "epsilon", "1") ==
              TALUS_ERROR_UNSUPPORTED,
          "an option that the struct lacks");
#endif
}

int main(void)
{
    static const float x[4] = {0, 1, 2, 3}, y[4] = {1, 3, 5, 7};
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F32, 4, 1),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F32, 4, 1);
    contexts();
    networks();
    check(talus_dataset_from_matrices(context, &inputs, &targets, &points) == TALUS_OK, "a data set");
    fits();
    evaluations();
    schedules();
    streams();
    options_by_name();
    talus_dataset_destroy(points);
    talus_network_destroy(network);
    talus_context_destroy(context);
    return failures != 0;
}
