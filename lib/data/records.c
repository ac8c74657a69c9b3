#include "data/records.h"

#include <string.h>

#define FIRST_ROOM ((int64_t)1 << 20)
#define MOST_BYTES ((int64_t)16 << 20) /* of a record */
#define FIELD_ROOM 64

/* How a look for a record ended. */
typedef enum outcome {
    RECORD,
    EMPTY_LINE,
    TEXT_ENDS,
    BUFFER_ENDS, /* within it */
    REFUSED
} outcome;

/* Where a look for a record stands. */
typedef struct cursor {
    char *at, *end;
    int64_t lines; /* that ended within quotes */
    talus_status status;
} cursor;

static bool is_blank(const tl_records *records, char byte)
{
    return byte == ' ' || (byte == '\t' && records->separator != '\t');
}

static outcome refuse(const tl_records *records, cursor *look, const char *what)
{
    look->status = TALUS_ERROR_FORMAT;
    if (records->quiet)
        return REFUSED;
    look->status = tl_fail(records->context, TALUS_ERROR_FORMAT, "%s: line %lld, column %lld: %s",
                           records->name, (long long)(records->line + look->lines),
                           (long long)records->count + 1, what);
    return REFUSED;
}

/* Room for the next field; NULL with a status if it is refused. */
static tl_field *next_field(tl_records *records, cursor *look)
{
    if (records->count < records->field_room)
        return &records->fields[records->count];
    int64_t room = records->field_room == 0 ? FIELD_ROOM : 2 * records->field_room;
    if (room > TL_MOST_COLUMNS) {
        (void)refuse(records, look, "there must be at most 65536 columns");
        return NULL;
    }
    tl_field *larger = tl_allocate(records->context, (size_t)room * sizeof *larger);
    if (larger == NULL) {
        look->status = tl_fail(records->context, TALUS_ERROR_MEMORY,
                               "there is no memory for the fields of %s", records->name);
        return NULL;
    }
    if (records->count > 0)
        memcpy(larger, records->fields, (size_t)records->count * sizeof *larger);
    tl_release(records->context, records->fields);
    records->fields = larger;
    records->field_room = room;
    return &larger[records->count];
}

static void count_lines(cursor *look, const char *from, const char *to)
{
    while ((from = memchr(from, '\n', (size_t)(to - from))) != NULL)
        look->lines++, from++;
}

/* A field that begins with a quote, at which the cursor stands. */
static outcome look_for_quoted(tl_records *records, cursor *look, tl_field *field)
{
    char *quote = look->at + 1;
    *field = (tl_field){.text = quote, .quoted = true};
    for (;; quote += 2, field->doubled = true) {
        quote = memchr(quote, '"', (size_t)(look->end - quote));
        if (quote == NULL || (quote + 1 == look->end && !records->ended))
            return records->ended ? refuse(records, look, "its quote must be closed") : BUFFER_ENDS;
        if (quote + 1 == look->end || quote[1] != '"')
            break;
    }
    field->end = quote;
    count_lines(look, field->text, field->end);
    for (look->at = quote + 1; is_blank(records, *look->at); look->at++)
        ;
    if (!records->special[(unsigned char)*look->at])
        return refuse(records, look, "a closing quote must end it");
    return RECORD;
}

static outcome look_for_plain(tl_records *records, cursor *look, tl_field *field)
{
    char *end = look->at;
    field->text = end;
    field->quoted = field->doubled = false;
    while (!records->special[(unsigned char)*end])
        end++;
    for (look->at = end; end > field->text && is_blank(records, end[-1]); end--)
        ;
    field->end = end;
    return RECORD;
}

/* Passes over the end of a line, if one comes. */
static outcome end_line(tl_records *records, cursor *look)
{
    if (look->at == look->end)
        return records->ended ? RECORD : BUFFER_ENDS;
    bool return_first = *look->at == '\r';
    if (return_first && look->at + 1 == look->end && !records->ended)
        return BUFFER_ENDS;
    look->at += return_first && look->at + 1 < look->end && look->at[1] == '\n' ? 2 : 1;
    return RECORD;
}

static outcome look_for_record(tl_records *records, cursor *look)
{
    records->count = 0;
    records->line = records->next_line;
    if (look->at == look->end)
        return records->ended ? TEXT_ENDS : BUFFER_ENDS;
    for (;; look->at++) {
        while (is_blank(records, *look->at))
            look->at++;
        tl_field *field = next_field(records, look);
        if (field == NULL)
            return REFUSED;
        outcome found = *look->at == '"' ? look_for_quoted(records, look, field)
                                         : look_for_plain(records, look, field);
        if (found != RECORD)
            return found;
        records->count++;
        if (look->at == look->end || *look->at != records->separator)
            break;
    }
    outcome found = end_line(records, look);
    const tl_field *only = records->fields;
    bool empty = records->count == 1 && !only->quoted && only->text == only->end;
    return found == RECORD && empty ? EMPTY_LINE : found;
}

