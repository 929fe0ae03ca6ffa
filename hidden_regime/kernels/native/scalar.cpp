#define HR_VARIANT scalar

#include "scalar.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace scalar {

static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double select(bool m, double a, double b) { return m ? a : b; }
using std::log;

}  // namespace scalar

#include "maximise.hpp"

namespace scalar {

template <>
inline double constant<double>(double x) {
  return x;
}

static constexpr double TINY = 1e-280, FARTHEST = 1e300, INF = std::numeric_limits<double>::infinity();

namespace {

struct Job {
  const Problem& p;
  const int64_t job, n, K, M, width;  // width: numbers that a row of monomials (or of log-densities) has
  double *const chain, *const counts;
  double *alpha, *logs;
  std::vector<double> monomials, density, predicted, heads, own;

  Job(const Problem& problem, int64_t j)
      : p(problem), job(j), n(problem.length(j)), K(problem.n_states), M(problem.n_monomials), width(problem.kind == GIVEN ? K : M),
        chain(problem.chain + j * (K + 1) * K), counts(problem.counts + j * (K + 1) * K), monomials(n * width), density(K), predicted(K), heads(K) {
    if (p.n_rows == p.n_jobs) {
      alpha = p.posterior + j * p.longest * K;
      if (!p.logs) own.resize(n);
      logs = p.logs ? p.logs + j * p.longest : own.data();
    } else {  // nobody asked for the rows
      own.resize(n * (K + 1));
      alpha = own.data();
      logs = alpha + n * K;
    }
    for (int64_t t = 0; t < n; ++t) expand(p.observation(job, t), p.weight(job, t), monomials.data() + t * width);
  }

  void expand(const double* x, double weight, double* out) const {
    if (p.kind == GIVEN) {
      for (int64_t k = 0; k < K; ++k) out[k] = x[k];
      return;
    }
    const int64_t D = p.n_features;
    out[0] = weight;
    int64_t m = 1 + D;
    for (int64_t i = 0; i < D; ++i) {
      const double u = x[i] - p.center[job * D + i];
      if (u != u) out[0] = 0.0;
      out[1 + i] = weight * u;
      for (int64_t j = p.is_full() ? 0 : i; j <= i; ++j) out[m++] = u * out[1 + j];
    }
    if (out[0] == 0.0) std::fill(out, out + M, 0.0);
  }

  // Log-density of each state at its own mean: what is below it is half the squared distance.
  void measure_heads() {
    const int64_t D = p.n_features;
    for (int64_t k = 0; k < K; ++k) {
      const double *q = p.coefficients + (job * K + k) * M, *u = p.moments + (job * K + k) * M + 1;
      heads[k] = q[0];
      int64_t m = 1 + D;
      for (int64_t i = 0; i < D; ++i) {
        heads[k] += q[1 + i] * u[i];
        for (int64_t j = p.is_full() ? 0 : i; j <= i; ++j) heads[k] += q[m++] * u[i] * u[j];
      }
    }
  }

  double forward() {
    const double *q = p.coefficients + job * K * M, *tail = p.tail(job);
    double likelihood = 0.0;
    if (tail) measure_heads();
    for (int64_t t = 0; t < n; ++t) {
      const double* m = monomials.data() + t * width;
      double* a = alpha + t * K;
      double top = -INF;
      for (int64_t k = 0; k < K; ++k) {
        double value = 0.0;
        if (p.kind == GIVEN)
          value = m[k];
        else
          for (int64_t i = 0; i < M; ++i) value += q[k * M + i] * m[i];
        if (tail && m[0] != 0.0) {
          const double degrees = tail[2 * k], distance = 2.0 * (heads[k] - value);
          const double far = distance < FARTHEST ? std::max(distance, 0.0) : FARTHEST;
          value = heads[k] + tail[2 * k + 1] - 0.5 * (degrees + double(p.n_features)) * std::log1p(far / degrees);
        }
        density[k] = value;
        top = std::max(top, value);
        predicted[k] = t == 0 ? chain[K * K + k] : 0.0;
        if (t > 0)
          for (int64_t i = 0; i < K; ++i) predicted[k] += a[i - K] * chain[i * K + k];
      }
      double total = 0.0;
      for (int64_t k = 0; k < K; ++k) {
        a[k] = predicted[k] * std::exp(density[k] - top);
        total += a[k];
      }
      if (total < TINY) {
        // The only states that explain the observation are (nearly) impossible: the same rule in logarithms.
        top = -INF;
        for (int64_t k = 0; k < K; ++k) {
          density[k] += std::log(predicted[k]);
          top = std::max(top, density[k]);
        }
        total = 0.0;
        for (int64_t k = 0; k < K; ++k) {
          a[k] = std::exp(density[k] - top);
          total += a[k];
        }
      }
      for (int64_t k = 0; k < K; ++k) a[k] /= total;
      logs[t] = top + std::log(total);
      likelihood += logs[t];
    }
    return likelihood;
  }

