/* What looks at networks and at predictions: nothing of it changes parameters. */
#include <math.h>

#include "calls.h"

enum { LAYERS_AND_MORE = LAYERS + 2, MOST_NUMBERS = 400, MOST_STEPS = 12 };

static talus_status check_gradient(world *w)
{
    net *n = draw_worker(w);
    if (n == NULL)
        return talus_gradient_check(NULL, NULL, NULL, 0, 0, NULL);
    talus_batch batch = draw_batch(w, n);
    int64_t count = draw(&w->bytes, -1, 20);
    talus_gradient_check_result result;
    if (count == 0 && n->parameters.cols > MOST_NUMBERS) /* all of them: it would take long */
        count = 1;
    talus_status status = checked(n->worker, talus_gradient_check(n->network, n->workspace, &batch, count,
                                                                  draw(&w->bytes, 0, 255), &result));
    if (status == TALUS_OK) {
        require(result.checked > 0 && result.checked <= n->parameters.cols && !(result.error < 0));
        require(result.index >= 0 && result.index < n->parameters.cols);
    }
    return status;
}

static talus_status multiply_hessian(world *w)
{
    net *n = draw_worker(w);
    if (n == NULL)
        return talus_hessian_product(NULL, NULL, NULL, NULL, NULL);
    talus_batch batch = draw_batch(w, n);
    talus_matrix v = draw_matrix(w, n->parameters.dtype, 1, n->parameters.cols, 1),
                 product = draw_matrix(w, n->parameters.dtype, 1, n->parameters.cols, 1);
    return checked(n->worker, talus_hessian_product(n->network, n->workspace, &batch, &v, &product));
}

static talus_status find_spectrum(world *w)
{
    net *n = draw_worker(w);
    talus_spectrum spectrum;
    if (n == NULL)
        return talus_hessian_spectrum(NULL, NULL, NULL, 0, 0, 0, NULL);
    talus_batch batch = draw_batch(w, n);
    int64_t iterations = one_in(&w->bytes, 16) ? draw_size(w) : draw(&w->bytes, 1, MOST_STEPS);
    double tolerance = one_in(&w->bytes, 2) ? 0 : draw_number(w);
    talus_status status = checked(n->worker,
                                  talus_hessian_spectrum(n->network, n->workspace, &batch, iterations,
                                                         tolerance, draw(&w->bytes, 0, 255), &spectrum));
    if (status == TALUS_OK)
        require(spectrum.smallest <= spectrum.largest);
    return status;
}

static talus_status estimate_noise(world *w)
{
    net *n = draw_worker(w);
    talus_noise_scale noise;
    if (n == NULL)
        return talus_noise_scale_of(NULL, NULL, NULL, 1, NULL);
    talus_batch batch = draw_batch(w, n);
    return checked(n->worker,
                   talus_noise_scale_of(n->network, n->workspace, &batch, draw(&w->bytes, 0, 21), &noise));
}

/* The health of all layers on a batch, and what it says: the text has a 0 within its room. */
static talus_status examine(world *w)
{
    net *n = draw_worker(w);
    talus_health healths[LAYERS_AND_MORE];
    if (n == NULL)
        return talus_health_of(NULL, NULL, NULL, NULL, 0);
    talus_batch batch = draw_batch(w, n);
    int count = talus_network_layer_count(n->network) + one_in(&w->bytes, 8);
    talus_status status = checked(n->worker,
                                  talus_health_of(n->network, n->workspace, &batch, healths, count));
    if (status != TALUS_OK)
        return status;
    int verdict;
    size_t length, room = (size_t)draw(&w->bytes, 0, 600);
    char *text = new_array(w, room + 1);
    if (text == NULL)
        return TALUS_OK;
    status = talus_health_verdict(n->worker, healths, count, &verdict, text, room, &length);
    if (checked(n->worker, status) == TALUS_OK)
        require(verdict >= 0 && verdict < TALUS_VERDICT_COUNT && (room == 0 || strlen(text) <= length));
    return status;
}

static talus_status watch_health(world *w)
{
    net *n = draw_net(w);
    return talus_trainer_watch_health(n == NULL ? NULL : n->trainer, draw(&w->bytes, -1, 4));
}

static talus_status ask_trainer(world *w)
{
    net *n = draw_net(w);
    const talus_trainer *trainer = n == NULL ? NULL : n->trainer;
    talus_non_finite found;
    talus_health health;
    if (one_in(&w->bytes, 2))
        return talus_trainer_health(trainer, (int)draw(&w->bytes, 0, LAYERS + 1), &health);
    return talus_trainer_non_finite(trainer, &found);
}

