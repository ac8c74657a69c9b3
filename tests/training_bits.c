#include "training_bits.h"

#include "base/processor.h"
#include "network/network.h"

static uint64_t hash_bytes(const void *data, size_t count)
{
    const unsigned char *bytes = data;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

/* Sanitizers take minutes for what they need: a step of each size of batch, on more threads than one. */
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
enum { MOST_STEPS = 4, THREAD_COUNTS = 1 };
#else
enum { MOST_STEPS = 1 << 20, THREAD_COUNTS = 4 };
#endif

/* Fills in what a run leaves open. */
static training_run complete(const training_run *asked)
{
    static const int64_t widths[] = {450, 100, 37, 10};
    training_run run = *asked;
    if (run.widths[0] == 0)
        memcpy(run.widths, widths, sizeof widths);
    if (run.batch == 0)
        run.batch = 130, run.short_batch = 37;
    if (run.steps > MOST_STEPS)
        run.steps = MOST_STEPS;
    return run;
}

static talus_context *run_context(const training_run *run)
{
    talus_context_options options = counting_options(run->threads, NULL);
    options.instruction_set = run->instruction_set;
    talus_context *context = NULL;
    expect_ok(NULL, talus_context_create(&options, &context));
    if (run->plan != NULL)
        expect_ok(context, talus_context_set_plan(context, run->plan));
    return context;
}

static talus_network *run_network(talus_context *context, const training_run *run)
{
    talus_layer layers[4] = {0};
    int count = 0;
    for (; count < 4 && run->widths[count + 1] != 0; count++)
        layers[count] = (talus_layer){.width = run->widths[count + 1],
                                      .activation = run->kinds != NULL ? run->kinds->hidden
                                                    : count == 0       ? TALUS_TANH
                                                                       : TALUS_RELU};
    layers[count - 1].activation = run->kinds != NULL ? run->kinds->output : TALUS_SOFTMAX;
    talus_network_spec spec = {.inputs = run->widths[0],
                               .layers = layers,
                               .layer_count = count,
                               .loss = run->kinds != NULL ? run->kinds->loss : TALUS_CROSS_ENTROPY,
                               .precision = run->precision,
                               .seed = 21,
                               .products = run->products};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

/* Labels in an array of i32, or values of 0 … 1. */
static talus_matrix make_targets(const talus_network *network, int64_t rows)
{
    int64_t classes = tl_network_label_count(network);
    if (classes > 0) {
        int32_t *labels = malloc((size_t)rows * sizeof *labels);
        for (int64_t i = 0; i < rows; i++)
            labels[i] = (int32_t)(i * 7 % classes);
        return talus_matrix_view(labels, TALUS_DTYPE_I32, rows, 1);
    }
    int64_t cols = tl_network_targets(network);
    double *values = random_array(6, rows * cols);
    for (int64_t i = 0; i < rows * cols; i++)
        values[i] = fabs(values[i]);
    return talus_matrix_view(values, TALUS_DTYPE_F64, rows, cols);
}

static void run_steps(talus_trainer *trainer, talus_context *context, const training_run *run,
                      const talus_network *network)
{
    double *x = random_array(3, run->batch * run->widths[0]);
    talus_matrix y = make_targets(network, run->batch);
    for (int step = 0; step < run->steps; step++) {
        int64_t count = step % 4 == 3 ? run->short_batch : run->batch;
        talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, count, run->widths[0]);
        y.rows = count;
        double cost;
        expect_ok(context, talus_trainer_step(trainer, BATCH(in, y), &cost));
        if (!isfinite(cost) && run->kinds != NULL)
            break; /* some pairs of kinds diverge */
        ck_assert(isfinite(cost));
    }
    free(x), free(y.data);
}

uint64_t training_bits(const training_run *asked)
{
    training_run run = complete(asked);
    talus_context *context = run_context(&run);
    talus_network *network = run_network(context, &run);
    talus_optimizer_spec spec;
    talus_trainer *trainer = NULL;
    talus_matrix parameters;
    talus_optimizer_defaults(&spec, run.method);
    expect_ok(context, talus_trainer_create(network, &spec, run.batch, &trainer));
    run_steps(trainer, context, &run, network);
    expect_ok(context, talus_network_parameters(network, &parameters));
    uint64_t hash = hash_bytes(parameters.data,
                               (size_t)parameters.cols * (run.precision == TALUS_DTYPE_F64 ? 8 : 4));
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    talus_context_destroy(context);
    return hash;
}

uint64_t predict_bits(const training_run *asked)
{
    training_run run = complete(asked);
    talus_context *context = run_context(&run);
    talus_network *network = run_network(context, &run);
    int64_t outputs = talus_network_width(network, talus_network_layer_count(network));
    double *x = random_array(3, run.batch * run.widths[0]), *out = random_array(4, run.batch * outputs);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, run.batch, run.widths[0]),
                 a = talus_matrix_view(out, TALUS_DTYPE_F64, run.batch, outputs);
    talus_workspace *workspace;
    expect_ok(context, talus_workspace_create(context, network, run.batch, &workspace));
    expect_ok(context, talus_predict(network, workspace, &in, &a));
    uint64_t hash = hash_bytes(out, (size_t)(run.batch * outputs) * sizeof *out);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_context_destroy(context);
    free(x), free(out);
    return hash;
}

void same_on_all_threads(training_run run, uint64_t (*bits)(const training_run *run))
{
    static const int threads[] = {3, 2, 4, 8};
    const char *plan = run.plan == NULL ? "of users" : run.plan;
    run.threads = 1;
    uint64_t alone = bits(&run);
    for (int i = 0; i < THREAD_COUNTS; i++) {
        run.threads = threads[i];
        ck_assert_msg(
            bits(&run) == alone, "f%d, method %d, %s, %d threads, batches of %lld and %lld, plan %.*s",
            run.precision == TALUS_DTYPE_F64 ? 64 : 32, run.method,
            run.instruction_set == TALUS_INSTRUCTION_SET_BEST ? "best"
                                                              : tl_instruction_set_name(run.instruction_set),
            threads[i], (long long)run.batch, (long long)run.short_batch, (int)strcspn(plan, "\n"), plan);
    }
}
