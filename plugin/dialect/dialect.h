/* SPDX-License-Identifier: MIT */
#ifndef MH_DIALECT_DIALECT_H
#define MH_DIALECT_DIALECT_H

#include "core/buffer.h"
#include "mapihttp/error.h"

/*
 * How another tool speaks: what it hands to a program it starts, and what it wants to hear. A dialect takes its
 * own words out of the request, lets the same journey run as everybody else's (run.h), and says the result as
 * its tool reads it. docs/contract.md has each of them.
 */

/* A call as it came. */
struct mh_call {
    const char *word;       /* what follows the dialect's name: "check" of "salt check"; NULL where none does */
    char *const *arguments; /* KEY=VALUE, where the dialect takes them and there are any */
    size_t argument_count;
    const char *text;       /* else the request as text, `length` bytes; not terminated */
    size_t length;
    struct mh_error fault;  /* set: the call itself is wrong, or the text could not be read */
};

/* What is to be written where. Zero-initialised: nothing. */
struct mh_reply {
    struct mh_buffer out;
    struct mh_buffer err;
};

enum mh_dialect_input {
    MH_INPUT_FILE,      /* the word is a path: the text is in that file */
    MH_INPUT_STDIN,
    MH_INPUT_ARGUMENTS, /* KEY=VALUE arguments, or without any standard input */
};

struct mh_dialect {
    const char *name;
    const char *words; /* the words that may follow, with "|" between them; "" where none may; a path: NULL */
    enum mh_dialect_input input;
    int undelivered;       /* the exit code where the answer cannot be written */
    const char *complaint; /* and what is then written to standard error */
    /* Fills `reply` (the caller clears it) and returns the exit code. Answers a `fault`, too. */
    int (*answer)(const struct mh_call *call, struct mh_reply *reply);
};

/* The dialect of that name; NULL when there is none. */
const struct mh_dialect *mh_dialect_find(const char *name);

/* Whether `word` (NULL: none) may follow the dialect's name. */
bool mh_dialect_takes(const struct mh_dialect *dialect, const char *word);

int mh_ansible_answer(const struct mh_call *call, struct mh_reply *reply);
int mh_bolt_answer(const struct mh_call *call, struct mh_reply *reply);
int mh_dsc_answer(const struct mh_call *call, struct mh_reply *reply);
int mh_intune_answer(const struct mh_call *call, struct mh_reply *reply);
int mh_render_answer(const struct mh_call *call, struct mh_reply *reply);
int mh_salt_answer(const struct mh_call *call, struct mh_reply *reply);

#endif
