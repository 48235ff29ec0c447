/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "contract/encode.h"
#include "contract/value_json.h"
#include "core/text.h"

enum { COLUMN_PROFILE, COLUMN_STATE, COLUMN_OUTCOME, COLUMN_BEFORE, COLUMN_AFTER, COLUMN_ID, COLUMNS };

static const char *const titles[COLUMNS] = {"PROFILE", "STATE", "OUTCOME", "BEFORE", "AFTER", "ID"};

struct row {
    char *cells[COLUMNS]; /* NULL: memory was out */
};

/* What a terminal would obey instead of showing it (control characters, and those that turn text around), and what
 * would let two names look alike without taking any place. */
#define HIDDEN 9u

static unsigned width_of(uint32_t point)
{
    static const struct {
        uint32_t first;
        uint32_t last : 28;
        uint32_t width : 4;
    } odd[] = { /* the first that it is in counts */
        {0x0000, 0x001F, HIDDEN},   {0x007F, 0x009F, HIDDEN},   {0x00AD, 0x00AD, HIDDEN},   {0x034F, 0x034F, HIDDEN},
        {0x0300, 0x036F, 0},        {0x061C, 0x061C, HIDDEN},   {0x115F, 0x1160, HIDDEN},   {0x1100, 0x115F, 2},
        {0x17B4, 0x17B5, HIDDEN},   {0x180B, 0x180F, HIDDEN},   {0x200B, 0x200F, HIDDEN},   {0x2028, 0x202E, HIDDEN},
        {0x2060, 0x206F, HIDDEN},   {0x3164, 0x3164, HIDDEN},   {0x2E80, 0xA4CF, 2},        {0xAC00, 0xD7A3, 2},
        {0xF900, 0xFAFF, 2},        {0xFE00, 0xFE0F, HIDDEN},   {0xFE30, 0xFE6F, 2},        {0xFEFF, 0xFEFF, HIDDEN},
        {0xFF00, 0xFF60, 2},        {0xFFA0, 0xFFA0, HIDDEN},   {0xFFE0, 0xFFE6, 2},        {0xFFF0, 0xFFFB, HIDDEN},
        {0x13430, 0x1343F, HIDDEN}, {0x1BCA0, 0x1BCA3, HIDDEN}, {0x1D173, 0x1D17A, HIDDEN}, {0x1F300, 0x1FAFF, 2},
        {0x20000, 0x3FFFD, 2},      {0xE0000, 0xE0FFF, HIDDEN},
    };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        if (point >= odd[i].first && point <= odd[i].last)
            return odd[i].width;
    return 1;
}

size_t mh_text_print(struct mh_buffer *buffer, const char *text)
{
    size_t width = 0;
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t used = mh_utf8_decode(text + at, length - at, &point);
        unsigned taken = used > 0 ? width_of(point) : HIDDEN;
        bool shown = taken != HIDDEN;
        mh_buffer_add(buffer, shown ? text + at : "?", shown ? used : 1);
        width += shown ? taken : 1;
        at += used ? used : 1;
    }
    return width;
}

static size_t safe_width(const char *text)
{
    struct mh_buffer scratch = {0};
    size_t width = mh_text_print(&scratch, text);
    mh_buffer_clear(&scratch);
    return width;
}

static const char *or_dash(const char *text)
{
    return text && *text ? text : "-";
}

