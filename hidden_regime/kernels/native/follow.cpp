#include "follow.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "naming.hpp"
#include "scalar.hpp"
#include "training.hpp"

namespace follow {

namespace {

enum Schedule { NEVER = 0, PERIODS = 1, COUNT = 2 };

// Whether a bar is one that suspects.look has to see: beyond the limits, and wild for what was known before it.
bool is_suspect(const Rules& r, const Slate& s, const double* row) {
  const int64_t K = int64_t(*r.n_states), D = int64_t(*r.n_features), place = int64_t(*r.return_place);
  const double size = std::fabs(row[place]);
  const bool ranges = *r.range_place >= 0.0;
  const double range = ranges ? row[int64_t(*r.range_place)] : -INFINITY;
  if (!(size > *s.move_limit || range > *s.range_limit)) return false;
  const double nu = *r.degrees, tails = nu > 0.0 ? nu / (nu - 2.0) : 1.0;
  double variance = 0.0;
  for (int64_t k = 0; k < K; ++k) {
    double predicted = 0.0;
    for (int64_t i = 0; i < K; ++i) predicted += s.filtered[i] * s.transmat[i * K + k];
    variance += predicted * s.covars[(k * D + place) * D + place] * tails;
  }
  const double usual = std::sqrt(variance) * (1.0 - 1e-9);  // Python's decision, where its last bits could make it another
  return !(size <= *r.taken_back * usual && (!ranges || std::exp(range) <= *r.wild * std::max(usual, size)));
}

// Course.take: whether the bar can be taken here. Its row is put behind those that count.
bool take(const Rules& r, const Sizes& sizes, Asset& a) {
  Slate& s = a.slate;
  const double* row = a.rows + a.next * sizes.F;
  for (int64_t i = 0; i < sizes.F; ++i)
    if (!std::isfinite(row[i])) return false;
  if (*s.n_seen + 1.0 >= *s.asks_at || is_suspect(r, s, row)) return false;
  int64_t begin = int64_t(*s.begin), n = int64_t(*s.n_rows);
  if (begin + n == a.room) {
    if (begin == 0) return false;  // a larger table is Python's to make
    std::memmove(s.rows, s.rows + begin * sizes.F, size_t(n * sizes.F) * sizeof(double));
    std::memmove(s.known, s.known + begin * sizes.K, size_t(n * sizes.K) * sizeof(double));
    *s.begin = 0.0, begin = 0;
  }
  std::copy(row, row + sizes.F, s.rows + (begin + n) * sizes.F);
  return true;
}

// Schedule.is_due, of the bar that comes next.
bool is_due(const Rules& r, const Asset& a) {
  const Slate& s = a.slate;
  if (*r.schedule == NEVER) return false;
  if (*r.schedule == PERIODS) return a.periods[a.next] != *s.trained_in;
  return *s.bars_since + 1.0 >= (*s.n_trainings == 1.0 ? *r.every_at_first : *r.every);
}

// The bar counts, and is told.
void count(const Rules& r, const Sizes& sizes, Asset& a, double log_likelihood, bool trained) {
  Slate& s = a.slate;
  std::copy(s.filtered, s.filtered + sizes.K, s.known + (int64_t(*s.begin) + int64_t(*s.n_rows)) * sizes.K);
  *s.n_rows += 1.0, *s.n_seen += 1.0;
  if (trained) *s.trained_in = a.periods[a.next];
  if (!trained) *s.bars_since += 1.0, *s.bars_since_challenge += 1.0;
  Told out(a.told + a.next * Told::size(sizes), sizes);
  tell(r, s, log_likelihood, trained, out);
  ++a.next;
}

}  // namespace

void run(const Rules& r, const Sizes& sizes, std::vector<Asset>& assets, bool trains, Spent& spent) {
  std::vector<Due> due;
  std::vector<Asset*> whose;
  std::vector<double> work(size_t(scalar::step_work(sizes.K, sizes.D)));
  double tails[2 * MOST_STATES], filtered[MOST_STATES];
  for (int64_t k = 0; k < sizes.K; ++k) tails[2 * k] = *r.degrees, tails[2 * k + 1] = *r.tail_constant;
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    const auto begin = std::chrono::steady_clock::now();
    bool stops = false;
    due.clear(), whose.clear();
    for (Asset& a : assets) {
      if (a.next == a.end) continue;
      const bool due_now = is_due(r, a);
      a.stops = (due_now && !trains) || !take(r, sizes, a);
      stops = stops || a.stops;
      if (a.stops) continue;
      if (due_now) {
        Due d{};
        const int64_t n = int64_t(*a.slate.n_rows) + 1;
        d.s = a.slate;
        d.left = std::max(n - int64_t(*r.lookback), int64_t(0)), d.length = n - d.left;
        d.challenges = *r.challenges != 0.0 && *a.slate.bars_since_challenge + 1.0 >= *r.challenge_every;
        due.push_back(d), whose.push_back(&a);
        continue;
      }
      const Slate& s = a.slate;
      double log_likelihood;
      const bool fine = scalar::step(a.rows + a.next * sizes.F, s.filtered, s.transmat, s.means, s.covars, *r.degrees > 0.0 ? tails : nullptr,
                                     sizes.K, sizes.D, *r.is_full != 0.0, false, work.data(), filtered, &log_likelihood);
      if (!fine) {
        a.stops = stops = true;
        continue;
      }
      std::copy(filtered, filtered + sizes.K, s.filtered);
      count(r, sizes, a, log_likelihood, false);
      goes_on = goes_on || a.next < a.end;
    }
    const auto filtered_at = std::chrono::steady_clock::now();
    const double fit = due.empty() ? 0.0 : train(r, due);
    for (size_t i = 0; i < due.size(); ++i) {
      Asset& a = *whose[i];
      if (due[i].sound) {
        count(r, sizes, a, due[i].log_density, true);
        goes_on = goes_on || a.next < a.end;
      } else {
        a.stops = stops = true;
      }
    }
    const std::chrono::duration<double> first = filtered_at - begin, second = std::chrono::steady_clock::now() - filtered_at;
    spent.filter += first.count(), spent.fit += fit, spent.identity += second.count() - fit;
    if (stops) return;
  }
}

}  // namespace follow
