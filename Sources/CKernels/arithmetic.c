// Arithmetic on arrays, reductions in float64, norms over channels.

#include "CKernels.h"
#include "clones.h"

CK_CLONES void ck_scale_shift(const float *in, float *out, ptrdiff_t count, float scale, float shift) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) out[i] = in[i] * scale + shift;
}

CK_CLONES void ck_add(const float *in, float *out, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] += in[i];
}

CK_CLONES void ck_multiply(const float *in, float *out, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] *= in[i];
}

CK_CLONES void ck_plus(const float *restrict a, const float *restrict b, float *restrict out, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = a[i] + b[i];
}

CK_CLONES void ck_accumulate(const float *restrict in, double *restrict sums, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) sums[i] += (double)in[i];
}

CK_CLONES void ck_pixel_powers(const float *restrict pixels, float weight, float *restrict values,
                               float *restrict squares, float *restrict sums, ptrdiff_t distance, ptrdiff_t count) {
#pragma clang fp contract(off)
  float *restrict first = sums, *restrict second = sums + distance, *restrict fourth = sums + 2 * distance;
  for (ptrdiff_t i = 0; i < count; i++) {
    float value = pixels[i], square = value * value;
    values[i] = value;
    squares[i] = square;
    first[i] += weight * value;
    second[i] += weight * square;
    fourth[i] += weight * square * square;
  }
}

CK_CLONES void ck_combine(float *x, const float *y, ptrdiff_t count, float a, float b, float center, float shift) {
#pragma clang fp contract(off)
  for (ptrdiff_t i = 0; i < count; i++) x[i] = a * x[i] + b * (y[i] - center) + shift;
}

CK_CLONES void ck_adamw(float *x, const float *g, float *first, float *second, ptrdiff_t count,
                        const ck_adamw_step *s) {
#pragma clang fp contract(off)
  for (ptrdiff_t i = 0; i < count; i++) {
    first[i] += s->first_share * (g[i] - first[i]);
    second[i] = second[i] * s->second_kept + s->second_share * g[i] * g[i];
    float scale = root_inline(second[i]) / s->correction + s->epsilon;
    x[i] = x[i] * s->kept - s->size * (first[i] / scale);
  }
}

CK_CLONES void ck_fill(float *out, ptrdiff_t count, float value) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = value;
}

CK_CLONES void ck_blend(const float *z, const float *n, float *h, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) h[i] = (1.0f - z[i]) * h[i] + z[i] * n[i];
}

// Sixteen running sums: the compiler may not reorder one float64 sum into lanes by itself.
#define CK_REDUCE(term)                                                      \
  double lanes[16] = {0};                                                    \
  ptrdiff_t whole = count & ~(ptrdiff_t)15;                                  \
  for (ptrdiff_t i = 0; i < whole; i += 16)                                  \
    for (int lane = 0; lane < 16; lane++) lanes[lane] += (term(i + lane));   \
  double sum = 0;                                                            \
  for (int lane = 0; lane < 16; lane++) sum += lanes[lane];                  \
  for (ptrdiff_t i = whole; i < count; i++) sum += (term(i));                \
  return sum;

CK_CLONES double ck_sum(const float *in, ptrdiff_t count) {
#define TERM(i) (double)in[i]
  CK_REDUCE(TERM)
#undef TERM
}

CK_CLONES double ck_sum_squares(const float *in, ptrdiff_t count) {
#define TERM(i) (double)in[i] * (double)in[i]
  CK_REDUCE(TERM)
#undef TERM
}

CK_CLONES double ck_dot(const float *a, const float *b, ptrdiff_t count) {
#define TERM(i) (double)a[i] * (double)b[i]
  CK_REDUCE(TERM)
#undef TERM
}

CK_CLONES double ck_weighted_sum(const double *weights, const float *in, ptrdiff_t count) {
#define TERM(i) weights[i] * (double)in[i]
  CK_REDUCE(TERM)
#undef TERM
}

CK_CLONES double ck_squared_deviation(const float *in, ptrdiff_t count, double mean) {
#define TERM(i) ((double)in[i] - mean) * ((double)in[i] - mean)
  CK_REDUCE(TERM)
#undef TERM
}

// Positions in blocks that stay in the first cache, channels outside.
#define CK_BLOCK 256
// Running sums of a block: the compiler may not reorder one sum into lanes by itself.
#define CK_LANES 16

CK_CLONES void ck_rms_norm(const float *in, float *out, ptrdiff_t channels, ptrdiff_t positions, float eps,
                           const float *gamma, const float *beta) {
  float factor[CK_BLOCK];
  float inverse = 1.0f / (float)channels;
  for (ptrdiff_t start = 0; start < positions; start += CK_BLOCK) {
    ptrdiff_t n = positions - start < CK_BLOCK ? positions - start : CK_BLOCK;
    for (ptrdiff_t i = 0; i < n; i++) factor[i] = 0;
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float *x = in + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++) factor[i] += x[i] * x[i];
    }
    for (ptrdiff_t i = 0; i < n; i++) factor[i] = 1.0f / root_inline(factor[i] * inverse + eps);
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float *x = in + c * positions + start;
      float *y = out + c * positions + start;
      float scale = gamma ? gamma[c] : 1.0f, shift = beta ? beta[c] : 0.0f;
      CK_INDEPENDENT
      for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] * factor[i] * scale + shift;
    }
  }
}

