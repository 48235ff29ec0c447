/* SPDX-License-Identifier: MIT */
#include "core/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

void mh_buffer_add(struct mh_buffer *buffer, const void *bytes, size_t length)
{
    if (buffer->failed)
        return;
    if (buffer->capacity - buffer->length <= length) {
        size_t capacity = (buffer->length + length + 1) * 2;
        char *grown = realloc(buffer->text, capacity);
        if (!grown) {
            buffer->failed = true;
            return;
        }
        buffer->text = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->text + buffer->length, bytes, length);
    buffer->length += length;
    buffer->text[buffer->length] = '\0';
}

void mh_buffer_puts(struct mh_buffer *buffer, const char *text)
{
    mh_buffer_add(buffer, text, strlen(text));
}

void mh_buffer_print(struct mh_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mh_text_vformat(format, args);
    va_end(args);
    if (text)
        mh_buffer_puts(buffer, text);
    else
        buffer->failed = true;
    free(text);
}

void mh_buffer_put_utf16(struct mh_buffer *buffer, const char *text)
{
    size_t size = 0;
    uint8_t *units = mh_utf8_to_utf16(text, strlen(text), &size);
    if (units)
        mh_buffer_add(buffer, units, size);
    else
        buffer->failed = true;
    free(units);
}

void mh_buffer_take(struct mh_buffer *buffer, struct mh_buffer *other)
{
    if (other->length > 0)
        mh_buffer_add(buffer, other->text, other->length);
    buffer->failed |= other->failed;
    mh_buffer_clear(other);
}

void mh_buffer_clear(struct mh_buffer *buffer)
{
    free(buffer->text);
    *buffer = (struct mh_buffer){0};
}
