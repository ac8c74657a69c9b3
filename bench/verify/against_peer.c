#include "verify/against_peer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <talus/talus.h>

#include "measure/numbers.h"
#include "peers/directory.h"
#include "verify/sharp.h"

/* What computes the expected numbers. */
typedef struct library {
    bench_batch batch;
    talus_context *context;
    talus_network *network;
    talus_workspace *workspace;
    talus_trainer *trainer;
    talus_matrix theta;
} library;

static double tolerance(const bench_setup *setup)
{
    return setup->precision == TALUS_DTYPE_F32 ? 1e-3 : 1e-6;
}

/* After the first step, samples are no longer clear of kinks. */
static double tolerance_of_steps(const bench_setup *setup)
{
    return (bench_has_kink(setup->activation) ? 10 : 1) * tolerance(setup);
}

static bool good(const library *l, talus_status status)
{
    if (status != TALUS_OK)
        fprintf(stderr, "talus-bench: %s\n", talus_error_message(l->context));
    return status == TALUS_OK;
}

static bool no_memory(void)
{
    fprintf(stderr, "talus-bench: no memory to compare with peers\n");
    return false;
}

static bool library_open(library *l, const bench_setup *setup)
{
    return bench_batch_create(setup, &l->batch) && bench_setup_network(setup, &l->context, &l->network) &&
           good(l, talus_network_parameters(l->network, &l->theta)) &&
           good(l, talus_workspace_create(l->context, l->network, setup->n, &l->workspace));
}

static void library_close(library *l)
{
    talus_trainer_destroy(l->trainer);
    talus_workspace_destroy(l->workspace);
    talus_network_destroy(l->network);
    talus_context_destroy(l->context);
    bench_batch_destroy(&l->batch);
}

static bool draw(library *l, const bench_expected *e)
{
    uint64_t state = e->setup->seed;
    naive_network net = bench_setup_naive(e->setup);
    naive_pass *single = naive_pass_create(&net, 1);
    bool fine = single ? bench_draw_clear(e->setup, single, e->start, &l->batch, &state) : no_memory();
    naive_pass_destroy(single);
    return fine;
}

/* What the peers start from. */
static bool write_files(const library *l, const bench_expected *e)
{
    const talus_matrix *Y = &l->batch.view.targets;
    size_t real = bench_number_bytes(e->setup->precision),
           target = e->setup->squared ? real : sizeof(int32_t);
    return bench_file_write(e->directory, "parameters.bin", l->theta.data, (size_t)e->count * real) &&
           bench_file_write(e->directory, "inputs.bin", l->batch.view.inputs.data,
                            (size_t)(e->setup->n * l->batch.view.inputs.cols) * real) &&
           bench_file_write(e->directory, "targets.bin", Y->data, (size_t)(Y->rows * Y->cols) * target);
}

static bool make_arrays(const library *l, bench_expected *e)
{
    e->count = l->theta.cols;
    e->outputs_count = e->setup->n * e->setup->shape.d[e->setup->shape.L];
    e->start = calloc((size_t)e->count, sizeof(double));
    e->after_one = calloc((size_t)e->count, sizeof(double));
    e->after_all = calloc((size_t)e->count, sizeof(double));
    e->outputs = calloc((size_t)e->outputs_count, sizeof(double));
    if (!e->start || !e->after_one || !e->after_all || !e->outputs)
        return no_memory();
    bench_numbers_to_double(l->theta.data, e->setup->precision, e->count, e->start);
    return true;
}

/* Sharp coefficients, from the first gradient; after_one lends its memory. */
static bool choose_optimizer(library *l, bench_expected *e)
{
    talus_matrix gradient = l->theta;
    gradient.data = calloc((size_t)e->count, sizeof(double));
    if (!gradient.data)
        return no_memory();
    bool fine = good(l, talus_gradient(l->network, l->workspace, &l->batch.view, NULL, &gradient));
    bench_numbers_to_double(gradient.data, e->setup->precision, e->count, e->after_one);
    free(gradient.data);
    e->optimizer = bench_sharp_optimizer(e->setup, e->start, e->after_one, e->count);
    return fine && good(l, talus_trainer_create(l->network, &e->optimizer, e->setup->n, &l->trainer));
}

