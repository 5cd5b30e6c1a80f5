// Activations.

#include <math.h>

#include "CKernels.h"
#include "clones.h"
#include "exponentials.h"

CK_CLONES void ck_exp(const float *in, float *out, ptrdiff_t count) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) out[i] = exp_inline(in[i]);
}

CK_CLONES void ck_softplus(const float *in, float *out, ptrdiff_t count, float beta) {
  float inverse = 1.0f / beta;
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) {
    float scaled = in[i] * beta;
    float value = softplus_inline(scaled) * inverse;
    out[i] = scaled > 20.0f ? in[i] : value;
  }
}

CK_CLONES void ck_sigmoid(const float *in, float *out, ptrdiff_t count) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) out[i] = sigmoid_inline(in[i]);
}

CK_CLONES void ck_tanh(const float *in, float *out, ptrdiff_t count) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) out[i] = tanh_inline(in[i]);
}

CK_CLONES void ck_relu(const float *in, float *out, ptrdiff_t count) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) out[i] = in[i] < 0.0f ? 0.0f : in[i];
}

CK_CLONES void ck_leaky_relu(const float *in, float *out, ptrdiff_t count, float slope) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) out[i] = in[i] < 0.0f ? in[i] * slope : in[i];
}

CK_CLONES void ck_silu(const float *in, float *out, ptrdiff_t count) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) out[i] = in[i] * sigmoid_inline(in[i]);
}

CK_CLONES void ck_mish(const float *in, float *out, ptrdiff_t count) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) out[i] = in[i] * tanh_inline(softplus_inline(in[i]));
}

CK_CLONES void ck_elu(const float *in, float *out, ptrdiff_t count, float alpha, float scale) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) {
    float x = in[i];
    // e^x - 1 cancels near 0: there the series.
    float series = x * (1.0f + x * (0.5f + x * (0.166666667f + x * (0.0416666667f + x * 0.00833333333f))));
    float negative = x > -0.25f ? series : exp_inline(x) - 1.0f;
    out[i] = scale * (x > 0.0f ? x : alpha * negative);
  }
}

// erf from glibc: its error matters here, and gelu is never the heavy step.
void ck_gelu(const float *in, float *out, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = 0.5f * in[i] * (1.0f + erff(in[i] * 0.70710678118654752f));
}

CK_CLONES void ck_gelu_tanh(const float *in, float *out, ptrdiff_t count) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) {
    float x = in[i];
    out[i] = 0.5f * x * (1.0f + tanh_inline(0.79788456080286536f * (x + 0.044715f * x * x * x)));
  }
}

CK_CLONES void ck_split_relu(const float *in, float *on, float *off, ptrdiff_t count, float gain) {
  CK_INDEPENDENT
  for (ptrdiff_t i = 0; i < count; i++) {
    float x = in[i];
    // NaN goes into both halves.
    on[i] = gain * (x <= 0.0f ? 0.0f : x);
    off[i] = x >= 0.0f ? 0.0f : -x;
  }
}
