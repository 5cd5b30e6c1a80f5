// Divisive norms whose divisor differs from value to value: over neighbouring channels, over neighbouring pixels, and over
// the frames before.

#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "exponentials.h"

// Positions in blocks that stay in the first cache, channels outside.
#define CK_BLOCK 256

// Without errno, which would keep a loop from being vectorised.
CK_INLINE float root_inline(float x) { return __builtin_elementwise_sqrt(x); }

// 1 / sqrt(x) for normal x > 0: a guess from the exponent, then three steps of Newton, each of which squares the error
// (0.034 at first). A division and a root take several times as long.
CK_INLINE float inverse_root_inline(float x) {
  union { float f; int32_t i; } bits = {x};
  bits.i = 0x5f3759df - (bits.i >> 1);
  float y = bits.f, half = 0.5f * x;
  y = y * (1.5f - half * y * y);
  y = y * (1.5f - half * y * y);
  return y * (1.5f - half * y * y);
}

// x^(-1/4) for normal x > 0: the same, where a step makes of an error e about 2.5 e^2.
CK_INLINE float inverse_fourth_root_inline(float x) {
  union { float f; int32_t i; } bits = {x};
  bits.i = 0x4f586000 - (bits.i >> 2);
  float y = bits.f, quarter = 0.25f * x, square;
  square = y * y, y = y * (1.25f - quarter * square * square);
  square = y * y, y = y * (1.25f - quarter * square * square);
  square = y * y;
  return y * (1.25f - quarter * square * square);
}

// d becomes (k + alpha d)^-beta.
CK_INLINE void gain_inline(float *d, ptrdiff_t n, float k, float alpha, float beta) {
  if (beta == 0.5f) {
    for (ptrdiff_t i = 0; i < n; i++) d[i] = inverse_root_inline(k + alpha * d[i]);
  } else if (beta == 0.75f) {
    for (ptrdiff_t i = 0; i < n; i++) {
      float r = inverse_fourth_root_inline(k + alpha * d[i]);
      d[i] = r * r * r;
    }
  } else {
    for (ptrdiff_t i = 0; i < n; i++) d[i] = exp_inline(-beta * log_inline(k + alpha * d[i]));
  }
}

CK_CLONES void ck_power_gain(const float *pooled, float *gain, ptrdiff_t count, float k, float alpha, float beta) {
  for (ptrdiff_t i = 0; i < count; i++) gain[i] = pooled[i];
  gain_inline(gain, count, k, alpha, beta);
}

CK_CLONES void ck_product(const float *a, const float *b, float *out, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = a[i] * b[i];
}

// slope becomes beta gain / (k + alpha pooled) g x.
CK_CLONES void ck_power_gain_slope(const float *pooled, const float *gain, const float *x, const float *g, float *slope,
                                   ptrdiff_t count, float k, float alpha, float beta) {
  for (ptrdiff_t i = 0; i < count; i++) slope[i] += beta * gain[i] / (k + alpha * pooled[i]) * g[i] * x[i];
}

CK_CLONES void ck_squares(const float *in, float *out, ptrdiff_t count, float scale) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = scale * in[i] * in[i];
}

CK_CLONES void ck_add_squares(const float *in, float *out, ptrdiff_t count, float scale) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] += scale * in[i] * in[i];
}

// g becomes g gain - x pull.
CK_CLONES void ck_divided_gradient(const float *x, const float *gain, const float *pull, float *g, ptrdiff_t count,
                                   float scale) {
  for (ptrdiff_t i = 0; i < count; i++) g[i] = g[i] * gain[i] - scale * x[i] * pull[i];
}

// Sums over the channels around one of them of their squares, at `n` positions.
CK_INLINE void neighbour_squares_inline(const float *in, float *sum, ptrdiff_t n, ptrdiff_t channel, ptrdiff_t channels,
                                        ptrdiff_t positions, ptrdiff_t before, ptrdiff_t after) {
  ptrdiff_t first = channel < before ? 0 : channel - before;
  ptrdiff_t last = channel + after < channels ? channel + after : channels - 1;
  for (ptrdiff_t i = 0; i < n; i++) sum[i] = 0;
  for (ptrdiff_t other = first; other <= last; other++) {
    const float *x = in + other * positions;
    for (ptrdiff_t i = 0; i < n; i++) sum[i] += x[i] * x[i];
  }
}

