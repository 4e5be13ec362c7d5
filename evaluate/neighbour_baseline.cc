#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "evaluate/baseline.h"
#include "evaluate/event_decay.h"

namespace catwalk::evaluate {
namespace {

class ItemNeighbours final : public Baseline {
 public:
  std::string_view Name() const override { return "item_neighbours"; }

  void Score(const Choice& before, std::span<float> scores) override {
    const auto user = static_cast<size_t>(before.user);
    if (user >= chosen_.size() || chosen_[user].empty()) return fallback_.Write(scores);
    std::fill(scores.begin(), scores.end(), 0.0F);
    for (const int32_t design : chosen_[user]) {
      const auto from = static_cast<size_t>(design);
      for (const auto& [other, together] : together_[from]) {
        const auto to = static_cast<size_t>(other);
        scores[to] += together / (std::sqrt(counts_[from] * counts_[to]) + kShrinkage);
      }
    }
  }

  void Learn(const Choice& choice) override {
    const auto user = static_cast<size_t>(choice.user), design = static_cast<size_t>(choice.design);
    if (chosen_.size() <= user) chosen_.resize(user + 1);
    if (counts_.size() <= design) {
      counts_.resize(design + 1);
      together_.resize(design + 1);
    }
    fallback_.Tick();
    fallback_.Add(choice.design);
    auto& chosen = chosen_[user];
    if (std::find(chosen.begin(), chosen.end(), choice.design) != chosen.end()) return;
    ++counts_[design];
    for (const int32_t other : chosen) {
      ++together_[design][other];
      ++together_[static_cast<size_t>(other)][choice.design];
    }
    chosen.push_back(choice.design);
  }

 private:
  static constexpr float kShrinkage = 30;

  std::vector<std::vector<int32_t>> chosen_;                    // by user, distinct
  std::vector<float> counts_;                                   // users by design
  std::vector<std::unordered_map<int32_t, float>> together_;    // users who chose both
  DecayedCounts fallback_{5'000};
};

}  // namespace

std::unique_ptr<Baseline> MakeItemNeighbours() { return std::make_unique<ItemNeighbours>(); }

}  // namespace catwalk::evaluate
