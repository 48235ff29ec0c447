/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_PRINT_H
#define MH_CORE_PRINT_H

#include <stddef.h>

#include "core/buffer.h"

/*
 * Appends text of anybody's for people to read: whatever is no UTF-8, would be obeyed by a terminal, turns text around
 * or takes no place is a "?"; marks over and under a letter (U+0300 to U+036F) are kept. Returns how many columns it
 * takes.
 */
size_t mh_text_print(struct mh_buffer *buffer, const char *text);

#endif
