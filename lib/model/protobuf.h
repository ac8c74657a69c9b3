/* Messages in the encoding of protocol buffers: fields one after the other, each a number with a wire type and a value. Of
 * the wire types there are here integers of variable length, 4 and 8 bytes, and bytes with their length, which may be a
 * message again.   https://protobuf.dev/programming-guides/encoding */
#ifndef TL_MODEL_PROTOBUF_H
#define TL_MODEL_PROTOBUF_H

#include "base/buffer.h"

enum { TL_WIRE_INTEGER = 0, TL_WIRE_8_BYTES = 1, TL_WIRE_BYTES = 2, TL_WIRE_4_BYTES = 5 };

/* Appends a field to a message. */
void tl_protobuf_put_integer(tl_buffer *message, int field, int64_t value);
void tl_protobuf_put_float(tl_buffer *message, int field, float value);
void tl_protobuf_put_bytes(tl_buffer *message, int field, const void *bytes, size_t count);
void tl_protobuf_put_text(tl_buffer *message, int field, const char *text);

/* Appends all but the bytes of such a field. */
void tl_protobuf_put_head(tl_buffer *message, int field, uint64_t count);

/* Appends a message as a field, and empties it. */
void tl_protobuf_put_message(tl_buffer *message, int field, tl_buffer *inner);

/* What is left of a message that is read. */
typedef struct tl_protobuf {
    const unsigned char *at, *end;
} tl_protobuf;

typedef struct tl_protobuf_field {
    int number, wire;
    uint64_t integer;  /* also the bits of 4 and 8 bytes */
    tl_protobuf bytes; /* within the message */
} tl_protobuf_field;

/* Takes the next field: 1; 0 at the end; −1 if what comes is no field. */
int tl_protobuf_next(tl_protobuf *message, tl_protobuf_field *field);

/* Takes the next integer of a field that is one, or holds several, packed into bytes; false at the end, and if what comes is
 * none. */
bool tl_protobuf_next_integer(tl_protobuf_field *field, int64_t *value);

#endif
