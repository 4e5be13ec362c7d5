#include "models/design_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <map>
#include <thread>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

using testing::ElementsAre;

std::vector<std::string> Ranking(const DesignTable& table) {
  std::vector<std::string> ids;
  for (const int32_t row : table.by_popularity()) ids.push_back(table.IdOf(row));
  return ids;
}

std::vector<float> Shrunk(const DesignTable& table, int row) {
  std::vector<float> factor(static_cast<size_t>(table.stride()), -1.0F);
  table.ShrunkFactor(row, factor.data());
  return factor;
}

std::vector<std::string> Untouched(const DesignTable& table) {
  std::vector<std::string> ids;
  for (const int32_t row : table.untouched()) ids.push_back(table.IdOf(row));
  return ids;
}

std::vector<std::string> Linked(const DesignTable& table, int row) {
  std::vector<std::string> ids;
  const auto& links = table.Signals(row).links;
  if (links == nullptr) return ids;
  for (const auto& [linked, weight] : links->entries)
    ids.push_back(table.IdOf(linked) + " " + std::to_string(weight) + " " + std::to_string(links->at_ms));
  return ids;
}

/// Everything a table says of a design, so that tables compare whatever their rows.
void ExpectSame(const DesignTable& a, const DesignTable& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_TRUE(std::equal(a.gram().begin(), a.gram().end(), b.gram().begin(), b.gram().end()));
  EXPECT_EQ(Ranking(a), Ranking(b));
  EXPECT_EQ(Untouched(a), Untouched(b));
  for (int row = 0; row < a.size(); ++row) {
    ASSERT_EQ(a.RowOf(a.KeyOfRow(row)), row);
    const int other = b.RowOf(a.KeyOfRow(row));
    ASSERT_GE(other, 0);
    EXPECT_EQ(a.IdOf(row), b.IdOf(other));
    EXPECT_TRUE(std::equal(a.Factor(row), a.Factor(row) + a.stride(), b.Factor(other)));
    EXPECT_EQ(Shrunk(a, row), Shrunk(b, other));
    EXPECT_EQ(Linked(a, row), Linked(b, other));
    EXPECT_EQ(a.HasFactor(row), b.HasFactor(other));
    EXPECT_EQ(a.LogPopularity(row), b.LogPopularity(other));
    EXPECT_EQ(a.Weight(row), b.Weight(other));
    ASSERT_EQ(a.Catalogue(row) == nullptr, b.Catalogue(other) == nullptr);
    if (a.Catalogue(row) != nullptr) {
      EXPECT_EQ(*a.Catalogue(row), *b.Catalogue(other));
    }
    for (const int64_t at_ms : {int64_t{-1}, int64_t{50}, int64_t{150}, kNow})
      EXPECT_EQ(a.AvailableAt(row, at_ms), b.AvailableAt(other, at_ms));
  }
}

