#include "base/option_json.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TEXT_BYTES 128 /* of a name or a number */

static void put_value(tl_buffer *text, const tl_option *row, const void *options)
{
    switch (row->type) {
    case TALUS_OPTION_TYPE_DOUBLE:
        tl_json_put_number(text, tl_option_number(row, options));
        break;
    case TALUS_OPTION_TYPE_NAME:
        tl_json_put_string(text, tl_name(row->names, (int)tl_option_integer(row, options)));
        break;
    case TALUS_OPTION_TYPE_FLAG:
        tl_json_put_flag(text, tl_option_integer(row, options) != 0);
        break;
    default:
        tl_json_put_integer(text, tl_option_integer(row, options));
    }
}

void tl_options_put_json(tl_buffer *text, const tl_options *table, const void *options,
                         const char *const *except)
{
    for (int i = 0; i < table->count; i++) {
        const tl_option *row = &table->rows[i];
        if (row->type == TALUS_OPTION_TYPE_POINTER || tl_is_listed(except, row->name))
            continue;
        tl_json_put_key(text, row->name);
        put_value(text, row, options);
    }
}

/* The next value as the text that an option is set from. */
static talus_status read_text(tl_json *json, char text[TEXT_BYTES])
{
    const int64_t from = json->at;
    char kind = tl_json_peek(json);
    if (kind == '"')
        return tl_json_string(json, text, TEXT_BYTES, NULL);
    const int64_t begin = json->at;
    if (kind != '0' && kind != 't' && kind != 'f')
        return tl_json_fail(json, "an option must be a name, a number, true or false");
    talus_status status = tl_json_skip(json);
    if (status != TALUS_OK)
        return status;
    if (json->at - begin >= TEXT_BYTES) {
        json->at = from;
        return tl_json_fail(json, "the number of an option must have less than %d digits", TEXT_BYTES);
    }
    memcpy(text, json->text + begin, (size_t)(json->at - begin));
    text[json->at - begin] = '\0';
    return TALUS_OK;
}

talus_status tl_option_read_json(tl_json *json, const tl_options *table, void *options, const char *key,
                                 uint64_t *seen)
{
    char text[TEXT_BYTES], reason[TL_MESSAGE_BYTES];
    const int64_t from = json->at;
    const tl_option *option = tl_option_of(table, key);
    const uint64_t bit = option == NULL ? 0 : UINT64_C(1) << (option - table->rows);
    if ((*seen & bit) != 0)
        return tl_json_fail(json, "%s must come once", key);
    *seen |= bit;
    talus_status status = read_text(json, text);
    if (status != TALUS_OK ||
        tl_option_set(json->context, table, options, table->size, key, text) == TALUS_OK)
        return status;
    (void)snprintf(reason, sizeof reason, "%s", json->context->message);
    json->at = from;
    return tl_json_fail(json, "%s", reason);
}
