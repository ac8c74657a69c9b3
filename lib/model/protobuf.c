#include "model/protobuf.h"

#include <string.h>

#define INTEGER_BYTES 10 /* of the longest integer: 7 bits in each */

static void put_integer(tl_buffer *message, uint64_t value)
{
    unsigned char bytes[INTEGER_BYTES];
    size_t count = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[count++] = (unsigned char)(value | 0x80);
    bytes[count++] = (unsigned char)value;
    tl_buffer_add(message, bytes, count);
}

static void put_tag(tl_buffer *message, int field, int wire)
{
    put_integer(message, (uint64_t)field << 3 | (uint64_t)wire);
}

void tl_protobuf_put_integer(tl_buffer *message, int field, int64_t value)
{
    put_tag(message, field, TL_WIRE_INTEGER);
    put_integer(message, (uint64_t)value);
}

void tl_protobuf_put_float(tl_buffer *message, int field, float value)
{
    put_tag(message, field, TL_WIRE_4_BYTES);
    tl_buffer_add(message, &value, sizeof value);
}

void tl_protobuf_put_head(tl_buffer *message, int field, uint64_t count)
{
    put_tag(message, field, TL_WIRE_BYTES);
    put_integer(message, count);
}

void tl_protobuf_put_bytes(tl_buffer *message, int field, const void *bytes, size_t count)
{
    tl_protobuf_put_head(message, field, count);
    tl_buffer_add(message, bytes, count);
}

void tl_protobuf_put_text(tl_buffer *message, int field, const char *text)
{
    tl_protobuf_put_bytes(message, field, text, strlen(text));
}

void tl_protobuf_put_message(tl_buffer *message, int field, tl_buffer *inner)
{
    message->failed |= inner->failed;
    tl_protobuf_put_bytes(message, field, inner->bytes, inner->length);
    inner->length = 0;
}

static bool take_integer(tl_protobuf *message, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; message->at < message->end && shift < 7 * INTEGER_BYTES; shift += 7) {
        const unsigned char byte = *message->at++;
        if (shift == 63 && byte > 1)
            return false;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool take_fixed(tl_protobuf *message, int count, uint64_t *value)
{
    if (message->end - message->at < count)
        return false;
    *value = 0;
    for (int i = 0; i < count; i++)
        *value |= (uint64_t)*message->at++ << 8 * i;
    return true;
}

static bool take_bytes(tl_protobuf *message, tl_protobuf *bytes)
{
    uint64_t count;
    if (!take_integer(message, &count) || count > (uint64_t)(message->end - message->at))
        return false;
    *bytes = (tl_protobuf){message->at, message->at + count};
    message->at += count;
    return true;
}

static bool take_value(tl_protobuf *message, tl_protobuf_field *field)
{
    switch (field->wire) {
    case TL_WIRE_INTEGER:
        return take_integer(message, &field->integer);
    case TL_WIRE_8_BYTES:
        return take_fixed(message, 8, &field->integer);
    case TL_WIRE_4_BYTES:
        return take_fixed(message, 4, &field->integer);
    case TL_WIRE_BYTES:
        return take_bytes(message, &field->bytes);
    default:
        return false;
    }
}

int tl_protobuf_next(tl_protobuf *message, tl_protobuf_field *field)
{
    uint64_t tag;
    if (message->at == message->end)
        return 0;
    *field = (tl_protobuf_field){0};
    if (!take_integer(message, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
        return -1;
    field->number = (int)(tag >> 3), field->wire = (int)(tag & 7);
    return take_value(message, field) ? 1 : -1;
}

bool tl_protobuf_next_integer(tl_protobuf_field *field, int64_t *value)
{
    const bool single = field->wire == TL_WIRE_INTEGER;
    if (!single && !take_integer(&field->bytes, &field->integer))
        return false;
    *value = (int64_t)field->integer;
    field->wire = TL_WIRE_BYTES; /* of which there are none behind a single one */
    return true;
}
