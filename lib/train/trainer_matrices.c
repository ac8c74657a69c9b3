/* Which parameters of a network its optimiser may see as matrices: the weights of its layers, with their biases; and the sums over
 * batches that it wants of a layer. */
#include "engine/moments.h"
#include "optimize/kfac.h"
#include "train/trainer.h"

static tl_matrix matrix_of(const talus_network *network, int l)
{
    const tl_part *weights = tl_layer_part(&network->layers[l], TALUS_PART_WEIGHTS);
    return (tl_matrix){.offset = weights->offset,
                       .rows = weights->rows,
                       .cols = weights->cols,
                       .is_last = l == network->layer_count,
                       .has_biases = tl_layer_part(&network->layers[l], TALUS_PART_BIASES) != NULL};
}

int64_t tl_trainer_kept(const talus_network *network, const talus_optimizer_spec *spec)
{
    const tl_matrix_rule *rule = tl_rule_of(spec->method)->matrices;
    const talus_optimizer optimizer = {.spec = *spec, .precision = network->precision};
    int64_t kept = 0;
    for (int l = 1; rule != NULL && rule->kept != NULL && l <= network->layer_count; l++) {
        const tl_matrix matrix = matrix_of(network, l);
        kept += rule->kept(&optimizer, &matrix);
    }
    return kept;
}

/* The blocks of a side of a layer, which has the matrix of its number; room may be NULL. The number of them. */
static int64_t list_side(const talus_trainer *trainer, int l, bool of_rows, tl_moment *room)
{
    const tl_matrix *matrix = &trainer->optimizer->matrices.list[l - 1];
    const tl_blocks blocks = tl_kfac_side(trainer->optimizer, matrix, of_rows);
    const size_t size = tl_dtype_size(trainer->network->precision);
    for (int64_t i = 0; room != NULL && i < blocks.count; i++) {
        const tl_block block = tl_block_at(blocks, i);
        char *sums = tl_kfac_sums(trainer->optimizer, matrix, of_rows);
        room[i] = (tl_moment){.layer = l,
                              .of_deltas = of_rows,
                              .first = block.first,
                              .size = block.size,
                              .sum = sums + (size_t)block.at * size};
    }
    return blocks.count;
}

static int64_t list_moments(const talus_trainer *trainer, tl_moment *room)
{
    int64_t count = 0;
    for (int l = 1; l <= trainer->network->layer_count; l++)
        for (int side = 0; side < 2; side++)
            count += list_side(trainer, l, side == 1, room == NULL ? NULL : room + count);
    return count;
}

static bool create_moments(talus_trainer *trainer)
{
    if (!tl_kfac_learns(trainer->optimizer))
        return true;
    trainer->moment_count = list_moments(trainer, NULL);
    trainer->moments = tl_allocate(trainer->network->context,
                                   (size_t)trainer->moment_count * sizeof *trainer->moments);
    if (trainer->moments != NULL)
        list_moments(trainer, trainer->moments);
    return trainer->moments != NULL;
}

talus_status tl_trainer_create_matrices(talus_trainer *trainer)
{
    const talus_network *network = trainer->network;
    const int layers = network->layer_count;
    tl_matrix *matrices = tl_allocate(network->context, (size_t)layers * sizeof *matrices);
    for (int l = 1; matrices != NULL && l <= layers; l++)
        matrices[l - 1] = matrix_of(network, l);
    const bool done = matrices != NULL && tl_optimizer_set_matrices(trainer->optimizer, matrices, layers) &&
                      create_moments(trainer);
    tl_release(network->context, matrices);
    return done ? TALUS_OK
                : tl_fail(network->context, TALUS_ERROR_MEMORY,
                          "trainer: the allocator returned no memory for the matrices of %s",
                          tl_rule_of(trainer->optimizer->spec.method)->name);
}

void tl_trainer_sum_moments(talus_trainer *trainer, const tl_pass *pass)
{
    if (!tl_kfac_learns(trainer->optimizer))
        return;
    tl_matrices *matrices = &trainer->optimizer->matrices;
    matrices->samples = (pass->add ? matrices->samples : 0) + pass->samples;
    tl_pass_sum_moments(pass, trainer->moments, trainer->moment_count);
}
