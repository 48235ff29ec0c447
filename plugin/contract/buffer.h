/* SPDX-License-Identifier: MIT */
#ifndef MH_CONTRACT_BUFFER_H
#define MH_CONTRACT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Text that grows. Zero-initialised it is empty. Once memory was out, it stays `failed`. */
struct mh_buffer {
    char *text; /* terminated; NULL while empty */
    size_t length;
    size_t capacity;
    bool failed;
};

void mh_buffer_add(struct mh_buffer *buffer, const char *text, size_t length);
void mh_buffer_puts(struct mh_buffer *buffer, const char *text);
void mh_buffer_clear(struct mh_buffer *buffer);

#endif
