/* SPDX-License-Identifier: MIT */
#include "hb_bytes.h"
#include "hb_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 20,      /* sk record before its descriptor */
    DESCRIPTOR = 20,  /* descriptor header */
    SID_ADMINS = 16,  /* bytes of S-1-5-32-544 */
    SID_SYSTEM = 12,  /* of S-1-5-18 */
    SID_USER = 28,    /* of S-1-5-21-a-b-c-r */
    ACE_HEADER = 8,
    ACL_HEADER = 8,
    ACL = ACL_HEADER + 2 * ACE_HEADER + SID_SYSTEM + SID_USER,
    KEY_ALL_ACCESS = 0xF003F,
    KEY_READ = 0x20019,
};

static void put_sid(uint8_t *at, const uint32_t *parts, uint8_t count)
{
    at[0] = 1;
    at[1] = count;
    at[7] = 5; /* NT authority */
    for (size_t i = 0; i < count; i++)
        hb_put32(at + 8 + 4 * i, parts[i]);
}

static void put_allow(uint8_t *at, uint32_t rights, const uint32_t *sid, uint8_t count)
{
    at[0] = 0; /* access allowed */
    at[1] = 2; /* inherited by subkeys */
    hb_put16(at + 2, (uint16_t)(ACE_HEADER + 8 + 4 * count));
    hb_put32(at + 4, rights);
    put_sid(at + ACE_HEADER, sid, count);
}

/* Owner Administrators, group System; all for System, reading for a user that differs by number. */
static void put_descriptor(uint8_t *at, uint32_t number)
{
    const uint32_t admins[] = {32, 544};
    const uint32_t system[] = {18};
    const uint32_t user[] = {21, 1111111111, 222222222, 333333333, 1000 + number};
    uint8_t *acl = at + DESCRIPTOR + SID_ADMINS + SID_SYSTEM;

    at[0] = 1;
    hb_put16(at + 2, 0x8004); /* self-relative, has a DACL */
    hb_put32(at + 4, DESCRIPTOR);
    hb_put32(at + 8, DESCRIPTOR + SID_ADMINS);
    hb_put32(at + 16, DESCRIPTOR + SID_ADMINS + SID_SYSTEM);
    put_sid(at + DESCRIPTOR, admins, 2);
    put_sid(at + DESCRIPTOR + SID_ADMINS, system, 1);
    acl[0] = 2;
    hb_put16(acl + 2, ACL);
    hb_put16(acl + 4, 2);
    put_allow(acl + ACL_HEADER, KEY_ALL_ACCESS, system, 1);
    put_allow(acl + ACL_HEADER + ACE_HEADER + SID_SYSTEM, KEY_READ, user, 5);
}

static struct hb_security *find(const struct hb_layout *layout, uint32_t number)
{
    for (size_t i = 0; i < layout->security_count; i++)
        if (layout->securities[i].number == number)
            return &layout->securities[i];
    return NULL;
}

static void add(struct hb_layout *layout, uint32_t number)
{
    const size_t size = DESCRIPTOR + SID_ADMINS + SID_SYSTEM + ACL;
    struct hb_security *grown;
    uint32_t cell = hb_cells_add(&layout->cells, HEADER + size);
    uint8_t *sk;

    if (cell == HB_NIL)
        return;
    grown = realloc(layout->securities, (layout->security_count + 1) * sizeof(*grown));
    if (grown == NULL) {
        layout->cells.error = HB_ERR_MEMORY;
        return;
    }
    layout->securities = grown;
    grown[layout->security_count++] = (struct hb_security){number, cell, 0};
    sk = hb_cells_at(&layout->cells, cell);
    memcpy(sk, "sk", 2);
    hb_put32(sk + 16, (uint32_t)size);
    put_descriptor(sk + HEADER, number);
}

void hb_security_collect(struct hb_layout *layout, struct hb_key *root)
{
    if (layout->cells.error == HB_OK && find(layout, root->security) == NULL)
        add(layout, root->security);
    for (size_t i = 0; i < root->key_count; i++)
        hb_security_collect(layout, root->keys[i]);
}

uint32_t hb_security_use(struct hb_layout *layout, uint32_t number)
{
    struct hb_security *security = find(layout, number);

    if (security == NULL)
        return HB_NIL;
    security->uses++;
    return security->cell;
}

void hb_security_finish(struct hb_layout *layout)
{
    size_t count = layout->security_count;

    for (size_t i = 0; i < count; i++) {
        uint8_t *sk = hb_cells_at(&layout->cells, layout->securities[i].cell);

        hb_put32(sk + 4, layout->securities[(i + 1) % count].cell);
        hb_put32(sk + 8, layout->securities[(i + count - 1) % count].cell);
        hb_put32(sk + 12, layout->securities[i].uses);
    }
}
