/* SPDX-License-Identifier: MIT */
#include "dialect/dialect.h"

#include <string.h>

#define UNDELIVERED "the answer could not be written out; what was asked for may have been done"
#define PLAIN "mapihttp: " UNDELIVERED "\n"

static const struct mh_dialect dialects[] = {
    {"ansible", NULL, MH_INPUT_FILE, 1, PLAIN, mh_ansible_answer},
    {"bolt", "", MH_INPUT_STDIN, 1, PLAIN, mh_bolt_answer},
    {"dsc", "get|set|test|whatif|whatif-diff|export", MH_INPUT_STDIN, MH_IO,
     "{\"error\":\"" UNDELIVERED "\"}\n", mh_dsc_answer},
    {"intune", "detect|remediate", MH_INPUT_ARGUMENTS, 1, "", mh_intune_answer},
    {"render", "reg|pol|gpp|lgpo|samba|intune|backup", MH_INPUT_ARGUMENTS, 2, PLAIN, mh_render_answer},
    {"salt", "check|apply|get", MH_INPUT_STDIN, 1, PLAIN, mh_salt_answer},
};

const struct mh_dialect *mh_dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    return NULL;
}

bool mh_dialect_takes(const struct mh_dialect *dialect, const char *word)
{
    if (!dialect->words || !dialect->words[0])
        return (dialect->words == NULL) == (word != NULL);
    for (const char *at = dialect->words; word; at++) {
        size_t length = strcspn(at, "|");
        if (strlen(word) == length && strncmp(at, word, length) == 0)
            return true;
        at += length;
        if (!*at)
            return false;
    }
    return false;
}
