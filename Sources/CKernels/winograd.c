// Transforms of minimal filtering, F(2x2, 3x3): tiles of 4x4 inputs every 2 pixels, 2x2 outputs a tile.
//
// All tiles of a plane are worked on at once, as flat arrays of one value a tile: loops are long and without gaps.

#include "CKernels.h"
#include "clones.h"

CK_INLINE ptrdiff_t within(ptrdiff_t value, ptrdiff_t size) { return value < 0 ? 0 : value >= size ? size - 1 : value; }

void ck_tile_sources(int32_t *out, const ck_tiles *s) {
  for (ptrdiff_t parity = 0; parity < 2; parity++)
    for (ptrdiff_t k = 0; k < 4; k++)
      for (ptrdiff_t r = 0; r <= s->rows; r++)
        for (ptrdiff_t x = 0; x < s->columns; x++) {
          ptrdiff_t row = s->top + parity + 2 * r, column = s->left + k + 2 * x;
          int inside = row >= 0 && row < s->height && column >= 0 && column < s->width;
          ptrdiff_t source = within(row, s->height) * s->width + within(column, s->width);
          *out++ = inside || s->replicate ? (int32_t)source : -1;
        }
}

CK_CLONES void ck_winograd_filter(const float *in, float *out, ptrdiff_t count) {
  for (ptrdiff_t f = 0; f < count; f++) {
    const float *g = in + 9 * f;
    float rows[4][3];
    for (int x = 0; x < 3; x++) {
      rows[0][x] = g[x];
      rows[1][x] = 0.5f * (g[x] + g[3 + x] + g[6 + x]);
      rows[2][x] = 0.5f * (g[x] - g[3 + x] + g[6 + x]);
      rows[3][x] = g[6 + x];
    }
    for (int y = 0; y < 4; y++) {
      const float *r = rows[y];
      float *o = out + 4 * y * count + f;
      o[0] = r[0];
      o[count] = 0.5f * (r[0] + r[1] + r[2]);
      o[2 * count] = 0.5f * (r[0] - r[1] + r[2]);
      o[3 * count] = r[2];
    }
  }
}

CK_CLONES void ck_winograd_input(const float *in, float *out, const ck_tiles *s, const int32_t *sources,
                                 float *scratch) {
  ptrdiff_t tiles = s->rows * s->columns, step = (s->rows + 1) * s->columns;
  float *even = scratch, *odd = scratch + 4 * step;
  for (ptrdiff_t c = 0; c < s->channels; c++) {
    const float *plane = in + c * s->height * s->width;
    for (ptrdiff_t i = 0; i < 8 * step; i++) scratch[i] = sources[i] < 0 ? 0.0f : plane[sources[i]];
    float *target = out + c * s->channel_step;
    for (int i = 0; i < 4; i++) {
      // Rows 0 to 3 of a tile: even, odd, next even, next odd. B^T along the rows of the tile.
      const float *a = i == 0 ? even : i == 1 ? odd : i == 2 ? even + s->columns : odd;
      const float *b = i == 0 ? even + s->columns : i == 1 ? even + s->columns : i == 2 ? odd : odd + s->columns;
      float sign = i == 1 ? 1.0f : -1.0f;
      float *o0 = target + (4 * i) * s->position_step, *o1 = o0 + s->position_step, *o2 = o1 + s->position_step,
            *o3 = o2 + s->position_step;
      for (ptrdiff_t t = 0; t < tiles; t++) {
        float d0 = a[t] + sign * b[t], d1 = a[step + t] + sign * b[step + t];
        float d2 = a[2 * step + t] + sign * b[2 * step + t], d3 = a[3 * step + t] + sign * b[3 * step + t];
        o0[t] = d0 - d2;
        o1[t] = d1 + d2;
        o2[t] = d2 - d1;
        o3[t] = d1 - d3;
      }
    }
  }
}

CK_CLONES void ck_winograd_output(const float *in, float *out, const ck_tiles *s, float *scratch) {
  ptrdiff_t tiles = s->rows * s->columns, p = s->position_step;
  for (ptrdiff_t o = 0; o < s->channels; o++) {
    const float *m = in + o * s->channel_step;
    float *plane = out + o * s->out_height * s->out_width;
    for (int a = 0; a < 2; a++) {
      // A^T along the rows of the tile, then along its columns.
      const float *m0 = m + (a == 0 ? 0 : 4) * p, *m1 = m + (a == 0 ? 4 : 8) * p, *m2 = m + (a == 0 ? 8 : 12) * p;
      float sign = a == 0 ? 1.0f : -1.0f;
      float *left = scratch, *right = scratch + tiles;
      for (ptrdiff_t t = 0; t < tiles; t++) {
        float s0 = m0[t] + sign * m1[t] + sign * m2[t];
        float s1 = m0[p + t] + sign * m1[p + t] + sign * m2[p + t];
        float s2 = m0[2 * p + t] + sign * m1[2 * p + t] + sign * m2[2 * p + t];
        float s3 = m0[3 * p + t] + sign * m1[3 * p + t] + sign * m2[3 * p + t];
        left[t] = s0 + s1 + s2;
        right[t] = s1 - s2 - s3;
      }
      for (ptrdiff_t r = 0; r < s->rows && 2 * r + a < s->out_height; r++) {
        float *row = plane + (2 * r + a) * s->out_width;
        const float *l = left + r * s->columns, *q = right + r * s->columns;
        ptrdiff_t pairs = s->out_width / 2;
        for (ptrdiff_t x = 0; x < pairs; x++) {
          row[2 * x] += l[x];
          row[2 * x + 1] += q[x];
        }
        if (s->out_width & 1) row[2 * pairs] += l[pairs];
      }
    }
  }
}
