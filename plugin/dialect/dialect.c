/* SPDX-License-Identifier: MIT */
#include "dialect/dialect.h"

#include <string.h>

static const struct mh_dialect dialects[] = {
    {"ansible", NULL, MH_INPUT_FILE, mh_ansible_answer},
    {"bolt", "", MH_INPUT_STDIN, mh_bolt_answer},
    {"dsc", "get|set|test|whatif|whatif-diff|export", MH_INPUT_STDIN, mh_dsc_answer},
    {"intune", "detect|remediate", MH_INPUT_ARGUMENTS, mh_intune_answer},
    {"salt", "check|apply|get", MH_INPUT_STDIN, mh_salt_answer},
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