// y = x f gamma + beta with f = (mean x^2 + eps)^-1/2: the gradient of x is f (gamma g - x f^2 mean(gamma g x)).
// g becomes the gradient of x; scale and shift are added to, one a channel.
CK_CLONES void ck_rms_norm_gradient(const float *restrict in, float *restrict g, ptrdiff_t channels,
                                    ptrdiff_t positions, float eps, const float *gamma, double *scale, double *shift) {
  float factor[CK_BLOCK], inner[CK_BLOCK];
  float inverse = 1.0f / (float)channels;
  for (ptrdiff_t start = 0; start < positions; start += CK_BLOCK) {
    ptrdiff_t n = positions - start < CK_BLOCK ? positions - start : CK_BLOCK;
    for (ptrdiff_t i = 0; i < n; i++) factor[i] = inner[i] = 0;
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float *x = in + c * positions + start, *y = g + c * positions + start;
      float weight = gamma ? gamma[c] : 1.0f;
      for (ptrdiff_t i = 0; i < n; i++) {
        factor[i] += x[i] * x[i];
        inner[i] += weight * x[i] * y[i];
      }
    }
    for (ptrdiff_t i = 0; i < n; i++) {
      factor[i] = 1.0f / root_inline(factor[i] * inverse + eps);
      inner[i] *= factor[i] * factor[i] * inverse;
    }
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float *x = in + c * positions + start;
      float *y = g + c * positions + start;
      float weight = gamma ? gamma[c] : 1.0f, products[CK_LANES] = {0}, sums[CK_LANES] = {0};
      ptrdiff_t whole = n / CK_LANES * CK_LANES;
      for (ptrdiff_t i = 0; i < whole; i += CK_LANES)
        for (int lane = 0; lane < CK_LANES; lane++) {
          float value = x[i + lane], slope = y[i + lane], f = factor[i + lane];
          products[lane] += slope * value * f;
          sums[lane] += slope;
          y[i + lane] = f * (weight * slope - value * inner[i + lane]);
        }
      for (ptrdiff_t i = whole; i < n; i++) {
        products[0] += y[i] * x[i] * factor[i];
        sums[0] += y[i];
        y[i] = factor[i] * (weight * y[i] - x[i] * inner[i]);
      }
      for (int lane = 0; lane < CK_LANES; lane++) {
        scale[c] += (double)products[lane];
        shift[c] += (double)sums[lane];
      }
    }
  }
}

// The difference of two means cancels: it is taken in float64.
CK_CLONES void ck_layer_norm(const float *in, float *out, ptrdiff_t channels, ptrdiff_t positions, float eps) {
  double mean[CK_BLOCK], factor[CK_BLOCK];
  double inverse = 1.0 / (double)channels;
  for (ptrdiff_t start = 0; start < positions; start += CK_BLOCK) {
    ptrdiff_t n = positions - start < CK_BLOCK ? positions - start : CK_BLOCK;
    for (ptrdiff_t i = 0; i < n; i++) mean[i] = factor[i] = 0;
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float *x = in + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++) {
        mean[i] += (double)x[i];
        factor[i] += (double)x[i] * (double)x[i];
      }
    }
    for (ptrdiff_t i = 0; i < n; i++) {
      mean[i] *= inverse;
      factor[i] = 1.0 / __builtin_elementwise_sqrt(factor[i] * inverse - mean[i] * mean[i] + (double)eps);
    }
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float *x = in + c * positions + start;
      float *y = out + c * positions + start;
      CK_INDEPENDENT
      for (ptrdiff_t i = 0; i < n; i++) y[i] = (float)(((double)x[i] - mean[i]) * factor[i]);
    }
  }
}

// y = (x - m) f with f = (mean x^2 - m^2 + eps)^-1/2: the gradient of x is f (g - mean g - y mean(g y)).
CK_CLONES void ck_layer_norm_gradient(const float *in, float *g, ptrdiff_t channels, ptrdiff_t positions, float eps) {
  double mean[CK_BLOCK], factor[CK_BLOCK], sum[CK_BLOCK], inner[CK_BLOCK];
  double inverse = 1.0 / (double)channels;
  for (ptrdiff_t start = 0; start < positions; start += CK_BLOCK) {
    ptrdiff_t n = positions - start < CK_BLOCK ? positions - start : CK_BLOCK;
    for (ptrdiff_t i = 0; i < n; i++) mean[i] = factor[i] = sum[i] = inner[i] = 0;
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float *x = in + c * positions + start, *y = g + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++) {
        mean[i] += (double)x[i];
        factor[i] += (double)x[i] * (double)x[i];
        sum[i] += (double)y[i];
        inner[i] += (double)x[i] * (double)y[i];
      }
    }
    for (ptrdiff_t i = 0; i < n; i++) {
      mean[i] *= inverse;
      factor[i] = 1.0 / __builtin_elementwise_sqrt(factor[i] * inverse - mean[i] * mean[i] + (double)eps);
      sum[i] *= inverse;
      inner[i] = factor[i] * factor[i] * (inner[i] * inverse - mean[i] * sum[i]);
    }
    for (ptrdiff_t c = 0; c < channels; c++) {
      const float *x = in + c * positions + start;
      float *y = g + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++)
        y[i] = (float)(factor[i] * ((double)y[i] - sum[i] - ((double)x[i] - mean[i]) * inner[i]));
    }
  }
}
