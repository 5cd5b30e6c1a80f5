// Divisive norms whose divisor differs from value to value: over neighbouring channels, over neighbouring pixels, and over
// the frames before.

#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "exponentials.h"
#include "rows.h"

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

// x^(-1/4) and x^(-3/4) for normal x > 0: a guess from the exponent with an error of 0.031, a quadratic in x y^4 that leaves
// 6e-5, and the first term of the series in what is left (the next one is below 4e-8).
CK_INLINE void inverse_fourth_roots_inline(float x, float *root, float *cube) {
  union { float f; int32_t i; } bits = {x};
  bits.i = 0x4f586000 - (bits.i >> 2);
  float y = bits.f, square = y * y, u = x * (square * square);
  y *= 1.40668817f + u * (u * 0.15532165f - 0.56200192f);
  square = y * y;
  float left = 1.0f - x * (square * square), third = square * y;
  *root = y + y * (0.25f * left);
  *cube = third + third * (0.75f * left);
}

// d becomes (k + alpha d)^-beta.
CK_INLINE void gain_inline(float *d, ptrdiff_t n, float k, float alpha, float beta) {
  if (beta == 0.5f) {
    for (ptrdiff_t i = 0; i < n; i++) d[i] = inverse_root_inline(k + alpha * d[i]);
  } else if (beta == 0.75f) {
    for (ptrdiff_t i = 0; i < n; i++) {
      float root;
      inverse_fourth_roots_inline(k + alpha * d[i], &root, d + i);
    }
  } else {
    for (ptrdiff_t i = 0; i < n; i++) d[i] = exp_inline(-beta * log_inline(k + alpha * d[i]));
  }
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

CK_INLINE void direct_sums_inline(const float *restrict in, float *restrict out, ptrdiff_t count, ptrdiff_t step,
                                  ptrdiff_t size) {
  for (ptrdiff_t i = 0; i < count; i += CK_LANES) {
    float sum[CK_LANES];
    for (int lane = 0; lane < CK_LANES; lane++) sum[lane] = in[i + lane];
    for (ptrdiff_t other = 1; other < size; other++)
      for (int lane = 0; lane < CK_LANES; lane++) sum[lane] += in[i + other * step + lane];
    for (int lane = 0; lane < CK_LANES; lane++) out[i + lane] = sum[lane];
  }
}

// out becomes the sums over windows of `size` values of `in`, `step` values apart, each beginning at its own position.
// Reads `size - 1` steps and CK_LANES values beyond `count`, writes up to CK_LANES values beyond it; spoils `work`.
CK_INLINE void window_sums_inline(const float *restrict in, float *restrict work, float *restrict out, ptrdiff_t count,
                                  ptrdiff_t step, ptrdiff_t size) {
  if (size <= CK_DIRECT && size % 3) return direct_sums_inline(in, out, count, step, size);
  if (size <= CK_DIRECT) {
    direct_sums_inline(in, work, count + (size - 3) * step, step, 3);
    return direct_sums_inline(work, out, count, 3 * step, size / 3);
  }
  // `work` holds sums of 1, 2, 4, … values; those whose length is a binary digit of `size` make up the window.
  memcpy(work, in, (size_t)(count + (size - 1) * step + CK_LANES) * sizeof(float));
  for (ptrdiff_t i = 0; i < count; i++) out[i] = 0;
  ptrdiff_t done = 0;
  for (ptrdiff_t length = 1; length <= size; length *= 2) {
    if (size & length) {
      const float *x = work + done * step;
      for (ptrdiff_t i = 0; i < count; i++) out[i] += x[i];
      done += length;
    }
    const float *next = work + length * step;
    ptrdiff_t needed = count + (size - 2 * length) * step;
    for (ptrdiff_t i = 0; i < needed; i += CK_LANES) {
      float sum[CK_LANES];
      for (int lane = 0; lane < CK_LANES; lane++) sum[lane] = work[i + lane] + next[i + lane];
      for (int lane = 0; lane < CK_LANES; lane++) work[i + lane] = sum[lane];
    }
  }
}

// Where the parts of the scratch memory lie. Planes of sums have zeros all around, so that every window is whole and a shift
// along rows or columns is one long loop; the zeros behind a row are those before the next.
typedef struct {
  ptrdiff_t gap, row, plane, count;
  float *padded, *vertical, *work, *sums;  // with zeros around; only the first two are to be zero at the start
  float *flat, *gain, *factor;             // planes without
} pixel_parts;

CK_INLINE ptrdiff_t pixel_gap(const ck_pixel_response_shape *s) { return s->before > s->after ? s->before : s->after; }

// Values of a plane with zeros around.
CK_INLINE ptrdiff_t pixel_around(const ck_pixel_response_shape *s) {
  ptrdiff_t gap = pixel_gap(s);
  return gap + (s->height + 2 * gap) * (s->width + gap) + 2 * CK_LANES;
}

ptrdiff_t ck_pixel_response_scratch(const ck_pixel_response_shape *s) {
  return 4 * pixel_around(s) + 3 * s->height * s->width;
}

CK_INLINE pixel_parts pixel_parts_of(const ck_pixel_response_shape *s, float *scratch) {
  ptrdiff_t gap = pixel_gap(s), row = s->width + gap, plane = s->height * s->width, around = pixel_around(s);
  float *flat = scratch + 4 * around;
  return (pixel_parts){gap, row, plane, s->height * row, scratch, scratch + around, scratch + 2 * around,
                       scratch + 3 * around, flat, flat + plane, flat + 2 * plane};
}

// Sums over rows and columns i - before to i + after of the plane `flat`, in its place.
CK_INLINE void box_inline(const ck_pixel_response_shape *s, const pixel_parts *p, ptrdiff_t before, ptrdiff_t after) {
  ptrdiff_t size = before + 1 + after;
  float *inside = p->padded + p->gap + p->gap * p->row;
  for (ptrdiff_t y = 0; y < s->height; y++) copy_row(p->flat + y * s->width, inside + y * p->row, s->width);
  window_sums_inline(inside - before * p->row, p->work, p->vertical + p->gap, p->count, p->row, size);
  window_sums_inline(p->vertical + p->gap - before, p->work, p->sums, p->count, 1, size);
  for (ptrdiff_t y = 0; y < s->height; y++) copy_row(p->sums + y * p->row, p->flat + y * s->width, s->width);
}

// The mean square of the members of a group, summed over neighbours.
CK_INLINE void pooled_squares_inline(const float *in, const ck_pixel_response_shape *s, const pixel_parts *p) {
  float share = 1.0f / (float)s->members;
  for (ptrdiff_t i = 0; i < p->plane; i++) p->flat[i] = share * in[i] * in[i];
  for (ptrdiff_t member = 1; member < s->members; member++) {
    const float *x = in + member * p->plane;
    for (ptrdiff_t i = 0; i < p->plane; i++) p->flat[i] += share * x[i] * x[i];
  }
  box_inline(s, p, s->before, s->after);
}

CK_CLONES void ck_pixel_response(const float *in, float *out, float *pooled, float *scratch,
                                 const ck_pixel_response_shape *s) {
  const pixel_parts parts = pixel_parts_of(s, scratch), *p = &parts;
  for (ptrdiff_t group = 0; group < s->channels; group += s->members) {
    pooled_squares_inline(in + group * p->plane, s, p);
    if (pooled) {
      memcpy(pooled, p->flat, (size_t)p->plane * sizeof(float));
      pooled += p->plane;
    }
    gain_inline(p->flat, p->plane, s->k, s->alpha, s->beta);
    for (ptrdiff_t channel = group; channel < group + s->members; channel++) {
      const float *x = in + channel * p->plane;
      float *y = out + channel * p->plane;
      for (ptrdiff_t i = 0; i < p->plane; i++) y[i] = x[i] * p->flat[i];
    }
  }
}

// d becomes the gain (k + alpha d)^-beta, factor beta (k + alpha d)^(-beta - 1).
CK_INLINE void gain_and_factor_inline(const float *restrict d, float *restrict gain, float *restrict factor, ptrdiff_t n,
                                      float k, float alpha, float beta) {
  if (beta == 0.5f) {
    for (ptrdiff_t i = 0; i < n; i++) {
      float r = inverse_root_inline(k + alpha * d[i]);
      gain[i] = r;
      factor[i] = beta * r * r * r;
    }
  } else if (beta == 0.75f) {
    for (ptrdiff_t i = 0; i < n; i++) {
      float root, cube;
      inverse_fourth_roots_inline(k + alpha * d[i], &root, &cube);
      gain[i] = cube;
      factor[i] = beta * cube * cube * root;
    }
  } else {
    for (ptrdiff_t i = 0; i < n; i++) {
      float base = k + alpha * d[i];
      gain[i] = exp_inline(-beta * log_inline(base));
      factor[i] = beta * gain[i] / base;
    }
  }
}

CK_CLONES void ck_pixel_response_gradient(const float *in, const float *pooled, float *g, float *scratch,
                                          const ck_pixel_response_shape *s) {
  const pixel_parts parts = pixel_parts_of(s, scratch), *p = &parts;
  float scale = 2.0f * s->alpha / (float)s->members;
  for (ptrdiff_t group = 0; group < s->channels; group += s->members, pooled += p->plane) {
    gain_and_factor_inline(pooled, p->gain, p->factor, p->plane, s->k, s->alpha, s->beta);
    for (ptrdiff_t i = 0; i < p->plane; i++) p->flat[i] = 0;
    for (ptrdiff_t channel = group; channel < group + s->members; channel++) {
      const float *x = in + channel * p->plane, *y = g + channel * p->plane;
      for (ptrdiff_t i = 0; i < p->plane; i++) p->flat[i] += p->factor[i] * x[i] * y[i];
    }
    // A pixel goes into the sums of those that lie the other way round.
    box_inline(s, p, s->after, s->before);
    for (ptrdiff_t channel = group; channel < group + s->members; channel++) {
      const float *x = in + channel * p->plane;
      float *y = g + channel * p->plane;
      for (ptrdiff_t i = 0; i < p->plane; i++) y[i] = y[i] * p->gain[i] - scale * x[i] * p->flat[i];
    }
  }
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
