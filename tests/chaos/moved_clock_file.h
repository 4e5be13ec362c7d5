#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace catwalk::chaos {

/// The wall clock of a program that runs through it (moved_clock.cc), to be moved while the program runs.
class MovedClock {
 public:
  explicit MovedClock(std::filesystem::path file) : file_(std::move(file)) { MoveBy(0); }
  void MoveBy(int64_t by_s) const {
    // In place: the program has the file mapped.
    std::fstream stream(file_, std::ios::binary | std::ios::in | std::ios::out);
    if (!stream) stream.open(file_, std::ios::binary | std::ios::out);
    stream.write(reinterpret_cast<const char*>(&by_s), sizeof(by_s));
  }
  std::vector<std::string> Through() const {
    return {"env", "LD_PRELOAD=" CATWALK_MOVED_CLOCK_LIBRARY, "CATWALK_MOVED_CLOCK=" + file_.string()};
  }

 private:
  const std::filesystem::path file_;
};

}  // namespace catwalk::chaos
