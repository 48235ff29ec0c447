/* SPDX-License-Identifier: MIT */
#include "mapihttp/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* A cut may fall within a character; what is left of it goes. */
static void trim_tail(char *text)
{
    size_t length = strlen(text);
    for (size_t back = 1; back <= 4 && back <= length; back++) {
        uint8_t byte = (uint8_t)text[length - back];
        if ((byte & 0xC0) == 0x80)
            continue;
        if (byte >= 0x80 && !mh_utf8_valid(text + length - back, back))
            text[length - back] = '\0';
        break;
    }
}

/* One line of UTF-8, whatever names are in it. */
static void make_plain(char *text, bool cut)
{
    if (cut)
        trim_tail(text);
    mh_utf8_mend(text);
    for (char *at = text; *at; at++)
        if ((uint8_t)*at < 0x20 || *at == 0x7F)
            *at = '?';
}

static void print(char *buffer, size_t size, const char *format, va_list args) MH_PRINTF(3, 0);

static void print(char *buffer, size_t size, const char *format, va_list args)
{
    int length = vsnprintf(buffer, size, format, args);
    if (length < 0)
        buffer[0] = '\0';
    else
        make_plain(buffer, (size_t)length >= size);
}

/* What stands in for every copy that could not be made; nothing may be put into it. */
static struct mh_error out_of_memory = {.status = MH_INTERNAL, .message = "out of memory"};

static bool may_change(const struct mh_error *err)
{
    return err && err->status != MH_OK && err != &out_of_memory;
}

static bool begin(struct mh_error *err, int status)
{
    if (!err || err->status != MH_OK)
        return false;
    *err = (struct mh_error){.status = status};
    return true;
}

int mh_error_set(struct mh_error *err, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (begin(err, status))
        print(err->message, sizeof(err->message), format, args);
    va_end(args);
    return err ? err->status : status;
}

int mh_error_native(struct mh_error *err, int status, long code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (begin(err, status)) {
        print(err->message, sizeof(err->message), format, args);
        err->has_code = true;
        err->code = code;
    }
    va_end(args);
    return err ? err->status : status;
}

int mh_error_field(struct mh_error *err, const char *field, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (begin(err, MH_INVALID)) {
        print(err->message, sizeof(err->message), format, args);
        mh_error_at(err, field);
    }
    va_end(args);
    return err ? err->status : MH_INVALID;
}

int mh_error_at(struct mh_error *err, const char *field)
{
    if (!may_change(err))
        return err ? err->status : MH_OK;
    int length = snprintf(err->field, sizeof(err->field), "%s", field);
    if ((size_t)length >= sizeof(err->field))
        trim_tail(err->field);
    mh_utf8_mend(err->field);
    return err->status;
}

int mh_error_wrap(struct mh_error *err, const char *format, ...)
{
    if (!may_change(err))
        return err ? err->status : MH_OK;
    struct mh_error inner = *err;
    va_list args;
    va_start(args, format);
    print(err->message, sizeof(err->message), format, args);
    va_end(args);
    size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof(err->message) - used, ": %s", inner.message);
    trim_tail(err->message);
    return err->status;
}

struct mh_error *mh_error_copy(const struct mh_error *err)
{
    struct mh_error *copy = malloc(sizeof(*copy));
    if (!copy)
        return &out_of_memory;
    *copy = *err;
    return copy;
}

void mh_error_free(struct mh_error *err)
{
    if (err != &out_of_memory)
        free(err);
}
