// Preloaded into the program under test: its wall clock is off by what a file says, which may change at any time. libfaketime does the
// same and more, but asks for memory on its way, and jemalloc for the time.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

const std::atomic<int64_t>* off_by_s = nullptr;

/// As the library is loaded, while there is one thread.
__attribute__((constructor)) void MapFile() {
  const char* const path = std::getenv("CATWALK_MOVED_CLOCK");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* const mapped = file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  off_by_s = static_cast<const std::atomic<int64_t>*>(mapped);
  close(file);
}

int64_t OffByS() { return off_by_s == nullptr ? 0 : off_by_s->load(std::memory_order_relaxed); }

}  // namespace

extern "C" {

/// Deadlines are by the wall clock that the program reads; the kernel has another one.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* deadline) {
  static auto* const wait = reinterpret_cast<decltype(&pthread_cond_timedwait)>(dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2"));
  const timespec in_truth{deadline->tv_sec - OffByS(), deadline->tv_nsec};
  return wait(condition, mutex, &in_truth);
}

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* deadline) {
  static auto* const wait = reinterpret_cast<decltype(&cnd_timedwait)>(dlsym(RTLD_NEXT, "cnd_timedwait"));
  const timespec in_truth{deadline->tv_sec - OffByS(), deadline->tv_nsec};
  return wait(condition, mutex, &in_truth);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto failed = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  const bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (failed == 0 && wall) time->tv_sec += OffByS();
  return failed;
}

int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  const int failed = clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1'000};
  return failed;
}

int timespec_get(timespec* time, int base) noexcept { return clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0; }

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
