/* SPDX-License-Identifier: MIT */
#include "hb_internal.h"

#include <stdlib.h>

/* New cells may fill what the last bin had left, hence one page more than is missing. */
static int grow_tree(struct hb_key *root, const struct hb_options *options, struct hb_image *image)
{
    size_t now = HB_PAGE + image->size;

    if (now >= options->size)
        return HB_OK;
    return hb_bulk_add(root, options->size - now + HB_PAGE);
}

int hb_build(struct hb_key *root, const struct hb_options *options, uint8_t **ret, size_t *ret_size)
{
    struct hb_image image = {0};
    uint32_t sequence[2];
    int error = hb_options_check(options);

    if (error == HB_OK)
        error = hb_layout_build(root, options, false, 0, &image);
    if (error == HB_OK && HB_PAGE + image.size < options->size) {
        error = grow_tree(root, options, &image);
        free(image.bytes);
        image.bytes = NULL;
        if (error == HB_OK)
            error = hb_layout_build(root, options, false, 0, &image);
    }
    if (error != HB_OK)
        return error;
    hb_base_sequence(options, sequence);
    error = hb_base_file(options, sequence, &image, ret, ret_size);
    free(image.bytes);
    return error;
}
