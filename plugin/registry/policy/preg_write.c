/* SPDX-License-Identifier: MIT */
#include "registry/policy/preg.h"

#include "mapihttp/value.h"
#include "registry/hive/format.h"

static void put_number(struct mh_buffer *buffer, uint32_t number)
{
    uint8_t bytes[4];
    mh_put32(bytes, number);
    mh_buffer_add(buffer, bytes, sizeof(bytes));
}

static void put_end(struct mh_buffer *buffer)
{
    mh_buffer_add(buffer, "\0", 2);
}

/* The record as far as to its data. `prefix` is that of an instruction, or "". */
static void put_head(struct mh_buffer *buffer, const char *key, const char *prefix, const char *name,
                     uint32_t type, uint32_t size)
{
    mh_buffer_put_utf16(buffer, "[");
    mh_buffer_put_utf16(buffer, key);
    put_end(buffer);
    mh_buffer_put_utf16(buffer, ";");
    mh_buffer_put_utf16(buffer, prefix);
    mh_buffer_put_utf16(buffer, name);
    put_end(buffer);
    mh_buffer_put_utf16(buffer, ";");
    put_number(buffer, type);
    mh_buffer_put_utf16(buffer, ";");
    put_number(buffer, size);
    mh_buffer_put_utf16(buffer, ";");
}

void mh_preg_put_header(struct mh_buffer *buffer)
{
    put_number(buffer, MH_PREG_SIGNATURE);
    put_number(buffer, MH_PREG_VERSION);
}

void mh_preg_put_dword(struct mh_buffer *buffer, const char *key, const char *name, uint32_t number)
{
    put_head(buffer, key, "", name, MH_REG_DWORD, 4);
    put_number(buffer, number);
    mh_buffer_put_utf16(buffer, "]");
}

void mh_preg_put_removal(struct mh_buffer *buffer, const char *key, const char *name)
{
    put_head(buffer, key, "**del.", name, MH_REG_SZ, 4);
    mh_buffer_put_utf16(buffer, " ");
    put_end(buffer);
    mh_buffer_put_utf16(buffer, "]");
}
