// Arrays of Python's: buffers whose type, order and shape are checked, so that nothing behind them can reach outside.
#pragma once

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <cstdint>
#include <initializer_list>

struct Refused {};  // a Python exception is set

[[noreturn]] inline void refuse(const char* message) {
  PyErr_SetString(PyExc_ValueError, message);
  throw Refused();
}

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
