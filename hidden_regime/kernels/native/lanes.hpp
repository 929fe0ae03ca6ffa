// A vector of doubles, one lane for each job, and the few functions that the recursions need of it.
//
// Every operation acts on each lane alone, in an order that is written down (fma is explicit, contraction is off), so a job's
// bits depend neither on its neighbours nor on the lane it rides in.
#pragma once

#include "problem.hpp"

#if defined(__AVX512F__) || defined(__FMA__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define HR_LANES 8
#elif defined(__AVX2__)
#define HR_LANES 4
#else
#define HR_LANES 2
#endif

namespace HR_VARIANT {

constexpr int L = HR_LANES;
typedef double Vec __attribute__((vector_size(8 * HR_LANES)));
typedef int64_t Mask __attribute__((vector_size(8 * HR_LANES)));  // all bits of a lane, or none
typedef uint64_t Bits __attribute__((vector_size(8 * HR_LANES)));

HR_INLINE Vec splat(double x) {
  Vec v;
  for (int l = 0; l < L; ++l) v[l] = x;
  return v;
}

// A constant in a register: the compiler would read it from memory again at each use.
HR_INLINE Vec held(double x) {
  Vec v = splat(x);
#if defined(__AVX512F__)
  asm("" : "+v"(v));
#elif defined(__FMA__) && HR_LANES == 4
  asm("" : "+x"(v));
#endif
  return v;
}

HR_INLINE Vec fma(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__FMA__) && HR_LANES == 4
  return _mm256_fmadd_pd(a, b, c);
#elif defined(__ARM_FEATURE_FMA)
  Vec r;
  for (int l = 0; l < L; ++l) r[l] = __builtin_fma(a[l], b[l], c[l]);
  return r;
#else
  return a * b + c;
#endif
}

// Of two numbers; `b` where one is no number, on every machine.
HR_INLINE Vec larger(Vec a, Vec b) {
#if defined(__AVX512F__)
  return _mm512_max_pd(a, b);
#elif defined(__FMA__) && HR_LANES == 4
  return _mm256_max_pd(a, b);
#else
  return a > b ? a : b;
#endif
}

HR_INLINE Vec smaller(Vec a, Vec b) {
#if defined(__AVX512F__)
  return _mm512_min_pd(a, b);
#elif defined(__FMA__) && HR_LANES == 4
  return _mm256_min_pd(a, b);
#else
  return a < b ? a : b;
#endif
}

HR_INLINE Vec select(Mask m, Vec a, Vec b) { return m ? a : b; }

// exp of N vectors of -700..700, in place; side by side, because one alone is a chain of operations that wait for each other.
// The polynomial is 1 + r + r^2 g(r) on [-ln 2 / 2, ln 2 / 2], g minimax of degree 9: error 1.1e-17. ln 2 is taken as one
// double, which costs |x| * 3.3e-17; only a state that hardly matters has a density that far from the others'.
template <int N>
HR_INLINE void exp(Vec* x) {
  constexpr double terms[] = {2.7630233914958636e-07, 2.7557586266408486e-06, 2.4801493136197254e-05, 0.00019841269506779664,
                              0.001388888894359769,   0.008333333333494333,   0.041666666666530267,   0.16666666666666413,
                              0.5000000000000011,     1.0,                    1.0};
  const Vec magic = splat(6755399441055744.0);  // 1.5 * 2^52: adding it rounds to an integer in the low bits
  Vec t[N], r[N], p[N];
  for (int i = 0; i < N; ++i) t[i] = fma(x[i], splat(1.4426950408889634), magic);
  for (int i = 0; i < N; ++i) r[i] = fma(t[i] - magic, splat(-0.6931471805599453), x[i]);
  for (int i = 0; i < N; ++i) p[i] = splat(2.5000072292151244e-08);
#pragma GCC unroll 16
  for (double term : terms) {
    const Vec c = held(term);
    for (int i = 0; i < N; ++i) p[i] = fma(p[i], r[i], c);
  }
  for (int i = 0; i < N; ++i) x[i] = (Vec)((Bits)p[i] + ((Bits)t[i] << 52));
}

// log of a positive normal number, to about 1 ulp: artanh's series at (m - 1) / (m + 1), m in [sqrt(1/2), sqrt(2)].
HR_INLINE Vec log(Vec x) {
  const Bits bits = (Bits)x;
  const Mask e = (Mask)(bits - 0x3fe6a09e667f3bcdULL) >> 52;
  const Vec m = (Vec)(bits - ((Bits)e << 52));
  const Vec exponent = (Vec)((Bits)e + 0x4338000000000000ULL) - splat(6755399441055744.0);
  Vec f = (m - 1.0) / (m + 1.0), f2 = f * f;
  Vec p = splat(1.0 / 21);
  for (int i = 19; i > 0; i -= 2) p = fma(p, f2, splat(1.0 / i));
  return fma(exponent, splat(0.6931471805599453), (f + f) * p);
}

HR_INLINE bool any(Mask m) {
  int64_t found = 0;
  for (int l = 0; l < L; ++l) found |= m[l];
  return found != 0;
}

}  // namespace HR_VARIANT
