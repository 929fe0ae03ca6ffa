#include "following.hpp"

#include <cmath>
#include <deque>
#include <exception>
#include <limits>
#include <vector>

#include "follow.hpp"

namespace following {

namespace {

using ::follow::Asset;
using ::follow::Rules;
using ::follow::Sizes;
using ::follow::Slate;
using ::follow::Told;

PyObject* item(PyObject* list, int64_t i) {
  PyObject* found = PyList_GetItem(list, i);  // borrowed: the list holds it until the call is over
  if (!found) throw Refused();
  return found;
}

// A number of the rules that says how many there are of something.
int64_t whole(const double* value, int64_t most, const char* name) {
  if (!(*value >= 1.0 && *value <= double(most))) {
    PyErr_Format(PyExc_ValueError, "%s: expected 1 to %lld", name, (long long)most);
    throw Refused();
  }
  return int64_t(*value);
}

bool is_place(const double* value, int64_t count) { return *value >= 0.0 && *value < double(count) && *value == double(int64_t(*value)); }

void check(const Slate& s, const Rules& r, int64_t room) {
  const int64_t K = int64_t(*r.n_states);
  bool fine = *s.begin >= 0.0 && *s.n_rows >= 0.0 && *s.begin + *s.n_rows <= double(room) && *r.lookback >= 2.0 && *s.n_rows >= 1.0;
  for (int64_t k = 0; k < K; ++k) fine = fine && is_place(s.names + k, 16);
  if (!fine) refuse("slate: expected rows within its table, and names");
}

// Rules that were handed over, checked.
struct Given {
  int64_t count = -1;
  Array array;
  Sizes sizes{};
  Rules rules;

