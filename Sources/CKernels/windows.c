// Moving windows over planes: columns for convolutions, pooling.

#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "clones.h"
#include "rows.h"

CK_INLINE ptrdiff_t limited(ptrdiff_t value, ptrdiff_t low, ptrdiff_t high) {
  return value < low ? low : value > high ? high : value;
}

// The x < count for which start + x step lies in 0 to width - 1: first to last - 1.
CK_INLINE void inside(ptrdiff_t width, ptrdiff_t count, ptrdiff_t start, ptrdiff_t step, ptrdiff_t *first,
                      ptrdiff_t *last) {
  *first = start >= 0 ? 0 : limited((-start + step - 1) / step, 0, count);
  *last = start >= width ? 0 : limited((width - 1 - start) / step + 1, 0, count);
  if (*last < *first) *last = *first;
}

CK_CLONES void ck_columns(const float *in, float *out, const ck_columns_shape *s) {
  ptrdiff_t step = s->column_step, count = s->columns;
  for (ptrdiff_t c = 0; c < s->channels; c++) {
    const float *plane = in + c * s->height * s->width;
    for (ptrdiff_t j = 0; j < s->taps; j++) {
      ptrdiff_t start = s->left + j * s->tap_step, first, last;
      inside(s->width, count, start, step, &first, &last);
      for (ptrdiff_t y = 0; y < s->rows; y++, out += count) {
        ptrdiff_t index = s->top + y * s->row_step;
        if (!s->replicate && (index < 0 || index >= s->height)) {
          memset(out, 0, (size_t)count * sizeof(float));
          continue;
        }
        const float *row = plane + limited(index, 0, s->height - 1) * s->width;
        float before = s->replicate ? row[0] : 0.0f, after = s->replicate ? row[s->width - 1] : 0.0f;
        CK_FEW for (ptrdiff_t x = 0; x < first; x++) out[x] = before;
        if (step == 1) {
          copy_row(row + start + first, out + first, last - first);
        } else {
          for (ptrdiff_t x = first; x < last; x++) out[x] = row[start + x * step];
        }
        CK_FEW for (ptrdiff_t x = last; x < count; x++) out[x] = after;
      }
    }
  }
}

// One row back: row[start + x step] += in[x]; what lies outside goes to the nearest pixel, or nowhere.
CK_INLINE void add_row(const float *in, float *row, ptrdiff_t width, ptrdiff_t count, ptrdiff_t start, ptrdiff_t step,
                       int replicate) {
  ptrdiff_t first, last;
  inside(width, count, start, step, &first, &last);
  if (replicate) {
    for (ptrdiff_t x = 0; x < first; x++) row[0] += in[x];
    for (ptrdiff_t x = last; x < count; x++) row[width - 1] += in[x];
  }
  if (step == 1) {
    add_to_row(in + first, row + start + first, last - first);
  } else {
    for (ptrdiff_t x = first; x < last; x++) row[start + x * step] += in[x];
  }
}

CK_CLONES void ck_columns_gradient(const float *in, float *out, const ck_columns_shape *s) {
  for (ptrdiff_t c = 0; c < s->channels; c++) {
    float *plane = out + c * s->height * s->width;
    for (ptrdiff_t j = 0; j < s->taps; j++) {
      for (ptrdiff_t y = 0; y < s->rows; y++, in += s->columns) {
        ptrdiff_t row = s->top + y * s->row_step;
        if (!s->replicate && (row < 0 || row >= s->height)) continue;
        row = limited(row, 0, s->height - 1);
        add_row(in, plane + row * s->width, s->width, s->columns, s->left + j * s->tap_step, s->column_step,
                s->replicate);
      }
    }
  }
}

CK_CLONES void ck_fold(const float *in, float *out, const ck_fold_shape *s) {
  for (ptrdiff_t y = 0; y < s->height; y++) {
    ptrdiff_t row = y - s->top;
    if (!s->replicate && (row < 0 || row >= s->out_height)) continue;
    row = limited(row, 0, s->out_height - 1);
    add_row(in + y * s->width, out + row * s->out_width, s->out_width, s->width, -s->left, 1, s->replicate);
  }
}

CK_INLINE float larger(float a, float b) { return b > a || b != b ? b : a; }
CK_INLINE float plus(float a, float b) { return a + b; }

