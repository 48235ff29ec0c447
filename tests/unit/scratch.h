/* SPDX-License-Identifier: MIT */
#ifndef MH_TESTS_SCRATCH_H
#define MH_TESTS_SCRATCH_H

/* A folder for one test. Paths in it have "/" between names. What fails, fails the test. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes an empty folder of its own; gone, and its name freed, with scratch_remove. */
char *scratch_make(void);
void scratch_remove(char *scratch);

/* The path of what is called so; the caller frees it. */
char *scratch_path(const char *scratch, const char *relative);

/* Makes a folder, and those it is in. */
void scratch_folder(const char *scratch, const char *relative);

/* Whether a folder could be made whose name no portable program would choose. */
bool scratch_try_folder(const char *scratch, const char *relative);

/* Writes a file, its folders made. */
void scratch_write(const char *scratch, const char *relative, const void *bytes, size_t size);

/* Reads a file whole; the caller frees it. */
uint8_t *scratch_read(const char *scratch, const char *relative, size_t *ret_size);

/* Calls a file otherwise. */
void scratch_move(const char *scratch, const char *relative, const char *to);

bool scratch_exists(const char *scratch, const char *relative);

/* Another name for a file (a hard link), and a link to a folder. False where none can be made. */
bool scratch_link_file(const char *scratch, const char *relative, const char *link_name);
bool scratch_link_folder(const char *scratch, const char *relative, const char *link_name);

/*
 * A number for all that is there: names, kinds, sizes, bytes, when written, and which file it is.
 * The same number: nothing was written, made or replaced.
 */
uint64_t scratch_print(const char *scratch);

/* How the system's paths are taken apart, and put together; the last has no path. */
struct scratch_split {
    const char *path;
    const char *folder;
    const char *name;
};
extern const struct scratch_split scratch_splits[];
extern const struct scratch_split scratch_joins[];

/* Paths that must not be followed below a folder, because the system would be led elsewhere; NULL ends. */
extern const char *const scratch_astray[];

#endif
