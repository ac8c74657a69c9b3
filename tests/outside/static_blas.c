/* A program with a static OpenBLAS: while a call of Talus computes, the BLAS has one thread, and afterwards what it had. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <talus/talus.h>

int openblas_get_num_threads(void);

static atomic_int seen_one;

/* Looks until it has seen the setting 1, in the time that a call takes. */
static void *watch(void *training)
{
    while (atomic_load((atomic_int *)training))
        if (openblas_get_num_threads() == 1)
            atomic_store(&seen_one, 1);
    return NULL;
}

/* Steps until the watcher has seen a setting of 1, or it should have. */
static int train(talus_context *context)
{
    enum { INPUTS = 64, SAMPLES = 256, MOST_STEPS = 3000 };
    static float x[SAMPLES * INPUTS], y[SAMPLES];
    talus_matrix inputs = talus_matrix_view(x, TALUS_DTYPE_F32, SAMPLES, INPUTS),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F32, SAMPLES, 1);
    talus_batch batch = talus_batch_of(inputs, targets);
    talus_layer layers[] = {{.width = 200, .activation = TALUS_TANH}, {.width = 1}};
    talus_network_spec spec = {.inputs = INPUTS, .layers = layers, .layer_count = 2};
    talus_network *network = NULL;
    talus_trainer *trainer = NULL;
    int failed = talus_context_set_plan(context, "baseline f32 products=blas\navx2 f32 products=blas\n"
                                                 "avx512 f32 products=blas\n") ||
                 talus_network_create(context, &spec, &network) ||
                 talus_trainer_create(network, NULL, SAMPLES, &trainer);
    for (int step = 0; !failed && !atomic_load(&seen_one) && step < MOST_STEPS; step++)
        failed = talus_trainer_step(trainer, &batch, NULL) != TALUS_OK;
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    return failed;
}

int main(void)
{
    int before = openblas_get_num_threads();
    if (before < 2) {
        printf("the BLAS has %d threads: nothing to see\n", before);
        return 77;
    }
    atomic_int training = 1;
    pthread_t watcher;
    talus_context *context = NULL;
    int failed = talus_context_create(NULL, &context) || pthread_create(&watcher, NULL, watch, &training);
    if (failed)
        return 1;
    failed = train(context);
    atomic_store(&training, 0);
    pthread_join(watcher, NULL);
    talus_context_destroy(context);
    int after = openblas_get_num_threads();
    printf("threads of the BLAS: %d before, %s during, %d after a call\n", before,
           atomic_load(&seen_one) ? "1" : "more than 1", after);
    return failed || !atomic_load(&seen_one) || after != before;
}
