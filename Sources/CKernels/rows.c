// Convolutions of small maps with stride 1, row by row: no columns, no transforms.
//
// A row of 16 neighbouring outputs is one vector; several output channels, or rows, are summed in registers at once.

#include <string.h>

#include "CKernels.h"
#include "clones.h"

#define CK_UNROLL _Pragma("clang loop unroll(full)")

typedef float lanes16 __attribute__((vector_size(64), aligned(4)));

CK_INLINE ptrdiff_t inside(ptrdiff_t value, ptrdiff_t size) { return value < 0 ? 0 : value >= size ? size - 1 : value; }

void ck_pad_rows(const float *in, float *out, const ck_rows *s) {
  ptrdiff_t rows = s->out_height + s->taps_h - 1, used = s->out_width + s->taps_w - 1;
  ptrdiff_t first = s->left < 0 ? -s->left : 0;
  ptrdiff_t last = s->width - s->left < used ? s->width - s->left : used;
  if (first > used) first = used;
  if (last < first) last = first;
  for (ptrdiff_t c = 0; c < s->channels; c++) {
    const float *plane = in + c * s->height * s->width;
    for (ptrdiff_t y = 0; y < rows; y++, out += s->stride) {
      ptrdiff_t row = s->top + y;
      if (!s->replicate && (row < 0 || row >= s->height)) {
        memset(out, 0, (size_t)s->stride * sizeof(float));
        continue;
      }
      const float *source = plane + inside(row, s->height) * s->width;
      float before = s->replicate ? source[0] : 0.0f, after = s->replicate ? source[s->width - 1] : 0.0f;
      for (ptrdiff_t x = 0; x < first; x++) out[x] = before;
      memcpy(out + first, source + s->left + first, (size_t)(last - first) * sizeof(float));
      for (ptrdiff_t x = last; x < used; x++) out[x] = after;
      memset(out + used, 0, (size_t)(s->stride - used) * sizeof(float));
    }
  }
}

