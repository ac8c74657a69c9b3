/* The lines that peers written in C receive and send; see README.md. Their numbers are floats. */
#ifndef PEER_SERVE_H
#define PEER_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_LAYERS 64
#define PEER_TEXT   512

typedef struct peer_case {
    char dir[PEER_TEXT], activation[32], loss[32], method[32], precision[8];
    int L;
    int64_t d[PEER_LAYERS + 1];
    int64_t n;
    double rate, momentum, beta1, beta2, epsilon;
    int threads;
    bool tune;
    size_t count;   /* of parameters */
    float *theta;   /* count; these arrays stay until the next case */
    float *X;       /* n × d_0 */
    float *Y;       /* n × d_L, if the loss is squared */
    int32_t *label; /* n, otherwise */
} peer_case;

/* What a peer does. */
typedef struct peer {
    const char *title;
    /* Takes a case and describes its setting; false: it cannot, and text says why. */
    bool (*start)(const peer_case *c, char text[PEER_TEXT]);
    void (*predict)(float *outputs); /* n × d_L */
    double (*step)(void);            /* returns the cost before the update */
    void (*parameters)(float *theta);
} peer;

/* Answers requests until there are no more. Returns an exit code. */
int peer_serve(const peer *p);

/* Seconds of a clock that cannot step. */
double peer_now(void);

/* Ends the process with a sentence on stderr, if something is not as it must be. */
void peer_must(bool good, const char *what);

/* calloc that ends the process if it fails. */
void *peer_zeros(size_t count, size_t bytes);

#endif
