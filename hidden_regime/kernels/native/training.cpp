#include "training.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "dispatch.hpp"
#include "naming.hpp"

namespace follow {

namespace {

struct Shape {
  int64_t K, D, F, M;
  bool full;
  explicit Shape(const Rules& r)
      : K(int64_t(*r.n_states)), D(int64_t(*r.n_features)), F(int64_t(*r.n_observed)), M(1 + D + (*r.is_full != 0.0 ? D * (D + 1) / 2 : D)),
        full(*r.is_full != 0.0) {}
};

// The arrays of a Problem, each for as many jobs as there are.
struct Arrays {
  std::vector<double> chain, moments, tails, center, floor, prior_counts, prior_sums, coefficients, counts, sums, posterior, logs, scores,
      history, final;
  std::vector<int64_t> jobs, status;
  Problem p{};

  void size(const Shape& n, int64_t n_jobs, int64_t n_series, int64_t longest, int64_t n_iter, bool keeps) {
    const int64_t C = (n.K + 1) * n.K, KM = n.K * n.M;
    const auto zero = [&](std::vector<double>& part, int64_t size) { part.assign(size_t(n_jobs * size), 0.0); };
    zero(chain, C), zero(moments, KM), zero(center, n.D), zero(floor, n.D), zero(prior_counts, C), zero(prior_sums, KM);
    zero(coefficients, KM), zero(counts, C), zero(sums, KM), zero(scores, 2), zero(final, n.K);
    history.resize(size_t(n_jobs * (n_iter + 1)));
    jobs.assign(size_t(3 * n_jobs), 0), status.assign(size_t(3 * n_jobs), 0);
    posterior.resize(size_t(keeps ? n_jobs * longest * n.K : 0)), logs.resize(size_t(keeps ? n_jobs * longest : 0));
    p = Problem{};
    p.jobs = jobs.data(), p.chain = chain.data(), p.moments = moments.data(), p.center = center.data(), p.floor = floor.data();
    p.prior_counts = prior_counts.data(), p.prior_sums = prior_sums.data(), p.coefficients = coefficients.data();
    p.counts = counts.data(), p.sums = sums.data(), p.posterior = posterior.data(), p.logs = logs.data(), p.scores = scores.data();
    p.status = status.data(), p.history = history.data(), p.final = final.data();
    p.threads = 1;
    p.n_series = n_series, p.n_samples = p.longest = longest, p.n_jobs = n_jobs, p.n_states = n.K, p.n_features = n.D;
    p.n_monomials = n.M, p.n_rows = keeps ? n_jobs : 0, p.n_iter = n_iter;
  }
};

// functions._to_moments of one job, of `weight` observations or of one.
void to_moments(const Shape& n, const double* weight, const double* means, const double* covars, const double* center, double* out) {
  for (int64_t k = 0; k < n.K; ++k, out += n.M) {
    double u[MOST_FEATURES];
    for (int64_t i = 0; i < n.D; ++i) u[i] = means[k * n.D + i] - center[i];
    out[0] = 1.0;
    std::copy(u, u + n.D, out + 1);
    int64_t m = 1 + n.D;
    for (int64_t i = 0; i < n.D; ++i)
      for (int64_t j = n.full ? 0 : i; j <= i; ++j) out[m++] = covars[(k * n.D + i) * n.D + j] + u[i] * u[j];
    for (m = 0; weight && m < n.M; ++m) out[m] *= weight[k];
  }
}

// Center of a job's means, as `fit` and `smooth` take it.
void to_center(const Shape& n, const double* means, double* center) {
  for (int64_t i = 0; i < n.D; ++i) {
    double sum = means[i];
    for (int64_t k = 1; k < n.K; ++k) sum += means[k * n.D + i];
    center[i] = sum / double(n.K);
  }
}

double to_24_bits(double a) {
  const double high = a * (536870912.0 + 1.0);  // Veltkamp's splitting: see prepare._rounded
  return high - (high - a);
}

// prepare._remember: the evidence with what has left the window.
void remember(const Rules& r, const Shape& n, Due& a) {
  double *weight = a.memory, *means = weight + n.K, *covars = means + n.K * n.D;
  const Slate& s = a.s;
  const int64_t KD = n.K * n.D, KDD = KD * n.D;
  std::copy(s.weight, s.weight + n.K, weight);
  std::copy(s.memory_means, s.memory_means + KD, means);
  std::copy(s.memory_covars, s.memory_covars + KDD, covars);
  if (a.left <= 0 || !(*r.memory > 0.0)) return;
  const double share = std::pow(0.5, double(a.left) / *r.memory);
  const double *x = s.rows + int64_t(*s.begin) * n.F, *g = s.known + int64_t(*s.begin) * n.K;
  for (int64_t k = 0; k < n.K; ++k) {
    double added = g[k];
    for (int64_t t = 1; t < a.left; ++t) added += g[t * n.K + k];
    const double old = s.weight[k] * share, total = old + added, divisor = total > 0.0 ? total : 1.0;
    double mean[MOST_FEATURES];
    for (int64_t i = 0; i < n.D; ++i) {
      double sum = g[k] * x[i];
      for (int64_t t = 1; t < a.left; ++t) sum += g[t * n.K + k] * x[t * n.F + i];
      mean[i] = (old * s.memory_means[k * n.D + i] + sum) / divisor;
    }
    for (int64_t i = 0; i < n.D; ++i)
      for (int64_t j = 0; j < n.D; ++j) {
        const int64_t place = (k * n.D + i) * n.D + j;
        const double before = (s.memory_means[k * n.D + i] - mean[i]) * (s.memory_means[k * n.D + j] - mean[j]);
        const double spread = old * (s.memory_covars[place] + before);
        double sum = 0.0;
        for (int64_t t = 0; t < a.left; ++t) {
          const double own = g[t * n.K + k] * (x[t * n.F + i] - mean[i]) * (x[t * n.F + j] - mean[j]);
          sum = t == 0 ? own : sum + own;
        }
        covars[place] = to_24_bits((spread + sum) / divisor);
      }
    weight[k] = to_24_bits(total);
    for (int64_t i = 0; i < n.D; ++i) means[k * n.D + i] = to_24_bits(mean[i]);
  }
}

int64_t n_parameters(const Rules& r, const Shape& n) {
  const int64_t spread[] = {n.K * n.D, n.K * n.D * (n.D + 1) / 2, n.K, n.D * (n.D + 1) / 2};
  return n.K - 1 + n.K * (n.K - 1) + n.K * n.D + spread[int64_t(*r.kind)];
}

// Means of the features of a window, and sums of squares about them. Features go side by side: a sum waits for itself only.
template <int DT>
void measure(const double* x, int64_t length, int64_t n_features, double* mean, double* squares) {
  const int64_t D = DT ? DT : n_features;
  double sums[DT ? DT : MOST_FEATURES] = {}, about[DT ? DT : MOST_FEATURES] = {};
  for (int64_t t = 0; t < length; ++t)
    for (int64_t i = 0; i < D; ++i) sums[i] += x[t * D + i];
  for (int64_t i = 0; i < D; ++i) sums[i] /= double(length);
  for (int64_t t = 0; t < length; ++t)
    for (int64_t i = 0; i < D; ++i) about[i] += (x[t * D + i] - sums[i]) * (x[t * D + i] - sums[i]);
  std::copy(sums, sums + D, mean);
  std::copy(about, about + D, squares);
}

// Takes the window and looks whether it can be trained; what may not be, batch._suspicious, is for Python to say.
bool take_window(const Rules& r, const Shape& n, Due& a, double* x) {
  const double* rows = a.s.rows + int64_t(*a.s.begin) * n.F;
  for (int64_t t = 0; t < (n.D == n.F ? a.left : a.left + a.length); ++t)  // a gap in the window shows in its variance
    for (int64_t i = t < a.left ? 0 : n.D; i < n.F; ++i)
      if (rows[t * n.F + i] != rows[t * n.F + i]) return false;
  rows += a.left * n.F;
  if (n.D == n.F)
    std::copy(rows, rows + a.length * n.F, x);
  for (int64_t t = 0; t < a.length && n.D != n.F; ++t) std::copy(rows + t * n.F, rows + t * n.F + n.D, x + t * n.D);
  if (a.length * n.D < n_parameters(r, n) || a.length < 4 * n.K) return false;
  double few[4 * MOST_STATES];
  for (int64_t t = 0; t < 4 * n.K; ++t) few[t] = x[t * n.D];
  std::sort(few, few + 4 * n.K);
  if (std::unique(few, few + 4 * n.K) - few < n.K) return false;
  double mean[MOST_FEATURES], squares[MOST_FEATURES];
  if (n.D == 2)
    measure<2>(x, a.length, 2, mean, squares);
  else
    measure<0>(x, a.length, n.D, mean, squares);
  bool sound = true;
  for (int64_t i = 0; i < n.D; ++i) {
    a.variance[i] = squares[i] / double(a.length);
    sound = sound && std::isfinite(a.variance[i]) && a.variance[i] > 1e-20 * double(a.length) * (a.variance[i] + mean[i] * mean[i]);
  }
  return sound;
}

// Squared distances (K, K) between two models' means, each feature by its scale: arrays.distances.
void distances(const Shape& n, const double* old, const double* now, const double* variance, double* out) {
  for (int64_t i = 0; i < n.K; ++i)
    for (int64_t j = 0; j < n.K; ++j) {
      double sum = 0.0;
      for (int64_t d = 0; d < n.D; ++d) {
        const double away = (old[i * n.D + d] - now[j * n.D + d]) / std::sqrt(variance[d]);
        sum = d == 0 ? away * away : sum + away * away;
      }
      out[i * n.K + j] = sum;
    }
}

// Column of each row such that the costs add up to the least; between equals the earlier order: assignment.assign.
void assign(const Shape& n, const double* cost, int64_t* out) {
  int64_t order[MOST_STATES];
  std::iota(order, order + n.K, 0);
  double least = 0.0;
  bool first = true;
  do {
    double total = cost[order[0]];
    for (int64_t i = 1; i < n.K; ++i) total += cost[i * n.K + order[i]];
    if (first || total < least) least = total, std::copy(order, order + n.K, out);
    first = false;
  } while (std::next_permutation(order, order + n.K));
}

void reorder(double* part, const int64_t* order, int64_t K, int64_t width) {
  double copy[MOST_STATES * MOST_FEATURES * MOST_FEATURES];
  for (int64_t i = 0; i < K * width; ++i) copy[i] = part[i];
  for (int64_t k = 0; k < K; ++k)
    for (int64_t i = 0; i < width; ++i) part[k * width + i] = copy[order[k] * width + i];
}

void reorder_both(double* transmat, const int64_t* order, int64_t K) {
  double copy[MOST_STATES * MOST_STATES];
  std::copy(transmat, transmat + K * K, copy);
  for (int64_t i = 0; i < K; ++i)
    for (int64_t j = 0; j < K; ++j) transmat[i * K + j] = copy[order[i] * K + order[j]];
}

struct Model {
  double startprob[MOST_STATES], transmat[MOST_STATES * MOST_STATES], means[MOST_STATES * MOST_FEATURES],
      covars[MOST_STATES * MOST_FEATURES * MOST_FEATURES];
};

// The model to go on from, as what is trained: a little uniform mass in its chain, and a Gaussian's covariances.
void warm_start(const Rules& r, const Shape& n, const Slate& s, Model& m) {
  const double kept = 1.0 - *r.blend, mass = *r.blend / double(n.K);
  for (int64_t i = 0; i < n.K; ++i) m.startprob[i] = kept * s.startprob[i] + mass;
  for (int64_t i = 0; i < n.K * n.K; ++i) m.transmat[i] = kept * s.transmat[i] + mass;
  std::copy(s.means, s.means + n.K * n.D, m.means);
  const double nu = *r.degrees;
  for (int64_t i = 0; i < n.K * n.D * n.D; ++i) m.covars[i] = nu > 0.0 ? s.covars[i] * (nu / (nu - 2.0)) : s.covars[i];
}

// starts._ranked: equal shares of the window by rank of volatility, each beside the state of the memory that it resembles.
void ranked_start(const Rules& r, const Shape& n, const Due& a, const double* x, Model& m) {
  const int64_t T = a.length, column = int64_t(*r.ranked_by), side = int64_t(*r.smoothing);
  std::vector<double> sums(T + 1), ranking(T);
  double mean = 0.0;
  for (int64_t t = 0; t < T; ++t) mean = t == 0 ? x[column] : mean + x[t * n.D + column];
  mean /= double(T);
  for (int64_t t = 0; t < T; ++t) {
    const double own = *r.is_volatility != 0.0 ? x[t * n.D + column] : std::fabs(x[t * n.D + column] - mean);
    sums[t + 1] = t == 0 ? own : sums[t] + own;
  }
  for (int64_t t = 0; t < T; ++t) {
    const int64_t right = std::min(t + side + 1, T), begin = std::max(t - side, int64_t(0));
    ranking[t] = (sums[right] - sums[begin]) / double(right - begin);
  }
  std::vector<int64_t> order(T);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return ranking[i] < ranking[j]; });
  for (int64_t k = 0; k < n.K; ++k) {
    m.startprob[k] = 1.0 / double(n.K);
    for (int64_t j = 0; j < n.K; ++j) m.transmat[k * n.K + j] = j == k ? *r.stay : (1.0 - *r.stay) / double(n.K - 1);
  }
  std::vector<double> sorted(T * n.D);
  for (int64_t t = 0; t < T; ++t) std::copy(x + order[t] * n.D, x + (order[t] + 1) * n.D, sorted.data() + t * n.D);
  double whole[MOST_FEATURES];
  for (int64_t i = 0; i < n.D; ++i) {
    double sum = sorted[i];
    for (int64_t t = 1; t < T; ++t) sum += sorted[t * n.D + i];
    const double level = sum / double(T);
    for (int64_t t = 0; t < T; ++t) {
      const double away = sorted[t * n.D + i] - level;
      whole[i] = t == 0 ? away * away : whole[i] + away * away;
    }
    whole[i] /= double(T);
  }
  for (int64_t k = 0; k < n.K; ++k) {
    const int64_t begin = (k * T + n.K - 1) / n.K, end = ((k + 1) * T + n.K - 1) / n.K;
    const double count = double(end - begin);
    double* level = m.means + k * n.D;
    for (int64_t i = 0; i < n.D; ++i) {
      double sum = sorted[begin * n.D + i];
      for (int64_t t = begin + 1; t < end; ++t) sum += sorted[t * n.D + i];
      level[i] = sum / count;
    }
    for (int64_t i = 0; i < n.D; ++i)
      for (int64_t j = 0; j < n.D; ++j) {
        const double overall = i == j ? whole[i] : 0.0;
        double sum = 0.0;
        for (int64_t t = begin; t < end; ++t) {
          const double own = (sorted[t * n.D + i] - level[i]) * (sorted[t * n.D + j] - level[j]);
          sum = t == begin ? own : sum + own;
        }
        m.covars[(k * n.D + i) * n.D + j] = end - begin <= n.D ? overall : sum / count + 1e-2 * overall;
      }
  }
  if (!(*r.memory > 0.0) || std::none_of(a.memory, a.memory + n.K, [](double w) { return w > 0.0; })) return;
  double cost[MOST_STATES * MOST_STATES];
  int64_t place[MOST_STATES];
  distances(n, a.memory + n.K, m.means, a.variance, cost);
  for (int64_t i = 0; i < n.K * n.K; ++i) cost[i] *= a.memory[i / n.K] > 0.0 ? 1.0 : 0.0;
  assign(n, cost, place);
  reorder(m.startprob, place, n.K, 1), reorder_both(m.transmat, place, n.K);
  reorder(m.means, place, n.K, n.D), reorder(m.covars, place, n.K, n.D * n.D);
}

