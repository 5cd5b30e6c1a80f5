#define _GNU_SOURCE
#include "CFolders.h"

#include <dirent.h>

ssize_t cfolders_entries(int descriptor, void *bytes, size_t length) { return getdents64(descriptor, bytes, length); }
