/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_BUFFER_H
#define MH_CORE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "mapihttp/error.h"

/* Text, or any bytes, that grow. Zero-initialised it is empty. Once memory was out, it stays `failed`. */
struct mh_buffer {
    char *text; /* terminated; NULL while empty */
    size_t length;
    size_t capacity;
    bool failed;
};

void mh_buffer_add(struct mh_buffer *buffer, const void *bytes, size_t length);
void mh_buffer_puts(struct mh_buffer *buffer, const char *text);
void mh_buffer_print(struct mh_buffer *buffer, const char *format, ...) MH_PRINTF(2, 3);

/* Appends the text as UTF-16LE, without a terminator. One that is no UTF-8 marks the buffer as failed. */
void mh_buffer_put_utf16(struct mh_buffer *buffer, const char *text);

/* Appends what `other` holds, which is then empty. That it failed is not lost. */
void mh_buffer_take(struct mh_buffer *buffer, struct mh_buffer *other);

void mh_buffer_clear(struct mh_buffer *buffer);

#endif
