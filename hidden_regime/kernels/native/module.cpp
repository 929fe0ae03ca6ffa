// The boundary: the one exported symbol is the module's entry. Arrays come as buffers; every type, order and shape is checked
// here, so nothing behind it can reach outside an array.
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <thread>
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
  Array(PyObject* object, const char* name, char type, bool writable, std::initializer_list<int64_t*> shape) {
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
    if (view.ndim != int(shape.size())) {
      PyErr_Format(PyExc_ValueError, "%s: expected %d dimensions, got %d", name, int(shape.size()), view.ndim);
      throw Refused();
    }
    int i = 0;
    for (int64_t* expected : shape) {
      const int64_t got = view.shape[i];
      if (*expected < 0) *expected = got;
      if (*expected != got) {
        PyErr_Format(PyExc_ValueError, "%s: expected %lld along axis %d, got %lld", name, (long long)*expected, i, (long long)got);
        throw Refused();
      }
      ++i;
    }
  }
  ~Array() {
    if (held) PyBuffer_Release(&view);
  }
  Array(const Array&) = delete;
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

void work(const Problem& p, int64_t threads) {
  std::vector<int64_t> follower(p.n_jobs, -1), heads[2], one_by_one;
  const bool smooths = p.n_iter == 0 && p.backward && p.n_rows == p.n_jobs;
  const bool lanes = (smooths || (p.n_iter > 0 && !p.backward)) && p.n_states <= 8 && p.n_features <= 6 && p.kind != GIVEN;
  for (int64_t j = 0; j < p.n_jobs; ++j)
    if (p.follows[j] >= 0) follower[p.follows[j]] = j;
  for (int64_t j = 0; j < p.n_jobs; ++j) {
    if (p.follows[j] >= 0) continue;
    bool whole = true, empty = false;
    for (int64_t i = j; i >= 0; i = follower[i]) whole = whole && complete(p, i), empty = empty || p.length(i) == 0;
    if (lanes && !empty)
      heads[whole ? 0 : 1].push_back(j);
    else
      one_by_one.push_back(j);
  }
  for (int weighted = 0; weighted < 2; ++weighted) {
    const int64_t n = int64_t(heads[weighted].size());
    if (n == 0) continue;
    const Queue queue{heads[weighted].data(), n, follower.data(), weighted == 1, scalar::run};
    std::atomic<int64_t> next{0};
    const Variant* variant = suited(n, std::min(threads, n));
    share_out(std::min(threads, n), [&] { (smooths ? variant->smooth : variant->fit)(p, queue, next); });
  }
  const int64_t n = int64_t(one_by_one.size());
  std::atomic<int64_t> next{0};
  if (n > 0)
    share_out(std::min(threads, n), [&] {
      for (int64_t i = next++; i < n; i = next++)
        for (int64_t j = one_by_one[i]; j >= 0; j = follower[j]) {
          if (p.follows[j] >= 0) hand_over(p, p.follows[j], j);
          scalar::run(p, j);
        }
    });
}