// Puts a start into a job of a fit: functions.fit and prior.prior_of.
void load_fit(const Rules& r, const Shape& n, Arrays& f, int64_t job, int64_t series, const Due& a, const Model& m) {
  const int64_t KK = n.K * n.K, C = KK + n.K;
  f.jobs[3 * job] = series, f.jobs[3 * job + 2] = a.length;
  double *chain = f.chain.data() + job * C, *center = f.center.data() + job * n.D, *counts = f.prior_counts.data() + job * C;
  std::copy(m.transmat, m.transmat + KK, chain);
  std::copy(m.startprob, m.startprob + n.K, chain + KK);
  to_center(n, m.means, center);
  to_moments(n, nullptr, m.means, m.covars, center, f.moments.data() + job * n.K * n.M);
  for (int64_t i = 0; i < n.D; ++i) f.floor[job * n.D + i] = *r.min_covar * a.variance[i];
  const double leave = *r.stay_weight / *r.stay_duration;
  for (int64_t i = 0; i < n.K; ++i)
    for (int64_t j = 0; j < n.K; ++j) counts[i * n.K + j] = i == j ? *r.stay_weight - leave : leave / double(n.K - 1);
  if (*r.memory > 0.0)
    to_moments(n, a.memory, a.memory + n.K, a.memory + n.K + n.K * n.D, center, f.prior_sums.data() + job * n.K * n.M);
}

