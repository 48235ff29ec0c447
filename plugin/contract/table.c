/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "contract/encode.h"
#include "contract/value_json.h"
#include "core/print.h"
#include "core/text.h"

enum { COLUMN_PROFILE, COLUMN_STATE, COLUMN_OUTCOME, COLUMN_BEFORE, COLUMN_AFTER, COLUMN_ID, COLUMNS };

static const char *const titles[COLUMNS] = {"PROFILE", "STATE", "OUTCOME", "BEFORE", "AFTER", "ID"};

struct row {
    char *cells[COLUMNS]; /* NULL: memory was out */
};

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
