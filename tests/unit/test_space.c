/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"
#include "registry/hive/space.h"

/*
 * A hive of one bin, its cells as `sizes` say, 0 at the end: allocated ones negative. What is left
 * of the bin is one more allocated cell.
 */
static void make(struct mh_image *image, struct mh_space *space, const int *sizes)
{
    memset(image, 0, sizeof(*image));
    image->size = MH_BASE_SIZE + MH_PAGE;
    image->base.bins_size = MH_PAGE;
    image->base.minor = 5;
    image->memory = calloc(1, image->size);
    assert_non_null(image->memory);
    uint8_t *bin = image->memory + MH_BASE_SIZE;
    memset(bin, 0xAA, MH_PAGE);
    memcpy(bin, "hbin", 4);
    mh_put32(bin + MH_BIN_OFFSET, 0);
    mh_put32(bin + MH_BIN_SIZE, MH_PAGE);
    uint32_t at = MH_BIN_HEADER;
    for (; *sizes; sizes++) {
        mh_put32(bin + at, (uint32_t)*sizes);
        if (*sizes > 0)
            assert_int_equal(mh_space_add(space, at, (uint32_t)*sizes, NULL), MH_OK);
        at += (uint32_t)(*sizes > 0 ? *sizes : -*sizes);
    }
    mh_put32(bin + at, 0u - (MH_PAGE - at));
}

/* The sizes of the first cells, as make takes them, with blanks between them. */
static void render(const struct mh_image *image, size_t count, char *buffer, size_t size)
{
    uint32_t at = MH_BIN_HEADER;
    buffer[0] = '\0';
    for (size_t i = 0; i < count && at < image->base.bins_size; i++) {
        int cell = (int)mh_get32(image->memory + MH_BASE_SIZE + at);
        size_t used = strlen(buffer);
        snprintf(buffer + used, size - used, "%s%d", i > 0 ? " " : "", cell);
        at += (uint32_t)(cell > 0 ? cell : -cell);
    }
}

/* The bins tile, and the list of free cells is just what they say. */
static void check_books(const char *name, const struct mh_image *image,
                        const struct mh_space *space)
{
    const uint8_t *bins = image->memory + MH_BASE_SIZE;
    size_t seen = 0;
    KIT_INT(name, image->size, MH_BASE_SIZE + image->base.bins_size);
    for (uint32_t bin = 0; bin < image->base.bins_size;) {
        uint32_t end = bin + mh_get32(bins + bin + MH_BIN_SIZE);
        KIT_TRUE(name, memcmp(bins + bin, "hbin", 4) == 0);
        KIT_INT(name, mh_get32(bins + bin + MH_BIN_OFFSET), bin);
        KIT_TRUE(name, end > bin && end % MH_PAGE == 0 && end <= image->base.bins_size);
        bool before_free = false;
        for (uint32_t cell = bin + MH_BIN_HEADER; cell < end;) {
            int32_t raw = (int32_t)mh_get32(bins + cell);
            uint32_t size = (uint32_t)(raw < 0 ? -raw : raw);
            KIT_TRUE(name, size >= 8 && size % 8 == 0 && size <= end - cell);
            if (raw > 0) {
                KIT_TRUE(name, !before_free);
                KIT_TRUE(name, seen < space->count && space->cells[seen].cell == cell &&
                                   space->cells[seen].size == size);
                seen++;
            }
            before_free = raw > 0;
            cell += size;
        }
        bin = end;
    }
    KIT_INT(name, seen, space->count);
}

static void test_allocate(void **state)
{
    static const struct {
        const char *name;
        int sizes[8];
        uint32_t wanted; /* bytes of data */
        int index;       /* of the cell that is taken, in what is expected */
        const char *expected;
    } cases[] = {
        {"the smallest that fits", {64, -8, 32, -8, 48, -8}, 20, 2, "64 -8 -24 8 -8 48"},
        {"just fits", {64, -8, 32, -8, 48, -8}, 44, 4, "64 -8 32 -8 -48 -8"},
        {"rounded up to eight", {64, -8, 32, -8, 48, -8}, 29, 4, "64 -8 32 -8 -40 8"},
        {"the whole of one", {64, -8, 32, -8, 48, -8}, 28, 2, "64 -8 -32 -8 48 -8"},
        {"the first of equals", {32, -8, 32, -8, 32, -8}, 20, 0, "-24 8 -8 32 -8 32"},
        {"one byte", {16, -8, 0}, 1, 0, "-8 8 -8"},
        {"four bytes", {16, -8, 0}, 4, 0, "-8 8 -8"},
        {"five bytes", {24, -8, 0}, 5, 0, "-16 8 -8"},
        {"the last free cell", {-8, -16, 40, 0}, 36, 2, "-8 -16 -40"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_image image;
        struct mh_space space = {0};
        uint32_t cell = 0;
        char sizes[128];
        make(&image, &space, cases[i].sizes);
        KIT_INT(cases[i].name, mh_cell_allocate(&image, &space, cases[i].wanted, &cell, NULL),
                MH_OK);
        size_t count = 0;
        for (const char *at = cases[i].expected; *at; at++)
            count += *at == ' ';
        render(&image, count + 1, sizes, sizeof(sizes));
        KIT_TEXT(cases[i].name, sizes, cases[i].expected);
        uint32_t at = MH_BIN_HEADER;
        for (int skipped = 0; skipped < cases[i].index; skipped++) {
            int32_t raw = (int32_t)mh_get32(image.memory + MH_BASE_SIZE + at);
            at += (uint32_t)(raw < 0 ? -raw : raw);
        }
        KIT_INT(cases[i].name, cell, at);
        for (uint32_t byte = 0; byte < cases[i].wanted; byte++)
            KIT_INT(cases[i].name, image.memory[MH_BASE_SIZE + cell + 4 + byte], 0);
        check_books(cases[i].name, &image, &space);
        mh_space_clear(&space);
        mh_image_clear(&image);
    }
}

static void test_release(void **state)
{
    static const struct {
        const char *name;
        int sizes[8];
        int index; /* of the cell that is freed */
        const char *expected;
    } cases[] = {
        {"alone", {-16, -24, -16, 0}, 1, "-16 24 -16"},
        {"after a free one", {16, -24, -16, 0}, 1, "40 -16"},
        {"before a free one", {-16, -24, 16, -8}, 1, "-16 40 -8"},
        {"between two", {16, -24, 32, -8}, 1, "72 -8"},
        {"the first", {-16, 8, -8, 0}, 0, "24 -8"},
        {"near, but not beside", {16, -8, -24, -8, 32, -8}, 2, "16 -8 24 -8 32 -8"},
    };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_image image;
        struct mh_space space = {0};
        char sizes[128];
        uint32_t cell = MH_BIN_HEADER;
        make(&image, &space, cases[i].sizes);
        for (int j = 0; j < cases[i].index; j++)
            cell += (uint32_t)abs(cases[i].sizes[j]);
        KIT_INT(cases[i].name, mh_cell_free(&image, &space, cell, NULL), MH_OK);
        size_t count = 1;
        for (const char *at = cases[i].expected; *at; at++)
            count += *at == ' ';
        render(&image, count, sizes, sizeof(sizes));
        KIT_TEXT(cases[i].name, sizes, cases[i].expected);
        check_books(cases[i].name, &image, &space);
        mh_space_clear(&space);
        mh_image_clear(&image);
    }
}

