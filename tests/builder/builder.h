/* SPDX-License-Identifier: MIT */
#ifndef HB_BUILDER_H
#define HB_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Builds registry hive files (regf) for tests, in memory. The same tree and options always give
 * the same bytes: no clock, no random numbers. Nothing here is thread-safe for one and the same
 * tree.
 *
 * Functions that return a pointer return NULL when out of memory or when a name or text is not
 * valid UTF-8. Functions that return int return 0 or one of these.
 */
enum hb_error {
    HB_OK = 0,
    HB_ERR_MEMORY = -1,
    HB_ERR_OPTION = -2,    /* an option out of range, or options that exclude each other */
    HB_ERR_NAME = -3,      /* a name longer than 32,767 UTF-16 units, or empty below the root */
    HB_ERR_DUPLICATE = -4, /* two subkeys of one key differ in nothing but case */
    HB_ERR_SIZE = -5,      /* the hive would pass 2 GiB, or a key lies below HB_MAX_DEPTH */
};

/* English text for an error number; never NULL; not to be freed. */
const char *hb_error_text(int error);

enum { HB_MAX_DEPTH = 1000 };

enum hb_type {
    HB_REG_NONE = 0,
    HB_REG_SZ = 1,
    HB_REG_EXPAND_SZ = 2,
    HB_REG_BINARY = 3,
    HB_REG_DWORD = 4,
    HB_REG_DWORD_BIG_ENDIAN = 5,
    HB_REG_LINK = 6,
    HB_REG_MULTI_SZ = 7,
    HB_REG_QWORD = 11,
};

/* Where the data of a value was put. */
enum hb_data_kind { HB_DATA_NONE, HB_DATA_INLINE, HB_DATA_CELL, HB_DATA_BIG };

struct hb_name {
    char *utf8;      /* NUL-terminated */
    uint16_t *units; /* UTF-16, no NUL */
    size_t count;    /* of units */
};

/*
 * A value. `no_inline` and `vk_flags` may be set at will before building; the rest is read-only.
 * The last three fields are what the latest build did: file offsets, 0 = there is none. A cell's
 * offset here and below is that of its contents, 4 bytes after its size field; the data of an
 * inline value are inside the vk; those of a big one are at its db record.
 */
struct hb_value {
    struct hb_name name; /* "" = the default value */
    uint32_t type;
    uint8_t *data;
    uint32_t size;
    bool no_inline;    /* own cell even for 4 bytes and less */
    uint16_t vk_flags; /* or-ed to what the name demands */
    uint32_t at_vk;
    uint32_t at_data;
    enum hb_data_kind data_kind;
};

/*
 * A key. `flags`, `security` and `timestamp` may be set at will before building. Building sorts
 * `keys`. The at_ fields are what the latest build did (see struct hb_value).
 */
struct hb_key {
    struct hb_name name;
    struct hb_name class_name; /* "" = none */
    uint32_t flags;            /* nk flags or-ed to those that Windows would set */
    uint32_t security;         /* keys with the same number share one security descriptor */
    uint64_t timestamp;        /* FILETIME; 0 = the hive's */
    struct hb_key **keys;
    size_t key_count;
    struct hb_value **values;
    size_t value_count;
    uint32_t at_nk;
    uint32_t at_list;   /* the subkey list; with more than leaf_max subkeys the ri */
    char list_kind[3];  /* "li", "lf", "lh", "ri", or "" */
    uint32_t *at_leaves; /* of an ri */
    size_t leaf_count;   /* 0 without an ri */
    uint32_t at_values;
    uint32_t at_class;
    uint32_t at_security;
};

/* A new root key. The caller owns it, and through it the tree: hb_key_free frees all of it. */
struct hb_key *hb_key_new(const char *name);

/* Frees a whole tree, from its root. NULL is allowed. */
void hb_key_free(struct hb_key *root);

/* Adds a subkey, owned by `parent`. Does not look for a key of that name. */
struct hb_key *hb_key_add(struct hb_key *parent, const char *name);

/* The subkey of that name, whatever its case, or NULL. `name` must be ASCII. */
struct hb_key *hb_key_find(const struct hb_key *parent, const char *name);

/* Sets the class name. Returns 0 or an error. */
int hb_key_set_class(struct hb_key *key, const char *class_name);

/* Adds a value, owned by `key`; `data` is copied (it may be NULL when `size` is 0). */
struct hb_value *hb_value_add(struct hb_key *key, const char *name, uint32_t type, const void *data,
                              uint32_t size);

