// Divisive norms whose divisor differs from value to value: over neighbouring channels, over neighbouring pixels, and over
// the frames before.

#include <string.h>

#include "CKernels.h"
#include "exponentials.h"

// Positions in blocks that stay in the first cache, channels outside.
#define CK_BLOCK 256
// Positions that are worked on side by side, so that a sum stays in registers.
#define CK_LANES 16
#define CK_WIDE (4 * CK_LANES)

CK_INLINE ptrdiff_t whole_lanes(ptrdiff_t count) { return (count + CK_LANES - 1) / CK_LANES * CK_LANES; }

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

// d becomes (k + alpha d)^-beta; `count` values and what lies behind them in the last lanes.
CK_INLINE void gain_inline(float *d, ptrdiff_t count, float k, float alpha, float beta) {
  count = whole_lanes(count);
  if (beta == 0.5f) {
    for (ptrdiff_t i = 0; i < count; i++) d[i] = inverse_root_inline(k + alpha * d[i]);
  } else if (beta == 0.75f) {
    for (ptrdiff_t i = 0; i < count; i++) {
      float root;
      inverse_fourth_roots_inline(k + alpha * d[i], &root, d + i);
    }
  } else {
    for (ptrdiff_t i = 0; i < count; i++) d[i] = power_inline(k + alpha * d[i], -beta);
  }
}

// d becomes the gain (k + alpha d)^-beta, factor beta (k + alpha d)^(-beta - 1); as for gain_inline.
CK_INLINE void gain_and_factor_inline(float *restrict d, float *restrict factor, ptrdiff_t count, float k, float alpha,
                                      float beta) {
  count = whole_lanes(count);
  if (beta == 0.5f) {
    for (ptrdiff_t i = 0; i < count; i++) {
      float r = inverse_root_inline(k + alpha * d[i]);
      d[i] = r;
      factor[i] = beta * r * r * r;
    }
  } else if (beta == 0.75f) {
    for (ptrdiff_t i = 0; i < count; i++) {
      float root, cube;
      inverse_fourth_roots_inline(k + alpha * d[i], &root, &cube);
      d[i] = cube;
      factor[i] = beta * cube * cube * root;
    }
  } else {
    for (ptrdiff_t i = 0; i < count; i++) {
      float base = k + alpha * d[i], gain = power_inline(base, -beta);
      d[i] = gain;
      factor[i] = beta * gain / base;
    }
  }
}

// Sums over `rows` rows of `in`, `step` values apart, at as many positions as there are lanes.
CK_INLINE void row_sums_inline(const float *in, ptrdiff_t rows, ptrdiff_t step, float *restrict out) {
  float sum[CK_LANES];
  for (int lane = 0; lane < CK_LANES; lane++) sum[lane] = in[lane];
  for (ptrdiff_t row = 1; row < rows; row++)
    for (int lane = 0; lane < CK_LANES; lane++) sum[lane] += in[row * step + lane];
  for (int lane = 0; lane < CK_LANES; lane++) out[lane] = sum[lane];
}

// Sums of squares over `rows` rows of `in`, `step` values apart, at `n` positions.
CK_INLINE void square_sums_inline(const float *in, ptrdiff_t rows, ptrdiff_t step, float *restrict out, ptrdiff_t n) {
  if (n < CK_LANES) {
    for (ptrdiff_t i = 0; i < n; i++) {
      out[i] = 0;
      for (ptrdiff_t row = 0; row < rows; row++) out[i] += in[row * step + i] * in[row * step + i];
    }
    return;
  }
  for (ptrdiff_t i = 0; i < n; i += CK_LANES) {
    // The last lanes end with the positions, where some are summed again.
    const float *x = in + (i + CK_LANES <= n ? i : n - CK_LANES);
    float sum[CK_LANES] = {0};
    for (ptrdiff_t row = 0; row < rows; row++)
      for (int lane = 0; lane < CK_LANES; lane++) sum[lane] += x[row * step + lane] * x[row * step + lane];
    for (int lane = 0; lane < CK_LANES; lane++) out[x - in + lane] = sum[lane];
  }
}

