// Smoothed probabilities of many jobs at once, one job a lane, from the forward pass that EM uses.
#pragma once

#include "fit.hpp"

namespace HR_VARIANT {

// Log predictive densities of the rows into `logs`: totals of two steps over each other, times the reference's density.
template <int DT, bool FULL, bool WEIGHTED>
static void row_densities(const Block& b, int64_t longest, Vec* logs) {
  const int K = b.K, M = DT ? 1 + DT + (FULL ? DT * (DT + 1) / 2 : DT) : b.M;
  const Vec* q = b.coefficients + (K - 1) * b.M;
  Vec before = splat(1.0), m[MOST_MONOMIALS];
  for (int64_t t = 0; t < longest; ++t) {
    Vec total = b.alpha[t * K];
    for (int k = 1; k < K; ++k) total = total + b.alpha[t * K + k];
    const Vec now = (t & 7) == 7 ? total / b.rescale[t >> 3] : total;
    monomials<DT, FULL, WEIGHTED>(b, t, m);
    Vec reference = WEIGHTED ? q[0] * b.w[t] : q[0];
    for (int i = 0; i < M - 1; ++i) reference = fma(q[1 + i], m[i], reference);
    logs[t] = log(now / before) + reference;
    before = total;
  }
}

// The same of Student-t densities, whose reference's the forward recursion has left.
static void tailed_row_densities(const Block& b, int64_t longest, Vec* logs) {
  const int K = b.K;
  Vec before = splat(1.0);
  for (int64_t t = 0; t < longest; ++t) {
    Vec total = b.alpha[t * K];
    for (int k = 1; k < K; ++k) total = total + b.alpha[t * K + k];
    const Vec now = (t & 7) == 7 ? total / b.rescale[t >> 3] : total;
    logs[t] = log(now / before) + b.reference[t];
    before = total;
  }
}

static void row_densities(const Block& b, int64_t longest, Vec* logs) {
  if (b.tailed)
    tailed_row_densities(b, longest, logs);
  else if (b.weighted)
    (b.full ? row_densities<0, true, true> : row_densities<0, false, true>)(b, longest, logs);
  else if (b.D <= 2 && !b.full)
    (b.D == 1 ? row_densities<1, false, false> : row_densities<2, false, false>)(b, longest, logs);
  else
    (b.full ? row_densities<0, true, false> : row_densities<0, false, false>)(b, longest, logs);
}

// Log predictive density of the last row of a lane's job, after the forward recursion of Student-t densities.
static double last_density(const Block& b, int l) {
  const int64_t t = b.end[l] - 1;
  double now = 0.0, before = 0.0;
  for (int k = 0; k < b.K; ++k) {
    const double own = b.last_alpha(k, l), earlier = t > 0 ? b.alpha_at(t - 1, k, l) : 0.0;
    now = k == 0 ? own : now + own;
    before = k == 0 ? earlier : before + earlier;
  }
  if (t == 0) before = 1.0;
  if ((t & 7) == 7) now = now / (b.rows ? b.rows->rescale[size_t(t >> 3)] : b.rescale[t >> 3][l]);
  return log(now / before) + (b.rows ? b.rows->reference[size_t(t)] : b.reference[t][l]);
}

// Backward recursion over a forward pass; leaves the smoothed probabilities in alpha.
template <int KT>
static void smooth_rows(Block& b) {
  const int K = KT;
  Vec A[KT * KT], beta[KT], v[KT];
  for (int i = 0; i < K * K; ++i) A[i] = b.chain[i];
  for (int k = 0; k < K; ++k) beta[k] = splat(0.0);
  int64_t longest = 0;
  for (int l = 0; l < L; ++l) longest = b.end[l] > longest ? b.end[l] : longest;
  for (int64_t t = longest - 1; t >= 0; --t) {
    if (t + 1 < longest) {
      const Vec* bs = b.ratio + (t + 1) * (K - 1);
      for (int k = 0; k < K; ++k) v[k] = k < K - 1 ? beta[k] * bs[k] : beta[k];
      if (((t + 1) & 7) == 7) {
        const Vec r = b.rescale[(t + 1) >> 3];
        for (int k = 0; k < K; ++k) v[k] = v[k] * r;
      }
      for (int i = 0; i < K; ++i) {
        beta[i] = A[i * K] * v[0];
        for (int j = 1; j < K; ++j) beta[i] = fma(A[i * K + j], v[j], beta[i]);
      }
    }
    for (int l = 0; l < L; ++l)
      if (b.end[l] == t + 1)
        for (int k = 0; k < K; ++k) beta[k][l] = b.end_inverse[l];
    Vec total = splat(0.0);
    for (int k = 0; k < K; ++k) {
      b.alpha[t * K + k] = b.alpha[t * K + k] * beta[k];
      total = total + b.alpha[t * K + k];
    }
    const Vec inverse = splat(1.0) / total;
    for (int k = 0; k < K; ++k) b.alpha[t * K + k] = b.alpha[t * K + k] * inverse;
  }
}

// Smooths jobs until none is left; `next` is shared between threads.
void smooth(const Problem& p, const Queue& queue, std::atomic<int64_t>& next) {
  Block b(p, queue.weighted, queue.alone);
  const Passes pass = choose(b);
  static constexpr void (*by_states[])(Block&) = {smooth_rows<1>, smooth_rows<2>, smooth_rows<3>, smooth_rows<4>,
                                                  smooth_rows<5>, smooth_rows<6>, smooth_rows<7>, smooth_rows<8>};
  static constexpr void (*alone[])(const Block&, bool) = {smooth_alone<2>, smooth_alone<3>, smooth_alone<4>};
  const int K = b.K;
  Vec* logs = static_cast<Vec*>(std::aligned_alloc(64, size_t(b.longest) * sizeof(Vec)));
  if (!logs) throw std::bad_alloc();
  Lane lanes[L];
  for (;;) {
    bool active = false;
    int64_t longest = 0;
    for (int l = 0; l < b.width(); ++l) {
      const int64_t place = next.fetch_add(1, std::memory_order_relaxed);
      if (place >= queue.n_jobs) continue;
      lanes[l].load(b, p, queue.jobs[place], l);
      longest = b.end[l] > longest ? b.end[l] : longest;
      active = true;
    }
    if (!active) break;
    const Gaussians<Vec> g{K, b.D, b.M, b.kind, b.sums, b.prior_sums, b.floor, b.moments, b.coefficients, b.work};
    b.ok = maximise<Vec, Mask>(g, b.share);
    choose_references(b, lanes);
    if (b.tailed) measure_heads(b);
    pass.forward(b);
    Vec likelihood = b.likelihood;
    if (b.rows)
      for (int64_t t = 0; t < longest; ++t) likelihood[0] += b.rows->reference[size_t(t)];
    for (int64_t t = 0; t < longest && b.tailed && !b.rows; ++t)
      for (int l = 0; l < L; ++l)
        if (t < b.end[l]) likelihood[l] += b.reference[t][l];
    for (int m = 0; m < b.M && !b.tailed; ++m) likelihood = fma(b.totals[m], b.coefficients[(K - 1) * b.M + m], likelihood);
    double last[L];  // where nobody asks for those of all rows
    for (int l = 0; l < L && !p.logs; ++l) last[l] = lanes[l].job >= 0 ? last_density(b, l) : 0.0;
    if (b.rows) {
      alone[K - 2](b, p.logs != nullptr);
    } else {
      if (p.logs) row_densities(b, longest, logs);
      by_states[K - 1](b);
    }
    double *rows[L], *row_logs[L];
    int place[L][MOST_STATES];
    for (int l = 0; l < L; ++l) {
      const int64_t job = lanes[l].job;
      rows[l] = nullptr;
      if (job < 0) continue;
      p.status[3 * job] = p.status[3 * job + 1] = 0;
      p.status[3 * job + 2] = b.ok[l] != 0;
      if (b.ok[l] && (b.hard[l] || likelihood[l] != likelihood[l])) {
        queue.careful(p, job);
      } else if (b.ok[l]) {
        p.scores[2 * job] = p.history[job] = likelihood[l];
        p.scores[2 * job + 1] = p.logs ? likelihood[l] : last[l];
        rows[l] = p.posterior + job * p.longest * K;
        row_logs[l] = p.logs ? p.logs + job * p.longest : nullptr;
        for (int k = 0; k < K; ++k) place[l][k] = lanes[l].place(k);
        for (int k = 0; k < K; ++k) p.final[job * K + place[l][k]] = b.last_alpha(k, l);
      }
    }
    for (int64_t t = 0; t < longest; ++t)  // lanes inside: each vector is read once
      for (int l = 0; l < L; ++l) {
        if (!rows[l] || t >= b.end[l]) continue;
        for (int k = 0; k < K; ++k) rows[l][t * K + place[l][k]] = b.rows ? b.rows->alpha[size_t(t * K + k)] : b.alpha[t * K + k][l];
        if (row_logs[l]) row_logs[l][t] = b.rows ? b.rows->logs[size_t(t)] : logs[t][l];
      }
    for (int l = 0; l < L; ++l)
      if (lanes[l].job >= 0) lanes[l].free(b, l);
  }
  std::free(logs);
}

}  // namespace HR_VARIANT
