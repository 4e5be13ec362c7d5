#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "streams/log.h"

namespace catwalk::apps {

/// Which process answers for a partition, as the group's members say; asked for at most once a second. Safe from any thread.
class OwnerDirectory {
 public:
  /// Borrows `log` and `clock`. `topic` is one that the group reads.
  OwnerDirectory(streams::Log& log, std::string group, std::string topic, const Clock& clock)
      : log_(log), group_(std::move(group)), topic_(std::move(topic)), clock_(clock) {}

  /// HOST:PORT; none if nobody owns the partition, or its owner does not say where it is. May wait for the broker.
  std::optional<std::string> AddressOf(int32_t partition);

 private:
  using Owners = std::map<int32_t, std::string>;
  Owners Current();

  streams::Log& log_;
  const std::string group_, topic_;
  const Clock& clock_;
  std::mutex mutex_;
  Owners owners_;              // guarded by mutex_
  int64_t fresh_until_us_ = 0; // guarded by mutex_
};

}  // namespace catwalk::apps