// The channels from c - before to c + after that there are.
typedef struct {
  ptrdiff_t first, count;
} channel_span;

CK_INLINE channel_span span_around(ptrdiff_t channel, ptrdiff_t channels, ptrdiff_t before, ptrdiff_t after) {
  ptrdiff_t first = channel < before ? 0 : channel - before;
  ptrdiff_t end = channel + after < channels ? channel + after + 1 : channels;
  return (channel_span){first, end - first};
}

CK_CLONES void ck_channel_response(const float *restrict in, float *restrict out, ptrdiff_t channels,
                                   ptrdiff_t positions, ptrdiff_t before, ptrdiff_t after, float k, float alpha,
                                   float beta) {
  float gain[CK_BLOCK] = {0};
  for (ptrdiff_t start = 0; start < positions; start += CK_BLOCK) {
    ptrdiff_t n = positions - start < CK_BLOCK ? positions - start : CK_BLOCK;
    for (ptrdiff_t c = 0; c < channels; c++) {
      channel_span around = span_around(c, channels, before, after);
      square_sums_inline(in + start + around.first * positions, around.count, positions, gain, n);
      gain_inline(gain, n, k, alpha, beta);
      const float *x = in + c * positions + start;
      float *y = out + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++) y[i] = x[i] * gain[i];
    }
  }
}

CK_CLONES void ck_channel_response_gradient(const float *restrict in, float *restrict g, float *restrict scratch,
                                            ptrdiff_t channels, ptrdiff_t positions, ptrdiff_t before, ptrdiff_t after,
                                            float k, float alpha, float beta) {
  float sum[CK_BLOCK] = {0};
  float *slopes = scratch, *gains = scratch + channels * CK_BLOCK;
  for (ptrdiff_t start = 0; start < positions; start += CK_BLOCK) {
    ptrdiff_t n = positions - start < CK_BLOCK ? positions - start : CK_BLOCK;
    for (ptrdiff_t c = 0; c < channels; c++) {
      channel_span around = span_around(c, channels, before, after);
      float *gain = gains + c * CK_BLOCK, *slope = slopes + c * CK_BLOCK;
      square_sums_inline(in + start + around.first * positions, around.count, positions, gain, n);
      gain_and_factor_inline(gain, slope, n, k, alpha, beta);
      const float *x = in + c * positions + start, *y = g + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++) slope[i] *= x[i] * y[i];
    }
    for (ptrdiff_t c = 0; c < channels; c++) {
      // The channels into whose sums this one goes.
      channel_span around = span_around(c, channels, after, before);
      for (ptrdiff_t i = 0; i < n; i += CK_LANES)
        row_sums_inline(slopes + around.first * CK_BLOCK + i, around.count, CK_BLOCK, sum + i);
      const float *x = in + c * positions + start, *gain = gains + c * CK_BLOCK;
      float *y = g + c * positions + start;
      for (ptrdiff_t i = 0; i < n; i++) y[i] = y[i] * gain[i] - 2.0f * alpha * x[i] * sum[i];
    }
  }
}

// Where the parts of the scratch memory lie.
typedef struct {
  ptrdiff_t plane, gap;
  float *flat;      // a plane between `gap` rows of zeros
  float *vertical;  // a plane between `gap` values
  float *sums, *gain, *factor;
  int32_t *columns;  // of each position
} pixel_parts;

CK_INLINE ptrdiff_t pixel_gap(const ck_pixel_response_shape *s) { return s->before > s->after ? s->before : s->after; }

ptrdiff_t ck_pixel_response_scratch(const ck_pixel_response_shape *s) {
  ptrdiff_t gap = pixel_gap(s), plane = s->height * s->width;
  return 6 * (plane + CK_WIDE) + 2 * gap * s->width + 2 * gap;
}

