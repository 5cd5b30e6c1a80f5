// Products of small matrices with large ones, where packing as a BLAS does it would cost as much as the product.

#include "CKernels.h"
#include "clones.h"

typedef float eight __attribute__((vector_size(32), aligned(4)));
typedef float four __attribute__((vector_size(16), aligned(4)));
#define UNROLL _Pragma("unroll")

// M rows by N vectors of c, in registers: 6 by 2 of eight numbers are what AVX2 holds, and one line of the cache a row of b.
#define TILE(name, vector, M, N)                                                                                    \
  CK_INLINE void name(const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,        \
                      ptrdiff_t k) {                                                                                \
    const ptrdiff_t w = sizeof(vector) / sizeof(float);                                                             \
    vector s[M][N], v[N];                                                                                           \
    UNROLL for (int i = 0; i < M; i++)                                                                              \
    UNROLL for (int j = 0; j < N; j++) s[i][j] = *(const vector *)(c + i * ldc + w * j);                            \
    for (ptrdiff_t l = 0; l < k; l++, a += lda, b += ldb) {                                                         \
      UNROLL for (int j = 0; j < N; j++) v[j] = *(const vector *)(b + w * j);                                       \
      UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) s[i][j] += a[i] * v[j];                 \
    }                                                                                                               \
    UNROLL for (int i = 0; i < M; i++)                                                                              \
    UNROLL for (int j = 0; j < N; j++) *(vector *)(c + i * ldc + w * j) = s[i][j];                                  \
  }
// All rows of `columns` columns.
#define STRIP(name, vector, N)                                                                                      \
  TILE(name##_6, vector, 6, N)                                                                                      \
  TILE(name##_2, vector, 2, N)                                                                                      \
  TILE(name##_1, vector, 1, N)                                                                                      \
  CK_INLINE void name(const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,        \
                      ptrdiff_t m, ptrdiff_t k) {                                                                   \
    ptrdiff_t i = 0;                                                                                                \
    for (; i + 6 <= m; i += 6) name##_6(a + i, lda, b, ldb, c + i * ldc, ldc, k);                                   \
    for (; i + 2 <= m; i += 2) name##_2(a + i, lda, b, ldb, c + i * ldc, ldc, k);                                   \
    for (; i < m; i++) name##_1(a + i, lda, b, ldb, c + i * ldc, ldc, k);                                           \
  }
STRIP(strip_16, eight, 2)
STRIP(strip_4, four, 1)
STRIP(strip_1, float, 1)

CK_CLONES void ck_add_products(const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,
                               ptrdiff_t m, ptrdiff_t n, ptrdiff_t k) {
  ptrdiff_t j = 0;
  for (; j + 16 <= n; j += 16) strip_16(a, lda, b + j, ldb, c + j, ldc, m, k);
  for (; j + 4 <= n; j += 4) strip_4(a, lda, b + j, ldb, c + j, ldc, m, k);
  for (; j < n; j++) strip_1(a, lda, b + j, ldb, c + j, ldc, m, k);
}

// M rows of maps against N vectors of the panel's columns.
#define PROJECT(name, vector, M, N)                                                                                 \
  CK_INLINE void name(const float *maps, ptrdiff_t distance, const float *panel, ptrdiff_t lanes, ptrdiff_t pixels, \
                      float *out, ptrdiff_t row_step, ptrdiff_t column_step, ptrdiff_t columns) {                   \
    const ptrdiff_t w = sizeof(vector) / sizeof(float);                                                             \
    vector s[M][N], v[N];                                                                                           \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) s[i][j] = (vector){0};                    \
    for (ptrdiff_t p = 0; p < pixels; p++, panel += lanes) {                                                        \
      UNROLL for (int j = 0; j < N; j++) v[j] = *(const vector *)(panel + w * j);                                   \
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
    for (ptrdiff_t p = 0; p < count * distance; p += 16) __builtin_prefetch(next + i * distance + p, 0, 2);
    for (ptrdiff_t j = 0; j < columns;) {
      const ptrdiff_t left = columns - j;
      float *at = to + j * column_step;
      if (left > 8) {
        const ptrdiff_t own = left < 16 ? left : 16;
        if (count == 6) project_6_16(in, distance, panel + j, lanes, pixels, at, row_step, column_step, own);
        else project_1_16(in, distance, panel + j, lanes, pixels, at, row_step, column_step, own);
        j += own;
      } else {
        if (count == 6) project_6_8(in, distance, panel + j, lanes, pixels, at, row_step, column_step, left);
        else project_1_8(in, distance, panel + j, lanes, pixels, at, row_step, column_step, left);
        j += left;
      }
    }
    i += count;
  }
}
