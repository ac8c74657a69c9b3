/* The same samples as matrices and as a stream, whose reads are counted. */
#ifndef TESTS_STREAM_SUPPORT_H
#define TESTS_STREAM_SUPPORT_H

#include "fixture.h"

enum { N = 57, HELD_OUT = 23, INPUTS = 5, OUTPUTS = 3, BATCH = 8 };

/* Dense numbers of all samples, and what was read of them. */
typedef struct source {
    talus_matrix x, y;      /* data of y NULL: no targets are streamed */
    int64_t calls, samples; /* reads, and the samples in them */
    int64_t most;           /* samples in one of them */
    int64_t fail_at;        /* the read that gives 7; 0: none */
    int64_t rows[4 * N];    /* the last that were asked for, where there are not more */
} source;

/* A read of a talus_stream whose user is a source. */
int read_source(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user);

/* Numbers of a dtype: inputs and values on 0 … 1 (u8: 0 … 255), labels 0 … OUTPUTS − 1. The same each time; they belong to the test. */
talus_matrix numbers_of(int dtype, uint64_t seed, int64_t rows, int64_t cols);
void free_numbers(void);

/* A source of `samples` samples with OUTPUTS targets or a label; the data set over its matrices; and the one that streams it, all of
 * it or (resident) only the inputs. */
source source_of(int inputs, int targets, uint64_t seed, int64_t samples);
talus_stream stream_from(source *from);
talus_dataset *matrices_of(const source *from);
talus_dataset *stream_of(source *from, bool resident);

/* OUTPUTS outputs, for labels or values of a target dtype. */
talus_network *network_for(int precision, int targets);

#endif
