#include <algorithm>
#include <cmath>

#include "evaluate/baseline.h"
#include "evaluate/event_decay.h"

namespace catwalk::evaluate {
namespace {

class Popularity final : public Baseline {
 public:
  std::string_view Name() const override { return "popularity"; }
  void Score(const Choice&, std::span<float> scores) override {
    for (size_t i = 0; i < scores.size(); ++i) scores[i] = i < counts_.size() ? counts_[i] : 0;
  }
  void Learn(const Choice& choice) override {
    const auto at = static_cast<size_t>(choice.design);
    if (counts_.size() <= at) counts_.resize(at + 1);
    ++counts_[at];
  }

 private:
  std::vector<float> counts_;
};

class DecayedPopularity final : public Baseline {
 public:
  std::string_view Name() const override { return "decayed_popularity"; }
  void Score(const Choice&, std::span<float> scores) override { counts_.Write(scores); }
  void Learn(const Choice& choice) override {
    counts_.Tick();
    counts_.Add(choice.design);
  }

 private:
  DecayedCounts counts_{5'000};
};

class Recency final : public Baseline {
 public:
  std::string_view Name() const override { return "recency"; }
  void Score(const Choice&, std::span<float> scores) override {
    for (size_t i = 0; i < scores.size(); ++i) scores[i] = i < last_.size() ? last_[i] : 0;
  }
  void Learn(const Choice& choice) override {
    const auto at = static_cast<size_t>(choice.design);
    if (last_.size() <= at) last_.resize(at + 1);
    last_[at] = static_cast<float>(++events_);
  }

 private:
  int64_t events_ = 0;
  std::vector<float> last_;  // the number of its latest event
};

class SegmentPopularity final : public Baseline {
 public:
  std::string_view Name() const override { return "segment_popularity"; }

  void Score(const Choice& before, std::span<float> scores) override {
    const double total = everyone_.total() + 1;
    for (size_t i = 0; i < scores.size(); ++i) scores[i] = static_cast<float>(std::log(everyone_.At(i) + kLeast));
    const auto weight = 1.0 / static_cast<double>(std::max<size_t>(before.segments.size(), 1));
    for (const int32_t segment : before.segments) {
      if (static_cast<size_t>(segment) >= segments_.size()) continue;
      const auto& counts = segments_[static_cast<size_t>(segment)];
      for (size_t i = 0; i < scores.size(); ++i) {
        const double share = (everyone_.At(i) + kLeast) / total;
        scores[i] += static_cast<float>(weight * std::log((counts.At(i) + kPrior * share) / ((counts.total() + kPrior) * share)));
      }
    }
  }

  void Learn(const Choice& choice) override {
    everyone_.Tick();
    everyone_.Add(choice.design);
    for (auto& counts : segments_) counts.Tick();
    for (const int32_t segment : choice.segments) {
      while (segments_.size() <= static_cast<size_t>(segment)) segments_.emplace_back(kHalfLife);
      segments_[static_cast<size_t>(segment)].Add(choice.design);
    }
  }

 private:
  static constexpr double kHalfLife = 5'000;
  static constexpr double kPrior = 300;   // events that a segment behaves as everyone
  static constexpr double kLeast = 0.01;  // of an event, so that no share is 0

  DecayedCounts everyone_{kHalfLife};
  std::vector<DecayedCounts> segments_;
};

}  // namespace

std::unique_ptr<Baseline> MakePopularity() { return std::make_unique<Popularity>(); }
std::unique_ptr<Baseline> MakeDecayedPopularity() { return std::make_unique<DecayedPopularity>(); }
std::unique_ptr<Baseline> MakeRecency() { return std::make_unique<Recency>(); }
std::unique_ptr<Baseline> MakeSegmentPopularity() { return std::make_unique<SegmentPopularity>(); }

std::vector<std::unique_ptr<Baseline>> MakeBaselines(uint64_t seed) {
  std::vector<std::unique_ptr<Baseline>> all;
  all.push_back(MakePopularity());
  all.push_back(MakeDecayedPopularity());
  all.push_back(MakeRecency());
  all.push_back(MakeItemNeighbours());
  all.push_back(MakeIsgd(seed));
  all.push_back(MakeIals(seed));
  all.push_back(MakeSegmentPopularity());
  return all;
}

}  // namespace catwalk::evaluate
