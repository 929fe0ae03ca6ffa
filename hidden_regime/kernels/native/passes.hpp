// The recursions over time of many jobs, each in its lane.
//
// They divide every density by that of the job's broadest state, so a step costs one exponential less than there are
// states; what is left out of the log-likelihood is linear in the sums of the monomials. Forward probabilities are rescaled at
// every eighth step only, and a logarithm is taken at every sixteenth. Where that could overflow or lose digits (a likelihood
// relative to the reference below 1e-70 or above 1e140 in eight steps) the job goes to the careful scalar recursion instead; the
// question is asked of each job alone, so the answer doesn't depend on its neighbours.
#pragma once

#include "block.hpp"

namespace HR_VARIANT {

// Monomials of the observation at t, without the first, which is 1 or the weight.
template <int DT, bool FULL, bool WEIGHTED>
HR_INLINE void monomials(const Block& b, int64_t t, Vec* m) {
  const int D = DT ? DT : b.D;
  const Vec* x = b.x + t * D;
  int n = D;
  for (int i = 0; i < D; ++i) {
    m[i] = WEIGHTED ? x[i] * b.w[t] : x[i];
    for (int j = FULL ? 0 : i; j <= i; ++j) m[n++] = x[i] * m[j];
  }
}

// Log-density of each state at its own mean: what is below it is half the squared distance.
static void measure_heads(const Block& b) {
  for (int k = 0; k < b.K; ++k) {
    const Vec *q = b.coefficients + k * b.M, *u = b.moments + k * b.M + 1;
    Vec head = q[0];
    int m = 1 + b.D;
    for (int i = 0; i < b.D; ++i) {
      head = fma(q[1 + i], u[i], head);
      for (int j = b.full ? 0 : i; j <= i; ++j) head = fma(q[m++] * u[i], u[j], head);
    }
    b.heads[k] = head;
  }
}

// Forward recursion. Leaves alpha, the density ratios and the rescaling factors, and per lane the log-likelihood without the
// reference's part, the inverse of the last total, and whether the lane needs the careful recursion. TAILED: of Student-t
// densities; the reference's part is no linear function then, and left as well.
template <int KT, int DT, bool FULL, bool WEIGHTED, bool TAILED = false>
static void forward(Block& b) {
  constexpr int MT = DT ? DT + (FULL ? DT * (DT + 1) / 2 : DT) : MOST_MONOMIALS;
  const int K = KT, D = DT ? DT : b.D, M = DT ? MT : b.M - 1;
  (void)D;
  constexpr int OWN = TAILED ? KT : KT - 1;  // states whose densities are found: all, or those besides the reference
  Vec A[KT * KT], q[DT ? (OWN > 0 ? OWN * (MT + 1) : 1) : 1], a[KT], next[KT], m[MT], inverse[KT], half[KT], top[KT];
  Vec generic[DT ? 1 : KT * (MOST_MONOMIALS + 1)];
  Vec* const qs = DT ? q : generic;
  for (int i = 0; i < K * K; ++i) A[i] = b.chain[i];
  for (int k = 0; k < OWN; ++k)
    for (int i = 0; i <= M; ++i) {
      const Vec own = b.coefficients[k * (M + 1) + i];
      qs[k * (M + 1) + i] = TAILED ? own : own - b.coefficients[(K - 1) * (M + 1) + i];
    }
  const Vec one = splat(1.0), farthest = splat(FARTHEST);
  for (int k = 0; k < K && TAILED; ++k) {
    inverse[k] = one / b.tails[2 * k];
    half[k] = splat(0.5) * (b.tails[2 * k] + splat(double(D)));
    top[k] = b.heads[k] + b.tails[2 * k + 1];
  }
  Vec product = one, log_sum = splat(0.0), least = one, greatest = one, most = splat(0.0);
  b.likelihood = log_sum, b.end_inverse = one, b.hard = one < log_sum;
  int64_t stop = b.next_end(0);
  for (int64_t begin = 0; stop < INT64_MAX; begin += CHUNK) {
    Vec v[KT > 1 ? (KT - 1) * CHUNK : 1];
    for (int i = 0; i < CHUNK; ++i) {
      monomials<DT, FULL, WEIGHTED>(b, begin + i, m);
      Vec reference = splat(0.0);
      for (int k = OWN - 1; k >= 0; --k) {
        Vec u = WEIGHTED ? qs[k * (M + 1)] * b.w[begin + i] : qs[k * (M + 1)];
        for (int n = 0; n < M; ++n) u = fma(qs[k * (M + 1) + 1 + n], m[n], u);
        if (TAILED) {
          const Vec away = b.heads[k] - u, distance = away + away;
          const Vec far = select(distance < farthest, larger(distance, splat(0.0)), farthest);
          u = top[k] - half[k] * log(fma(far, inverse[k], one));
          if (WEIGHTED) u = u * b.w[begin + i];
          if (k == K - 1) {
            b.reference[begin + i] = reference = u;
            continue;
          }
          u = u - reference;
        }
        u = larger(u, splat(-700.0));
        most = larger(u, most);
        v[i * (K - 1) + k] = u;
      }
    }
    constexpr int SIDE = L == 8 ? 8 : 4;
    for (int i = 0; i + SIDE <= (K - 1) * CHUNK; i += SIDE) exp<SIDE>(v + i);
    if ((K - 1) * CHUNK % SIDE != 0) exp<CHUNK>(v + (K - 1) * CHUNK / SIDE * SIDE);
    for (int i = 0; i < (K - 1) * CHUNK; ++i) b.ratio[begin * (K - 1) + i] = v[i];
    for (int64_t t = begin; t < begin + CHUNK; ++t) {
      for (int k = 0; k < K; ++k) {
        if (t == 0)
          next[k] = b.chain[K * K + k];
        else {
          next[k] = a[K - 1] * A[(K - 1) * K + k];  // the reference first: it is known earlier
          for (int i = 0; i < K - 1; ++i) next[k] = fma(a[i], A[i * K + k], next[k]);
        }
      }
      for (int k = 0; k < K; ++k) a[k] = k < K - 1 ? next[k] * b.ratio[t * (K - 1) + k] : next[k];
      if ((t & 7) == 7) {
        Vec s = a[0];
        for (int k = 1; k < K; ++k) s = s + a[k];
        least = smaller(s, least);
        greatest = larger(s, greatest);
        product = product * s;
        const Vec r = one / s;
        b.rescale[t >> 3] = r;
        for (int k = 0; k < K; ++k) a[k] = a[k] * r;
        if ((t & 15) == 15) {
          log_sum = log_sum + log(product);
          product = one;
        }
      }
      for (int k = 0; k < K; ++k) b.alpha[t * K + k] = a[k];
      if (t + 1 < stop) continue;
      Mask ending;
      for (int l = 0; l < L; ++l) ending[l] = b.end[l] == stop ? -1 : 0;
      Vec s = a[0];
      for (int k = 1; k < K; ++k) s = s + a[k];
      const Mask fine = (least > splat(LOWEST)) & (s > splat(LOWEST)) & (greatest < splat(HIGHEST)) & (s < splat(HIGHEST)) &
                        (most < splat(HIGHEST_LOG_RATIO));
      b.likelihood = select(ending, log_sum + log(product) + log(s), b.likelihood);
      b.end_inverse = select(ending, one / s, b.end_inverse);
      b.hard = b.hard | (ending & ~fine);
      stop = b.next_end(stop);
      if (stop == INT64_MAX) break;
    }
  }
}

// Backward recursion: expected transitions, first states and sums of monomials.
template <int KT, int DT, bool FULL, bool WEIGHTED>
static void backward(Block& b) {
  constexpr int MT = DT ? DT + (FULL ? DT * (DT + 1) / 2 : DT) : MOST_MONOMIALS;
  const int K = KT, M = DT ? MT : b.M - 1;
  Vec A[KT * KT], xi[KT * KT], sums[KT * MT], weight[KT], last[KT], beta[KT], v[KT], gamma[KT], m[MT];
  const Vec zero = splat(0.0);
  for (int i = 0; i < K * K; ++i) A[i] = b.chain[i], xi[i] = zero;
  for (int i = 0; i < K * M; ++i) sums[i] = zero;
  for (int k = 0; k < K; ++k) weight[k] = last[k] = beta[k] = gamma[k] = zero;
  int64_t t = INT64_MAX;  // the last step that has been done
  for (;;) {
    int64_t entry = 0;  // the next lanes to begin are those that end here
    for (int l = 0; l < L; ++l)
      if (b.end[l] <= t && b.end[l] > entry) entry = b.end[l];
    const bool first = t == INT64_MAX;
    if (first) t = entry;
    const int64_t stop = first ? t : (entry > 0 ? entry - 1 : 0);
    for (--t; t >= stop; --t) {
      const Vec* bs = b.ratio + (t + 1) * (K - 1);
      for (int k = 0; k < K; ++k) v[k] = k < K - 1 ? beta[k] * bs[k] : beta[k];
      if (((t + 1) & 7) == 7) {
        const Vec r = b.rescale[(t + 1) >> 3];
        for (int k = 0; k < K; ++k) v[k] = v[k] * r;
      }
      monomials<DT, FULL, WEIGHTED>(b, t, m);
      for (int i = 0; i < K; ++i) {
        const Vec a = b.alpha[t * K + i];
        beta[i] = A[i * K] * v[0];
        for (int j = 1; j < K; ++j) beta[i] = fma(A[i * K + j], v[j], beta[i]);
        for (int j = 0; j < K; ++j) xi[i * K + j] = fma(a, v[j], xi[i * K + j]);
        gamma[i] = a * beta[i];
        if (WEIGHTED) weight[i] = fma(gamma[i], b.w[t], weight[i]);
        for (int n = 0; n < M; ++n) sums[i * M + n] = fma(gamma[i], m[n], sums[i * M + n]);
      }
    }
    ++t;
    if (entry == 0) break;
    t = entry - 1;
    Mask entering;
    for (int l = 0; l < L; ++l) entering[l] = b.end[l] == entry ? -1 : 0;
    monomials<DT, FULL, WEIGHTED>(b, t, m);
    for (int k = 0; k < K; ++k) {
      beta[k] = select(entering, b.end_inverse, beta[k]);
      gamma[k] = select(entering, b.alpha[t * K + k] * b.end_inverse, gamma[k]);
      last[k] = select(entering, gamma[k], last[k]);
      weight[k] = select(entering, WEIGHTED ? gamma[k] * b.w[t] : zero, weight[k]);
      for (int j = 0; j < K; ++j) xi[k * K + j] = select(entering, zero, xi[k * K + j]);
      for (int n = 0; n < M; ++n) sums[k * M + n] = select(entering, gamma[k] * m[n], sums[k * M + n]);
    }
  }
  for (int k = 0; k < K; ++k) {
    Vec total = last[k];
    for (int j = 0; j < K; ++j) {
      const Vec count = xi[k * K + j] * A[k * K + j];
      b.counts[k * K + j] = count;
      total = total + count;
    }
    b.counts[K * K + k] = gamma[k];
    b.sums[k * (M + 1)] = WEIGHTED ? weight[k] : total;
    for (int n = 0; n < M; ++n) b.sums[k * (M + 1) + 1 + n] = sums[k * M + n];
  }
}

}  // namespace HR_VARIANT