CK_INLINE pixel_parts pixel_parts_of(const ck_pixel_response_shape *s, float *scratch) {
  ptrdiff_t gap = pixel_gap(s), plane = s->height * s->width, step = plane + CK_WIDE;
  float *vertical = scratch + step + 2 * gap * s->width, *sums = vertical + step + 2 * gap;
  int32_t *columns = (int32_t *)(sums + 3 * step);
  for (ptrdiff_t y = 0, i = 0; y < s->height; y++)
    for (ptrdiff_t x = 0; x < s->width; x++, i++) columns[i] = (int32_t)x;
  return (pixel_parts){plane, gap, scratch + gap * s->width, vertical + gap, sums, sums + step, sums + 2 * step, columns};
}

// sums become those of `flat` over rows and columns i - before to i + after: first over rows, where what lies beyond the plane
// is 0, then over columns, where what lies beyond the row is left out.
CK_INLINE void box_inline(const ck_pixel_response_shape *s, const pixel_parts *p, ptrdiff_t before, ptrdiff_t after) {
  ptrdiff_t width = s->width;
  for (ptrdiff_t i = 0; i < p->plane; i += CK_WIDE) {
    const float *in = p->flat + i;
    float sum[CK_WIDE];
    for (int lane = 0; lane < CK_WIDE; lane++) sum[lane] = in[lane - before * width];
    for (ptrdiff_t row = 1 - before; row <= after; row++)
      for (int lane = 0; lane < CK_WIDE; lane++) sum[lane] += in[row * width + lane];
    for (int lane = 0; lane < CK_WIDE; lane++) p->vertical[i + lane] = sum[lane];
  }
  for (ptrdiff_t i = 0; i < p->plane; i += CK_WIDE) {
    const float *in = p->vertical + i;
    int32_t column[CK_WIDE];
    float sum[CK_WIDE];
    for (int lane = 0; lane < CK_WIDE; lane++) column[lane] = p->columns[i + lane];
    for (int lane = 0; lane < CK_WIDE; lane++) sum[lane] = in[lane];
    for (ptrdiff_t d = 1; d <= before; d++)
      for (int lane = 0; lane < CK_WIDE; lane++) sum[lane] += column[lane] >= (int32_t)d ? in[lane - d] : 0.0f;
    for (ptrdiff_t d = 1; d <= after; d++)
      for (int lane = 0; lane < CK_WIDE; lane++)
        sum[lane] += column[lane] < (int32_t)(width - d) ? in[lane + d] : 0.0f;
    for (int lane = 0; lane < CK_WIDE; lane++) p->sums[i + lane] = sum[lane];
  }
}

CK_CLONES void ck_pixel_response(const float *restrict in, float *restrict out, float *restrict pooled,
                                 float *restrict scratch, const ck_pixel_response_shape *s) {
  const pixel_parts parts = pixel_parts_of(s, scratch), *p = &parts;
  float share = 1.0f / (float)s->members;
  for (ptrdiff_t group = 0; group < s->channels; group += s->members) {
    const float *first = in + group * p->plane;
    for (ptrdiff_t i = 0; i < p->plane; i++) p->flat[i] = share * first[i] * first[i];
    for (ptrdiff_t member = 1; member < s->members; member++) {
      const float *x = first + member * p->plane;
      for (ptrdiff_t i = 0; i < p->plane; i++) p->flat[i] += share * x[i] * x[i];
    }
    box_inline(s, p, s->before, s->after);
    if (pooled) {
      memcpy(pooled, p->sums, (size_t)p->plane * sizeof(float));
      pooled += p->plane;
    }
    gain_inline(p->sums, p->plane, s->k, s->alpha, s->beta);
    for (ptrdiff_t channel = group; channel < group + s->members; channel++) {
      const float *x = in + channel * p->plane;
      float *y = out + channel * p->plane;
      for (ptrdiff_t i = 0; i < p->plane; i++) y[i] = x[i] * p->sums[i];
    }
  }
}