static bool compute(library *l, bench_expected *e)
{
    int precision = e->setup->precision;
    talus_matrix outputs = talus_matrix_view(e->outputs, TALUS_DTYPE_F64, e->setup->n,
                                             e->setup->shape.d[e->setup->shape.L]);
    if (!good(l, talus_predict(l->network, l->workspace, &l->batch.view.inputs, &outputs)) ||
        !choose_optimizer(l, e))
        return false;
    for (int t = 0; t < BENCH_AGREE_STEPS; t++) {
        if (!good(l, talus_trainer_step(l->trainer, &l->batch.view, &e->cost[t])))
            return false;
        bench_numbers_to_double(l->theta.data, precision, e->count, t == 0 ? e->after_one : e->after_all);
    }
    return true;
}

bool bench_expect(const bench_setup *setup, const char *directory, bench_expected *e)
{
    library l = {0};
    *e = (bench_expected){.setup = setup, .directory = directory};
    bool fine = library_open(&l, setup) && make_arrays(&l, e) && draw(&l, e) && write_files(&l, e) &&
                compute(&l, e);
    library_close(&l);
    return fine;
}

void bench_expected_destroy(bench_expected *e)
{
    free(e->start);
    free(e->outputs);
    free(e->after_one);
    free(e->after_all);
    *e = (bench_expected){0};
}

/* Comparing ---------------------------------------------------------------------------------------------- */

/* An array that the peer has written, in double; NULL after a sentence on stderr. */
static double *read_array(const bench_expected *e, const char *name, int64_t count)
{
    size_t bytes = (size_t)count * bench_number_bytes(e->setup->precision);
    void *raw = malloc(bytes);
    double *array = calloc((size_t)count, sizeof *array);
    bool fine = (raw && array) || no_memory();
    if (fine && bench_file_read(e->directory, name, raw, bytes)) {
        bench_numbers_to_double(raw, e->setup->precision, count, array);
    } else {
        free(array);
        array = NULL;
    }
    free(raw);
    return array;
}

static bool compare_outputs(bench_peer *peer, const bench_expected *e, double *error)
{
    double apart = 0;
    double *outputs = bench_peer_ask(peer, "predict", "ok", NULL)
                          ? read_array(e, "outputs.out", e->outputs_count)
                          : NULL;
    if (!outputs)
        return false;
    for (int64_t i = 0; i < e->outputs_count; i++)
        apart = bench_worse(apart, fabs(outputs[i] - e->outputs[i]));
    *error = bench_worse(*error, apart / fmax(1, bench_largest(e->outputs, e->outputs_count)));
    free(outputs);
    return true;
}

static bool compare_parameters(const bench_expected *e, const double *theta, double *error)
{
    double apart = 0, moved = 0;
    double *got = read_array(e, "parameters.out", e->count);
    if (!got)
        return false;
    for (int64_t i = 0; i < e->count; i++) {
        apart += (got[i] - theta[i]) * (got[i] - theta[i]);
        moved += (theta[i] - e->start[i]) * (theta[i] - e->start[i]);
    }
    *error = bench_worse(*error, sqrt(apart / moved));
    free(got);
    return true;
}

static bool compare_step(bench_peer *peer, const bench_expected *e, int t, double *error)
{
    char answer[BENCH_LINE];
    if (!bench_peer_ask(peer, "step", "cost", answer))
        return false;
    double cost = strtod(answer, NULL);
    *error = bench_worse(*error, fabs(cost - e->cost[t]) / fmax(1, fabs(e->cost[t])));
    if (t == 0)
        return compare_parameters(e, e->after_one, error);
    return t < BENCH_AGREE_STEPS - 1 || compare_parameters(e, e->after_all, error);
}

bench_taken bench_agree(bench_peer *peer, const bench_expected *e, double *error, double *steps_error)
{
    *error = *steps_error = 0;
    bench_taken taken = bench_peer_case(peer, e->setup, &e->optimizer, e->directory, false);
    if (taken != BENCH_TAKEN)
        return taken;
    bool fine = compare_outputs(peer, e, error);
    for (int t = 0; t < BENCH_AGREE_STEPS && fine; t++)
        fine = compare_step(peer, e, t, t == 0 ? error : steps_error);
    if (fine && *error <= tolerance(e->setup) && *steps_error <= tolerance_of_steps(e->setup))
        return BENCH_TAKEN;
    if (fine)
        fprintf(stderr, "talus-bench: %s differs by %.3g, more than %.3g; after %d steps by %.3g, %.3g\n",
                peer->title, *error, tolerance(e->setup), BENCH_AGREE_STEPS, *steps_error,
                tolerance_of_steps(e->setup));
    return BENCH_BROKEN;
}
