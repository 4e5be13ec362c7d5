#include "models/retrieval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

using testing::ElementsAre;

struct Listed {
  std::string id;
  float score;
  bool operator==(const Listed&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Listed& listed) { return out << listed.id << " " << listed.score; }

std::vector<Listed> WithIds(const DesignTable& table, const std::vector<Scored>& list) {
  std::vector<Listed> listed;
  for (const Scored& scored : list) listed.push_back({table.IdOf(scored.row), scored.score});
  return listed;
}

/// By the definition: every eligible row, by (score, id); then those without a factor, by popularity.
std::vector<Listed> BruteForce(const DesignTable& table, const RetrievalQuery& query, size_t count) {
  const std::set<int32_t> excluded(query.excluded_rows.begin(), query.excluded_rows.end());
  std::vector<Listed> best, rest;
  for (const int32_t row : table.by_popularity()) {
    if (excluded.contains(row) || !table.AvailableAt(row, query.time_ms)) continue;
    if (!query.known) {
      best.push_back({table.IdOf(row), table.PopularityAt(row, query.time_ms)});
    } else if (table.HasFactor(row)) {
      best.push_back({table.IdOf(row), DotProduct(table.Factor(row), query.vector.data(), table.stride())});
    } else {
      rest.push_back({table.IdOf(row), 0});
    }
  }
  if (query.known) {
    std::sort(best.begin(), best.end(),
              [](const Listed& a, const Listed& b) { return a.score != b.score ? a.score > b.score : a.id < b.id; });
    best.insert(best.end(), rest.begin(), rest.end());
  }
  best.resize(std::min(best.size(), count));
  return best;
}

/// A table with ties, designs without factors, unreleased and expired ones; and users of all sorts.
struct World {
  World(unsigned seed, int designs, int k, int users) : random(seed) {
    DesignTableBuilder builder({.k = k});
    std::vector<FactorEntry> entries;
    for (int i = 0; i < designs; ++i) {
      entries.push_back(i > 0 && random.Below(4) == 0 ? entries[static_cast<size_t>(random.Below(i))] : random.Factor(k));
      if (random.Below(10) > 0) Apply(&builder, Id(i), entries.back());
      if (random.Below(3) > 0) continue;
      const int64_t released_at_ms = kNow + (random.Below(3) - 2) * kDay;
      const int64_t expires_at_ms = random.Below(2) * (kNow + (random.Below(3) - 1) * kDay);
      EXPECT_TRUE(builder.ApplyCatalogue(Id(i), Catalogued("", released_at_ms, expires_at_ms), 0).ok());
    }
    table = builder.Publish();
    for (int i = 0; i < users; ++i) AddUser(k);
    for (size_t i = 0; i < vectors.size(); ++i)
      queries.push_back({vectors[i], excluded[i], kNow + random.Below(3) * kDay / 2, random.Below(5) > 0});
  }
  void AddUser(int k) {
    vectors.push_back(Padded(random.Vector(k)));
    excluded.emplace_back();
    for (int e = random.Below(60); e > 0; --e) excluded.back().push_back(random.Below(std::max(table->size(), 1)) - 1);
  }
  std::vector<std::vector<Scored>> Run(size_t first, size_t users, int count) {
    std::vector<std::vector<Scored>> results(users);
    retrieval.Run(*table, std::span(queries).subspan(first, users), count, results);
    return results;
  }

  RandomModels random;
  std::shared_ptr<const DesignTable> table;
  std::vector<std::vector<float>> vectors;
  std::vector<std::vector<int32_t>> excluded;
  std::vector<RetrievalQuery> queries;
  Retrieval retrieval{32};
};

TEST(Retrieval, FindsExactlyWhatBruteForceFindsInOrder) {
  unsigned seed = 0;
  for (const int designs : {0, 1, 7, 96, 97, 500, 3000}) {
    for (const int k : {5, 32}) {
      World world(++seed, designs, k, 45);
      for (const int count : {1, 10, 300}) {
        const auto results = world.Run(0, 45, count);
        for (size_t i = 0; i < 45; ++i)
          ASSERT_EQ(WithIds(*world.table, results[i]), BruteForce(*world.table, world.queries[i], static_cast<size_t>(count)))
              << designs << " designs, k " << k << ", user " << i;
      }
    }
  }
}

TEST(Retrieval, GivesTheSameBitsHoweverABatchIsSplit) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    World world(seed, 1000, 32, 60);
    const auto whole = world.Run(0, 60, 10);
    for (size_t first = 0; first < 60;) {
      const size_t users = std::min<size_t>(60 - first, static_cast<size_t>(1 + world.random.Below(20)));
      const auto part = world.Run(first, users, 10);
      for (size_t i = 0; i < users; ++i)
        ASSERT_EQ(WithIds(*world.table, part[i]), WithIds(*world.table, whole[first + i]));
      first += users;
    }
  }
}

TEST(Retrieval, GivesTheSameBitsWhateverTheOrderOfRows) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    RandomModels random(seed);
    std::vector<std::pair<std::string, FactorEntry>> designs;
    for (int i = 0; i < 700; ++i) designs.emplace_back(Id(i), i % 3 == 1 ? designs.back().second : random.Factor(32));
    const auto user = random.Vector(32);
    const auto run = [&] {
      DesignTableBuilder builder({});
      for (const auto& [id, entry] : designs) Apply(&builder, id, entry);
      const auto table = builder.Publish();
      std::vector<std::vector<Scored>> results(2);
      const std::vector<RetrievalQuery> queries{{user, {}, kNow, true}, {user, {}, kNow, false}};
      Retrieval(32).Run(*table, queries, 25, results);
      return std::pair(WithIds(*table, results[0]), WithIds(*table, results[1]));
    };
    const auto one = run();
    std::shuffle(designs.begin(), designs.end(), random.random());
    EXPECT_EQ(run(), one);
  }
}

