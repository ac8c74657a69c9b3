#include "sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 1024 };

static double value_at(const talus_matrix *m, int64_t row, int64_t col)
{
    const int64_t at = row * (m->stride == 0 ? m->cols : m->stride) + col;
    switch (m->dtype) {
    case TALUS_DTYPE_F32:
        return ((const float *)m->data)[at];
    case TALUS_DTYPE_U8:
        return ((const unsigned char *)m->data)[at];
    case TALUS_DTYPE_I32:
        return ((const int32_t *)m->data)[at];
    default:
        return ((const double *)m->data)[at];
    }
}

/* The outputs for rows of inputs. */
static int predict(talus_context *context, const talus_network *network, const double *x, const samples *of,
                   double *out)
{
    talus_workspace *workspace = NULL;
    talus_matrix in = talus_matrix_view((void *)x, TALUS_DTYPE_F64, of->count, of->inputs),
                 a = talus_matrix_view(out, TALUS_DTYPE_F64, of->count, of->outputs);
    int done = talus_workspace_create(context, network, BATCH, &workspace) == TALUS_OK &&
               talus_predict(network, workspace, &in, &a) == TALUS_OK;
    talus_workspace_destroy(workspace);
    return done;
}

int64_t predicted(const samples *of, int64_t i)
{
    const double *row = of->out + i * of->outputs;
    return class_of(of->network, row, of->outputs);
}

/* How wrong the outputs are of a label. */
static double badness_of(const samples *of, const double *row, int64_t label)
{
    double p = label < of->outputs ? row[label] : 0, other = -INFINITY;
    if (of->outputs == 1)
        p = label == 1 ? row[0] : 1 - row[0];
    if (has_probabilities(of->network))
        return -log(fmax(p, 1e-12));
    for (int64_t k = 0; k < of->outputs; k++)
        other = k != label ? fmax(other, row[k]) : other;
    return other - p;
}

/* The deviation of a target, 1 if it is constant; values that are missing do not count. */
static double deviation(const samples *of, int64_t target)
{
    double sum = 0, squares = 0, count = 0;
    for (int64_t i = 0; i < of->count; i++)
        if (isfinite(of->y[i * of->targets + target]))
            sum += of->y[i * of->targets + target], count++;
    const double mean = sum / fmax(count, 1);
    for (int64_t i = 0; i < of->count; i++) {
        const double off = of->y[i * of->targets + target] - mean;
        squares += isfinite(off) ? off * off : 0;
    }
    return squares > 0 ? sqrt(squares / count) : 1;
}

double error_of(const samples *of, int64_t i, int64_t target)
{
    return fabs(of->out[i * of->outputs + target] - of->y[i * of->targets + target]) / of->deviations[target];
}

int64_t worst_target(const samples *of, int64_t i)
{
    int64_t worst = 0;
    for (int64_t k = 1; k < of->targets; k++)
        worst = error_of(of, i, k) > error_of(of, i, worst) || isnan(error_of(of, i, worst)) ? k : worst;
    return worst;
}

static void judge_samples(samples *of)
{
    for (int64_t k = 0; k < of->targets; k++)
        of->deviations[k] = deviation(of, k);
    for (int64_t i = 0; i < of->count; i++) {
        const double *row = of->out + i * of->outputs;
        if (of->classes) {
            of->badness[i] = badness_of(of, row, (int64_t)of->y[i * of->targets]);
            continue;
        }
        of->badness[i] = fmax(0, error_of(of, i, worst_target(of, i)));
    }
}

