#include "operators/list_bytes.h"

#include <random>

#include <gtest/gtest.h>

#include "operators/emit_recommendations.h"
#include "schemas/codec.h"

namespace catwalk::operators {
namespace {

constexpr int64_t kNow = 1'700'000'000'123;

/// `designs` designs with ids of all lengths around those where a length takes one byte more.
std::shared_ptr<const models::DesignTable> TableOf(int designs) {
  models::DesignTableBuilder builder({.k = 8});
  for (int i = 0; i < designs; ++i) {
    const std::string id = "d" + std::string(static_cast<size_t>(i) * 3 % 150, 'x') + std::to_string(i);
    EXPECT_TRUE(builder.ApplyFactor(id, {.factor = std::vector<float>(8, 0.5F)}, 1'000 + i).ok());
  }
  return builder.Publish();
}

std::string FromMessage(const models::DesignTable& table, const UserWork& work, int64_t now_ms) {
  schemas::Recommendation message;
  message.set_user_id(std::string(work.user_id));
  message.set_event_id(std::string(work.event_id));
  message.set_generated_at_ms(now_ms);
  FillList(table, work.list, work.reasons, work.sizes, &message);
  std::string bytes;
  EXPECT_TRUE(schemas::Encode(message, schemas::Encoding::kProtobuf, 0, &bytes).ok());
  return bytes;
}

std::string Direct(const models::DesignTable& table, const UserWork& work, int64_t now_ms) {
  std::string bytes;
  AppendListBytes(table, work, now_ms, &bytes);
  return bytes;
}

TEST(ListBytes, AreThoseOfTheMessageForAnEmptyList) {
  const auto table = TableOf(0);
  UserWork work;
  work.user_id = "ann";
  work.event_id = "e1";
  EXPECT_EQ(Direct(*table, work, kNow), FromMessage(*table, work, kNow));
  EXPECT_EQ(Direct(*table, work, 0), FromMessage(*table, work, 0));
}

TEST(ListBytes, FollowWhatIsThereAlready) {
  const auto table = TableOf(3);
  UserWork work;
  work.user_id = "ann";
  work.list = {{0, 1}};
  std::string bytes = "before";
  AppendListBytes(*table, work, kNow, &bytes);
  EXPECT_EQ(bytes, "before" + FromMessage(*table, work, kNow));
}

TEST(ListBytes, AreThoseOfTheMessageForAnyList) {
  const auto table = TableOf(200);
  std::mt19937 random(3);
  const auto below = [&random](size_t n) { return static_cast<size_t>(random() % n); };
  const std::string letters(20'000, 'r');
  for (int round = 0; round < 2'000; ++round) {
    UserWork work;
    work.user_id = std::string_view(letters).substr(0, below(200));
    work.event_id = std::string_view(letters).substr(0, 1 + below(40));
    const size_t count = below(20);
    for (size_t i = 0; i < count; ++i) {
      const float score = i % 5 == 0 ? 0.0F : i % 5 == 1 ? -0.0F : static_cast<float>(below(1'000)) / 7;
      work.list.push_back({static_cast<int32_t>(below(200)), score});
    }
    work.reasons.resize(below(count + 1));
    for (auto& reasons : work.reasons) {
      reasons.resize(below(4));
      for (auto& reason : reasons) reason = letters.substr(0, below(10) == 0 ? below(20'000) : below(60));
    }
    work.sizes.resize(below(count + 1));
    for (auto& size : work.sizes) size = {letters.substr(0, below(4)), static_cast<float>(below(3)) / 2};
    ASSERT_EQ(Direct(*table, work, kNow), FromMessage(*table, work, kNow)) << "round " << round;
  }
}

}  // namespace
}  // namespace catwalk::operators
