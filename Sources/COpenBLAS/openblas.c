// vcsh runs its own threads over samples, frames and cells; two layers of threads would fight for the cores. So
// OpenBLAS is loaded with one thread, which also asks for the least memory.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include "CKernels.h"
#include "COpenBLAS.h"

static struct {
  __typeof__(&openblas_get_corename) core_name;
  __typeof__(&openblas_set_num_threads) set_threads;
  __typeof__(&blas_sgemm) sgemm;
  __typeof__(&blas_sgemv) sgemv;
  __typeof__(&blas_dsyrk) dsyrk;
  __typeof__(&lapack_dposv) dposv;
  __typeof__(&lapack_dsyevd) dsyevd;
} library;

static void give_up(const char *why) {
  fprintf(stderr, "error: OpenBLAS can't be loaded: %s\nhelp: install it; on Debian: apt install libopenblas0\n", why);
  _exit(1);
}

static void *symbol(void *handle, const char *name) {
  void *found = dlsym(handle, name);
  if (found == NULL) give_up(dlerror());
  return found;
}

#if defined(__x86_64__)
#define CORE_SETTING "OPENBLAS_CORETYPE="

static const char *fitting_core(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return NULL;
  return ck_has_wide_registers() ? CORE_SETTING "SkylakeX" : CORE_SETTING "Haswell";
}
#endif

// Loads the kernels of the core that fits the processor's vector units. Debian's OpenBLAS 0.3.21 does not know newer
// processors and falls back to an SSE3 core, 3 to 6 times slower than what the processor can do; those that it knows with
// AVX-512 have several cores (SkylakeX, Cooperlake), as fast as each other, whose products differ in their last bits. With
// one core for each width, results are the same bits on all processors of that width.
//
// gotoblas_dynamic_quit and gotoblas_dynamic_init are exported but undocumented: where they are missing or change
// nothing, the library stays as it was.
static void choose_core(void *handle, const char **core) {
#if defined(__x86_64__)
  const char *fitting = fitting_core();
  void (*quit)(void) = (void (*)(void))dlsym(handle, "gotoblas_dynamic_quit");
  void (*start)(void) = (void (*)(void))dlsym(handle, "gotoblas_dynamic_init");
  if (fitting == NULL || quit == NULL || start == NULL || getenv("OPENBLAS_CORETYPE") != NULL) return;
  if (strcasecmp(library.core_name(), fitting + strlen(CORE_SETTING)) == 0) return;
  *core = fitting;
  quit();
  start();
#else
  (void)handle;
  (void)core;
#endif
}

// OpenBLAS reads its settings from the environment. It gets one of its own, in which what the user has set comes first:
// children choose for themselves, and no other thread sees a change under its hands.
static void load(void) {
  char **given = environ;
  size_t count = 0;
  while (given != NULL && given[count] != NULL) count++;
  const char **settings = calloc(count + 3, sizeof *settings);
  if (settings == NULL) give_up("out of memory");
  if (count > 0) memcpy(settings, given, count * sizeof *settings);
  settings[count] = "OPENBLAS_NUM_THREADS=1";
  environ = (char **)settings;

  void *handle = dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_LOCAL);
  if (handle == NULL) give_up(dlerror());
  library.core_name = symbol(handle, "openblas_get_corename");
  library.set_threads = symbol(handle, "openblas_set_num_threads");
  choose_core(handle, &settings[count + 1]);
  environ = given;

  library.sgemm = symbol(handle, "cblas_sgemm");
  library.sgemv = symbol(handle, "cblas_sgemv");
  library.dsyrk = symbol(handle, "cblas_dsyrk");
  library.dposv = symbol(handle, "dposv_");
  library.dsyevd = symbol(handle, "dsyevd_");
  library.set_threads(1);
}

static pthread_once_t loaded = PTHREAD_ONCE_INIT;

// Where the address space is limited (ulimit -v), OpenBLAS is loaded while there is room: without its memory it tries
// for ever. Below what all libraries need, the program says so and ends.
__attribute__((constructor)) static void fit_address_space(void) {
  static const rlim_t needed = 192 << 20;
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  if (limit.rlim_cur < needed) {
    fputs(
        "error: the limit on address space (ulimit -v) is too small for vcsh to start\n"
        "help: allow at least 192 MB: ulimit -v 196608\n",
        stderr);
    _exit(1);
  }
  pthread_once(&loaded, load);
}

const char *blas_core_name(void) {
  pthread_once(&loaded, load);
  return library.core_name();
}

void blas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE transpose_a, enum CBLAS_TRANSPOSE transpose_b, blasint m,
                blasint n, blasint k, float alpha, const float *a, blasint lda, const float *b, blasint ldb, float beta,
                float *c, blasint ldc) {
  pthread_once(&loaded, load);
  library.sgemm(order, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void blas_sgemv(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE transpose, blasint m, blasint n, float alpha,
                const float *a, blasint lda, const float *x, blasint incx, float beta, float *y, blasint incy) {
  pthread_once(&loaded, load);
  library.sgemv(order, transpose, m, n, alpha, a, lda, x, incx, beta, y, incy);
}

void blas_dsyrk(enum CBLAS_ORDER order, enum CBLAS_UPLO triangle, enum CBLAS_TRANSPOSE transpose, blasint n, blasint k,
                double alpha, const double *a, blasint lda, double beta, double *c, blasint ldc) {
  pthread_once(&loaded, load);
  library.dsyrk(order, triangle, transpose, n, k, alpha, a, lda, beta, c, ldc);
}

void lapack_dposv(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb,
                  int *info) {
  pthread_once(&loaded, load);
  library.dposv(uplo, n, nrhs, a, lda, b, ldb, info);
}

void lapack_dsyevd(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
                   const int *lwork, int *iwork, const int *liwork, int *info) {
  pthread_once(&loaded, load);
  library.dsyevd(jobz, uplo, n, a, lda, w, work, lwork, iwork, liwork, info);
}
