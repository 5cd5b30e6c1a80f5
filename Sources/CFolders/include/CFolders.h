/* What Swift's own module of the C library leaves out for the reading of folders. */
#ifndef CFOLDERS_H
#define CFOLDERS_H

#include <stddef.h>
#include <sys/types.h>

/* Entries of an open folder from where the last call ended, as getdents64(2) lays them out: their bytes, 0 at the end, -1 with
   errno. */
ssize_t cfolders_entries(int descriptor, void *bytes, size_t length);

/* The kind of the file system that something open is on, as statfs(2) numbers them; -1 where that can't be told. */
long cfolders_system(int descriptor);

#endif
