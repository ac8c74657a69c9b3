/* Data sets whose samples come from a function of the caller's: for data that is larger than memory and stands in no file that is
 * mapped (talus/array.h), that comes from a database, or that is made up when it is needed.
 *
 *     int read(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user)
 *     {
 *         float *x = inputs, *y = targets;
 *         for (int64_t i = 0; i < count; i++) {
 *             x[i] = point_of(rows[i]);
 *             y[i] = sinf(x[i]);
 *         }
 *         return 0;
 *     }
 *
 * All that takes a data set takes such a one, and computes the same bits as for one over matrices with the same numbers. What
 * needs the targets of all samples at once needs them in memory (`resident`), and refuses those that are streamed: stratified
 * splits and folds, weights of classes, reports, and metrics other than the cost. talus_evaluate gives cost and accuracy of any
 * stream. A validation_split of streamed labels is not stratified.
 *
 * How often samples are read:
 *     talus_fit                    training and validation samples once an epoch; the latter once more for a metric that is
 *                                  not the cost
 *     talus_evaluate               once, in batches as large as the workspace's; a report twice
 *     fit_input_scaling,           twice for a standard scaling, once for a range, nine times for a robust one, 256 samples
 *     fit_target_scaling           at a time; the latter only if targets are streamed
 *     fit_projection,              three times, and as often as the scaling that is fitted with it, 256 samples at a time
 *     projection_components
 *     other calls                  once for each time that they use a sample
 * A fit reads samples again where a retry goes back, and where a step on several batches could not be made, to find out what was
 * not finite. So the same row must give the same numbers: what is made up must follow from the row, as numbers of a generator
 * that is keyed by it do. If samples are drawn anew each time, a fit works, but another run gives other bits.
 *
 * Memory: a fit keeps a batch of samples, and one of the validation set, or two where it watches another metric than the cost. With a full batch, which methods that search along lines
 * have by default, that is all samples. The order of a shuffled fit takes 8 bytes a sample, and so does each part of the
 * data set. */
#ifndef TALUS_STREAM_H
#define TALUS_STREAM_H

#include <talus/dataset.h>

TALUS_BEGIN_C

/* Where the samples of a data set come from. Fields that are left out are 0. */
typedef struct talus_stream {
    int64_t samples;  /* n, of an epoch: 1 … 2^48 */
    int64_t inputs;   /* d_0, at least 1 */
    int input_dtype;  /* f32, f64 or u8 */
    int target_dtype; /* of streamed targets: f32, f64, u8, or i32 for labels; 0 without them */
    int64_t targets;  /* columns of streamed targets, 1 for labels; 0: there are none */

    /* Targets that stand in memory instead, n rows, as those of talus_dataset_from_matrices; default NULL. The array is borrowed
     * until the data set is destroyed; the view itself is read during the call only. */
    const talus_matrix *resident;

    /* Puts samples rows[0] … rows[count−1] into dense arrays: count × d_0 of the input_dtype, and count × targets of the
     * target_dtype (NULL where no targets are streamed), both lent for the call. It must set all of them. The rows are numbers
     * 0 … n−1 in any order, repeats included; where nothing shuffles, they ascend one by one.
     *
     * It is called in the thread that made the call of Talus, between two steps, once a batch. If several threads work with the
     * data set at once, each in a context of its own, it is called by all of them. It may make calls with the context, but must
     * neither change nor destroy what is at work; a trainer that is at work refuses steps and fits. It returns 0, or another
     * number, which ends the call by TALUS_ERROR_DATA. */
    int (*read)(const int64_t *rows, int64_t count, void *inputs, void *targets, void *user);
    void *user; /* of read, passed through; default NULL */

    /* 1: a target that is NaN is one that is missing, as in talus_dataset_with_missing_targets; 0: it is refused. */
    int64_t missing_targets;
} talus_stream;

/* A data set of a stream. The struct is copied, and nothing is read yet.
 *   size  the caller's sizeof of the stream
 * Values are checked as they are read: what talus_dataset_from_matrices refuses is refused then, by TALUS_ERROR_DATA, and messages
 * name the row that `read` was given. A fit does not read all samples before its first step, so after such an error, or
 * one of `read` itself, the steps before it stand (talus/train.h).
 *
 * Parts of the data set (talus/dataset.h) are lists of rows of the stream, also slices; so talus_dataset_set_weights refuses them. Weights
 * of the whole stand in memory. talus_dataset_matrices gives views without data of what is streamed. A fit goes on from a
 * checkpoint (talus/checkpoint.h) with a data set that gives the same numbers.
 * TALUS_ERROR_ARGUMENT (a NULL, a dtype that is unknown or does not fit, targets both streamed and resident, a target_dtype
 * without streamed targets, missing_targets not 0 or 1, a size that is too small), TALUS_ERROR_SHAPE (numbers out of their
 * range, resident targets of other rows), TALUS_ERROR_DATA (a resident target that cannot be used), TALUS_ERROR_UNSUPPORTED
 * (fields that this version does not know), TALUS_ERROR_MEMORY. *dataset is set on success only. */
TALUS_API talus_status talus_dataset_from_stream_sized(talus_context *context, const talus_stream *stream,
                                                       size_t size, talus_dataset **dataset);

static inline talus_status talus_dataset_from_stream(talus_context *context, const talus_stream *stream,
                                                     talus_dataset **dataset)
{
    return talus_dataset_from_stream_sized(context, stream, sizeof(talus_stream), dataset);
}

TALUS_END_C

#endif
