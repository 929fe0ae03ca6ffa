// The boundary: the one exported symbol is the module's entry. Arrays come as buffers; every type, order and shape is checked
// here, so nothing behind it can reach outside an array.
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <exception>
#include <thread>
#include <type_traits>
#include <vector>

#include "scalar.hpp"

extern const Variant variant_portable;
#ifdef HR_X86
extern const Variant variant_avx2;
extern const Variant variant_avx512;
#endif

namespace {

std::vector<const Variant*> usable() {
  std::vector<const Variant*> out;
#ifdef HR_X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd"))
    out.push_back(&variant_avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) out.push_back(&variant_avx2);
#endif
  out.push_back(&variant_portable);
  return out;
}

const Variant* chosen = nullptr;

// For few jobs a build with half the lanes has less to wait for. Both multiply and add in one rounding: equal bits.
const Variant* suited(int64_t jobs, int64_t threads) {
#ifdef HR_X86
  if (chosen == &variant_avx512 && jobs <= threads * variant_avx2.lanes) return &variant_avx2;
#endif
  return chosen;
}

struct Refused {};  // a Python exception is set

// A C-contiguous array of doubles or of 64-bit integers whose shape is what it must be; a dimension of -1 is learnt.
class Array {
 public:
  Array() = default;
  Array(PyObject* object, const char* name, char type, bool writable, std::initializer_list<int64_t*> shape) : Array() {
    take(object, name, type, writable, shape.begin(), int(shape.size()));
  }
  Array(const Array&) = delete;
  ~Array() {
    if (held) PyBuffer_Release(&view);
  }

  void take(PyObject* object, const char* name, char type, bool writable, int64_t* const* shape, int n_axes) {
    int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, &view, flags) != 0) throw Refused();
    held = true;
    const char* format = view.format ? view.format : "B";
    if (*format == '@' || *format == '=') ++format;
    const bool right = type == 'd' ? *format == 'd' : (*format == 'l' || *format == 'q');
    if (!right || format[1] != 0 || view.itemsize != 8) {
      PyErr_Format(PyExc_TypeError, "%s: expected an array of %s", name, type == 'd' ? "float64" : "int64");
      throw Refused();
    }
    if (view.ndim != n_axes) {
      PyErr_Format(PyExc_ValueError, "%s: expected %d dimensions, got %d", name, n_axes, view.ndim);
      throw Refused();
    }
    for (int i = 0; i < n_axes; ++i) {
      int64_t* expected = shape[i];
      const int64_t got = view.shape[i];
      if (*expected < 0) *expected = got;
      if (*expected != got) {
        PyErr_Format(PyExc_ValueError, "%s: expected %lld along axis %d, got %lld", name, (long long)*expected, i, (long long)got);
        throw Refused();
      }
    }
  }

  void* data() const { return view.buf; }
  double* doubles() const { return static_cast<double*>(view.buf); }
  int64_t* integers() const { return static_cast<int64_t*>(view.buf); }

 private:
  Py_buffer view;
  bool held = false;
};

void refuse(const char* message) {
  PyErr_SetString(PyExc_ValueError, message);
  throw Refused();
}

// Calls work(thread) on each of `threads` threads, this one among them; rethrows what one of them threw.
template <class Work>
void share_out(int64_t threads, Work work) {
  std::vector<std::thread> others;
  std::exception_ptr error;
  std::atomic<bool> failed{false};
  auto guarded = [&] {
    try {
      work();
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
    }
  };
  try {
    for (int64_t i = 1; i < threads; ++i) others.emplace_back(guarded);
  } catch (const std::exception&) {
    // Fewer threads than asked for do the same work.
  }
  guarded();
  for (std::thread& other : others) other.join();
  if (error) std::rethrow_exception(error);
}

bool complete(const Problem& p, int64_t job) {
  const double* x = p.observation(job, 0);
  for (int64_t i = 0; i < p.length(job) * p.n_features; ++i)
    if (x[i] != x[i]) return false;
  return p.weights == nullptr;
}

void work(const Problem& p) {
  std::vector<int64_t> in_lanes[2], one_by_one;
  const bool smooths = p.n_iter == 0 && p.backward && p.n_rows == p.n_jobs;
  const bool lanes = (smooths || (p.n_iter > 0 && !p.backward)) && p.n_states <= 8 && p.n_features <= 6 && p.kind != GIVEN;
  for (int64_t j = 0; j < p.n_jobs; ++j) (lanes && p.length(j) > 0 ? in_lanes[complete(p, j) ? 0 : 1] : one_by_one).push_back(j);
  const int64_t threads = std::max(int64_t(1), p.threads);
  for (int weighted = 0; weighted < 2; ++weighted) {
    const int64_t n = int64_t(in_lanes[weighted].size());
    if (n == 0) continue;
    const Queue queue{in_lanes[weighted].data(), n, weighted == 1, scalar::run};
    std::atomic<int64_t> next{0};
    const Variant* variant = suited(n, std::min(threads, n));
    share_out(std::min(threads, n), [&] { (smooths ? variant->smooth : variant->fit)(p, queue, next); });
  }
  const int64_t n = int64_t(one_by_one.size());
  std::atomic<int64_t> next{0};
  if (n > 0)
    share_out(std::min(threads, n), [&] {
      for (int64_t i = next++; i < n; i = next++) scalar::run(p, one_by_one[i]);
    });
}

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
