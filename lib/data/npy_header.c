#include "data/npy_header.h"

#include <string.h>

static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
enum { MAGIC_BYTES = sizeof magic, VERSION_BYTES = 2 };

/* What is left of the literal. */
typedef struct cursor {
    const char *at, *end;
} cursor;

typedef struct piece {
    const char *text;
    int64_t length;
} piece;

static bool skip(cursor *text, char wanted)
{
    while (text->at < text->end && *text->at == ' ')
        text->at++;
    if (text->at == text->end || *text->at != wanted)
        return false;
    text->at++;
    return true;
}

/* A string without escapes. */
static bool take_string(cursor *text, piece *string)
{
    char quote = '\'';
    if (!skip(text, quote)) {
        quote = '"';
        if (!skip(text, quote))
            return false;
    }
    string->text = text->at;
    while (text->at < text->end && *text->at != quote)
        if (*text->at++ == '\\')
            return false;
    string->length = text->at - string->text;
    return skip(text, quote);
}

static bool is_text(piece string, const char *text)
{
    return (size_t)string.length == strlen(text) && memcmp(string.text, text, strlen(text)) == 0;
}

static bool skip_word(cursor *text, const char *word)
{
    size_t length = strlen(word);
    bool starts = skip(text, word[0]) && (size_t)(text->end - text->at) >= length - 1 &&
                  memcmp(text->at, word + 1, length - 1) == 0;
    text->at += starts ? length - 1 : 0;
    return starts;
}

/* Digits, and the L that Python 2 writes after some; spaces before them are passed already. */
static bool take_size(cursor *text, int64_t *size)
{
    const char *first = text->at;
    for (*size = 0; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++) {
        if (*size > INT64_MAX / 16)
            return false;
        *size = 10 * *size + (*text->at - '0');
    }
    bool any = text->at > first;
    (void)skip(text, 'L');
    return any;
}

static talus_status broken(const tl_content *content, const char *what)
{
    return tl_fail(content->context, TALUS_ERROR_FORMAT, "%s: its header is broken: %s", content->name, what);
}

/* The values --------------------------------------------------------------------------------------------- */

static talus_status refuse_element(const tl_content *content, piece name)
{
    return tl_fail(content->context, TALUS_ERROR_UNSUPPORTED,
                   "%s: elements must be b1, i1, i2, i4, i8, u1, u2, u4, u8, f2, f4 or f8, got \"%.*s\"",
                   content->name, (int)(name.length < 40 ? name.length : 40), name.text);
}

static talus_status take_element(tl_content *content, cursor *text, tl_npy_header *header)
{
    piece name;
    if (skip(text, '['))
        return refuse_element(content, (piece){"[", 1});
    if (!take_string(text, &name))
        return broken(content, "descr must be a string");
    if (name.length != 3 || strchr("<>|=", name.text[0]) == NULL || name.text[2] < '1' || name.text[2] > '8')
        return refuse_element(content, name);
    header->element = tl_npy_element_find(name.text[1], name.text[2] - '0');
    header->big_endian = name.text[0] == '>';
    return header->element == NULL ? refuse_element(content, name) : TALUS_OK;
}

static talus_status take_order(tl_content *content, cursor *text, tl_npy_header *header)
{
    cursor before = *text;
    header->fortran = skip_word(text, "True");
    if (header->fortran)
        return TALUS_OK;
    *text = before;
    return skip_word(text, "False") ? TALUS_OK : broken(content, "fortran_order must be True or False");
}

static talus_status take_shape(tl_content *content, cursor *text, tl_npy_header *header)
{
    bool more = skip(text, '(');
    if (!more)
        return broken(content, "shape must be a tuple of integers");
    while (!skip(text, ')')) {
        if (header->dimensions == TL_NPY_DIMENSIONS)
            return tl_fail(content->context, TALUS_ERROR_UNSUPPORTED, "%s must have at most %d dimensions",
                           content->name, TL_NPY_DIMENSIONS);
        if (!more || !take_size(text, &header->sizes[header->dimensions++]))
            return broken(content, "shape must be a tuple of integers");
        more = skip(text, ',');
    }
    return header->dimensions == 1 && !more ? broken(content, "shape must be a tuple, (n,), not a number")
                                            : TALUS_OK;
}

/* The dict ----------------------------------------------------------------------------------------------- */

typedef talus_status (*taker)(tl_content *content, cursor *text, tl_npy_header *header);

static const struct {
    const char *name;
    taker take;
} keys[] = {{"descr", take_element}, {"fortran_order", take_order}, {"shape", take_shape}};
enum { KEYS = sizeof keys / sizeof *keys };

static talus_status take_pair(tl_content *content, cursor *text, unsigned *seen, tl_npy_header *header)
{
    piece name;
    if (!take_string(text, &name) || !skip(text, ':'))
        return broken(content, "it must be a dict with strings for keys");
    for (int k = 0; k < KEYS; k++)
        if (is_text(name, keys[k].name) && !(*seen & 1u << k)) {
            *seen |= 1u << k;
            return keys[k].take(content, text, header);
        }
    return broken(content, "its keys must be descr, fortran_order and shape, each once");
}

