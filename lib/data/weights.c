/* Weights of samples: the caller's, or those of their classes. */
#include <math.h>

#include "base/call.h"
#include "data/dataset.h"
#include "data/sort.h"

static double number_at(const talus_matrix *matrix, int64_t row, int64_t col)
{
    int64_t at = row * matrix->stride + col;
    switch (matrix->dtype) {
    case TALUS_DTYPE_F32:
        return (double)((const float *)matrix->data)[at];
    case TALUS_DTYPE_F64:
        return ((const double *)matrix->data)[at];
    case TALUS_DTYPE_I32:
        return ((const int32_t *)matrix->data)[at];
    default:
        return ((const uint8_t *)matrix->data)[at];
    }
}

void tl_dataset_weigh(talus_dataset *dataset)
{
    double sum = 0;
    if (dataset->weights.data == NULL)
        return;
    for (int64_t i = 0; i < dataset->samples; i++)
        sum += number_at(&dataset->weights, talus_dataset_row(dataset, i), 0);
    dataset->mean_weight = sum / (double)dataset->samples;
}

tl_held_weights *tl_weights_allocate(talus_context *context, int64_t count)
{
    tl_held_weights *weights = NULL;
    int64_t bytes;
    if (tl_multiply(count, (int64_t)sizeof weights->numbers[0], &bytes) &&
        bytes <= INT64_MAX - (int64_t)sizeof *weights)
        weights = tl_allocate(context, sizeof *weights + (size_t)bytes);
    if (weights != NULL)
        weights->holders = 1;
    return weights;
}

void tl_weights_let_go(talus_context *context, tl_held_weights *weights)
{
    if (weights != NULL && --weights->holders == 0)
        tl_release(context, weights);
}

/* In the place of those that the data set has. `held` is NULL for the caller's. */
static void take_weights(talus_dataset *dataset, tl_held_weights *held, talus_matrix weights)
{
    tl_weights_let_go(dataset->context, dataset->held_weights);
    dataset->held_weights = held;
    dataset->weights = weights;
    tl_dataset_weigh(dataset);
}

/* The caller's ------------------------------------------------------------------------------------------- */

static talus_status check_weights(talus_context *context, const talus_matrix *weights, int64_t samples,
                                  talus_matrix *checked)
{
    talus_status status = tl_check_matrix(context, "weights", weights, TL_DTYPES_REAL, checked);
    if (status != TALUS_OK)
        return status;
    if (checked->cols != 1 || checked->rows != samples)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "weights must be %lld x 1, one for each sample, got %lld x %lld", (long long)samples,
                       (long long)checked->rows, (long long)checked->cols);
    for (int64_t i = 0; i < samples; i++) {
        double weight = number_at(checked, i, 0);
        if (!(isfinite(weight) && weight >= 0))
            return tl_fail(context, TALUS_ERROR_DATA,
                           "weights, row %lld (counted from 0): the weight must be a finite number of at "
                           "least 0, got %g",
                           (long long)i, weight);
    }
    return TALUS_OK;
}

static talus_status set_weights(talus_dataset *dataset, const talus_matrix *weights)
{
    talus_matrix checked = {.data = NULL};
    if (weights != NULL && dataset->rows != NULL)
        return tl_fail(dataset->context, TALUS_ERROR_ARGUMENT,
                       "weights must be set for the whole before a part is made that is a list of rows");
    talus_status status = weights == NULL
                              ? TALUS_OK
                              : check_weights(dataset->context, weights, dataset->samples, &checked);
    if (status != TALUS_OK)
        return status;
    take_weights(dataset, NULL, checked);
    return TALUS_OK;
}

talus_status talus_dataset_set_weights(talus_dataset *dataset, const talus_matrix *weights)
{
    if (dataset == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, dataset->context);
    return status == TALUS_OK ? tl_call_end(&call, set_weights(dataset, weights)) : status;
}

