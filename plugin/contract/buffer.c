/* SPDX-License-Identifier: MIT */
#include "contract/buffer.h"

#include <stdlib.h>
#include <string.h>

void mh_buffer_add(struct mh_buffer *buffer, const char *text, size_t length)
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
    memcpy(buffer->text + buffer->length, text, length);
    buffer->length += length;
    buffer->text[buffer->length] = '\0';
}

void mh_buffer_puts(struct mh_buffer *buffer, const char *text)
{
    mh_buffer_add(buffer, text, strlen(text));
}

void mh_buffer_clear(struct mh_buffer *buffer)
{
    free(buffer->text);
    *buffer = (struct mh_buffer){0};
}
