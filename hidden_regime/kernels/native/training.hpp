// Training of the models of many assets on their windows, and the taking of these models into use.
//
// The specification is detection/prepare.py, models/batch.py and detection/accept.py. Every number is found by the same operations
// in the same order as there, so that an asset's bits don't tell which of the two has taken it through a bar.
#pragma once

#include <vector>

#include "slate.hpp"

namespace follow {

// An asset whose newest bar is due for a training. Its row stands in the slate already, after the `n_rows` that count.
struct Due {
  Slate s;
  // Found on the way:
  int64_t left, length;  // rows that leave the window, and rows in it
  bool challenges, sound;
  int64_t warm, challenger, chosen;  // places of its jobs
  double log_density;                // of the newest observation under the new model
  double variance[MOST_FEATURES], memory[MOST_STATES * (1 + MOST_FEATURES + MOST_FEATURES * MOST_FEATURES)];
};

// Trains all of them. One that Python must see to (a window with gaps, a model that can't be used) is left as it was, `sound`
// false; the others go by their new models. Returns the seconds that the fits took.
double train(const Rules& r, std::vector<Due>& due);

}  // namespace follow
