#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "serve/http_client.h"
#include "tests/integration/installation.h"

namespace catwalk::tests {
namespace {

using ::testing::HasSubstr;

class HttpTest : public ::testing::TestWithParam<bool> {
 protected:
  HttpTest() : installation_(GetParam() ? SharedKafka() : ""), process_(installation_.Start()), url_(installation_.Url()) {}
  std::string Get(const std::string& target) const { return Fetch(url_ + target); }
  serve::HttpResponse Post(const std::string& target, const std::string& body) const {
    auto client = serve::HttpClient::Connect(url_);
    EXPECT_TRUE(client.ok());
    auto response = (*client)->Post(target, "application/json", body);
    EXPECT_TRUE(response.ok()) << response.status();
    return *response;
  }

  Installation installation_;
  std::unique_ptr<Process> process_;
  std::string url_;
};

INSTANTIATE_TEST_SUITE_P(OnEachLog, HttpTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Kafka" : "Embedded"; });

std::string Click(const std::string& event, const std::string& user, const std::string& design) {
  return R"({"event_id":")" + event + R"(","user_id":")" + user + R"(","design_id":")" + design +
         R"(","occurred_at_ms":1690000000000})";
}

TEST_P(HttpTest, TakesEventsAndAnswersWithFreshLists) {
  ASSERT_TRUE(Eventually([this] { return Get("/ready").find("true") != std::string::npos; })) << Get("/ready");
  EXPECT_EQ(Post("/v1/events/clicks", Click("e1", "ann", "d1") + "\n" + Click("e2", "bob", "d2")).status / 100, 2);
  ASSERT_TRUE(Eventually([this] { return Get("/v1/users/newcomer/recommendations").find("d2") != std::string::npos; }));
  EXPECT_THAT(Get("/v1/users/newcomer/recommendations"), HasSubstr("popular now"));
  EXPECT_THAT(Get("/v1/users/ann/recommendations"), HasSubstr("\"design_id\":\"d1\""));
  EXPECT_THAT(Get("/v1/designs/d1"), HasSubstr("d1"));
  EXPECT_THAT(Get("/metrics"), HasSubstr("catwalk_end_to_end_seconds_bucket{sub_topology=\"users\""));
  EXPECT_EQ(process_->Terminate(std::chrono::seconds(5)), 0) << installation_.ErrorsOf(0);
}

TEST_P(HttpTest, RefusesABadEventWithItsRule) {
  const auto refused = Post("/v1/events/clicks", R"({"event_id":"e1","user_id":"ann","design_id":"d1","occurred_at_ms":-4})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("time_not_positive"));
  EXPECT_EQ(Post("/v1/events/nothing", "{}").status, 404);
}

}  // namespace
}  // namespace catwalk::tests