// Mean and covariances of a job's states, from what a fit has left: functions._from_moments.
void from_moments(const Shape& n, const Arrays& f, int64_t job, Model& m) {
  const double *sums = f.moments.data() + job * n.K * n.M, *center = f.center.data() + job * n.D, *chain = f.chain.data() + job * (n.K + 1) * n.K;
  std::copy(chain, chain + n.K * n.K, m.transmat);
  std::copy(chain + n.K * n.K, chain + (n.K + 1) * n.K, m.startprob);
  std::fill(m.covars, m.covars + n.K * n.D * n.D, 0.0);
  for (int64_t k = 0; k < n.K; ++k, sums += n.M) {
    const double weight = sums[0] > 0.0 ? sums[0] : 1.0;
    double u[MOST_FEATURES];
    for (int64_t i = 0; i < n.D; ++i) {
      u[i] = sums[1 + i] / weight;
      m.means[k * n.D + i] = u[i] + center[i];
    }
    int64_t place = 1 + n.D;
    for (int64_t i = 0; i < n.D; ++i)
      for (int64_t j = n.full ? 0 : i; j <= i; ++j) {
        const double value = sums[place++] / weight - u[i] * u[j];
        m.covars[(k * n.D + i) * n.D + j] = m.covars[(k * n.D + j) * n.D + i] = value;
      }
  }
}

