/* SPDX-License-Identifier: MIT */
/*
 * Every way in which the device, the kernel or the power may fail a run of the program, tried one after the other.
 *
 *     faults [IMAGES [LABEL]]
 *
 * Prints TAP, one test for each scene, and the figures of all. In the folder IMAGES it leaves each hive as it was
 * before (NUMBER.before) and after (NUMBER.after), and what was asked (NUMBER.json), for other readers of hives. A scene is worked on in a process
 * of its own, as many at a time as there are processors. With LABEL only scenes are tried that have it in theirs.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "checker/checker.h"
#include "faults/campaign.h"
#include "faults/careless.h"
#include "faults/need.h"
#include "unit/scratch.h"

/* The scene that the writers of the tests' own are put to: a new value in a clean hive, 1.5. */
#define WRITERS_SCENE 9u

/* What one process found. */
struct page {
    struct tally tally;
    char label[96];
    char left_out[SCENE_LEFT_OUT];
    bool passed;
};

static const char *only = "";

static char *make_folder(char **ret_scratch)
{
    *ret_scratch = scratch_make();
    scratch_folder(*ret_scratch, "p");
    return place_path(*ret_scratch, "p");
}

static bool is_sound(const uint8_t *hive, size_t size)
{
    struct hc_report said;
    int result = hc_check(hive, size, 0, &said);
    for (size_t i = 0; i < said.text_count && i < 5; i++)
        printf("# 0x%llx: %s\n", (unsigned long long)said.texts[i].offset, said.texts[i].text);
    hc_report_free(&said);
    return result == 0;
}

static void write_image(const char *images, size_t which, const char *suffix, const uint8_t *bytes, size_t size)
{
    char *path = NULL;
    NEED(asprintf(&path, "%s/%03zu.%s", images, which, suffix) > 0);
    FILE *file = fopen(path, "wb");
    NEED(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    free(path);
}

static void describe_image(const char *images, size_t which, const struct scene *scene)
{
    char *line = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&line, &size);
    NEED(text);
    fprintf(text, "{\"label\": \"%s\", \"number\": \"%03zu\", \"type\": %u, \"data\": ", scene->label, which,
            scene->wanted.type);
    fprintf(text, scene->wanted.present ? "\"" : "null");
    for (uint32_t i = 0; i < scene->wanted.size; i++)
        fprintf(text, "%02x", scene->wanted.data[i]);
    fprintf(text, "%s}", scene->wanted.present ? "\"" : "");
    NEED(fclose(text) == 0);
    write_image(images, which, "json", (const uint8_t *)line, size);
    free(line);
}

/* All states that were accepted are one of these two, byte for byte: it is enough to look at them. */
static bool keep_images(const char *images, size_t which, const struct scene *scene)
{
    const struct place_entry *after = place_find(&scene->after, SCENE_HIVE);
    if (scene->tree)
        return true;
    if (images) {
        write_image(images, which, "before", scene->clean, scene->clean_size);
        write_image(images, which, "after", after->bytes, after->size);
        describe_image(images, which, scene);
    }
    return is_sound(scene->clean, scene->clean_size) && is_sound(after->bytes, after->size);
}

static void work_on_scene(size_t which, const char *images, struct page *page)
{
    struct scene scene;
    const char *left_out;
    char *scratch;
    char *folder = make_folder(&scratch);
    scene_make(which, folder, &scene, &left_out);
    snprintf(page->left_out, sizeof(page->left_out), "%s", left_out ? left_out : "");
    snprintf(page->label, sizeof(page->label), "%s", scene.label);
    page->passed = !strstr(scene.label, only);
    if (!page->passed && campaign_begin(&scene, folder, &page->tally) && keep_images(images, which, &scene)) {
        campaign_faults(&scene, folder, &page->tally);
        campaign_kills(&scene, folder, &page->tally);
        campaign_cuts(&scene, folder, &page->tally);
        page->passed = page->tally.losses == 0 && page->tally.breaches == 0;
    }
    scene_clear(&scene);
    scratch_remove(scratch);
    free(folder);
}

