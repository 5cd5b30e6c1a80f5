// Sums over the valid bins of cells: one pass over memory, logarithms only where there are spikes.

#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "clones.h"

#define CK_LANES 8
#define CK_UNROLL _Pragma("clang loop unroll(full)")

typedef float floats8 __attribute__((vector_size(32), aligned(4)));
typedef double doubles8 __attribute__((vector_size(64), aligned(8)));
typedef int64_t longs8 __attribute__((vector_size(64), aligned(8)));

// Values where a condition (all bits or none) holds; others are 0, or b.
#define CK_KEPT(value, valid) ((doubles8)((longs8)(value) & (valid)))
#define CK_CHOSEN(a, b, first) ((doubles8)(((longs8)(a) & (first)) | ((longs8)(b) & ~(first))))

// Sums of eight neighbouring cells.
CK_INLINE void eight(const float *rates, const float *counts, const float *mask, ptrdiff_t rows, ptrdiff_t cells,
                     ck_bin_sums *sums) {
  doubles8 weight, rate, count, rate_squares, count_squares, products, lowest, origin_rate, origin_count;
  longs8 bins = {0};
#define CK_EACH(action)                                                                                       \
  action(weight) action(rate) action(count) action(rate_squares) action(count_squares) action(products)       \
      action(lowest)
#define CK_LOAD(field) CK_UNROLL for (int i = 0; i < CK_LANES; i++) field[i] = sums[i].field;
#define CK_STORE(field) CK_UNROLL for (int i = 0; i < CK_LANES; i++) sums[i].field = field[i];
  CK_EACH(CK_LOAD) CK_LOAD(origin_rate) CK_LOAD(origin_count)
  for (ptrdiff_t row = 0; row < rows; row++) {
    doubles8 r = __builtin_convertvector(*(const floats8 *)(rates + row * cells), doubles8);
    doubles8 y = __builtin_convertvector(*(const floats8 *)(counts + row * cells), doubles8);
    doubles8 d = __builtin_convertvector(*(const floats8 *)(mask + row * cells), doubles8);
    longs8 valid = (longs8)(d > 0.0);
    d = CK_KEPT(d, valid);
    doubles8 dr = CK_KEPT(r - origin_rate, valid), dy = CK_KEPT(y - origin_count, valid);
    bins -= valid;
    weight += d;
    rate += d * dr;
    count += d * dy;
    rate_squares += d * dr * dr;
    count_squares += d * dy * dy;
    products += d * dr * dy;
    lowest = CK_CHOSEN(r, lowest, (longs8)(r < lowest) & valid);
  }
  CK_EACH(CK_STORE)
  CK_UNROLL for (int i = 0; i < CK_LANES; i++) sums[i].bins += (double)bins[i];
}

#define CK_PADDED_ROWS 128

// The last cells, side by side with empty ones.
CK_INLINE void fewer(const float *rates, const float *counts, const float *mask, ptrdiff_t rows, ptrdiff_t cells,
                     int present, ck_bin_sums *sums) {
  float padded[3][CK_PADDED_ROWS * CK_LANES];
  ck_bin_sums own[CK_LANES] = {{0}};
  memcpy(own, sums, (size_t)present * sizeof *own);
  for (ptrdiff_t start = 0; start < rows; start += CK_PADDED_ROWS) {
    ptrdiff_t count = rows - start < CK_PADDED_ROWS ? rows - start : CK_PADDED_ROWS;
    for (ptrdiff_t row = 0; row < count; row++)
      for (int i = 0; i < CK_LANES; i++) {
        ptrdiff_t place = (start + row) * cells + i, target = row * CK_LANES + i;
        padded[0][target] = i < present ? rates[place] : 0;
        padded[1][target] = i < present ? counts[place] : 0;
        padded[2][target] = i < present ? mask[place] : 0;
      }
    eight(padded[0], padded[1], padded[2], count, CK_LANES, own);
  }
  memcpy(sums, own, (size_t)present * sizeof *own);
}

// The first valid bin of a cell is the origin of its moments.
static void set_origin(const float *rates, const float *counts, const float *mask, ptrdiff_t rows, ptrdiff_t cells,
                       ck_bin_sums *s) {
  if (s->bins > 0) return;
  for (ptrdiff_t row = 0; row < rows; row++)
    if (mask[row * cells] > 0) {
      s->origin_rate = rates[row * cells];
      s->origin_count = counts[row * cells];
      return;
    }
}

// Bins with spikes, gathered so that their logarithms are taken side by side.
#define CK_SPIKES 256
#define CK_SCANNED 64
typedef struct {
  ptrdiff_t count;
  int32_t place[CK_SPIKES], cell[CK_SPIKES];
} spikes;

// ln x for normal x > 0: x = 2^e (1 + f), then a polynomial in f / (2 + f), as in fdlibm. Error below one unit in the last place.
CK_INLINE double log_inline64(double x) {
  union { double f; int64_t i; } bits = {x};
  int64_t whole = (bits.i - 0x3FE6A09E667F3BCD) >> 52;
  bits.i -= (int64_t)((uint64_t)whole << 52);
  // Exact for |e| < 2^51: vectors of 64-bit integers have no conversion of their own before AVX-512.
  union { int64_t i; double f; } shifted = {whole + 0x4338000000000000};
  double e = shifted.f - 6755399441055744.0, f = bits.f - 1.0;
  double s = f / (2.0 + f), z = s * s, half = 0.5 * f * f;
  double p = 1.479819860511658591e-01;
  p = p * z + 1.531383769920937332e-01;
  p = p * z + 1.818357216161805012e-01;
  p = p * z + 2.222219843214978396e-01;
  p = p * z + 2.857142874366239149e-01;
  p = p * z + 3.999999999940941908e-01;
  p = p * z + 6.666666666666735130e-01;
  return e * 6.93147180369123816490e-01 - ((half - (s * (half + z * p) + e * 1.90821492927058770002e-10)) - f);
}

