#include "dispatch.hpp"

#include <algorithm>
#include <exception>
#include <thread>

#include "scalar.hpp"

extern const Variant variant_portable;
#ifdef HR_X86
extern const Variant variant_avx2;
extern const Variant variant_avx512;
#endif

const Variant* chosen = nullptr;

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

namespace {

constexpr int64_t FEW = 2;  // jobs of a thread that are done sooner one after the other than in lanes that are mostly empty

// For few jobs a build with half the lanes has less to wait for. Both multiply and add in one rounding: equal bits.
const Variant* suited(int64_t jobs, int64_t threads) {
#ifdef HR_X86
  if (chosen == &variant_avx512 && jobs <= threads * variant_avx2.lanes) return &variant_avx2;
#endif
  return chosen;
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

}  // namespace

void work(const Problem& p, bool without_gaps) {
  std::vector<int64_t> in_lanes[2], one_by_one;
  const bool smooths = p.n_iter == 0 && p.backward && p.n_rows == p.n_jobs;
  const bool lanes = (smooths || (p.n_iter > 0 && !p.backward)) && p.n_states <= 8 && p.n_features <= 6 && p.kind != GIVEN;
  for (int64_t j = 0; j < p.n_jobs; ++j) (lanes && p.length(j) > 0 ? in_lanes[without_gaps || complete(p, j) ? 0 : 1] : one_by_one).push_back(j);
  const int64_t threads = std::max(int64_t(1), p.threads);
  for (int weighted = 0; weighted < 2; ++weighted) {
    const int64_t n = int64_t(in_lanes[weighted].size());
    if (n == 0) continue;
    const Variant* variant = suited(n, std::min(threads, n));
    // A smoother of Gaussians has no such recursion: nobody asks it for one series at each bar.
    const bool alone = !weighted && n <= FEW * std::min(threads, n) && variant->can_be_alone(p) && (!smooths || p.tails);
    const Queue queue{in_lanes[weighted].data(), n, weighted == 1, alone, scalar::run};
    std::atomic<int64_t> next{0};
    share_out(std::min(threads, n), [&] { (smooths ? variant->smooth : variant->fit)(p, queue, next); });
  }
  const int64_t n = int64_t(one_by_one.size());
  std::atomic<int64_t> next{0};
  if (n > 0)
    share_out(std::min(threads, n), [&] {
      for (int64_t i = next++; i < n; i = next++) scalar::run(p, one_by_one[i]);
    });
}
