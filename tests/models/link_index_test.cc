#include "models/link_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/models/random_models.h"

namespace catwalk::models {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

constexpr int64_t kHalfLife = 90 * kDay;

TEST(LinkIndex, ReadsRowsBothWays) {
  LinkIndex index(kHalfLife);
  index.Set(1, std::vector<Neighbour>{{2, 4, kNow}, {3, 1, kNow}});
  index.Set(2, std::vector<Neighbour>{{1, 0.5F, kNow}});
  EXPECT_THAT(index.LinksOf(1), ElementsAre(Link{2, 4.5F, kNow}, Link{3, 1, kNow}));
  EXPECT_THAT(index.LinksOf(2), ElementsAre(Link{1, 4.5F, kNow}));
  EXPECT_THAT(index.LinksOf(3), ElementsAre(Link{1, 1, kNow}));
  EXPECT_THAT(index.LinksOf(4), IsEmpty());
  EXPECT_THAT(index.TakeChanged(), IsSupersetOf({1U, 2U, 3U}));
  EXPECT_THAT(index.TakeChanged(), IsEmpty());
}

TEST(LinkIndex, NamesWhatIsLinkedWithADesignThatIsTouched) {
  LinkIndex index(kHalfLife);
  index.Set(1, std::vector<Neighbour>{{2, 4, kNow}});
  index.Set(3, std::vector<Neighbour>{{1, 4, kNow}});
  index.TakeChanged();
  index.Touch(1);
  EXPECT_THAT(index.TakeChanged(), testing::UnorderedElementsAre(1U, 2U, 3U));
}

TEST(LinkIndex, BringsWeightsToOneTime) {
  LinkIndex index(kHalfLife);
  index.Set(1, std::vector<Neighbour>{{2, 4, kNow}, {3, 3, kNow + kHalfLife}});
  EXPECT_THAT(index.LinksOf(1), ElementsAre(Link{3, 3, kNow + kHalfLife}, Link{2, 2, kNow + kHalfLife}));
}

TEST(LinkIndex, TakesBackWhatARowNoLongerNames) {
  LinkIndex index(kHalfLife);
  index.Set(1, std::vector<Neighbour>{{2, 4, kNow}});
  index.Set(1, {});
  EXPECT_THAT(index.LinksOf(1), IsEmpty());
  EXPECT_THAT(index.LinksOf(2), IsEmpty());
}

TEST(LinkIndex, IsAFunctionOfTheLatestRows) {
  RandomModels random(1);
  LinkIndex grown(kHalfLife), fresh(kHalfLife);
  std::map<DesignKey, std::vector<Neighbour>> latest;
  for (int i = 0; i < 2'000; ++i) {
    std::map<DesignKey, Neighbour> row;
    for (int n = random.Below(30); n > 0; --n) {
      const auto design = static_cast<DesignKey>(1 + random.Below(100));
      row[design] = {design, static_cast<float>(1 + random.Below(50)), kNow + random.Below(90) * kDay};
    }
    const auto design = static_cast<DesignKey>(1 + random.Below(100));
    latest[design].clear();
    for (const auto& [key, entry] : row) latest[design].push_back(entry);
    grown.Set(design, latest[design]);
  }
  for (const auto& [design, row] : latest) fresh.Set(design, row);
  for (DesignKey design = 1; design <= 100; ++design) {
    EXPECT_EQ(grown.LinksOf(design), fresh.LinksOf(design));
    EXPECT_LE(grown.LinksOf(design).size(), LinkIndex::kMaxLinks);
  }
}

}  // namespace
}  // namespace catwalk::models
