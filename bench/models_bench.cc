// Per-core speed of the math, k = 32. The figures to hold are in docs/benchmarks.md.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "bench/shop.h"
#include "models/blend.h"
#include "models/design_statistics.h"
#include "models/design_table.h"
#include "models/fold_in.h"
#include "models/neighbours.h"
#include "models/ranking.h"
#include "models/retrieval.h"

namespace catwalk::models {
namespace {

void ApplyRandom(int design, std::mt19937& random, DesignTableBuilder* builder) {
  const FactorEntry entry{RandomVector(random), static_cast<float>(random() % 1000), kNow, 1.0};
  if (!builder->ApplyFactor(IdOf(design), entry, 0).ok()) std::abort();
}

void Fill(std::mt19937& random, DesignTableBuilder* builder) {
  for (int i = 0; i < kDesigns; ++i) ApplyRandom(i, random, builder);
}

std::vector<Interaction> RandomHistory(int entries, std::mt19937& random) {
  std::vector<Interaction> history;
  for (int i = entries; i > 0; --i)
    history.push_back({KeyOf(IdOf(static_cast<int>(random() % kDesigns))), InteractionKind::kRental, 0, kNow - i * kHour});
  return history;
}

void BM_FoldIn(benchmark::State& state) {
  std::mt19937 random(1);
  DesignTableBuilder builder({});
  Fill(random, &builder);
  const auto table = builder.Publish();
  std::vector<std::vector<Interaction>> histories;
  for (int i = 0; i < 64; ++i) histories.push_back(RandomHistory(static_cast<int>(state.range(0)), random));
  FoldIn fold_in({}, kDimensions);
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(fold_in.Solve(*table, histories[i++ % 64], kNow).values.data());
}
BENCHMARK(BM_FoldIn)->Arg(1)->Arg(10)->Arg(100)->Arg(500);

void BM_Retrieval(benchmark::State& state) {
  std::mt19937 random(2);
  DesignTableBuilder builder({});
  Fill(random, &builder);
  const auto table = builder.Publish();
  const auto users = static_cast<size_t>(state.range(0));
  std::vector<std::vector<float>> vectors;
  std::vector<std::vector<int32_t>> excluded(users);
  std::vector<RetrievalQuery> queries;
  for (size_t i = 0; i < users; ++i) {
    vectors.push_back(RandomVector(random));
    for (int e = 0; e < 30; ++e) excluded[i].push_back(static_cast<int32_t>(random() % kDesigns));
  }
  for (size_t i = 0; i < users; ++i) queries.push_back({vectors[i], excluded[i], kNow, true});
  std::vector<std::vector<Scored>> results(users);
  Retrieval retrieval(kDimensions);
  for (auto _ : state) retrieval.Run(*table, queries, static_cast<int>(state.range(1)), results);
  state.SetItemsProcessed(static_cast<int64_t>(users) * state.iterations());
}
BENCHMARK(BM_Retrieval)->Args({1, 10})->Args({8, 10})->Args({32, 10})->Args({512, 10})->Args({32, 300});

void BM_UpdateStatistics(benchmark::State& state) {
  std::mt19937 random(3);
  std::vector<DesignStatistics> statistics(1000);
  const std::vector<float> user = RandomVector(random);
  int64_t at_ms = kNow;
  size_t i = 0;
  for (auto _ : state) Update({}, at_ms += 10, 1.0F, user, &statistics[i++ % statistics.size()]);
}
BENCHMARK(BM_UpdateStatistics);

void BM_SolveFactor(benchmark::State& state) {
  std::mt19937 random(4);
  DesignStatistics statistics;
  for (int i = 0; i < 200; ++i) Update({}, kNow + i * kHour, 1.0F, RandomVector(random), &statistics);
  for (auto _ : state) benchmark::DoNotOptimize(SolveFactor({}, statistics, 17));
}
BENCHMARK(BM_SolveFactor);

void BM_VisitNeighbours(benchmark::State& state) {
  std::mt19937 random(5);
  NeighbourRow row;
  int64_t at_ms = kNow;
  std::vector<DesignKey> recent(20);
  for (auto _ : state) {
    for (DesignKey& design : recent) design = KeyOf(IdOf(static_cast<int>(random() % 500)));
    Visit({}, at_ms += kHour, 1.0F, 1, recent, &row);
  }
}
BENCHMARK(BM_VisitNeighbours);

/// One list, both stages; by length of the history.
void BM_Ranking(benchmark::State& state) {
  std::mt19937 random(8);
  const auto table = ShopTable(random);
  const std::vector<float> vector = RandomVector(random);
  const std::vector<Interaction> history = RandomHistory(static_cast<int>(state.range(0)), random);
  std::vector<uint64_t> groups;
  for (uint64_t g = 0; g < 6; ++g) groups.push_back(Mix64(g * 100 + 3));
  const RankingQuery query{history, groups, vector, true, {}, kNow, nullptr, -1};
  Ranking ranking(kDimensions, {});
  RankedList list;
  for (auto _ : state) ranking.Run(*table, {&query, 1}, 10, {&list, 1});
}
BENCHMARK(BM_Ranking)->Arg(1)->Arg(10)->Arg(100)->Arg(500);

void BM_LearnBlend(benchmark::State& state) {
  std::mt19937 random(9);
  Comparison comparison{{}, std::vector<FeatureVector>(16), 99, 1};
  for (auto& other : comparison.others)
    for (float& x : other) x = std::normal_distribution<float>()(random);
  BlendState blend;
  for (auto _ : state) Learn({}, comparison, &blend);
}
BENCHMARK(BM_LearnBlend);

// Args: designs changed between two versions. One reader pins the latest version, as the workers do.
void BM_Publish(benchmark::State& state) {
  std::mt19937 random(6);
  DesignTableBuilder builder({});
  Fill(random, &builder);
  auto pinned = builder.Publish();
  for (auto _ : state) {
    state.PauseTiming();
    for (int64_t i = 0; i < state.range(0); ++i) ApplyRandom(static_cast<int>(random() % kDesigns), random, &builder);
    state.ResumeTiming();
    pinned = builder.Publish();
  }
}
BENCHMARK(BM_Publish)->Arg(1)->Arg(100)->Arg(1000);

void BM_ApplyFactor(benchmark::State& state) {
  std::mt19937 random(7);
  DesignTableBuilder builder({});
  Fill(random, &builder);
  FactorEntry entry{RandomVector(random), 1.0F, kNow, 1.0};
  int design = 0;
  for (auto _ : state) benchmark::DoNotOptimize(builder.ApplyFactor(IdOf(design++ % kDesigns), entry, 0).ok());
}
BENCHMARK(BM_ApplyFactor);

}  // namespace
}  // namespace catwalk::models