// choice.choose of one asset; false if no start gave a model.
bool choose(const Rules& r, const Arrays& f, Due& a) {
  a.chosen = -1;
  for (const int64_t job : {a.warm, a.challenger}) {
    if (job < 0) continue;
    const double objective = f.scores[2 * job + 1];
    if (f.status[3 * job + 2] <= 0 || !std::isfinite(objective)) continue;
    const double lead = a.chosen == a.warm ? *r.margin : 0.0;
    if (a.chosen < 0 || objective > f.scores[2 * a.chosen + 1] + lead) a.chosen = job;
  }
  return a.chosen >= 0;
}

// Least variance of each feature given those before it, over the states; false unless all are above 0.
bool least_variances(const Shape& n, const double* covars, double* floor) {
  std::fill(floor, floor + n.D, INFINITY);
  for (int64_t k = 0; k < n.K; ++k) {
    double lower[MOST_FEATURES * MOST_FEATURES] = {}, variance[MOST_FEATURES];
    const double* c = covars + k * n.D * n.D;
    for (int64_t i = 0; i < n.D; ++i) {
      double value = 0.0;
      for (int64_t j = 0; n.full && j < i; ++j) {
        double dot = 0.0;
        for (int64_t p = 0; p < j; ++p) dot += lower[i * n.D + p] * lower[j * n.D + p] * variance[p];
        lower[i * n.D + j] = (c[i * n.D + j] - dot) / (variance[j] == 0.0 ? 1.0 : variance[j]);
      }
      for (int64_t p = 0; n.full && p < i; ++p) value += lower[i * n.D + p] * lower[i * n.D + p] * variance[p];
      variance[i] = c[i * n.D + i] - value;
      floor[i] = std::min(floor[i], variance[i]);
    }
  }
  bool positive = true;
  for (int64_t i = 0; i < n.D; ++i) {
    positive = positive && floor[i] > 0.0;
    floor[i] = std::max(floor[i], 0.0);
  }
  return positive;
}

