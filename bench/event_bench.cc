// What the model costs for one event on one core: k = 32, 10,000 designs by Zipf, histories of 1 to 500, log-uniformly.
#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "bench/shop.h"
#include "models/design_statistics.h"
#include "models/fold_in.h"
#include "models/neighbours.h"
#include "models/ranking.h"
#include "operators/explain.h"

namespace catwalk::operators {
namespace {

using models::kDesigns, models::kHour, models::kNow;

constexpr int kLongestHistory = 500;
constexpr size_t kUsers = 256;
constexpr int kListLength = 10, kCompared = 100, kNegatives = 16;
constexpr size_t kEventsPerVersion = 64;   // of the tables, at 6,000 events a second and a version every 10 ms

/// A user about to choose a design.
struct Visit {
  UserState user;            // the choice is the end of the history
  int design = 0;
};

UserState RandomUser(std::mt19937& random) {
  UserState user;
  const double length = std::pow(kLongestHistory, std::uniform_real_distribution<double>(0, 1)(random));
  for (int i = static_cast<int>(length); i >= 0; --i)
    user.history.push_back({models::KeyOf(models::IdOf(models::ByZipf(random))), models::InteractionKind::kClick, 0, kNow - i * kHour});
  for (uint64_t g = 0; g < 6; ++g) user.groups.push_back(Mix64(g * 100 + random() % 16));
  return user;
}

/// Two versions of one shop, used in turns, so that nothing is kept longer than it would be.
class Shop {
 public:
  Shop() : random_(1), versions_{models::ShopTable(random_), models::ShopTable(random_)} {
    for (size_t i = 0; i < kUsers; ++i) {
      visits_.push_back({RandomUser(random_), models::ByZipf(random_)});
      visits_.back().user.history.back().design = models::KeyOf(models::IdOf(visits_.back().design));
    }
  }
  const Visit& Next() {
    ++visited_;
    return visits_[visited_ % kUsers];
  }
  const models::DesignTable& table() const { return *versions_[visited_ / kEventsPerVersion % 2]; }

 private:
  std::mt19937 random_;
  std::shared_ptr<const models::DesignTable> versions_[2];
  std::vector<Visit> visits_;
  size_t visited_ = 0;
};

/// Takes seconds to build, so once for all.
Shop& TheShop() {
  static Shop shop;
  return shop;
}

/// The state of the design and model tasks.
struct Learned {
  std::vector<models::DesignStatistics> statistics = std::vector<models::DesignStatistics>(kDesigns);
  std::vector<models::Demand> demand = std::vector<models::Demand>(kDesigns);
  std::vector<models::NeighbourRow> neighbours = std::vector<models::NeighbourRow>(kDesigns);
  models::BlendState blend;
  models::SegmentState segments;
  int64_t events = 0;
};

/// A user vector, kept.
struct KeptVector {
  std::vector<float> values;
  bool known = false;

  KeptVector& operator=(const models::FoldIn::Vector& from) {
    values.assign(from.values.begin(), from.values.end());
    known = from.known;
    return *this;
  }
};

/// The user vectors before and after the event.
struct UserVectors {
  KeptVector before, after;
};

/// The user vectors, and all that a design learns from the event, its factor solved anew each time.
void UpdateAll(const models::DesignTable& table, const Visit& visit, models::FoldIn* fold_in, Learned* learned, UserVectors* user) {
  user->after = fold_in->Solve(table, visit.user.history, kNow);
  user->before = fold_in->WithoutLast();
  const auto at = static_cast<size_t>(visit.design);
  const int64_t at_ms = kNow + ++learned->events;
  std::vector<models::DesignKey> recent;
  LatestDesigns(std::span(visit.user.history).first(visit.user.history.size() - 1), 10, &recent);
  models::Update({}, at_ms, 1, user->before.values, &learned->statistics[at]);
  models::Count(learned->events, 1, {visit.user.groups, models::MembershipsOf(table.segments(), user->before.values)}, &learned->demand[at]);
  models::Visit({}, at_ms, 1, visit.user.history.back().design, recent, &learned->neighbours[at]);
  benchmark::DoNotOptimize(models::SolveFactor({}, learned->statistics[at], visit.user.history.back().design));
}

void BM_Update(benchmark::State& state) {
  Shop& shop = TheShop();
  Learned learned;
  models::FoldIn fold_in({}, models::kDimensions);
  UserVectors user;
  for (auto _ : state) {
    const Visit& visit = shop.Next();
    UpdateAll(shop.table(), visit, &fold_in, &learned, &user);
  }
}
BENCHMARK(BM_Update);

/// What the blend, the ranker and the segments learn from, if the design chosen ranked high.
void Learn(const models::RankedList& ranked, int32_t chosen, const models::Cohort& cohort, std::span<const float> vector, Learned* learned) {
  models::Comparison comparison{{}, {}, static_cast<int>(ranked.best.size()) - 1, cohort};
  for (size_t i = 0; i < ranked.best.size() && comparison.others.size() < kNegatives; ++i) {
    if (ranked.best[i].row == chosen) {
      comparison.chosen = ranked.features[i];
    } else {
      comparison.others.push_back(ranked.features[i]);
    }
  }
  models::Learn({}, comparison, &learned->blend);
  models::Learn(models::SegmentOptions{}, vector.first(models::kDimensions), &learned->segments);
}

/// An event on its way.
struct Passage {
  const Visit* visit;
  UserVectors user;
  models::Uncertainty uncertainty;
};

/// What the user tasks do with a batch of events, step by step for all of it. With exploration as it serves, MMR and reasons.
class EventModel {
 public:
  explicit EventModel(int64_t teaches_every) : teaches_every_(teaches_every) {}

