// Rearrangements between planes' spectra and one matrix a frequency.

#include "CKernels.h"
#include "clones.h"

// Spectra of one frame's channels to frequency-outermost order.
//
// in: [channel][2 rows][2 half]: rows below `rows` hold products with the cosine matrix, those above with the sine
// matrix; each row the real, then the imaginary parts of `half` frequencies.
// out[(row * half + column) * step + channel], imaginary part `channels` further.
CK_CLONES void ck_spectrum_scatter(const float *in, float *out, const ck_spectrum *s) {
  ptrdiff_t width = 2 * s->half, plane = 2 * s->rows * width;
  for (ptrdiff_t row = 0; row < s->rows; row++) {
    const float *cosine = in + row * width, *sine = in + (s->rows + row) * width;
    for (ptrdiff_t x = 0; x < s->half; x++) {
      float *re = out + (row * s->half + x) * s->step, *im = re + s->channels;
      for (ptrdiff_t c = 0; c < s->channels; c++) {
        const float *p = cosine + c * plane + x, *q = sine + c * plane + x;
        // e^{-i a} = cos a - i sin a, times (u + i v); the sine matrix holds -sin a.
        re[c] = p[0] - q[s->half];
        im[c] = p[s->half] + q[0];
      }
    }
  }
}

// Frequency-outermost order to [real rows, imaginary rows][channel][half].
CK_CLONES void ck_spectrum_gather(const float *in, float *out, const ck_spectrum *s) {
  for (ptrdiff_t part = 0; part < 2; part++) {
    for (ptrdiff_t row = 0; row < s->rows; row++) {
      const float *source = in + row * s->half * s->step + part * s->channels;
      float *target = out + (part * s->rows + row) * s->channels * s->half;
      for (ptrdiff_t c = 0; c < s->channels; c++)
        for (ptrdiff_t x = 0; x < s->half; x++) target[c * s->half + x] = source[x * s->step + c];
    }
  }
}

// Adds X conj(Y) of one frequency, from the products [re and im of in, re and im of out] of X^T Y, to re and im
// [in, out].
CK_CLONES void ck_spectrum_correlate(const float *in, float *re, float *im, ptrdiff_t ins, ptrdiff_t outs) {
  for (ptrdiff_t i = 0; i < ins; i++) {
    const float *a = in + i * 2 * outs, *b = in + (ins + i) * 2 * outs;
    for (ptrdiff_t o = 0; o < outs; o++) {
      re[i * outs + o] += a[o] + b[outs + o];
      im[i * outs + o] += b[o] - a[outs + o];
    }
  }
}
