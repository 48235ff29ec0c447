/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_VALUE_H
#define MAPIHTTP_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* The value that all of this is about, below the root of a user's hive (HKEY_CURRENT_USER). */
#define MH_VALUE_KEY "Software\\Microsoft\\Exchange"
#define MH_VALUE_NAME "MapiHttpDisabled"

/* The most data of one value, in bytes, that is observed and put back; Windows' own limit for a value is
 * of this order, and an undo must fit into a request (MH_REQUEST_MAX) as hex. */
#define MH_VALUE_MAX (256u << 10)

/* Registry value types ([MS-RRP] 3.1.1.5). A hive may hold any other number too. */
enum mh_type {
    MH_REG_NONE = 0,
    MH_REG_SZ = 1,
    MH_REG_EXPAND_SZ = 2,
    MH_REG_BINARY = 3,
    MH_REG_DWORD = 4,
    MH_REG_DWORD_BIG_ENDIAN = 5,
    MH_REG_LINK = 6,
    MH_REG_MULTI_SZ = 7,
    MH_REG_RESOURCE_LIST = 8,
    MH_REG_FULL_RESOURCE_DESCRIPTOR = 9,
    MH_REG_RESOURCE_REQUIREMENTS_LIST = 10,
    MH_REG_QWORD = 11
};

/* "REG_DWORD"; a type without a name as "0x0000000C". `buffer` (16 bytes) is used for the latter. */
const char *mh_type_name(uint32_t type, char buffer[16]);

/* The type of that name, in either form; false when there is none. */
bool mh_type_parse(const char *name, uint32_t *ret_type);

/*
 * A value's type and data as the registry holds them, or that it is not there. Zero-initialised it is
 * absent. `data` belongs to the struct: mh_value_clear frees it.
 */
struct mh_value {
    bool present;
    uint32_t type;  /* enum mh_type, or any number that a hive holds */
    uint32_t size;  /* of data, in bytes */
    uint8_t *data;  /* little-endian, as stored; NULL when size is 0 */
};

/* Makes *ret_value a copy of `size` bytes at `data`. Returns 0, or -1 when memory is out. */
int mh_value_make(uint32_t type, const void *data, uint32_t size, struct mh_value *ret_value);
int mh_value_make_dword(uint32_t number, struct mh_value *ret_value);
int mh_value_copy(const struct mh_value *value, struct mh_value *ret_value);

/* Same presence, type, size and bytes. */
bool mh_value_equal(const struct mh_value *a, const struct mh_value *b);

/* True for a REG_DWORD of exactly four bytes; *ret_number is set only then. */
bool mh_value_dword(const struct mh_value *value, uint32_t *ret_number);

/* Frees the data; the value is then absent. Takes NULL. */
void mh_value_clear(struct mh_value *value);

#endif
