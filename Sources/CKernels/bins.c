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

// ln r = ln(r + floor) + ln(1 - floor / (r + floor)); the series ends below the last digit.
CK_INLINE double exact_log(double rate, double floored, double floor) {
  double x = floor / (rate + floor);
  if (!(x < 1e-5)) return log(rate);
  return floored - x - 0.5 * x * x - x * x * x / 3;
}

static void spike(double r, double y, double d, double floor, const ck_count_logs *logs, ck_bin_sums *s) {
  double value = log(r + floor);
  s->count_log_rate += d * y * value;
  s->count_log_exact_rate += d * y * exact_log(r, value, floor);
  if (y == 1) return;
  int known = y >= 0 && y < CK_COUNT_LOGS && y == (double)(int)y;
  s->count_log_count += d * y * (known ? logs->log[(int)y] : log(y));
  s->log_factorials += d * (known ? logs->factorial[(int)y] : lgamma(y + 1));
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
  for (ptrdiff_t row = 0; row < rows; row++) {
    ptrdiff_t start = row * cells;
    for (ptrdiff_t cell = whole; cell < last; cell++)
      one(rates[start + cell], counts[start + cell], mask[start + cell], sums + cell);
    for (ptrdiff_t cell = first; cell < last; cell++)
      if (counts[start + cell] != 0 && mask[start + cell] > 0)
        spike(rates[start + cell], counts[start + cell], mask[start + cell], floor, logs, sums + cell);
  }
}
