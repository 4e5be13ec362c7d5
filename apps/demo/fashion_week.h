#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "schemas/events.pb.h"
#include "schemas/record.h"
#include "schemas/topics.h"

namespace catwalk::apps {

/// A simulated fashion week: designs with attributes, visitors with tastes, and shows that make trends. A function of its
/// seed; makes records, sends nothing.
class FashionWeek {
 public:
  struct Options {
    uint64_t seed = 7;
    int designs = 480;
    int visitors = 2'000;
    /// The week ends here; it lasts seven days.
    int64_t end_ms = 0;
  };
  explicit FashionWeek(const Options& options);

  const std::vector<schemas::Design>& designs() const { return designs_; }

  /// The catalogue, as records for `designs`.
  std::vector<schemas::OutgoingRecord> Catalogue(const schemas::TopicNames& names) const;
  /// Event `index` of `count`, spread over the week in order: a click or purchase of a visitor.
  schemas::OutgoingRecord Event(const schemas::TopicNames& names, int64_t index, int64_t count);
  /// A guest's click on a design, now.
  static schemas::OutgoingRecord Click(const schemas::TopicNames& names, const std::string& user_id,
                                       const std::string& event_id, const std::string& design_id, int64_t now_ms);
  /// Designs of one style (a category of one designer), most typical first: what the guest of the demo will click.
  std::vector<std::string> OneStyle(size_t count) const;

 private:
  struct Visitor {
    std::string id;
    std::vector<double> taste;  // cumulative weight over designs
  };
  void MakeDesigns(int count);
  void MakeVisitors(int count);
  size_t Choose(const Visitor& visitor, int64_t at_ms);
  double Uniform() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  Options options_;
  std::mt19937_64 random_;
  std::vector<schemas::Design> designs_;
  std::vector<std::vector<size_t>> by_designer_;
  std::vector<Visitor> visitors_;
};

}  // namespace catwalk::apps
