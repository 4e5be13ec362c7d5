#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "schemas/record.h"

namespace catwalk::bench {

struct TrafficOptions {
  /// Distinct users, drawn with Zipf's exponent 0.8, and designs, with 1.0.
  int users = 100'000;
  int designs = 5'850;
  uint64_t seed = 1;
  /// Event ids are this and a number that counts up from 0.
  std::string prefix = "bench-";
};

/// Clicks as a shop might send them, by a seed. One thread.
class Traffic {
 public:
  explicit Traffic(const TrafficOptions& options);

  /// The next click, of a user drawn, at that time (ms since the Unix epoch).
  schemas::OutgoingRecord Next(const std::string& topic, int64_t occurred_at_ms);
  /// The next click, of that user.
  schemas::OutgoingRecord NextOf(int user, const std::string& topic, int64_t occurred_at_ms);

 private:
  int Draw(const std::vector<double>& cumulative);

  const std::string prefix_;
  std::mt19937_64 random_;
  std::vector<double> users_;    // cumulative probabilities
  std::vector<double> designs_;
  int64_t sequence_ = 0;
};

}  // namespace catwalk::bench