// Puts a model into a job of a smoother: functions._pass_where_possible.
bool load_smooth(const Rules& r, const Shape& n, Arrays& f, int64_t job, int64_t series, const Due& a, const Model& m) {
  const int64_t KK = n.K * n.K, C = KK + n.K;
  f.jobs[3 * job] = series, f.jobs[3 * job + 2] = a.length;
  std::copy(m.transmat, m.transmat + KK, f.chain.data() + job * C);
  std::copy(m.startprob, m.startprob + n.K, f.chain.data() + job * C + KK);
  double* center = f.center.data() + job * n.D;
  to_center(n, m.means, center);
  to_moments(n, nullptr, m.means, m.covars, center, f.moments.data() + job * n.K * n.M);
  for (int64_t k = 0; k < n.K && *r.degrees > 0.0; ++k) {
    f.tails[(job * n.K + k) * 2] = *r.degrees;
    f.tails[(job * n.K + k) * 2 + 1] = *r.tail_constant;
  }
  return least_variances(n, m.covars, f.floor.data() + job * n.D);
}

// shared[i, j] = sum over the rows of before[t, i] now[t, j], and weight[k] = sum of now[t, k] over them and one row more.
template <int K>
void add_up(const double* before, const double* now, int64_t rows, double* shared, double* weight) {
  double sums[K * K] = {}, all[K] = {};  // in registers
  for (int64_t t = 0; t < rows; ++t)
    for (int j = 0; j < K; ++j) {
      for (int i = 0; i < K; ++i) sums[i * K + j] += before[t * K + i] * now[t * K + j];
      all[j] += now[t * K + j];
    }
  for (int k = 0; k < K; ++k) weight[k] = all[k] + now[rows * K + k];
  std::copy(sums, sums + K * K, shared);
}

