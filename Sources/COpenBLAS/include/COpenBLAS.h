#ifndef COPENBLAS_H
#define COPENBLAS_H

#include <cblas.h>

// OpenBLAS, loaded at the first call: most entries of a shell multiply no matrix, and loading it takes longer than
// they do. Each function is that of cblas.h or of LAPACK (column-major) under another name, on the calling thread
// alone. A library that can't be loaded ends the program with one line on what to install.

// The core type in use: `SkylakeX`, `Haswell`, ...
const char *blas_core_name(void);

void blas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE transpose_a, enum CBLAS_TRANSPOSE transpose_b, blasint m,
                blasint n, blasint k, float alpha, const float *a, blasint lda, const float *b, blasint ldb, float beta,
                float *c, blasint ldc);
void blas_sgemv(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE transpose, blasint m, blasint n, float alpha,
                const float *a, blasint lda, const float *x, blasint incx, float beta, float *y, blasint incy);
void blas_dsyrk(enum CBLAS_ORDER order, enum CBLAS_UPLO triangle, enum CBLAS_TRANSPOSE transpose, blasint n, blasint k,
                double alpha, const double *a, blasint lda, double beta, double *c, blasint ldc);
void lapack_dposv(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb,
                  int *info);
void lapack_dsyevd(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
                   const int *lwork, int *iwork, const int *liwork, int *info);

#endif
