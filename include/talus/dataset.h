/* Data sets: inputs, and the outputs that they should give.
 *
 * A data set holds views and knows no network. Its values are converted to the precision of a network as batches
 * are gathered, and scaled if the network has a scaling (talus/scaling.h), so images stay bytes in memory. */
#ifndef TALUS_DATASET_H
#define TALUS_DATASET_H

#include <talus/context.h>
#include <talus/matrix.h>

TALUS_BEGIN_C

typedef struct talus_dataset talus_dataset;

/* A data set over the caller's arrays, which are borrowed, not copied: they must stay where they are,
 * unchanged, until the data set is destroyed.
 *   inputs   n × d_0, of f32, f64 or u8
 *   targets  NULL for none; n × 1 of i32: class labels 0, 1, …; or n × d_L of f32, f64 or u8: values
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, a dtype that is unknown or does not fit), TALUS_ERROR_SHAPE (sizes
 * below 1, a stride below cols, numbers of rows that differ, labels with more than one column),
 * TALUS_ERROR_DATA (a value that is not finite or a negative label: row and column are named),
 * TALUS_ERROR_MEMORY. *dataset is set on success only. */
TALUS_API talus_status talus_dataset_from_matrices(talus_context *context, const talus_matrix *inputs,
                                                   const talus_matrix *targets, talus_dataset **dataset);

/* The same, but a target that is NaN is one that is missing; for networks that take them (missing_targets of a
 * talus_network_spec), while others refuse them. */
TALUS_API talus_status talus_dataset_with_missing_targets(talus_context *context, const talus_matrix *inputs,
                                                          const talus_matrix *targets,
                                                          talus_dataset **dataset);

/* Reads a data set from files in the IDX format of the MNIST family, plain or compressed with gzip
 * (recognised by content). The dimensions of inputs_path after the first are the features of a sample, of
 * any element type of the format: bytes stay bytes, other integers and floats become f32, doubles f64.
 * labels_path may be NULL for no targets; else it holds one integer ≥ 0 for each sample. The file's sizes are
 * compared with its length before anything is allocated for its content; for gzip, memory grows with what is unpacked.
 * Source: the format's description at http://yann.lecun.com/exdb/mnist/
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT, TALUS_ERROR_FILE (cannot be opened or read),
 * TALUS_ERROR_FORMAT (not IDX, broken or truncated, trailing bytes, numbers of samples that differ),
 * TALUS_ERROR_DATA (a value that is not finite or a negative label), TALUS_ERROR_UNSUPPORTED (gzip, in a library built without
 * zlib), TALUS_ERROR_MEMORY. *dataset is set on success only. */
TALUS_API talus_status talus_dataset_read_idx(talus_context *context, const char *inputs_path,
                                              const char *labels_path, talus_dataset **dataset);

/* Reads a data set from text in the LIBSVM format, plain or compressed with gzip: a line is a sample, its label and then the
 * features that are not 0, index:value with ascending indexes from 1 on; what follows # is a comment. Inputs become f32, all of
 * them, also those that are 0.
 *   features    d_0; an index above it is refused. 0: the largest index in the file
 *   classes     1: labels are classes, integers of at least 0, which become i32 as they stand; but if all of them are −1 and 1,
 *               −1 becomes 0. 0: labels are values, which become f64
 *   most_bytes  the most that the inputs may take in memory. A line can name any index, and what is small as text can be large
 *               as an array, so the default, 0, is 64 times the bytes of the text, and 1 MiB
 * The text is read twice, first to be checked. Source: Chang and Lin, LIBSVM: a library for support vector machines, ACM TIST
 * 2(3), 2011.
 * TALUS_ERROR_ARGUMENT (a NULL, features or most_bytes below 0, classes not 0 or 1), TALUS_ERROR_SHAPE (an index above
 * features, more than most_bytes), TALUS_ERROR_FILE, TALUS_ERROR_FORMAT (text that is not in the format, or a number out of its
 * range: the line is named; no samples, no features), TALUS_ERROR_DATA (−1 among other classes), TALUS_ERROR_UNSUPPORTED (gzip,
 * in a library built without zlib), TALUS_ERROR_MEMORY. *dataset is set on success only. */
TALUS_API talus_status talus_dataset_read_libsvm(talus_context *context, const char *path, int64_t features,
                                                 int classes, int64_t most_bytes, talus_dataset **dataset);

