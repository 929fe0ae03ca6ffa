// What Python hands over: plain pointers into C-contiguous arrays, shapes in the comments. Names as in compiled.py.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>

// Inlined by force: a function that the linker shares between builds would run one machine's instructions on another.
#define HR_INLINE static inline __attribute__((always_inline))
#define HR_METHOD inline __attribute__((always_inline))

enum Kind { DIAG = 0, FULL = 1, SPHERICAL = 2, TIED = 3, GIVEN = 4 };

struct Problem {
  const double* observations;  // (n_series, n_samples, n_features)
  const double* weights;       // (n_series, n_samples), or null where each counts 1
  const int64_t* jobs;         // (n_jobs, 3): series, begin, end
  const int64_t* follows;      // (n_jobs): the job whose result is the start, or -1
  const double* center;        // (n_jobs, n_features)
  const double* floor;         // (n_jobs, n_features)
  const double* prior_counts;  // (n_jobs, n_states + 1, n_states)
  const double* prior_sums;    // (n_jobs, n_states, n_monomials)
  double* chain;               // (n_jobs, n_states + 1, n_states): transmat, then startprob
  double* moments;             // (n_jobs, n_states, n_monomials)
  double* coefficients;        // (n_jobs, n_states, n_monomials)
  double* counts;              // (n_jobs, n_states + 1, n_states)
  double* sums;                // (n_jobs, n_states, n_monomials)
  double* alpha;               // (n_jobs or 1, longest, n_states)
  double* logs;                // (n_jobs or 1, longest)
  double* scores;              // (n_jobs, 2): log-likelihood, objective
  int64_t* status;             // (n_jobs, 3): iterations, converged, ok
  double* history;             // (n_jobs, n_iter + 1)
  double* last;                // (n_jobs, n_states): filtered probabilities at each job's end
  int64_t n_series, n_samples, n_jobs, n_states, n_features, n_monomials, longest, n_rows, n_iter;
  double tol, blend;
  int kind;
  bool backward, has_prior;

  HR_METHOD bool is_full() const { return kind == FULL || kind == TIED; }
  HR_METHOD int64_t length(int64_t job) const { return jobs[3 * job + 2] - jobs[3 * job + 1]; }
  HR_METHOD const double* observation(int64_t job, int64_t t) const {
    return observations + (jobs[3 * job] * n_samples + jobs[3 * job + 1] + t) * n_features;
  }
  HR_METHOD double weight(int64_t job, int64_t t) const {
    return weights ? weights[jobs[3 * job] * n_samples + jobs[3 * job + 1] + t] : 1.0;
  }
};

// Starts `job` from the result of `before`, with a little uniform mass in its chain: zeros there are absorbing.
HR_INLINE void hand_over(const Problem& p, int64_t before, int64_t job) {
  const int64_t K = p.n_states, C = (K + 1) * K, KM = K * p.n_monomials;
  for (int64_t i = 0; i < C; ++i) p.chain[job * C + i] = (1.0 - p.blend) * p.chain[before * C + i] + p.blend / K;
  std::memcpy(p.moments + job * KM, p.moments + before * KM, size_t(KM) * sizeof(double));
}

// The jobs of one call: those that follow no other, and for each job the one that starts from its result (or -1).
struct Queue {
  const int64_t* heads;
  int64_t n_heads;
  const int64_t* follower;
  bool weighted;  // some observation is missing or has a weight
  void (*careful)(const Problem&, int64_t);
};

// One build of the lanes for one kind of machine.
struct Variant {
  const char* name;
  int lanes;
  void (*fit)(const Problem&, const Queue&, std::atomic<int64_t>& next);
  void (*smooth)(const Problem&, const Queue&, std::atomic<int64_t>& next);
  double (*multiply)(int64_t n);
};
