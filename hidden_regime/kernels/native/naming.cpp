#include "naming.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace follow {

void rank(const Rules& r, const double* mean, const double* sd, const double* weight, int64_t* order) {
  const int64_t K = int64_t(*r.n_states);
  double error[MOST_STATES];
  int64_t wins[MOST_STATES] = {};
  for (int64_t i = 0; i < K; ++i) error[i] = sd[i] * sd[i] / std::max(weight[i], 1.0);
  for (int64_t i = 0; i < K; ++i)
    for (int64_t j = 0; j < K; ++j) {
      const double gap = mean[i] - mean[j];
      wins[i] += std::fabs(gap) > *r.clear * std::sqrt(error[i] + error[j]) ? gap > 0.0 : sd[i] < sd[j];
    }
  for (int64_t i = 0; i < K; ++i) order[i] = i;
  std::stable_sort(order, order + K, [&](int64_t i, int64_t j) { return wins[i] != wins[j] ? wins[i] < wins[j] : sd[i] > sd[j]; });
}

// Inverse and log-determinant of a small covariance, which is positive definite.
static double invert(const double* c, int64_t D, double* inverse) {
  if (D == 1) {
    inverse[0] = 1.0 / c[0];
    return std::log(c[0]);
  }
  if (D == 2) {
    const double determinant = c[0] * c[3] - c[1] * c[2];
    inverse[0] = c[3] / determinant, inverse[3] = c[0] / determinant;
    inverse[1] = -c[2] / determinant, inverse[2] = -c[1] / determinant;
    return std::log(determinant);
  }
  double a[MOST_FEATURES * MOST_FEATURES], log_determinant = 0.0;  // Gauss and Jordan
  std::copy(c, c + D * D, a);
  for (int64_t i = 0; i < D; ++i)
    for (int64_t j = 0; j < D; ++j) inverse[i * D + j] = i == j;
  for (int64_t p = 0; p < D; ++p) {
    const double pivot = a[p * D + p];
    log_determinant += std::log(pivot);
    for (int64_t j = 0; j < D; ++j) a[p * D + j] /= pivot, inverse[p * D + j] /= pivot;
    for (int64_t i = 0; i < D; ++i) {
      const double factor = i == p ? 0.0 : a[i * D + p];
      for (int64_t j = 0; j < D && i != p; ++j) {
        a[i * D + j] -= factor * a[p * D + j];
        inverse[i * D + j] -= factor * inverse[p * D + j];
      }
    }
  }
  return log_determinant;
}

int64_t alike(const Rules& r, const double* means, const double* covars, const double* weight) {
  const int64_t K = int64_t(*r.n_states), D = int64_t(*r.n_features);
  double inverse[MOST_STATES * MOST_FEATURES * MOST_FEATURES], log_determinant[MOST_STATES];
  for (int64_t k = 0; k < K; ++k) log_determinant[k] = invert(covars + k * D * D, D, inverse + k * D * D);
  const auto divergence = [&](int64_t here, int64_t there) {  // of Gaussians, twice that from `here` to `there`
    double sum = 0.0;
    for (int64_t a = 0; a < D; ++a)
      for (int64_t b = 0; b < D; ++b) {
        const double gap = (means[here * D + a] - means[there * D + a]) * (means[here * D + b] - means[there * D + b]);
        sum += inverse[(there * D + a) * D + b] * (covars[(here * D + a) * D + b] + gap);
      }
    return sum - double(D) + log_determinant[there] - log_determinant[here];
  };
  int64_t bits = 0, pair = 0;
  for (int64_t i = 0; i < K; ++i)
    for (int64_t j = i + 1; j < K; ++j, ++pair) {
      const double forth = divergence(i, j), back = divergence(j, i);
      const double rarer = weight[i] < weight[j] ? weight[i] * forth : weight[j] * back;
      if (forth + back < 4.0 * *r.closest || rarer < 2.0 * *r.told) bits |= int64_t(1) << pair;
    }
  return bits;
}

static void call_each(const Rules& r, const double* mean, const double* sd, const double* weight, double* names) {
  const int64_t K = int64_t(*r.n_states);
  int64_t order[MOST_STATES], crisis = -1;
  rank(r, mean, sd, weight, order);
  if (K >= 4) {
    double wildest = -1.0;
    for (int64_t k = 0; k < K; ++k)
      if (mean[k] < 0.0 && sd[k] > wildest) crisis = k, wildest = sd[k];
    if (crisis < 0) crisis = order[0];
    names[crisis] = *r.crisis;
  }
  int64_t place = 0;
  for (int64_t i = 0; i < K; ++i)
    if (order[i] != crisis) names[order[i]] = r.ladder[place++];
}

