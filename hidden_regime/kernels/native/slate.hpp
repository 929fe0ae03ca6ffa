// What is known of an asset between two bars, in one array of doubles; what all assets go by; and what is told of a bar.
//
// Each is a table of names and shapes, and nothing else says where a number lies: Python asks for the places. A letter is a
// dimension: states (K), features of the model (D), features observed (F), rows that there is room for (R).
#pragma once

#include <cstdint>
#include <cstring>

#include "problem.hpp"

// n_rows from `begin` on are kept; `known` holds the probabilities of the states at each. `trained_in` is the period of the last
// training, `regime` the place of a name, `empty` and `alike` have a bit for each state, or pair of them, of the model in use.
#define HR_SLATE(X)        \
  X(n_rows, "")            \
  X(begin, "")             \
  X(bars_since, "")        \
  X(bars_since_challenge, "") \
  X(n_trainings, "")       \
  X(n_seen, "")            \
  X(asks_at, "")           \
  X(trained_in, "")        \
  X(regime, "")            \
  X(duration, "")          \
  X(log_likelihood, "")    \
  X(n_iter, "")            \
  X(converged, "")         \
  X(move_limit, "")        \
  X(range_limit, "")       \
  X(empty, "")             \
  X(alike, "")             \
  X(names, "K")            \
  X(names_before, "K")     \
  X(filtered, "K")         \
  X(startprob, "K")        \
  X(transmat, "KK")        \
  X(means, "KD")           \
  X(covars, "KDD")         \
  X(weight, "K")           \
  X(memory_means, "KD")    \
  X(memory_covars, "KDD")  \
  X(rows, "RF")            \
  X(known, "RK")

// Options of a detector, and the constants of the steps that Python has.
#define HR_RULES(X)        \
  X(n_states, "")          \
  X(n_features, "")        \
  X(n_observed, "")        \
  X(return_place, "")      \
  X(range_place, "")       \
  X(is_full, "")           \
  X(kind, "")              \
  X(lookback, "")          \
  X(degrees, "")           \
  X(tail_constant, "")     \
  X(n_iter, "")            \
  X(tol, "")               \
  X(min_covar, "")         \
  X(margin, "")            \
  X(stay_duration, "")     \
  X(stay_weight, "")       \
  X(memory, "")            \
  X(challenges, "")        \
  X(challenge_every, "")   \
  X(ranked_by, "")         \
  X(is_volatility, "")     \
  X(hysteresis, "")        \
  X(min_duration, "")      \
  X(schedule, "")          \
  X(every, "")             \
  X(every_at_first, "")    \
  X(wild, "")              \
  X(taken_back, "")        \
  X(blend, "")             \
  X(stay, "")              \
  X(smoothing, "")         \
  X(closest, "")           \
  X(told, "")              \
  X(least, "")             \
  X(clear, "")             \
  X(crisis, "")            \
  X(alone, "2")            \
  X(ladder, "K")           \
  X(spread, "KK")

// `names` and `names_before` are those of the model in use and of the one before it, sixteen to a state.
#define HR_TOLD(X)         \
  X(confidence, "")        \
  X(expected_duration, "") \
  X(log_likelihood, "")    \
  X(state, "")             \
  X(duration, "")          \
  X(changed, "")           \
  X(regime, "")            \
  X(trained, "")           \
  X(empty, "")             \
  X(alike, "")             \
  X(names, "")             \
  X(names_before, "")      \
  X(probabilities, "K")

namespace follow {

struct Sizes {
  int64_t K, D, F, R = 0;

  int64_t of(const char* shape) const {
    int64_t size = 1;
    for (; *shape; ++shape) size *= *shape == 'K' ? K : *shape == 'D' ? D : *shape == 'F' ? F : *shape == 'R' ? R : *shape - '0';
    return size;
  }
};

// Pointers into one such array, by name.
#define HR_POINTER(name, shape) double* name;
#define HR_PLACE(name, shape) name = at, at += sizes.of(shape);
#define HR_COUNT(name, shape) total += sizes.of(shape);
#define HR_VIEW(Name, TABLE)                          \
  struct Name {                                       \
    TABLE(HR_POINTER)                                 \
    Name() = default;                                 \
    Name(double* at, const Sizes& sizes) { TABLE(HR_PLACE) } \
    static int64_t size(const Sizes& sizes) {         \
      int64_t total = 0;                              \
      TABLE(HR_COUNT)                                 \
      return total;                                   \
    }                                                 \
  };
HR_VIEW(Slate, HR_SLATE)
HR_VIEW(Rules, HR_RULES)
HR_VIEW(Told, HR_TOLD)
#undef HR_VIEW
#undef HR_COUNT
#undef HR_PLACE
#undef HR_POINTER

constexpr int64_t MOST_STATES = 4, MOST_FEATURES = 6;  // whose assignment is found by trying all orders

}  // namespace follow
