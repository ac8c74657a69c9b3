/* The collection of broken files that hostile_files.py makes, in the directory HOSTILE_FILES: each is refused in a sentence, with no
 * more memory than it has paid for, and at once. */
#include <dirent.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "support.h"

/* What a file has paid for: its own bytes, in memory once, and FREE_BYTES. Of text, a number of two bytes becomes eight, and a column's
 * name an entry of a table: TEXT_FACTOR times as much. Blocks of 2 MiB and more begin on a huge page, for which up to so much
 * more is asked for, but not touched. */
enum { FREE_BYTES = 1 << 20, HUGE_PAGE = 1 << 21, TEXT_FACTOR = 64, LEAST_FILES = 200 };

/* What is allocated at a time, and the most of it. */
static size_t alive, peak;

typedef union block {
    size_t bytes;
    max_align_t align;
} block;

static void *count_allocate(size_t bytes, void *user)
{
    (void)user;
    block *made = malloc(sizeof *made + bytes);
    if (made == NULL)
        return NULL;
    made->bytes = bytes;
    alive += bytes;
    peak = alive > peak ? alive : peak;
    return made + 1;
}

static void count_release(void *memory, void *user)
{
    (void)user;
    block *made = (block *)memory - 1;
    alive -= made->bytes;
    free(made);
}

static talus_context *counted_context(void)
{
    talus_context_options options = counting_options(1, NULL);
    talus_context *context = NULL;
    options.allocate = count_allocate;
    options.release = count_release;
    ck_assert_int_eq(talus_context_create(&options, &context), TALUS_OK);
    return context;
}

/* What a reader makes. */
typedef struct found {
    talus_network *network;
    talus_trainer *trainer;
    talus_dataset *data;
    talus_columns *columns;
} found;

static talus_status read_model(talus_context *context, const char *path, found *to)
{
    return talus_model_load(context, path, &to->network);
}

static talus_status read_npy(talus_context *context, const char *path, found *to)
{
    return talus_dataset_read_npy(context, path, NULL, &to->data);
}

static talus_status read_npz(talus_context *context, const char *path, found *to)
{
    return talus_dataset_read_npz(context, path, NULL, NULL, &to->data);
}

static talus_status read_idx(talus_context *context, const char *path, found *to)
{
    return talus_dataset_read_idx(context, path, NULL, &to->data);
}

static talus_status read_table(talus_context *context, const char *path, found *to)
{
    return talus_dataset_read_table(context, path, NULL, &to->data, &to->columns);
}

static talus_status read_libsvm(talus_context *context, const char *path, found *to)
{
    return talus_dataset_read_libsvm(context, path, 0, 1, 0, &to->data);
}

static talus_status read_onnx(talus_context *context, const char *path, found *to)
{
    return talus_model_import_onnx(context, path, &to->network);
}

static talus_status read_checkpoint(talus_context *context, const char *path, found *to)
{
    return talus_checkpoint_resume(context, path, &to->network, &to->trainer, NULL);
}

static void forget(found *made)
{
    talus_columns_destroy(made->columns);
    talus_dataset_destroy(made->data);
    talus_trainer_destroy(made->trainer);
    talus_network_destroy(made->network);
}

static const struct {
    const char *end;
    talus_status (*read)(talus_context *context, const char *path, found *to);
    bool text;
} readers[] = {{".safetensors", read_model, false}, {".npy", read_npy, false},
               {".npz", read_npz, false},           {".idx", read_idx, false},
               {".csv", read_table, true},          {".svm", read_libsvm, true},
               {".onnx", read_onnx, false},         {".checkpoint", read_checkpoint, false}};

/* Of this thread: those of the BLAS may still be waiting for work. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void check(talus_context *context, const char *folder, const char *name)
{
    char path[512];
    struct stat about;
    const char *end = strrchr(name, '.');
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_int_eq(stat(path, &about), 0);
    size_t i = 0, before = alive;
    while (strcmp(readers[i].end, end) != 0)
        ck_assert_msg(++i < sizeof readers / sizeof *readers, "%s", name);
    peak = alive;
    const double begin = seconds();
    found made = {0};
    talus_status status = readers[i].read(context, path, &made);
    forget(&made);
    const double took = seconds() - begin;
    if (strncmp(name, "bad-", 4) == 0)
        ck_assert_msg(status != TALUS_OK && talus_error_message(context)[0] != '\0', "%s is taken", name);
    if (strncmp(name, "valid", 5) == 0)
        ck_assert_msg(status == TALUS_OK, "%s: %s", name, talus_error_message(context));
    const size_t length = (size_t)about.st_size, factor = readers[i].text ? TEXT_FACTOR : 1;
    const size_t allowed = factor * length + FREE_BYTES + (length >= HUGE_PAGE ? HUGE_PAGE : 0);
    ck_assert_msg(peak - before <= allowed, "%s: %zu bytes for %lld", name, peak - before,
                  (long long)about.st_size);
    ck_assert_msg(alive == before, "%s: %zu bytes are left", name, alive - before);
#if !defined TEST_KEEPS_MALLOC && !defined TEST_IS_SLOW /* sanitizers take their time */
    ck_assert_msg(took < 0.1, "%s: %g s", name, took);
#else
    (void)took;
#endif
}

static void check_all(void)
{
    const char *folder = getenv("HOSTILE_FILES");
    talus_context *context = counted_context();
    int count = 0;
    ck_assert_ptr_nonnull(folder);
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.')
            check(context, folder, entry->d_name), count++;
    closedir(entries);
    ck_assert_int_ge(count, LEAST_FILES);
    talus_context_destroy(context);
}

START_TEST(every_file_is_refused_or_read)
{
    check_all();
}
END_TEST

START_TEST(also_where_numbers_have_commas)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_ALL, names[i]) != NULL) {
            check_all();
            break;
        }
    setlocale(LC_ALL, "C");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hostile");
    add_case(suite, "files", every_file_is_refused_or_read, also_where_numbers_have_commas);
    return run_suite(suite);
}
