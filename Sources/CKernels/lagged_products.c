// Sums of rows weighted by what followed them, where few rows have a weight.

#include <string.h>

#include "CKernels.h"
#include "clones.h"

enum { width = 16 };
typedef float strip_row __attribute__((vector_size(4 * width), aligned(4)));
#define UNROLL _Pragma("unroll")

// L lags of one weight, in registers: 6 of sixteen numbers are what AVX2 holds.
#define TILE(L)                                                                                                     \
  CK_INLINE void tile_##L(const float *strip, const ptrdiff_t *places, const float *values, ptrdiff_t count,        \
                          float *sums, ptrdiff_t distance) {                                                        \
    strip_row s[L];                                                                                                 \
    UNROLL for (int l = 0; l < L; l++) s[l] = *(const strip_row *)(sums + l * distance);                            \
    for (ptrdiff_t i = 0; i < count; i++) {                                                                         \
      const float *row = strip + width * places[i], value = values[i];                                              \
      UNROLL for (int l = 0; l < L; l++) s[l] += value * *(const strip_row *)(row - width * l);                     \
    }                                                                                                               \
    UNROLL for (int l = 0; l < L; l++) *(strip_row *)(sums + l * distance) = s[l];                                  \
  }
TILE(6)
TILE(1)

CK_CLONES void ck_lagged_products(const float *features, ptrdiff_t distance, ptrdiff_t rows, ptrdiff_t columns,
                                  const ptrdiff_t *places, const float *values, const ptrdiff_t *ends,
                                  ptrdiff_t end_count, ptrdiff_t weights, ptrdiff_t lags, float *strip, float *sums) {
  float *newest = strip + width * (lags - 1);
  if (columns == width) {
    for (ptrdiff_t row = 0; row < rows; row++) memcpy(newest + width * row, features + row * distance, 4 * width);
  } else {
    for (ptrdiff_t row = 0; row < rows; row++) {
      for (ptrdiff_t i = 0; i < columns; i++) newest[width * row + i] = features[row * distance + i];
    }
  }
  for (ptrdiff_t i = 0; i < lags * weights * width; i++) sums[i] = 0;
  ptrdiff_t step = width * weights, start = 0;
  for (ptrdiff_t i = 0; i < end_count; i++) {
    ptrdiff_t count = ends[i] - start, lag = 0;
    float *sum = sums + width * (i % weights);
    if (count > 0) {
      for (; lag + 6 <= lags; lag += 6)
        tile_6(newest - width * lag, places + start, values + start, count, sum + lag * step, step);
      for (; lag < lags; lag++)
        tile_1(newest - width * lag, places + start, values + start, count, sum + lag * step, step);
    }
    start = ends[i];
  }
}
