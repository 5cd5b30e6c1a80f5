#ifndef EXPONENTIALS_H
#define EXPONENTIALS_H

// Polynomial exponentials. Largest relative error of exp: 1.3e-7 over the range that float32 holds.

#include <stdint.h>

#include "clones.h"

// e^x = 2^n e^r with |r| <= ln 2 / 2 (Cephes expf), n split in two factors so that results near the ends of the
// range are right. Below -104 the result is 0, above 88.73 infinity; NaN stays NaN.
CK_INLINE float exp_inline(float x) {
  float limited = x < -104.0f ? -104.0f : x;
  limited = limited > 89.0f ? 89.0f : limited;
  // Adding 1.5 * 2^23 rounds to the nearest integer, which then sits in the low bits.
  const float magic = 12582912.0f;
  float shifted = limited * 1.44269504088896341f + magic;
  float n = shifted - magic;
  float r = limited - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  union { float f; int32_t i; } bits = {shifted}, low, high;
  int32_t whole = bits.i - 0x4B400000;
  int32_t half = whole >> 1;
  low.i = (half + 127) << 23;
  high.i = (whole - half + 127) << 23;
  return p * low.f * high.f;
}

// x^y for normal x > 0, as 2^(y log2 x); results beyond the normal numbers become the last of these. log2 x: x = 2^e (1 + m)
// with sqrt(1/2) <= 1 + m < sqrt(2), a polynomial that is off by at most 5e-8; 2^f for |f| <= 1/2: one off by 9e-8.
CK_INLINE float power_inline(float x, float y) {
  union { float f; uint32_t i; } bits = {x}, scale;
  int32_t whole = (int32_t)(bits.i - 0x3F3504F3u) >> 23;
  bits.i -= (uint32_t)whole << 23;
  float m = bits.f - 1.0f;
  float p = -0.14575767517f;
  p = p * m + 0.23688261211f;
  p = p * m - 0.25006118417f;
  p = p * m + 0.28670853376f;
  p = p * m - 0.36008810997f;
  p = p * m + 0.48093938828f;
  p = p * m - 0.72135710716f;
  p = p * m + 1.44269478321f;
  float t = y * ((float)whole + m * p);
  t = t < -126.0f ? -126.0f : t;
  t = t > 127.0f ? 127.0f : t;
  // Adding 1.5 * 2^23 rounds to the nearest integer, which then sits in the low bits.
  const float magic = 12582912.0f;
  float shifted = t + magic;
  float f = t - (shifted - magic);
  float q = 1.32647669e-3f;
  q = q * f + 9.67151113e-3f;
  q = q * f + 5.55073358e-2f;
  q = q * f + 0.240222424f;
  q = q * f + 0.693147004f;
  scale.f = shifted;
  scale.i = (scale.i - 0x4B400000u + 127u) << 23;
  return (q * f + 1.0f) * scale.f;
}

// ln(1 + u) for 0 <= u <= 1: the atanh series in s = u / (2 + u), |s| <= 1/3.
CK_INLINE float log1p_unit(float u) {
  float s = u / (2.0f + u);
  float t = s * s;
  float p = 0.0952380952f;
  p = p * t + 0.1052631579f;
  p = p * t + 0.1176470588f;
  p = p * t + 0.1333333333f;
  p = p * t + 0.1538461538f;
  p = p * t + 0.1818181818f;
  p = p * t + 0.2222222222f;
  p = p * t + 0.2857142857f;
  p = p * t + 0.4f;
  p = p * t + 0.6666666667f;
  p = p * t + 2.0f;
  return s * p;
}

// max(x, 0) + ln(1 + e^-|x|); torch switches to the identity above 20, where this is the identity in float32 too.
CK_INLINE float softplus_inline(float x) {
  float a = x < 0.0f ? x : -x;
  float tail = log1p_unit(exp_inline(a));
  return (x > 0.0f ? x : 0.0f) + tail;
}

CK_INLINE float sigmoid_inline(float x) { return 1.0f / (1.0f + exp_inline(-x)); }

CK_INLINE float tanh_inline(float x) {
  float a = x < 0.0f ? -x : x;
  // Near 0 the difference of exponentials cancels: the odd series instead.
  float t = x * x;
  float series = x + x * t * (-0.333333333f + t * (0.133333333f + t * (-0.0539682540f + t * 0.0218694885f)));
  float e = exp_inline(-2.0f * a);
  float ratio = (1.0f - e) / (1.0f + e);
  float signed_ratio = x < 0.0f ? -ratio : ratio;
  return a < 0.25f ? series : signed_ratio;
}

#endif
