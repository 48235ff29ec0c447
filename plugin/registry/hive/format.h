/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_FORMAT_H
#define MH_HIVE_FORMAT_H

/*
 * The hive file ("regf"), as published in Maxim Suhanov's "Windows registry file format specification".
 * All numbers are little-endian. A cell offset counts from the end of the base block (file offset 4096).
 */

#include <stdint.h>

#define MH_BASE_SIZE 4096u       /* the base block; what matters is in its first sector */
#define MH_SECTOR 512u
#define MH_PAGE 4096u            /* bins are multiples of it */
#define MH_CELL_NIL 0xFFFFFFFFu  /* "no cell" */

/* More than any user's hive; a claim beyond it is refused before memory is asked for. */
#define MH_HIVE_MAX (512u << 20)

/* Base block. */
enum {
    MH_BASE_SEQUENCE1 = 4,     /* raised before the hive is written */
    MH_BASE_SEQUENCE2 = 8,     /* made equal to it after: different means dirty */
    MH_BASE_TIMESTAMP = 12,    /* FILETIME, last written; not kept since Windows 8.1 */
    MH_BASE_MAJOR = 20,        /* 1 */
    MH_BASE_MINOR = 24,        /* 3 to 6 */
    MH_BASE_TYPE = 28,         /* enum mh_base_type */
    MH_BASE_FORMAT = 32,       /* 1: direct memory load */
    MH_BASE_ROOT = 36,         /* cell offset of the root key */
    MH_BASE_BINS_SIZE = 40,    /* bytes of bins after the base block */
    MH_BASE_FLAGS = 144,       /* 1: pending transactions (KTM); 2: defragmented or layered */
    MH_BASE_CHECKSUM = 508     /* XOR of the 127 numbers before it; never 0 nor 0xFFFFFFFF */
};

enum mh_base_type {
    MH_BASE_PRIMARY = 0,
    MH_BASE_LOG_OLD = 1,       /* "DIRT" log */
    MH_BASE_LOG_OLDER = 2,     /* the same, up to Windows 2000 */
    MH_BASE_LOG_NEW = 6        /* "HvLE" log */
};

#define MH_BASE_FLAG_KTM 1u

/* Bin header. */
#define MH_BIN_HEADER 32u
enum {
    MH_BIN_OFFSET = 4,         /* its own, from the end of the base block */
    MH_BIN_SIZE = 8,
    MH_BIN_TIMESTAMP = 20      /* first bin only: that of the base block */
};

/* Cell: an i32 size (negative: allocated), its own four bytes counted; then the data. */
#define MH_CELL_HEADER 4u
#define MH_CELL_ALIGN 8u

/* Key node "nk"; offsets count from the cell's data. */
#define MH_NK_HEADER 76u
enum {
    MH_NK_FLAGS = 2,
    MH_NK_TIMESTAMP = 4,
    MH_NK_PARENT = 16,
    MH_NK_SUBKEYS = 20,
    MH_NK_SUBKEY_LIST = 28,
    MH_NK_VOLATILE_LIST = 32,  /* garbage on disk */
    MH_NK_VALUES = 36,
    MH_NK_VALUE_LIST = 40,
    MH_NK_SECURITY = 44,
    MH_NK_CLASS = 48,
    MH_NK_MAX_SUBKEY_NAME = 52, /* u16, bytes as UTF-16; flags follow in the upper half */
    MH_NK_MAX_VALUE_NAME = 60,  /* u32, bytes as UTF-16 */
    MH_NK_MAX_VALUE_DATA = 64,  /* u32, bytes */
    MH_NK_NAME_SIZE = 72,      /* u16, bytes as stored */
    MH_NK_CLASS_SIZE = 74,     /* u16, bytes */
    MH_NK_NAME = 76
};

#define MH_NK_FLAG_SYMLINK 0x10u
#define MH_NK_FLAG_LATIN1 0x20u    /* the name is Latin-1, else UTF-16 */
#define MH_NK_FLAG_PREDEFINED 0x40u /* a predefined handle: its value fields hold something else */

/* Subkey lists: signature, u16 count, then the elements. */
#define MH_LIST_HEADER 4u
#define MH_LIST_LI 0x696Cu     /* "li": cell offsets */
#define MH_LIST_LF 0x666Cu     /* "lf": cell offset, first four characters */
#define MH_LIST_LH 0x686Cu     /* "lh": cell offset, hash of the name */
#define MH_LIST_RI 0x6972u     /* "ri": cell offsets of li, lf or lh lists; never of another ri */

/* Value "vk". */
#define MH_VK_HEADER 20u
enum {
    MH_VK_NAME_SIZE = 2,       /* u16, bytes as stored; 0: the default value */
    MH_VK_DATA_SIZE = 4,       /* bit 31: up to four bytes, in place of the data's offset */
    MH_VK_DATA = 8,
    MH_VK_TYPE = 12,
    MH_VK_FLAGS = 16,          /* u16 */
    MH_VK_NAME = 20
};

#define MH_VK_INLINE 0x80000000u
#define MH_VK_FLAG_LATIN1 1u
#define MH_VK_FLAG_TOMBSTONE 2u /* layered hives: the value is deleted here */

/* Big data "db": u16 segments, cell offset of the list of segments. Only where minor > 3. */
#define MH_DB_HEADER 8u
#define MH_DB_SEGMENTS 2
#define MH_DB_LIST 4
#define MH_DB_SEGMENT_SIZE 16344u

/* Security descriptor "sk": a ring of them, each counted. */
#define MH_SK_HEADER 20u
#define MH_SK_COUNT 12 /* keys that use it */

#define MH_SIGNATURE_NK 0x6B6Eu
#define MH_SIGNATURE_VK 0x6B76u
#define MH_SIGNATURE_SK 0x6B73u
#define MH_SIGNATURE_DB 0x6264u

static inline uint16_t mh_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t mh_get32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t mh_get64(const uint8_t *at)
{
    return mh_get32(at) | (uint64_t)mh_get32(at + 4) << 32;
}

static inline void mh_put16(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t)number;
    at[1] = (uint8_t)(number >> 8);
}

static inline void mh_put32(uint8_t *at, uint32_t number)
{
    mh_put16(at, number);
    mh_put16(at + 2, number >> 16);
}

static inline void mh_put64(uint8_t *at, uint64_t number)
{
    mh_put32(at, (uint32_t)number);
    mh_put32(at + 4, (uint32_t)(number >> 32));
}

#endif
