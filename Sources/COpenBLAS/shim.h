#include <cblas.h>

// Fortran LAPACK, column-major: the library has no C interface to it.
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb,
            int *info);