TEST(DesignTable, HoldsWhatWasApplied) {
  DesignTableBuilder builder({.k = 3});
  Apply(&builder, "d1", {{1, 2, 3}, 4, kNow, 5});
  ASSERT_TRUE(builder.ApplyCatalogue("d2", Catalogued("Coat", 100, 200), 7).ok());
  const auto table = builder.Publish();
  EXPECT_EQ(table->k(), 3);
  EXPECT_EQ(table->stride(), 8);
  EXPECT_EQ(table->size(), 2);
  EXPECT_EQ(table->designs_offset(), 7);
  const int d1 = table->RowOf(KeyOf("d1")), d2 = table->RowOf(KeyOf("d2"));
  EXPECT_THAT(std::vector<float>(table->Factor(d1), table->Factor(d1) + 8), ElementsAre(1, 2, 3, 0, 0, 0, 0, 0));
  EXPECT_EQ(table->gram()[1 * 8 + 2], 6.0);
  EXPECT_EQ(table->gram()[2 * 8 + 1], 6.0);
  EXPECT_FLOAT_EQ(table->PopularityAt(d1, kNow + 14 * kDay), 2.0F);
  EXPECT_EQ(table->Weight(d1), 5.0);
  EXPECT_EQ(table->Catalogue(d1), nullptr);
  EXPECT_FALSE(table->HasFactor(d2));
  EXPECT_EQ(table->Catalogue(d2)->title, "Coat");
  EXPECT_EQ(table->LogPopularity(d2), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(table->PopularityAt(d2, kNow), 0.0F);
  EXPECT_TRUE(table->AvailableAt(d1, 0));
  EXPECT_FALSE(table->AvailableAt(d2, 99));
  EXPECT_TRUE(table->AvailableAt(d2, 100));
  EXPECT_FALSE(table->AvailableAt(d2, 200));
  EXPECT_EQ(table->RowOf(KeyOf("d3")), -1);
  EXPECT_EQ(table->RowOf(0), -1);
}

TEST(DesignTable, ComparesPopularitiesOfDifferentTimes) {
  DesignTableBuilder builder({.k = 1});
  Apply(&builder, "old", {{1}, 4, kNow, 1});
  Apply(&builder, "new", {{1}, 1.1F, kNow + 28 * kDay, 1});
  Apply(&builder, "b", {{1}, 1, kNow, 1});
  Apply(&builder, "a", {{1}, 1, kNow, 1});
  Apply(&builder, "none", {{1}, 0, kNow, 1});
  EXPECT_THAT(Ranking(*builder.Publish()), ElementsAre("new", "old", "a", "b", "none"));
}

TEST(DesignTable, AnswersAnyTimeWithAFinitePopularity) {
  DesignTableBuilder builder({.k = 1});
  Apply(&builder, "a", {{1}, std::numeric_limits<float>::max(), std::numeric_limits<int64_t>::max(), 1});
  const auto table = builder.Publish();
  for (const int64_t at_ms : {std::numeric_limits<int64_t>::min(), int64_t{0}, kNow, std::numeric_limits<int64_t>::max()})
    EXPECT_TRUE(std::isfinite(table->PopularityAt(0, at_ms)));
}

TEST(DesignTableBuilder, RefusesWhatIsNotFiniteAndChangesNothing) {
  DesignTableBuilder builder({.k = 2});
  Apply(&builder, "d1", {{1, 2}, 1, kNow, 1});
  const auto before = builder.Publish();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<FactorEntry> bad{{{1}, 1, kNow, 1},         {{1, 2, 3}, 1, kNow, 1},     {{1, std::nanf("")}, 1, kNow, 1},
                                     {{infinity, 1}, 1, kNow, 1}, {{1, 2}, infinity, kNow, 1}, {{1, 2}, -1, kNow, 1},
                                     {{1, 2}, std::nanf(""), kNow, 1}, {{1, 2}, 1, kNow, -1}};
  for (const auto& entry : bad) {
    EXPECT_EQ(builder.ApplyFactor("d1", entry, 9).code(), Code::kInvalidArgument);
    EXPECT_EQ(builder.ApplyFactor("d2", entry, 9).code(), Code::kInvalidArgument);
  }
  const auto after = builder.Publish();
  ExpectSame(*before, *after);
  EXPECT_EQ(after->factors_offset(), 0);
}

TEST(DesignTableBuilder, ClampsAbsurdFactors) {
  DesignTableBuilder builder({.k = 2});
  Apply(&builder, "d1", {{1e30F, -1e30F}, 1, kNow, 1});
  const auto table = builder.Publish();
  EXPECT_EQ(table->Factor(0)[0], 64.0F);
  EXPECT_EQ(table->Factor(0)[1], -64.0F);
  EXPECT_EQ(table->gram()[1], -4096.0);
}

TEST(DesignTableBuilder, SumsTheGramWithinItsFixedPoint) {
  RandomModels random(1);
  const auto table = RandomTable(&random, 500, 20);
  Eigen::MatrixXd expected = Eigen::MatrixXd::Zero(20, 20);
  for (int row = 0; row < 500; ++row) {
    const Eigen::VectorXd q = Eigen::Map<const Eigen::VectorXf>(table->Factor(row), 20).cast<double>();
    expected += q * q.transpose();
  }
  for (int i = 0; i < 24; ++i)
    for (int j = 0; j < 24; ++j)
      EXPECT_NEAR(table->gram()[static_cast<size_t>(i * 24 + j)], i < 20 && j < 20 ? expected(i, j) : 0.0, 500 * 0x1p-32);
}

/// Random records on a builder, and beside it the state they should lead to.
class Edits {
 public:
  explicit Edits(unsigned seed) : random_(seed) {}

  void Step(DesignTableBuilder* builder) {
    const std::string id = Id(random_.Below(120));
    switch (random_.Below(7)) {
      case 6: {
        links_[id] = {{KeyOf(Id(random_.Below(120))), static_cast<float>(1 + random_.Below(50)), kNow + random_.Below(9)}};
        return builder->ApplyNeighbours(id, links_[id], 0);
      }
      case 0: factors_.erase(id); return builder->RemoveFactor(id, 0);
      case 1: catalogue_.erase(id); return builder->RemoveCatalogue(id, 0);
      case 2: {
        catalogue_[id] = Catalogued(std::to_string(random_.Below(5)), random_.Below(2) * 100);
        catalogue_[id].category = std::string("c", static_cast<size_t>(random_.Below(2)));
        catalogue_[id].colour = std::to_string(random_.Below(4));
        EXPECT_TRUE(builder->ApplyCatalogue(id, catalogue_[id], 0).ok());
        return;
      }
      default:
        factors_[id] = random_.Factor(9);
        Apply(builder, id, factors_[id]);
    }
  }
  std::shared_ptr<const DesignTable> FromScratch() const {
    DesignTableBuilder builder({.k = 9});
    for (const auto& [id, entry] : catalogue_) EXPECT_TRUE(builder.ApplyCatalogue(id, entry, 0).ok());
    for (const auto& [id, entry] : factors_) Apply(&builder, id, entry);
    for (const auto& [id, before] : links_) builder.ApplyNeighbours(id, before, 0);
    return builder.Publish();
  }
  int Below(int bound) { return random_.Below(bound); }

 private:
  RandomModels random_;
  std::map<std::string, FactorEntry> factors_;
  std::map<std::string, CatalogueEntry> catalogue_;
  std::map<std::string, std::vector<Neighbour>> links_;
};

TEST(DesignTableBuilder, PublishesTheSameBitsStepByStepAsFromScratch) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Edits edits(seed);
    DesignTableBuilder builder({.k = 9});
    std::vector<std::shared_ptr<const DesignTable>> pinned;  // versions are let go in any order
    for (int i = 0; i < 60; ++i) {
      for (int steps = edits.Below(30); steps >= 0; --steps) edits.Step(&builder);
      pinned.push_back(builder.Publish());
      ExpectSame(*pinned.back(), *edits.FromScratch());
      if (edits.Below(3) > 0) pinned.erase(pinned.begin() + edits.Below(static_cast<int>(pinned.size())));
    }
  }
}

