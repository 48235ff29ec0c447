/* SPDX-License-Identifier: MIT */
#include "mkhive_spec.h"

#include <stdlib.h>
#include <string.h>

static json_t *offset(uint32_t at)
{
    return at == 0 ? json_null() : json_integer((json_int_t)at);
}

static json_t *map_values(const struct hb_key *key)
{
    static const char *const kinds[] = {"none", "inline", "cell", "big"};
    json_t *values = json_object();

    for (size_t i = 0; values != NULL && i < key->value_count; i++) {
        const struct hb_value *value = key->values[i];
        json_t *item = json_pack("{s:o, s:o, s:s, s:I}", "vk", offset(value->at_vk), "data",
                                 offset(value->at_data), "kind", kinds[value->data_kind], "size",
                                 (json_int_t)value->size);

        json_object_set_new(values, value->name.utf8, item);
    }
    return values;
}

static json_t *map_leaves(const struct hb_key *key)
{
    json_t *leaves = json_array();

    for (size_t i = 0; i < key->leaf_count; i++)
        json_array_append_new(leaves, offset(key->at_leaves[i]));
    return leaves;
}

static bool map_key(json_t *map, const struct hb_key *key, const char *path)
{
    json_t *kind = key->list_kind[0] == '\0' ? json_null() : json_string(key->list_kind);
    json_t *item = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "nk", offset(key->at_nk),
                             "list", offset(key->at_list), "list_kind", kind, "leaves",
                             map_leaves(key), "values", offset(key->at_values), "class",
                             offset(key->at_class), "sk", offset(key->at_security), "value",
                             map_values(key));
    bool ok = json_object_set_new(map, path, item) == 0;

    for (size_t i = 0; ok && i < key->key_count; i++) {
        const char *name = key->keys[i]->name.utf8;
        size_t length = strlen(path) + strlen(name) + 2;
        char *below = malloc(length);

        if (below == NULL)
            return false;
        (void)snprintf(below, length, "%s%s%s", path, path[0] == '\0' ? "" : "\\", name);
        ok = map_key(map, key->keys[i], below);
        free(below);
    }
    return ok;
}

json_t *hb_map_make(const struct hb_key *root)
{
    json_t *map = json_object();

    if (map != NULL && !map_key(map, root, "")) {
        json_decref(map);
        return NULL;
    }
    return map;
}