CK_CLONES void ck_channel_response(const float *in, float *out, ptrdiff_t channels, ptrdiff_t positions,
                                   ptrdiff_t before, ptrdiff_t after, float k, float alpha, float beta) {
  float sum[CK_BLOCK];
  for (ptrdiff_t start = 0; start < positions; start += CK_BLOCK) {
    ptrdiff_t n = positions - start < CK_BLOCK ? positions - start : CK_BLOCK;
    for (ptrdiff_t c = 0; c < channels; c++) {
      neighbour_squares_inline(in + start, sum, n, c, channels, positions, before, after);
      gain_inline(sum, n, k, alpha, beta);
      const float *x = in + c * positions + start;
      float *y = out + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] * sum[i];
    }
  }
}

CK_CLONES void ck_channel_response_gradient(const float *in, float *g, float *scratch, ptrdiff_t channels,
                                            ptrdiff_t positions, ptrdiff_t before, ptrdiff_t after, float k,
                                            float alpha, float beta) {
  float sum[CK_BLOCK];
  float *slope = scratch, *gain = scratch + channels * CK_BLOCK;
  for (ptrdiff_t start = 0; start < positions; start += CK_BLOCK) {
    ptrdiff_t n = positions - start < CK_BLOCK ? positions - start : CK_BLOCK;
    for (ptrdiff_t c = 0; c < channels; c++) {
      neighbour_squares_inline(in + start, sum, n, c, channels, positions, before, after);
      const float *x = in + c * positions + start, *y = g + c * positions + start;
      float *f = gain + c * CK_BLOCK, *t = slope + c * CK_BLOCK;
      for (ptrdiff_t i = 0; i < n; i++) f[i] = sum[i];
      gain_inline(f, n, k, alpha, beta);
      for (ptrdiff_t i = 0; i < n; i++) t[i] = beta * f[i] / (k + alpha * sum[i]) * x[i] * y[i];
    }
    for (ptrdiff_t c = 0; c < channels; c++) {
      // The channels into whose sums this one goes.
      ptrdiff_t first = c < after ? 0 : c - after, last = c + before < channels ? c + before : channels - 1;
      for (ptrdiff_t i = 0; i < n; i++) sum[i] = 0;
      for (ptrdiff_t other = first; other <= last; other++) {
        const float *t = slope + other * CK_BLOCK;
        for (ptrdiff_t i = 0; i < n; i++) sum[i] += t[i];
      }
      const float *x = in + c * positions + start, *f = gain + c * CK_BLOCK;
      float *y = g + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++) y[i] = y[i] * f[i] - 2.0f * alpha * x[i] * sum[i];
    }
  }
}

// Positions that are summed side by side, so that a sum stays in registers.
#define CK_LANES 64
// Windows of more values are summed by doubling.
#define CK_DIRECT 12

// out becomes the sums over windows of `size` values of `in`, `step` values apart, each beginning at its own position.
// Reads `size - 1` steps and CK_LANES values beyond `count`, writes up to CK_LANES values beyond it; spoils `in`.
CK_INLINE void window_sums_inline(float *in, float *out, ptrdiff_t count, ptrdiff_t step, ptrdiff_t size) {
  if (size <= CK_DIRECT) {
    for (ptrdiff_t i = 0; i < count; i += CK_LANES) {
      float sum[CK_LANES];
      for (int lane = 0; lane < CK_LANES; lane++) sum[lane] = in[i + lane];
      for (ptrdiff_t other = 1; other < size; other++)
        for (int lane = 0; lane < CK_LANES; lane++) sum[lane] += in[i + other * step + lane];
      for (int lane = 0; lane < CK_LANES; lane++) out[i + lane] = sum[lane];
    }
    return;
  }
  // `in` holds sums of 1, 2, 4, … values; those whose length is a binary digit of `size` make up the window.
  for (ptrdiff_t i = 0; i < count; i++) out[i] = 0;
  ptrdiff_t done = 0;
  for (ptrdiff_t length = 1; length <= size; length *= 2) {
    if (size & length) {
      const float *x = in + done * step;
      for (ptrdiff_t i = 0; i < count; i++) out[i] += x[i];
      done += length;
    }
    const float *next = in + length * step;
    ptrdiff_t needed = count + (size - 2 * length) * step;
    for (ptrdiff_t i = 0; i < needed; i += CK_LANES) {
      float sum[CK_LANES];
      for (int lane = 0; lane < CK_LANES; lane++) sum[lane] = in[i + lane] + next[i + lane];
      for (int lane = 0; lane < CK_LANES; lane++) in[i + lane] = sum[lane];
    }
  }
}

