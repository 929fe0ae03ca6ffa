// The same recursions for a job that is alone: where there are too few jobs for the lanes, a vector holds moments of time instead.
//
// Densities are found side by side; the recursions over time, which nothing can be beside, take one number at a time. Each number
// comes from the operations that it comes from in a lane, in the same order: equal bits. What is small (parameters, their sums,
// the M-step) stays in the first lane of a Block.
#pragma once

#include "passes.hpp"

namespace HR_VARIANT {

// a b + c, rounded as in the lanes.
HR_INLINE double fma(double a, double b, double c) {
#if defined(__AVX512F__) || (defined(__FMA__) && HR_LANES == 4) || defined(__ARM_FEATURE_FMA)
  return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

// The states of one moment side by side, as many as fit: what is found of each by itself is found of all at once.
typedef double States __attribute__((vector_size(32)));
constexpr int SIDE_BY_SIDE = 4;

HR_INLINE States fma(States a, double b, States c) {
  const States factor = {b, b, b, b};
#if defined(__FMA__)
  return (States)_mm256_fmadd_pd((__m256d)a, (__m256d)factor, (__m256d)c);
#else
  States out;
  for (int k = 0; k < SIDE_BY_SIDE; ++k) out[k] = fma(a[k], factor[k], c[k]);
  return out;
#endif
}

HR_INLINE double log(double x) { return log(splat(x))[0]; }

HR_INLINE Vec read(const double* at) {
  Vec v;
  std::memcpy(&v, at, sizeof(v));
  return v;
}

HR_INLINE void write(double* at, Vec v) { std::memcpy(at, &v, sizeof(v)); }

template <int D, bool FULL>
HR_INLINE void monomials_at(const Rows& rows, int64_t t, Vec* m) {
  int n = D;
  for (int i = 0; i < D; ++i) {
    m[i] = read(rows.x.data() + i * rows.room + t);
    for (int j = FULL ? 0 : i; j <= i; ++j) m[n++] = m[i] * m[j];
  }
}

// Density ratios, of a pair of vectors of moments at a time.
template <int K, int D, bool FULL, bool TAILED>
struct Densities {
  static constexpr int M = D + (FULL ? D * (D + 1) / 2 : D), OWN = TAILED ? K : K - 1;
  Vec q[OWN * (M + 1)], inverse[K], half[K], top[K], heads[K];
  Vec most = splat(0.0);  // the largest logarithms

  explicit Densities(const Block& b) {
    for (int k = 0; k < OWN; ++k)
      for (int i = 0; i <= M; ++i) {
        const double own = b.coefficients[k * (M + 1) + i][0];
        q[k * (M + 1) + i] = splat(TAILED ? own : own - b.coefficients[(K - 1) * (M + 1) + i][0]);
      }
    for (int k = 0; k < K && TAILED; ++k) {
      inverse[k] = splat(1.0) / splat(b.tails[2 * k][0]);
      half[k] = splat(0.5) * (splat(b.tails[2 * k][0]) + splat(double(D)));
      heads[k] = splat(b.heads[k][0]);
      top[k] = heads[k] + splat(b.tails[2 * k + 1][0]);
    }
  }

  HR_METHOD void find(Rows& rows, int64_t t) {
    const Vec one = splat(1.0), farthest = splat(FARTHEST);
    Vec v[2 * (K - 1)];
    for (int part = 0; part < 2; ++part, t += L) {
      Vec m[M], reference = splat(0.0);
      monomials_at<D, FULL>(rows, t, m);
      for (int k = OWN - 1; k >= 0; --k) {
        Vec u = q[k * (M + 1)];
        for (int n = 0; n < M; ++n) u = fma(q[k * (M + 1) + 1 + n], m[n], u);
        if (TAILED) {
          const Vec away = heads[k] - u, distance = away + away;
          const Vec far = select(distance < farthest, larger(distance, splat(0.0)), farthest);
          u = top[k] - half[k] * log(fma(far, inverse[k], one));
          if (k == K - 1) {
            reference = u;
            write(rows.reference.data() + t, u);
            continue;
          }
          u = u - reference;
        }
        u = larger(u, splat(-700.0));
        most = larger(u, most);
        v[part * (K - 1) + k] = u;
      }
    }
    exp<2 * (K - 1)>(v);
    t -= 2 * L;
    for (int part = 0; part < 2; ++part, t += L)
      for (int k = 0; k < K - 1; ++k) write(rows.ratio.data() + k * rows.room + t, v[part * (K - 1) + k]);
  }

  double largest() const {
    double out = most[0];
    for (int l = 1; l < L; ++l) out = most[l] > out ? most[l] : out;
    return out;
  }
};

// `forward` of passes.hpp. The next densities are found while the recursion waits for its own last number.
template <int K, int D, bool FULL, bool TAILED>
static void forward_alone(Block& b) {
  Rows& rows = *b.rows;
  Densities<K, D, FULL, TAILED> density(b);
  density.find(rows, 0);
  double A[K * K], a[K], next[K];
  for (int i = 0; i < K * K; ++i) A[i] = b.chain[i][0];
  for (int k = 0; k < K; ++k) a[k] = b.chain[K * K + k][0];
  double product = 1.0, log_sum = 0.0, least = 1.0, greatest = 1.0;
  const double* ratio = rows.ratio.data();
  double* alpha = rows.alpha.data();
  for (int64_t t = 0; t < rows.n; ++t, alpha += K) {
    if (t % (2 * L) == 0 && t + 2 * L < rows.room) density.find(rows, t + 2 * L);
    for (int k = 0; k < K; ++k) {
      next[k] = t == 0 ? a[k] : a[K - 1] * A[(K - 1) * K + k];
      for (int i = 0; i < K - 1 && t > 0; ++i) next[k] = fma(a[i], A[i * K + k], next[k]);
    }
    for (int k = 0; k < K; ++k) a[k] = k < K - 1 ? next[k] * ratio[k * rows.room + t] : next[k];
    if ((t & 7) == 7) {
      double s = a[0];
      for (int k = 1; k < K; ++k) s = s + a[k];
      least = s < least ? s : least;
      greatest = s > greatest ? s : greatest;
      product = product * s;
      const double r = 1.0 / s;
      rows.rescale[size_t(t >> 3)] = r;
      for (int k = 0; k < K; ++k) a[k] = a[k] * r;
      if ((t & 15) == 15) {
        log_sum = log_sum + log(product);
        product = 1.0;
      }
    }
    for (int k = 0; k < K; ++k) alpha[k] = a[k];
  }
  double s = a[0];
  for (int k = 1; k < K; ++k) s = s + a[k];
  b.likelihood = splat(log_sum + log(product) + log(s));
  b.end_inverse = splat(1.0 / s);
  const double most = density.largest();
  const bool fine = least > LOWEST && s > LOWEST && greatest < HIGHEST && s < HIGHEST && most < HIGHEST_LOG_RATIO;
  b.hard = (Mask)(Bits)splat(0.0);
  if (!fine) b.hard = ~b.hard;
}

// `backward` of passes.hpp.
template <int K, int D, bool FULL>
static void backward_alone(Block& b) {
  const Rows& rows = *b.rows;
  constexpr int M = D + (FULL ? D * (D + 1) / 2 : D);
  double A[K * K], last[K], beta[K], v[K], m[M];
  States xi[K] = {}, sums[M], gamma;  // xi by the state that follows, sums by the monomial
  const double *ratio = rows.ratio.data(), *x = rows.x.data(), end_inverse = b.end_inverse[0];
  for (int i = 0; i < K * K; ++i) A[i] = b.chain[i][0];
  const auto monomials_of = [&](int64_t t) {
    int n = D;
    for (int i = 0; i < D; ++i) {
      m[i] = x[i * rows.room + t];
      for (int j = FULL ? 0 : i; j <= i; ++j) m[n++] = m[i] * m[j];
    }
  };
  const auto states_at = [&](const double* at) {
    States out;
    std::memcpy(&out, at, sizeof(out));
    return out;
  };
  int64_t t = rows.n - 1;
  monomials_of(t);
  gamma = states_at(rows.alpha.data() + t * K) * end_inverse;
  for (int n = 0; n < M; ++n) sums[n] = gamma * m[n];
  for (int k = 0; k < K; ++k) beta[k] = end_inverse, last[k] = gamma[k];
  for (--t; t >= 0; --t) {
    for (int k = 0; k < K; ++k) v[k] = k < K - 1 ? beta[k] * ratio[k * rows.room + t + 1] : beta[k];
    if (((t + 1) & 7) == 7) {
      const double r = rows.rescale[size_t((t + 1) >> 3)];
      for (int k = 0; k < K; ++k) v[k] = v[k] * r;
    }
    States all = {};
    for (int i = 0; i < K; ++i) {
      beta[i] = A[i * K] * v[0];
      for (int j = 1; j < K; ++j) beta[i] = fma(A[i * K + j], v[j], beta[i]);
      all[i] = beta[i];
    }
    const States a = states_at(rows.alpha.data() + t * K);
    gamma = a * all;
    monomials_of(t);
    for (int j = 0; j < K; ++j) xi[j] = fma(a, v[j], xi[j]);
    for (int n = 0; n < M; ++n) sums[n] = fma(gamma, m[n], sums[n]);
  }
  for (int k = 0; k < K; ++k) {
    double total = last[k];
    for (int j = 0; j < K; ++j) {
      const double count = xi[j][k] * A[k * K + j];
      b.counts[k * K + j][0] = count;
      total = total + count;
    }
    b.counts[K * K + k][0] = gamma[k];
    b.sums[k * (M + 1)][0] = total;
    for (int n = 0; n < M; ++n) b.sums[k * (M + 1) + 1 + n][0] = sums[n][k];
  }
}

// `smooth_rows` of smooth.hpp, and the log-density of each row before it.
template <int K>
static void smooth_alone(const Block& b, bool densities) {
  Rows& rows = *b.rows;
  double A[K * K], beta[K], v[K], before = 1.0;
  const double* ratio = rows.ratio.data();
  for (int i = 0; i < K * K; ++i) A[i] = b.chain[i][0];
  for (int64_t t = 0; t < rows.n && densities; ++t) {
    const double* a = rows.alpha.data() + t * K;
    double total = a[0];
    for (int k = 1; k < K; ++k) total = total + a[k];
    const double now = (t & 7) == 7 ? total / rows.rescale[size_t(t >> 3)] : total;
    rows.logs[size_t(t)] = now / before;
    before = total;
  }
  for (int64_t t = rows.n; t < rows.room && densities; ++t) rows.logs[size_t(t)] = 1.0;
  for (int64_t t = 0; t < rows.room && densities; t += L) write(rows.logs.data() + t, log(read(rows.logs.data() + t)) + read(rows.reference.data() + t));
  for (int k = 0; k < K; ++k) beta[k] = b.end_inverse[0];
  for (int64_t t = rows.n - 1; t >= 0; --t) {
    if (t + 1 < rows.n) {
      for (int k = 0; k < K; ++k) v[k] = k < K - 1 ? beta[k] * ratio[k * rows.room + t + 1] : beta[k];
      if (((t + 1) & 7) == 7) {
        const double r = rows.rescale[size_t((t + 1) >> 3)];
        for (int k = 0; k < K; ++k) v[k] = v[k] * r;
      }
      for (int i = 0; i < K; ++i) {
        beta[i] = A[i * K] * v[0];
        for (int j = 1; j < K; ++j) beta[i] = fma(A[i * K + j], v[j], beta[i]);
      }
    }
    double *a = rows.alpha.data() + t * K, total = 0.0;
    for (int k = 0; k < K; ++k) {
      a[k] = a[k] * beta[k];
      total = total + a[k];
    }
    const double inverse = 1.0 / total;
    for (int k = 0; k < K; ++k) a[k] = a[k] * inverse;
  }
}

// Whether there are such recursions for a shape.
HR_INLINE bool can_be_alone(const Problem& p) { return p.n_states >= 2 && p.n_states <= 4 && (p.n_features == 1 || p.n_features == 2); }

template <int K>
static Passes choose_alone(int D, bool full, bool tailed) {
  if (D == 1) return {tailed ? forward_alone<K, 1, false, true> : forward_alone<K, 1, false, false>, backward_alone<K, 1, false>};
  if (full) return {tailed ? forward_alone<K, 2, true, true> : forward_alone<K, 2, true, false>, backward_alone<K, 2, true>};
  return {tailed ? forward_alone<K, 2, false, true> : forward_alone<K, 2, false, false>, backward_alone<K, 2, false>};
}

static Passes choose_alone(const Block& b) {
  static constexpr Passes (*by_states[])(int, bool, bool) = {choose_alone<2>, choose_alone<3>, choose_alone<4>};
  return by_states[b.K - 2](b.D, b.full, b.tailed);
}

}  // namespace HR_VARIANT