/* The same for a text (stored as UTF-16LE with a NUL), a 4-byte number and an 8-byte number. */
struct hb_value *hb_value_add_text(struct hb_key *key, const char *name, uint32_t type,
                                   const char *text);
struct hb_value *hb_value_add_dword(struct hb_key *key, const char *name, uint32_t number);
struct hb_value *hb_value_add_qword(struct hb_key *key, const char *name, uint64_t number);

/* The same for a REG_MULTI_SZ of `count` texts. */
struct hb_value *hb_value_add_texts(struct hb_key *key, const char *name, const char *const *texts,
                                    size_t count);

/* The same with `size` bytes of a fixed pattern: byte i is (7 * i + 13 * (i / 256)) modulo 256. */
struct hb_value *hb_value_add_fill(struct hb_key *key, const char *name, uint32_t type,
                                   uint32_t size);

/*
 * Adds keys and values below Software\Bulk of `root` until they take at least `bytes` bytes as
 * cells. No list gets longer than 200. Returns 0 or an error (HB_ERR_SIZE beyond some 700 MB).
 */
int hb_bulk_add(struct hb_key *root, size_t bytes);

enum hb_list { HB_LIST_DEFAULT, HB_LIST_LI, HB_LIST_LF, HB_LIST_LH };

struct hb_options {
    uint32_t minor;       /* 3 to 6; default 5 */
    const char *name;     /* the base block's file name, UTF-8; the last 31 units are stored */
    uint32_t sequence[2]; /* primary, secondary; default 1, 1 */
    uint64_t timestamp;   /* FILETIME, of the base block, the first bin and the keys */
    enum hb_list lists;   /* default: lh when minor > 4 (lh needs that), else lf, li below an ri */
    uint32_t leaf_max;    /* subkeys in one leaf, 1 to 65535; default 506 */
    uint32_t free_cells;  /* of 16 to 256 bytes, scattered, at most one after each other cell */
    size_t slack;         /* zero bytes after the hive's end */
    size_t size;          /* grow the tree with hb_bulk_add to at least so many bytes of hive */
    bool dirty;           /* equal sequence numbers: the primary one is made 1 higher */
    bool damage_base;     /* a wrong base block checksum */
};

/* Fills in the defaults. */
void hb_options_init(struct hb_options *options);

/*
 * Builds a hive. With options->size it may add keys to the tree; it sorts the subkeys and fills in
 * the at_ fields. *ret is freed by the caller with free(). On an error *ret and *ret_size are
 * untouched.
 */
int hb_build(struct hb_key *root, const struct hb_options *options, uint8_t **ret,
             size_t *ret_size);

enum hb_log_format {
    HB_LOG_HVLE, /* Windows 8.1 and later: .LOG1 and .LOG2 */
    HB_LOG_DIRT, /* older: one file */
};

struct hb_log_options {
    enum hb_log_format format;
    uint32_t files;     /* 1 or 2 (HvLE only) */
    uint32_t entries;   /* HvLE, with one tree only: its pages are spread over so many entries */
    uint32_t sequence;  /* HvLE: of the first entry; 0 = the hive's secondary one (Windows) */
    uint32_t alignment; /* HvLE: entries end at multiples of 512 or 4096 (as in Windows) */
    bool swap;          /* HvLE, two files: the earlier entries are in the second file */
};

/* Fills in the defaults: HvLE, 1 file, 1 entry, 0, 4096, false. */
void hb_log_options_init(struct hb_log_options *log);

/* What hb_build_dirty makes; a file that is not made has NULL and 0. */
struct hb_files {
    uint8_t *primary;
    size_t primary_size;
    uint8_t *log[2];
    size_t log_size[2];
    uint8_t *recovered; /* the primary file as recovery makes it, sequence numbers included */
    size_t recovered_size;
};

/*
 * Builds a dirty hive holding the tree `root` with a log that turns it into `after[0]`, then
 * `after[1]` and so on: with HvLE one entry each (`log->entries` is for count 1), with DIRT count
 * must be 1. The at_ fields of each tree tell its own layout. `options->dirty` is implied. The
 * files are freed with hb_files_free. On an error *ret is all zeros.
 */
int hb_build_dirty(struct hb_key *root, struct hb_key *const *after, size_t count,
                   const struct hb_options *options, const struct hb_log_options *log,
                   struct hb_files *ret);

/* Frees the buffers, not the struct. */
void hb_files_free(struct hb_files *files);

/* The base block's checksum: over the first 508 bytes of `block`. */
uint32_t hb_checksum(const uint8_t *block);

/* The Marvin32 hash with the seed of HvLE logs. */
uint64_t hb_marvin(const uint8_t *bytes, size_t size);

#endif
