#include "models/ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

constexpr int kDimensions = 8;

/// `designs` of them with random factors, demand and links; in another order of rows if asked.
std::shared_ptr<const DesignTable> Table(unsigned seed, int designs, bool backwards = false) {
  RandomModels random(seed);
  std::vector<FactorEntry> entries;
  std::vector<std::vector<Neighbour>> links;
  for (int i = 0; i < designs; ++i) {
    entries.push_back(random.Factor(kDimensions));
    for (int event = random.Below(4); event >= 0; --event) Count(1 + random.Below(5'000), 1, {}, &entries.back().demand);
    links.emplace_back();
    for (int n = 0; n < 5; ++n)
      links.back().push_back({KeyOf(Id(random.Below(designs))), static_cast<float>(1 + random.Below(9)), kNow});
    std::sort(links.back().begin(), links.back().end(), [](const auto& a, const auto& b) { return a.design < b.design; });
    links.back().erase(std::unique(links.back().begin(), links.back().end(),
                                   [](const auto& a, const auto& b) { return a.design == b.design; }),
                       links.back().end());
  }
  DesignTableBuilder builder({.k = kDimensions});
  for (int n = 0; n < designs; ++n) {
    const int i = backwards ? designs - 1 - n : n;
    Apply(&builder, Id(i), entries[static_cast<size_t>(i)]);
    builder.ApplyNeighbours(Id(i), links[static_cast<size_t>(i)], 0);
  }
  return builder.Publish();
}

RankedUser RandomUser(const DesignTable& table, RandomModels* random) {
  RankedUser user;
  user.history = random->History(random->Below(6), table.size());
  if (random->Below(3) > 0) user.vector = random->Vector(kDimensions);
  for (int n = random->Below(5); n > 0; --n) user.excluded.push_back(random->Below(table.size()));
  return user;
}

RankedList Rank(const DesignTable& table, const RankedUser& user, int count) {
  Ranking ranking(kDimensions, {});
  const RankingQuery query = user.Query();
  RankedList list;
  ranking.Run(table, {&query, 1}, count, {&list, 1});
  return list;
}

std::vector<std::string> Ids(const DesignTable& table, const RankedList& list) {
  std::vector<std::string> ids;
  for (const Scored& scored : list.best) ids.push_back(table.IdOf(scored.row));
  return ids;
}

TEST(Ranking, IsTheOrderOfLogitsWhereAllAreCandidates) {
  RandomModels random(1);
  const auto table = Table(1, 60);
  for (int trial = 0; trial < 50; ++trial) {
    const RankedUser user = RandomUser(*table, &random);
    Ranking ranking(kDimensions, {});
    std::vector<int32_t> rows;
    const std::set<int32_t> excluded(user.excluded.begin(), user.excluded.end());
    for (int32_t row = 0; row < table->size(); ++row)
      if (!excluded.contains(row)) rows.push_back(row);
    const auto scores = ranking.Score(*table, user.Query(), rows);
    std::vector<Scored> expected;
    for (size_t i = 0; i < rows.size(); ++i) expected.push_back({rows[i], scores[i]});
    std::sort(expected.begin(), expected.end(), [&](const Scored& a, const Scored& b) {
      return a.score != b.score ? a.score > b.score : table->IdOf(a.row) < table->IdOf(b.row);
    });
    const RankedList list = Rank(*table, user, 10);
    ASSERT_EQ(list.best.size(), 10U);
    const auto weights = table->blend().For(CohortOf(table->segments(), user.history.size(), user.vector));
    for (size_t i = 0; i < list.best.size(); ++i) {
      EXPECT_EQ(list.best[i].row, expected[i].row);
      EXPECT_EQ(list.best[i].score, expected[i].score);
      EXPECT_NEAR(Logit(weights, list.features[i]), list.best[i].score, 1e-5);
    }
  }
}

TEST(Ranking, DoesNotDependOnBatchOrRows) {
  RandomModels random(2);
  const auto table = Table(2, 2'000), backwards = Table(2, 2'000, true);
  std::vector<RankedUser> users, users_backwards;
  for (int i = 0; i < 30; ++i) {
    users.push_back(RandomUser(*table, &random));
    users_backwards.push_back(users.back());
    for (int32_t& row : users_backwards.back().excluded) row = backwards->RowOf(table->KeyOfRow(row));
  }
  std::vector<RankingQuery> queries;
  for (const RankedUser& user : users) queries.push_back(user.Query());
  Ranking ranking(kDimensions, {});
  std::vector<RankedList> lists(users.size());
  ranking.Run(*table, queries, 100, lists);
  for (size_t i = 0; i < users.size(); ++i) {
    const RankedList alone = Rank(*table, users[i], 100), mirrored = Rank(*backwards, users_backwards[i], 100);
    EXPECT_EQ(Ids(*table, lists[i]), Ids(*table, alone));
    EXPECT_EQ(Ids(*table, lists[i]), Ids(*backwards, mirrored));
    EXPECT_EQ(lists[i].features, alone.features);
    EXPECT_EQ(lists[i].features, mirrored.features);
  }
}

TEST(Ranking, TakesInWhatAnySignalSpeaksFor) {
  const auto table = Table(3, 2'000);
  RankedUser user;
  user.history = {{KeyOf("d7"), InteractionKind::kView, 0, kNow}};
  const RankedList list = Rank(*table, user, 2'000);
  const std::vector<std::string> ids = Ids(*table, list);
  for (int h = 0; h < kHorizons; ++h)
    for (const int32_t row : table->MostWantedRows(h).first(Ranking::kPerSignal))
      EXPECT_THAT(ids, testing::Contains(table->IdOf(row)));
  for (const auto& link : table->Signals(table->RowOf(KeyOf("d7"))).links->entries)
    EXPECT_THAT(ids, testing::Contains(table->IdOf(link.row)));
}

/// 500 coats that everybody wants and, released later, 500 gowns and coats that nobody has touched.
std::shared_ptr<const DesignTable> TableWithNews(int64_t released_at_ms) {
  RandomModels random(5);
  DesignTableBuilder builder({.k = kDimensions});
  for (int i = 0; i < 1'000; ++i) {
    CatalogueEntry entry;
    entry.category = i % 50 == 7 ? "gown" : "coat";
    if (i >= 500) entry.released_at_ms = released_at_ms;
    EXPECT_TRUE(builder.ApplyCatalogue(Id(i), entry, 0).ok());
    if (i >= 500) continue;
    FactorEntry factor = random.Factor(kDimensions);
    Count(1 + i, 1, {}, &factor.demand);
    Apply(&builder, Id(i), factor);
  }
  return builder.Publish();
}

TEST(Ranking, TakesInDesignsNobodyHasTouchedOfAttributesTheUserLikes) {
  RankedUser user;
  user.history = {{KeyOf("d7"), InteractionKind::kRental, 1, kNow}, {KeyOf("d57"), InteractionKind::kRental, 1, kNow}};
  const auto is_new_gown = [](const std::string& id) { return std::stoi(id.substr(1)) >= 500 && std::stoi(id.substr(1)) % 50 == 7; };
  const auto table = TableWithNews(kNow);
  const std::vector<std::string> ids = Ids(*table, Rank(*table, user, 2 * Ranking::kPerSignal));
  EXPECT_EQ(std::count_if(ids.begin(), ids.end(), is_new_gown), 10) << "of ten among 500 that nobody has touched";
  const auto before_release = TableWithNews(kNow + 1);
  EXPECT_EQ(Rank(*before_release, user, 1'000).best.size(), 500U);
}

TEST(Ranking, FillsUpFromTheWholeTable) {
  DesignTableBuilder builder({.k = kDimensions});
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(builder.ApplyCatalogue(Id(i), {}, 0).ok());
  const auto table = builder.Publish();
  RankedUser user;
  user.excluded = {table->RowOf(KeyOf("d0"))};
  EXPECT_EQ(Rank(*table, user, 100).best.size(), 29U);
  EXPECT_EQ(Rank(*table, user, 5).best.size(), 5U);
}

TEST(Ranking, LeavesOutWhatIsNotAvailable) {
  DesignTableBuilder builder({.k = kDimensions});
  RandomModels random(4);
  for (const char* id : {"early", "late", "now"}) Apply(&builder, id, random.Factor(kDimensions));
  CatalogueEntry entry;
  entry.expires_at_ms = kNow;
  ASSERT_TRUE(builder.ApplyCatalogue("early", entry, 0).ok());
  entry = {};
  entry.released_at_ms = kNow + 1;
  ASSERT_TRUE(builder.ApplyCatalogue("late", entry, 0).ok());
  const auto table = builder.Publish();
  EXPECT_THAT(Ids(*table, Rank(*table, {}, 10)), testing::ElementsAre("now"));
}

TEST(Ranking, LeavesOutWhatDoesNotComeInTheSizeOfTheUser) {
  DesignTableBuilder builder({.k = kDimensions});
  RandomModels random(4);
  FitModel model;
  model.spreads[static_cast<size_t>(SizeScale::kNumbers)] = {10, 4};
  ASSERT_TRUE(builder.ApplyFitModel(model, 0).ok());
  for (const char* id : {"fits", "small", "unknown"}) Apply(&builder, id, random.Factor(kDimensions));
  for (const auto& [id, size] : {std::pair<const char*, float>{"fits", 12}, {"small", 4}}) {
    CatalogueEntry entry;
    entry.sizes = {{"its only size", {SizeScale::kNumbers, size}}};
    ASSERT_TRUE(builder.ApplyCatalogue(id, entry, 0).ok());
  }
  const auto table = builder.Publish();
  UserFit wearer;
  RankingQuery query;
  query.time_ms = kNow;
  query.wearer = &wearer;
  RankedList list;
  Ranking ranking(kDimensions, {});
  ranking.Run(*table, {&query, 1}, 10, {&list, 1});
  EXPECT_THAT(Ids(*table, list), testing::UnorderedElementsAre("fits", "small", "unknown")) << "no size of the user is known";
  wearer.Add({SizeScale::kNumbers, 12});
  ranking.Run(*table, {&query, 1}, 10, {&list, 1});
  EXPECT_THAT(Ids(*table, list), testing::UnorderedElementsAre("fits", "unknown"));
}

}  // namespace
}  // namespace catwalk::models
