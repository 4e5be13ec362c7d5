#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "schemas/record.h"

namespace catwalk::chaos {

/// A seeded stream of input for all topics that are read: a few users and designs with much between them, event times out of
/// order, what was bought and how it fitted, a changing catalogue, duplicates, and poison of every kind in every topic, the
/// internal ones too. Topics have their default names.
class Workload {
 public:
  Workload(uint64_t seed, int partitions) : random_(seed), partitions_(partitions) {}

  /// The next `count` events and what comes with them.
  std::vector<schemas::OutgoingRecord> Next(int count);
  /// Ids of the events so far that want a list, one each.
  const std::set<std::string>& wanted() const { return wanted_; }

 private:
  static constexpr uint64_t kUsers = 60, kDesigns = 150;  // more designs than a signal brings

  struct Purchase {
    std::string user, design, event;
  };

  void AddEvent();
  void AddClick();
  void AddPurchase();
  void AddActivity();
  void AddFeedback();
  void AddProfile();
  void AddDesign();
  void AddPoison();
  void Add(std::string topic, std::string key, std::string value);
  void AddWanted(std::string topic, const std::string& user, const std::string& more);
  std::string Common(const std::string& user);
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  std::string User() { return "u" + std::to_string(Skewed(kUsers)); }
  std::string Design() { return "d" + std::to_string(Skewed(kDesigns)); }
  uint64_t Skewed(uint64_t bound) { return Below(1 + Below(bound)); }

  std::mt19937_64 random_;
  const int partitions_;
  int64_t events_ = 0;
  std::string event_;                 // the id of the one being made
  std::vector<Purchase> purchases_;
  std::set<std::string> wanted_;
  std::vector<schemas::OutgoingRecord> records_;
};

}  // namespace catwalk::chaos
