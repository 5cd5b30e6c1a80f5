// Rows of planes, which are short: a call of memcpy costs as much as the copy.
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>
#include <string.h>

#include "clones.h"

// Before a loop of a few turns
#define CK_FEW _Pragma("clang loop vectorize(disable) unroll(disable)")

// The last eight values may be copied twice.
CK_INLINE void copy_row(const float *in, float *out, ptrdiff_t count) {
  ptrdiff_t x = 0;
  if (count >= 8) {
    for (; x < count - 8; x += 8) memcpy(out + x, in + x, 8 * sizeof(float));
    memcpy(out + count - 8, in + count - 8, 8 * sizeof(float));
  } else {
    CK_FEW for (; x < count; x++) out[x] = in[x];
  }
}

// out += in
CK_INLINE void add_to_row(const float *restrict in, float *restrict out, ptrdiff_t count) {
  ptrdiff_t x = 0;
  for (; x + 8 <= count; x += 8)
    for (int lane = 0; lane < 8; lane++) out[x + lane] += in[x + lane];
  if (x + 4 <= count) {
    for (int lane = 0; lane < 4; lane++) out[x + lane] += in[x + lane];
    x += 4;
  }
  CK_FEW for (; x < count; x++) out[x] += in[x];
}

#endif
