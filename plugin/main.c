/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "contract/json.h"
#include "contract/schema.h"
#include "core/print.h"
#include "dialect/dialect.h"
#include "dialect/native.h"
#include "os/clock.h"
#include "os/console.h"
#include "usage.h"
#include "version.h"

#define TROUBLE 2

/* The command line, taken apart. */
struct command {
    const char *verb;
    char **arguments; /* what follows the verb, options taken out */
    size_t argument_count;
    enum mh_format format;
    bool has_format; /* it was asked for */
    const char *fault; /* what is wrong with the options; NULL: nothing */
};

static bool parse_format(const char *name, enum mh_format *ret_format)
{
    if (strcmp(name, "json") != 0 && strcmp(name, "table") != 0)
        return false;
    *ret_format = strcmp(name, "table") == 0 ? MH_FORMAT_TABLE : MH_FORMAT_JSON;
    return true;
}

/* Takes the options out of argv in place. */
static void parse_command(int argc, char **argv, struct command *command)
{
    command->format = mh_console_is_terminal(stdout) ? MH_FORMAT_TABLE : MH_FORMAT_JSON;
    command->arguments = argv;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-o") == 0) {
            i++;
            command->has_format = true;
            if (i == argc || !parse_format(argv[i], &command->format))
                command->fault = "-o takes json or table";
        } else if (!command->verb) {
            command->verb = argv[i];
        } else {
            command->arguments[command->argument_count++] = argv[i];
        }
    }
}

static void say(const char *text)
{
    (void)mh_console_write(stderr, text, strlen(text));
}

/* The whole sentence or none of it: false where there was not the memory for it. */
static bool complain(const char *message)
{
    struct mh_buffer safe = {0};
    mh_buffer_puts(&safe, "mapihttp: ");
    (void)mh_text_print(&safe, message);
    mh_buffer_puts(&safe, "; see 'mapihttp help'\n");
    bool failed = safe.failed;
    if (!failed)
        say(safe.text);
    mh_buffer_clear(&safe);
    return !failed;
}

/* Prints what was gathered; the buffer is then empty. */
static bool print(struct mh_buffer *buffer)
{
    bool failed = buffer->failed;
    if (!failed && buffer->length > 0)
        failed = !mh_console_write(stdout, buffer->text, buffer->length);
    failed = fflush(stdout) != 0 || failed;
    mh_buffer_clear(buffer);
    return !failed;
}

/* What is said where the result could not be delivered: that is trouble, whatever it says. */
static struct {
    const char *complaint;
    int code;
} undelivered = {"mapihttp: the result could not be written out; what was asked for may have been done\n", TROUBLE};

static int deliver(struct mh_buffer *buffer, int code)
{
    if (print(buffer))
        return code;
    say(undelivered.complaint);
    return undelivered.code;
}

/* Requests are read before anything is touched, and results are made when all is done: nothing is half-way then. */
static _Noreturn void give_up(void)
{
    mh_console_leave(undelivered.complaint, undelivered.code);
}

/* A mistake in calling: a person reads stderr, a program the result. */
static int refuse_call(const struct command *command, const char *message)
{
    struct mh_buffer buffer = {0};
    struct mh_error why = {0};
    enum mh_verb verb = MH_VERB_GET;
    (void)mh_verb_parse(command->verb, &verb);
    mh_error_set(&why, MH_INVALID, "%s; see 'mapihttp help'", message);
    int code = mh_native_refuse(verb, &why, command->format, &buffer);
    buffer.failed = !complain(message) || buffer.failed;
    return deliver(&buffer, code);
}