// accept._settle and accept._publish: the new model's states in the order of the old one's, their names, and all into use.
void take_into_use(const Rules& r, const Shape& n, const Arrays& f, Due& a, Model& m, double* smoothed) {
  Slate& s = a.s;
  const int64_t K = n.K, T = a.length, place = int64_t(*r.return_place);
  double table[MOST_STATES * MOST_STATES], weight[MOST_STATES], mean[MOST_STATES], sd[MOST_STATES];
  double spread[MOST_STATES * MOST_FEATURES * MOST_FEATURES];
  const double nu = *r.degrees, tails = nu > 0.0 ? nu / (nu - 2.0) : 1.0;
  static constexpr void (*by_states[])(const double*, const double*, int64_t, double*, double*) = {add_up<2>, add_up<3>, add_up<4>};
  by_states[K - 2](s.known + (int64_t(*s.begin) + a.left) * K, smoothed, T - 1, table, weight);
  for (int64_t k = 0; k < K; ++k) {
    weight[k] += *r.memory > 0.0 ? a.memory[k] : 0.0;
    mean[k] = m.means[k * n.D + place];
  }
  for (int64_t i = 0; i < K * n.D * n.D; ++i) spread[i] = m.covars[i] * tails;
  for (int64_t k = 0; k < K; ++k) sd[k] = std::sqrt(spread[(k * n.D + place) * n.D + place]);

  double away[MOST_STATES * MOST_STATES], farthest = 0.0;
  int64_t order[MOST_STATES];
  distances(n, s.means, m.means, a.variance, away);
  for (int64_t i = 0; i < K * K; ++i) farthest = std::max(farthest, away[i]);
  for (int64_t i = 0; i < K; ++i)
    for (int64_t j = 0; j < K; ++j) {
      const double tie = 1e-9 * double(T - 1) * away[i * K + j] / std::max(farthest, 1e-300);
      const double shared = i == j && *r.memory > 0.0 ? a.memory[i] : 0.0;
      table[i * K + j] = tie - table[i * K + j] - shared;
    }
  assign(n, table, order);
  reorder(m.startprob, order, K, 1), reorder_both(m.transmat, order, K);
  reorder(m.means, order, K, n.D), reorder(m.covars, order, K, n.D * n.D), reorder(spread, order, K, n.D * n.D);
  reorder(weight, order, K, 1), reorder(mean, order, K, 1), reorder(sd, order, K, 1);
  if (!std::is_sorted(order, order + K))
    for (int64_t t = 0; t < T; ++t) reorder(smoothed + t * K, order, K, 1);

  std::copy(s.names, s.names + K, s.names_before);
  *s.alike = double(alike(r, m.means, spread, weight));
  int64_t empty = 0;
  for (int64_t k = 0; k < K; ++k) empty |= int64_t(!(weight[k] >= *r.least)) << k;
  *s.empty = double(empty);
  call(r, mean, sd, weight, int64_t(*s.alike), s.names);

  *s.begin += double(a.left), *s.n_rows = double(T - 1);  // the newest row is counted with those of other assets
  std::copy(smoothed, smoothed + T * K, s.known + int64_t(*s.begin) * K);
  std::copy(smoothed + (T - 1) * K, smoothed + T * K, s.filtered);
  std::copy(m.startprob, m.startprob + K, s.startprob);
  std::copy(m.transmat, m.transmat + K * K, s.transmat);
  std::copy(m.means, m.means + K * n.D, s.means);
  std::copy(m.covars, m.covars + K * n.D * n.D, s.covars);
  std::copy(a.memory, a.memory + K, s.weight);
  std::copy(a.memory + K, a.memory + K + K * n.D, s.memory_means);
  std::copy(a.memory + K + K * n.D, a.memory + K + K * n.D + K * n.D * n.D, s.memory_covars);
  *s.log_likelihood = f.scores[2 * a.chosen], *s.n_iter = double(f.status[3 * a.chosen]);
  *s.converged = double(f.status[3 * a.chosen + 1] > 0);
  const double calm = *std::min_element(sd, sd + K) * 0.999;
  *s.move_limit = *r.taken_back * calm;
  *s.range_limit = *r.range_place >= 0.0 && calm > 0.0 ? std::log(*r.wild * calm) : INFINITY;
  *s.n_trainings += 1.0, *s.bars_since = 0.0;
  *s.bars_since_challenge = a.challenges ? 0.0 : *s.bars_since_challenge + 1.0;
}

}  // namespace

