// Convolutions of few channels without columns: planes with a border are shifted, weighted and summed in registers.
//
// Outputs and the values between their rows are one run of `span` values; output i of a run takes the inputs i + offset.

#include <string.h>

#include "CKernels.h"
#include "clones.h"
#include "rows.h"

// Values side by side. Three such vectors of eight outputs fill the registers of AVX-512.
#define CK_SIDE 16
typedef float ck_side __attribute__((vector_size(CK_SIDE * 4), aligned(4)));
#define CK_VECTORS 3

#define CK_UNROLL _Pragma("clang loop unroll(full)")
#define CK_LOAD(place) (*(const ck_side *)(place))

int ck_has_wide_registers(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#else
  return 0;
#endif
}

// `vectors` vectors of CK_SHIFTED_OUTPUTS outputs.
CK_INLINE void sums_block(const float *in, const ck_shifted *s, const float *weights, float *out, const int vectors) {
  ck_side sum[CK_SHIFTED_OUTPUTS * CK_VECTORS];
  CK_UNROLL for (int i = 0; i < CK_SHIFTED_OUTPUTS * vectors; i++) sum[i] = (ck_side){0};
  for (ptrdiff_t frame = 0; frame < s->frame_count; frame++) {
    const float *own = in + s->frames[frame];
    for (ptrdiff_t k = 0; k < s->offset_count; k++, weights += CK_SHIFTED_OUTPUTS) {
      const float *x = own + s->offsets[k];
      ck_side values[CK_VECTORS];
      CK_UNROLL for (int v = 0; v < vectors; v++) values[v] = CK_LOAD(x + v * CK_SIDE);
      CK_UNROLL for (int o = 0; o < CK_SHIFTED_OUTPUTS; o++) {
        CK_UNROLL for (int v = 0; v < vectors; v++) sum[o * vectors + v] += weights[o] * values[v];
      }
    }
  }
  CK_UNROLL for (int o = 0; o < CK_SHIFTED_OUTPUTS; o++) {
    CK_UNROLL for (int v = 0; v < vectors; v++) {
      *(ck_side *)(out + o * s->step + v * CK_SIDE) = sum[o * vectors + v];
    }
  }
}

CK_CLONES void ck_shifted_sums(const float *in, const ck_shifted *s, const float *weights, float *scratch, float *out) {
  ptrdiff_t terms = s->frame_count * s->offset_count;
  for (ptrdiff_t first = 0; first < s->outs; first += CK_SHIFTED_OUTPUTS) {
    const float *own = weights + first * terms;
    // Three at a time, or twice two where one would be left.
    for (ptrdiff_t at = 0, left; (left = (s->step - at) / CK_SIDE) > 0;) {
      if (left == 1) {
        sums_block(in + at, s, own, scratch + at, 1);
        at += CK_SIDE;
      } else if (left == 2 || left == 4) {
        sums_block(in + at, s, own, scratch + at, 2);
        at += 2 * CK_SIDE;
      } else {
        sums_block(in + at, s, own, scratch + at, 3);
        at += 3 * CK_SIDE;
      }
    }
    for (ptrdiff_t o = first; o < s->outs && o < first + CK_SHIFTED_OUTPUTS; o++)
      for (ptrdiff_t y = 0; y < s->rows; y++)
        add_to_row(scratch + (o - first) * s->step + y * s->row_step, out + (o * s->rows + y) * s->columns, s->columns);
  }
}

CK_CLONES void ck_shifted_spread(const float *in, const ck_shifted *s, float *out) {
  for (ptrdiff_t o = 0; o < s->outs; o++, out += s->step) {
    memset(out, 0, (size_t)s->step * sizeof(float));
    for (ptrdiff_t y = 0; y < s->rows; y++, in += s->columns) copy_row(in, out + y * s->row_step, s->columns);
  }
}

CK_CLONES void ck_shifted_products(const float *in, const float *g, const ptrdiff_t *g_frames, const ck_shifted *s,
                                   float *out) {
  for (ptrdiff_t first = 0; first < s->outs; first += CK_PRODUCT_OUTPUTS)
    for (ptrdiff_t term = 0; term < s->offset_count; term += CK_PRODUCT_OFFSETS) {
      ck_side sum[CK_PRODUCT_OUTPUTS * CK_PRODUCT_OFFSETS];
      CK_UNROLL for (int i = 0; i < CK_PRODUCT_OUTPUTS * CK_PRODUCT_OFFSETS; i++) sum[i] = (ck_side){0};
      for (ptrdiff_t frame = 0; frame < s->frame_count; frame++) {
        const float *y = g + g_frames[frame] + first * s->step, *x = in + s->frames[frame];
        for (ptrdiff_t i = 0; i < s->step; i += CK_SIDE) {
          ck_side values[CK_PRODUCT_OFFSETS];
          CK_UNROLL for (int k = 0; k < CK_PRODUCT_OFFSETS; k++) values[k] = CK_LOAD(x + s->offsets[term + k] + i);
          CK_UNROLL for (int o = 0; o < CK_PRODUCT_OUTPUTS; o++) {
            ck_side slope = CK_LOAD(y + o * s->step + i);
            CK_UNROLL for (int k = 0; k < CK_PRODUCT_OFFSETS; k++) sum[o * CK_PRODUCT_OFFSETS + k] += slope * values[k];
          }
        }
      }
      CK_UNROLL for (int o = 0; o < CK_PRODUCT_OUTPUTS; o++) {
        CK_UNROLL for (int k = 0; k < CK_PRODUCT_OFFSETS; k++) {
          float total = 0;
          CK_UNROLL for (int lane = 0; lane < CK_SIDE; lane++) total += sum[o * CK_PRODUCT_OFFSETS + k][lane];
          out[(first + o) * s->offset_count + term + k] += total;
        }
      }
    }
}
