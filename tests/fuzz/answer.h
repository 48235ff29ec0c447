/* SPDX-License-Identifier: MIT */
#ifndef MH_FUZZ_ANSWER_H
#define MH_FUZZ_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/buffer.h"

/* Requires lines of plain ASCII, each of them one JSON value; returns how many there are. */
size_t fuzz_require_json(const struct mh_buffer *buffer);

/* The first line's value, required to be an object and the only one. A new reference. */
json_t *fuzz_require_object(const struct mh_buffer *buffer);

/* Requires UTF-8 lines without a control character, the last one ended. */
void fuzz_require_plain(const struct mh_buffer *buffer);

/* Splits `size` bytes at each newline into KEY=VALUE arguments, `max` at most; the caller frees each. */
size_t fuzz_split(const char *text, size_t size, char **arguments, size_t max);

/* Changes a request: a member that requests have is set or taken away, or some bytes of it are others. */
size_t fuzz_mutate_request(uint8_t *text, size_t size, size_t max_size, bool arguments, uint64_t *random);

#endif
