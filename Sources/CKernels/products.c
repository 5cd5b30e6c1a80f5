// Products of small matrices with large ones, where packing as a BLAS does it would cost as much as the product.

#include "CKernels.h"
#include "clones.h"

typedef float eight __attribute__((vector_size(32), aligned(4)));
typedef float four __attribute__((vector_size(16), aligned(4)));
#define UNROLL _Pragma("unroll")

// M rows by N vectors of c, in registers: 6 by 2 of eight numbers are what AVX2 holds, and one line of the cache a row of b.
// The first tile of a strip copies the strip for the others, as rows far apart share places in the cache, and asks for the next
// but one, as no processor fetches such rows by itself.
#define TILE(name, vector, M, N)                                                                                    \
  CK_INLINE void name(const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,        \
                      ptrdiff_t k, float *copy) {                                                                   \
    const ptrdiff_t w = sizeof(vector) / sizeof(float);                                                             \
    vector s[M][N], v[N];                                                                                           \
    UNROLL for (int i = 0; i < M; i++)                                                                              \
    UNROLL for (int j = 0; j < N; j++) s[i][j] = *(const vector *)(c + i * ldc + w * j);                            \
    UNROLL for (int i = 0; i < M; i++) __builtin_prefetch(c + i * ldc + w * N, 0, 2);                               \
    if (copy) {                                                                                                     \
      for (ptrdiff_t l = 0; l < k; l++, a += lda, b += ldb, copy += w * N) {                                        \
        UNROLL for (int j = 0; j < N; j++) v[j] = *(const vector *)(b + w * j);                                     \
        __builtin_prefetch(b + 32, 0, 3);                                                                           \
        UNROLL for (int j = 0; j < N; j++) *(vector *)(copy + w * j) = v[j];                                        \
        UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) s[i][j] += a[i] * v[j];               \
      }                                                                                                             \
    } else {                                                                                                        \
      for (ptrdiff_t l = 0; l < k; l++, a += lda, b += ldb) {                                                       \
        UNROLL for (int j = 0; j < N; j++) v[j] = *(const vector *)(b + w * j);                                     \
        UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) s[i][j] += a[i] * v[j];               \
      }                                                                                                             \
    }                                                                                                               \
    UNROLL for (int i = 0; i < M; i++)                                                                              \
    UNROLL for (int j = 0; j < N; j++) *(vector *)(c + i * ldc + w * j) = s[i][j];                                  \
  }
#define STRIP_CASE(name, M)                                                                                         \
  case M: name##_##M(a + i, lda, b, ldb, c + i * ldc, ldc, k, copy); break;
