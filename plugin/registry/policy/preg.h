/* SPDX-License-Identifier: MIT */
#ifndef MH_POLICY_PREG_H
#define MH_POLICY_PREG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "mapihttp/error.h"

/*
 * Registry policy files: the Registry.pol of a Group Policy Object, and the ntuser.pol in a user's profile,
 * where Windows keeps what Group Policy last gave that user. [MS-GPREG] 2.2.1; all numbers are
 * little-endian:
 *
 *     "PReg", u32 version 1, then records in the order in which they are applied, with nothing between them:
 *     [ key NUL ; value name NUL ; u32 type ; u32 size ; data ]
 *
 * A bracket or semicolon is one UTF-16 unit, the key and the name are UTF-16, the data `size` bytes: a
 * record may begin at an odd byte. The key names no hive (HKEY_CURRENT_USER in the User folder, else
 * HKEY_LOCAL_MACHINE).
 *
 * Names that begin with "**" are instructions (3.2.5.1.2), whatever their case. All are REG_SZ, their data
 * one blank unless told otherwise:
 *
 *     **Del.NAME      removes the value NAME
 *     **DeleteValues  removes the values that the data name, with ";" between them
 *     **DelVals.      removes all values of the key
 *     **DeleteKeys    removes the subkeys (right below the key) that the data name, likewise
 *     **soft.NAME     sets the value NAME where it is not there; of any type, the data are the value's
 *     **SecureKey     REG_DWORD 1: users may only read the key; it touches no value
 */
#define MH_PREG_SIGNATURE 0x67655250u /* "PReg" */
#define MH_PREG_VERSION 1u
#define MH_PREG_HEADER 8u
#define MH_PREG_SIZE_MAX 65535u  /* of a record's data, in bytes */

/* Units, without the NUL. The specification has names of 1 to 259 only; reading is no stricter than the
 * registry itself. */
#define MH_PREG_NAME_MAX 16383u
#define MH_PREG_KEY_MAX 32767u

/* The largest file that is read; real ones have some ten KB. */
#define MH_PREG_FILE_MAX (16u << 20)

/* UTF-16LE text within a file: borrowed, not terminated, at any address. */
struct mh_preg_text {
    const uint8_t *bytes;
    size_t units;
};

/* One record; it points into the file's bytes. */
struct mh_preg_record {
    size_t offset;            /* of its "[" in the file */
    struct mh_preg_text key;  /* may be "": the hive's root */
    struct mh_preg_text name; /* may be "": only the key is made */
    uint32_t type;            /* enum mh_type, or any number that the file holds */
    uint32_t size;
    const uint8_t *data;
};

/*
 * Calls `visit` for every record in turn, until it returns another status than MH_OK, which is returned then.
 * MH_CORRUPT, naming the byte, at the first that the format does not allow; what lies before it was visited.
 */
int mh_preg_each(const uint8_t *bytes, size_t size,
                 int (*visit)(void *context, const struct mh_preg_record *record, struct mh_error *err),
                 void *context, struct mh_error *err);

/*
 * Whether applying the file sets or removes the value `name` of the key `key` (UTF-8, "\" between names), by
 * its name or by an instruction. Any record that does counts, for the later ones only decide what comes of
 * it. Names are compared as Windows does. The whole file must be sound.
 */
int mh_preg_find(const uint8_t *bytes, size_t size, const char *key, const char *name, bool *ret_found,
                 struct mh_error *err);

/* Writing: a header, then records. The first sets a value to a REG_DWORD, the second removes it (**Del., in lower
 * case as Windows writes it). Key and name are UTF-8; the caller keeps to the lengths that the specification has. */
void mh_preg_put_header(struct mh_buffer *buffer);
void mh_preg_put_dword(struct mh_buffer *buffer, const char *key, const char *name, uint32_t number);
void mh_preg_put_removal(struct mh_buffer *buffer, const char *key, const char *name);

#endif
