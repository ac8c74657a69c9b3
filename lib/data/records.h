/* Tables in text: records of fields, which a separator parts (RFC 4180). Fields may stand between quotes, with separators,
 * ends of lines and doubled quotes in them; a quote within a field that does not begin with one stands for itself. Lines end
 * with LF, CRLF or CR, the last also with the file; those with nothing in them are passed over, and so are spaces around
 * fields and a byte-order mark. */
#ifndef TL_DATA_RECORDS_H
#define TL_DATA_RECORDS_H

#include "base/file.h"

#define TL_MOST_COLUMNS 65536

/* A field of the record that was read last, in the reader's memory. The byte at `end` may be written to. */
typedef struct tl_field {
    char *text, *end;
    bool quoted;
    bool doubled; /* there are doubled quotes in it, until they are undone */
} tl_field;

typedef struct tl_records {
    talus_context *context;
    const char *name; /* of the text, for messages */
    tl_file *file;    /* NULL: all of it is in the buffer */
    char *buffer;     /* room for its bytes and one more */
    int64_t room, from, end;
    bool ended; /* no bytes come after those in the buffer */
    char separator;
    bool quiet;              /* what is no record is only not found, without a message */
    int64_t start;           /* of the record, in the buffer */
    int64_t line, next_line; /* counted from 1: of the record, and where the next one begins */
    tl_field *fields;        /* of the record */
    int64_t count, field_room;
    bool special[256]; /* bytes that end a field without quotes */
} tl_records;

/* The reader of an open file, or of a text of `length` bytes, which is copied; release it also after an error. */
talus_status tl_records_of_file(tl_records *records, tl_file *file);
talus_status tl_records_of_text(tl_records *records, talus_context *context, const char *name,
                                const char *text, size_t length);
void tl_records_release(tl_records *records);

void tl_records_part(tl_records *records, char separator);

/* Reads the next record; *found is false where there is none.
 * TALUS_ERROR_FORMAT (a quote that is not closed, text after a closing one, too many columns or bytes), TALUS_ERROR_MEMORY,
 * and what the file gives. */
talus_status tl_records_next(tl_records *records, bool *found);

/* The record that was read last comes again. */
void tl_records_again(tl_records *records);

/* The next record if all of it is in the buffer, so that it can come again: *found is false where a record goes on beyond, or
 * breaks a rule. After tl_records_go_back those since `place` come again. TALUS_ERROR_MEMORY. */
typedef struct tl_place {
    int64_t from, line;
} tl_place;
tl_place tl_records_place(const tl_records *records);
void tl_records_go_back(tl_records *records, tl_place place);
talus_status tl_records_peek(tl_records *records, bool *found);

/* Undoes doubled quotes and puts a 0 at the end of a field, so that it is a text until the next record. The record cannot come
 * again afterwards. */
void tl_field_undouble(tl_field *field);

#endif