static talus_status take_dict(tl_content *content, cursor *text, tl_npy_header *header)
{
    unsigned seen = 0;
    bool more = skip(text, '{');
    if (!more)
        return broken(content, "it must be a dict");
    while (!skip(text, '}')) {
        talus_status status = more ? take_pair(content, text, &seen, header)
                                   : broken(content, "a comma is missing in the dict");
        if (status != TALUS_OK)
            return status;
        more = skip(text, ',');
    }
    if (seen != (1u << KEYS) - 1)
        return broken(content, "its keys must be descr, fortran_order and shape, each once");
    return skip(text, '\n') && text->at == text->end
               ? TALUS_OK
               : broken(content, "a newline must end it after the dict");
}

/* The whole ---------------------------------------------------------------------------------------------- */

static talus_status check_sizes(const tl_content *content, tl_npy_header *header)
{
    int64_t count = 1, room, promised;
    if (header->dimensions == 0)
        return tl_fail(content->context, TALUS_ERROR_FORMAT, "%s must have at least 1 dimension, got 0",
                       content->name);
    for (int k = 0; k < header->dimensions; k++) {
        if (header->sizes[k] == 0)
            return tl_fail(content->context, TALUS_ERROR_FORMAT,
                           "%s: its dimension %d (counted from 0) has size 0", content->name, k);
        if (!tl_multiply(count, header->sizes[k], &count))
            count = INT64_MAX;
    }
    /* Twice the size of a double an element: room for the array in memory, and the header beside it. */
    if (!tl_multiply(count, 2 * (int64_t)sizeof(double), &room))
        return tl_fail(content->context, TALUS_ERROR_FORMAT, "%s: its sizes multiply to more than any memory",
                       content->name);
    promised = header->bytes + count * header->element->size;
    if (promised != content->length)
        return tl_fail(content->context, TALUS_ERROR_FORMAT,
                       "%s: the header promises %lld bytes, the content has %lld", content->name,
                       (long long)promised, (long long)content->length);
    header->rows = header->sizes[0];
    header->cols = count / header->rows;
    return TALUS_OK;
}

/* Reads what stands before the literal: *length is that of the literal. */
static talus_status read_beginning(tl_content *content, tl_npy_header *header, int64_t *length)
{
    unsigned char begins[MAGIC_BYTES + VERSION_BYTES], bytes[4] = {0};
    int64_t size;
    if (content->length < (int64_t)sizeof begins + 4)
        return tl_fail(content->context, TALUS_ERROR_FORMAT, "%s is not an npy file: it has %lld bytes",
                       content->name, (long long)content->length);
    talus_status status = tl_content_read(content, begins, sizeof begins);
    if (status != TALUS_OK)
        return status;
    if (memcmp(begins, magic, MAGIC_BYTES) != 0)
        return tl_fail(content->context, TALUS_ERROR_FORMAT,
                       "%s is not an npy file: it does not begin with 93 \"NUMPY\"", content->name);
    if (begins[MAGIC_BYTES] < 1 || begins[MAGIC_BYTES] > 3 || begins[MAGIC_BYTES + 1] != 0)
        return tl_fail(content->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the version of its format must be 1.0, 2.0 or 3.0, got %d.%d", content->name,
                       begins[MAGIC_BYTES], begins[MAGIC_BYTES + 1]);
    size = begins[MAGIC_BYTES] == 1 ? 2 : 4;
    status = tl_content_read(content, bytes, size);
    *length = (int64_t)bytes[3] << 24 | bytes[2] << 16 | bytes[1] << 8 | bytes[0];
    header->bytes = (int64_t)sizeof begins + size + *length;
    return status;
}

talus_status tl_npy_read_header(tl_content *content, tl_npy_header *header)
{
    int64_t length = 0;
    *header = (tl_npy_header){0};
    talus_status status = read_beginning(content, header, &length);
    if (status != TALUS_OK)
        return status;
    if (header->bytes > content->length)
        return tl_fail(content->context, TALUS_ERROR_FORMAT, "%s ends within its header of %lld bytes",
                       content->name, (long long)header->bytes);
    if (length > TL_NPY_HEADER_BYTES)
        return tl_fail(content->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: its header must have at most %d bytes, got %lld", content->name,
                       TL_NPY_HEADER_BYTES, (long long)length);
    char *literal = tl_allocate(content->context, (size_t)length);
    if (literal == NULL)
        return tl_fail(content->context, TALUS_ERROR_MEMORY, "there is no memory for the header of %s",
                       content->name);
    status = tl_content_read(content, literal, length);
    cursor text = {literal, literal + length};
    if (status == TALUS_OK)
        status = take_dict(content, &text, header);
    tl_release(content->context, literal);
    return status == TALUS_OK ? check_sizes(content, header) : status;
}
