#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "schemas/record.h"

namespace catwalk::tests {

/// Rentals to replay: the first `rows` of the real ones if they lie beside the checkout, else seeded ones of the same shape
/// (then it says so). Written to `path` as tab-separated values.
void WriteRentals(const std::string& path, int rows);
/// The --map and --set with which both are replayed.
std::vector<std::string> RentalFlags();

/// Records for all five user topics (named by their default names): `users` users, some with many events, out of order, 1 %
/// duplicates, 1 % garbage that breaks a rule.
struct Mixture {
  std::vector<schemas::OutgoingRecord> records;
  std::set<std::string> wanted;  // the events that want a list
  int64_t garbage = 0;           // records that break a rule
};
Mixture MakeMixture(uint64_t seed, int events, int users);

}  // namespace catwalk::tests
