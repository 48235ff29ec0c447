/* SPDX-License-Identifier: MIT */
#include "mkhive_spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: mkhive [--map] [--recovered FILE] SPEC.json OUT\n"
    "       mkhive LIST.json\n"
    "Builds a registry hive. SPEC.json may be - for the standard input. With a log the files\n"
    "OUT.LOG1 and OUT.LOG2 (or OUT.LOG) are made too, and with --recovered FILE the hive after\n"
    "recovery. --map prints where everything is as JSON: file offsets of the contents of cells.\n"
    "LIST.json is a list of {\"spec\": SPEC, \"out\": OUT}. Exit: 0 done,\n"
    "1 wrong description, 2 trouble.\n";

enum { DONE = 0, WRONG = 1, TROUBLE = 2 };

struct job {
    const char *out;
    const char *recovered; /* NULL = not wanted */
    bool map;
};

static int write_file(const char *name, const char *suffix, const uint8_t *bytes, size_t size)
{
    size_t length = strlen(name) + strlen(suffix) + 1;
    char *path = malloc(length);
    FILE *file;
    bool ok;

    if (path == NULL)
        return TROUBLE;
    (void)snprintf(path, length, "%s%s", name, suffix);
    file = fopen(path, "wb");
    ok = file != NULL && fwrite(bytes, 1, size, file) == size;
    if (file != NULL && fclose(file) != 0)
        ok = false;
    if (!ok)
        fprintf(stderr, "mkhive: cannot write %s\n", path);
    free(path);
    return ok ? DONE : TROUBLE;
}

static int write_files(const struct job *job, const struct hb_files *files, bool dirt)
{
    int status = write_file(job->out, "", files->primary, files->primary_size);

    for (int i = 0; status == DONE && i < 2; i++)
        if (files->log[i] != NULL)
            status = write_file(job->out, dirt ? ".LOG" : i == 0 ? ".LOG1" : ".LOG2", files->log[i],
                                files->log_size[i]);
    if (status == DONE && job->recovered != NULL && files->recovered != NULL)
        status = write_file(job->recovered, "", files->recovered, files->recovered_size);
    return status;
}

static int print_map(const struct hb_key *root)
{
    json_t *map = hb_map_make(root);
    bool ok = map != NULL && json_dumpf(map, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF &&
              fflush(stdout) == 0;

    json_decref(map);
    if (!ok)
        fprintf(stderr, "mkhive: cannot print the map\n");
    return ok ? DONE : TROUBLE;
}

static int make(const json_t *json, const struct job *job)
{
    struct hb_spec spec;
    struct hb_files files = {0};
    int status = TROUBLE;
    int error = HB_OK;

    if (!hb_spec_read(json, &spec)) {
        fprintf(stderr, "mkhive: %s: %s\n", job->out, spec.error);
        hb_spec_free(&spec);
        return WRONG;
    }
    if (spec.after != NULL)
        error = hb_build_dirty(spec.root, spec.after, spec.after_count, &spec.options, &spec.log,
                               &files);
    else
        error = hb_build(spec.root, &spec.options, &files.primary, &files.primary_size);
    if (error != HB_OK)
        fprintf(stderr, "mkhive: %s: %s\n", job->out, hb_error_text(error));
    if (error == HB_OK)
        status = write_files(job, &files, spec.log.format == HB_LOG_DIRT);
    if (status == DONE && job->map)
        status = print_map(spec.root);
    hb_files_free(&files);
    hb_spec_free(&spec);
    return error == HB_OK ? status : error == HB_ERR_MEMORY ? TROUBLE : WRONG;
}

static int make_all(const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) {
        const json_t *spec = json_object_get(item, "spec");
        struct job job = {json_string_value(json_object_get(item, "out")), NULL, false};
        int status;

        if (spec == NULL || job.out == NULL || json_object_size(item) != 2) {
            fprintf(stderr, "mkhive: item %zu must be {\"spec\": ..., \"out\": ...}\n", i);
            return WRONG;
        }
        status = make(spec, &job);
        if (status != DONE)
            return status;
    }
    return DONE;
}

static json_t *load(const char *path)
{
    const size_t flags = JSON_REJECT_DUPLICATES;
    json_error_t error;
    json_t *json;

    if (strcmp(path, "-") == 0)
        json = json_loadf(stdin, flags, &error);
    else
        json = json_load_file(path, flags, &error);
    if (json == NULL)
        fprintf(stderr, "mkhive: %s:%d: %s\n", path, error.line, error.text);
    return json;
}

int main(int argc, char **argv)
{
    struct job job = {NULL, NULL, false};
    const char *path;
    json_t *json;
    int status = WRONG;
    int next = 1;

    for (; next < argc && strncmp(argv[next], "--", 2) == 0; next++) {
        if (strcmp(argv[next], "--map") == 0)
            job.map = true;
        else if (strcmp(argv[next], "--recovered") == 0 && next + 1 < argc)
            job.recovered = argv[++next];
        else
            next = argc;
    }
    if (argc - next < 1 || argc - next > 2) {
        (void)fputs(usage, stderr);
        return TROUBLE;
    }
    path = argv[next];
    job.out = argc - next == 2 ? argv[next + 1] : NULL;
    json = load(path);
    if (json == NULL)
        return WRONG;
    if (json_is_array(json) == (job.out == NULL) && (json_is_object(json) || job.out == NULL))
        status = job.out == NULL ? make_all(json) : make(json, &job);
    else
        (void)fputs(usage, stderr);
    json_decref(json);
    return status;
}
