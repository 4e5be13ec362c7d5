#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/hash.h"
#include "tests/operators/user_events.h"

namespace catwalk::operators {
namespace {

using schemas::Topic;
using testing::ElementsAre;
using testing::IsEmpty;

std::string HeaderOf(const schemas::Record& record, const std::string& name) {
  for (const auto& [key, value] : record.headers) {
    if (key == name) return value;
  }
  return "(none)";
}

TEST(RejectedRecord, GoesToDeadLettersAsItCameWithWhereFromAndWhy) {
  tests::TopologyTestDriver driver(SmallTopology());
  driver.PipeInput(Topic::kClicks, MakeClick("e1", "ann", "d1"));
  driver.PipeInput(Topic::kClicks, "ann", "\xff not a click");
  const auto letters = driver.ReadOutput(Topic::kDeadLetters);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].key, "ann");
  EXPECT_EQ(letters[0].value, "\xff not a click");
  EXPECT_EQ(HeaderOf(letters[0], "source_topic"), "clicks");
  EXPECT_EQ(HeaderOf(letters[0], "source_partition"), "0");
  EXPECT_EQ(HeaderOf(letters[0], "source_offset"), "1");
  EXPECT_EQ(HeaderOf(letters[0], "rule"), "undecodable");
  EXPECT_NE(HeaderOf(letters[0], "message"), "(none)");
  EXPECT_EQ(driver.Rejected("users", "undecodable"), 1);
  EXPECT_THAT(EventsOf(driver.Read<schemas::Recommendation>(Topic::kRecommendations)), ElementsAre("e1"));
}

struct RuleCase {
  std::string rule;
  schemas::Purchase purchase;
};

std::vector<RuleCase> RuleCases(int64_t now_ms) {
  const auto with = [](const auto& change) {
    auto purchase = MakePurchase("e", "ann", "d1");
    change(purchase);
    return purchase;
  };
  using P = schemas::Purchase;
  return {
      {"missing_event_id", with([](P& p) { p.clear_event_id(); })},
      {"missing_user_id", with([](P& p) { p.clear_user_id(); })},
      {"missing_design_id", with([](P& p) { p.clear_design_id(); })},
      {"not_finite", with([](P& p) { p.set_quantity(std::numeric_limits<double>::infinity()); })},
      {"negative_amount", with([](P& p) { p.set_price_minor(-1); })},
      {"time_not_positive", with([](P& p) { p.set_occurred_at_ms(0); })},
      {"time_in_future", with([&](P& p) { p.set_occurred_at_ms(now_ms + 2 * 86'400'000); })},
      {"string_too_long", with([](P& p) { p.set_design_id(std::string(300, 'x')); })},
      {"unknown_enum", with([](P& p) { p.set_kind(static_cast<P::Kind>(77)); })},
  };
}

TEST(RejectedRecord, IsCountedUnderTheRuleItBreaks) {
  tests::TopologyTestDriver driver(SmallTopology());
  for (const auto& [rule, purchase] : RuleCases(driver.clock().NowMs())) {
    driver.PipeInput(Topic::kPurchases, "ann", purchase.SerializeAsString());
    const auto letters = driver.ReadOutput(Topic::kDeadLetters);
    ASSERT_EQ(letters.size(), 1U) << rule;
    EXPECT_EQ(HeaderOf(letters[0], "rule"), rule);
    EXPECT_EQ(driver.Rejected("users", rule), 1) << rule;
  }
  EXPECT_THAT(driver.ReadOutput(Topic::kRecommendations), IsEmpty());
  EXPECT_THAT(driver.Rows("users", "users"), IsEmpty());
}

TEST(RejectedRecord, OfAUserInAnotherPartitionDoesNotMakeTheUserLiveTwice) {
  constexpr int kPartitions = 4;
  tests::TopologyTestDriver driver(SmallTopology(), kPartitions);
  const int32_t home = PartitionForKey("ann", kPartitions);
  const int32_t elsewhere = (home + 1) % kPartitions;
  driver.Append(Topic::kClicks, "ann", MakeClick("e1", "ann", "d1").SerializeAsString(), elsewhere);
  driver.Append(Topic::kClicks, "ann", MakeClick("e2", "ann", "d1").SerializeAsString(), home);
  driver.Settle();
  const auto letters = driver.ReadOutput(Topic::kDeadLetters);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(HeaderOf(letters[0], "rule"), "wrong_partition");
  EXPECT_EQ(driver.Rows("users", "users").size(), 1U);
  EXPECT_EQ(StateOf(driver, "ann").history.size(), 1U);
}

TEST(Duplicate, IsDroppedOnceItsIdIsKnownAlsoInAnotherTopicAndAfterARestart) {
  tests::TopologyTestDriver driver(SmallTopology());
  driver.PipeInput(Topic::kClicks, MakeClick("e1", "ann", "d1"));
  driver.PipeInput(Topic::kClicks, MakeClick("e1", "ann", "d1"));
  driver.PipeInput(Topic::kPurchases, MakePurchase("e1", "ann", "d1"));
  driver.Restart();
  driver.PipeInput(Topic::kClicks, MakeClick("e1", "ann", "d1"));
  driver.PipeInput(Topic::kClicks, MakeClick("e1", "bob", "d1"));  // another user's event of the same id is another event
  EXPECT_EQ(driver.Dropped("users", "duplicate"), 3);
  EXPECT_EQ(driver.Read<schemas::Recommendation>(Topic::kRecommendations).size(), 2U);
  EXPECT_EQ(StateOf(driver, "ann").history.size(), 1U);
}

TEST(Json, IsTakenLikeProtobuf) {
  tests::TopologyTestDriver driver(SmallTopology());
  driver.PipeInput(Topic::kPurchases, "ann",
                   R"({"event_id":"e1","user_id":"ann","design_id":"d1","occurred_at_ms":1690000000000,"kind":"Rental","new":1})");
  ASSERT_EQ(StateOf(driver, "ann").history.size(), 1U);
  EXPECT_EQ(StateOf(driver, "ann").history[0].kind, models::InteractionKind::kRental);
  EXPECT_THAT(EventsOf(driver.Read<schemas::Recommendation>(Topic::kRecommendations)), ElementsAre("e1"));
}

}  // namespace
}  // namespace catwalk::operators
