// Debian's OpenBLAS 0.3.21 does not know newer processors and falls back to an SSE3 core, 3 to 6 times slower than
// what the processor can do. Before the first BLAS call, this picks the core that fits and loads its kernels.
//
// gotoblas_dynamic_quit and gotoblas_dynamic_init are exported but undocumented: they are weak here, the name is
// read again afterwards, and where nothing changed the library simply stays as it was.

#define _GNU_SOURCE
#include <cblas.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "CKernels.h"

extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern int blas_thread_shutdown_(void) __attribute__((weak));

const char *ck_core_name(void) { return openblas_get_corename(); }

#if defined(__x86_64__)
static const char *fitting_core(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return NULL;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    return "SkylakeX";
  return "Haswell";
}

static int is_fallback(const char *name) {
  return strcasecmp(name, "Prescott") == 0 || strcasecmp(name, "Core2") == 0 || strcasecmp(name, "Nehalem") == 0;
}
#endif

__attribute__((constructor)) static void mend_core(void) {
#if defined(__x86_64__)
  const char *core = fitting_core();
  if (core != NULL && getenv("OPENBLAS_CORETYPE") == NULL && is_fallback(openblas_get_corename()) &&
      gotoblas_dynamic_quit != NULL && gotoblas_dynamic_init != NULL) {
    // The environment comes back as it was: a child process chooses for itself, and Swift's runtime finds the
    // program's arguments below the environment that the process was started with.
    char **given = environ;
    setenv("OPENBLAS_CORETYPE", core, 1);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    environ = given;
  }
#endif
  // vcsh runs its own threads over samples, frames and cells; two layers of threads would fight for the cores.
  openblas_set_num_threads(1);
  // The library's idle threads spin for tens of milliseconds before they sleep, just when the prompt should appear.
  if (blas_thread_shutdown_ != NULL) blas_thread_shutdown_();
}
