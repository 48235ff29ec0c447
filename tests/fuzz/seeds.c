/* SPDX-License-Identifier: MIT */
#include "seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder/builder.h"
#include "registry/hive/format.h"

static void (*take)(const uint8_t *bytes, size_t size);

/* One input, of parts that lie one behind the other. */
static void save(const void *const *parts, const size_t *sizes, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += sizes[i];
    uint8_t *bytes = malloc(size + 1);
    if (!bytes)
        exit(2);
    uint8_t *at = bytes;
    for (size_t i = 0; i < count; at += sizes[i], i++)
        if (sizes[i] > 0)
            memcpy(at, parts[i], sizes[i]);
    take(bytes, size);
    free(bytes);
}

/* A user's tree; `depth` says how much of Software\Microsoft\Exchange is there, `kind` what the value is. */
static struct hb_key *make_tree(int depth, int kind)
{
    static const char *const path[] = {"Software", "Microsoft", "Exchange"};
    static const uint8_t data[40];
    struct hb_key *root = hb_key_new("ROOT");
    struct hb_key *key = root;
    struct hb_key *beside = hb_key_add(root, "Environment");
    beside->security = 1;
    hb_key_add(hb_key_add(root, "\xC4\x90\xC6\xB0\xE1\xBB\x9Dng"), "\xC3\x84rger")->security = 2;
    hb_value_add_text(beside, "TEMP", HB_REG_EXPAND_SZ, "%USERPROFILE%\\Temp");
    hb_value_add_fill(beside, "", HB_REG_BINARY, kind == 2 ? 33000 : 100);
    if (hb_key_set_class(beside, "a class") != HB_OK)
        exit(2);
    for (int i = 0; i < depth; i++) {
        key = hb_key_add(key, path[i]);
        hb_value_add_dword(key, "Another", 5);
    }
    for (int i = 0; depth == 2 && i < 12; i++) {
        char name[16];
        snprintf(name, sizeof(name), "Key%d", i);
        hb_key_add(key, name)->security = (uint32_t)i % 3;
    }
    if (depth == 3 && kind == 1)
        hb_value_add_dword(key, "MapiHttpDisabled", 1);
    if (depth == 3 && kind == 2)
        hb_value_add(key, "MapiHttpDisabled", HB_REG_BINARY, data, sizeof(data));
    if (depth == 3 && kind == 3)
        hb_value_add_fill(key, "MapiHttpDisabled", HB_REG_BINARY, 17000);
    return root;
}

static void build(struct hb_key *root, const struct hb_options *options, const void *head, size_t head_size)
{
    uint8_t *bytes;
    size_t size;
    if (hb_build(root, options, &bytes, &size) != HB_OK)
        exit(2);
    save((const void *const[]){head, bytes}, (const size_t[]){head_size, size}, 2);
    free(bytes);
    hb_key_free(root);
}

/* A key whose list of subkeys is as long as lists get: one more, and it becomes another. */
static void seed_full(uint32_t minor, const void *head, size_t head_size)
{
    struct hb_options options;
    hb_options_init(&options);
    options.minor = minor;
    struct hb_key *root = make_tree(1, 0);
    for (int i = 0; i < 506; i++) {
        char name[16];
        snprintf(name, sizeof(name), "K%03d", i);
        hb_key_add(root->keys[root->key_count - 1], name);
    }
    build(root, &options, head, head_size);
}

/* A former finding: the data of our value are the security descriptor of a key that is looked at later. */
static void seed_shared(const void *head, size_t head_size)
{
    struct hb_options options;
    uint8_t *bytes;
    size_t size;
    hb_options_init(&options);
    struct hb_key *root = make_tree(3, 2);
    if (hb_build(root, &options, &bytes, &size) != HB_OK)
        exit(2);
    const struct hb_key *beside = hb_key_find(root, "Environment");
    struct hb_key *key = root;
    for (int i = 0; key && i < 3; i++)
        key = hb_key_find(key, (const char *const[]){"Software", "Microsoft", "Exchange"}[i]);
    if (!beside || !key)
        exit(2);
    for (size_t i = 0; i < key->value_count; i++)
        if (strcmp(key->values[i]->name.utf8, "MapiHttpDisabled") == 0)
            mh_put32(bytes + key->values[i]->at_vk + MH_VK_DATA, beside->at_security - MH_BASE_SIZE - MH_CELL_HEADER);
    save((const void *const[]){head, bytes}, (const size_t[]){head_size, size}, 2);
    free(bytes);
    hb_key_free(root);
}

/* `head` bytes come before each. */
static void seed_hives(const void *head, size_t head_size)
{
    for (uint32_t minor = 3; minor <= 6; minor++) {
        for (int variant = 0; variant < 7; variant++) {
            struct hb_options options;
            hb_options_init(&options);
            options.minor = minor;
            options.leaf_max = variant % 2 ? 4 : 506;
            options.free_cells = 6;
            build(make_tree(variant < 3 ? variant : 3, variant - 3), &options, head, head_size);
        }
        seed_full(minor, head, head_size);
    }
    seed_shared(head, head_size);
}

