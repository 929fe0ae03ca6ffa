// Expectation-maximisation of many jobs at once: each lane of a vector carries one job, and takes the next when it is done.
//
// The recursions divide every density by that of the job's broadest state, so a step costs one exponential less than there are
// states; what is left out of the log-likelihood is linear in the sums of the monomials. Forward probabilities are rescaled at
// every eighth step only, and a logarithm is taken at every sixteenth. Where that could overflow or lose digits (a likelihood
// relative to the reference below 1e-70 or above 1e140 in eight steps) the job goes to the careful scalar recursion instead; the
// question is asked of each job alone, so the answer doesn't depend on its neighbours.
#pragma once

#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <new>

#include "lanes.hpp"
#include "maximise.hpp"

namespace HR_VARIANT {

constexpr int MOST_STATES = 8, MOST_FEATURES = 6, MOST_MONOMIALS = 1 + 6 + 21;
constexpr int CHUNK = 4;  // steps whose densities are found side by side
constexpr double LOWEST = 1e-70, HIGHEST = 1e140, HIGHEST_LOG_RATIO = 600.0, FARTHEST = 1e300;

template <>
inline Vec constant<Vec>(double x) {
  return splat(x);
}

// The memory of one block of lanes. Every array has a vector where a job has a number.
struct Block {
  int K, D, M, kind;
  bool full, weighted, has_prior, tailed;
  int64_t longest;
  Vec *x, *w, *alpha, *ratio, *rescale;
  Vec *chain, *counts, *moments, *coefficients, *sums, *prior_counts, *prior_sums, *floor, *totals, *work;
  Vec *tails, *heads, *reference;  // of Student-t densities only
  Vec likelihood, end_inverse, share;
  Mask hard, ok;
  int64_t end[L];
  void* memory;

  Block(const Problem& p, bool weighted_) {
    K = int(p.n_states), D = int(p.n_features), M = int(p.n_monomials), kind = p.kind;
    full = p.is_full(), weighted = weighted_, has_prior = p.has_prior, tailed = p.tails != nullptr, longest = p.longest;
    const int64_t T = (longest + CHUNK - 1) / CHUNK * CHUNK, C = (K + 1) * K, KM = K * M;
    const int64_t sizes[] = {T * D, weighted ? T : 0, T * K, T * (K - 1), T / 8 + 1, C, C, KM, KM, KM, C, KM, D, M, 3 * D * D + 4 * D,
                             tailed ? 2 * K : 0, tailed ? K : 0, tailed ? T : 0};
    Vec** places[] = {&x, &w, &alpha, &ratio, &rescale, &chain, &counts, &moments, &coefficients, &sums, &prior_counts, &prior_sums,
                      &floor, &totals, &work, &tails, &heads, &reference};
    int64_t total = 0;
    for (int64_t size : sizes) total += size;
    memory = std::aligned_alloc(64, ((total * sizeof(Vec) + 63) / 64) * 64);
    if (!memory) throw std::bad_alloc();
    std::memset(memory, 0, total * sizeof(Vec));
    Vec* at = static_cast<Vec*>(memory);
    for (int i = 0; i < 18; ++i) {
      *places[i] = at;
      at += sizes[i];
    }
    for (int i = 0; i < C; ++i) chain[i] = splat(1.0 / K);
    for (int i = 0; i < D; ++i) floor[i] = splat(1.0);
    for (int i = 0; i < 2 * K && tailed; ++i) tails[i] = splat(1.0);
    share = splat(0.0);
    for (int l = 0; l < L; ++l) end[l] = -1;
  }
  ~Block() { std::free(memory); }

  // The first end of a lane's job after t.
  int64_t next_end(int64_t t) const {
    int64_t next = INT64_MAX;
    for (int l = 0; l < L; ++l)
      if (end[l] > t && end[l] < next) next = end[l];
    return next;
  }
  Block(const Block&) = delete;
};

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

typedef void (*Pass)(Block&);

// Forward recursions of Student-t densities, by whose shapes `choose` goes too.
template <int K>
static Pass choose_tailed(int D, bool full, bool weighted) {
  if (weighted) return full && D > 1 ? forward<K, 0, true, true, true> : forward<K, 0, false, true, true>;
  if (D == 1) return forward<K, 1, false, false, true>;
  if (K <= 4 && D == 2 && !full) return forward<K, 2, false, false, true>;
  return full ? forward<K, 0, true, false, true> : forward<K, 0, false, false, true>;
}

struct Passes {
  Pass forward, backward;
};

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
  static constexpr Passes (*by_states[])(int, bool, bool) = {choose<1>, choose<2>, choose<3>, choose<4>,
                                                             choose<5>, choose<6>, choose<7>, choose<8>};
  if (!b.tailed) return by_states[b.K - 1](b.D, b.full, b.weighted);
  static constexpr Pass (*tailed[])(int, bool, bool) = {choose_tailed<1>, choose_tailed<2>, choose_tailed<3>, choose_tailed<4>,
                                                        choose_tailed<5>, choose_tailed<6>, choose_tailed<7>, choose_tailed<8>};
  return {tailed[b.K - 1](b.D, b.full, b.weighted), nullptr};  // it is never the first half of an M-step
}

// One job's arrays in and out of a lane, its states in the lane's own order.
class Lane {
 public:
  int64_t job = -1, iteration = 0;

