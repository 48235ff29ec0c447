/* SPDX-License-Identifier: MIT */
#ifndef MH_OFFLINE_SOFTWARE_H
#define MH_OFFLINE_SOFTWARE_H

#include "registry/hive/image.h"
#include "registry/software.h"

/* HKLM\Software as a SOFTWARE hive holds it: the hive's root is that key. The image is borrowed. */
struct mh_software mh_image_software(struct mh_image *image);

#endif