TEST(DesignTableBuilder, LeavesPinnedVersionsAlone) {
  Edits edits(1);
  DesignTableBuilder builder({.k = 9});
  for (int i = 0; i < 200; ++i) edits.Step(&builder);
  const auto pinned = builder.Publish();
  const auto copy = edits.FromScratch();
  for (int i = 0; i < 200; ++i) {
    edits.Step(&builder);
    builder.Publish();
  }
  ExpectSame(*pinned, *copy);
}

TEST(DesignTableBuilder, UsesAVersionAgainOnceNobodyPinsIt) {
  DesignTableBuilder builder({.k = 1});
  Apply(&builder, "d1", {{1}, 1, kNow, 1});
  const DesignTable* first = builder.Publish().get();  // let go at once
  EXPECT_EQ(builder.Publish().get(), first);
}

TEST(DesignTableBuilder, MayGoBeforeItsVersions) {
  std::shared_ptr<const DesignTable> table;
  {
    DesignTableBuilder builder({.k = 1});
    Apply(&builder, "d1", {{1}, 1, kNow, 1});
    table = builder.Publish();
  }
  EXPECT_EQ(table->IdOf(0), "d1");
}

TEST(DesignTableBuilder, TakesVersionsBackFromOtherThreads) {
  DesignTableBuilder builder({.k = 9});
  Edits edits(2);
  for (int i = 0; i < 50; ++i) {
    edits.Step(&builder);
    std::thread reader([table = builder.Publish()] {
      float sum = 0;
      for (const float x : table->factors()) sum += x;
      EXPECT_TRUE(std::isfinite(sum));
    });
    edits.Step(&builder);
    builder.Publish();
    reader.join();
  }
}