int take_samples(talus_context *context, const talus_network *network, const talus_dataset *data, samples *of)
{
    talus_matrix x, y;
    const int64_t all = talus_dataset_samples(data);
    *of = (samples){.count = all < MOST_SAMPLES ? all : MOST_SAMPLES,
                    .all = all,
                    .inputs = talus_dataset_inputs(data),
                    .outputs = talus_network_width(network, talus_network_layer_count(network)),
                    .targets = talus_dataset_targets(data),
                    .network = network};
    if (talus_dataset_matrices(data, &x, &y) != TALUS_OK || y.data == NULL)
        return 0;
    of->classes = y.dtype == TALUS_DTYPE_I32 && is_classifier(network, NULL);
    const size_t count = (size_t)of->count;
    of->x = malloc(count * (size_t)of->inputs * sizeof(double));
    of->out = malloc(count * (size_t)of->outputs * sizeof(double));
    of->y = malloc(count * (size_t)of->targets * sizeof(double));
    of->deviations = malloc((size_t)of->targets * sizeof(double));
    of->badness = malloc(count * sizeof(double));
    of->rows = malloc(count * sizeof(int64_t));
    if (of->x == NULL || of->out == NULL || of->y == NULL || of->deviations == NULL || of->badness == NULL ||
        of->rows == NULL)
        return 0;
    for (int64_t i = 0; i < of->count; i++) {
        const int64_t row = talus_dataset_row(data, i * all / of->count);
        of->rows[i] = row;
        for (int64_t k = 0; k < of->inputs; k++)
            of->x[i * of->inputs + k] = value_at(&x, row, k);
        for (int64_t k = 0; k < of->targets; k++)
            of->y[i * of->targets + k] = value_at(&y, row, k);
    }
    if (!predict(context, network, of->x, of, of->out))
        return 0;
    judge_samples(of);
    return 1;
}

void free_samples(samples *of)
{
    free(of->x), free(of->out), free(of->y), free(of->deviations), free(of->badness), free(of->rows);
}

/* The cost of the network on these inputs. */
static double cost_of(talus_context *context, const talus_network *network, const samples *of, double *x)
{
    talus_dataset *data = NULL;
    talus_workspace *workspace = NULL;
    talus_metrics found = {.cost = NAN};
    int32_t *labels = malloc((size_t)of->count * sizeof *labels);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, of->count, of->inputs),
                 y = talus_matrix_view(of->y, TALUS_DTYPE_F64, of->count, of->targets);
    if (of->classes && of->targets == 1 && labels != NULL) {
        for (int64_t i = 0; i < of->count; i++)
            labels[i] = (int32_t)of->y[i];
        y = talus_matrix_view(labels, TALUS_DTYPE_I32, of->count, 1);
    }
    if (labels != NULL && talus_dataset_from_matrices(context, &in, &y, &data) == TALUS_OK &&
        talus_workspace_create(context, network, BATCH, &workspace) == TALUS_OK)
        (void)talus_evaluate(network, workspace, data, &found);
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(data);
    free(labels);
    return found.cost;
}

/* A random order of 0 … count−1 (Durstenfeld 1964, with numbers of Marsaglia's xorshift, 2003); NULL without memory. */
static int64_t *random_order(int64_t count)
{
    uint64_t state = 0x9E3779B97F4A7C15u;
    int64_t *order = malloc((size_t)count * sizeof *order);
    for (int64_t i = 0; order != NULL && i < count; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        const int64_t at = (int64_t)(state % (uint64_t)(i + 1));
        order[i] = order[at], order[at] = i;
    }
    return order;
}

double importance(talus_context *context, const talus_network *network, const samples *of, int64_t first,
                  int64_t width)
{
    const size_t bytes = (size_t)(of->count * of->inputs) * sizeof(double);
    int64_t *order = random_order(of->count);
    double *x = malloc(bytes), rise = NAN;
    if (x != NULL && order != NULL) {
        memcpy(x, of->x, bytes);
        rise = -cost_of(context, network, of, x);
        for (int64_t i = 0; i < of->count; i++)
            memcpy(x + i * of->inputs + first, of->x + order[i] * of->inputs + first,
                   (size_t)width * sizeof(double));
        rise += cost_of(context, network, of, x);
    }
    free(order);
    free(x);
    return rise;
}
