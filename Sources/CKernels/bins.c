// Sums over the valid bins of cells: one pass over memory, logarithms only where there are spikes.

#include <math.h>

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

static void one(float rate, float count, float mask, ck_bin_sums *s) {
  if (!(mask > 0)) return;
  double d = mask, dr = rate - s->origin_rate, dy = count - s->origin_count;
  s->bins += 1;
  s->weight += d;
  s->rate += d * dr;
  s->count += d * dy;
  s->rate_squares += d * dr * dr;
  s->count_squares += d * dy * dy;
  s->products += d * dr * dy;
  if (rate < s->lowest) s->lowest = rate;
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
  for (ptrdiff_t cell = first; cell < whole; cell += CK_LANES)
    eight(rates + cell, counts + cell, mask + cell, rows, cells, sums + cell);
  spikes found = {0};
  for (ptrdiff_t row = 0; row < rows; row++) {
    ptrdiff_t start = row * cells;
    for (ptrdiff_t cell = whole; cell < last; cell++)
      one(rates[start + cell], counts[start + cell], mask[start + cell], sums + cell);
    for (ptrdiff_t run = first; run < last; run += CK_SPIKES / 2) {
      ptrdiff_t end = last - run < CK_SPIKES / 2 ? last : run + CK_SPIKES / 2;
      if (found.count > CK_SPIKES / 2) add_spikes(&found, rates, counts, mask, floor, logs, sums);
      // Spikes come at random: every bin is written, and the count moves on where there is one.
      for (ptrdiff_t cell = run; cell < end; cell++) {
        found.place[found.count] = (int32_t)(start + cell);
        found.cell[found.count] = (int32_t)cell;
        found.count += (counts[start + cell] != 0) & (mask[start + cell] > 0);
      }
    }
  }
  add_spikes(&found, rates, counts, mask, floor, logs, sums);
}
