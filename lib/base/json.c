#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

#define NUMBER_BYTES 512 /* of a number as text, the longest that is taken */

tl_json tl_json_of(talus_context *context, const char *name, const char *text, int64_t length)
{
    return (tl_json){.context = context, .name = name, .text = text, .length = length, .first = true};
}

talus_status tl_json_fail(tl_json *json, const char *format, ...)
{
    char reason[TL_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return tl_fail(json->context, TALUS_ERROR_FORMAT, "%s: byte %lld: %s", json->name, (long long)json->at,
                   reason);
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void skip_spaces(tl_json *json)
{
    while (json->at < json->length && is_space(json->text[json->at]))
        json->at++;
}

static char next_byte(const tl_json *json)
{
    return (char)(json->at < json->length ? json->text[json->at] : '\0');
}

static talus_status fail_wanted(tl_json *json, const char *wanted)
{
    if (json->at >= json->length)
        return tl_json_fail(json, "%s must come here, the text ends", wanted);
    unsigned char byte = (unsigned char)json->text[json->at];
    if (byte > ' ' && byte < 127)
        return tl_json_fail(json, "%s must come here, got '%c'", wanted, byte);
    return tl_json_fail(json, "%s must come here, got the byte %02x", wanted, byte);
}

static talus_status take(tl_json *json, char byte)
{
    const char wanted[] = {'\'', byte, '\'', '\0'};
    skip_spaces(json);
    if (next_byte(json) != byte)
        return fail_wanted(json, wanted);
    json->at++;
    return TALUS_OK;
}

char tl_json_peek(tl_json *json)
{
    skip_spaces(json);
    char byte = next_byte(json);
    return (char)(byte == '-' || (byte >= '0' && byte <= '9') ? '0' : byte);
}

static bool in_object(const tl_json *json)
{
    return json->depth > 0 && (json->objects >> (json->depth - 1) & 1) != 0;
}

talus_status tl_json_open(tl_json *json, char bracket)
{
    talus_status status = take(json, bracket);
    if (status != TALUS_OK)
        return status;
    if (json->depth == TL_JSON_DEPTH)
        return tl_json_fail(json, "objects and arrays must nest at most %d deep", TL_JSON_DEPTH);
    uint64_t bit = UINT64_C(1) << json->depth++;
    json->objects = bracket == '{' ? json->objects | bit : json->objects & ~bit;
    json->first = true;
    return TALUS_OK;
}

bool tl_json_more(tl_json *json, talus_status *status)
{
    const char closing = in_object(json) ? '}' : ']';
    if (*status != TALUS_OK)
        return false;
    skip_spaces(json);
    bool first = json->first;
    json->first = false;
    if (next_byte(json) == closing) {
        json->at++;
        json->depth--;
        return false;
    }
    if (first)
        return true;
    if (next_byte(json) != ',')
        *status = fail_wanted(json, in_object(json) ? "',' or '}'" : "',' or ']'");
    else
        json->at++;
    return *status == TALUS_OK;
}

talus_status tl_json_key(tl_json *json, char *key, size_t capacity)
{
    talus_status status = tl_json_string(json, key, capacity, NULL);
    return status == TALUS_OK ? take(json, ':') : status;
}

/* Where the bytes of a string go; none go anywhere if text is NULL. */
typedef struct sink {
    char *text;
    size_t capacity, length;
} sink;

static talus_status put(tl_json *json, sink *to, const char *bytes, size_t count)
{
    if (to->text == NULL)
        return TALUS_OK;
    if (to->length + count >= to->capacity)
        return tl_json_fail(json, "a string must have at most %zu bytes here", to->capacity - 1);
    memmove(to->text + to->length, bytes, count);
    to->length += count;
    to->text[to->length] = '\0';
    return TALUS_OK;
}

/* Four hexadecimal digits. */
static bool read_unit(tl_json *json, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        char byte = next_byte(json);
        const char *digit = byte == '\0' ? NULL : strchr(digits, byte);
        if (digit == NULL)
            return false;
        *unit = *unit << 4 | (uint32_t)((digit - digits) % 16);
        json->at++;
    }
    return true;
}

/* What follows "\u": a character, or the two halves of one above U+FFFF. */
static talus_status read_escaped_character(tl_json *json, sink *to)
{
    uint32_t character, low;
    char bytes[TL_UTF8_BYTES];
    if (!read_unit(json, &character))
        return tl_json_fail(json, "\\u must be followed by four hexadecimal digits");
    if (character >= 0xD800 && character < 0xDC00) {
        bool pair = next_byte(json) == '\\' && (json->at++, next_byte(json) == 'u') &&
                    (json->at++, read_unit(json, &low)) && low >= 0xDC00 && low < 0xE000;
        if (!pair)
            return tl_json_fail(json, "the second half of a character must come here");
        character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
    } else if (character == 0 || (character >= 0xDC00 && character < 0xE000))
        return tl_json_fail(json, "\\u%04x is no character of a string here", (unsigned)character);
    return put(json, to, bytes, tl_utf8_encode(character, bytes));
}

static talus_status read_escape(tl_json *json, sink *to)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char name = next_byte(json);
    const char *at = name == '\0' ? NULL : strchr(names, name);
    if (at == NULL && name != 'u')
        return fail_wanted(json, "one of \" \\ / b f n r t u");
    json->at++;
    return at != NULL ? put(json, to, &means[at - names], 1) : read_escaped_character(json, to);
}

