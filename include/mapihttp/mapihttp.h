/* SPDX-License-Identifier: MIT */
#ifndef MAPIHTTP_MAPIHTTP_H
#define MAPIHTTP_MAPIHTTP_H

/*
 * libmapihttp, for whoever embeds it: JSON in, JSON out, one call. The JSON is that of the command line,
 * specified in docs/contract.md; the schemas are those that `mapihttp schema` prints.
 *
 * The library prints nothing, never exits, keeps no state between calls, and may be called from several
 * threads. It starts threads of its own while a call with several profiles runs.
 *
 * Also when memory is out, it carries out the request that it was given or none: each is read twice, as
 * jansson may drop a character of it then. What that cannot mend: jansson runs past the end of a string, or
 * aborts at a long number, if it is denied memory for the very last character. Where that counts, give it
 * functions that do not return NULL (json_set_alloc_funcs).
 */

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32) && defined(MAPIHTTP_SHARED)
#if defined(MAPIHTTP_BUILD)
#define MAPIHTTP_API __declspec(dllexport)
#else
#define MAPIHTTP_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define MAPIHTTP_API __attribute__((visibility("default")))
#else
#define MAPIHTTP_API
#endif

/*
 * Carries out one request.
 *
 * verb        "get", "check", "apply": `request` is a request; or "schema": it is the JSON string
 *             "request" or "result".
 * request     UTF-8 JSON, `length` bytes, no terminator needed; NULL or 0 bytes is {}.
 * ret_result  set to one line of ASCII JSON with its newline and a terminating NUL: the result, also of
 *             a request that was refused. Free it with mapihttp_free. NULL when memory is out.
 *
 * Returns what the command line would exit with: 0 nothing to report, 1 a difference (check only),
 * 2 trouble.
 */
MAPIHTTP_API int mapihttp_call(const char *verb, const char *request, size_t length,
                               char **ret_result);

/* Frees what mapihttp_call returned. Takes NULL. */
MAPIHTTP_API void mapihttp_free(char *result);

/* "MAJOR.MINOR.PATCH". Nothing to free. */
MAPIHTTP_API const char *mapihttp_version(void);

#ifdef __cplusplus
}
#endif

#endif
