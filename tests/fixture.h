/* A context for each test, whose memory is counted, and what several tests make with it. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "support.h"

/* Of the test that runs: its context, of two threads, which allocates from the book. */
extern counting_allocator book;
extern talus_context *context;

void begin_counted(void);
void end_counted(void);
void no_memory_is_left(void); /* since the test began, but its context */
void no_descriptor_is_left(void);

/* The same, with a folder for the test, of 64 bytes; at the end it holds nothing, or the file alone, which is removed. */
void begin_with_folder(char *folder);
void end_with_folder(const char *folder, const char *file);

talus_dataset *dataset_of(const talus_matrix *inputs, const talus_matrix *targets);
talus_dataset *rows_of(const talus_dataset *whole, const int64_t *rows, int64_t count);
talus_dataset *slice_of(const talus_dataset *whole, int64_t first, int64_t count);

/* A data set of at most 1000 samples with one input: sample i holds the number i. And the number that a sample of a part
 * of it holds. */
talus_dataset *numbered(int64_t n, const talus_matrix *targets);
int64_t number_at(const talus_dataset *part, int64_t sample);

/* Two layers, tanh and `last`; cross-entropy if that is softmax, squared error else. */
talus_network *two_layers(int precision, int64_t inputs, int64_t hidden, int64_t outputs, int last);
talus_workspace *workspace_of(const talus_network *network, int64_t max_batch);

void same_bytes(const void *a, const void *b, size_t bytes);
void same_parameters(talus_network *a, talus_network *b);

#endif
