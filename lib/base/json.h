/* JSON (RFC 8259), read from front to back without a tree: the caller asks for what comes next, and a text that breaks a
 * rule of the format is refused where it does. Nothing is allocated. Objects and arrays nest at most TL_JSON_DEPTH deep;
 * the text must be UTF-8, and strings must not hold the character 0.
 *
 *     talus_status status = tl_json_open(&json, '{');
 *     while (tl_json_more(&json, &status))
 *         if ((status = tl_json_key(&json, key, sizeof key)) == TALUS_OK) … status = tl_json_number(&json, &x);
 *
 * Errors are TALUS_ERROR_FORMAT; messages name the text and the byte. */
#ifndef TL_BASE_JSON_H
#define TL_BASE_JSON_H

#include "base/context.h"

#define TL_JSON_DEPTH 64

typedef struct tl_json {
    talus_context *context;
    const char *name; /* of the text, for messages */
    const char *text;
    int64_t length, at; /* bytes; of what comes next */
    int depth;          /* objects and arrays that are open */
    bool first;         /* no member of the innermost was read yet */
    uint64_t objects;   /* bit d: the one at depth d is an object */
} tl_json;

/* The reader of a text, which must stay where it is. */
tl_json tl_json_of(talus_context *context, const char *name, const char *text, int64_t length);

/* The first character of the next value: one of { [ " t f n, '0' for any number; 0 where the text ends. */
char tl_json_peek(tl_json *json);

/* Opens the object ('{') or array ('[') that must come next. */
talus_status tl_json_open(tl_json *json, char bracket);

/* Whether another member comes in the innermost object or array; if none does, it is closed. False after an error, which
 * it puts into *status; true only if *status was TALUS_OK. */
bool tl_json_more(tl_json *json, talus_status *status);

/* The key of the next member of an object, with its colon. At most capacity − 1 bytes. */
talus_status tl_json_key(tl_json *json, char *key, size_t capacity);

/* The next value. A string of at most capacity − 1 bytes, its escapes resolved, also in the place where it stands, from its
 * first quote on; *length may be NULL. Integers have neither point nor exponent. */
talus_status tl_json_string(tl_json *json, char *text, size_t capacity, size_t *length);
talus_status tl_json_number(tl_json *json, double *value);
talus_status tl_json_integer(tl_json *json, int64_t *value);
talus_status tl_json_flag(tl_json *json, bool *value);
talus_status tl_json_null(tl_json *json);

/* Passes over the next value, whatever it is, and checks it. */
talus_status tl_json_skip(tl_json *json);

/* The same of the next member of an object, with its key. */
talus_status tl_json_skip_member(tl_json *json);

/* Only spaces are left. */
talus_status tl_json_end(tl_json *json);

/* Refuses the text at the byte where its last token began or the next one begins; the format says what is wrong there. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
talus_status
tl_json_fail(tl_json *json, const char *format, ...);

#endif
