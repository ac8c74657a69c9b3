/* What a sequence of calls works on: contexts, networks, data sets and arrays, all kept until the end, and drawn from the
 * bytes of an input, with and without mistakes. */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include "fuzz.h"

enum { CONTEXTS = 2, NETWORKS = 3, DATASETS = 8, ARRAYS = 256, LAYERS = 4 };

typedef struct net {
    talus_network *network;
    talus_matrix parameters;
    void *before; /* their values before the call */
    talus_workspace *workspace;
    talus_context *worker; /* of the workspace */
    talus_trainer *trainer;
} net;

typedef struct world {
    fuzz_bytes bytes;
    fuzz_memory memory;
    talus_context *contexts[CONTEXTS];
    net nets[NETWORKS];
    talus_dataset *datasets[DATASETS];
    void *arrays[ARRAYS];
    int net_count, dataset_count, array_count;
} world;

void world_begin(world *w, const uint8_t *data, size_t size);
void world_end(world *w); /* all memory has come back */

/* One of those that are there; or NULL if there are none, and sometimes. */
talus_context *draw_context(world *w);
net *draw_net(world *w);
net *draw_worker(world *w); /* one that has a workspace */
talus_dataset *draw_dataset(world *w);

int draw_value(world *w, int enumeration); /* of an enumeration; seldom one beside it */
double draw_number(world *w);              /* mostly small; seldom huge, tiny or not finite */
int64_t draw_size(world *w);               /* mostly small; seldom below 1 or huge */
void *new_array(world *w, size_t bytes);   /* of zeros; NULL if there are too many */

/* A view of rows × cols values of a dtype, at the end of its memory, with any stride; one in eight has a mistake. i32 are
 * labels 0 … classes−1. */
talus_matrix draw_matrix(world *w, int dtype, int64_t rows, int64_t cols, int64_t classes);
talus_matrix draw_inputs(world *w, const net *n, int64_t rows);
talus_matrix draw_targets(world *w, const net *n, int64_t rows);
talus_matrix draw_outputs(world *w, int64_t rows, int64_t cols); /* f32 or f64 */

/* Sets some options of a struct by name to values that its table allows, or to any text. */
void draw_options(world *w, talus_context *context, int structure, void *options);

/* The parameters of networks, before a call and after it. */
void remember_net(net *n);
void require_parameters_unchanged(const world *w);
void require_parameters_stay_finite(const world *w);

#endif