#define CK_POOL(combine, start)                                                                      \
  for (ptrdiff_t y = 0; y < s->out_height; y++) {                                                    \
    float *row = out + y * s->out_width;                                                             \
    for (ptrdiff_t x = 0; x < s->out_width; x++) row[x] = start;                                     \
    for (ptrdiff_t z = 0; z < s->depth; z++)                                                         \
      for (ptrdiff_t ky = 0; ky < s->kernel_h; ky++) {                                               \
        ptrdiff_t sy = y * s->stride_h - s->pad_h + ky;                                              \
        if (sy < 0 || sy >= s->height) continue;                                                     \
        const float *source = in + frames[z] + sy * s->width;                                \
        for (ptrdiff_t kx = 0; kx < s->kernel_w; kx++) {                                             \
          ptrdiff_t shift = kx - s->pad_w, stride = s->stride_w;                                     \
          ptrdiff_t first = shift >= 0 ? 0 : limited((-shift + stride - 1) / stride, 0, s->out_width); \
          ptrdiff_t last = shift >= s->width ? 0 : limited((s->width - 1 - shift) / stride + 1, 0, s->out_width); \
          if (stride == 2) {                                                                         \
            for (ptrdiff_t x = first; x < last; x++) row[x] = combine(row[x], source[shift + 2 * x]); \
          } else {                                                                                   \
            for (ptrdiff_t x = first; x < last; x++) row[x] = combine(row[x], source[shift + stride * x]); \
          }                                                                                          \
        }                                                                                            \
      }                                                                                              \
  }

// Eight outputs that each look at a pair of columns, from sixteen inputs of a row.
#define CK_PAIRS 8
#define CK_EACH_PAIR for (int pair = 0; pair < CK_PAIRS; pair++)
// Rows under a window of pairs, at most.
#define CK_PAIR_ROWS 16

// Whether windows are pairs of columns side by side, none of them in padding.
CK_INLINE int has_pairs(const ck_pool_shape *s) {
  return s->kernel_w == 2 && s->stride_w == 2 && s->pad_w == 0 && s->depth * s->kernel_h <= CK_PAIR_ROWS &&
         2 * s->out_width <= s->width;
}

// Whether a value takes the place of the largest before it; a value that is not a number stays.
CK_INLINE int replaces(float value, float best) { return (value > best) | ((value != value) & (best == best)); }

// Rows under the windows of output row y: where they lie, and how many values of their plane follow.
CK_INLINE int pair_rows(const ptrdiff_t *frames, const ck_pool_shape *s, ptrdiff_t y, ptrdiff_t *rows, ptrdiff_t *follow) {
  int count = 0;
  for (ptrdiff_t z = 0; z < s->depth; z++)
    for (ptrdiff_t ky = 0; ky < s->kernel_h; ky++) {
      ptrdiff_t sy = y * s->stride_h - s->pad_h + ky;
      if (sy < 0 || sy >= s->height) continue;
      rows[count] = frames[z] + sy * s->width;
      follow[count++] = (s->height - sy) * s->width;
    }
  return count;
}

// The left and the right inputs of pairs; `follow` values are there, two for each pair that counts.
CK_INLINE void load_pairs(const float *in, ptrdiff_t follow, float *restrict left, float *restrict right) {
  float edge[2 * CK_PAIRS] = {0};
  if (follow < 2 * CK_PAIRS) {
    for (ptrdiff_t i = 0; i < follow; i++) edge[i] = in[i];
    in = edge;
  }
  CK_EACH_PAIR {
    left[pair] = in[2 * pair];
    right[pair] = in[2 * pair + 1];
  }
}

CK_INLINE void max_pool_pairs(const float *in, const ptrdiff_t *frames, float *out, const ck_pool_shape *s) {
  ptrdiff_t rows[CK_PAIR_ROWS], follow[CK_PAIR_ROWS];
  for (ptrdiff_t y = 0; y < s->out_height; y++, out += s->out_width) {
    int count = pair_rows(frames, s, y, rows, follow);
    for (ptrdiff_t x = 0; x < s->out_width; x += CK_PAIRS) {
      float best[CK_PAIRS], left[CK_PAIRS], right[CK_PAIRS];
      CK_EACH_PAIR best[pair] = -INFINITY;
      for (int row = 0; row < count; row++) {
        load_pairs(in + rows[row] + 2 * x, follow[row] - 2 * x, left, right);
        CK_EACH_PAIR best[pair] = larger(larger(best[pair], left[pair]), right[pair]);
      }
      copy_row(best, out + x, s->out_width - x < CK_PAIRS ? s->out_width - x : CK_PAIRS);
    }
  }
}

