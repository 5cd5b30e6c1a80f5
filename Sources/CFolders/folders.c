#define _GNU_SOURCE
#include "CFolders.h"

#include <dirent.h>
#include <sys/vfs.h>

ssize_t cfolders_entries(int descriptor, void *bytes, size_t length) { return getdents64(descriptor, bytes, length); }

long cfolders_system(int descriptor) {
  struct statfs info;
  return fstatfs(descriptor, &info) == 0 ? info.f_type : -1;
}