PyObject* run(PyObject*, PyObject* arguments) {
  PyObject *observations, *weights, *jobs, *follows, *center, *floor, *prior_counts, *prior_sums, *chain, *moments, *coefficients, *counts,
      *sums, *alpha, *logs, *scores, *status, *history, *last;
  int kind, backward, has_prior;
  double tol, blend;
  long long threads;
  if (!PyArg_ParseTuple(arguments, "OOOOOipddpLOOOOOOOOOOOOOO", &observations, &weights, &jobs, &follows, &center, &kind, &backward, &tol,
                        &blend, &has_prior, &threads, &floor, &prior_counts, &prior_sums, &chain, &moments, &coefficients, &counts, &sums,
                        &alpha, &logs, &scores, &status, &history, &last))
    return nullptr;
  try {
    int64_t S = -1, N = -1, D = -1, J = -1, K = -1, K1 = -1, M = -1, three = 3, two = 2, T = -1, R = -1, I = -1;
    Array x(observations, "observations", 'd', false, {&S, &N, &D});
    Array j(jobs, "jobs", 'l', false, {&J, &three});
    Array f(follows, "follows", 'l', false, {&J});
    Array c(chain, "chain", 'd', true, {&J, &K1, &K});
    if (K < 1 || K1 != K + 1) refuse("chain: expected n_states + 1 rows of n_states");
    if (kind < DIAG || kind > GIVEN) refuse("kind: expected 0 to 4");
    if (kind == GIVEN && D != K) refuse("observations: expected a log-density for each state");
    if (D < 1) refuse("observations: expected at least one feature");
    if (K > 1000 || D > 1000) refuse("expected at most 1000 states and features");
    const bool full = kind == FULL || kind == TIED;
    M = kind == GIVEN ? 1 : 1 + D + (full ? D * (D + 1) / 2 : D);
    int64_t CD = kind == GIVEN ? 0 : D;
    Array ce(center, "center", 'd', false, {&J, &CD});
    Array fl(floor, "floor", 'd', false, {&J, &CD});
    Array pc(prior_counts, "prior_counts", 'd', false, {&J, &K1, &K});
    Array ps(prior_sums, "prior_sums", 'd', false, {&J, &K, &M});
    Array mo(moments, "moments", 'd', true, {&J, &K, &M});
    Array co(coefficients, "coefficients", 'd', true, {&J, &K, &M});
    Array cn(counts, "counts", 'd', true, {&J, &K1, &K});
    Array su(sums, "sums", 'd', true, {&J, &K, &M});
    Array al(alpha, "alpha", 'd', true, {&R, &T, &K});
    Array lo(logs, "logs", 'd', true, {&R, &T});
    Array sc(scores, "scores", 'd', true, {&J, &two});
    Array st(status, "status", 'l', true, {&J, &three});
    Array hi(history, "history", 'd', true, {&J, &I});
    Array la(last, "last", 'd', true, {&J, &K});
    if (I < 1) refuse("history: expected n_iter + 1 columns");
    if (R != J && R != 0) refuse("alpha: expected a row for each job, or none");
    const double* w = nullptr;
    int64_t S2 = S, N2 = N;
    std::unique_ptr<Array> given;
    if (weights != Py_None) {
      given.reset(new Array(weights, "weights", 'd', false, {&S2, &N2}));
      w = given->doubles();
    }
    Problem p{x.doubles(), w, j.integers(), f.integers(), ce.doubles(), fl.doubles(), pc.doubles(), ps.doubles(), c.doubles(),
              mo.doubles(), co.doubles(), cn.doubles(), su.doubles(), al.doubles(), lo.doubles(), sc.doubles(), st.integers(),
              hi.doubles(), la.doubles(), S, N, J, K, D, M, T, R, I - 1, tol, blend, kind, backward != 0, has_prior != 0};
    int64_t longest = 0;
    std::vector<char> followed(J, 0);
    for (int64_t i = 0; i < J; ++i) {
      const int64_t series = p.jobs[3 * i], begin = p.jobs[3 * i + 1], end = p.jobs[3 * i + 2], before = p.follows[i];
      if (series < 0 || series >= S || begin < 0 || end < begin || end > N)
        refuse("jobs: expected rows of (series, begin, end) inside observations");
      if (before < -1 || before >= i || (before >= 0 && followed[before]++))
        refuse("follows: expected -1 or an earlier job, each followed once");
      longest = std::max(longest, end - begin);
    }
    if (R > 0 && longest > T) refuse("alpha: expected as many rows as the longest job");
    p.longest = R > 0 ? T : longest;
    bool out_of_memory = false;
    Py_BEGIN_ALLOW_THREADS
    try {
      work(p, std::max(1LL, threads));
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
  PyObject *rows, *probabilities, *chain, *locations, *spreads, *posterior, *logs, *fine;
  int full, first;
  if (!PyArg_ParseTuple(arguments, "OOOOOppOOO", &rows, &probabilities, &chain, &locations, &spreads, &full, &first, &posterior, &logs,
                        &fine))
    return nullptr;
  try {
    int64_t N = -1, D = -1, K = -1;
    Array x(rows, "observations", 'd', false, {&N, &D});
    Array before(probabilities, "probabilities", 'd', false, {&N, &K});
    Array a(chain, "transmat", 'd', false, {&N, &K, &K});
    Array m(locations, "means", 'd', false, {&N, &K, &D});
    Array c(spreads, "covars", 'd', false, {&N, &K, &D, &D});
    Array out(posterior, "filtered", 'd', true, {&N, &K});
    Array log_out(logs, "log_likelihood", 'd', true, {&N});
    Array ok(fine, "ok", 'l', true, {&N});
    if (K < 1 || K > 64 || D < 1 || D > 64) refuse("expected 1 to 64 states and features");
    std::vector<double> work(scalar::step_work(K, D));
    for (int64_t n = 0; n < N; ++n)
      ok.integers()[n] = scalar::step(x.doubles() + n * D, before.doubles() + n * K, a.doubles() + n * K * K, m.doubles() + n * K * D,
                                      c.doubles() + n * K * D * D, K, D, full != 0, first != 0, work.data(), out.doubles() + n * K,
                                      log_out.doubles() + n);
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
  for (const Variant* v : usable()) {
    PyObject* pair = list ? Py_BuildValue("(si)", v->name, v->lanes) : nullptr;
    if (!pair || PyList_Append(list, pair) != 0) {
      Py_XDECREF(pair);
      Py_XDECREF(list);
      return nullptr;
    }
    Py_DECREF(pair);
  }
  return list;
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

PyMethodDef methods[] = {{"run", run, METH_VARARGS, nullptr},          {"decode", decode, METH_VARARGS, nullptr},
                         {"overlaps", overlaps, METH_VARARGS, nullptr},
                         {"step", step, METH_VARARGS, nullptr},
                         {"variants", variants, METH_NOARGS, nullptr}, {"use", use, METH_VARARGS, nullptr},
                         {"multiply", multiply, METH_VARARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__native(void) {
  chosen = usable().front();
  return PyModule_Create(&definition);
}
