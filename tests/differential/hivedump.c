/* SPDX-License-Identifier: MIT */
/*
 * hivedump HIVE: all that the engine reads of a hive, with the logs beside it where they matter. Lines, numbers in
 * decimal, names as they are stored and data in hexadecimal:
 *
 *     recovered 0|1
 *     key CELL PARENT LATIN1 NAME            PARENT is a cell; 0 for the root
 *     value LATIN1 NAME TYPE SIZE DATA       of the key before it; DATA is ? where the engine gives none
 *     error KIND MESSAGE                     and the exit code is 1
 */
#include <stdio.h>
#include <string.h>

#include "registry/offline/hivefile.h"
#include "unit/kit.h"

enum { NAME_MAX_STORED = MH_VK_HEADER + UINT16_MAX };

static void print_hex(const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        putchar(digits[bytes[i] >> 4]);
        putchar(digits[bytes[i] & 15]);
    }
}

static int print_key(void *context, const char *path, uint32_t parent, const struct mh_key *key,
                     struct mh_error *err)
{
    struct mh_stored_name name = mh_key_name(key);
    (void)context;
    (void)path;
    (void)err;
    printf("key %u %u %d ", key->cell, parent, name.latin1);
    print_hex(name.bytes, name.size);
    putchar('\n');
    return MH_OK;
}

/* struct mh_vk holds no more of a name than the engine needs. */
static int print_name(struct mh_image *image, const struct mh_vk *vk, struct mh_error *err)
{
    static uint8_t node[NAME_MAX_STORED];
    uint32_t size;
    int status = mh_cell_read(image, vk->cell, node, MH_VK_HEADER + vk->name_size,
                              MH_VK_HEADER + vk->name_size, NULL, &size, err);
    if (status == MH_OK)
        print_hex(node + MH_VK_HEADER, vk->name_size);
    return status;
}

static int print_value(void *context, const char *path, const struct mh_vk *vk, struct mh_error *err)
{
    struct mh_image *image = context;
    struct mh_value value = {0};
    (void)path;
    printf("value %d ", (vk->flags & MH_VK_FLAG_LATIN1) != 0);
    int status = print_name(image, vk, err);
    if (status != MH_OK)
        return status;
    printf(" %u %u ", vk->type, vk->size);
    struct mh_error why = {0};
    status = mh_vk_value(image, vk, &value, &why);
    if (status == MH_UNSUPPORTED) {
        puts("?");
        return MH_OK;
    }
    if (status != MH_OK) {
        *err = why;
        return status;
    }
    print_hex(value.data, value.size);
    putchar('\n');
    mh_value_clear(&value);
    return MH_OK;
}

int main(int argc, char **argv)
{
    struct mh_hivefile *file = NULL;
    struct mh_error err = {0};
    if (argc != 2) {
        fputs("usage: hivedump HIVE\n", stderr);
        return 2;
    }
    int status = mh_hivefile_open(NULL, argv[1], MH_READ, &file, &err);
    if (status == MH_OK) {
        struct mh_regf *regf = mh_hivefile_regf(file);
        const struct kit_visitor visitor = {
            .key = print_key, .value = print_value, .context = mh_regf_image(regf)};
        printf("recovered %d\n", mh_regf_recovered(regf));
        status = kit_walk(mh_regf_image(regf), &visitor, &err);
    }
    mh_hivefile_close(file);
    if (status != MH_OK)
        printf("\nerror %s %s\n", mh_status_kind(status), err.message);
    return status == MH_OK ? 0 : 1;
}