/* How many of the bytes that come next are ASCII characters that stand for themselves. */
static size_t plain_bytes(const tl_json *json)
{
    const char *from = json->text + json->at, *end = json->text + json->length, *at = from;
    while (at < end && *at >= 0x20 && *at < 0x7F && *at != '"' && *at != '\\')
        at++;
    return (size_t)(at - from);
}

/* What stands for itself: a run of ASCII characters, or any other character. */
static talus_status read_plain(tl_json *json, sink *to)
{
    const char *from = json->text + json->at;
    size_t bytes = plain_bytes(json);
    if (bytes == 0)
        bytes = tl_utf8_length(from, (size_t)(json->length - json->at));
    if ((unsigned char)*from < 0x20)
        return tl_json_fail(json, "a control character in a string must be escaped");
    if (bytes == 0)
        return tl_json_fail(json, "a string must be UTF-8");
    talus_status status = put(json, to, from, bytes);
    json->at += (int64_t)bytes;
    return status;
}

static talus_status read_string(tl_json *json, sink *to)
{
    if (tl_json_peek(json) != '"')
        return fail_wanted(json, "a string");
    json->at++;
    talus_status status = TALUS_OK;
    while (status == TALUS_OK && next_byte(json) != '"') {
        if (json->at >= json->length)
            return tl_json_fail(json, "the text ends within a string");
        if (next_byte(json) != '\\')
            status = read_plain(json, to);
        else {
            json->at++;
            status = read_escape(json, to);
        }
    }
    if (status == TALUS_OK)
        json->at++;
    return status;
}

talus_status tl_json_string(tl_json *json, char *text, size_t capacity, size_t *length)
{
    sink to = {text, capacity, 0};
    talus_status status = read_string(json, &to);
    text[to.length] = '\0';
    if (length != NULL)
        *length = to.length;
    return status;
}

/* Passes over digits, of which there must be one. */
static bool take_digits(tl_json *json)
{
    int64_t from = json->at;
    while (next_byte(json) >= '0' && next_byte(json) <= '9')
        json->at++;
    return json->at > from;
}

static bool take_one(tl_json *json, const char *choice)
{
    char byte = next_byte(json);
    bool found = byte != '\0' && strchr(choice, byte) != NULL;
    json->at += found;
    return found;
}