  explicit Given(PyObject* object) : array(object, "rules", 'd', false, {&count}) {
    if (count < 3) refuse("rules: expected more numbers");
    double* numbers = array.doubles();
    sizes.K = whole(numbers, ::follow::MOST_STATES, "n_states");
    sizes.D = whole(numbers + 1, ::follow::MOST_FEATURES, "n_features");
    sizes.F = whole(numbers + 2, 1000, "n_observed");
    if (count != Rules::size(sizes)) refuse("rules: expected another number of them");
    rules = Rules(numbers, sizes);
    if (sizes.K < 2 || sizes.D > sizes.F || !is_place(rules.return_place, sizes.D) || !is_place(rules.ranked_by, sizes.D) ||
        !is_place(rules.kind, 4) || !(*rules.range_place < double(sizes.D)) || !(*rules.n_iter >= 1.0 && *rules.n_iter <= 1e6))
      refuse("rules: expected places of features, and numbers within their limits");
  }
};

void open(Asset& a, double* numbers, int64_t size, const Given& given) {
  Sizes sizes = given.sizes;
  sizes.R = a.room = (size - Slate::size(given.sizes)) / (sizes.F + sizes.K);
  if (a.room < 1 || size != Slate::size(sizes)) refuse("slate: expected whole rows");
  a.slate = Slate(numbers, sizes);
  check(a.slate, given.rules, a.room);
}

// Of what is told of a bar before the probabilities: which are whole numbers.
constexpr bool WHOLE[] = {false, false, false, true, true, true, true, true, true, true, true, true};

// Puts a number into a tuple that is being filled, as a float or as an int.
bool fill(PyObject* tuple, int64_t place, double value, bool is_whole) {
  PyObject* number = is_whole ? PyLong_FromLongLong((long long)value) : PyFloat_FromDouble(value);
  return number && PyTuple_SetItem(tuple, place, number) == 0;  // which takes the number, come what may
}

// What is told of a bar, as a tuple whose last element are the probabilities; null if there is no memory.
PyObject* told_of(const double* told, int64_t K) {
  const int64_t whole = int64_t(sizeof(WHOLE) / sizeof(*WHOLE));
  PyObject *out = PyTuple_New(whole + 1), *probabilities = PyTuple_New(K);
  bool fine = out && probabilities;
  for (int64_t i = 0; fine && i < whole; ++i) fine = fill(out, i, told[i], WHOLE[i]);
  for (int64_t k = 0; fine && k < K; ++k) fine = fill(probabilities, k, told[whole + k], false);
  if (fine) {
    fine = PyTuple_SetItem(out, whole, probabilities) == 0;  // which takes them, come what may
    probabilities = nullptr;
  }
  Py_XDECREF(probabilities);
  if (fine) return out;
  Py_XDECREF(out);
  return nullptr;
}

}  // namespace

PyObject* follow(PyObject*, PyObject* arguments) {
  PyObject *slates, *rows, *periods, *told, *rules, *progress, *seconds;
  int trains;
  if (!PyArg_ParseTuple(arguments, "O!O!O!O!OOpO", &PyList_Type, &slates, &PyList_Type, &rows, &PyList_Type, &periods, &PyList_Type, &told,
                        &rules, &progress, &trains, &seconds))
    return nullptr;
  try {
    int64_t N = PyList_Size(slates), two = 2, three = 3;
    if (PyList_Size(rows) != N || PyList_Size(periods) != N || PyList_Size(told) != N) refuse("expected as many of each as slates");
    Given given(rules);
    Sizes& sizes = given.sizes;
    const Rules& r = given.rules;
    Array done(progress, "progress", 'l', true, {&N, &two});
    Array spent(seconds, "spent", 'd', true, {&three});
    ::follow::Spent parts;
    std::deque<Array> held;  // released when this is left
    const auto hold = [&](PyObject* list, int64_t i, const char* name, bool writable, std::initializer_list<int64_t*> shape) {
      held.emplace_back(item(list, i), name, 'd', writable, shape);
      return held.back().doubles();
    };
    std::vector<Asset> assets(static_cast<size_t>(N));
    for (int64_t i = 0; i < N; ++i) {
      Asset& a = assets[size_t(i)];
      int64_t size = -1, n = -1, width = Told::size(sizes), observed = sizes.F;
      double* numbers = hold(slates, i, "slate", true, {&size});
      open(a, numbers, size, given);
      a.rows = hold(rows, i, "rows", false, {&n, &observed});
      a.periods = hold(periods, i, "periods", false, {&n});
      a.told = hold(told, i, "told", true, {&n, &width});
      a.next = done.integers()[2 * i], a.end = n, a.stops = false;
      if (a.next < 0 || a.next > n) refuse("progress: expected places of bars");
    }
    bool out_of_memory = false;
    Py_BEGIN_ALLOW_THREADS
    try {
      ::follow::run(r, sizes, assets, trains != 0, parts);
    } catch (const std::exception&) {
      out_of_memory = true;
    }
    Py_END_ALLOW_THREADS
    if (out_of_memory) return PyErr_NoMemory();
    spent.doubles()[0] += parts.fit, spent.doubles()[1] += parts.identity, spent.doubles()[2] += parts.filter;
    for (int64_t i = 0; i < N; ++i) done.integers()[2 * i] = assets[size_t(i)].next, done.integers()[2 * i + 1] = assets[size_t(i)].stops;
  } catch (const Refused&) {
    return nullptr;
  } catch (const std::exception&) {
    return PyErr_NoMemory();
  }
  Py_RETURN_NONE;
}

PyObject* follow_bar(PyObject*, PyObject* arguments) {
  PyObject *slates, *rules, *rows, *periods, *seconds;
  int trains;
  if (!PyArg_ParseTuple(arguments, "O!OO!O!pO", &PyList_Type, &slates, &rules, &PyList_Type, &rows, &PyList_Type, &periods, &trains, &seconds))
    return nullptr;
  PyObject* out = nullptr;
  try {
    int64_t N = PyList_Size(slates), three = 3;
    if (PyList_Size(rows) != N || PyList_Size(periods) != N) refuse("expected as many of each as slates");
    const Given given(rules);
    const Sizes& sizes = given.sizes;
    Array spent(seconds, "spent", 'd', true, {&three});
    const size_t F = size_t(sizes.F), width = size_t(Told::size(sizes));
    std::vector<double> values(size_t(N) * F), told(size_t(N) * width), times(static_cast<size_t>(N));
    std::deque<Array> held;
    std::vector<Asset> assets(static_cast<size_t>(N));
    for (int64_t i = 0; i < N; ++i) {
      Asset& a = assets[size_t(i)];
      int64_t size = -1;
      held.emplace_back(item(slates, i), "slate", 'd', true, std::initializer_list<int64_t*>{&size});
      open(a, held.back().doubles(), size, given);
      PyObject* row = item(rows, i);
      if (PySequence_Size(row) != sizes.F) refuse("row: expected each feature observed");
      for (int64_t j = 0; j < sizes.F; ++j) {
        PyObject* value = PySequence_GetItem(row, j);
        values[size_t(i) * F + size_t(j)] = value ? PyFloat_AsDouble(value) : 0.0;
        Py_XDECREF(value);
        if (PyErr_Occurred()) throw Refused();
      }
      times[size_t(i)] = PyFloat_AsDouble(item(periods, i));
      if (PyErr_Occurred()) throw Refused();
      a.rows = &values[size_t(i) * F], a.periods = &times[size_t(i)], a.told = &told[size_t(i) * width];
      a.next = 0, a.end = 1, a.stops = false;
    }
    ::follow::Spent parts;
    ::follow::run(given.rules, sizes, assets, trains != 0, parts);
    spent.doubles()[0] += parts.fit, spent.doubles()[1] += parts.identity, spent.doubles()[2] += parts.filter;
    if (!(out = PyList_New(N))) throw Refused();
    for (int64_t i = 0; i < N; ++i) {
      PyObject* one = assets[size_t(i)].stops ? Py_NewRef(Py_None) : told_of(assets[size_t(i)].told, sizes.K);
      if (!one || PyList_SetItem(out, i, one) != 0) throw Refused();
    }
    return out;
  } catch (const Refused&) {
    Py_XDECREF(out);
    return nullptr;
  } catch (const std::exception&) {
    Py_XDECREF(out);
    return PyErr_NoMemory();
  }
}

// bars.features.half_log of garman_klass. The square is Python's, which asks the library for it.
static double log_range(double open, double high, double low, double close) {
  volatile double two = 2.0;  // else the compiler would multiply
  const double variance = 0.5 * std::pow(std::log(high / low), two) - (2.0 * std::log(2.0) - 1.0) * std::pow(std::log(close / open), two);
  return variance > 1e-16 ? 0.5 * std::log(variance) : std::numeric_limits<double>::quiet_NaN();
}

PyObject* observe(PyObject*, PyObject* arguments) {
  PyObject *opens, *highs, *lows, *closes, *out;
  if (!PyArg_ParseTuple(arguments, "OOOOO", &opens, &highs, &lows, &closes, &out)) return nullptr;
  try {
    int64_t N = -1, two = 2;
    Array o(opens, "opens", 'd', false, {&N}), h(highs, "highs", 'd', false, {&N}), l(lows, "lows", 'd', false, {&N});
    Array c(closes, "closes", 'd', false, {&N}), rows(out, "rows", 'd', true, {&N, &two});
    const double *open = o.doubles(), *high = h.doubles(), *low = l.doubles(), *close = c.doubles();
    double* row = rows.doubles();
    for (int64_t t = 0; t < N; ++t, row += 2) {
      row[0] = t == 0 ? std::numeric_limits<double>::quiet_NaN() : std::log(close[t] / close[t - 1]);
      row[1] = t == 0 ? row[0] : log_range(open[t], high[t], low[t], close[t]);
    }
  } catch (const Refused&) {
    return nullptr;
  }
  Py_RETURN_NONE;
}

PyObject* places(PyObject*, PyObject* arguments) {
  const char* table;
  long long K, D, F, R;
  if (!PyArg_ParseTuple(arguments, "sLLLL", &table, &K, &D, &F, &R)) return nullptr;
  Sizes sizes{};
  sizes.K = K, sizes.D = D, sizes.F = F, sizes.R = R;
  PyObject* list = PyList_New(0);
  bool fine = list != nullptr;
  int64_t at = 0;
  const auto add = [&](const char* name, const char* shape) {
    PyObject* part = Py_BuildValue("(sLs)", name, (long long)at, shape);
    fine = fine && part && PyList_Append(list, part) == 0;
    Py_XDECREF(part);
    at += sizes.of(shape);
  };
#define HR_ADD(name, shape) add(#name, shape);
  switch (table[0]) {
    case 's': HR_SLATE(HR_ADD) break;
    case 'r': HR_RULES(HR_ADD) break;
    default: HR_TOLD(HR_ADD)
  }
#undef HR_ADD
  if (fine) return list;
  Py_XDECREF(list);
  return nullptr;
}

}  // namespace following
