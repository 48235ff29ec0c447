/* SPDX-License-Identifier: MIT */
#include "contract/schema.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "contract/json.h"

/* Made by the build from docs/request.schema.json and docs/result.schema.json. */
static const unsigned char request_schema[] = {
#include "request.schema.inc"
};
static const unsigned char result_schema[] = {
#include "result.schema.inc"
};

static const struct {
    const char *name;
    const unsigned char *text;
    size_t length;
} schemas[] = {
    {"request", request_schema, sizeof(request_schema)},
    {"result", result_schema, sizeof(result_schema)},
};

bool mh_schema_put(const char *which, bool indented, struct mh_buffer *buffer)
{
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        if (strcmp(schemas[i].name, which) != 0)
            continue;
        json_t *schema = NULL;
        (void)mh_json_parse((const char *)schemas[i].text, schemas[i].length, &schema, NULL);
        if (indented)
            mh_json_put_indented(buffer, schema);
        else
            mh_json_put(buffer, schema);
        mh_buffer_puts(buffer, "\n");
        return true;
    }
    return false;
}
