// Which build of the lanes does a call's work, and in how many threads.
#pragma once

#include <vector>

#include "problem.hpp"

extern const Variant* chosen;  // the build in use

// Builds that this machine can run, fastest first.
std::vector<const Variant*> usable();

// Fits, filters or smooths every job, whose observations may be known to have no gaps. Throws std::bad_alloc.
void work(const Problem& p, bool without_gaps = false);