// All rows of `columns` columns, as evenly as they can be divided.
#define STRIP(name, vector, N)                                                                                      \
  TILE(name##_6, vector, 6, N)                                                                                      \
  TILE(name##_5, vector, 5, N)                                                                                      \
  TILE(name##_4, vector, 4, N)                                                                                      \
  TILE(name##_3, vector, 3, N)                                                                                      \
  TILE(name##_2, vector, 2, N)                                                                                      \
  TILE(name##_1, vector, 1, N)                                                                                      \
  CK_INLINE void name(const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,        \
                      ptrdiff_t m, ptrdiff_t k, float *copy) {                                                      \
    ptrdiff_t left = (m + 5) / 6;                                                                                   \
    for (ptrdiff_t i = 0; i < m; left--) {                                                                          \
      const ptrdiff_t rows = (m - i + left - 1) / left;                                                             \
      switch (rows) {                                                                                               \
        STRIP_CASE(name, 6) STRIP_CASE(name, 5) STRIP_CASE(name, 4)                                                 \
        STRIP_CASE(name, 3) STRIP_CASE(name, 2) STRIP_CASE(name, 1)                                                 \
      }                                                                                                             \
      i += rows;                                                                                                    \
      if (copy) b = copy, ldb = 16, copy = 0;                                                                       \
    }                                                                                                               \
  }
STRIP(strip_16, eight, 2)
STRIP(strip_4, four, 1)
STRIP(strip_1, float, 1)

CK_CLONES void ck_add_products(const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,
                               ptrdiff_t m, ptrdiff_t n, ptrdiff_t k) {
  float copy[256 * 16] __attribute__((aligned(64)));
  float *to = k <= 256 ? copy : 0;
  ptrdiff_t j = 0;
  for (; j + 16 <= n; j += 16) strip_16(a, lda, b + j, ldb, c + j, ldc, m, k, to);
  for (; j + 4 <= n; j += 4) strip_4(a, lda, b + j, ldb, c + j, ldc, m, k, 0);
  for (; j < n; j++) strip_1(a, lda, b + j, ldb, c + j, ldc, m, k, 0);
}

// M rows of maps against N vectors of the panel's columns.
#define PROJECT(name, vector, M, N)                                                                                 \
  CK_INLINE void name(const float *maps, ptrdiff_t distance, const float *panel, ptrdiff_t lanes, ptrdiff_t pixels, \
                      float *out, ptrdiff_t row_step, ptrdiff_t column_step, ptrdiff_t columns, const float *ahead) {\
    const ptrdiff_t w = sizeof(vector) / sizeof(float);                                                             \
    vector s[M][N], v[N];                                                                                           \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) s[i][j] = (vector){0};                    \
    for (ptrdiff_t p = 0; p < pixels; p++, panel += lanes) {                                                        \
      UNROLL for (int j = 0; j < N; j++) v[j] = *(const vector *)(panel + w * j);                                   \
      if (ahead) __builtin_prefetch(ahead + p * M, 0, 2);                                                           \
      UNROLL for (int i = 0; i < M; i++)                                                                            \
      UNROLL for (int j = 0; j < N; j++) s[i][j] += maps[i * distance + p] * v[j];                                  \
    }                                                                                                               \
    float t[M][8 * N];                                                                                              \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) *(vector *)(t[i] + w * j) = s[i][j];      \
    for (ptrdiff_t j = 0; j < columns; j++)                                                                         \
      UNROLL for (int i = 0; i < M; i++) out[i * row_step + j * column_step] = t[i][j];                             \
  }
PROJECT(project_6_16, eight, 6, 2)
PROJECT(project_1_16, eight, 1, 2)
PROJECT(project_6_8, eight, 6, 1)
PROJECT(project_1_8, eight, 1, 1)

CK_CLONES void ck_project(const float *maps, ptrdiff_t distance, ptrdiff_t rows, ptrdiff_t pixels, const float *panel,
                          ptrdiff_t columns, float *out, ptrdiff_t row_step, ptrdiff_t column_step) {
  const ptrdiff_t lanes = (columns + 7) / 8 * 8;
  const float *next = maps + rows * distance;
  for (ptrdiff_t i = 0; i < rows;) {
    const ptrdiff_t count = i + 6 <= rows ? 6 : 1;
    const float *in = maps + i * distance;
    float *to = out + i * row_step;
    // Six rows side by side are read too jumpily for the processor to fetch ahead. The maps behind these are mostly the next ones.
    const float *ahead = next + i * distance;
    for (ptrdiff_t j = 0; j < columns;) {
      const ptrdiff_t left = columns - j;
      if (j) ahead = 0;
      float *at = to + j * column_step;
      if (left > 8) {
        const ptrdiff_t own = left < 16 ? left : 16;
        if (count == 6) project_6_16(in, distance, panel + j, lanes, pixels, at, row_step, column_step, own, ahead);
        else project_1_16(in, distance, panel + j, lanes, pixels, at, row_step, column_step, own, ahead);
        j += own;
      } else {
        if (count == 6) project_6_8(in, distance, panel + j, lanes, pixels, at, row_step, column_step, left, ahead);
        else project_1_8(in, distance, panel + j, lanes, pixels, at, row_step, column_step, left, ahead);
        j += left;
      }
    }
    i += count;
  }
}
