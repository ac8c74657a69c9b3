/* Things to make calls with, and another thread that is in a call. */
#ifndef TESTS_CALL_SUPPORT_H
#define TESTS_CALL_SUPPORT_H

#include <pthread.h>
#include <semaphore.h>

#include "base/context.h"
#include "support.h"

enum { N = 8, INPUTS = 3 };

/* What there is to make calls with. */
typedef struct things {
    talus_context *context;
    talus_network *network;
    talus_optimizer *optimizer;
    talus_dataset *dataset;
    talus_workspace *workspace;
    talus_trainer *trainer;
    double x[N * INPUTS], numbers[2][N];
    int32_t labels[N];
    talus_matrix inputs, targets, parameters, gradient;
} things;

extern const talus_network_spec call_spec;
talus_status make_network(talus_context *context, talus_network **network);
talus_status make_optimizer(talus_context *context, talus_optimizer **optimizer);
void make_things(things *t, const talus_context_options *options);
void free_things(things *t);

/* An allocator in which a thread can stop, and so stay in a call. */
typedef struct gate {
    sem_t stopped, go_on;
} gate;

/* Another thread that is in a call. */
typedef struct holder {
    things things;
    gate gate;
    pthread_t thread;
    talus_status refused, made;
    bool same_message;
} holder;

void start_holder(holder *h);
void end_holder(holder *h);
void free_holder(holder *h);

/* What another thread gets that makes a network. */
talus_status in_another_thread(talus_context *context);

#endif
