// Expectation-maximisation of many jobs at once: each lane of a vector carries one job, and takes the next when it is done.
#pragma once

#include "alone.hpp"
#include "passes.hpp"

namespace HR_VARIANT {

// Forward recursions of Student-t densities, by whose shapes `choose` goes too.
template <int K>
static Pass choose_tailed(int D, bool full, bool weighted) {
  if (weighted) return full && D > 1 ? forward<K, 0, true, true, true> : forward<K, 0, false, true, true>;
  if (D == 1) return forward<K, 1, false, false, true>;
  if (K <= 4 && D == 2 && !full) return forward<K, 2, false, false, true>;
  return full ? forward<K, 0, true, false, true> : forward<K, 0, false, false, true>;
}

template <int K, int D, bool FULL, bool WEIGHTED>
static constexpr Passes passes() {
  return {forward<K, D, FULL, WEIGHTED>, backward<K, D, FULL, WEIGHTED>};
}

// Shapes that strategies use are unrolled over features as well; the others loop over them.
template <int K>
static Passes choose(int D, bool full, bool weighted) {
  if (weighted) return full && D > 1 ? passes<K, 0, true, true>() : passes<K, 0, false, true>();
  if (D == 1) return passes<K, 1, false, false>();
  if (K <= 4 && D == 2) return full ? passes<K, 2, true, false>() : passes<K, 2, false, false>();
  return full ? passes<K, 0, true, false>() : passes<K, 0, false, false>();
}

static Passes choose(const Block& b) {
  if (b.rows) return choose_alone(b);
  static constexpr Passes (*by_states[])(int, bool, bool) = {choose<1>, choose<2>, choose<3>, choose<4>,
                                                             choose<5>, choose<6>, choose<7>, choose<8>};
  if (!b.tailed) return by_states[b.K - 1](b.D, b.full, b.weighted);
  static constexpr Pass (*tailed[])(int, bool, bool) = {choose_tailed<1>, choose_tailed<2>, choose_tailed<3>, choose_tailed<4>,
                                                        choose_tailed<5>, choose_tailed<6>, choose_tailed<7>, choose_tailed<8>};
  return {tailed[b.K - 1](b.D, b.full, b.weighted), nullptr};  // it is never the first half of an M-step
}

// The broadest state, by variances relative to their floors' scale in the window, takes the reference's place.
static void choose_references(Block& b, Lane* lanes) {
  const int K = b.K, D = b.D, M = b.M;
  Vec breadth[MOST_STATES], best = splat(0.0);
  for (int k = 0; k < K; ++k) {
    breadth[k] = splat(0.0);
    int m = 1 + D;
    for (int i = 0; i < D; ++i) {
      m += b.full ? i : 0;
      const Vec* s = b.moments + k * M;
      breadth[k] = breadth[k] + (s[m] - s[1 + i] * s[1 + i]) / b.totals[m];
      ++m;
    }
    best = larger(best, breadth[k]);
  }
  const Mask change = best > splat(1.5) * breadth[K - 1];
  if (!any(change)) return;
  for (int l = 0; l < L; ++l)
    if (change[l] && lanes[l].job >= 0)
      for (int k = 0; k < K; ++k)
        if (breadth[k][l] == best[l]) {
          lanes[l].refer(b, k, l);
          break;
        }
}

// Logarithm of the prior, as far as it depends on the parameters.
static Vec log_prior(const Block& b) {
  Vec score = splat(0.0);
  for (int i = 0; i < (b.K + 1) * b.K; ++i) {
    const Mask given = b.prior_counts[i] > splat(0.0);
    score = score + select(given, b.prior_counts[i] * log(select(given, b.chain[i], splat(1.0))), splat(0.0));
  }
  for (int i = 0; i < b.K * b.M; ++i) score = fma(b.prior_sums[i], b.coefficients[i], score);
  return score;
}

// Fits jobs until none is left; `next` is shared between threads.
void fit(const Problem& p, const Queue& queue, std::atomic<int64_t>& next) {
  Block b(p, queue.weighted, queue.alone);
  const Passes pass = choose(b);
  const int K = b.K;
  Lane lanes[L];
  Vec previous = splat(0.0);
  for (;;) {
    bool active = false;
    for (int l = 0; l < b.width(); ++l) {
      if (lanes[l].job < 0) {
        const int64_t place = next.fetch_add(1, std::memory_order_relaxed);
        if (place < queue.n_jobs) lanes[l].load(b, p, queue.jobs[place], l);
      }
      active = active || lanes[l].job >= 0;
    }
    if (!active) return;

    const Gaussians<Vec> g{K, b.D, b.M, b.kind, b.sums, b.prior_sums, b.floor, b.moments, b.coefficients, b.work};
    b.ok = maximise<Vec, Mask>(g, b.share);
    choose_references(b, lanes);
    pass.forward(b);
    Vec likelihood = b.likelihood;
    for (int m = 0; m < b.M; ++m) likelihood = fma(b.totals[m], b.coefficients[(K - 1) * b.M + m], likelihood);
    const Vec score = b.has_prior ? likelihood + log_prior(b) : likelihood;

    bool finished[L];
    bool going = false;
    for (int l = 0; l < L; ++l) {
      const int64_t job = lanes[l].job, i = lanes[l].iteration;
      finished[l] = false;
      if (job < 0) continue;
      const bool careful_one = b.ok[l] && (b.hard[l] || score[l] != score[l]);
      const bool converged = b.ok[l] && i > 0 && score[l] - previous[l] < p.tol;
      if (careful_one) {
        // From its start again, so that the whole fit is one recursion's.
        finished[l] = true;
        queue.careful(p, job);
      } else {
        if (b.ok[l]) {
          p.scores[2 * job] = likelihood[l];
          p.scores[2 * job + 1] = p.history[job * (p.n_iter + 1) + i] = score[l];
          p.status[3 * job] = i;
        }
        p.status[3 * job + 1] = converged;
        p.status[3 * job + 2] = b.ok[l] != 0;
        if (!b.ok[l] || converged || i == p.n_iter) {
          finished[l] = true;
          if (b.ok[l]) lanes[l].store(b, p, l);
        }
      }
      if (!finished[l]) going = true;
    }
    previous = score;
    if (going) {
      pass.backward(b);
      for (int i = 0; i <= K; ++i) {
        Vec total = splat(0.0);
        for (int j = 0; j < K; ++j) total = total + b.counts[i * K + j] + b.prior_counts[i * K + j];
        const Mask seen = total > splat(0.0);
        const Vec inverse = splat(1.0) / select(seen, total, splat(1.0));
        for (int j = 0; j < K; ++j)
          b.chain[i * K + j] = select(seen, (b.counts[i * K + j] + b.prior_counts[i * K + j]) * inverse, b.chain[i * K + j]);
      }
    }
    b.share = splat(1.0);
    for (int l = 0; l < L; ++l) {
      ++lanes[l].iteration;
      if (finished[l]) lanes[l].free(b, l);
    }
  }
}

}  // namespace HR_VARIANT