TEST(Retrieval, BreaksTiesByIdAmongThousandsOfEqualDesigns) {
  DesignTableBuilder builder({.k = 4});
  for (int i = 2999; i >= 0; --i) Apply(&builder, Id(10000 + i), {{1, 1, 1, 1}, 1, kNow, 1});
  const auto table = builder.Publish();
  const auto user = Padded({0.1F, 0.2F, 0.3F, 0.4F});
  const std::vector<RetrievalQuery> queries(9, {user, {}, kNow, true});
  std::vector<std::vector<Scored>> results(9);
  Retrieval(4).Run(*table, queries, 3, results);
  for (const auto& result : results)
    EXPECT_THAT(WithIds(*table, result), ElementsAre(Listed{"d10000", 1.0F}, Listed{"d10001", 1.0F}, Listed{"d10002", 1.0F}));
}

TEST(Retrieval, IsExactWhereOnlyRoundingTellsScoresApart) {
  RandomModels random(7);
  auto entry = random.Factor(32);
  DesignTableBuilder builder({});
  for (int i = 0; i < 2000; ++i) {  // the same numbers in another order: equal scores, but for the last bits
    std::shuffle(entry.factor.begin(), entry.factor.end(), random.random());
    Apply(&builder, Id(i), entry);
  }
  const auto table = builder.Publish();
  const std::vector<float> user(32, 0.7F);
  for (const size_t users : {1U, 5U, 16U, 21U}) {
    const std::vector<RetrievalQuery> queries(users, {user, {}, kNow, true});
    std::vector<std::vector<Scored>> results(users);
    Retrieval(32).Run(*table, queries, 10, results);
    for (const auto& result : results) ASSERT_EQ(WithIds(*table, result), BruteForce(*table, queries[0], 10)) << users;
  }
}

TEST(Retrieval, GivesANewcomerThePopularityList) {
  DesignTableBuilder builder({.k = 1});
  Apply(&builder, "a", {{1}, 1, kNow, 1});
  Apply(&builder, "b", {{1}, 8, kNow - 14 * kDay, 1});
  Apply(&builder, "c", {{1}, 2, kNow, 1});
  const auto table = builder.Publish();
  const std::vector<int32_t> excluded{table->RowOf(KeyOf("c")), -1, 77};
  const std::vector<RetrievalQuery> queries{{{}, {}, kNow, false}, {{}, excluded, kNow + 14 * kDay, false}};
  std::vector<std::vector<Scored>> results(2);
  Retrieval(1).Run(*table, queries, 2, results);
  EXPECT_THAT(WithIds(*table, results[0]), ElementsAre(Listed{"b", 4}, Listed{"c", 2}));
  EXPECT_THAT(WithIds(*table, results[1]), ElementsAre(Listed{"b", 2}, Listed{"a", 0.5F}));
}

TEST(Retrieval, TakesAVectorThatIsNotFiniteOrAbsurdForNotKnown) {
  World world(3, 200, 32, 1);
  for (const float x : {std::nanf(""), std::numeric_limits<float>::infinity(), 1e30F}) {
    auto vector = world.vectors[0];
    vector[5] = x;
    const std::vector<RetrievalQuery> queries{{vector, {}, kNow, true}};
    std::vector<std::vector<Scored>> results(1);
    world.retrieval.Run(*world.table, queries, 10, results);
    EXPECT_EQ(WithIds(*world.table, results[0]), BruteForce(*world.table, {vector, {}, kNow, false}, 10));
  }
}

TEST(Retrieval, IsExactForHugeTinyAndZeroVectors) {
  World world(4, 500, 32, 20);
  for (size_t i = 0; i < 20; ++i) {
    world.queries[i].known = true;
    for (float& x : world.vectors[i]) x *= i % 3 == 0 ? 1e13F : i % 3 == 1 ? 1e-35F : 0.0F;
  }
  const auto results = world.Run(0, 20, 10);
  for (size_t i = 0; i < 20; ++i) EXPECT_EQ(WithIds(*world.table, results[i]), BruteForce(*world.table, world.queries[i], 10));
}

TEST(Retrieval, GivesNothingWhenNothingIsAskedOrAllIsExcluded) {
  RandomModels random(5);
  const auto table = RandomTable(&random, 50, 32);
  std::vector<int32_t> all(50);
  for (int32_t i = 0; i < 50; ++i) all[static_cast<size_t>(i)] = i;
  const auto user = random.Vector(32);
  std::vector<std::vector<Scored>> results(2, std::vector<Scored>(3));
  const std::vector<RetrievalQuery> queries{{user, all, kNow, true}, {user, all, kNow, false}};
  Retrieval(32).Run(*table, queries, 10, results);
  EXPECT_TRUE(results[0].empty() && results[1].empty());
  const std::vector<RetrievalQuery> open{{user, {}, kNow, true}, {user, {}, kNow, false}};
  Retrieval(32).Run(*table, open, 0, results);
  EXPECT_TRUE(results[0].empty() && results[1].empty());
}

TEST(DotProduct, SumsInTheOrderItSays) {
  RandomModels random(6);
  const auto a = random.Vector(40), b = random.Vector(40);
  float s[8] = {};
  for (size_t i = 0; i < 40; ++i) s[i % 8] = std::fma(a[i], b[i], s[i % 8]);
  EXPECT_EQ(DotProduct(a.data(), b.data(), 40), ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])));
}

}  // namespace
}  // namespace catwalk::models