/* The model must see who loses a hive; what is lost by these is no loss of the program's. */
static void work_on_writer(size_t which, struct page *page)
{
    const struct careless *writer = careless_at(which);
    struct tally tally = {0};
    struct scene scene;
    const char *left_out;
    char *scratch;
    char *folder = make_folder(&scratch);
    scene_make(WRITERS_SCENE, folder, &scene, &left_out);
    snprintf(scene.label, sizeof(scene.label), "%s", writer->label);
    snprintf(page->label, sizeof(page->label), "the model: %s %s", writer->label,
             writer->loses ? "loses hives" : "loses none");
    scene.before.entries[0].mode = S_IFREG | 0640;
    scene.quiet = true;
    if (campaign_begin(&scene, folder, &tally)) {
        campaign_writer(writer->write, &scene, folder, &tally);
        page->passed = tally.cuts > 0 && writer->loses == (tally.losses > 0);
        printf("# %s: %zu states, %zu losses\n", writer->label, tally.cuts, tally.losses);
    }
    scene_clear(&scene);
    scratch_remove(scratch);
    free(folder);
}

static void work_on(size_t which, const char *images, struct page *page)
{
    if (which < careless_count())
        work_on_writer(which, page);
    else
        work_on_scene(which - careless_count(), images, page);
}

static size_t processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) < 0 ? 1 : (size_t)CPU_COUNT(&set);
}

/* False when one of the processes died, or (in the sanitizers' build) leaves memory or worse behind. */
static bool work_on_all(size_t count, const char *images, struct page *pages)
{
    bool sane = true;
    size_t running = 0;
    for (size_t i = 0; i < count || running > 0;) {
        if (i < count && running < processors()) {
            fflush(stdout);
            pid_t child = fork();
            NEED(child >= 0);
            if (child == 0) {
                work_on(i, images, &pages[i]);
                exit(0);
            }
            running++;
            i++;
        } else {
            int status;
            NEED(wait(&status) > 0);
            sane = sane && status == 0;
            running--;
        }
    }
    return sane;
}

static void add(struct tally *sum, const struct tally *tally)
{
    sum->faults += tally->faults;
    sum->doubles += tally->doubles;
    sum->kills += tally->kills;
    sum->cuts += tally->cuts;
    sum->losses += tally->losses;
    sum->breaches += tally->breaches;
}

static bool report(const struct page *pages, size_t count)
{
    struct tally sum = {0};
    bool passed = true;
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        const struct tally *tally = &pages[i].tally;
        add(&sum, tally);
        passed = passed && pages[i].passed;
        printf("%s %zu - %s", pages[i].passed ? "ok" : "not ok", i + 1, *pages[i].label ? pages[i].label : "died");
        if (tally->calls > 0)
            printf(" (%zu calls: %zu faults, %zu double ones, %zu kills, %zu power cuts)", tally->calls,
                   tally->faults, tally->doubles, tally->kills, tally->cuts);
        printf("\n");
        if (*pages[i].left_out)
            printf("# left out here, as this place cannot have them: %s (%s)\n", pages[i].left_out, pages[i].label);
    }
    printf("# %zu cases: %zu faults, %zu double faults, %zu kills, %zu power cuts; losses: %zu, other breaches: %zu\n",
           sum.faults + sum.doubles + sum.kills + sum.cuts, sum.faults, sum.doubles, sum.kills, sum.cuts, sum.losses,
           sum.breaches);
    return passed;
}

int main(int argc, char **argv)
{
    size_t count = careless_count() + scene_count();
    size_t size = count * sizeof(struct page);
    struct page *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(pages != MAP_FAILED);
    only = argc > 2 ? argv[2] : "";
    bool sane = work_on_all(count, argc > 1 ? argv[1] : NULL, pages);
    return report(pages, count) && sane ? 0 : 1;
}
