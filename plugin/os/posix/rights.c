/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "os/posix/native.h"
#include "os/posix/posix.h"

/* Attributes that NTFS drivers (ntfs-3g, ntfs3) hold but do not list. */
static const char *const unlisted[] = {"system.ntfs_acl", "system.ntfs_security", "system.ntfs_attrib",
                                       "system.dos_attrib", "user.cifs.dosattrib"};

/* A mounted share's security descriptor, the whole of it first: what one may not read, another may. */
static const char *const share_rights[] = {"system.cifs_ntsd_full", "system.cifs_ntsd", "system.cifs_acl"};

#define ACCESS_ACL "system.posix_acl_access"

static bool not_there(int number)
{
    return number == ENODATA || number == EOPNOTSUPP || number == ENOSYS || number == EINVAL;
}

/* The value of an attribute on the heap; *ret_value stays NULL when it is not there. */
static int get_attribute(int fd, const char *name, char **ret_value, size_t *ret_size,
                         struct mh_error *err)
{
    ssize_t size;
    MH_AGAIN(size, fgetxattr(fd, name, NULL, 0));
    if (size < 0)
        return not_there(errno) ? MH_OK : mh_error_errno(err, errno, "cannot read the attribute %s", name);
    char *value = malloc((size_t)size + 1);
    if (!value)
        return mh_error_no_memory(err);
    /* Never a capacity of 0: that asks for the size alone, and what it had grown to meanwhile would be ours. */
    ssize_t got;
    MH_AGAIN(got, fgetxattr(fd, name, value, (size_t)size + 1));
    if (got < 0) {
        int number = errno;
        free(value);
        return mh_error_errno(err, number, "cannot read the attribute %s", name);
    }
    *ret_value = value;
    *ret_size = (size_t)got;
    return MH_OK;
}

static int copy_attribute(int from, int to, const char *name, struct mh_error *err)
{
    char *value = NULL;
    size_t size = 0;
    int set = 0;
    int status = get_attribute(from, name, &value, &size, err);
    if (status == MH_OK && value)
        MH_AGAIN(set, fsetxattr(to, name, value, size, 0));
    if (set < 0)
        status = mh_error_errno(err, errno, "cannot keep the attribute %s", name);
    free(value);
    return status;
}

static int copy_share_rights(int from, int to, struct mh_error *err)
{
    struct mh_error why = {0};
    for (size_t i = 0; i < sizeof(share_rights) / sizeof(share_rights[0]); i++) {
        ssize_t size;
        MH_AGAIN(size, fgetxattr(from, share_rights[i], NULL, 0));
        if (size < 0 && not_there(errno))
            continue;
        if (copy_attribute(from, to, share_rights[i], &why) == MH_OK)
            return MH_OK;
    }
    if (err && why.status != MH_OK)
        *err = why;
    return why.status;
}

static int list_attributes(int fd, char **ret_names, size_t *ret_size, struct mh_error *err)
{
    ssize_t size;
    MH_AGAIN(size, flistxattr(fd, NULL, 0));
    char *names = size > 0 ? malloc((size_t)size) : NULL;
    if (size > 0 && !names)
        return mh_error_no_memory(err);
    ssize_t got = size;
    if (size > 0)
        MH_AGAIN(got, flistxattr(fd, names, (size_t)size));
    if (got < 0 && !not_there(errno)) {
        int number = errno;
        free(names);
        return mh_error_errno(err, number, "cannot list the attributes");
    }
    *ret_names = names;
    *ret_size = got > 0 ? (size_t)got : 0;
    return MH_OK;
}

/* The folder's default ACL gave the new file one that the old one never had. */
static int drop_acl(int fd, struct mh_error *err)
{
    int removed;
    MH_AGAIN(removed, fremovexattr(fd, ACCESS_ACL));
    if (removed < 0 && !not_there(errno))
        return mh_error_errno(err, errno, "cannot remove the ACL that the folder gives");
    return MH_OK;
}

static int copy_attributes(int from, int to, struct mh_error *err)
{
    char *names = NULL;
    size_t size = 0;
    bool has_acl = false;
    int status = list_attributes(from, &names, &size, err);
    for (size_t at = 0; status == MH_OK && names && at < size; at += strlen(names + at) + 1) {
        has_acl = has_acl || strcmp(names + at, ACCESS_ACL) == 0;
        status = copy_attribute(from, to, names + at, err);
    }
    free(names);
    for (size_t i = 0; status == MH_OK && i < sizeof(unlisted) / sizeof(unlisted[0]); i++)
        status = copy_attribute(from, to, unlisted[i], err);
    if (status == MH_OK)
        status = copy_share_rights(from, to, err);
    if (status == MH_OK && !has_acl)
        status = drop_acl(to, err);
    return status;
}

int mh_file_copy_rights(const struct mh_file *from, int to, struct mh_error *err)
{
    const struct stat *seen = &from->seen;
    struct stat made;
    int done;
    MH_AGAIN(done, fstat(to, &made));
    if (done < 0)
        return mh_error_errno(err, errno, "cannot look at the new file");
    if (made.st_uid != seen->st_uid || made.st_gid != seen->st_gid)
        MH_AGAIN(done, fchown(to, seen->st_uid, seen->st_gid));
    if (done < 0)
        return mh_error_errno(err, errno, "cannot keep the owner");
    int status = copy_attributes(from->fd, to, err);
    if (status != MH_OK)
        return status;
    MH_AGAIN(done, fchmod(to, seen->st_mode & 07777));
    if (done < 0)
        return mh_error_errno(err, errno, "cannot keep the mode");
    return MH_OK;
}
