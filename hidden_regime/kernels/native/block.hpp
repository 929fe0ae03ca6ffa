// The memory of many jobs at once, each of which rides in a lane, and how one gets in and out.
#pragma once

#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <new>
#include <vector>

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

// What a job that is alone has of each moment. `x` and `ratio` have a row for each feature and state, `alpha` one for each moment,
// behind the last of which one more vector can be read.
struct Rows {
  int64_t n = 0, room = 0;  // moments, and as many as whole pairs of vectors hold
  std::vector<double> x, ratio, alpha, rescale, reference, logs;

  // Takes a job's observations, of which none is missing.
  void load(const Problem& p, int64_t job) {
    const int K = int(p.n_states), D = int(p.n_features);
    n = p.length(job), room = (n + 2 * L - 1) / (2 * L) * (2 * L);
    x.resize(size_t(D * room)), ratio.resize(size_t((K - 1) * room)), alpha.resize(size_t(n * K + 4)), rescale.resize(size_t(n / 8 + 1));
    if (p.tails) reference.resize(size_t(room)), logs.resize(size_t(room));
    const double* o = p.observation(job, 0);
    const int64_t chunk = (n + CHUNK - 1) / CHUNK * CHUNK;  // as far as lanes look past the end
    for (int i = 0; i < D; ++i) {
      double* row = x.data() + i * room;
      for (int64_t t = 0; t < n; ++t) row[t] = o[t * D + i] - p.center[job * D + i];
      for (int64_t t = n; t < room; ++t) row[t] = t < chunk ? 0.0 : row[n - 1];
    }
  }
};

// A thread's own, so that a job a bar makes no new memory each time.
static Rows& kept_rows() {
  static thread_local Rows rows;
  return rows;
}

// The memory of one block of lanes. Every array has a vector where a job has a number. With `rows` there is one job at a time, in the
// first lane, and what it has of each moment is there.
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
  Rows* rows;

  Block(const Problem& p, bool weighted_, bool alone) : rows(alone ? &kept_rows() : nullptr) {
    K = int(p.n_states), D = int(p.n_features), M = int(p.n_monomials), kind = p.kind;
    full = p.is_full(), weighted = weighted_, has_prior = p.has_prior, tailed = p.tails != nullptr, longest = alone ? 0 : p.longest;
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

  int width() const { return rows ? 1 : L; }

  // Forward probability of a state at a moment of a lane's job, as the recursion leaves it; and at its end.
  double alpha_at(int64_t t, int k, int l) const { return rows ? rows->alpha[size_t(t * K + k)] : alpha[t * K + k][l]; }
  double last_alpha(int k, int l) const { return alpha_at(end[l] - 1, k, l); }

  // The first end of a lane's job after t.
  int64_t next_end(int64_t t) const {
    int64_t next = INT64_MAX;
    for (int l = 0; l < L; ++l)
      if (end[l] > t && end[l] < next) next = end[l];
    return next;
  }
  Block(const Block&) = delete;
};

typedef void (*Pass)(Block&);

struct Passes {
  Pass forward, backward;
};

// Lane::load_rows' sums of the monomials, of rows, in its order.
static void measure(const Rows& rows, bool full, int D, double* total) {
  total[0] = double(rows.n);
  for (int64_t t = 0; t < rows.n; ++t) {
    int m = 1 + D;
    for (int i = 0; i < D; ++i) {
      const double u = rows.x[size_t(i * rows.room + t)];
      total[1 + i] += u;
      for (int k = full ? 0 : i; k <= i; ++k) total[m++] += u * rows.x[size_t(k * rows.room + t)];
    }
  }
}

// One job's arrays in and out of a lane, its states in the lane's own order.
class Lane {
 public:
  int64_t job = -1, iteration = 0;

  void load(Block& b, const Problem& p, int64_t j, int l) {
    job = j, iteration = 0;
    const int K = b.K, D = b.D, M = b.M;
    const int64_t n = p.length(j);
    double total[MOST_MONOMIALS] = {};
    if (b.rows) {
      b.rows->load(p, j);
      measure(*b.rows, b.full, D, total);
    } else {
      load_rows(b, p, j, l, total);
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

  // The observations, and the sums of their monomials.
  static void load_rows(Block& b, const Problem& p, int64_t j, int l, double* total) {
    const int D = b.D;
    const int64_t n = p.length(j);
    double *x = reinterpret_cast<double*>(b.x) + l, *w = reinterpret_cast<double*>(b.w) + l;
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
  }

  void store(const Block& b, const Problem& p, int l) const {
    const int K = b.K, M = b.M;
    double *chain = p.chain + job * (K + 1) * K, *moments = p.moments + job * K * M, *q = p.coefficients + job * K * M;
    for (int i = 0; i <= K; ++i)
      for (int k = 0; k < K; ++k) chain[(i < K ? order[i] : K) * K + order[k]] = b.chain[i * K + k][l];
    for (int k = 0; k < K; ++k) p.final[job * K + order[k]] = b.last_alpha(k, l) * b.end_inverse[l];
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

}  // namespace HR_VARIANT
