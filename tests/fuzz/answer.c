/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <string.h>

#include "core/text.h"
#include "fuzz.h"

static json_t *load_line(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        FUZZ_REQUIRE(line[i] >= 0x20 && line[i] < 0x7F);
    json_t *json = json_loadb(line, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    FUZZ_REQUIRE(json);
    return json;
}

size_t fuzz_require_json(const struct mh_buffer *buffer)
{
    size_t lines = 0;
    FUZZ_REQUIRE(!buffer->failed);
    for (size_t at = 0; at < buffer->length; lines++) {
        const char *line = buffer->text + at;
        const char *end = memchr(line, '\n', buffer->length - at);
        FUZZ_REQUIRE(end);
        json_decref(load_line(line, (size_t)(end - line)));
        at += (size_t)(end - line) + 1;
    }
    return lines;
}

json_t *fuzz_require_object(const struct mh_buffer *buffer)
{
    FUZZ_REQUIRE(!buffer->failed && buffer->length > 0 && buffer->text[buffer->length - 1] == '\n');
    json_t *json = load_line(buffer->text, buffer->length - 1);
    FUZZ_REQUIRE(json_is_object(json));
    return json;
}

void fuzz_require_plain(const struct mh_buffer *buffer)
{
    FUZZ_REQUIRE(!buffer->failed && (buffer->length == 0 || buffer->text[buffer->length - 1] == '\n'));
    for (size_t at = 0; at < buffer->length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(buffer->text + at, buffer->length - at, &point);
        FUZZ_REQUIRE(used > 0 && (point == '\n' || (point >= 0x20 && point != 0x7F)));
        at += used;
    }
}

size_t fuzz_split(const char *text, size_t size, char **arguments, size_t max)
{
    size_t count = 0;
    for (size_t at = 0; at < size && count < max;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        const char *nul = memchr(text + at, '\0', length);
        arguments[count] = mh_text_copyn(text + at, nul ? (size_t)(nul - text) - at : length);
        FUZZ_REQUIRE(arguments[count]);
        count++;
        at += length + 1;
    }
    return count;
}
