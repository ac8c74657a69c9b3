/* Which parameters of a network its optimiser may see as matrices: the weights of its layers. */
#include "train/trainer.h"

talus_status tl_trainer_create_matrices(talus_trainer *trainer)
{
    const talus_network *network = trainer->network;
    const int layers = network->layer_count;
    tl_matrix *matrices = tl_allocate(network->context, (size_t)layers * sizeof *matrices);
    for (int l = 1; matrices != NULL && l <= layers; l++) {
        const tl_part *weights = tl_layer_part(&network->layers[l], TALUS_PART_WEIGHTS);
        matrices[l - 1] = (tl_matrix){
            .offset = weights->offset, .rows = weights->rows, .cols = weights->cols, .is_last = l == layers};
    }
    const bool done = matrices != NULL && tl_optimizer_set_matrices(trainer->optimizer, matrices, layers);
    tl_release(network->context, matrices);
    return done ? TALUS_OK
                : tl_fail(network->context, TALUS_ERROR_MEMORY,
                          "trainer: the allocator returned no memory for the matrices of %s",
                          tl_rule_of(trainer->optimizer->spec.method)->name);
}