TEST(DesignTableBuilder, MovesTheOffsetsThatRecordsAndSkipsName) {
  DesignTableBuilder builder({.k = 1});
  ASSERT_TRUE(builder.ApplyFactor("d1", {{1}, 1, kNow, 1}, 5).ok());
  builder.SkipModel(6);
  builder.RemoveCatalogue("x", 7);
  auto table = builder.Publish();
  EXPECT_EQ(table->factors_offset(), 5);
  EXPECT_EQ(table->model_offset(), 6);
  EXPECT_EQ(table->designs_offset(), 7);
  builder.SkipFactors(8);
  builder.RemoveFactor("d1", 9);
  builder.SkipCatalogue(10);
  table = builder.Publish();
  EXPECT_EQ(table->factors_offset(), 9);
  EXPECT_EQ(table->designs_offset(), 10);
  EXPECT_EQ(table->size(), 0);
  EXPECT_TRUE(table->by_popularity().empty());
  for (const double x : table->gram()) EXPECT_EQ(x, 0.0);
}

TEST(DesignTable, AVersionBroughtUpToDateKnowsHowFarItsNarrowRowsAreOff) {
  std::vector<float> spike(32, 0.0F);
  spike[0] = 1;
  const std::vector<float> even(32, 0.3F);  // longer, and with rounding, but in the unit that the spikes need
  DesignTableBuilder builder({});
  for (int i = 0; i < 10; ++i) Apply(&builder, Id(i), {spike, 1, kNow, 1});
  builder.Publish().reset();
  builder.Publish().reset();
  Apply(&builder, Id(3), {even, 1, kNow, 1});
  const auto table = builder.Publish();

  DesignTableBuilder anew({});
  for (int i = 0; i < 10; ++i) Apply(&anew, Id(i), {i == 3 ? even : spike, 1, kNow, 1});
  NarrowQuery query;
  query.Set(even.data(), 32);
  EXPECT_EQ(table->narrow().ErrorWith(query), anew.Publish()->narrow().ErrorWith(query));
}

TEST(DesignTable, RefusesDemandThatIsNone) {
  DesignTableBuilder builder({.k = 1});
  const auto refused = [&](const Demand& demand) {
    return builder.ApplyFactor("d1", {{1}, 1, kNow, 1, demand}, 0).code() == Code::kInvalidArgument;
  };
  const std::array<float, kHorizons> ones{1, 1, 1, 1, 1};
  EXPECT_TRUE(refused({1, 2, {1, 1, std::nanf(""), 1, 1}, {}, {}}));
  EXPECT_TRUE(refused({1, 2, {1, 1, -1, 1, 1}, {}, {}}));
  EXPECT_TRUE(refused({3, 2, ones, {}, {}}));
  EXPECT_TRUE(refused({-1, 2, ones, {}, {}}));
  EXPECT_TRUE(refused({1, 2, ones, {}, {{5, std::nanf("")}}}));
  EXPECT_TRUE(refused({1, 2, ones, {}, {{5, 1}, {4, 1}}}));
  EXPECT_TRUE(refused({1, 2, ones, {}, {{0, 1}}}));
  EXPECT_TRUE(refused({1, 2, ones, {0, -1}, {}}));
  EXPECT_FALSE(refused({1, 2, ones, {}, {{4, 1}, {5, 1}}}));
  EXPECT_EQ(builder.Publish()->size(), 1);
}

CatalogueEntry Described(const std::string& category, const std::string& colour, int64_t released_at_ms) {
  CatalogueEntry entry;
  entry.category = category;
  entry.colour = colour;
  entry.released_at_ms = released_at_ms;
  return entry;
}

