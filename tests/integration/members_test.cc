#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/integration/installation.h"
#include "tests/integration/sample_data.h"

namespace catwalk::tests {
namespace {

using std::chrono::steady_clock;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Members, HandTheirTasksOverWithinASecondWhenStopped) {
  Installation installation(SharedKafka());
  const auto first = installation.Start({}, 0);
  const auto second = installation.Start({}, 1);
  const auto before = MakeMixture(5, 3'000, 200);
  installation.Append(before.records);
  ASSERT_TRUE(Eventually([&] { return installation.ValuesOf("recommendations").size() == before.wanted.size(); }));

  EXPECT_EQ(second->Terminate(std::chrono::seconds(5)), 0) << installation.ErrorsOf(1);
  const auto stopped = steady_clock::now();
  // A user of every partition must get a list now, from the first process.
  std::set<std::string> wanted = before.wanted;
  std::vector<schemas::OutgoingRecord> records;
  for (int i = 0; i < 40; ++i) {
    auto& record = records.emplace_back();
    record.topic = "clicks";
    record.key = "v" + std::to_string(i);
    record.value = R"({"event_id":"after-)" + std::to_string(i) + R"(","user_id":")" + record.key +
                   R"(","design_id":"d1","occurred_at_ms":1690000000000})";
    wanted.insert("after-" + std::to_string(i));
  }
  installation.Append(records);
  ASSERT_TRUE(Eventually([&] { return installation.ValuesOf("recommendations").size() == wanted.size(); }));
  EXPECT_LT(steady_clock::now() - stopped, std::chrono::seconds(3));  // two of them for this test's own connections
  EXPECT_EQ(first->Terminate(std::chrono::seconds(5)), 0) << installation.ErrorsOf(0);
  EXPECT_EQ(DistinctEvents(installation.Lists()), wanted);
}

TEST(Members, OfOneProcessShareItsTasks) {
  Installation installation(SharedKafka());
  const auto mixture = MakeMixture(6, 4'000, 100);
  installation.Append(mixture.records);
  const Ended ran = installation.Run("run", {"--until-end", "--workers", "3"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(DistinctEvents(installation.Lists()), mixture.wanted);
}

TEST(Members, SendWhoAsksThemForAnothersUserThere) {
  Installation installation(SharedKafka());
  const auto first = installation.Start({}, 0), second = installation.Start({}, 1);
  const auto mixture = MakeMixture(7, 500, 40);
  installation.Append(mixture.records);
  ASSERT_TRUE(Eventually([&] { return installation.ValuesOf("recommendations").size() == mixture.wanted.size(); }));

  const std::string here = installation.Url(0), there = installation.Url(1);
  int redirected = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string target = "/v1/users/u" + std::to_string(i) + "/recommendations";
    EXPECT_THAT(Fetch(here + target, {"-L"}), HasSubstr("\"user_id\":\"u" + std::to_string(i) + "\""));
    const std::string led_to = Fetch(here + target, {"-o", "/dev/null", "-w", "%{redirect_url}"});
    EXPECT_THAT(led_to, AnyOf(IsEmpty(), there + target));
    redirected += led_to.empty() ? 0 : 1;
  }
  EXPECT_GT(redirected, 0);  // four partitions, two each
  EXPECT_LT(redirected, 20);
}

}  // namespace
}  // namespace catwalk::tests
