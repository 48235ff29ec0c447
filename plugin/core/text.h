/* SPDX-License-Identifier: MIT */
#ifndef MH_CORE_TEXT_H
#define MH_CORE_TEXT_H

/* UTF-8 text, compared as Windows compares names. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapihttp/error.h"

/* Copies on the heap; NULL when memory is out. */
char *mh_text_copy(const char *text);
char *mh_text_copyn(const char *text, size_t length);
char *mh_text_join(const char *a, const char *b, const char *c); /* one behind the other */
char *mh_text_format(const char *format, ...) MH_PRINTF(1, 2);
char *mh_text_vformat(const char *format, va_list args) MH_PRINTF(1, 0);

/*
 * Decodes the character at `text` (`length` bytes, at least one). Returns the bytes it takes, or 0 when
 * they are no UTF-8 (surrogates and overlong forms are none).
 */
size_t mh_utf8_decode(const char *text, size_t length, uint32_t *ret_point);

/* Encodes `point` into `buffer` (4 bytes). Returns the bytes used. */
size_t mh_utf8_encode(uint32_t point, char *buffer);

/* The same as one UTF-16 unit, or two. Returns how many. */
size_t mh_utf16_encode(uint32_t point, uint16_t units[2]);

bool mh_utf8_valid(const char *text, size_t length);

/* Replaces every byte of `text` that is no UTF-8 by '?', in place. */
void mh_utf8_mend(char *text);

/* A copy on the heap in which every byte that is no UTF-8, and every "%", is "%" and two hex digits, so
 * that two texts never become the same. NULL when memory is out. */
char *mh_utf8_escape(const char *text);

/*
 * UTF-16LE (`size` bytes) to UTF-8 on the heap, with a terminator. With `strict`, NULL when the size is
 * odd, a surrogate stands alone or a NUL is in it; else such units become U+FFFD and a NUL ends the text.
 * NULL when memory is out, too: *ret_broken tells which it was.
 */
char *mh_utf16_to_utf8(const uint8_t *data, size_t size, bool strict, bool *ret_broken);

/* UTF-8 to UTF-16LE on the heap, without terminator. NULL when memory is out or it is no UTF-8. */
uint8_t *mh_utf8_to_utf16(const char *text, size_t length, size_t *ret_size);

/* A copy on the heap in upper case: of texts that are equal without regard to case it is the same. What is
 * no UTF-8 stays as it is. NULL when memory is out. */
char *mh_text_upcase(const char *text);

/* Equal without regard to case. */
bool mh_text_equal(const char *a, const char *b);

/* Has `*` or `?` in it. */
bool mh_text_is_pattern(const char *text);

/* `text` matches `pattern` (`*` any run, `?` one character), without regard to case. */
bool mh_text_match(const char *pattern, const char *text);

/* A security identifier in its text form: S-1-, a decimal authority, one to fifteen sub-authorities. */
bool mh_text_is_sid(const char *text);

/* A SID of a person: S-1-5-21-* (local and domain accounts) or S-1-12-1-* (Entra ID). */
bool mh_text_is_person_sid(const char *text);

#endif