  void Process(Shop* shop, std::span<Passage> batch) {
    for (Passage& event : batch) {
      event.visit = &shop->Next();
      FoldIn(shop->table(), &event);
    }
    const models::DesignTable& table = shop->table();
    CompareSome(table, batch);
    RankAll(table, batch);
    for (size_t i = 0; i < batch.size(); ++i) Explain(table, &batch[i], lists_[i]);
  }

 private:
  void FoldIn(const models::DesignTable& table, Passage* event) {
    UpdateAll(table, *event->visit, &fold_in_, &learned_, &event->user);
    fold_in_.TakeUncertainty(&event->uncertainty);
  }

  void CompareSome(const models::DesignTable& table, std::span<const Passage> batch) {
    queries_.clear();
    for (const Passage& event : batch) {
      if (++passed_ % teaches_every_ != 0) continue;
      const UserState& user = event.visit->user;
      queries_.push_back({std::span(user.history).first(user.history.size() - 1), user.groups, event.user.before.values, event.user.before.known, {}, kNow, nullptr,
                          table.RowOf(user.history.back().design), nullptr});
    }
    lists_.resize(batch.size());
    before_.Run(table, queries_, kCompared, lists_);
    for (size_t i = 0; i < queries_.size(); ++i) {
      const auto cohort = models::CohortOf(table.segments(), queries_[i].history.size(), queries_[i].vector);
      if (lists_[i].best.size() > 1) Learn(lists_[i], queries_[i].only_with, cohort, queries_[i].vector, &learned_);
    }
  }

  void RankAll(const models::DesignTable& table, std::span<Passage> batch) {
    queries_.clear();
    for (Passage& event : batch)
      queries_.push_back({event.visit->user.history, event.visit->user.groups, event.user.after.values, event.user.after.known, {}, kNow, nullptr, -1, &event.uncertainty});
    after_.Run(table, queries_, kListLength, lists_);
  }

  void Explain(const models::DesignTable& table, Passage* event, const models::RankedList& list) {
    const auto cohort = models::CohortOf(table.segments(), event->visit->user.history.size(), event->user.after.values);
    benchmark::DoNotOptimize(reasoning_.For({table, event->visit->user, &event->uncertainty, cohort, kNow, list.best, list.features}));
  }

  int64_t teaches_every_, passed_ = 0;
  Learned learned_;
  models::FoldIn fold_in_{{}, models::kDimensions};
  std::shared_ptr<models::DesignFeatures> designs_ = std::make_shared<models::DesignFeatures>();
  models::Ranking before_{models::kDimensions, {}, designs_};
  models::Ranking after_{models::kDimensions, {.left_out = {}, .diversity = 0.1F, .exploration = 0.1F}, designs_};
  Reasoning reasoning_{{}, models::kDimensions};
  std::vector<models::RankingQuery> queries_;
  std::vector<models::RankedList> lists_;
};

/// Args: one in so many events teaches; events in a batch.
void BM_Event(benchmark::State& state) {
  Shop& shop = TheShop();
  EventModel model(state.range(0));
  std::vector<Passage> batch(static_cast<size_t>(state.range(1)));
  for (auto _ : state) model.Process(&shop, batch);
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(BM_Event)->Args({1, 1})->Args({60, 1})->Args({1, 32})->Args({60, 32});

}  // namespace
}  // namespace catwalk::operators
