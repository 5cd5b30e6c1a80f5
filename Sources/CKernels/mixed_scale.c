// Scales of channels beside a factor of every position: what several norms of one input are together.

#include "CKernels.h"
#include "clones.h"

// Sixteen running sums in float64, as in arithmetic.c.
#define CK_LANES 16

CK_INLINE double lanes_total(const double *lanes) {
  double sum = 0;
  for (int lane = 0; lane < CK_LANES; lane++) sum += lanes[lane];
  return sum;
}

CK_INLINE void moments_inline(const float *restrict x, ptrdiff_t positions, double *total, double *square,
                              float *restrict powers) {
  double totals[CK_LANES] = {0}, squares[CK_LANES] = {0};
  ptrdiff_t whole = positions & ~(ptrdiff_t)(CK_LANES - 1);
  for (ptrdiff_t i = 0; i < whole; i += CK_LANES)
    for (int lane = 0; lane < CK_LANES; lane++) {
      float value = x[i + lane];
      totals[lane] += (double)value;
      squares[lane] += (double)value * (double)value;
      powers[i + lane] += value * value;
    }
  *total += lanes_total(totals);
  *square += lanes_total(squares);
  for (ptrdiff_t i = whole; i < positions; i++) {
    *total += (double)x[i];
    *square += (double)x[i] * (double)x[i];
    powers[i] += x[i] * x[i];
  }
}

CK_CLONES void ck_mixed_moments(const float *restrict in, ptrdiff_t channels, ptrdiff_t positions, float eps,
                                double *restrict totals, double *restrict squares, float *restrict factors) {
  for (ptrdiff_t i = 0; i < positions; i++) factors[i] = 0;
  for (ptrdiff_t c = 0; c < channels; c++)
    moments_inline(in + c * positions, positions, totals + c, squares + c, factors);
  float inverse = 1.0f / (float)channels;
  for (ptrdiff_t i = 0; i < positions; i++)
    factors[i] = 1.0f / __builtin_elementwise_sqrt(factors[i] * inverse + eps);
}

CK_CLONES void ck_mixed_scale(const float *restrict in, float *restrict out, ptrdiff_t channels, ptrdiff_t positions,
                              const float *restrict factors, const float *scales, const float *mixed,
                              const float *shifts) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    const float *x = in + c * positions;
    float *y = out + c * positions, a = scales[c], b = mixed[c], d = shifts[c];
    for (ptrdiff_t i = 0; i < positions; i++) y[i] = x[i] * (a + b * factors[i]) + d;
  }
}

CK_INLINE void sums_inline(const float *restrict x, const float *restrict g, ptrdiff_t positions,
                           const float *restrict factors, float weight, double *total, double *product, double *mixed,
                           float *restrict pulls) {
  double totals[CK_LANES] = {0}, products[CK_LANES] = {0}, own[CK_LANES] = {0};
  ptrdiff_t whole = positions & ~(ptrdiff_t)(CK_LANES - 1);
  for (ptrdiff_t i = 0; i < whole; i += CK_LANES)
    for (int lane = 0; lane < CK_LANES; lane++) {
      double value = (double)x[i + lane], slope = (double)g[i + lane], both = value * slope;
      totals[lane] += slope;
      products[lane] += both;
      own[lane] += both * (double)factors[i + lane];
      pulls[i + lane] += weight * x[i + lane] * g[i + lane];
    }
  *total += lanes_total(totals);
  *product += lanes_total(products);
  *mixed += lanes_total(own);
  for (ptrdiff_t i = whole; i < positions; i++) {
    double both = (double)x[i] * (double)g[i];
    *total += (double)g[i];
    *product += both;
    *mixed += both * (double)factors[i];
    pulls[i] += weight * x[i] * g[i];
  }
}

CK_CLONES void ck_mixed_sums(const float *restrict in, const float *restrict g, ptrdiff_t channels,
                             ptrdiff_t positions, const float *restrict factors, const float *weights,
                             double *restrict totals, double *restrict products, double *restrict mixed,
                             float *restrict pulls) {
  for (ptrdiff_t i = 0; i < positions; i++) pulls[i] = 0;
  for (ptrdiff_t c = 0; c < channels; c++)
    sums_inline(in + c * positions, g + c * positions, positions, factors, weights[c], totals + c, products + c,
                mixed + c, pulls);
  // f = (mean x^2 + eps)^-1/2: the gradient of x through it is -x f^3 mean(weight g x).
  float inverse = 1.0f / (float)channels;
  for (ptrdiff_t i = 0; i < positions; i++) pulls[i] *= inverse * factors[i] * factors[i] * factors[i];
}

CK_CLONES void ck_mixed_gradient(const float *restrict in, const float *restrict g, float *restrict out,
                                 ptrdiff_t channels, ptrdiff_t positions, const float *restrict factors,
                                 const float *restrict pulls, const float *scales, const float *mixed,
                                 const float *slopes, const float *shifts) {
  for (ptrdiff_t c = 0; c < channels; c++) {
    const float *x = in + c * positions, *s = g + c * positions;
    float *y = out + c * positions, a = scales[c], b = mixed[c], e = slopes[c], d = shifts[c];
    for (ptrdiff_t i = 0; i < positions; i++)
      y[i] = s[i] * (a + b * factors[i]) + x[i] * (e - pulls[i]) + d;
  }
}
