/* SPDX-License-Identifier: MIT */
#include "os/windows/win.h"

/* The name, which comes last, does not fit; nobody wants it. */
NTSTATUS mh_seen_look(HANDLE handle, struct mh_seen *ret_seen)
{
    FILE_ALL_INFORMATION info;
    IO_STATUS_BLOCK io;
    NTSTATUS status = NtQueryInformationFile(handle, &io, &info, sizeof(info), FileAllInformation);
    if (!NT_SUCCESS(status) && status != STATUS_BUFFER_OVERFLOW)
        return status;
    *ret_seen = (struct mh_seen){
        .file = (uint64_t)info.InternalInformation.IndexNumber.QuadPart,
        .size = (uint64_t)info.StandardInformation.EndOfFile.QuadPart,
        .created = (uint64_t)info.BasicInformation.CreationTime.QuadPart,
        .written = (uint64_t)info.BasicInformation.LastWriteTime.QuadPart,
        .changed = (uint64_t)info.BasicInformation.ChangeTime.QuadPart,
        .links = info.StandardInformation.DeletePending ? 0 : info.StandardInformation.NumberOfLinks,
        .attributes = info.BasicInformation.FileAttributes,
        .ea_size = info.EaInformation.EaSize,
    };
    return STATUS_SUCCESS;
}

bool mh_seen_same(const struct mh_seen *a, const struct mh_seen *b)
{
    return a->file == b->file && a->size == b->size && a->written == b->written && a->changed == b->changed &&
           a->links == b->links;
}