// O output channels and R rows at a time; weights [channel, tap row, tap column, O].
#define CK_ROWS_BLOCK(O, R)                                                                                            \
  CK_INLINE void rows_##O##_##R(const float *in, const float *weights, float *out, const ck_rows *s, ptrdiff_t y,      \
                                ptrdiff_t x, ptrdiff_t count, ptrdiff_t outputs) {                                     \
    lanes16 sum[O][R], kept[O * R];                                                                                    \
    CK_UNROLL for (int o = 0; o < O; o++) {                                                                            \
      CK_UNROLL for (int r = 0; r < R; r++) sum[o][r] = (lanes16){0};                                                  \
    }                                                                                                                  \
    ptrdiff_t plane = (s->out_height + s->taps_h - 1) * s->stride;                                                     \
    const float *w = weights;                                                                                          \
    for (ptrdiff_t c = 0; c < s->channels; c++)                                                                        \
      for (ptrdiff_t ky = 0; ky < s->taps_h; ky++) {                                                                   \
        const float *row = in + c * plane + (y + ky) * s->stride + x;                                                  \
        for (ptrdiff_t kx = 0; kx < s->taps_w; kx++, w += O) {                                                         \
          lanes16 v[R];                                                                                                \
          CK_UNROLL for (int r = 0; r < R; r++) v[r] = *(const lanes16 *)(row + r * s->stride + kx);                   \
          CK_UNROLL for (int o = 0; o < O; o++) {                                                                      \
            CK_UNROLL for (int r = 0; r < R; r++) sum[o][r] += w[o] * v[r];                                            \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
    CK_UNROLL for (int o = 0; o < O; o++) {                                                                            \
      CK_UNROLL for (int r = 0; r < R; r++) kept[o * R + r] = sum[o][r];                                               \
    }                                                                                                                  \
    for (int o = 0; o < O && o < outputs; o++)                                                                         \
      for (int r = 0; r < R && y + r < s->out_height; r++) {                                                           \
        float *target = out + (o * s->out_height + y + r) * s->out_width + x;                                          \
        if (count >= 16) {                                                                                             \
          *(lanes16 *)target += kept[o * R + r];                                                                       \
        } else {                                                                                                       \
          for (ptrdiff_t i = 0; i < count; i++) target[i] += kept[o * R + r][i];                                       \
        }                                                                                                              \
      }                                                                                                                \
  }

CK_ROWS_BLOCK(16, 1)
CK_ROWS_BLOCK(8, 2)
CK_ROWS_BLOCK(4, 4)

CK_CLONES void ck_rows_convolution(const float *in, const float *weights, float *out, ptrdiff_t outputs,
                                   ptrdiff_t block, const ck_rows *s) {
  ptrdiff_t taps = s->channels * s->taps_h * s->taps_w;
  for (ptrdiff_t o = 0; o < outputs; o += block) {
    const float *w = weights + o * taps;
    float *target = out + o * s->out_height * s->out_width;
    for (ptrdiff_t x = 0; x < s->out_width; x += 16) {
      ptrdiff_t count = s->out_width - x;
      if (block == 16) {
        for (ptrdiff_t y = 0; y < s->out_height; y++) rows_16_1(in, w, target, s, y, x, count, outputs - o);
      } else if (block == 8) {
        for (ptrdiff_t y = 0; y < s->out_height; y += 2) rows_8_2(in, w, target, s, y, x, count, outputs - o);
      } else {
        for (ptrdiff_t y = 0; y < s->out_height; y += 4) rows_4_4(in, w, target, s, y, x, count, outputs - o);
      }
    }
  }
}

// Sum of sixteen values, halves first; they are lost.
CK_INLINE float total(float *x) {
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; i++) x[i] += x[i + half];
  return x[0];
}

// Four output channels by `K` taps of a kernel row, summed over all rows of all pairs of frames.
#define CK_ROWS_WEIGHTS(K)                                                                                             \
  CK_INLINE void weights_4_##K(const float *in, const float *gradient, double *out, ptrdiff_t out_step,                \
                               ptrdiff_t outputs, const ptrdiff_t *pairs, ptrdiff_t count, const ck_rows *s) {         \
    lanes16 sum[4][K], kept[4 * K];                                                                                    \
    CK_UNROLL for (int o = 0; o < 4; o++) {                                                                               \
      CK_UNROLL for (int k = 0; k < K; k++) sum[o][k] = (lanes16){0};                                                     \
    }                                                                                                                  \
    ptrdiff_t wide = s->wide, plane = s->out_height * wide;                                                            \
    for (ptrdiff_t p = 0; p < count; p++)                                                                              \
      for (ptrdiff_t y = 0; y < s->out_height; y++)                                                                    \
        for (ptrdiff_t x = 0; x < wide; x += 16) {                                                                     \
          const float *row = in + pairs[2 * p] + y * s->stride + x, *g = gradient + pairs[2 * p + 1] + y * wide + x;   \
          lanes16 d[4], v[K];                                                                                          \
          CK_UNROLL for (int o = 0; o < 4; o++) d[o] = *(const lanes16 *)(g + o * plane);                                 \
          CK_UNROLL for (int k = 0; k < K; k++) v[k] = *(const lanes16 *)(row + k);                                       \
          CK_UNROLL for (int o = 0; o < 4; o++) {                                                                         \
            CK_UNROLL for (int k = 0; k < K; k++) sum[o][k] += d[o] * v[k];                                               \
          }                                                                                                            \
        }                                                                                                              \
    CK_UNROLL for (int o = 0; o < 4; o++) {                                                                               \
      CK_UNROLL for (int k = 0; k < K; k++) kept[o * K + k] = sum[o][k];                                                  \
    }                                                                                                                  \
    for (int o = 0; o < 4 && o < outputs; o++)                                                                         \
      for (int k = 0; k < K; k++) out[o * out_step + k] += total((float *)&kept[o * K + k]);                             \
  }

CK_ROWS_WEIGHTS(1)
CK_ROWS_WEIGHTS(3)
CK_ROWS_WEIGHTS(5)

CK_CLONES void ck_rows_weight_gradient(const float *in, const float *gradient, const ptrdiff_t *pairs, ptrdiff_t count,
                                       double *out, ptrdiff_t outputs, const ck_rows *s) {
  ptrdiff_t plane = (s->out_height + s->taps_h - 1) * s->stride, taps = s->channels * s->taps_h * s->taps_w;
  for (ptrdiff_t o = 0; o < outputs; o += 4)
    for (ptrdiff_t c = 0; c < s->channels; c++)
      for (ptrdiff_t ky = 0; ky < s->taps_h; ky++) {
        const float *d = gradient + o * s->out_height * s->wide;
        for (ptrdiff_t kx = 0; kx < s->taps_w;) {
          const float *x = in + c * plane + ky * s->stride + kx;
          double *target = out + o * taps + (c * s->taps_h + ky) * s->taps_w + kx;
          ptrdiff_t left = s->taps_w - kx;
          if (left >= 5) {
            weights_4_5(x, d, target, taps, outputs - o, pairs, count, s);
            kx += 5;
          } else if (left >= 3) {
            weights_4_3(x, d, target, taps, outputs - o, pairs, count, s);
            kx += 3;
          } else {
            weights_4_1(x, d, target, taps, outputs - o, pairs, count, s);
            kx += 1;
          }
        }
      }
}
