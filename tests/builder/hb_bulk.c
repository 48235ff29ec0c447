/* SPDX-License-Identifier: MIT */
#include "hb_internal.h"

#include <stdio.h>
#include <string.h>

enum { VENDORS = 200, PRODUCTS = 60, SETTINGS = 50 };

/* A multiplicative mix, so that numbers look spread without being random. */
static uint32_t mix(uint32_t number)
{
    number = (number ^ (number >> 15)) * 0x2C1B3C6Du;
    number = (number ^ (number >> 12)) * 0x297A2D39u;
    return number ^ (number >> 15);
}

static size_t cell(size_t contents)
{
    return (contents + 4 + 7) / 8 * 8;
}

static size_t value_cells(const struct hb_value *value)
{
    size_t data = value->size > 4 ? cell(value->size) : 0;

    return cell(20 + value->name.count) + data;
}

/* Bytes the key takes as cells, without subkeys and subkey list. */
static size_t key_cells(const struct hb_key *key)
{
    size_t sum = cell(76 + key->name.count);

    if (key->value_count > 0)
        sum += cell(4 * key->value_count);
    for (size_t i = 0; i < key->value_count; i++)
        sum += value_cells(key->values[i]);
    return sum;
}

static struct hb_value *add_text(struct hb_key *key, uint32_t seed, unsigned which)
{
    char name[32];
    char text[96];

    snprintf(name, sizeof(name), "Path%u", which);
    snprintf(text, sizeof(text), "%%APPDATA%%\\Vendor\\%08x\\Cache-%u\\profile.%u.dat", mix(seed),
             which, seed % 1000);
    return hb_value_add_text(key, name, which % 2 == 0 ? HB_REG_SZ : HB_REG_EXPAND_SZ, text);
}

static bool add_values(struct hb_key *key, uint32_t seed)
{
    char text[32];
    uint32_t binary = 16 + mix(seed) % 240;
    bool ok;

    snprintf(text, sizeof(text), "Setting number %u", seed);
    ok = hb_value_add_text(key, "", HB_REG_SZ, text) != NULL;
    ok = ok && hb_value_add_dword(key, "Enabled", seed & 1) != NULL;
    ok = ok && hb_value_add_dword(key, "LastUsedSlot", mix(seed + 1)) != NULL;
    ok = ok && hb_value_add_qword(key, "LastWriteTime", 0x01D9000000000000u + mix(seed)) != NULL;
    ok = ok && hb_value_add_fill(key, "WindowPlacement", HB_REG_BINARY, binary) != NULL;
    for (unsigned i = 0; ok && i < 1 + seed % 4; i++)
        ok = add_text(key, seed, i) != NULL;
    return ok;
}

static struct hb_key *child(struct hb_key *parent, const char *name)
{
    struct hb_key *found = hb_key_find(parent, name);

    return found != NULL ? found : hb_key_add(parent, name);
}

static struct hb_key *numbered(struct hb_key *parent, const char *what, uint32_t number)
{
    char name[40];

    snprintf(name, sizeof(name), "%s%03u", what, number);
    return hb_key_add(parent, name);
}

/* Adds the settings of one product and their bytes to *sum; stops when that reaches `bytes`. */
static int fill_product(struct hb_key *product, uint32_t seed, size_t bytes, size_t *sum)
{
    for (uint32_t i = 0; i < SETTINGS && *sum < bytes; i++) {
        struct hb_key *key = numbered(product, "Setting", i);

        if (key == NULL || !add_values(key, seed * SETTINGS + i))
            return HB_ERR_MEMORY;
        *sum += key_cells(key) + 4;
    }
    return HB_OK;
}

static int fill_vendor(struct hb_key *vendor, uint32_t seed, size_t bytes, size_t *sum)
{
    for (uint32_t i = 0; i < PRODUCTS && *sum < bytes; i++) {
        struct hb_key *product = numbered(vendor, "Product", i);
        int error = HB_ERR_MEMORY;

        if (product != NULL)
            error = fill_product(product, seed * PRODUCTS + i, bytes, sum);
        if (error != HB_OK)
            return error;
    }
    return HB_OK;
}

int hb_bulk_add(struct hb_key *root, size_t bytes)
{
    struct hb_key *software = child(root, "Software");
    struct hb_key *bulk = software != NULL ? child(software, "Bulk") : NULL;
    size_t sum = 0;
    uint32_t first;

    if (bulk == NULL)
        return HB_ERR_MEMORY;
    first = (uint32_t)bulk->key_count;
    for (uint32_t i = first; i < VENDORS && sum < bytes; i++) {
        struct hb_key *vendor = numbered(bulk, "Vendor", i);
        int error = HB_ERR_MEMORY;

        if (vendor != NULL)
            error = fill_vendor(vendor, i, bytes, &sum);
        if (error != HB_OK)
            return error;
    }
    return sum < bytes ? HB_ERR_SIZE : HB_OK;
}
