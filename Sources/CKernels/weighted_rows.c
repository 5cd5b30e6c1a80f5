// Sums of few rows of a matrix.

#include "CKernels.h"
#include "clones.h"

// Values of a row that are summed side by side, so that a sum stays in registers.
#define CK_SIDE 128

CK_INLINE void sums_inline(const float *in, ptrdiff_t stride, const int32_t *rows, ptrdiff_t shift, const float *weights,
                           ptrdiff_t events, double *out, const int count) {
  float sum[CK_SIDE];
  for (int lane = 0; lane < count; lane++) sum[lane] = 0;
  for (ptrdiff_t event = 0; event < events; event++) {
    const float *x = in + (rows[event] - shift) * stride;
    float weight = weights[event];
    for (int lane = 0; lane < count; lane++) sum[lane] += weight * x[lane];
  }
  for (int lane = 0; lane < count; lane++) out[lane] += (double)sum[lane];
}

CK_CLONES void ck_weighted_rows(const float *in, ptrdiff_t stride, const int32_t *rows, ptrdiff_t shift,
                                const float *weights, ptrdiff_t events, double *out, ptrdiff_t count) {
  ptrdiff_t i = 0;
  for (; i + CK_SIDE <= count; i += CK_SIDE)
    sums_inline(in + i, stride, rows, shift, weights, events, out + i, CK_SIDE);
  for (; i + 16 <= count; i += 16) sums_inline(in + i, stride, rows, shift, weights, events, out + i, 16);
  for (; i < count; i++) sums_inline(in + i, stride, rows, shift, weights, events, out + i, 1);
}
