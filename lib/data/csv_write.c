/* Matrices as CSV. */
#include <string.h>
#include <talus/table.h>

#include "base/buffer.h"
#include "base/call.h"
#include "base/save.h"
#include "base/text.h"

#define PIECE_BYTES 32768 /* that are gathered before they go out */

/* Where text goes: into a file, or to the caller's function. */
typedef struct csv_text {
    talus_context *context;
    tl_buffer piece;
    tl_save *save; /* NULL: to the function */
    talus_text_sink sink;
    void *user;
} csv_text;

static talus_status put_out(csv_text *text)
{
    talus_status status = tl_buffer_check(&text->piece, "the text of a matrix");
    const size_t length = text->piece.length;
    if (status != TALUS_OK || length == 0)
        return status;
    text->piece.length = 0;
    if (text->save != NULL)
        return tl_save_write(text->save, text->piece.bytes, (int64_t)length);
    tl_call *call = tl_callback_begin(text->context, TL_CALLBACK_OPEN);
    int refused = text->sink(text->piece.bytes, length, text->user);
    tl_callback_end(call);
    if (refused != 0)
        return tl_fail(text->context, TALUS_ERROR_FILE, "format_csv: the sink must return 0, got %d",
                       refused);
    return TALUS_OK;
}

/* A field, between quotes if it holds what would end it, or begins or ends with a space, or is empty. */
static void put_field(tl_buffer *text, const char *field)
{
    const size_t length = strlen(field);
    bool plain = length > 0 && strpbrk(field, ",;|\t\r\n\"") == NULL && field[0] != ' ' &&
                 field[length - 1] != ' ';
    if (plain) {
        tl_buffer_add(text, field, length);
        return;
    }
    tl_buffer_add(text, "\"", 1);
    for (; *field != '\0'; field++)
        tl_buffer_add(text, *field == '"' ? "\"\"" : field, *field == '"' ? 2 : 1);
    tl_buffer_add(text, "\"", 1);
}

static size_t text_of(const talus_matrix *matrix, int64_t at, char number[TL_NUMBER_BYTES])
{
    switch (matrix->dtype) {
    case TALUS_DTYPE_F32:
        return tl_text_of_float(((const float *)matrix->data)[at], number);
    case TALUS_DTYPE_F64:
        return tl_text_of_double(((const double *)matrix->data)[at], number);
    case TALUS_DTYPE_I32:
        return tl_text_of_double(((const int32_t *)matrix->data)[at], number);
    default:
        return tl_text_of_double(((const uint8_t *)matrix->data)[at], number);
    }
}

static void put_value(tl_buffer *text, const talus_matrix *matrix, int64_t at, char separator)
{
    char number[TL_NUMBER_BYTES + 1];
    size_t length = text_of(matrix, at, number);
    number[length] = separator;
    tl_buffer_add(text, number, length + 1);
}

/* Row −1 holds the names. */
static talus_status put_row(csv_text *text, const talus_matrix *matrix, const char *const *names, int64_t row)
{
    talus_status status = TALUS_OK;
    for (int64_t col = 0; col < matrix->cols && status == TALUS_OK; col++) {
        const char separator = col == matrix->cols - 1 ? '\n' : ',';
        if (row < 0) {
            put_field(&text->piece, names[col]);
            tl_buffer_add(&text->piece, &separator, 1);
        } else
            put_value(&text->piece, matrix, row * matrix->stride + col, separator);
        if (text->piece.length > PIECE_BYTES)
            status = put_out(text);
    }
    return status;
}

static talus_status put_rows(csv_text *text, const talus_matrix *matrix, const char *const *names)
{
    talus_status status = TALUS_OK;
    for (int64_t row = names == NULL ? 0 : -1; row < matrix->rows && status == TALUS_OK; row++)
        status = put_row(text, matrix, names, row);
    if (status == TALUS_OK)
        status = put_out(text);
    tl_buffer_release(&text->piece);
    return status;
}

static talus_status check(talus_context *context, const talus_matrix *matrix, const char *const *names,
                          talus_matrix *checked)
{
    talus_status status = tl_check_matrix(context, "matrix", matrix,
                                          TL_DTYPES_VALUES | TL_DTYPE(TALUS_DTYPE_I32), checked);
    for (int64_t col = 0; status == TALUS_OK && names != NULL && col < checked->cols; col++)
        if (names[col] == NULL)
            return tl_fail(context, TALUS_ERROR_ARGUMENT,
                           "names must have a text for each column, got NULL for "
                           "column %lld (counted from 0)",
                           (long long)col);
    return status;
}

static talus_status write_csv(talus_context *context, const talus_matrix *matrix, const char *const *names,
                              const char *path)
{
    talus_matrix checked;
    tl_save save;
    csv_text text = {.context = context, .piece.context = context, .save = &save};
    if (path == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "write_csv: path must not be NULL");
    talus_status status = check(context, matrix, names, &checked);
    if (status == TALUS_OK)
        status = tl_save_begin(context, path, &save);
    return status == TALUS_OK ? tl_save_end(&save, put_rows(&text, &checked, names)) : status;
}

talus_status talus_matrix_write_csv(talus_context *context, const talus_matrix *matrix,
                                    const char *const *names, const char *path)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, write_csv(context, matrix, names, path)) : status;
}

static talus_status format_csv(talus_context *context, const talus_matrix *matrix, const char *const *names,
                               talus_text_sink sink, void *user)
{
    talus_matrix checked;
    csv_text text = {.context = context, .piece.context = context, .sink = sink, .user = user};
    if (sink == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "format_csv: sink must not be NULL");
    talus_status status = check(context, matrix, names, &checked);
    return status == TALUS_OK ? put_rows(&text, &checked, names) : status;
}

talus_status talus_matrix_format_csv(talus_context *context, const talus_matrix *matrix,
                                     const char *const *names, talus_text_sink sink, void *user)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, format_csv(context, matrix, names, sink, user)) : status;
}
