/* SPDX-License-Identifier: MIT */
#include "hb_log.h"

#include <stdlib.h>
#include <string.h>

/* All that hb_build_dirty works on. images[0] is the hive before, images[1] after one step ... */
struct dirty {
    const struct hb_options *options;
    const struct hb_log_options *log;
    struct hb_image *images;
    size_t count; /* of images */
    uint32_t sequence[2];
    uint32_t first;   /* sequence number of the first entry */
    uint32_t entries; /* in all */
    struct hb_buffer buffers[2];
};

void hb_log_options_init(struct hb_log_options *log)
{
    *log = (struct hb_log_options){
        .format = HB_LOG_HVLE, .files = 1, .entries = 1, .sequence = 0, .alignment = HB_PAGE};
}

void hb_files_free(struct hb_files *files)
{
    free(files->primary);
    free(files->log[0]);
    free(files->log[1]);
    free(files->recovered);
    *files = (struct hb_files){0};
}

static int check(const struct hb_log_options *log, size_t count)
{
    size_t entries = count > 1 ? count : log->entries;

    if (count == 0 || log->files < 1 || log->files > 2 || log->entries < 1)
        return HB_ERR_OPTION;
    if (log->alignment != HB_SECTOR && log->alignment != HB_PAGE)
        return HB_ERR_OPTION;
    if (count > 1 && log->entries != 1)
        return HB_ERR_OPTION;
    if (log->format == HB_LOG_DIRT)
        return entries == 1 && log->files == 1 && !log->swap ? HB_OK : HB_ERR_OPTION;
    return entries >= log->files && (!log->swap || log->files == 2) ? HB_OK : HB_ERR_OPTION;
}

/* Real hives do not shrink while logged, so each image is at least as big as the one before it. */
static int lay_out(struct dirty *dirty, struct hb_key *root, struct hb_key *const *after)
{
    int error = HB_OK;

    for (size_t i = 0; error == HB_OK && i < dirty->count; i++) {
        size_t least = i == 0 ? 0 : dirty->images[i - 1].size;

        error = hb_layout_build(i == 0 ? root : after[i - 1], dirty->options, true, least,
                                &dirty->images[i]);
    }
    return error;
}

/* The same bulk goes into every tree. */
static int grow_trees(struct dirty *dirty, struct hb_key *root, struct hb_key *const *after)
{
    struct hb_image image;
    size_t now;
    int error = hb_layout_build(root, dirty->options, true, 0, &image);

    if (error != HB_OK)
        return error;
    free(image.bytes);
    now = HB_PAGE + image.size;
    for (size_t i = 0; now < dirty->options->size && error == HB_OK && i < dirty->count; i++)
        error = hb_bulk_add(i == 0 ? root : after[i - 1], dirty->options->size - now + HB_PAGE);
    return error;
}

/* Lists what differs between two images; page 0 always, as in real logs. */
static size_t *dirty_pages(const struct hb_image *before, const struct hb_image *after,
                           size_t *ret_count)
{
    size_t total = after->size / HB_PAGE;
    size_t *pages = malloc(total * sizeof(*pages));
    size_t count = 0;

    for (size_t page = 0; pages != NULL && page < total; page++)
        if (page == 0 || hb_log_page_differs(before, after, page))
            pages[count++] = page;
    *ret_count = count;
    return pages;
}

/* The file for an entry: the first half goes into one, the rest into the other. */
static struct hb_buffer *choose_file(struct dirty *dirty, uint32_t index)
{
    bool late = dirty->log->files == 2 && index >= (dirty->entries + 1) / 2;

    return &dirty->buffers[late != dirty->log->swap];
}

static int add_entry(struct dirty *dirty, uint32_t index, const struct hb_image *before,
                     const struct hb_entry *entry)
{
    struct hb_buffer *file = choose_file(dirty, index);
    int error = HB_OK;

    if (file->size == 0)
        error = hb_log_start(file, dirty->options, dirty->first + index, HB_BASE_TYPE_HVLE, before);
    if (error == HB_OK)
        error = hb_log_add(file, entry, dirty->first + index, dirty->log->alignment);
    return error;
}