TEST(DesignTable, ExpectsOfADesignWhatItsAttributesAre) {
  DesignTableBuilder builder({.k = 2});
  Apply(&builder, "a", {{1, 0}, 1, kNow, 4});
  Apply(&builder, "b", {{3, 2}, 1, kNow, 1e300});
  Apply(&builder, "plain", {{5, 5}, 1, kNow, 1});
  ASSERT_TRUE(builder.ApplyCatalogue("a", Described("gown", "red", 0), 0).ok());
  ASSERT_TRUE(builder.ApplyCatalogue("b", Described("gown", "blue", 0), 0).ok());
  ASSERT_TRUE(builder.ApplyCatalogue("new", Described("gown", "red", 9), 0).ok());
  ASSERT_TRUE(builder.ApplyCatalogue("newer", Described("coat", "green", 10), 0).ok());
  const auto table = builder.Publish();
  const auto shrunk = [&](const char* id) { return Shrunk(*table, table->RowOf(KeyOf(id))); };
  // Gowns have (2, 1) on the mean, what is red (1, 0).
  EXPECT_THAT(shrunk("new"), ElementsAre(1.5F, 0.5F, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(shrunk("a"), ElementsAre(0.5F * 1 + 0.5F * 1.5F, 0.25F, 0, 0, 0, 0, 0, 0)) << "weighs as much as the expectation";
  EXPECT_THAT(shrunk("b"), ElementsAre(3, 2, 0, 0, 0, 0, 0, 0)) << "weighs too much to be moved";
  EXPECT_THAT(shrunk("plain"), ElementsAre(5, 5, 0, 0, 0, 0, 0, 0)) << "nothing is known of it";
  EXPECT_THAT(shrunk("newer"), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0)) << "nothing is like it";
  EXPECT_THAT(Untouched(*table), ElementsAre("newer", "new"));
}

TEST(DesignTable, AddsUpWhatGroupsAndAttributesWeighWhateverCameBefore) {
  RandomModels random(12);
  DesignTableBuilder grown({.k = 1}), fresh({.k = 1});
  std::map<std::string, FactorEntry> latest;
  std::map<std::string, CatalogueEntry> catalogue;
  for (int i = 0; i < 500; ++i) {
    const std::string id = Id(random.Below(20));
    FactorEntry entry{{1}, 1, kNow, static_cast<double>(random.Below(50)), {}};
    entry.demand.last = 1;
    for (uint64_t group = 1; group < 9; ++group)
      if (random.Below(2) == 0) entry.demand.groups.push_back({group, static_cast<float>(random.Below(9))});
    Apply(&grown, id, latest[id] = entry);
    catalogue[id].category = "c" + std::to_string(random.Below(3));
    ASSERT_TRUE(grown.ApplyCatalogue(id, catalogue[id], 0).ok());
    if (random.Below(10) == 0) {
      grown.RemoveFactor(id, 0);
      grown.RemoveCatalogue(id, 0);
      latest.erase(id);
      catalogue.erase(id);
    }
  }
  for (const auto& [id, entry] : latest) Apply(&fresh, id, entry);
  for (const auto& [id, entry] : catalogue) ASSERT_TRUE(fresh.ApplyCatalogue(id, entry, 0).ok());
  const auto a = grown.Publish(), b = fresh.Publish();
  EXPECT_EQ(a->TotalWeight(), b->TotalWeight());
  EXPECT_EQ(a->TotalWeightOfAttribute(0), b->TotalWeightOfAttribute(0));
  for (uint64_t group = 1; group < 9; ++group) EXPECT_EQ(a->TotalWeightOfGroup(group), b->TotalWeightOfGroup(group));
  for (const auto& [id, entry] : catalogue) {
    const auto value = [&id](const DesignTable& table) { return table.Signals(table.RowOf(KeyOf(id))).values[0]; };
    EXPECT_EQ(a->TotalWeightOfValue(value(*a)), b->TotalWeightOfValue(value(*b)));
  }
}

}  // namespace
}  // namespace catwalk::models