void call(const Rules& r, const double* mean, const double* sd, const double* weight, int64_t pairs, double* names) {
  if (pairs == 0) return call_each(r, mean, sd, weight, names);
  const int64_t K = int64_t(*r.n_states);
  int64_t group[MOST_STATES], order[MOST_STATES], ranked[MOST_STATES], n = 0, pair = 0;
  for (int64_t k = 0; k < K; ++k) group[k] = k;
  for (int64_t i = 0; i < K; ++i)
    for (int64_t j = i + 1; j < K; ++j, ++pair) {
      if (!(pairs >> pair & 1)) continue;
      const int64_t kept = std::min(group[i], group[j]), gone = std::max(group[i], group[j]);
      for (int64_t k = 0; k < K; ++k)
        if (group[k] == gone) group[k] = kept;
    }
  double all[MOST_STATES], of[MOST_STATES], spread[MOST_STATES];
  for (int64_t k = 0; k < K; ++k) {
    double total = 0.0, sum = 0.0, square = 0.0;
    for (int64_t j = 0; j < K; ++j) {
      const double own = (group[k] == group[j] ? 1.0 : 0.0) * std::max(weight[j], 1e-9);
      total += own, sum += own * mean[j], square += own * (sd[j] * sd[j] + mean[j] * mean[j]);
    }
    all[k] = total, of[k] = sum / total;
    spread[k] = std::sqrt(std::max(square / total - of[k] * of[k], 0.0));
  }
  rank(r, of, spread, all, order);
  for (int64_t i = 0; i < K; ++i)
    if (std::find(ranked, ranked + n, group[order[i]]) == ranked + n) ranked[n++] = group[order[i]];
  for (int64_t k = 0; k < K; ++k)
    names[k] = n == 1 ? r.alone[of[0] > 0.0] : r.spread[(n - 1) * K + (std::find(ranked, ranked + n, group[k]) - ranked)];
}

static double key(const double* names, int64_t K) {
  int64_t out = 0;
  for (int64_t k = 0; k < K; ++k) out |= int64_t(names[k]) << (4 * k);
  return double(out);
}

void tell(const Rules& r, Slate& s, double log_likelihood, bool trained, Told& out) {
  const int64_t K = int64_t(*r.n_states);
  double of[MOST_STATES];  // probability of the regime whose first state that is
  int64_t first[MOST_STATES];
  bool distinct = true;
  for (int64_t k = 0; k < K; ++k) {
    first[k] = std::find(s.names, s.names + k, s.names[k]) - s.names;
    distinct = distinct && first[k] == k;
    of[first[k]] = (first[k] == k ? 0.0 : of[first[k]]) + s.filtered[k];
  }
  int64_t best = -1, present = -1, likeliest = 0;
  for (int64_t k = 0; k < K; ++k) {
    if (s.filtered[k] > s.filtered[likeliest]) likeliest = k;
    if (first[k] != k) continue;
    if (best < 0 || of[k] > of[best]) best = k;
    if (s.names[k] == *s.regime) present = k;
  }
  if (*r.hysteresis == 0.0 && *r.min_duration == 1.0)
    best = first[likeliest];
  else if (present >= 0 && (*s.duration < *r.min_duration || of[best] - of[present] <= *r.hysteresis))
    best = present;
  int64_t state = best;
  for (int64_t k = 0; k < K && !distinct; ++k)
    if (first[k] == best && s.filtered[k] > s.filtered[state]) state = k;
  const double regime = s.names[best], stay = s.transmat[state * K + state];
  const bool goes_on = regime == *s.regime;
  *out.confidence = std::min(of[best], 1.0);
  *out.expected_duration = stay < 1.0 ? 1.0 / (1.0 - stay) : std::numeric_limits<double>::infinity();
  *out.log_likelihood = log_likelihood;
  *out.state = double(state);
  *out.duration = goes_on ? *s.duration + 1.0 : 1.0;
  *out.changed = !goes_on;
  *out.regime = regime;
  *out.trained = trained;
  *out.empty = *s.empty, *out.alike = *s.alike;
  *out.names = key(s.names, K), *out.names_before = key(s.names_before, K);
  std::copy(s.filtered, s.filtered + K, out.probabilities);
  *s.regime = regime, *s.duration = *out.duration;
}

}  // namespace follow