static void test_release_of_no_cell(void **state)
{
    static const uint32_t cells[] = {0, 4, 33, 36, MH_PAGE, 0xFFFFFFFFu, 0xFFFFFFF8u};
    static const int sizes[] = {-16, 16, 0};
    struct mh_image image;
    struct mh_space space = {0};
    (void)state;
    make(&image, &space, sizes);
    for (size_t i = 0; i < KIT_COUNT(cells); i++)
        assert_int_equal(mh_cell_free(&image, &space, cells[i], NULL), MH_CORRUPT);
    check_books("nothing freed", &image, &space);
    mh_space_clear(&space);
    mh_image_clear(&image);
}

static void test_growth(void **state)
{
    static const struct {
        uint32_t wanted;
        uint32_t bin; /* bytes of the new one */
    } cases[] = {
        {33, MH_PAGE}, /* one byte more than is free */
        {MH_PAGE - 32 - 4, MH_PAGE},
        {MH_PAGE - 32 - 3, 2 * MH_PAGE},
        {5000, 2 * MH_PAGE},
        {100000, 25 * MH_PAGE},
    };
    static const int sizes[] = {-16, 32, -8, 0};
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct mh_image image;
        struct mh_space space = {0};
        uint32_t cell = 0;
        char name[32];
        snprintf(name, sizeof(name), "%u bytes", cases[i].wanted);
        make(&image, &space, sizes);
        KIT_INT(name, mh_cell_allocate(&image, &space, cases[i].wanted, &cell, NULL), MH_OK);
        KIT_INT(name, cell, MH_PAGE + MH_BIN_HEADER);
        KIT_INT(name, image.base.bins_size, MH_PAGE + cases[i].bin);
        check_books(name, &image, &space);
        KIT_INT(name, mh_cell_free(&image, &space, cell, NULL), MH_OK);
        check_books(name, &image, &space); /* cells of two bins do not join */
        mh_space_clear(&space);
        mh_image_clear(&image);
    }
}

struct piece {
    uint32_t cell;
    uint32_t size;
    uint8_t mark;
};

static void check_piece(const struct mh_image *image, const struct piece *piece)
{
    for (uint32_t i = 0; i < piece->size; i++)
        assert_int_equal(image->memory[MH_BASE_SIZE + piece->cell + 4 + i], piece->mark);
}

static void test_random(void **state)
{
    enum { PIECES = 300 };
    static const int sizes[] = {-8, 4000, -8, 0};
    struct piece pieces[PIECES] = {{0}};
    struct mh_image image;
    struct mh_space space = {0};
    uint64_t random = 12345;
    (void)state;
    make(&image, &space, sizes);
    for (int i = 0; i < 6000; i++) {
        struct piece *piece = &pieces[kit_below(&random, PIECES)];
        if (piece->size > 0) {
            check_piece(&image, piece);
            assert_int_equal(mh_cell_free(&image, &space, piece->cell, NULL), MH_OK);
            piece->size = 0;
        } else {
            piece->size = 1 + kit_below(&random, i % 50 ? 200 : 6000);
            piece->mark = (uint8_t)kit_random(&random);
            assert_int_equal(mh_cell_allocate(&image, &space, piece->size, &piece->cell, NULL),
                             MH_OK);
            memset(image.memory + MH_BASE_SIZE + piece->cell + 4, piece->mark, piece->size);
        }
        check_books("random", &image, &space);
    }
    for (size_t i = 0; i < PIECES; i++)
        check_piece(&image, &pieces[i]);
    mh_space_clear(&space);
    mh_image_clear(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocate), cmocka_unit_test(test_release),
        cmocka_unit_test(test_release_of_no_cell), cmocka_unit_test(test_growth),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
