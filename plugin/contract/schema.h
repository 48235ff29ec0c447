/* SPDX-License-Identifier: MIT */
#ifndef MH_CONTRACT_SCHEMA_H
#define MH_CONTRACT_SCHEMA_H

#include <stdbool.h>

#include "core/buffer.h"

/*
 * Appends the JSON Schema of `which`, "request" or "result": as one line, or indented for people.
 * Returns whether there is such a schema.
 */
bool mh_schema_put(const char *which, bool indented, struct mh_buffer *buffer);

#endif
