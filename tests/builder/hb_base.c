/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_UNITS = 32, CHECKED = 508 };

const char *hb_error_text(int error)
{
    switch (error) {
    case HB_OK:
        return "no error";
    case HB_ERR_MEMORY:
        return "out of memory";
    case HB_ERR_OPTION:
        return "an option is out of range or excludes another";
    case HB_ERR_NAME:
        return "a name is empty, too long or not UTF-8";
    case HB_ERR_DUPLICATE:
        return "two subkeys of a key have the same name";
    case HB_ERR_SIZE:
        return "the hive is too big or too deep";
    default:
        return "unknown error";
    }
}

void hb_options_init(struct hb_options *options)
{
    *options = (struct hb_options){
        .minor = 5,
        .name = "\\??\\C:\\Users\\test\\ntuser.dat",
        .sequence = {1, 1},
        .timestamp = 0x01D9B5C8A1E3C000, /* some day in July 2023 */
        .lists = HB_LIST_DEFAULT,
        .leaf_max = 506,
    };
}

int hb_options_check(const struct hb_options *options)
{
    if (options->minor < 3 || options->minor > 6 || options->leaf_max < 1 ||
        options->leaf_max > UINT16_MAX || options->lists < HB_LIST_DEFAULT ||
        options->lists > HB_LIST_LH)
        return HB_ERR_OPTION;
    if (options->lists == HB_LIST_LH && options->minor < 5)
        return HB_ERR_OPTION;
    if (options->name == NULL || options->size > 0x7FFF0000u)
        return HB_ERR_OPTION;
    return HB_OK;
}

uint32_t hb_checksum(const uint8_t *block)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < CHECKED; i += 4)
        sum ^= hb_get32(block + i);
    if (sum == UINT32_MAX)
        return UINT32_MAX - 1;
    return sum == 0 ? 1 : sum;
}

/* The end of a long path is what Windows keeps. A name that is not UTF-8 is left out. */
static void put_file_name(uint8_t *at, const char *utf8)
{
    struct hb_name name;
    size_t skip;

    if (hb_name_set(&name, utf8) != HB_OK)
        return;
    skip = name.count > NAME_UNITS - 1 ? name.count - (NAME_UNITS - 1) : 0;
    for (size_t i = skip; i < name.count; i++)
        hb_put16(at + 2 * (i - skip), name.units[i]);
    hb_name_free(&name);
}

void hb_base_write(uint8_t *at, const struct hb_options *options, const uint32_t sequence[2],
                   uint32_t type, const struct hb_image *image)
{
    memset(at, 0, HB_SECTOR);
    memcpy(at, "regf", 4);
    hb_put32(at + 4, sequence[0]);
    hb_put32(at + 8, sequence[1]);
    hb_put64(at + 12, options->timestamp);
    hb_put32(at + 20, 1);
    hb_put32(at + 24, options->minor);
    hb_put32(at + 28, type);
    hb_put32(at + 32, 1);
    hb_put32(at + 36, image->root);
    hb_put32(at + 40, (uint32_t)image->size);
    hb_put32(at + 44, 1);
    put_file_name(at + 48, options->name);
    memcpy(at + 164, "rmtm", 4);
    hb_put32(at + CHECKED, hb_checksum(at));
}

void hb_base_sequence(const struct hb_options *options, uint32_t ret[2])
{
    ret[0] = options->sequence[0];
    ret[1] = options->sequence[1];
    if (options->dirty && ret[0] == ret[1])
        ret[0]++;
}

int hb_base_file(const struct hb_options *options, const uint32_t sequence[2],
                 const struct hb_image *image, uint8_t **ret, size_t *ret_size)
{
    size_t size = HB_PAGE + image->size + options->slack;
    uint8_t *bytes = calloc(1, size);

    if (bytes == NULL)
        return HB_ERR_MEMORY;
    hb_base_write(bytes, options, sequence, HB_BASE_TYPE_PRIMARY, image);
    if (options->damage_base)
        hb_put32(bytes + CHECKED, hb_get32(bytes + CHECKED) ^ 0x00F00F00);
    memcpy(bytes + HB_PAGE, image->bytes, image->size);
    *ret = bytes;
    *ret_size = size;
    return HB_OK;
}