static talus_status find_rates(world *w)
{
    net *n = draw_net(w);
    const talus_dataset *dataset = draw_dataset(w);
    talus_rate_range range;
    int64_t steps = draw(&w->bytes, 1, MOST_STEPS);
    talus_matrix curve = draw_matrix(w, TALUS_DTYPE_F64, steps, 2, 1);
    double first = one_in(&w->bytes, 4) ? draw_number(w) : 1e-6,
           last = one_in(&w->bytes, 4) ? draw_number(w) : 10;
    talus_status status = talus_trainer_rate_range(n == NULL ? NULL : n->trainer, dataset,
                                                   draw(&w->bytes, 0, 50), first, last, steps,
                                                   one_in(&w->bytes, 4) ? NULL : &curve, &range);
    if (status == TALUS_OK)
        require(range.steps >= 1 && range.steps <= steps);
    return status;
}

static talus_report_options draw_report_options(world *w, talus_matrix *confusion, talus_matrix *classes)
{
    talus_report_options options;
    int64_t outputs = draw(&w->bytes, 1, 12);
    talus_report_options_defaults(&options);
    draw_options(w, draw_context(w), TALUS_STRUCTURE_REPORT, &options);
    *confusion = draw_matrix(w, TALUS_DTYPE_F64, outputs, outputs, 1);
    *classes = draw_matrix(w, TALUS_DTYPE_F64, outputs, 5, 1);
    options.confusion = one_in(&w->bytes, 2) ? confusion : NULL;
    options.classes = one_in(&w->bytes, 2) ? classes : NULL;
    return options;
}

static void require_a_report(const talus_report *report)
{
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++) {
        talus_estimate estimate;
        require(talus_report_estimate(report, metric, &estimate) == TALUS_OK);
        require(!(estimate.error < 0));
    }
    require(isnan(report->accuracy.value) ||
            (report->accuracy.value >= 0 && report->accuracy.value <= 1 + 1e-9));
    require(isnan(report->auc.value) || (report->auc.value >= 0 && report->auc.value <= 1 + 1e-9));
}

static talus_status report_network(world *w)
{
    net *n = draw_worker(w);
    const talus_dataset *dataset = draw_dataset(w);
    talus_matrix confusion, classes;
    talus_report_options options = draw_report_options(w, &confusion, &classes);
    talus_report report;
    talus_estimate estimate;
    if (n == NULL)
        return talus_evaluate_report(NULL, NULL, dataset, &options, &report);
    if (one_in(&w->bytes, 2))
        return checked(n->worker,
                       talus_evaluate_metric(n->network, n->workspace, dataset,
                                             draw_value(w, TALUS_ENUMERATION_METRIC), &options, &estimate));
    talus_status status = checked(
        n->worker, talus_evaluate_report(n->network, n->workspace, dataset, &options, &report));
    if (status == TALUS_OK)
        require_a_report(&report);
    return status;
}

static talus_status report_matrices(world *w)
{
    talus_context *context = draw_context(w);
    int64_t rows = draw(&w->bytes, 1, 60), cols = draw(&w->bytes, 1, 12);
    int dtype = (int)draw(&w->bytes, 0, 3);
    talus_matrix outputs = draw_outputs(w, rows, cols), weights = draw_outputs(w, rows, 1),
                 targets = draw_matrix(w, dtype, rows, dtype == TALUS_DTYPE_I32 ? 1 : cols,
                                       cols > 1 ? cols : 2),
                 confusion, classes;
    talus_report_options options = draw_report_options(w, &confusion, &classes);
    talus_report report;
    talus_status status = checked(context, talus_report_of(context, &outputs, &targets,
                                                           one_in(&w->bytes, 2) ? &weights : NULL,
                                                           one_in(&w->bytes, 4) ? NULL : &options, &report));
    if (status == TALUS_OK)
        require_a_report(&report);
    return status;
}

static talus_status evaluate_ranges(world *w)
{
    net *n = draw_worker(w);
    const talus_dataset *dataset = draw_dataset(w);
    int64_t count = draw(&w->bytes, 1, 4);
    double *costs = new_array(w, (size_t)count * sizeof *costs);
    if (n == NULL)
        return talus_evaluate_ranges(NULL, NULL, dataset, costs, count);
    return checked(n->worker, talus_evaluate_ranges(n->network, n->workspace, dataset, costs, count));
}

/* The folded network has finite parameters or none that the first one had not, and goes again. */
static talus_status fold(world *w)
{
    net *n = draw_net(w);
    talus_network *folded = NULL;
    talus_status status = talus_network_fold_normalization(n == NULL ? NULL : n->network, &folded);
    require((status == TALUS_OK) == (folded != NULL));
    talus_network_destroy(folded);
    return status;
}

static const fuzz_call rows[] = {
    {check_gradient, false}, {multiply_hessian, false}, {find_spectrum, false},   {estimate_noise, false},
    {examine, false},        {watch_health, false},     {ask_trainer, false},     {find_rates, false},
    {report_network, false}, {report_matrices, false},  {evaluate_ranges, false}, {fold, false},
};

const fuzz_calls diagnose_calls = {rows, sizeof rows / sizeof *rows};
