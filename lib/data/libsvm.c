/* Text in the LIBSVM format. A line is a sample: its label, then index:value for each feature that is not 0. The file is read
 * twice: first to be checked and counted, then into memory. */
#include <math.h>
#include <string.h>

#include "base/call.h"
#include "base/text.h"
#include "data/content.h"
#include "data/dataset.h"
#include "data/decimal.h"

enum { PIECE = 16384, MOST_TOKEN = 64, END = -1 };
static const int64_t MOST_GROWTH = 64, FREE_BYTES = INT64_C(1) << 20; /* see talus_dataset_read_libsvm */

/* What is known of a file after it was read once. */
typedef struct summary {
    int64_t samples, features; /* features: the largest index */
    bool has_minus, has_other; /* a label −1; one that is neither −1 nor 1 */
} summary;

typedef struct reader {
    tl_content content;
    int64_t left; /* bytes of the content that are not in the piece */
    int64_t line; /* counted from 1 */
    int next, in_piece;
    unsigned char piece[PIECE];
    char token[MOST_TOKEN + 1];
    bool classes;
    summary found;
    talus_matrix inputs, targets; /* data NULL: the file is checked */
} reader;

static talus_status broken(const reader *from, const char *what)
{
    return tl_fail(from->content.context, TALUS_ERROR_FORMAT, "%s, line %lld: %s, got \"%s\"",
                   from->content.name, (long long)from->line, what, from->token);
}

/* Characters and tokens ---------------------------------------------------------------------------------- */

/* Fills the piece, if it is used up. */
static talus_status refill(reader *from)
{
    if (from->next < from->in_piece || from->left == 0)
        return TALUS_OK;
    from->in_piece = from->left < PIECE ? (int)from->left : PIECE;
    from->next = 0;
    from->left -= from->in_piece;
    return tl_content_read(&from->content, from->piece, from->in_piece);
}

/* The next character, which stays the next; END at the end. The piece is filled. */
static int peek(const reader *from)
{
    return from->next < from->in_piece ? from->piece[from->next] : END;
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Reads the next token of the line; "" if there is none. The newline stays. */
static talus_status read_token(reader *from)
{
    int length = 0;
    bool comment = false;
    for (;; from->next++) {
        talus_status status = refill(from);
        int c = status == TALUS_OK ? peek(from) : END;
        from->token[length] = '\0';
        if (c == END || c == '\n' || (length > 0 && (is_space(c) || c == '#')))
            return status;
        comment = comment || c == '#';
        if (comment || is_space(c))
            continue;
        if (c == '\0' || length == MOST_TOKEN)
            return broken(from, "labels and features must be text of at most 64 characters");
        from->token[length++] = (char)c;
    }
}

/* Labels and pairs --------------------------------------------------------------------------------------- */

static talus_status check_label(reader *from, double label)
{
    if (!isfinite(label))
        return broken(from, "the label must be a finite number");
    if (!from->classes)
        return TALUS_OK;
    from->found.has_minus = from->found.has_minus || label == -1;
    from->found.has_other = from->found.has_other || fabs(label) != 1;
    return label == trunc(label) && label >= -1 && label <= INT32_MAX
               ? TALUS_OK
               : broken(from, "the label of a class must be an integer of at least 0, or -1 beside 1");
}

static talus_status take_label(reader *from)
{
    double label;
    if (!tl_decimal_read(from->token, from->token + strlen(from->token), &label))
        return broken(from, "a label must stand at its beginning");
    talus_status status = check_label(from, label);
    int64_t row = from->found.samples++;
    if (status != TALUS_OK || from->targets.data == NULL)
        return status;
    if (row >= from->targets.rows)
        return broken(from, "the file changed while it was read");
    if (from->classes) /* −1 beside 1 is class 0 */
        ((int32_t *)from->targets.data)[row] = label < 0 ? 0 : (int32_t)label;
    else
        ((double *)from->targets.data)[row] = label;
    return TALUS_OK;
}

/* index:value; *last is the index before. */
static talus_status take_pair(reader *from, int64_t *last)
{
    char *colon = strchr(from->token, ':');
    int64_t index;
    double value;
    if (colon == NULL)
        return broken(from, "a feature must be index:value");
    *colon = '\0';
    bool good = strspn(from->token, "0123456789") == strlen(from->token) &&
                tl_text_to_integer(from->token, &index) && index >= 1;
    *colon = ':';
    if (!good)
        return broken(from, "an index must be an integer of at least 1");
    if (index <= *last)
        return broken(from, "indexes must ascend");
    if (!tl_decimal_read(colon + 1, colon + strlen(colon), &value) || !isfinite((float)value))
        return broken(from, "a value must be a finite number within the range of f32");
    *last = index;
    if (index > from->found.features)
        from->found.features = index;
    if (from->inputs.data == NULL)
        return TALUS_OK;
    if (index > from->inputs.cols)
        return broken(from, "the file changed while it was read");
    ((float *)from->inputs.data)[(from->found.samples - 1) * from->inputs.cols + index - 1] = (float)value;
    return TALUS_OK;
}

/* Reads up to the newline, and that. */
static talus_status read_line(reader *from)
{
    int64_t last = 0;
    from->line++;
    talus_status status = read_token(from);
    if (status == TALUS_OK && from->token[0] != '\0') {
        status = take_label(from);
        while (status == TALUS_OK && (status = read_token(from)) == TALUS_OK && from->token[0] != '\0')
            status = take_pair(from, &last);
    }
    from->next++;
    return status == TALUS_OK ? refill(from) : status;
}

/* The file ----------------------------------------------------------------------------------------------- */

static talus_status read_through(talus_context *context, const char *path, reader *from)
{
    talus_status status = tl_content_open(context, path, NULL, &from->content);
    if (status != TALUS_OK)
        return status;
    from->left = from->content.length;
    status = refill(from);
    while (status == TALUS_OK && peek(from) != END)
        status = read_line(from);
    tl_content_close(&from->content);
    return status;
}

/* What the file holds against what is asked for; sets the shapes. */
static talus_status check_size(talus_context *context, reader *from, int64_t features, int64_t most)
{
    const summary *found = &from->found;
    const char *name = from->content.name;
    int64_t elements, bytes, growth;
    if (found->samples == 0)
        return tl_fail(context, TALUS_ERROR_FORMAT, "%s holds no samples", name);
    if (features > 0 && found->features > features)
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s: indexes must be 1 … %lld, the features, got %lld",
                       name, (long long)features, (long long)found->features);
    if (features == 0 && found->features == 0)
        return tl_fail(context, TALUS_ERROR_FORMAT, "%s holds no features, and their number is not given",
                       name);
    if (from->classes && found->has_minus && found->has_other)
        return tl_fail(context, TALUS_ERROR_DATA,
                       "%s: the labels of classes must be at least 0, or all -1 and 1; got -1 and others",
                       name);
    from->inputs.rows = from->targets.rows = found->samples;
    from->inputs.cols = features > 0 ? features : found->features;
    if (!tl_multiply(found->samples, from->inputs.cols, &elements) ||
        !tl_multiply(elements, sizeof(float), &bytes))
        bytes = INT64_MAX;
    if (most == 0)
        most = tl_multiply(from->content.length, MOST_GROWTH, &growth) ? growth + FREE_BYTES : INT64_MAX;
    if (bytes > most || bytes == INT64_MAX)
        return tl_fail(
            context, TALUS_ERROR_SHAPE,
            "%s: %lld samples of %lld features need more than %lld bytes as a dense array, the most "
            "that it may take (most_bytes)",
            name, (long long)found->samples, (long long)from->inputs.cols, (long long)most);
    return TALUS_OK;
}

