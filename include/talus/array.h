/* Arrays in the files of NumPy, .npy and .npz: read, written, and taken as data sets.
 *
 * A file holds numbers of one type, and one shape. The first dimension is the rows; those after it are flattened to columns, as
 * NumPy's reshape(n, -1) does; of one dimension it is a column. Versions 1.0 to 3.0, little- and big-endian, in C and in Fortran
 * order. The elements become the following, without loss except where it says
 * "nearest":
 *
 *     in the file   an array     inputs, values               labels
 *     f4, f8        f32, f64     the same
 *     f2            f32          the same
 *     u1            u8           u8                           i32
 *     b1 (bool)     u8, 0 or 1   u8, 0 or 1                   i32
 *     i1, i2, u2    i32          f32                          i32
 *     i4, u4        i32          f64                          i32
 *     i8, u8        i32          f64, the nearest             i32
 *
 * where integers that are to become i32 must fit. Other types are refused, Python objects among them: nothing in a file is
 * ever run. A file of one array may be packed with gzip as a whole. In an archive, .npz, a member is stored or deflated, as
 * numpy.savez and savez_compressed write it; ZIP64 too. A file is checked against its own length, and
 * what is packed unpacked once for nothing but its length and its checksum, before memory is taken for what it promises.
 * Source: R. Kern, NEP 1, A simple file format for NumPy arrays, 2007; numpy.lib.format. */
#ifndef TALUS_ARRAY_H
#define TALUS_ARRAY_H

#include <talus/dataset.h>

TALUS_BEGIN_C

/* An array that was read or mapped. It owns its memory, and is destroyed by the caller. */
typedef struct talus_array talus_array;

/* Reads an array from a file.
 * TALUS_ERROR_ARGUMENT (a NULL), TALUS_ERROR_FILE (cannot be opened or read), TALUS_ERROR_FORMAT (not .npy, broken, a length that
 * is not what its header promises, a size of 0), TALUS_ERROR_UNSUPPORTED (another type or version, more than 64 dimensions; gzip,
 * in a library built without zlib), TALUS_ERROR_DATA (an integer beyond 32 bits: its row and column are named),
 * TALUS_ERROR_MEMORY. *array is set on success only. */
TALUS_API talus_status talus_array_read_npy(talus_context *context, const char *path, talus_array **array);

/* Reads the array of a name from an archive: the member "name.npy".
 * The status is as of talus_array_read_npy; TALUS_ERROR_FORMAT also for what is not an archive, has no such array, has overlapping
 * members or a wrong checksum, TALUS_ERROR_UNSUPPORTED for encrypted members and other kinds of packing. */
TALUS_API talus_status talus_array_read_npz(talus_context *context, const char *path, const char *name,
                                            talus_array **array);

/* Maps a file into memory instead of reading it, for arrays that may be larger than memory: the system reads a page when a number
 * on it is looked at. The numbers must stand in the file as they would in memory: f4, f8, u1 or i4 in the byte order of this
 * machine, in C order, not packed. They must not be written to. The file must stay as it is until the array is destroyed: where
 * another program shortens it, looking at what is gone ends the process by SIGBUS.
 * A data set over such an array is made with talus_dataset_from_matrices, which looks at all numbers once, as does a fit before its
 * first step. Its samples are best shuffled in chunks (shuffle_chunk of talus_fit_options).
 * The status is as of talus_array_read_npy; TALUS_ERROR_UNSUPPORTED also for numbers that do not stand as in memory. */
TALUS_API talus_status talus_array_map_npy(talus_context *context, const char *path, talus_array **array);

/* The same of a file without a header: rows × cols numbers of a dtype, in the byte order of this machine, which begin at byte
 * `offset`, a multiple of the size of a number. What comes after them plays no part.
 * TALUS_ERROR_ARGUMENT (a NULL, an unknown dtype, an offset below 0 or no multiple), TALUS_ERROR_SHAPE (sizes below 1, or beyond
 * any memory), TALUS_ERROR_FILE, TALUS_ERROR_FORMAT (a file that is too short), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_array_map_raw(talus_context *context, const char *path, int dtype, int64_t rows,
                                           int64_t cols, int64_t offset, talus_array **array);

/* Lends the array until it is destroyed. Its numbers may be NaN and infinite, and may be written unless they are mapped.
 * TALUS_ERROR_ARGUMENT on a NULL. */
TALUS_API talus_status talus_array_matrix(const talus_array *array, talus_matrix *matrix);

/* Frees an array. NULL is allowed. */
TALUS_API void talus_array_destroy(talus_array *array);

/* Writes a matrix of any dtype to a file, version 1.0, in C order with two dimensions, whole or not at all: into a temporary file
 * beside it, which is synced and takes its place. What is read back has the same bits.
 * TALUS_ERROR_ARGUMENT (a NULL, an unknown dtype), TALUS_ERROR_SHAPE (sizes below 1, a stride below cols), TALUS_ERROR_FILE,
 * TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_array_write_npy(talus_context *context, const talus_matrix *matrix,
                                             const char *path);

/* Reads a data set from two files. targets_path may be NULL for no targets; one column of integers or bools in it is labels, all
 * else values. The status is as of talus_array_read_npy; TALUS_ERROR_FORMAT also for numbers of samples that differ,
 * TALUS_ERROR_DATA for a value that is not finite or a negative label. Targets that are NaN are refused: see
 * talus_dataset_with_missing_targets. *dataset is set on success only. */
TALUS_API talus_status talus_dataset_read_npy(talus_context *context, const char *inputs_path,
                                              const char *targets_path, talus_dataset **dataset);

/* The same from an archive. inputs_name may be NULL for "x". targets_name may be NULL for no targets. */
TALUS_API talus_status talus_dataset_read_npz(talus_context *context, const char *path,
                                              const char *inputs_name, const char *targets_name,
                                              talus_dataset **dataset);

/* A data set over two files that are mapped into memory, as by talus_array_map_npy. Labels and targets that do not stand in
 * their file as they would in memory are read instead. */
TALUS_API talus_status talus_dataset_map_npy(talus_context *context, const char *inputs_path,
                                             const char *targets_path, talus_dataset **dataset);

TALUS_END_C

#endif
