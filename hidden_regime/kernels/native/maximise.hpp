// The M-step of the emissions, for one job (V = double) or one job a lane (V = Vec): one text, so both do the same.
//
// A Gaussian's log-density is linear in the monomials (1, u_i, u_i u_j). From their sums come mean and covariance; the
// covariance is factored as L D L', whose D are the variances of each feature given those before it. Each enters the
// likelihood by itself, so raising it to its floor gives the best covariance above the floor and EM stays monotone.
#pragma once

#include "problem.hpp"

namespace HR_VARIANT {

constexpr double HALF_LOG_2PI = 0.91893853320467274178;
constexpr double NO_EVIDENCE = 1e-12, ROUNDING = 1e-11;

template <class V>
struct Gaussians {  // what a job (or a block of lanes) has of its emissions
  int n_states, n_features, n_monomials, kind;
  const V* sums;          // (n_states, n_monomials)
  const V* prior_sums;    // (n_states, n_monomials)
  const V* floor;         // (n_features)
  V* moments;             // (n_states, n_monomials)
  V* coefficients;        // (n_states, n_monomials)
  V* work;                // 3 matrices, 4 vectors
};

template <class V>
static inline V constant(double x);

// Factors the covariance in `c` (lower triangle) into L, D and L's inverse. Returns where all of D are usable.
template <class V, class M>
static inline M factor(const Gaussians<V>& g, const V* mean, V* c, V* inverse, V* d, V& log_det) {
  const int n = g.n_features;
  const V zero = constant<V>(0.0), one = constant<V>(1.0);
  M ok = one > zero;
  log_det = zero;
  V least_of_all = zero;
  if (g.kind == SPHERICAL) {
    V total = zero;
    for (int i = 0; i < n; ++i) {
      total = total + c[i * n + i];
      least_of_all = larger(least_of_all, g.floor[i]);
    }
    for (int i = 0; i < n; ++i) c[i * n + i] = total / constant<V>(n);
  }
  for (int i = 0; i < n; ++i)
    for (int j = 0; j <= i; ++j) {
      V value = c[i * n + j];
      for (int p = 0; p < j; ++p) value = value - c[i * n + p] * c[j * n + p] * d[p];
      if (j < i) {
        c[i * n + j] = select(d[j] > zero, value / d[j], zero);
      } else {
        // Nothing but rounding is left of a feature that those before it determine; to divide by it would make up a slope.
        const V rounding = constant<V>(ROUNDING) * (c[i * n + i] + mean[i] * mean[i]);
        d[i] = select(value > rounding, value, zero);
      }
    }
  for (int i = 0; i < n; ++i) {
    const V floor = g.kind == SPHERICAL ? least_of_all : g.floor[i];
    d[i] = larger(d[i], floor);
    // A variance that collapsed to the rounding of its second moment is no variance, unless a floor holds it up.
    const V least = constant<V>(1e-14) * (c[i * n + i] + mean[i] * mean[i]);
    ok = ok & ((d[i] > least) | (floor > constant<V>(1e-10) * least)) & (d[i] < constant<V>(1e300));
    log_det = log_det + log(d[i]);
    for (int j = 0; j < i; ++j) {
      V value = zero;
      for (int p = j; p < i; ++p) value = value - c[i * n + p] * (p == j ? one : inverse[p * n + j]);
      inverse[i * n + j] = value;
    }
  }
  return ok;
}

// Writes coefficients and moments of the state `k` with this mean and these factors.
template <class V, class M>
static inline void publish(const Gaussians<V>& g, int k, M where, const V* mean, const V* l, const V* inverse, const V* d,
                           V log_det, V* white, V* precision) {
  const int n = g.n_features;
  const bool full = g.kind == FULL || g.kind == TIED;
  const V zero = constant<V>(0.0), one = constant<V>(1.0), half = constant<V>(0.5);
  V* q = g.coefficients + k * g.n_monomials;
  V* s = g.moments + k * g.n_monomials;
  V head = constant<V>(-HALF_LOG_2PI * n) - half * log_det;
  for (int i = 0; i < n; ++i) {
    white[i] = mean[i];
    precision[i] = one / d[i];
    if (full)
      for (int j = 0; j < i; ++j) white[i] = white[i] + inverse[i * n + j] * mean[j];
    head = head - half * white[i] * white[i] * precision[i];
  }
  q[0] = select(where, head, q[0]);
  s[0] = one;
  int m = 1 + n;
  for (int i = 0; i < n; ++i) {
    V value = white[i] * precision[i];
    for (int p = i + 1; full && p < n; ++p) value = value + inverse[p * n + i] * white[p] * precision[p];
    q[1 + i] = select(where, value, q[1 + i]);
    s[1 + i] = select(where, mean[i], s[1 + i]);
    for (int j = full ? 0 : i; j <= i; ++j) {
      value = zero;
      for (int p = i; p < (full ? n : i + 1); ++p)
        value = value - (p == i ? one : inverse[p * n + i]) * (p == j ? one : inverse[p * n + j]) * precision[p];
      q[m] = select(where, i == j ? half * value : value, q[m]);
      value = i == j ? d[i] : l[i * n + j] * d[j];
      for (int p = 0; full && p < j; ++p) value = value + l[i * n + p] * l[j * n + p] * d[p];
      s[m] = select(where, value + mean[i] * mean[j], s[m]);
      ++m;
    }
  }
}

// Gaussian of largest likelihood for each state's sums, plus `share` of the prior's. Returns where it exists. A state
// without evidence keeps what it has.
template <class V, class M>
static inline M maximise(const Gaussians<V>& g, V share) {
  const int n = g.n_features;
  const bool full = g.kind == FULL || g.kind == TIED;
  const V zero = constant<V>(0.0), one = constant<V>(1.0);
  V *c = g.work, *inverse = c + n * n, *pooled = inverse + n * n, *mean = pooled + n * n, *d = mean + n, *white = d + n, *precision = white + n;
  M ok = one > zero;
  V total = zero, log_det = zero;
  if (g.kind == TIED)
    for (int i = 0; i < n * n; ++i) pooled[i] = zero;
  for (int pass = 0; pass < (g.kind == TIED ? 2 : 1); ++pass) {
    if (pass == 1) {
      for (int i = 0; i < n * n; ++i) c[i] = pooled[i] / total;
      for (int i = 0; i < n; ++i) mean[i] = zero;
      ok = factor<V, M>(g, mean, c, inverse, d, log_det);
    }
    for (int k = 0; k < g.n_states; ++k) {
      const V* own = g.sums + k * g.n_monomials;
      const V* prior = g.prior_sums + k * g.n_monomials;
      const V count = own[0] + share * prior[0];
      const M seen = count > constant<V>(NO_EVIDENCE);
      const V inverse_count = one / select(seen, count, one);
      for (int i = 0; i < n; ++i)
        mean[i] = select(seen, (own[1 + i] + share * prior[1 + i]) * inverse_count, g.moments[k * g.n_monomials + 1 + i]);
      if (pass == 1) {
        publish<V, M>(g, k, one > zero, mean, c, inverse, d, log_det, white, precision);
        continue;
      }
      int m = 1 + n;
      for (int i = 0; i < n; ++i)
        for (int j = full ? 0 : i; j <= i; ++j, ++m) {
          const V value = (own[m] + share * prior[m]) * inverse_count - mean[i] * mean[j];
          if (g.kind == TIED)
            pooled[i * n + j] = pooled[i * n + j] + select(seen, count * value, zero);
          else
            c[i * n + j] = value;
        }
      if (g.kind == TIED) {
        total = total + select(seen, count, zero);
        continue;
      }
      if (!full)
        for (int i = 0; i < n; ++i)
          for (int j = 0; j < i; ++j) c[i * n + j] = zero;
      const M fine = factor<V, M>(g, mean, c, inverse, d, log_det);
      publish<V, M>(g, k, seen, mean, c, inverse, d, log_det, white, precision);
      ok = ok & (fine | !seen);
    }
  }
  return ok;
}

}  // namespace HR_VARIANT
