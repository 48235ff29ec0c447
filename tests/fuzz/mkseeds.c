/* SPDX-License-Identifier: MIT */
/* mkseeds FUZZER FOLDER: writes what the fuzzer begins with, made by the hive builder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder/builder.h"

static const char *folder;
static unsigned number;

static void save(const void *const *parts, const size_t *sizes, size_t count)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/seed%03u", folder, number++);
    FILE *file = fopen(path, "wb");
    for (size_t i = 0; file && i < count; i++)
        if (sizes[i] > 0 && fwrite(parts[i], 1, sizes[i], file) != sizes[i])
            exit(2);
    if (!file || fclose(file) != 0)
        exit(2);
}

/* A user's tree; `depth` says how much of Software\Microsoft\Exchange is there, `kind` what the value is. */
static struct hb_key *make_tree(int depth, int kind)
{
    static const char *const path[] = {"Software", "Microsoft", "Exchange"};
    static const uint8_t data[40];
    struct hb_key *root = hb_key_new("ROOT");
    struct hb_key *key = root;
    hb_key_add(root, "Environment");
    for (int i = 0; i < depth; i++) {
        key = hb_key_add(key, path[i]);
        hb_value_add_dword(key, "Another", 5);
    }
    for (int i = 0; depth == 2 && i < 12; i++) {
        char name[16];
        snprintf(name, sizeof(name), "Key%d", i);
        hb_key_add(key, name);
    }
    if (depth == 3 && kind == 1)
        hb_value_add_dword(key, "MapiHttpDisabled", 1);
    if (depth == 3 && kind == 2)
        hb_value_add(key, "MapiHttpDisabled", HB_REG_BINARY, data, sizeof(data));
    if (depth == 3 && kind == 3)
        hb_value_add_fill(key, "MapiHttpDisabled", HB_REG_BINARY, 17000);
    return root;
}

static void seed_hive(void)
{
    for (uint32_t minor = 3; minor <= 6; minor++) {
        for (int variant = 0; variant < 7; variant++) {
            struct hb_options options;
            uint8_t *bytes;
            size_t size;
            hb_options_init(&options);
            options.minor = minor;
            options.leaf_max = variant % 2 ? 4 : 506;
            options.free_cells = 6;
            struct hb_key *root = make_tree(variant < 3 ? variant : 3, variant - 3);
            if (hb_build(root, &options, &bytes, &size) != HB_OK)
                exit(2);
            save((const void *const[]){bytes}, &size, 1);
            free(bytes);
            hb_key_free(root);
        }
    }
}

static void seed_log(void)
{
    for (int variant = 0; variant < 4; variant++) {
        struct hb_options options;
        struct hb_log_options log;
        struct hb_files files;
        uint8_t head[8] = {0};
        hb_options_init(&options);
        hb_log_options_init(&log);
        log.format = variant == 3 ? HB_LOG_DIRT : HB_LOG_HVLE;
        log.files = variant == 2 ? 2 : 1;
        log.entries = variant == 3 ? 1 : 2;
        log.alignment = 512;
        options.damage_base = variant == 1;
        struct hb_key *before = make_tree(2, 0);
        struct hb_key *after = make_tree(3, 1);
        if (hb_build_dirty(before, &after, 1, &options, &log, &files) != HB_OK)
            exit(2);
        for (int i = 0; i < 4; i++) {
            head[i] = (uint8_t)(files.primary_size >> (8 * i));
            head[4 + i] = (uint8_t)(files.log_size[0] >> (8 * i));
        }
        save((const void *const[]){head, files.primary, files.log[0], files.log[1]},
             (const size_t[]){8, files.primary_size, files.log_size[0], files.log_size[1]}, 4);
        hb_files_free(&files);
        hb_key_free(before);
        hb_key_free(after);
    }
}

static void seed_request(void)
{
    static const char *const requests[] = {
        "2{\"state\":\"enabled\",\"users\":[\"all\",\"default\"],\"exclude\":\"ann,S-1-5-18\",\"root\":\"/mnt\"}",
        "1{\"state\":\"on\",\"check\":\"yes\",\"store\":\"s\",\"hives\":[\"a\",\"b\"]}",
        "2{\"restore\":[{\"id\":\"a\",\"value\":{\"type\":\"REG_SZ\",\"data\":{\"hex\":\"4100\"}}}]}",
        "2{\"restore\":[{\"id\":\"c\",\"value\":{\"type\":\"REG_MULTI_SZ\",\"data\":[\"x\"]}}]}",
        "0{\"state\":\"x\",\"state\":\"y\"}",
    };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        save((const void *const[]){requests[i]}, (const size_t[]){strlen(requests[i])}, 1);
}

/* Every instruction, and what is none, of our key and of one above it. */
static void seed_preg(void)
{
    static const char *const records[][3] = {
        {"Software\\Microsoft\\Exchange", "MapiHttpDisabled", "\1"},
        {"Software\\Microsoft\\Exchange", "**Del.MapiHttpDisabled", " "},
        {"Software\\Microsoft\\Exchange\\", "**DelVals.", " "},
        {"Software\\Microsoft\\Exchange", "**DeleteValues", "A;MapiHttpDisabled"},
        {"Software\\Microsoft", "**DeleteKeys", "Office;Exchange"},
        {"Software\\Microsoft\\Exchange", "**soft.MapiHttpDisabled", "1"},
        {"", "", ""},
    };
    uint8_t bytes[2048] = "PReg\1";
    size_t size = 8;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        const char *const parts[] = {"[", records[i][0], "\1;", records[i][1], "\1;\1\1;"};
        for (size_t j = 0; j < sizeof(parts) / sizeof(parts[0]); j++)
            for (const char *at = parts[j]; *at; at++, size += 2)
                bytes[size] = *at == '\1' ? 0 : (uint8_t)*at;
        bytes[size - 6] = 1; /* the type */
        bytes[size] = (uint8_t)(2 * strlen(records[i][2]));
        bytes[size + 4] = ';';
        size += 6;
        for (const char *at = records[i][2]; *at; at++, size += 2)
            bytes[size] = (uint8_t)*at;
        bytes[size] = ']';
        size += 2;
        save((const void *const[]){bytes}, &size, 1);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*seed)(void);
    } fuzzers[] = {{"fuzz_hive", seed_hive},
                   {"fuzz_log", seed_log},
                   {"fuzz_request", seed_request},
                   {"fuzz_preg", seed_preg}};
    for (size_t i = 0; argc == 3 && i < sizeof(fuzzers) / sizeof(fuzzers[0]); i++) {
        if (strcmp(fuzzers[i].name, argv[1]) != 0)
            continue;
        folder = argv[2];
        fuzzers[i].seed();
        return 0;
    }
    fprintf(stderr, "mkseeds FUZZER FOLDER\n");
    return 2;
}