static void fill_row(const struct mh_result *result, size_t i, struct row *row)
{
    const struct mh_profile *profile = result->selection.items[i].profile;
    const struct mh_observation *observation = &result->observations[i];
    const struct mh_step *step = &result->steps[i];
    const char *name = profile->account ? profile->account : mh_profile_folder(profile);
    bool known = !observation->error;
    bool changed = mh_result_is_changed(result, i);
    row->cells[COLUMN_PROFILE] = mh_text_copy(or_dash(name));
    row->cells[COLUMN_STATE] = mh_text_copy(or_dash(mh_state_name(observation->state)));
    row->cells[COLUMN_OUTCOME] =
        mh_text_copy(result->check && changed ? "would change" : mh_outcome_name(result->outcomes[i]));
    row->cells[COLUMN_BEFORE] = known ? mh_value_describe(&observation->value) : mh_text_copy("?");
    row->cells[COLUMN_AFTER] =
        known ? mh_value_describe(changed ? &step->value : &observation->value) : mh_text_copy("?");
    row->cells[COLUMN_ID] = mh_text_copy(profile->id);
}

static void clear_row(struct row *row)
{
    for (int column = 0; column < COLUMNS; column++)
        free(row->cells[column]);
}

/* The last column is not padded. */
static void put_row(struct mh_buffer *buffer, const char *const *cells, const size_t *widths)
{
    for (int column = 0; column < COLUMNS; column++) {
        buffer->failed = buffer->failed || !cells[column];
        size_t width = mh_text_print(buffer, cells[column] ? cells[column] : "");
        for (; column + 1 < COLUMNS && width < widths[column] + 2; width++)
            mh_buffer_puts(buffer, " ");
    }
    mh_buffer_puts(buffer, "\n");
}

static void put_rows(struct mh_buffer *buffer, const struct row *rows, size_t count)
{
    size_t widths[COLUMNS];
    for (int column = 0; column < COLUMNS; column++) {
        widths[column] = strlen(titles[column]);
        for (size_t i = 0; i < count; i++) {
            size_t width = rows[i].cells[column] ? safe_width(rows[i].cells[column]) : 0;
            if (width > widths[column])
                widths[column] = width;
        }
    }
    put_row(buffer, titles, widths);
    for (size_t i = 0; i < count; i++)
        put_row(buffer, (const char *const *)rows[i].cells, widths);
}

static void put_line(struct mh_buffer *buffer, const char *label, const char *text)
{
    mh_buffer_puts(buffer, label);
    mh_text_print(buffer, text);
    mh_buffer_puts(buffer, "\n");
}

static void put_error(struct mh_buffer *buffer, const struct mh_error *error)
{
    mh_buffer_puts(buffer, mh_status_kind(error->status));
    put_line(buffer, ": ", error->message);
}

static void put_remarks(struct mh_buffer *buffer, const struct mh_result *result)
{
    for (size_t i = 0; i < result->selection.count; i++) {
        if (mh_result_error_of(result, i))
            put_error(buffer, mh_result_error_of(result, i));
    }
    for (size_t i = 0; i < result->warnings.count; i++)
        put_line(buffer, "warning: ", result->warnings.items[i]);
}

/* What the reader has to do, or to expect. */
static void put_advice(struct mh_buffer *buffer, const struct mh_result *result)
{
    size_t managed = 0;
    for (size_t i = 0; i < result->selection.count; i++)
        managed += mh_result_is_changed(result, i) && result->observations[i].managed;
    if (result->restart_required)
        put_line(buffer, "", "Outlook runs for a user whose value this is about; it sees the change when it is "
                             "started anew");
    if (managed > 0)
        put_line(buffer, "", "Group Policy sets the value of one of them at least, and will set it again");
}

void mh_result_print(const struct mh_result *result, struct mh_buffer *buffer)
{
    if (result->error.status != MH_OK) {
        mh_buffer_puts(buffer, "refused: ");
        put_error(buffer, &result->error);
        return;
    }
    size_t count = result->selection.count;
    struct row *rows = calloc(count + 1, sizeof(*rows));
    if (!rows) {
        buffer->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        fill_row(result, i, &rows[i]);
    if (count > 0)
        put_rows(buffer, rows, count);
    for (size_t i = 0; i < count; i++)
        clear_row(&rows[i]);
    free(rows);
    put_remarks(buffer, result);
    put_line(buffer, "", result->msg);
    put_advice(buffer, result);
}
