// Derivatives of the activations: g[i] *= f'(x[i]). At a corner the derivative is PyTorch's: 0 for relu at 0.

#include <math.h>

#include "CKernels.h"
#include "clones.h"
#include "exponentials.h"

CK_CLONES void ck_exp_gradient(const float *x, float *g, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) g[i] *= exp_inline(x[i]);
}

CK_CLONES void ck_softplus_gradient(const float *x, float *g, ptrdiff_t count, float beta) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float scaled = x[i] * beta;
    float value = sigmoid_inline(scaled);
    g[i] *= scaled > 20.0f ? 1.0f : value;
  }
}

CK_CLONES void ck_sigmoid_gradient(const float *x, float *g, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float s = sigmoid_inline(x[i]);
    g[i] *= s * (1.0f - s);
  }
}

CK_CLONES void ck_tanh_gradient(const float *x, float *g, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float t = tanh_inline(x[i]);
    g[i] *= 1.0f - t * t;
  }
}

CK_CLONES void ck_leaky_relu_gradient(const float *x, float *g, ptrdiff_t count, float slope) {
  for (ptrdiff_t i = 0; i < count; i++) g[i] *= x[i] > 0.0f ? 1.0f : slope;
}

CK_CLONES void ck_silu_gradient(const float *x, float *g, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float s = sigmoid_inline(x[i]);
    g[i] *= s * (1.0f + x[i] * (1.0f - s));
  }
}

CK_CLONES void ck_mish_gradient(const float *x, float *g, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float t = tanh_inline(softplus_inline(x[i]));
    g[i] *= t + x[i] * (1.0f - t * t) * sigmoid_inline(x[i]);
  }
}

CK_CLONES void ck_elu_gradient(const float *x, float *g, ptrdiff_t count, float alpha, float scale) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float negative = alpha * exp_inline(x[i]);
    g[i] *= scale * (x[i] > 0.0f ? 1.0f : negative);
  }
}

void ck_gelu_gradient(const float *x, float *g, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float density = 0.39894228040143268f * expf(-0.5f * x[i] * x[i]);
    g[i] *= 0.5f * (1.0f + erff(x[i] * 0.70710678118654752f)) + x[i] * density;
  }
}

CK_CLONES void ck_gelu_tanh_gradient(const float *x, float *g, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float v = x[i];
    float t = tanh_inline(0.79788456080286536f * (v + 0.044715f * v * v * v));
    g[i] *= 0.5f * (1.0f + t) + 0.5f * v * (1.0f - t * t) * 0.79788456080286536f * (1.0f + 0.134145f * v * v);
  }
}

// g becomes the gradient of x; returns the gradient of the gain. Both halves are read everywhere: a load under a condition
// keeps a loop from being vectorised.
CK_CLONES double ck_split_relu_gradient(const float *restrict x, const float *restrict on, const float *restrict off,
                                        float *restrict g, ptrdiff_t count, float gain) {
  double lanes[16] = {0};
  ptrdiff_t whole = count & ~(ptrdiff_t)15;
  for (ptrdiff_t i = 0; i < whole; i += 16)
    for (int lane = 0; lane < 16; lane++) {
      double product = (double)x[i + lane] * (double)on[i + lane];
      lanes[lane] += x[i + lane] > 0.0f ? product : 0.0;
    }
  double sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += lanes[lane];
  for (ptrdiff_t i = whole; i < count; i++) sum += x[i] > 0.0f ? (double)x[i] * on[i] : 0.0;
  for (ptrdiff_t i = 0; i < count; i++) {
    float value = x[i], positive = gain * on[i], negative = -off[i];
    g[i] = value > 0.0f ? positive : value < 0.0f ? negative : 0.0f;
  }
  return sum;
}
