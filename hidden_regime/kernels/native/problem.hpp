// What Python hands over: plain pointers into C-contiguous arrays, and numbers.
#pragma once

#include <atomic>
#include <cstdint>

// Inlined by force: a function that the linker shares between builds would run one machine's instructions on another.
#define HR_INLINE static inline __attribute__((always_inline))
#define HR_METHOD inline __attribute__((always_inline))

enum Kind { DIAG = 0, FULL = 1, SPHERICAL = 2, TIED = 3, GIVEN = 4 };

// What one call of `run` is about: name, type and shape of each array, then the numbers. The names are those of call.Call, whose
// docstring says what each holds, and from this table alone come the members of Problem and what module.cpp reads, each by its
// name: no order can be mistaken. A letter is a dimension: series (S), samples (N), features (D), jobs (J), states (K), states and
// one more (L), monomials (M), 0 or the features (C), 0 or the jobs (R, Q), longest job (T), M-steps and one more (I); VW are 0, or S and N.
#define HR_ARRAYS(ARRAY)                   \
  ARRAY(observations, const double, "SND") \
  ARRAY(weights, const double, "VW")       \
  ARRAY(jobs, const int64_t, "J3")         \
  ARRAY(chain, double, "JLK")              \
  ARRAY(moments, double, "JKM")            \
  ARRAY(tails, const double, "QK2")        \
  ARRAY(center, const double, "JC")        \
  ARRAY(floor, const double, "JC")         \
  ARRAY(prior_counts, const double, "JLK") \
  ARRAY(prior_sums, const double, "JKM")   \
  ARRAY(coefficients, double, "JKM")       \
  ARRAY(counts, double, "JLK")             \
  ARRAY(sums, double, "JKM")               \
  ARRAY(posterior, double, "RTK")          \
  ARRAY(logs, double, "RT")                \
  ARRAY(scores, double, "J2")              \
  ARRAY(status, int64_t, "J3")             \
  ARRAY(history, double, "JI")             \
  ARRAY(final, double, "JK")
#define HR_NUMBERS(NUMBER) \
  NUMBER(kind, int)        \
  NUMBER(backward, bool)   \
  NUMBER(tol, double)      \
  NUMBER(has_prior, bool)  \
  NUMBER(threads, int64_t)

struct Problem {
#define HR_POINTER(name, type, shape) type* name;
#define HR_NUMBER(name, type) type name;
  HR_ARRAYS(HR_POINTER)
  HR_NUMBERS(HR_NUMBER)
#undef HR_POINTER
#undef HR_NUMBER
  // Without `logs` a smoother of Student-t densities leaves each job's last one beside its score.
  int64_t n_series, n_samples, n_jobs, n_states, n_features, n_monomials, longest, n_rows, n_iter;

  HR_METHOD bool is_full() const { return kind == FULL || kind == TIED; }
  HR_METHOD int64_t length(int64_t job) const { return jobs[3 * job + 2] - jobs[3 * job + 1]; }
  HR_METHOD const double* observation(int64_t job, int64_t t) const {
    return observations + (jobs[3 * job] * n_samples + jobs[3 * job + 1] + t) * n_features;
  }
  HR_METHOD double weight(int64_t job, int64_t t) const {
    return weights ? weights[jobs[3 * job] * n_samples + jobs[3 * job + 1] + t] : 1.0;
  }
  // Degrees of freedom of each state, and what a Student-t's constant has besides its matrix's; none of a Gaussian.
  HR_METHOD const double* tail(int64_t job) const { return tails ? tails + job * n_states * 2 : nullptr; }
};

// Jobs of one call that the lanes take.
struct Queue {
  const int64_t* jobs;
  int64_t n_jobs;
  bool weighted;  // some observation is missing or has a weight
  bool alone;     // too few of them for the lanes: one after the other
  void (*careful)(const Problem&, int64_t);
};

// One build of the lanes for one kind of machine.
struct Variant {
  const char* name;
  int lanes;
  void (*fit)(const Problem&, const Queue&, std::atomic<int64_t>& next);
  void (*smooth)(const Problem&, const Queue&, std::atomic<int64_t>& next);
  bool (*can_be_alone)(const Problem&);
  double (*multiply)(int64_t n);
};