talus_status talus_dataset_weights(const talus_dataset *dataset, talus_matrix *weights)
{
    if (dataset == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (weights == NULL)
        return tl_fail(dataset->context, TALUS_ERROR_ARGUMENT, "weights must not be NULL");
    *weights = dataset->weights;
    return TALUS_OK;
}

/* Of classes --------------------------------------------------------------------------------------------- */

/* The class of a row: its label; the column of its largest target, the first of equals, of those that are not missing; of
 * one target 0 or 1, on which side of ½ it is. */
static int64_t class_of(const talus_matrix *targets, int64_t row)
{
    if (targets->dtype == TALUS_DTYPE_I32)
        return (int64_t)number_at(targets, row, 0);
    if (targets->cols == 1)
        return number_at(targets, row, 0) > 0.5;
    int64_t class = 0;
    for (int64_t col = 1; col < targets->cols; col++)
        if (number_at(targets, row, col) > number_at(targets, row, class) ||
            isnan(number_at(targets, row, class)))
            class = col;
    return class;
}

static talus_status take_given(const talus_dataset *dataset, const double *given, int64_t count,
                               double *weights)
{
    talus_context *context = dataset->context;
    for (int64_t k = 0; k < count; k++)
        if (!(isfinite(given[k]) && given[k] >= 0))
            return tl_fail(context, TALUS_ERROR_DATA,
                           "class weights: that of class %lld must be a finite number of at least 0, got %g",
                           (long long)k, given[k]);
    for (int64_t i = 0; i < dataset->samples; i++) {
        int64_t row = talus_dataset_row(dataset, i), class = class_of(&dataset->targets, row);
        if (class >= count)
            return tl_fail(context, TALUS_ERROR_DATA,
                           "class weights: sample %lld (counted from 0) is of class %lld, but there are %lld "
                           "weights",
                           (long long)i, (long long)class, (long long)count);
        weights[row] = given[class];
    }
    return TALUS_OK;
}

/* n/(K·n_k) for the n_k samples of class k, of K classes that occur */
static talus_status take_balanced(const talus_dataset *dataset, double *weights)
{
    int64_t n = dataset->samples, classes = 0;
    tl_keyed *items = tl_allocate_keyed(dataset->context, n);
    if (items == NULL)
        return TALUS_ERROR_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        int64_t row = talus_dataset_row(dataset, i);
        items[i] = (tl_keyed){(uint64_t)class_of(&dataset->targets, row), row};
    }
    tl_sort_by_key(items, n);
    for (int64_t start = 0; start < n; start = tl_run_end(items, n, start))
        classes++;
    for (int64_t start = 0, end; start < n; start = end) {
        end = tl_run_end(items, n, start);
        for (int64_t i = start; i < end; i++)
            weights[items[i].item] = (double)n / ((double)classes * (double)(end - start));
    }
    tl_release(dataset->context, items);
    return TALUS_OK;
}

static talus_status check_classes(const talus_dataset *dataset, const double *given, int64_t count)
{
    talus_context *context = dataset->context;
    if (dataset->targets.cols == 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "class weights: the data set must have targets, got one without");
    if (given == NULL && count != 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "class weights: count must be 0 for balanced classes, got %lld", (long long)count);
    if (given != NULL && count < 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "class weights: count must be at least 1, got %lld",
                       (long long)count);
    return tl_dataset_check_resident(context, "class weights", dataset);
}

static talus_status weight_classes(talus_dataset *dataset, const double *given, int64_t count)
{
    talus_context *context = dataset->context;
    talus_status status = check_classes(dataset, given, count);
    if (status != TALUS_OK)
        return status;
    int64_t rows = dataset->inputs.rows;
    tl_held_weights *weights = tl_weights_allocate(context, rows);
    if (weights == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for the weights of %lld samples",
                       (long long)rows);
    status = given == NULL ? take_balanced(dataset, weights->numbers)
                           : take_given(dataset, given, count, weights->numbers);
    if (status != TALUS_OK) {
        tl_weights_let_go(context, weights);
        return status;
    }
    take_weights(dataset, weights, talus_matrix_view(weights->numbers, TALUS_DTYPE_F64, rows, 1));
    return TALUS_OK;
}

talus_status talus_dataset_weight_classes(talus_dataset *dataset, const double *weights, int64_t count)
{
    if (dataset == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, dataset->context);
    return status == TALUS_OK ? tl_call_end(&call, weight_classes(dataset, weights, count)) : status;
}