CK_INLINE void max_pool_pairs_gradient(const float *in, const ptrdiff_t *frames, const float *out_gradient,
                                       float *gradient, const ck_pool_shape *s) {
  ptrdiff_t rows[CK_PAIR_ROWS], follow[CK_PAIR_ROWS];
  for (ptrdiff_t y = 0; y < s->out_height; y++, out_gradient += s->out_width) {
    int count = pair_rows(frames, s, y, rows, follow);
    if (count == 0) continue;
    for (ptrdiff_t x = 0; x < s->out_width; x += CK_PAIRS) {
      float best[CK_PAIRS], left[CK_PAIRS], right[CK_PAIRS];
      // Twice a row's number, and one more on the right.
      int32_t places[CK_PAIRS] = {0};
      for (int row = 0; row < count; row++) {
        load_pairs(in + rows[row] + 2 * x, follow[row] - 2 * x, left, right);
        if (row == 0) CK_EACH_PAIR best[pair] = left[pair];
        CK_EACH_PAIR {
          int wins = replaces(left[pair], best[pair]);
          best[pair] = wins ? left[pair] : best[pair];
          places[pair] = wins ? 2 * row : places[pair];
          wins = replaces(right[pair], best[pair]);
          best[pair] = wins ? right[pair] : best[pair];
          places[pair] = wins ? 2 * row + 1 : places[pair];
        }
      }
      ptrdiff_t pairs = s->out_width - x < CK_PAIRS ? s->out_width - x : CK_PAIRS;
      for (ptrdiff_t pair = 0; pair < pairs; pair++)
        gradient[rows[places[pair] >> 1] + 2 * (x + pair) + (places[pair] & 1)] += out_gradient[x + pair];
    }
  }
}

CK_CLONES void ck_max_pool(const float *in, const ptrdiff_t *frames, float *out, const ck_pool_shape *s) {
  if (has_pairs(s)) return max_pool_pairs(in, frames, out, s);
  CK_POOL(larger, -INFINITY)
}

CK_CLONES void ck_sum_pool(const float *in, const ptrdiff_t *frames, float *out, const ck_pool_shape *s) { CK_POOL(plus, 0.0f) }

// Outputs of a row that are looked at side by side.
#define CK_POOL_RUN 64

// Each output's gradient goes to the first of the largest values under its window.
CK_CLONES void ck_max_pool_gradient(const float *in, const ptrdiff_t *frames, const float *out_gradient,
                                    float *gradient, const ck_pool_shape *s) {
  if (has_pairs(s)) return max_pool_pairs_gradient(in, frames, out_gradient, gradient, s);
  float best[CK_POOL_RUN];
  ptrdiff_t place[CK_POOL_RUN];
  for (ptrdiff_t y = 0; y < s->out_height; y++)
    for (ptrdiff_t start = 0; start < s->out_width; start += CK_POOL_RUN) {
      ptrdiff_t n = s->out_width - start < CK_POOL_RUN ? s->out_width - start : CK_POOL_RUN;
      for (ptrdiff_t x = 0; x < n; x++) {
        place[x] = -1;
        best[x] = 0;
      }
      for (ptrdiff_t z = 0; z < s->depth; z++)
        for (ptrdiff_t ky = 0; ky < s->kernel_h; ky++) {
          ptrdiff_t sy = y * s->stride_h - s->pad_h + ky;
          if (sy < 0 || sy >= s->height) continue;
          for (ptrdiff_t kx = 0; kx < s->kernel_w; kx++) {
            ptrdiff_t stride = s->stride_w, shift = start * stride - s->pad_w + kx;
            ptrdiff_t first = shift >= 0 ? 0 : limited((-shift + stride - 1) / stride, 0, n);
            ptrdiff_t last = shift >= s->width ? 0 : limited((s->width - 1 - shift) / stride + 1, 0, n);
            ptrdiff_t own = frames[z] + sy * s->width + shift;
            const float *source = in + own;
            for (ptrdiff_t x = first; x < last; x++) {
              float value = source[x * stride];
              int wins = place[x] < 0 || replaces(value, best[x]);
              best[x] = wins ? value : best[x];
              place[x] = wins ? own + x * stride : place[x];
            }
          }
        }
      for (ptrdiff_t x = 0; x < n; x++)
        if (place[x] >= 0) gradient[place[x]] += out_gradient[y * s->out_width + start + x];
    }
}

// Each output's gradient times `scale` goes to every value under its window.
void ck_sum_pool_gradient(const ptrdiff_t *frames, const float *out_gradient, float *gradient, float scale,
                          const ck_pool_shape *s) {
  for (ptrdiff_t z = 0; z < s->depth; z++)
    for (ptrdiff_t y = 0; y < s->out_height; y++)
      for (ptrdiff_t ky = 0; ky < s->kernel_h; ky++) {
        ptrdiff_t sy = y * s->stride_h - s->pad_h + ky;
        if (sy < 0 || sy >= s->height) continue;
        float *row = gradient + frames[z] + sy * s->width;
        for (ptrdiff_t x = 0; x < s->out_width; x++) {
          float value = out_gradient[y * s->out_width + x] * scale;
          for (ptrdiff_t kx = 0; kx < s->kernel_w; kx++) {
            ptrdiff_t sx = x * s->stride_w - s->pad_w + kx;
            if (sx >= 0 && sx < s->width) row[sx] += value;
          }
        }
      }
}
