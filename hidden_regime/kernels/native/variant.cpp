// Compiled once for each kind of machine, with HR_VARIANT as its name: see native.py.
#include "smooth.hpp"

#define HR_TEXT(x) #x
#define HR_NAME(x) HR_TEXT(x)
#define HR_JOIN(a, b) a##b
#define HR_TABLE(name) HR_JOIN(variant_, name)

namespace HR_VARIANT {

// n rounds of 12 independent fused multiply-adds: what the ports can do at most, for the benchmark's bound.
static bool has_alone(const Problem& p) { return can_be_alone(p); }

static double multiply(int64_t n) {
  Vec sums[12];
  for (int i = 0; i < 12; ++i) sums[i] = splat(i);
  const Vec a = splat(0.999999), b = splat(1e-9);
  for (int64_t k = 0; k < n; ++k)
    for (int i = 0; i < 12; ++i) sums[i] = fma(sums[i], a, b);
  Vec total = sums[0];
  for (int i = 1; i < 12; ++i) total = total + sums[i];
  return total[0];
}

}  // namespace HR_VARIANT

extern const Variant HR_TABLE(HR_VARIANT);
const Variant HR_TABLE(HR_VARIANT) = {HR_NAME(HR_VARIANT), HR_VARIANT::L, HR_VARIANT::fit, HR_VARIANT::smooth,
                                      HR_VARIANT::has_alone,                                      HR_VARIANT::multiply};