/* Looks for a record that ends in the buffer. */
static outcome look_in_buffer(tl_records *records, talus_status *status)
{
    outcome found;
    do {
        records->start = records->from;
        cursor look = {.at = records->buffer + records->from, .end = records->buffer + records->end};
        found = look_for_record(records, &look);
        *status = look.status;
        if (found == RECORD || found == EMPTY_LINE) {
            records->from = look.at - records->buffer;
            records->next_line = records->line + look.lines + 1;
        }
    } while (found == EMPTY_LINE);
    return found;
}

static talus_status grow_buffer(tl_records *records, int64_t room)
{
    char *larger = tl_allocate(records->context, (size_t)room + 1);
    if (larger == NULL)
        return tl_fail(records->context, TALUS_ERROR_MEMORY, "there is no memory for reading %s",
                       records->name);
    if (records->end > records->from)
        memcpy(larger, records->buffer + records->from, (size_t)(records->end - records->from));
    tl_release(records->context, records->buffer);
    records->buffer = larger;
    records->room = room;
    return TALUS_OK;
}

/* Brings more bytes into the buffer, behind those from the next record on, which move to its front. */
static talus_status refill(tl_records *records)
{
    int64_t kept = records->end - records->from, got = 0;
    talus_status status = TALUS_OK;
    if (kept == records->room && kept >= MOST_BYTES)
        return tl_fail(records->context, TALUS_ERROR_FORMAT,
                       "%s: line %lld: a row must have less than %lld bytes", records->name,
                       (long long)records->line, (long long)MOST_BYTES);
    if (kept == records->room)
        status = grow_buffer(records, 2 * records->room);
    else
        memmove(records->buffer, records->buffer + records->from, (size_t)kept);
    if (status != TALUS_OK)
        return status;
    records->from = 0;
    records->end = kept;
    status = tl_file_read(records->file, records->buffer + kept, records->room - kept, &got);
    records->end += got;
    records->ended = records->end < records->room;
    records->buffer[records->end] = '\n'; /* so that a field ends there */
    return status;
}

talus_status tl_records_next(tl_records *records, bool *found)
{
    talus_status status = TALUS_OK;
    outcome how = look_in_buffer(records, &status);
    while (how == BUFFER_ENDS && status == TALUS_OK) {
        status = refill(records);
        if (status == TALUS_OK)
            how = look_in_buffer(records, &status);
    }
    *found = status == TALUS_OK && how == RECORD;
    return status;
}

talus_status tl_records_peek(tl_records *records, bool *found)
{
    talus_status status;
    records->quiet = true;
    *found = look_in_buffer(records, &status) == RECORD;
    records->quiet = false;
    return status == TALUS_ERROR_FORMAT ? TALUS_OK : status;
}

void tl_records_again(tl_records *records)
{
    records->from = records->start;
    records->next_line = records->line;
}

tl_place tl_records_place(const tl_records *records)
{
    return (tl_place){records->from, records->next_line};
}

void tl_records_go_back(tl_records *records, tl_place place)
{
    records->from = place.from;
    records->next_line = place.line;
}

void tl_records_part(tl_records *records, char separator)
{
    memset(records->special, 0, sizeof records->special);
    records->separator = separator;
    records->special['\n'] = records->special['\r'] = records->special[(unsigned char)separator] = true;
}

talus_status tl_records_of_file(tl_records *records, tl_file *file)
{
    *records = (tl_records){.context = file->context, .name = file->name, .file = file, .next_line = 1};
    tl_records_part(records, ',');
    bool small = file->gzip == NULL && file->length < FIRST_ROOM;
    talus_status status = grow_buffer(records, small ? file->length + 1 : FIRST_ROOM);
    if (status == TALUS_OK)
        status = refill(records);
    if (status == TALUS_OK && records->end >= 3 && memcmp(records->buffer, "\xEF\xBB\xBF", 3) == 0)
        records->from = 3;
    return status;
}

talus_status tl_records_of_text(tl_records *records, talus_context *context, const char *name,
                                const char *text, size_t length)
{
    *records = (tl_records){.context = context, .name = name, .next_line = 1, .ended = true};
    tl_records_part(records, ',');
    talus_status status = grow_buffer(records, (int64_t)length);
    if (status != TALUS_OK)
        return status;
    memcpy(records->buffer, text, length);
    records->buffer[length] = '\n';
    records->end = (int64_t)length;
    return TALUS_OK;
}

void tl_records_release(tl_records *records)
{
    tl_release(records->context, records->buffer);
    tl_release(records->context, records->fields);
    *records = (tl_records){.context = records->context};
}

void tl_field_undouble(tl_field *field)
{
    char *to = field->text;
    for (const char *from = field->text; from < field->end; from++) {
        from += field->doubled && *from == '"';
        *to++ = *from;
    }
    if (field->doubled)
        field->end = to;
    field->doubled = false;
    *field->end = '\0';
}