/* One byte more than a request may have, so that a longer one shows. */
static int read_input(FILE *file, const char *what, struct mh_buffer *buffer, struct mh_error *err)
{
    char chunk[4096];
    size_t got;
    while (!buffer->failed && buffer->length <= MH_REQUEST_MAX && (got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        mh_buffer_add(buffer, chunk, got);
    if (buffer->failed)
        return mh_error_no_memory(err);
    return ferror(file) ? mh_error_set(err, MH_IO, "%s could not be read", what) : MH_OK;
}

static int read_standard_input(struct mh_buffer *buffer, struct mh_error *err)
{
    return read_input(stdin, "the request on standard input", buffer, err);
}

#define PROGRESS_AFTER 1000u /* milliseconds */
#define PROGRESS_EVERY 100u
#define PROGRESS_WIDTH 60 /* columns, more than it ever takes; not every console erases a line when told to */

struct ticker {
    uint64_t started;
    uint64_t shown;
};

static void show_progress(void *context, size_t done, size_t count)
{
    struct ticker *ticker = context;
    uint64_t now = mh_clock_milliseconds();
    if (now - ticker->started < PROGRESS_AFTER || now - ticker->shown < PROGRESS_EVERY)
        return;
    ticker->shown = now;
    fprintf(stderr, "\r%zu of %zu profiles", done, count);
    (void)fflush(stderr);
}

static int run_native(const struct command *command, enum mh_verb verb)
{
    struct mh_buffer text = {0};
    struct mh_buffer output = {0};
    struct mh_error why = {0};
    struct ticker ticker = {.started = mh_clock_milliseconds()};
    struct mh_audience audience = {.context = &ticker, .person = command->format == MH_FORMAT_TABLE};
    if (command->argument_count == 0 && mh_console_is_terminal(stdin)) {
        say(mh_usage);
        return TROUBLE;
    }
    if (command->argument_count == 0 && read_standard_input(&text, &why) != MH_OK) {
        mh_buffer_clear(&text);
        return deliver(&output, mh_native_refuse(verb, &why, command->format, &output));
    }
    if (mh_console_is_terminal(stderr))
        audience.tick = show_progress;
    struct mh_native_input input = {
        .arguments = command->arguments,
        .argument_count = command->argument_count,
        .text = text.text ? text.text : "",
        .length = text.length,
    };
    int code = mh_native_call(verb, &input, command->format, &audience, &output);
    mh_buffer_clear(&text);
    if (ticker.shown)
        fprintf(stderr, "\r%*s\r", PROGRESS_WIDTH, "");
    return deliver(&output, code);
}

static void read_file(const char *path, FILE *file, struct mh_buffer *text, struct mh_error *err)
{
    if (!file && mh_console_open(path, &file, err) != MH_OK) {
        (void)mh_error_wrap(err, "the file of arguments");
        return;
    }
    (void)read_input(file, "the file of arguments", text, err);
    (void)fclose(file);
}

/* What a dialect is called with beside its word, if that is right at all. `file`: what the word names, where it
 * is open already. */
static void take_input(const struct mh_dialect *dialect, FILE *file, struct mh_call *call, struct mh_buffer *text)
{
    if (call->fault.status != MH_OK)
        return;
    if (!mh_dialect_takes(dialect, call->word))
        (void)mh_error_set(&call->fault, MH_INVALID, "there is no '%s%s%s'; it is '%s %s', see 'mapihttp help'",
                           dialect->name, call->word ? " " : "", call->word ? call->word : "", dialect->name,
                           dialect->words ? dialect->words : "FILE");
    else if (call->argument_count > 0 && dialect->input != MH_INPUT_ARGUMENTS)
        (void)mh_error_set(&call->fault, MH_INVALID, "%s takes no '%s'; see 'mapihttp help'", dialect->name,
                           call->arguments[0]);
    else if (dialect->input == MH_INPUT_FILE)
        read_file(call->word, file, text, &call->fault);
    else if (call->argument_count == 0)
        (void)read_standard_input(text, &call->fault);
    call->text = text->text ? text->text : "";
    call->length = text->length;
}

static int run_dialect(const struct mh_dialect *dialect, FILE *file, struct mh_call *call)
{
    struct mh_buffer text = {0};
    struct mh_reply reply = {0};
    if (dialect->input != MH_INPUT_FILE && call->argument_count == 0 && mh_console_is_terminal(stdin)) {
        say(mh_usage);
        return TROUBLE;
    }
    undelivered.complaint = dialect->complaint;
    undelivered.code = dialect->undelivered;
    take_input(dialect, file, call, &text);
    int code = dialect->answer(call, &reply);
    mh_buffer_clear(&text);
    if (reply.err.length > 0)
        (void)mh_console_write(stderr, reply.err.text, reply.err.length);
    reply.out.failed = reply.out.failed || reply.err.failed;
    mh_buffer_clear(&reply.err);
    return deliver(&reply.out, code);
}

static int run_named_dialect(const struct mh_dialect *dialect, const struct command *command)
{
    bool has_word = command->argument_count > 0 && (!dialect->words || dialect->words[0]);
    struct mh_call call = {.word = has_word ? command->arguments[0] : NULL,
                           .arguments = command->arguments + has_word,
                           .argument_count = command->argument_count - has_word};
    if (command->has_format)
        (void)mh_error_set(&call.fault, MH_INVALID,
                           "-o is for get, check and apply; %s has an answer of its own", dialect->name);
    return run_dialect(dialect, NULL, &call);
}

static int run_schema(const struct command *command)
{
    struct mh_buffer buffer = {0};
    if (command->argument_count != 1 ||
        !mh_schema_put(command->arguments[0], command->format == MH_FORMAT_TABLE, &buffer))
        return refuse_call(command, "the schemas are 'schema request' and 'schema result'");
    return deliver(&buffer, 0);
}

static int run_version(const struct command *command)
{
    struct mh_buffer buffer = {0};
    if (command->argument_count > 0)
        return refuse_call(command, "version takes no arguments");
    mh_buffer_puts(&buffer, command->format == MH_FORMAT_TABLE ? "mapihttp " MAPIHTTP_VERSION "\n"
                                                               : "{\"version\":\"" MAPIHTTP_VERSION
                                                                 "\"}\n");
    return deliver(&buffer, 0);
}

static int run_help(const struct command *command)
{
    struct mh_buffer buffer = {0};
    if (command->argument_count > 0)
        return refuse_call(command, "help takes no arguments");
    mh_buffer_puts(&buffer, mh_usage);
    return deliver(&buffer, 0);
}

static const struct {
    const char *name;
    int (*run)(const struct command *command);
} plain_verbs[] = {
    {"schema", run_schema}, {"version", run_version}, {"--version", run_version},
    {"help", run_help},     {"--help", run_help},     {"-h", run_help},
};

static int run_verb(int argc, const struct command *command)
{
    const struct mh_dialect *dialect = mh_dialect_find(command->verb);
    enum mh_verb verb;
    char message[256];
    FILE *file = NULL;
    if (mh_verb_parse(command->verb, &verb))
        return run_native(command, verb);
    if (dialect)
        return run_named_dialect(dialect, command);
    for (size_t i = 0; i < sizeof(plain_verbs) / sizeof(plain_verbs[0]); i++)
        if (strcmp(plain_verbs[i].name, command->verb) == 0)
            return plain_verbs[i].run(command);
    /* Ansible starts a module with the file of its arguments and nothing else. */
    if (argc == 2 && mh_console_open(command->verb, &file, NULL) == MH_OK)
        return run_dialect(mh_dialect_find("ansible"), file, &(struct mh_call){.word = command->verb});
    snprintf(message, sizeof(message), "there is no verb, and no file that can be read, called '%s'", command->verb);
    return refuse_call(command, message);
}

int main(int argc, char **argv)
{
    struct command command = {0};
    if (!mh_console_prepare()) {
        say("mapihttp: standard input, output or error is closed, and /dev/null cannot be opened in its place\n");
        return TROUBLE;
    }
    mh_json_no_memory(give_up);
    argv = mh_console_arguments(argc, argv, &argc);
    if (!argv) {
        say("mapihttp: out of memory\n");
        return TROUBLE;
    }
    if (argc <= 1) /* so Bolt starts a task */
        return run_dialect(mh_dialect_find("bolt"), NULL, &(struct mh_call){0});
    parse_command(argc, argv, &command);
    if (command.fault)
        return refuse_call(&command, command.fault);
    if (!command.verb) {
        say(mh_usage);
        return TROUBLE;
    }
    return run_verb(argc, &command);
}
