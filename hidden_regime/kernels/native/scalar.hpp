// The careful recursions, one job at a time: what compiled.py does, in the same order. They normalise at each step and fall
// back to logarithms where nothing else can tell states apart.
#pragma once

#include "problem.hpp"

namespace scalar {

void run(const Problem& p, int64_t job);
// One filter step of one series, by the recursion and with the rounding of a filter over that row: what functions.py does to
// make a problem of parameters is done here, because for a single row it would take longer than the step.
bool step(const double* row, const double* before, const double* transmat, const double* means, const double* covars,
          const double* tails, int64_t n_states, int64_t n_features, bool full, bool first, double* work, double* filtered, double* log_likelihood);
int64_t step_work(int64_t n_states, int64_t n_features);

double decode(const double* log_densities, int64_t n, int64_t n_states, const double* log_startprob, const double* log_transmat,
              double* best, double* following, int64_t* came, int64_t* states);

}  // namespace scalar