ptrdiff_t ck_box_scratch(ptrdiff_t height, ptrdiff_t width, ptrdiff_t around) {
  return 2 * ((height + around) * (width + around) + 2 * CK_LANES + around);
}

CK_CLONES void ck_box_plane(const float *in, float *out, float *scratch, ptrdiff_t height, ptrdiff_t width,
                            ptrdiff_t before, ptrdiff_t after) {
  // Zeros all around, so that every window is whole and a shift along rows or columns is one long loop.
  ptrdiff_t size = before + 1 + after, row = width + before + after, count = height * row;
  ptrdiff_t half = ck_box_scratch(height, width, before + after) / 2;
  float *padded = scratch, *sums = scratch + half;
  memset(padded, 0, (size_t)(2 * half) * sizeof(float));
  for (ptrdiff_t y = 0; y < height; y++)
    memcpy(padded + (before + y) * row + before, in + y * width, (size_t)width * sizeof(float));
  window_sums_inline(padded, sums, count, row, size);
  window_sums_inline(sums, padded, count, 1, size);
  for (ptrdiff_t y = 0; y < height; y++) memcpy(out + y * width, padded + y * row, (size_t)width * sizeof(float));
}

CK_CLONES void ck_running_norm(const float *in, float *running, float *out, ptrdiff_t count, float keep, float floor,
                               float gain, float shift, int is_first) {
  float share = is_first ? 1.0f : 1.0f - keep;
  float kept = is_first ? 0.0f : keep;
  for (ptrdiff_t i = 0; i < count; i++) {
    float x = in[i];
    float s = kept * running[i] + share * x * x;
    running[i] = s;
    out[i] = gain * x / root_inline(floor + s) + shift;
  }
}

CK_INLINE double lanes_sum(const float *in, ptrdiff_t count) {
  double lanes[16] = {0};
  ptrdiff_t whole = count & ~(ptrdiff_t)15;
  for (ptrdiff_t i = 0; i < whole; i += 16)
    for (int lane = 0; lane < 16; lane++) lanes[lane] += (double)in[i + lane];
  double sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += lanes[lane];
  for (ptrdiff_t i = whole; i < count; i++) sum += (double)in[i];
  return sum;
}

CK_CLONES void ck_running_norm_gradient(const float *in, const float *running, const float *before, float *g,
                                        float *carried, ptrdiff_t count, float keep, float floor, float gain,
                                        int is_first, double *sums) {
  float own[CK_BLOCK], direct[CK_BLOCK], kept[CK_BLOCK];
  float share = is_first ? 1.0f : 1.0f - keep;
  for (ptrdiff_t start = 0; start < count; start += CK_BLOCK) {
    ptrdiff_t n = count - start < CK_BLOCK ? count - start : CK_BLOCK;
    const float *x = in + start, *s = running + start, *p = before + start;
    float *y = g + start, *c = carried + start;
    sums[1] += lanes_sum(y, n);
    for (ptrdiff_t i = 0; i < n; i++) {
      float inverse = 1.0f / root_inline(floor + s[i]);
      own[i] = y[i] * x[i] * inverse;
      direct[i] = -0.5f * gain * own[i] * inverse * inverse;
      float whole = direct[i] + keep * c[i];
      c[i] = whole;
      kept[i] = whole * (p[i] - x[i] * x[i]);
      y[i] = y[i] * gain * inverse + 2.0f * share * whole * x[i];
    }
    sums[0] += lanes_sum(own, n);
    sums[2] += lanes_sum(direct, n);
    if (!is_first) sums[3] += lanes_sum(kept, n);
  }
}
