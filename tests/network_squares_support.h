/* Networks and data as sums of squares, over all that they may have. */
#ifndef TESTS_NETWORK_SQUARES_SUPPORT_H
#define TESTS_NETWORK_SQUARES_SUPPORT_H

#include "fixture.h"
#include "train/network_squares.h"

enum { N = 45, INPUTS = 4, RAW = 5, OUTPUTS = 3, FEW = 7 };

/* What the cases have beside layers. */
enum { WEIGHTS = 1, MISSING = 2, OUTPUT_WEIGHTS = 4, SCALED = 8, PROJECTED = 16, STREAMED = 32 };

typedef struct squares_case {
    const char *name;
    talus_layer layers[2];
    unsigned with;
} squares_case;

extern const squares_case squares_cases[];
extern const int squares_case_count;

/* Makes the data. */
void begin_squares(void);

/* The squares of a case under test, with its parameters θ and a vector v of as many numbers. */
typedef struct squares_bench {
    talus_network *network;
    talus_dataset *data;
    tl_network_squares squares;
    double theta[256], v[256];
    int64_t n;
} squares_bench;

/* Iterative or not; and with memory for no more than blocks of a few samples, or not. */
void open_squares(squares_bench *b, talus_context *of, const squares_case *c, int precision, bool iterative,
                  bool few);
void close_squares(squares_bench *b);

#endif
