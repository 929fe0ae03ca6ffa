// The boundary of `follow`: what Python calls.
#pragma once

#include "arrays.hpp"

namespace following {

// Takes assets through their bars. Arguments: for each asset its slate, observations, periods and rows to be told of, as four
// lists; the rules; for each asset two integers: the first bar that wasn't taken yet, and whether Python has to see to it; whether
// models are trained here; and the seconds that fits, identity and filter have taken, which are added to.
PyObject* follow(PyObject*, PyObject* arguments);

// Takes assets through one bar. Arguments: their slates; the rules; for each asset the observation and the period, in lists; whether
// models are trained here; and the seconds as above. For each what is told of the bar as a tuple, whose last element are the
// probabilities, or None where Python has to see to it.
PyObject* follow_bar(PyObject*, PyObject* arguments);

// Log return and log range of each bar, from opens, highs, lows and closes into rows (N, 2); the first bar has none.
PyObject* observe(PyObject*, PyObject* arguments);

// (name, place, shape) of each part of a table, "slate", "rules" or "told", for so many states, features, features observed and rows.
PyObject* places(PyObject*, PyObject* arguments);

}  // namespace following
