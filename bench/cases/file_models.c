/* Models and checkpoints in files. */
#include <string.h>
#include <talus/checkpoint.h>

#include "cases/file_work.h"

/* Two layers of so many units: 34 MB of parameters, and three times as much in a checkpoint. */
enum { WIDTH = 2048, QUICK_WIDTH = 32 };

static bool make_network(bench_file_work *work)
{
    const int64_t width = work->options->quick ? QUICK_WIDTH : WIDTH;
    const talus_layer layers[] = {talus_dense(width, TALUS_RELU), talus_dense(width, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(width, layers, 2, TALUS_SQUARED_ERROR);
    spec.seed = (int64_t)work->options->seed;
    return !talus_network_create(work->context, &spec, &work->network);
}

/* Whether two networks have the same parameters, bit for bit. The second is destroyed. */
static bool is_same(talus_network *made, talus_network *read)
{
    talus_matrix a, b;
    bool good = !talus_network_parameters(made, &a) && !talus_network_parameters(read, &b) &&
                a.rows * a.cols == b.rows * b.cols &&
                memcmp(a.data, b.data, (size_t)(a.rows * a.cols) * sizeof(float)) == 0;
    talus_network_destroy(read);
    return good;
}

bool bench_model_save(bench_file_work *work)
{
    return !talus_model_save(work->network, NULL, work->path);
}

bool bench_model_make(bench_file_work *work)
{
    return make_network(work) && bench_model_save(work) && bench_file_work_load(work);
}

bool bench_model_load(bench_file_work *work)
{
    talus_network *read;
    if (talus_model_load(work->context, work->path, &read))
        return false;
    if (work->checks)
        return is_same(work->network, read);
    talus_network_destroy(read);
    return true;
}

/* Checkpoints --------------------------------------------------------------------------------------------- */

/* One epoch over one sample. */
static bool fit(bench_file_work *work, const char *checkpoint)
{
    talus_fit_options options;
    talus_fit_result result;
    talus_fit_options_defaults(&options);
    options.epochs = options.batch = 1;
    options.checkpoint = checkpoint;
    if (checkpoint)
        options.checkpoint_epochs = options.checkpoint_keep = 1;
    return !talus_trainer_fit(work->trainer, work->dataset, NULL, &options, &result);
}

bool bench_checkpoint_fit(bench_file_work *work)
{
    talus_network *network;
    talus_trainer *trainer;
    if (!fit(work, work->path))
        return false;
    if (!work->checks)
        return true;
    if (talus_checkpoint_resume(work->context, work->path, &network, &trainer, NULL))
        return false;
    talus_trainer_destroy(trainer);
    return is_same(work->network, network);
}

bool bench_checkpoint_fit_without(bench_file_work *work)
{
    return fit(work, NULL);
}

bool bench_checkpoint_make(bench_file_work *work)
{
    static const float sample[WIDTH] = {1};
    talus_optimizer_spec optimizer;
    if (!make_network(work))
        return false;
    const int64_t width = work->options->quick ? QUICK_WIDTH : WIDTH;
    const talus_matrix row = talus_matrix_view(sample, TALUS_DTYPE_F32, 1, width);
    talus_optimizer_defaults(&optimizer, TALUS_ADAM);
    optimizer.rate = 1e-6;
    return !talus_dataset_from_matrices(work->context, &row, &row, &work->dataset) &&
           !talus_trainer_create(work->network, &optimizer, 1, &work->trainer) && fit(work, work->path) &&
           bench_file_work_load(work);
}