CK_INLINE void add_spikes(spikes *found, const float *rates, const float *counts, const float *mask, double floor,
                          const ck_count_logs *logs, ck_bin_sums *sums) {
  double rate[CK_SPIKES], weight[CK_SPIKES], floored[CK_SPIKES], exact[CK_SPIKES];
  ptrdiff_t count = found->count;
  found->count = 0;
  int is_special = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    ptrdiff_t place = found->place[i];
    rate[i] = rates[place];
    weight[i] = (double)mask[place] * (double)counts[place];
  }
  for (ptrdiff_t i = 0; i < count; i++) {
    double sum = rate[i] + floor, x = floor / sum;
    is_special |= !(sum > 1e5 * floor && sum < INFINITY);
    floored[i] = log_inline64(sum);
    // ln r = ln(r + floor) + ln(1 - floor / (r + floor)); where x < 1e-5 the series ends below the last digit.
    exact[i] = floored[i] - x - 0.5 * x * x - x * x * x * (1.0 / 3);
  }
  for (ptrdiff_t i = 0; is_special && i < count; i++) {
    double sum = rate[i] + floor;
    if (sum > 1e5 * floor && sum < INFINITY) continue;
    exact[i] = log(rate[i]);
    if (!(sum > 0 && sum < INFINITY)) floored[i] = log(sum);
  }
  for (ptrdiff_t i = 0; i < count; i++) {
    ck_bin_sums *s = sums + found->cell[i];
    s->count_log_rate += weight[i] * floored[i];
    s->count_log_exact_rate += weight[i] * exact[i];
    double y = counts[found->place[i]], d = mask[found->place[i]];
    if (y == 1) continue;
    int known = y >= 0 && y < CK_COUNT_LOGS && y == (double)(int)y;
    s->count_log_count += d * y * (known ? logs->log[(int)y] : log(y));
    s->log_factorials += d * (known ? logs->factorial[(int)y] : lgamma(y + 1));
  }
}

// The valid bins with spikes among up to 64 neighbours, a bit each.
CK_INLINE uint64_t spiking(const float *counts, const float *mask, int width) {
  typedef float floats16 __attribute__((vector_size(64), aligned(4)));
  typedef _Bool bits16 __attribute__((ext_vector_type(16)));
  uint64_t all = 0;
  int i = 0;
  for (; i + 16 <= width; i += 16) {
    floats16 y = *(const floats16 *)(counts + i), d = *(const floats16 *)(mask + i);
    bits16 present = __builtin_convertvector((y != 0) & (d > 0), bits16);
    uint16_t bits;
    memcpy(&bits, &present, sizeof bits);
    all |= (uint64_t)bits << i;
  }
  for (; i < width; i++) all |= (uint64_t)((counts[i] != 0) & (mask[i] > 0)) << i;
  return all;
}

void ck_count_logs_fill(ck_count_logs *logs) {
  for (int y = 0; y < CK_COUNT_LOGS; y++) {
    logs->log[y] = log((double)y);
    logs->factorial[y] = lgamma((double)y + 1);
  }
}

CK_CLONES void ck_add_bins(const float *rates, const float *counts, const float *mask, ptrdiff_t rows, ptrdiff_t cells,
                           ptrdiff_t first, ptrdiff_t last, double floor, const ck_count_logs *logs,
                           ck_bin_sums *sums) {
  ptrdiff_t whole = first + (last - first) / CK_LANES * CK_LANES;
  for (ptrdiff_t cell = first; cell < last; cell++)
    set_origin(rates + cell, counts + cell, mask + cell, rows, cells, sums + cell);
  spikes found = {0};
  for (ptrdiff_t row = 0; row < rows; row++) {
    for (ptrdiff_t run = first; run < last; run += CK_SCANNED) {
      ptrdiff_t start = row * cells + run;
      int width = last - run < CK_SCANNED ? (int)(last - run) : CK_SCANNED;
      if (found.count > CK_SPIKES - CK_SCANNED) add_spikes(&found, rates, counts, mask, floor, logs, sums);
      // The rates are needed next: they come into the cache on the way.
      for (int i = 0; i < width; i += 16) __builtin_prefetch(rates + start + i);
      for (uint64_t left = spiking(counts + start, mask + start, width); left != 0; left &= left - 1) {
        int i = __builtin_ctzll(left);
        found.place[found.count] = (int32_t)(start + i);
        found.cell[found.count++] = (int32_t)(run + i);
      }
    }
  }
  add_spikes(&found, rates, counts, mask, floor, logs, sums);
  for (ptrdiff_t cell = first; cell < whole; cell += CK_LANES)
    eight(rates + cell, counts + cell, mask + cell, rows, cells, sums + cell);
  if (whole < last) fewer(rates + whole, counts + whole, mask + whole, rows, cells, (int)(last - whole), sums + whole);
}