CK_CLONES void ck_pixel_response_gradient(const float *restrict in, const float *restrict pooled, float *restrict g,
                                          float *restrict scratch, const ck_pixel_response_shape *s) {
  const pixel_parts parts = pixel_parts_of(s, scratch), *p = &parts;
  float scale = 2.0f * s->alpha / (float)s->members;
  for (ptrdiff_t group = 0; group < s->channels; group += s->members, pooled += p->plane) {
    memcpy(p->gain, pooled, (size_t)p->plane * sizeof(float));
    gain_and_factor_inline(p->gain, p->factor, p->plane, s->k, s->alpha, s->beta);
    const float *first = in + group * p->plane, *slope = g + group * p->plane;
    for (ptrdiff_t i = 0; i < p->plane; i++) p->flat[i] = p->factor[i] * first[i] * slope[i];
    for (ptrdiff_t member = 1; member < s->members; member++) {
      const float *x = first + member * p->plane, *y = slope + member * p->plane;
      for (ptrdiff_t i = 0; i < p->plane; i++) p->flat[i] += p->factor[i] * x[i] * y[i];
    }
    // A pixel goes into the sums of those that lie the other way round.
    box_inline(s, p, s->after, s->before);
    for (ptrdiff_t channel = group; channel < group + s->members; channel++) {
      const float *x = in + channel * p->plane;
      float *y = g + channel * p->plane;
      for (ptrdiff_t i = 0; i < p->plane; i++) y[i] = y[i] * p->gain[i] - scale * x[i] * p->sums[i];
    }
  }
}

// Without `out`, only the running squares.
CK_CLONES void ck_running_norm(const float *restrict in, float *restrict running, float *restrict out, ptrdiff_t count,
                               float keep, float floor, float gain, float shift, int is_first) {
  float share = is_first ? 1.0f : 1.0f - keep;
  float kept = is_first ? 0.0f : keep;
  if (!out) {
    for (ptrdiff_t i = 0; i < count; i++) running[i] = kept * running[i] + share * in[i] * in[i];
    return;
  }
  for (ptrdiff_t i = 0; i < count; i++) {
    float x = in[i], s = kept * running[i] + share * x * x;
    running[i] = s;
    out[i] = gain * x * inverse_root_inline(floor + s) + shift;
  }
}

typedef struct {
  float keep, floor, gain, share;
} running_step;

// At one position. g and carried are replaced; adds what belongs in the four sums.
CK_INLINE void running_gradient_inline(const running_step *n, float x, float s, float before, float *g, float *carried,
                                       float *own, float *total, float *direct, float *kept) {
  float inverse = inverse_root_inline(n->floor + s), slope = *g, part = slope * x * inverse;
  float straight = -0.5f * n->gain * part * inverse * inverse;
  float whole = straight + n->keep * *carried;
  *own += part;
  *total += slope;
  *direct += straight;
  *kept += whole * (before - x * x);
  *carried = whole;
  *g = slope * n->gain * inverse + 2.0f * n->share * whole * x;
}

CK_CLONES void ck_running_norm_gradient(const float *restrict in, const float *restrict running,
                                        const float *restrict before, float *restrict g, float *restrict carried,
                                        ptrdiff_t count, float keep, float floor, float gain, int is_first,
                                        double *restrict sums) {
  const running_step step = {keep, floor, gain, is_first ? 1.0f : 1.0f - keep};
  for (ptrdiff_t start = 0; start < count; start += CK_BLOCK) {
    float own[CK_LANES] = {0}, total[CK_LANES] = {0}, direct[CK_LANES] = {0}, kept[CK_LANES] = {0};
    ptrdiff_t end = count - start < CK_BLOCK ? count : start + CK_BLOCK, i = start;
    for (; i + CK_LANES <= end; i += CK_LANES)
      for (int lane = 0; lane < CK_LANES; lane++)
        running_gradient_inline(&step, in[i + lane], running[i + lane], before[i + lane], g + i + lane,
                                carried + i + lane, own + lane, total + lane, direct + lane, kept + lane);
    for (int lane = 0; i < end; i++, lane++)
      running_gradient_inline(&step, in[i], running[i], before[i], g + i, carried + i, own + lane, total + lane,
                              direct + lane, kept + lane);
    for (int lane = 0; lane < CK_LANES; lane++) {
      sums[0] += (double)own[lane];
      sums[1] += (double)total[lane];
      sums[2] += (double)direct[lane];
      if (!is_first) sums[3] += (double)kept[lane];
    }
  }
}