static void seed_hive(void)
{
    seed_hives("", 0);
}

/* Three edits: kind, type, number; see fuzz.h. */
static void seed_edit(void)
{
    static const char *const heads[] = {
        "\1\0\1\0\3\3\x20\x4E\0\0\0\0",
        "\0\0\0\0\2\1\x64\0\1\0\0\0",
        "\3\3\xFF\xFF\3\7\x30\x75\2\3\5\0",
    };
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        seed_hives(heads[i], 12);
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

static void save_text(const char *text)
{
    save((const void *const[]){text}, (const size_t[]){strlen(text)}, 1);
}

/* The first byte is the verb: "0" get, "1" check, "2" apply; "3" to "5" the same with arguments. */
static void seed_request(void)
{
    static const char *const requests[] = {
        "2{\"state\":\"enabled\",\"users\":[\"all\",\"default\"],\"exclude\":\"ann,S-1-5-18\",\"root\":\"/mnt\"}",
        "1{\"state\":\"on\",\"check\":\"yes\",\"store\":\"s\",\"hives\":[\"a\",\"b\"]}",
        "1{\"state\":\"enabled\",\"users\":\"ann\",\"check\":\"yes\",\"store\":\"s\"}",
        "2{\"restore\":[{\"id\":\"a\",\"value\":{\"type\":\"REG_SZ\",\"data\":{\"hex\":\"4100\"}}}]}",
        "2{\"restore\":[{\"id\":\"c\",\"value\":{\"type\":\"REG_MULTI_SZ\",\"data\":[\"x\"]}}]}",
        "2{\"restore\":[{\"id\":\"c\",\"value\":{\"type\":\"REG_DWORD\",\"data\":1}},{\"id\":\"d\",\"value\":null}]}",
        "0{\"state\":\"x\",\"state\":\"y\"}",
        "5state=enabled\nusers=ann, b*\nexclude=\ncheck=no\nhives=a,b",
        "4state=policy\nroot=/mnt",
    };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        save_text(requests[i]);
}

/* A dialect, a word, a number of profiles and flags, the profiles, a request; see fuzz_dialect.c. */
static void seed_dialect(void)
{
    static const char profiles[] = "\1ann\0\6A\0b\0\0\0" "\7Gr\xC3\xB6\xC3\x9F" "e\33[31m\0\0" "\4b\"\\\0\4\1\0\0\0";
    static const char broken[] = "\x0C" "ann\0\4\0\0\0\0" "\x47" "b\0\0" "\xA4" "c\0\4\1\0\0\0";
    static const char *const requests[] = {
        "{\"state\":\"enabled\",\"_ansible_check_mode\":false,\"_ansible_diff\":true}",
        "{\"state\":\"enabled\",\"_noop\":true,\"_task\":\"x\"}",
        "{\"state\":\"enabled\",\"users\":[\"*\"],\"exclude\":[\"b*\"],\"_metadata\":{}}",
        "state=enabled\nusers=all",
        "state=enabled\nout=x",
        "{\"state\":\"policy\",\"name\":\"n\",\"test\":true}",
        "{\"restore\":[{\"id\":\"ann\",\"value\":null}],\"check\":true}",
    };
    for (size_t dialect = 0; dialect < sizeof(requests) / sizeof(requests[0]); dialect++) {
        for (char word = 0; word < 7; word++) {
            char head[4] = {(char)dialect, word, 3, 4 + 16};
            bool arguments = dialect == 3 || dialect == 4;
            head[3] = (char)(head[3] + arguments + (word % 2 ? 32 : 0));
            save((const void *const[]){head, word % 2 ? broken : profiles, requests[dialect]},
                 (const size_t[]){4, word % 2 ? sizeof(broken) - 1 : sizeof(profiles) - 1, strlen(requests[dialect])},
                 3);
        }
    }
}

/* Every instruction, and what is none, of our key and of one above it. `head` bytes come before each. */
static void seed_policies(const void *head, size_t head_size)
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
        save((const void *const[]){head, bytes}, (const size_t[]){head_size, size}, 2);
    }
}

static void seed_preg(void)
{
    seed_policies("", 0);
}

/* How reading goes comes first; see fuzz_ntuser.c. */
static void seed_ntuser(void)
{
    seed_policies("\0\0", 2);
    seed_policies("\1\x40", 2);
    seed_policies("\2\x40", 2);
}

bool fuzz_seeds(const char *target, void (*taker)(const uint8_t *bytes, size_t size))
{
    static const struct {
        const char *name;
        void (*seed)(void);
    } targets[] = {{"fuzz_hive", seed_hive},       {"fuzz_edit", seed_edit},       {"fuzz_log", seed_log},
                   {"fuzz_request", seed_request}, {"fuzz_dialect", seed_dialect}, {"fuzz_preg", seed_preg},
                   {"fuzz_ntuser", seed_ntuser}};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        if (strcmp(targets[i].name, target) != 0)
            continue;
        take = taker;
        targets[i].seed();
        return true;
    }
    return false;
}