static talus_status allocate(talus_context *context, reader *from)
{
    const size_t samples = (size_t)from->inputs.rows;
    from->targets.dtype = from->classes ? TALUS_DTYPE_I32 : TALUS_DTYPE_F64;
    from->inputs = talus_matrix_view(NULL, TALUS_DTYPE_F32, from->inputs.rows, from->inputs.cols);
    from->targets = talus_matrix_view(NULL, from->targets.dtype, from->inputs.rows, 1);
    from->inputs.data = tl_allocate(context, samples * (size_t)from->inputs.cols * sizeof(float));
    from->targets.data = tl_allocate(context, samples * tl_dtype_size(from->targets.dtype));
    if (from->inputs.data == NULL || from->targets.data == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for the %lld samples of %s",
                       (long long)samples, from->content.name);
    return TALUS_OK;
}

static talus_status read_twice(talus_context *context, const char *path, reader *from, int64_t features,
                               int64_t most, talus_dataset **dataset)
{
    talus_status status = read_through(context, path, from);
    if (status == TALUS_OK)
        status = check_size(context, from, features, most);
    if (status == TALUS_OK)
        status = allocate(context, from);
    from->found = (summary){0};
    from->line = from->next = from->in_piece = 0;
    if (status == TALUS_OK)
        status = read_through(context, path, from);
    if (status == TALUS_OK && from->found.samples != from->inputs.rows)
        status = broken(from, "the file changed while it was read");
    if (status == TALUS_OK)
        status = tl_dataset_create(context, &from->inputs, &from->targets, dataset);
    if (status == TALUS_OK) {
        (*dataset)->owned_inputs = from->inputs.data;
        (*dataset)->owned_targets = from->targets.data;
    } else {
        tl_release(context, from->inputs.data);
        tl_release(context, from->targets.data);
    }
    return status;
}

static talus_status read_libsvm(talus_context *context, const char *path, int64_t features, int classes,
                                int64_t most_bytes, talus_dataset **dataset)
{
    if (path == NULL || dataset == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must not be NULL",
                       path == NULL ? "path" : "dataset");
    if (features < 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "features must be at least 0, got %lld",
                       (long long)features);
    if (classes != 0 && classes != 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "classes must be 0 or 1, got %d", classes);
    if (most_bytes < 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "most_bytes must be at least 0, got %lld",
                       (long long)most_bytes);
    reader *from = tl_allocate(context, sizeof *from);
    if (from == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory to read a file");
    from->classes = classes;
    talus_status status = read_twice(context, path, from, features, most_bytes, dataset);
    tl_release(context, from);
    return status;
}

talus_status talus_dataset_read_libsvm(talus_context *context, const char *path, int64_t features,
                                       int classes, int64_t most_bytes, talus_dataset **dataset)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK
               ? tl_call_end(&call, read_libsvm(context, path, features, classes, most_bytes, dataset))
               : status;
}