  // Kim's (1994) recursion: see compiled.py. Overwrites alpha with the smoothed probabilities.
  void backward() {
    double* sums = p.sums + job * K * M;
    std::fill(counts, counts + (K + 1) * K, 0.0);
    std::fill(sums, sums + K * M, 0.0);
    for (int64_t t = n - 1; t >= 0; --t) {
      double* a = alpha + t * K;
      if (t < n - 1) {
        for (int64_t j = 0; j < K; ++j) {
          double total = 0.0;
          for (int64_t i = 0; i < K; ++i) total += a[i] * chain[i * K + j];
          predicted[j] = total > 0.0 ? a[K + j] / total : 0.0;
        }
        for (int64_t i = 0; i < K; ++i) {
          double total = 0.0;
          for (int64_t j = 0; j < K; ++j) {
            const double value = a[i] * chain[i * K + j] * predicted[j];
            counts[i * K + j] += value;
            total += value;
          }
          a[i] = total;
        }
      }
      const double* m = monomials.data() + t * width;
      for (int64_t k = 0; k < K; ++k) {
        counts[K * K + k] = a[k];
        if (p.kind != GIVEN)
          for (int64_t i = 0; i < M; ++i) sums[k * M + i] += a[k] * m[i];
      }
    }
  }

  void update_chain() {
    const double* prior = p.prior_counts + job * (K + 1) * K;
    for (int64_t i = 0; i <= K; ++i) {
      double total = 0.0;
      for (int64_t j = 0; j < K; ++j) total += counts[i * K + j] + prior[i * K + j];
      for (int64_t j = 0; j < K; ++j)
        if (total > 0.0) chain[i * K + j] = (counts[i * K + j] + prior[i * K + j]) / total;
    }
  }

