// The boundary: the one exported symbol is the module's entry. Arrays come as buffers; every type, order and shape is checked
// here, so nothing behind it can reach outside an array.
#include "arrays.hpp"

#include <algorithm>
#include <climits>
#include <cmath>
#include <exception>
#include <type_traits>
#include <vector>

#include "dispatch.hpp"
#include "following.hpp"
#include "scalar.hpp"

namespace {

struct Field {
  const char* name;
  char type;  // of doubles or of 64-bit integers
  bool writable;
  const char* shape;
};

template <class T>
constexpr Field field(const char* name, const char* shape) {
  return {name, std::is_same<std::remove_const_t<T>, double>::value ? 'd' : 'l', !std::is_const<T>::value, shape};
}

#define HR_FIELD(name, type, shape) field<type>(#name, shape),
constexpr Field FIELDS[] = {HR_ARRAYS(HR_FIELD)};
#undef HR_FIELD
constexpr int N_FIELDS = sizeof(FIELDS) / sizeof(*FIELDS);

#define HR_NAME(name, ...) #name,
constexpr const char* NAMES[] = {HR_ARRAYS(HR_NAME) HR_NUMBERS(HR_NAME)};
#undef HR_NAME
constexpr int N_NAMES = sizeof(NAMES) / sizeof(*NAMES);
PyObject* interned[N_NAMES];  // each name as Python's own string, by which it finds attributes fastest

// An attribute of the Python object that was handed over, by its place in NAMES.
class Attribute {
 public:
  Attribute(PyObject* owner, int place) : object(PyObject_GetAttr(owner, interned[place])) {
    if (!object) throw Refused();
  }
  Attribute(const Attribute&) = delete;
  ~Attribute() { Py_DECREF(object); }
  PyObject* const object;
};

void read(PyObject* object, int64_t* out) {
  *out = PyLong_AsLongLong(object);
  if (*out == -1 && PyErr_Occurred()) throw Refused();
}

void read(PyObject* object, int* out) {
  int64_t value;
  read(object, &value);
  *out = int(std::max(int64_t(INT_MIN), std::min(int64_t(INT_MAX), value)));
}

void read(PyObject* object, double* out) {
  *out = PyFloat_AsDouble(object);
  if (*out == -1.0 && PyErr_Occurred()) throw Refused();
}

void read(PyObject* object, bool* out) {
  const int truth = PyObject_IsTrue(object);
  if (truth < 0) throw Refused();
  *out = truth != 0;
}

// A Problem whose arrays are held for as long as this lives.
struct Call {
  Problem p{};

  explicit Call(PyObject* call) {
    int64_t size[128];  // of each letter's dimension
    std::fill(size, size + 128, int64_t(-1));
    size['2'] = 2, size['3'] = 3;
    for (int i = 0; i < N_FIELDS; ++i) {
      const Field& f = FIELDS[i];
      int64_t* shape[3];
      int n_axes = 0;
      for (const char* letter = f.shape; *letter; ++letter) shape[n_axes++] = &size[int(*letter)];
      arrays[i].take(Attribute(call, i).object, f.name, f.type, f.writable, shape, n_axes);
    }
    int i = 0;
#define HR_READ(name, type, shape) p.name = static_cast<type*>(arrays[i++].data());
    HR_ARRAYS(HR_READ)
#undef HR_READ
#define HR_READ(name, type) read(Attribute(call, i++).object, &p.name);
    HR_NUMBERS(HR_READ)
#undef HR_READ
    p.n_series = size['S'], p.n_samples = size['N'], p.n_jobs = size['J'], p.n_states = size['K'], p.n_features = size['D'];
    p.n_monomials = size['M'], p.n_rows = size['R'], p.n_iter = size['I'] - 1;
    check(size);
  }

 private:
  Array arrays[N_FIELDS];