double train(const Rules& r, std::vector<Due>& due) {
  const auto begin = std::chrono::steady_clock::now();
  const Shape n(r);
  static thread_local Arrays fit, smooth;
  static thread_local std::vector<double> x;
  int64_t longest = 0, n_jobs = 0;
  for (const Due& a : due) longest = std::max(longest, a.length);
  x.resize(due.size() * size_t(longest * n.D));
  for (size_t i = 0; i < due.size(); ++i) {
    Due& a = due[i];
    a.sound = take_window(r, n, a, x.data() + int64_t(i) * longest * n.D);
    if (!a.sound) continue;
    remember(r, n, a);
    a.warm = n_jobs++;
    a.challenger = a.challenges ? n_jobs++ : -1;
  }
  if (n_jobs == 0) return 0.0;
  fit.size(n, n_jobs, int64_t(due.size()), longest, int64_t(*r.n_iter), false);
  bool has_prior = *r.stay_weight > 0.0;
  Model m;
  for (size_t i = 0; i < due.size(); ++i) {
    const Due& a = due[i];
    if (!a.sound) continue;
    warm_start(r, n, a.s, m);
    load_fit(r, n, fit, a.warm, int64_t(i), a, m);
    has_prior = has_prior || (*r.memory > 0.0 && std::any_of(a.memory, a.memory + n.K, [](double w) { return w != 0.0; }));
    if (!a.challenges) continue;
    ranked_start(r, n, a, x.data() + int64_t(i) * longest * n.D, m);
    load_fit(r, n, fit, a.challenger, int64_t(i), a, m);
  }
  fit.p.observations = x.data(), fit.p.kind = int(*r.kind), fit.p.tol = *r.tol, fit.p.has_prior = has_prior;
  work(fit.p, true);
  const std::chrono::duration<double> fitted = std::chrono::steady_clock::now() - begin;

  smooth.size(n, int64_t(due.size()), int64_t(due.size()), longest, 0, true);
  smooth.tails.assign(*r.degrees > 0.0 ? due.size() * size_t(n.K * 2) : 0, 0.0);
  std::vector<Model> models(due.size());
  for (size_t i = 0; i < due.size(); ++i) {
    Due& a = due[i];
    if (!a.sound || !choose(r, fit, a)) {
      a.sound = false;
      continue;
    }
    from_moments(n, fit, a.chosen, models[i]);
    const double nu = *r.degrees;
    for (int64_t j = 0; j < n.K * n.D * n.D && nu > 0.0; ++j) models[i].covars[j] *= (nu - 2.0) / nu;
    a.sound = load_smooth(r, n, smooth, int64_t(i), int64_t(i), a, models[i]);
  }
  smooth.p.observations = x.data(), smooth.p.kind = n.full ? FULL : DIAG, smooth.p.backward = true;
  smooth.p.tails = smooth.tails.empty() ? nullptr : smooth.tails.data();
  if (smooth.p.tails) smooth.p.logs = nullptr;
  work(smooth.p, true);
  for (size_t i = 0; i < due.size(); ++i) {
    Due& a = due[i];
    a.sound = a.sound && smooth.status[3 * i + 2] > 0;
    if (!a.sound) continue;
    a.log_density = smooth.p.logs ? smooth.logs[int64_t(i) * longest + a.length - 1] : smooth.scores[2 * i + 1];
    take_into_use(r, n, fit, a, models[i], smooth.posterior.data() + int64_t(i) * longest * n.K);
  }
  return fitted.count();
}

}  // namespace follow