  double log_prior() const {
    const double *given = p.prior_counts + job * (K + 1) * K, *sums = p.prior_sums + job * K * M, *q = p.coefficients + job * K * M;
    double score = 0.0;
    for (int64_t i = 0; i < (K + 1) * K; ++i)
      if (given[i] > 0.0) score += given[i] * std::log(chain[i]);
    for (int64_t i = 0; i < K * M; ++i) score += sums[i] * q[i];
    return score;
  }
};

}  // namespace

void run(const Problem& p, int64_t job) {
  Job j(p, job);
  const int64_t D = p.n_features, KM = p.n_states * p.n_monomials;
  int64_t* status = p.status + 3 * job;
  double* scores = p.scores + 2 * job;
  std::vector<double> work(p.kind == GIVEN ? 0 : 3 * D * D + 4 * D);
  const Gaussians<double> g{int(p.n_states), int(D), int(p.n_monomials), p.kind, p.sums + job * KM, p.prior_sums + job * KM,
                            p.floor + job * D, p.moments + job * KM, p.coefficients + job * KM, work.data()};
  for (int64_t i = 0; i <= p.n_iter; ++i) {
    if (i > 0)
      j.update_chain();
    else
      // The start's own moments take the place of sums, so that parameters become coefficients by one formula.
      std::copy(p.moments + job * KM, p.moments + (job + 1) * KM, p.sums + job * KM);
    status[2] = p.kind == GIVEN || maximise<double, bool>(g, i > 0 ? 1.0 : 0.0);
    if (!status[2]) return;
    double score = j.forward();
    scores[0] = score;
    if (p.n_iter > 0 && p.has_prior) score += j.log_prior();
    status[0] = i;
    status[1] = i > 0 && score - scores[1] < p.tol;
    scores[1] = p.history[job * (p.n_iter + 1) + i] = score;
    const bool last = status[1] || i == p.n_iter;
    if (last && j.n > 0) std::copy(j.alpha + (j.n - 1) * j.K, j.alpha + j.n * j.K, p.final + job * j.K);
    if (last && !p.logs && p.n_rows > 0 && j.n > 0) scores[1] = j.logs[j.n - 1];
    if (p.backward || !last) j.backward();
    if (last) return;
  }
}

int64_t step_work(int64_t K, int64_t D) { return (K + 1) * K * 2 + 5 * K * (1 + D + D * D) + 2 * D + 2 * D * D + 8; }

bool step(const double* row, const double* before, const double* transmat, const double* means, const double* covars,
          const double* tails, int64_t K, int64_t D, bool full, bool first, double* work, double* filtered, double* log_likelihood) {
  const int64_t M = 1 + D + (full ? D * (D + 1) / 2 : D), C = (K + 1) * K, KM = K * M;
  std::fill(work, work + step_work(K, D), 0.0);
  double *chain = work, *counts = chain + C, *moments = counts + C, *coefficients = moments + KM, *sums = coefficients + KM,
         *prior = sums + KM, *center = prior + KM, *floor = center + D, *lower = floor + D, *scores = lower + D * D;
  for (int64_t i = 0; i < D; ++i) {
    for (int64_t k = 0; k < K; ++k) center[i] += means[k * D + i];
    center[i] /= double(K);
    floor[i] = INF;
  }
  for (int64_t k = 0; k < K; ++k) {
    const double *mean = means + k * D, *c = covars + k * D * D;
    double* m = moments + k * M;
    m[0] = 1.0;
    for (int64_t i = 0; i < D; ++i) m[1 + i] = mean[i] - center[i];
    int64_t place = 1 + D;
    for (int64_t i = 0; i < D; ++i)
      for (int64_t j = full ? 0 : i; j <= i; ++j) m[place++] = c[i * D + j] + m[1 + i] * m[1 + j];
    double variance[64];
    for (int64_t i = 0; i < D; ++i) {
      double value = 0.0;
      for (int64_t j = 0; full && j < i; ++j) {
        double dot = 0.0;
        for (int64_t p = 0; p < j; ++p) dot += lower[i * D + p] * lower[j * D + p] * variance[p];
        lower[i * D + j] = (c[i * D + j] - dot) / (variance[j] == 0.0 ? 1.0 : variance[j]);
      }
      for (int64_t p = 0; full && p < i; ++p) value += lower[i * D + p] * lower[i * D + p] * variance[p];
      variance[i] = c[i * D + i] - value;
      floor[i] = std::min(floor[i], variance[i]);
    }
  }
  bool positive = true;
  for (int64_t i = 0; i < D; ++i) {
    positive = positive && floor[i] > 0.0;
    floor[i] = std::max(floor[i], 0.0);
  }
  std::copy(transmat, transmat + K * K, chain);
  double* predicted = chain + K * K;
  for (int64_t i = 0; i < K; ++i)
    for (int64_t k = 0; k < K; ++k) {
      if (first)
        predicted[i] = before[i];
      else
        predicted[k] += before[i] * transmat[i * K + k];
    }
  const int64_t job[3] = {0, 0, 1};
  int64_t status[3] = {0, 0, 0};
  double last[64];
  Problem p{};
  p.observations = row, p.jobs = job, p.chain = chain, p.moments = moments, p.tails = tails, p.center = center, p.floor = floor;
  p.prior_counts = counts, p.prior_sums = prior;  // zeros
  p.coefficients = coefficients, p.counts = counts, p.sums = sums, p.posterior = filtered, p.logs = log_likelihood;
  p.scores = scores, p.status = status, p.history = scores + 2, p.final = last;
  p.n_series = p.n_samples = p.n_jobs = p.longest = p.n_rows = 1;
  p.n_states = K, p.n_features = D, p.n_monomials = M;
  p.kind = full ? FULL : DIAG;
  run(p, 0);
  return positive && status[2] != 0;
}

double decode(const double* log_densities, int64_t n, int64_t n_states, const double* log_startprob, const double* log_transmat,
              double* best, double* following, int64_t* came, int64_t* states) {
  for (int64_t t = 0; t < n; ++t) {
    for (int64_t j = 0; j < n_states; ++j) {
      double top = log_startprob[j];
      int64_t origin = 0;
      if (t > 0) {
        top = best[0] + log_transmat[j];
        for (int64_t i = 1; i < n_states; ++i) {
          const double value = best[i] + log_transmat[i * n_states + j];
          if (value > top) top = value, origin = i;
        }
      }
      came[t * n_states + j] = origin;
      following[j] = top + log_densities[t * n_states + j];
    }
    std::copy(following, following + n_states, best);
  }
  int64_t last = 0;
  for (int64_t k = 1; k < n_states; ++k)
    if (best[k] > best[last]) last = k;
  const double top = best[last];
  for (int64_t t = n - 1; t >= 0; --t) {
    states[t] = last;
    last = came[t * n_states + last];
  }
  return top;
}

}  // namespace scalar