  void check(const int64_t* size) {
    const int64_t K = p.n_states, D = p.n_features;
    if (K < 1 || size['L'] != K + 1) refuse("chain: expected n_states + 1 rows of n_states");
    if (p.kind < DIAG || p.kind > GIVEN) refuse("kind: expected 0 to 4");
    if (p.kind == GIVEN && D != K) refuse("observations: expected a log-density for each state");
    if (D < 1) refuse("observations: expected at least one feature");
    if (K > 1000 || D > 1000) refuse("expected at most 1000 states and features");
    if (p.n_monomials != (p.kind == GIVEN ? 1 : 1 + D + (p.is_full() ? D * (D + 1) / 2 : D))) refuse("moments: expected each monomial");
    if (size['C'] != (p.kind == GIVEN ? 0 : D)) refuse("center: expected each feature");
    if (p.n_iter < 0) refuse("history: expected n_iter + 1 columns");
    if (p.n_rows != p.n_jobs && p.n_rows != 0) refuse("posterior: expected a row for each job, or none");
    if (size['V'] == 0 && size['W'] == 0)
      p.weights = nullptr;
    else if (size['V'] != p.n_series || size['W'] != p.n_samples)
      refuse("weights: expected one for each sample of each series, or none");
    if (size['Q'] == 0)
      p.tails = nullptr;
    else if (size['Q'] != p.n_jobs)
      refuse("tails: expected a row for each job, or none");
    else if (p.n_iter > 0 || p.kind == GIVEN)
      refuse("tails: expected none where moments are fitted, or densities given");
    int64_t longest = 0;
    for (int64_t i = 0; i < p.n_jobs; ++i) {
      const int64_t series = p.jobs[3 * i], begin = p.jobs[3 * i + 1], end = p.jobs[3 * i + 2];
      if (series < 0 || series >= p.n_series || begin < 0 || end < begin || end > p.n_samples)
        refuse("jobs: expected rows of (series, begin, end) inside observations");
      longest = std::max(longest, end - begin);
    }
    if (p.n_rows > 0 && longest > size['T']) refuse("posterior: expected as many rows as the longest job");
    p.longest = p.n_rows > 0 ? size['T'] : longest;
  }
};

// Runs a call.Call, whose attributes are read by the names of the table in problem.hpp.
PyObject* run(PyObject*, PyObject* argument) {
  try {
    const Call call(argument);
    bool out_of_memory = false;
    Py_BEGIN_ALLOW_THREADS
    try {
      work(call.p);
    } catch (const std::exception&) {
      out_of_memory = true;
    }
    Py_END_ALLOW_THREADS
    if (out_of_memory) return PyErr_NoMemory();
  } catch (const Refused&) {
    return nullptr;
  }
  Py_RETURN_NONE;
}

// Appends what was just made, and lets go of it; false if there is no memory.
bool append(PyObject* list, PyObject* item) {
  const bool fine = item && PyList_Append(list, item) == 0;
  Py_XDECREF(item);
  return fine;
}

// What `run` reads: (name, type, whether it is written, shape) of each array, then (name, type) of each number.
PyObject* fields(PyObject*, PyObject*) {
  PyObject* list = PyList_New(0);
  bool fine = list != nullptr;
  for (const Field& f : FIELDS)
    fine = fine && append(list, Py_BuildValue("(ssOs)", f.name, f.type == 'd' ? "float64" : "int64", f.writable ? Py_True : Py_False,
                                              f.shape));
#define HR_NAME(name, type) fine = fine && append(list, Py_BuildValue("(ss)", #name, #type));
  HR_NUMBERS(HR_NAME)
#undef HR_NAME
  if (fine) return list;
  Py_XDECREF(list);
  return nullptr;
}

PyObject* decode(PyObject*, PyObject* arguments) {
  PyObject *densities, *startprob, *transmat, *lengths, *states, *values;
  if (!PyArg_ParseTuple(arguments, "OOOOOO", &densities, &lengths, &startprob, &transmat, &states, &values)) return nullptr;
  try {
    int64_t J = -1, T = -1, K = -1;
    Array x(densities, "log_densities", 'd', false, {&J, &T, &K});
    Array n(lengths, "lengths", 'l', false, {&J});
    Array a(startprob, "log_startprob", 'd', false, {&J, &K});
    Array b(transmat, "log_transmat", 'd', false, {&J, &K, &K});
    Array s(states, "states", 'l', true, {&J, &T});
    Array v(values, "log_probability", 'd', true, {&J});
    if (K < 1) refuse("log_densities: expected at least one state");
    for (int64_t i = 0; i < J; ++i)
      if (n.integers()[i] < 0 || n.integers()[i] > T) refuse("lengths: expected at most the rows of log_densities");
    bool out_of_memory = false;
    Py_BEGIN_ALLOW_THREADS
    try {
      std::vector<double> best(K), following(K);
      std::vector<int64_t> came(T * K);
      for (int64_t i = 0; i < J; ++i) {
        std::fill(best.begin(), best.end(), 0.0);
        v.doubles()[i] = scalar::decode(x.doubles() + i * T * K, n.integers()[i], K, a.doubles() + i * K, b.doubles() + i * K * K,
                                        best.data(), following.data(), came.data(), s.integers() + i * T);
      }
    } catch (const std::exception&) {
      out_of_memory = true;
    }
    Py_END_ALLOW_THREADS
    if (out_of_memory) return PyErr_NoMemory();
  } catch (const Refused&) {
    return nullptr;
  }
  Py_RETURN_NONE;
}

// One filter step of each series; says of each whether its covariances are positive definite.
PyObject* step(PyObject*, PyObject* arguments) {
  PyObject *rows, *probabilities, *chain, *locations, *spreads, *shapes, *posterior, *logs, *fine;
  int full, first;
  if (!PyArg_ParseTuple(arguments, "OOOOOOppOOO", &rows, &probabilities, &chain, &locations, &spreads, &shapes, &full, &first,
                        &posterior, &logs, &fine))
    return nullptr;
  try {
    int64_t N = -1, D = -1, K = -1;
    Array x(rows, "observations", 'd', false, {&N, &D});
    Array before(probabilities, "probabilities", 'd', false, {&N, &K});
    Array a(chain, "transmat", 'd', false, {&N, &K, &K});
    Array m(locations, "means", 'd', false, {&N, &K, &D});
    Array c(spreads, "covars", 'd', false, {&N, &K, &D, &D});
    int64_t Q = -1, two = 2;
    Array tails(shapes, "tails", 'd', false, {&Q, &K, &two});
    Array out(posterior, "filtered", 'd', true, {&N, &K});
    Array log_out(logs, "log_likelihood", 'd', true, {&N});
    Array ok(fine, "ok", 'l', true, {&N});
    if (K < 1 || K > 64 || D < 1 || D > 64) refuse("expected 1 to 64 states and features");
    if (Q != 0 && Q != N) refuse("tails: expected a row for each series, or none");
    std::vector<double> work(scalar::step_work(K, D));
    for (int64_t n = 0; n < N; ++n)
      ok.integers()[n] = scalar::step(x.doubles() + n * D, before.doubles() + n * K, a.doubles() + n * K * K, m.doubles() + n * K * D,
                                      c.doubles() + n * K * D * D, Q ? tails.doubles() + n * K * 2 : nullptr, K, D, full != 0, first != 0,
                                      work.data(), out.doubles() + n * K, log_out.doubles() + n);
  } catch (const Refused&) {
    return nullptr;
  } catch (const std::exception&) {
    return PyErr_NoMemory();
  }
  Py_RETURN_NONE;
}

// out[n, i, j] = sum over t of a[n, t, i] b[n, t, j], in the order of t.
PyObject* overlaps(PyObject*, PyObject* arguments) {
  PyObject *first, *second, *sums;
  if (!PyArg_ParseTuple(arguments, "OOO", &first, &second, &sums)) return nullptr;
  try {
    int64_t N = -1, T = -1, K = -1, rows = -1;
    Array a(first, "first", 'd', false, {&N, &T, &K});
    Array b(second, "second", 'd', false, {&N, &rows, &K});
    if (rows < T) refuse("second: expected at least as many rows as first");
    Array out(sums, "out", 'd', true, {&N, &K, &K});
    std::fill(out.doubles(), out.doubles() + N * K * K, 0.0);
    Py_BEGIN_ALLOW_THREADS
    for (int64_t n = 0; n < N; ++n) {
      double* o = out.doubles() + n * K * K;
      for (int64_t t = 0; t < T; ++t) {
        const double *x = a.doubles() + (n * T + t) * K, *y = b.doubles() + (n * rows + t) * K;
        for (int64_t i = 0; i < K; ++i)
          for (int64_t j = 0; j < K; ++j) o[i * K + j] += x[i] * y[j];
      }
    }
    Py_END_ALLOW_THREADS
  } catch (const Refused&) {
    return nullptr;
  }
  Py_RETURN_NONE;
}

// Names of the builds that this machine can run, fastest first, each with its lanes.
PyObject* variants(PyObject*, PyObject*) {
  PyObject* list = PyList_New(0);
  bool fine = list != nullptr;
  for (const Variant* v : usable()) fine = fine && append(list, Py_BuildValue("(si)", v->name, v->lanes));
  if (fine) return list;
  Py_XDECREF(list);
  return nullptr;
}

// The build in use; with an argument, chooses it by its place in variants().
PyObject* use(PyObject*, PyObject* arguments) {
  long long place = -1;
  if (!PyArg_ParseTuple(arguments, "|L", &place)) return nullptr;
  const std::vector<const Variant*> all = usable();
  if (place >= (long long)all.size()) {
    PyErr_SetString(PyExc_ValueError, "use: expected a place in variants()");
    return nullptr;
  }
  if (place >= 0) chosen = all[place];
  return PyUnicode_FromString(chosen->name);
}

// Runs n rounds of 12 vector multiply-adds, for the benchmark's bound.
PyObject* multiply(PyObject*, PyObject* arguments) {
  long long n;
  if (!PyArg_ParseTuple(arguments, "L", &n)) return nullptr;
  return PyFloat_FromDouble(chosen->multiply(n));
}

PyMethodDef methods[] = {{"run", run, METH_O, nullptr},
                         {"fields", fields, METH_NOARGS, nullptr},
                         {"decode", decode, METH_VARARGS, nullptr},
                         {"overlaps", overlaps, METH_VARARGS, nullptr},
                         {"step", step, METH_VARARGS, nullptr},
                         {"follow", following::follow, METH_VARARGS, nullptr},
                         {"follow_bar", following::follow_bar, METH_VARARGS, nullptr},
                         {"observe", following::observe, METH_VARARGS, nullptr},
                         {"places", following::places, METH_VARARGS, nullptr},
                         {"variants", variants, METH_NOARGS, nullptr},
                         {"use", use, METH_VARARGS, nullptr},
                         {"multiply", multiply, METH_VARARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};
PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__native(void) {
  chosen = usable().front();
  for (int i = 0; i < N_NAMES; ++i)
    if (!(interned[i] = PyUnicode_InternFromString(NAMES[i]))) return nullptr;
  return PyModule_Create(&definition);
}