/* Entry `index` of `total` gets its share of the pages after page 0, which is in each. */
static int add_share(struct dirty *dirty, const size_t *pages, size_t count, uint32_t index)
{
    uint32_t total = dirty->entries;
    size_t from = 1 + (count - 1) * index / total;
    size_t end = 1 + (count - 1) * (index + 1) / total;
    size_t *share = malloc((end - from + 1) * sizeof(*share));
    struct hb_entry entry = {&dirty->images[1], share, end - from + 1, index + 1 < total};
    int error;

    if (share == NULL)
        return HB_ERR_MEMORY;
    share[0] = 0;
    memcpy(share + 1, pages + from, (end - from) * sizeof(*share));
    error = add_entry(dirty, index, &dirty->images[index == 0 ? 0 : 1], &entry);
    free(share);
    return error;
}

static int log_spread(struct dirty *dirty)
{
    size_t count;
    size_t *pages = dirty_pages(&dirty->images[0], &dirty->images[1], &count);
    int error = pages == NULL ? HB_ERR_MEMORY : HB_OK;

    for (uint32_t i = 0; error == HB_OK && i < dirty->entries; i++)
        error = add_share(dirty, pages, count, i);
    free(pages);
    return error;
}

static int log_steps(struct dirty *dirty)
{
    int error = HB_OK;

    for (uint32_t i = 0; error == HB_OK && i + 1 < dirty->count; i++) {
        struct hb_entry entry = {&dirty->images[i + 1], NULL, 0, false};
        size_t *pages = dirty_pages(&dirty->images[i], entry.image, &entry.page_count);

        entry.pages = pages;
        error = pages == NULL ? HB_ERR_MEMORY : add_entry(dirty, i, &dirty->images[i], &entry);
        free(pages);
    }
    return error;
}

static int write_log(struct dirty *dirty)
{
    if (dirty->log->format == HB_LOG_DIRT)
        return hb_log_dirt(&dirty->buffers[0], dirty->options, dirty->sequence[0],
                           &dirty->images[0], &dirty->images[1]);
    return dirty->count > 2 ? log_steps(dirty) : log_spread(dirty);
}

static int write_recovered(const struct dirty *dirty, struct hb_files *ret)
{
    uint32_t last = dirty->first + dirty->entries;
    uint32_t sequence[2] = {last, last};
    struct hb_options options = *dirty->options;

    options.damage_base = false;
    if (dirty->log->format == HB_LOG_DIRT)
        sequence[0] = sequence[1] = dirty->sequence[0];
    return hb_base_file(&options, sequence, &dirty->images[dirty->count - 1], &ret->recovered,
                        &ret->recovered_size);
}

static int build(struct dirty *dirty, struct hb_key *root, struct hb_key *const *after,
                 struct hb_files *ret)
{
    int error = dirty->options->size > 0 ? grow_trees(dirty, root, after) : HB_OK;

    if (error == HB_OK)
        error = lay_out(dirty, root, after);
    if (error == HB_OK)
        error = write_log(dirty);
    for (int i = 0; i < 2; i++) {
        ret->log[i] = dirty->buffers[i].bytes;
        ret->log_size[i] = dirty->buffers[i].size;
    }
    if (error == HB_OK)
        error = hb_base_file(dirty->options, dirty->sequence, &dirty->images[0], &ret->primary,
                             &ret->primary_size);
    if (error == HB_OK)
        error = write_recovered(dirty, ret);
    if (error != HB_OK)
        hb_files_free(ret);
    return error;
}

int hb_build_dirty(struct hb_key *root, struct hb_key *const *after, size_t count,
                   const struct hb_options *options, const struct hb_log_options *log,
                   struct hb_files *ret)
{
    struct hb_options copy = *options;
    struct dirty dirty = {.options = &copy, .log = log, .count = count + 1};
    int error = hb_options_check(options);

    *ret = (struct hb_files){0};
    if (error == HB_OK)
        error = check(log, count);
    if (error != HB_OK)
        return error;
    copy.dirty = true;
    hb_base_sequence(&copy, dirty.sequence);
    dirty.first = log->sequence != 0 ? log->sequence : dirty.sequence[1];
    dirty.entries = count > 1 ? (uint32_t)count : log->entries;
    dirty.images = calloc(dirty.count, sizeof(struct hb_image));
    if (dirty.images == NULL)
        return HB_ERR_MEMORY;
    error = build(&dirty, root, after, ret);
    for (size_t i = 0; i < dirty.count; i++)
        free(dirty.images[i].bytes);
    free(dirty.images);
    return error;
}
