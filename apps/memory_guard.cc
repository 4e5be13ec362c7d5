#include "apps/memory_guard.h"

#include <spdlog/logger.h>
#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/logging.h"
#include "state/memory_limit.h"

// jemalloc, where the program is linked with it.
extern "C" int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value, size_t new_size) __attribute__((weak));

namespace catwalk::apps {
namespace {

constexpr std::chrono::milliseconds kTick{50};
constexpr int kTicksPerLook = 4;
constexpr int kLooksPerMinute = 300;

constexpr double kLeastShare = 1.0 / 64;
/// Between high and ceiling is what memory may go up by until caches have followed.
constexpr double kHigh = 0.85, kLow = 0.81;
constexpr double kShrink = 0.8, kGrow = 1.01;
/// Caches take a few commits to follow. To ask again before that would take far more from them than is missing; it is done only where
/// the ceiling is near.
constexpr int kLooksToFollow = 5;
constexpr double kUrgent = 0.9;

bool IsAbove(double part, uint64_t resident_bytes, uint64_t ceiling_bytes) {
  return ceiling_bytes != 0 && static_cast<double>(resident_bytes) > part * static_cast<double>(ceiling_bytes);
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

/// Of all arenas (4096 stands for them), what is free: at once, not with the time that it takes to decay.
void ReturnFreeMemory() {
  if (mallctl != nullptr) mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

/// Huge pages make looking up state faster, and hold what is free in them. A system that does without them goes on as it is.
void DoWithoutHugePages() { (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); }

}  // namespace

double NextCacheShare(double share, uint64_t resident_bytes, uint64_t ceiling_bytes) {
  if (ceiling_bytes == 0) return 1;
  const double used = static_cast<double>(resident_bytes) / static_cast<double>(ceiling_bytes);
  if (used > kHigh) return std::max(kLeastShare, share * kShrink);
  return used < kLow ? std::min(1.0, share * kGrow) : share;
}

MemoryGuard::MemoryGuard(uint64_t ceiling_bytes, state::Database& database, prometheus::Registry& registry)
    : ceiling_bytes_(ceiling_bytes), database_(database),
      resident_(Gauge(registry, "process_resident_memory_bytes", "Resident memory size in bytes.")),
      share_(Gauge(registry, "catwalk_cache_share", "How much of what they may hold caches are given; below 1 near run.memory_bytes.")),
      looks_since_warning_(kLooksPerMinute), thread_([this](const std::stop_token& stop) { Watch(stop); }) {
  Gauge(registry, "catwalk_memory_ceiling_bytes", "Bytes of memory the process may use.").Set(static_cast<double>(ceiling_bytes));
}

void MemoryGuard::Watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (int tick = 0; !stop.stop_requested(); tick = (tick + 1) % kTicksPerLook) {
    if (tick == 0) Look();
    else ReturnFreeMemoryIfUrgent();
    stopped_.wait_for(lock, stop, kTick, [] { return false; });
  }
}

void MemoryGuard::Look() {
  const uint64_t resident_bytes = NeededMemory();
  const double share = database_.cache_share();
  double next = NextCacheShare(share, resident_bytes, ceiling_bytes_);
  const bool following = looks_to_follow_ > 0 && !IsAbove(kUrgent, resident_bytes, ceiling_bytes_);
  looks_to_follow_ = std::max(0, looks_to_follow_ - 1);
  if (next < share && following) next = share;
  if (next < share) looks_to_follow_ = kLooksToFollow;
  if (next != share) database_.SetCacheShare(next);
  WarnIfNothingIsLeft(resident_bytes);
  resident_.Set(static_cast<double>(resident_bytes));
  share_.Set(next);
}

/// What is free is no reason to take anything from caches: near the ceiling it is given back before anything is judged.
uint64_t MemoryGuard::NeededMemory() const {
  const uint64_t resident_bytes = state::ResidentMemory();
  if (!IsAbove(kHigh, resident_bytes, ceiling_bytes_)) return resident_bytes;
  DoWithoutHugePages();
  ReturnFreeMemory();
  return state::ResidentMemory();
}

/// What is freed between two looks has been 30 MiB, as the allocator keeps it to use it again.
void MemoryGuard::ReturnFreeMemoryIfUrgent() const {
  if (IsAbove(kUrgent, state::ResidentMemory(), ceiling_bytes_)) ReturnFreeMemory();
}

void MemoryGuard::WarnIfNothingIsLeft(uint64_t resident_bytes) {
  ++looks_since_warning_;
  if (resident_bytes <= ceiling_bytes_ || database_.cache_share() > kLeastShare || looks_since_warning_ < kLooksPerMinute) return;
  looks_since_warning_ = 0;
  catwalk::Log("catwalk")->warn(
      "{} MiB of memory are in use, {} are allowed, and no cache is left to give way; raise run.memory_bytes (or the cgroup's limit), or "
      "lower kafka.fetch_buffer_bytes or the workers",
      resident_bytes >> 20, ceiling_bytes_ >> 20);
}

}  // namespace catwalk::apps