/* A number as RFC 8259 has it: no plus, no zeros in front, digits on both sides of a point. */
static talus_status scan_number(tl_json *json, char text[NUMBER_BYTES], bool *is_integer)
{
    if (tl_json_peek(json) != '0')
        return fail_wanted(json, "a number");
    int64_t from = json->at;
    *is_integer = true;
    (void)take_one(json, "-");
    bool valid = take_one(json, "0") || take_digits(json);
    if (valid && take_one(json, "."))
        valid = take_digits(json), *is_integer = false;
    if (valid && take_one(json, "eE")) {
        (void)take_one(json, "+-");
        valid = take_digits(json), *is_integer = false;
    }
    size_t count = (size_t)(json->at - from);
    if (!valid || count >= NUMBER_BYTES) {
        json->at = from;
        return valid ? tl_json_fail(json, "a number must have less than %d digits", NUMBER_BYTES)
                     : tl_json_fail(json, "this is no number");
    }
    memcpy(text, json->text + from, count);
    text[count] = '\0';
    return TALUS_OK;
}

talus_status tl_json_number(tl_json *json, double *value)
{
    char text[NUMBER_BYTES];
    bool is_integer;
    talus_status status = scan_number(json, text, &is_integer);
    if (status == TALUS_OK)
        (void)tl_text_to_double(text, value);
    return status;
}

talus_status tl_json_integer(tl_json *json, int64_t *value)
{
    char text[NUMBER_BYTES];
    bool is_integer;
    int64_t from = json->at;
    talus_status status = scan_number(json, text, &is_integer);
    if (status == TALUS_OK && (!is_integer || !tl_text_to_integer(text, value))) {
        json->at = from;
        return tl_json_fail(json, "a 64-bit integer must come here, got %.40s", text);
    }
    return status;
}

static bool take_word(tl_json *json, const char *word)
{
    int64_t count = (int64_t)strlen(word);
    skip_spaces(json);
    bool found = json->length - json->at >= count && memcmp(json->text + json->at, word, (size_t)count) == 0;
    json->at += found ? count : 0;
    return found;
}

talus_status tl_json_flag(tl_json *json, bool *value)
{
    *value = take_word(json, "true");
    return *value || take_word(json, "false") ? TALUS_OK : fail_wanted(json, "true or false");
}

talus_status tl_json_null(tl_json *json)
{
    return take_word(json, "null") ? TALUS_OK : fail_wanted(json, "null");
}

/* Passes over a value that is no object and no array. */
static talus_status skip_scalar(tl_json *json)
{
    char number[NUMBER_BYTES];
    bool flag;
    switch (tl_json_peek(json)) {
    case '"':
        return read_string(json, &(sink){0});
    case '0':
        return scan_number(json, number, &flag);
    case 't':
    case 'f':
        return tl_json_flag(json, &flag);
    case 'n':
        return tl_json_null(json);
    default:
        return fail_wanted(json, "a value");
    }
}

static talus_status skip_key(tl_json *json)
{
    talus_status status = read_string(json, &(sink){0});
    return status == TALUS_OK ? take(json, ':') : status;
}

talus_status tl_json_skip(tl_json *json)
{
    const int outside = json->depth;
    talus_status status = TALUS_OK;
    do {
        char bracket = tl_json_peek(json);
        if (bracket == '{' || bracket == '[')
            status = tl_json_open(json, bracket);
        else
            status = skip_scalar(json);
        while (status == TALUS_OK && json->depth > outside && !tl_json_more(json, &status))
            ;
        if (status == TALUS_OK && json->depth > outside && in_object(json))
            status = skip_key(json);
    } while (status == TALUS_OK && json->depth > outside);
    return status;
}

talus_status tl_json_skip_member(tl_json *json)
{
    talus_status status = skip_key(json);
    return status == TALUS_OK ? tl_json_skip(json) : status;
}

talus_status tl_json_end(tl_json *json)
{
    skip_spaces(json);
    return json->at == json->length ? TALUS_OK : fail_wanted(json, "the end");
}
