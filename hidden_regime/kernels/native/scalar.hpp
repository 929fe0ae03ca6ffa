// The careful recursions, one job at a time: what compiled.py does, in the same order. They normalise at each step and fall
// back to logarithms where nothing else can tell states apart.
#pragma once

#include "problem.hpp"

namespace scalar {

void run(const Problem& p, int64_t job);
double decode(const double* log_densities, int64_t n, int64_t n_states, const double* log_startprob, const double* log_transmat,
              double* best, double* following, int64_t* came, int64_t* states);

}  // namespace scalar
