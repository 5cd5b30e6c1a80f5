// A small limit on the address space (ulimit -v), before any library is initialised: OpenBLAS takes memory for each core
// when it is loaded, and where it gets none it tries for ever. vcsh uses one thread of it, so the program is started again
// with one; below what the libraries need at all it says so and ends.

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "CKernels.h"

#if defined(__linux__)
static const rlim_t needed = 192 << 20;
static const char threads[] = "OPENBLAS_NUM_THREADS=";
static char one_thread[] = "OPENBLAS_NUM_THREADS=1";
static char marker[] = "VCSH_ONE_BLAS_THREAD=1";

static void fit_address_space(int argc, char **argv, char **environment) {
  (void)argc;
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  if (limit.rlim_cur < needed) {
    static const char message[] =
        "error: the limit on address space (ulimit -v) is too small for vcsh to start\n"
        "help: allow at least 192 MB: ulimit -v 196608\n";
    ssize_t count = write(STDERR_FILENO, message, sizeof message - 1);
    (void)count;
    _exit(1);
  }
  size_t count = 0;
  for (; environment[count] != NULL; count++)
    if (strncmp(environment[count], threads, sizeof threads - 1) == 0) return;
  char *more[count + 3];
  memcpy(more, environment, count * sizeof *more);
  more[count] = one_thread;
  more[count + 1] = marker;
  more[count + 2] = NULL;
  // Where this fails, the program goes on as it is.
  execve("/proc/self/exe", argv, more);
}

// Runs before the constructors of all libraries.
__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = fit_address_space;

// Programs that vcsh starts choose for themselves.
__attribute__((constructor)) static void forget_threads(void) {
  if (getenv("VCSH_ONE_BLAS_THREAD") == NULL) return;
  unsetenv("VCSH_ONE_BLAS_THREAD");
  unsetenv("OPENBLAS_NUM_THREADS");
}
#endif