  void load(Block& b, const Problem& p, int64_t j, int l) {
    job = j, iteration = 0;
    const int K = b.K, D = b.D, M = b.M;
    const int64_t n = p.length(j);
    double *x = reinterpret_cast<double*>(b.x) + l, *w = reinterpret_cast<double*>(b.w) + l;
    double total[MOST_MONOMIALS] = {};
    if (!b.weighted && !b.full) {  // the common case, feature by feature; the sums are those of the loop below
      const double* o = p.observation(j, 0);
      total[0] = double(n);
      for (int i = 0; i < D; ++i) {
        const double center = p.center[j * D + i];
        double sum = 0.0, squares = 0.0;
        for (int64_t t = 0; t < n; ++t) {
          const double u = o[t * D + i] - center;
          x[(t * D + i) * L] = u;
          sum += u;
          squares += u * u;
        }
        total[1 + i] = sum;
        total[1 + D + i] = squares;
      }
    }
    for (int64_t t = 0; t < n && (b.weighted || b.full); ++t) {
      const double* o = p.observation(j, t);
      double weight = p.weight(j, t), u[MOST_FEATURES];
      for (int i = 0; i < D; ++i) {
        u[i] = o[i] - p.center[j * D + i];
        if (u[i] != u[i]) weight = 0.0;
      }
      if (weight == 0.0)
        for (int i = 0; i < D; ++i) u[i] = 0.0;
      if (b.weighted) w[t * L] = weight;
      total[0] += weight;
      int m = 1 + D;
      for (int i = 0; i < D; ++i) {
        x[(t * D + i) * L] = u[i];
        total[1 + i] += weight * u[i];
        for (int k = b.full ? 0 : i; k <= i; ++k) total[m++] += weight * u[i] * u[k];
      }
    }
    for (int64_t t = n; t % CHUNK != 0; ++t) {  // a chunk's densities may be looked at past the end
      for (int i = 0; i < D; ++i) x[(t * D + i) * L] = 0.0;
      if (b.weighted) w[t * L] = 0.0;
    }
    for (int m = 0; m < M; ++m) b.totals[m][l] = total[m];
    for (int k = 0; k < K; ++k) order[k] = k;
    for (int i = 0; i < (K + 1) * K; ++i) {
      b.chain[i][l] = p.chain[j * (K + 1) * K + i];
      b.prior_counts[i][l] = p.prior_counts[j * (K + 1) * K + i];
    }
    for (int i = 0; i < K * M; ++i) {
      b.sums[i][l] = b.moments[i][l] = p.moments[j * K * M + i];
      b.prior_sums[i][l] = p.prior_sums[j * K * M + i];
    }
    for (int i = 0; i < D; ++i) b.floor[i][l] = p.floor[j * D + i];
    for (int i = 0; i < 2 * K && b.tailed; ++i) b.tails[i][l] = p.tail(j)[i];
    b.share[l] = 0.0;
    b.end[l] = n;
  }

  void store(const Block& b, const Problem& p, int l) const {
    const int K = b.K, M = b.M;
    double *chain = p.chain + job * (K + 1) * K, *moments = p.moments + job * K * M, *q = p.coefficients + job * K * M;
    for (int i = 0; i <= K; ++i)
      for (int k = 0; k < K; ++k) chain[(i < K ? order[i] : K) * K + order[k]] = b.chain[i * K + k][l];
    for (int k = 0; k < K; ++k) p.final[job * K + order[k]] = b.alpha[(b.end[l] - 1) * K + k][l] * b.end_inverse[l];
    for (int k = 0; k < K; ++k)
      for (int m = 0; m < M; ++m) {
        moments[order[k] * M + m] = b.moments[k * M + m][l];
        q[order[k] * M + m] = b.coefficients[k * M + m][l];
      }
  }

  int place(int k) const { return order[k]; }

  void free(Block& b, int l) {
    job = -1;
    b.end[l] = -1;
    b.share[l] = 0.0;
  }

  // Puts state `k` into the last place, which the recursions take as the reference.
  void refer(Block& b, int k, int l) {
    const int K = b.K, M = b.M, r = K - 1;
    auto swap = [l](Vec* array, int i, int j) {
      const double kept = array[i][l];
      array[i][l] = array[j][l];
      array[j][l] = kept;
    };
    for (Vec* array : {b.chain, b.prior_counts}) {
      for (int i = 0; i < K; ++i) swap(array, k * K + i, r * K + i);
      for (int i = 0; i <= K; ++i) swap(array, i * K + k, i * K + r);
    }
    for (Vec* array : {b.moments, b.coefficients, b.prior_sums})
      for (int m = 0; m < M; ++m) swap(array, k * M + m, r * M + m);
    for (int i = 0; i < 2 && b.tailed; ++i) swap(b.tails, 2 * k + i, 2 * r + i);
    const int kept = order[k];
    order[k] = order[r];
    order[r] = kept;
  }

 private:
  int order[MOST_STATES];  // the job's state in each of the lane's places
};

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
  Block b(p, queue.weighted);
  const Passes pass = choose(b);
  const int K = b.K;
  Lane lanes[L];
  Vec previous = splat(0.0);
  for (;;) {
    bool active = false;
    for (int l = 0; l < L; ++l) {
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
