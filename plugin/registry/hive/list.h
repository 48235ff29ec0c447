/* SPDX-License-Identifier: MIT */
#ifndef MH_HIVE_LIST_H
#define MH_HIVE_LIST_H

#include "registry/hive/image.h"

/* A list of subkeys: a leaf (li, lf, lh), or an ri, which lists leaves. */
struct mh_list {
    uint32_t cell;
    uint32_t kind;      /* MH_LIST_... */
    uint32_t count;     /* elements */
    uint32_t room;      /* elements that its cell can hold */
    uint64_t elements;  /* file offset of the first */
};

/* Bytes of one element: 4 (li, ri) or 8 (lf, lh). */
uint32_t mh_list_element_size(uint32_t kind);

/* Reads the head of the list at `cell`. MH_CORRUPT when there is none, or it claims more than fits. */
int mh_list_read(struct mh_image *image, uint32_t cell, struct mh_list *ret_list,
                 struct mh_error *err);

#endif
