// Assets through their bars: the filter's step at each, and a training where one is due.
#pragma once

#include <vector>

#include "slate.hpp"

namespace follow {

// One asset's share of a call.
struct Asset {
  Slate slate;
  const double *rows, *periods;  // observations (n, F), and the period of the schedule that each bar lies in
  double* told;                  // (n, width of Told)
  int64_t room;                  // rows that its table can hold
  int64_t next, end;             // first bar that wasn't taken yet, and one past the last
  bool stops;                    // Python has to see to its next bar
};

// Seconds that parts of the step have taken: fits of models, their identity and names, and filter and regimes of the bars.
struct Spent {
  double fit = 0.0, identity = 0.0, filter = 0.0;
};

// Takes all assets through their bars, side by side, until all are done or, after the bar of that turn, one of them stops; where
// somebody else `trains`, also at a bar that is due for it.
void run(const Rules& r, const Sizes& sizes, std::vector<Asset>& assets, bool trains, Spent& spent);

}  // namespace follow