/* Gives the samples weights: in costs, metrics and gradients, sample i counts as weight_i samples. What is minimised is
 *
 *     C = (Σ_i weight_i·loss_i)/(Σ_i weight_i)
 *
 * In a fit, a batch of n_b samples is divided by n_b times the mean weight of the training set, not by the sum of its own
 * weights: so a batch of light samples moves the parameters little, and one of weights 0 has the gradient 0.
 *   weights  n × 1 of f32 or f64, finite and at least 0; borrowed, unchanged until the data set and its parts are
 *            destroyed. NULL takes weights away.
 * Parts that are made afterwards have the weights of their samples; those made before stay as they are. A part that is a
 * list of rows takes no weights of its own.
 * TALUS_ERROR_ARGUMENT (dataset is NULL, an unfitting dtype, a list of rows), TALUS_ERROR_SHAPE (not n × 1),
 * TALUS_ERROR_DATA (a weight that cannot be used: its row is named). A fit or an evaluation refuses weights of sum 0. */
TALUS_API talus_status talus_dataset_set_weights(talus_dataset *dataset, const talus_matrix *weights);

/* Gives each sample the weight of its class, which replaces any weight it had. The class is the label; of several columns of
 * values, the column of the largest (the first of equals); of one column, 1 for a value above ½ and 0 for others.
 *   weights  of classes 0 … count−1, finite and at least 0, read during the call only; or NULL for balanced ones:
 *            n/(K·n_k) for each of the n_k samples of class k, of the K classes that occur in the data set, so that
 *            all classes have the same weight as a whole.   King and Zeng, Logistic regression in rare events data, 2001
 *   count    the number of weights; 0 for balanced ones
 * The weights of samples are computed at once and belong to the data set; otherwise they are like those of
 * talus_dataset_set_weights, also for parts.
 * TALUS_ERROR_ARGUMENT (dataset is NULL or has no targets, a count without weights), TALUS_ERROR_SHAPE (a count below
 * 1), TALUS_ERROR_DATA (a weight that cannot be used; a sample of a class that has none), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_dataset_weight_classes(talus_dataset *dataset, const double *weights,
                                                    int64_t count);

/* Lends the weights, of which that of sample i stands in row talus_dataset_row(dataset, i); data is NULL for none.
 * TALUS_ERROR_ARGUMENT on a NULL. */
TALUS_API talus_status talus_dataset_weights(const talus_dataset *dataset, talus_matrix *weights);

/* Parts of a data set hold samples of it in the same arrays: no value is copied. A part borrows from the whole, which
 * must outlive it; the caller destroys both, parts of one whole in any order. A part may be the whole of further parts. */

/* Samples first … first+count−1.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_SHAPE (outside the whole), TALUS_ERROR_MEMORY. *part is set on
 * success only. */
TALUS_API talus_status talus_dataset_slice(const talus_dataset *whole, int64_t first, int64_t count,
                                           talus_dataset **part);

/* The listed samples: sample i of the part is sample rows[i] of the whole.
 *   rows   count numbers from 0 to n−1 in any order, repeats allowed; copied
 *   count  at least 1, and may exceed n
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_SHAPE (a count below 1; a number outside the whole, whose place
 * in the list is named), TALUS_ERROR_MEMORY. *part is set on success only. */
TALUS_API talus_status talus_dataset_rows(const talus_dataset *whole, const int64_t *rows, int64_t count,
                                          talus_dataset **part);

/* All samples in a random order, which follows from n and seed alone: it is the same on every machine, and
 * independent of the orders that talus_fit draws.
 * Source: Fisher and Yates, Statistical tables, 1938; Durstenfeld, Algorithm 235, CACM 7(7), 1964; with numbers
 * of Philox4x32-10: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC11, 2011.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_MEMORY. *part is set on success only. */
TALUS_API talus_status talus_dataset_shuffle(const talus_dataset *whole, uint64_t seed, talus_dataset **part);

/* Divides a data set at random into two parts, which hold each sample once between them, in the order of
 * talus_dataset_shuffle with the same seed.
 *   fraction    0 < fraction < 1. Of the n samples, the first part gets m = fraction·n, rounded to the nearest
 *               integer, halves up, but at least 1 and at most n−1; the second part gets the rest.
 *   stratified  0: the first part is the first m samples of the order.
 *               1: targets must be labels, and each class is divided in proportion. Of its n_c samples, a class
 *               gives the first ⌊fraction·n_c⌋ of the order to the first part, or one more: as many classes as
 *               m needs give one more, those with the largest remainders, of equal ones the smallest labels.
 *               The only sample of a class goes to the larger part (the first if they are equal) as far as m
 *               allows: such classes come before all others if that is the first part, else after them.
 * Source: of the shares, Hamilton's method of largest remainders; of the order, as for talus_dataset_shuffle.
 * TALUS_ERROR_ARGUMENT (a NULL, one place for both results, a fraction or stratified out of range, stratified
 * without labels), TALUS_ERROR_SHAPE (fewer than 2 samples), TALUS_ERROR_MEMORY. *first and *second are set on
 * success only. */
TALUS_API talus_status talus_dataset_split(const talus_dataset *whole, double fraction, int stratified,
                                           uint64_t seed, talus_dataset **first, talus_dataset **second);

