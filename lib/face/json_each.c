/* The members of a JSON object, as options are read from. */
#include <string.h>
#include <talus/option.h>

#include "base/call.h"
#include "base/json.h"

typedef struct reading {
    int (*member)(const char *name, const char *value, void *user);
    void *user;
    char *name, *value; /* room for as much as the whole text */
} reading;

/* The next value as text. */
static talus_status read_value(tl_json *json, char *text, size_t capacity)
{
    if (tl_json_peek(json) == '"')
        return tl_json_string(json, text, capacity, NULL);
    const int64_t from = json->at;
    talus_status status = tl_json_skip(json);
    if (status != TALUS_OK)
        return status;
    memcpy(text, json->text + from, (size_t)(json->at - from));
    text[json->at - from] = '\0';
    return TALUS_OK;
}

static bool give(talus_context *context, const reading *to)
{
    tl_call *call = tl_callback_begin(context, TL_CALLBACK_OPEN);
    int ends = to->member(to->name, to->value, to->user);
    tl_callback_end(call);
    return ends != 0;
}

static talus_status read_members(tl_json *json, const reading *to)
{
    const size_t capacity = (size_t)json->length + 1;
    talus_status status = tl_json_open(json, '{');
    while (tl_json_more(json, &status)) {
        status = tl_json_key(json, to->name, capacity);
        if (status == TALUS_OK)
            status = read_value(json, to->value, capacity);
        if (status == TALUS_OK && give(json->context, to))
            return TALUS_OK;
    }
    return status == TALUS_OK ? tl_json_end(json) : status;
}

static talus_status each(talus_context *context, const char *text, reading *to)
{
    if (text == NULL || to->member == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "json_each: %s must not be NULL",
                       text == NULL ? "text" : "member");
    const size_t length = strlen(text);
    tl_json json = tl_json_of(context, "the text", text, (int64_t)length);
    to->name = tl_allocate(context, 2 * length + 2);
    if (to->name == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "json_each: there is no memory for the members of a text");
    to->value = to->name + length + 1;
    talus_status status = read_members(&json, to);
    tl_release(context, to->name);
    return status;
}

talus_status talus_json_each(talus_context *context, const char *text,
                             int (*member)(const char *name, const char *value, void *user), void *user)
{
    tl_call call;
    reading to = {.member = member, .user = user};
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, each(context, text, &to)) : status;
}