/* The same for several parts, such as training, validation and test: each sample is in one of them, and each is in that order.
 *   fractions   count numbers above 0, whose sum is 1 within 1e-9; read during the call only
 *   count       2 … 100, and at most n
 *   stratified  0: the parts stand one after the other in the order.
 *               1: targets must be labels, and each class is divided in proportion, part by part. Of its n_c samples, a class
 *               owes the first part fractions[0]·n_c, and the first p parts, of m samples together, m·n_c/n. To each part it
 *               gives what it owes and has not given yet, rounded down, or one more, as for talus_dataset_split: as many
 *               classes as the part needs give one more. If together they would give too many, those with the smallest
 *               remainders give one fewer. What is left goes to the last part.
 *   parts       count places for the results, which the caller destroys
 * Sizes are those of the largest remainders: part p gets ⌊fractions[p]·n⌋ samples, and as many parts as are needed for n one
 * more, those with the largest remainders, of equal ones the first. A part that would be empty then takes one sample from the
 * largest part. With two parts all of this is what talus_dataset_split does with the fraction fractions[0].
 * TALUS_ERROR_ARGUMENT (a NULL, count or stratified out of range, fractions that are not as above, stratified without labels),
 * TALUS_ERROR_SHAPE (fewer samples than parts), TALUS_ERROR_MEMORY. parts is set on success only. */
TALUS_API talus_status talus_dataset_divide(const talus_dataset *whole, const double *fractions, int count,
                                            int stratified, uint64_t seed, talus_dataset **parts);

/* Fold number `fold` of `folds`, for cross-validation: the test set is the fold, the training set is all other folds. Over all
 * folds of one seed each sample is once in a test set. Both parts are in the order of talus_dataset_shuffle with the same seed.
 *   folds       k: 2 … n
 *   fold        0 … k−1
 *   stratified  0: the samples are dealt in that order, that at place p to fold p mod k.
 *               1: targets must be labels. The samples are sorted by their labels first, each class staying in the order,
 *               and then dealt: the shares of a class in two folds differ by at most one sample.
 * Either way the sizes of two folds differ by at most one.
 * Source: Stone, Cross-validatory choice and assessment of statistical predictions, J. R. Stat. Soc. B 36(2), 1974; of the order,
 * as for talus_dataset_shuffle.
 * TALUS_ERROR_ARGUMENT (a NULL, one place for both results, stratified out of range or without labels), TALUS_ERROR_SHAPE (folds
 * or fold out of range), TALUS_ERROR_MEMORY. *train and *test are set on success only. */
TALUS_API talus_status talus_dataset_fold(const talus_dataset *whole, int64_t folds, int64_t fold,
                                          int stratified, uint64_t seed, talus_dataset **train,
                                          talus_dataset **test);

/* The same of whole groups, such as the patients that several samples come from: no group is on both sides. The groups, the
 * largest first, of equals the one that comes first in the order, are dealt, that at place p to fold p mod k: so the sizes of two
 * folds differ by at most the size of the largest group.
 *   groups  n numbers: sample i belongs to group groups[i]; read during the call only
 *   folds   k: 2 … the number of groups
 * Status as of talus_dataset_fold. */
TALUS_API talus_status talus_dataset_group_fold(const talus_dataset *whole, const int64_t *groups,
                                                int64_t folds, int64_t fold, uint64_t seed,
                                                talus_dataset **train, talus_dataset **test);

/* The number of samples n, of inputs d_0, and of columns of targets (1 for labels, 0 for no targets). NULL gives 0. */
TALUS_API int64_t talus_dataset_samples(const talus_dataset *dataset);
TALUS_API int64_t talus_dataset_inputs(const talus_dataset *dataset);
TALUS_API int64_t talus_dataset_targets(const talus_dataset *dataset);

/* The raw arrays behind a data set, lent until it is destroyed; inputs or targets may be NULL if they
 * are not wanted. For a data set without targets, targets->data is NULL. Sample i stands in row
 * talus_dataset_row(dataset, i) of both. For data sets over matrices or from files, and for slices of these,
 * that is row i of n. Other parts are lists of rows: they lend the arrays of their whole, with all its rows.
 * Of what is streamed (talus/stream.h), data is NULL and the rest as it would be, with the stride cols.
 * TALUS_ERROR_ARGUMENT if dataset is NULL. */
TALUS_API talus_status talus_dataset_matrices(const talus_dataset *dataset, talus_matrix *inputs,
                                              talus_matrix *targets);

/* The row of the raw arrays in which a sample stands: −1 if dataset is NULL or sample is not in 0 … n−1. */
TALUS_API int64_t talus_dataset_row(const talus_dataset *dataset, int64_t sample);

/* Frees a data set, and the arrays that it has read from files. Its parts must be destroyed before it. NULL is allowed. */
TALUS_API void talus_dataset_destroy(talus_dataset *dataset);

TALUS_END_C

#endif
