#include "serve/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/listen_address.h"
#include "serve/percent_decode.h"

namespace catwalk::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const Handler nothing = [](const Request&, const Answer&) {};
    router.Add(Method::kPost, "/v1/events/{topic}", Runs::kOnWorker, nothing);
    router.Add(Method::kGet, "/v1/users/{id}/recommendations", Runs::kOnWorker, nothing);
    router.Add(Method::kGet, "/live", Runs::kOnNetworkThread, nothing);
  }
  Router::Match Find(Method method, std::string target) {
    request = {};
    request.method = method;
    request.target = std::move(target);
    return router.Find(&request);
  }

  Router router;
  Request request;
};

TEST_F(RouterTest, FindsTheRouteAndItsParameters) {
  const auto match = Find(Method::kGet, "/v1/users/ann/recommendations?k=3&empty=&flag&k=4");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "/v1/users/{id}/recommendations");
  EXPECT_EQ(match.route->index, 1u);
  EXPECT_THAT(request.path, ElementsAre(Pair("id", "ann")));
  EXPECT_THAT(request.query, ElementsAre(Pair("empty", ""), Pair("flag", ""), Pair("k", "3")));
}

TEST_F(RouterTest, DecodesSegmentsAfterSplittingThem) {
  ASSERT_NE(Find(Method::kGet, "/v1/users/a%2Fb+c%20%C3%A9/recommendations?q=x+y%26z").route, nullptr);
  EXPECT_EQ(request.path["id"], "a/b+c é");
  EXPECT_EQ(request.query["q"], "x y&z");
}

TEST_F(RouterTest, RefusesEscapesThatAreNoneWith400) {
  for (const char* bad : {"/v1/events/%", "/v1/events/%4", "/v1/events/%zz", "/v1/events/%+1", "/v1/events/%ff",
                          "/v1/events/clicks?k=%C3"}) {
    const auto match = Find(Method::kPost, bad);
    EXPECT_EQ(match.route, nullptr) << bad;
    EXPECT_EQ(match.refusal.status, 400) << bad;
  }
}

TEST_F(RouterTest, RefusesOtherAddressesWith404AndNamesThoseThereAre) {
  for (const char* unknown : {"/", "", "/v1/users//recommendations", "/v1/users/ann", "/live/", "live", "//live",
                              "/v1/users/ann/recommendations/x", "http://host/live"}) {
    const auto match = Find(Method::kGet, unknown);
    EXPECT_EQ(match.route, nullptr) << unknown;
    EXPECT_EQ(match.refusal.status, 404) << unknown;
    EXPECT_THAT(match.refusal.body, HasSubstr("/v1/events/{topic}, /v1/users/{id}/recommendations, /live"));
  }
}

TEST_F(RouterTest, RefusesOtherMethodsWith405AndTheOneAllowed) {
  const auto match = Find(Method::kGet, "/v1/events/clicks");
  EXPECT_EQ(match.refusal.status, 405);
  EXPECT_THAT(match.refusal.headers, ElementsAre(Pair("Allow", "POST")));
  EXPECT_EQ(match.refusal.body, "{\"error\":\"this address takes POST only\"}\n");
  EXPECT_EQ(Find(Method::kOther, "/live").refusal.status, 405);
}

TEST(PercentDecode, LeavesPlusAloneInPaths) {
  EXPECT_EQ(PercentDecode("a+b", false), "a+b");
  EXPECT_EQ(PercentDecode("a+b", true), "a b");
  EXPECT_EQ(PercentDecode("%2b%2B", true), "++");
  EXPECT_EQ(PercentDecode("%-1", false), std::nullopt);
}

TEST(ListenAddress, ReadsHostAndPort) {
  const auto expect = [](const char* text, const char* host, uint16_t port, const char* again) {
    const auto address = ListenAddress::Parse(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->host, host);
    EXPECT_EQ(address->port, port);
    EXPECT_EQ(address->ToString(), again);
  };
  expect("127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080");
  expect("[::1]:0", "::1", 0, "[::1]:0");
  expect(":65535", "0.0.0.0", 65535, "0.0.0.0:65535");
}

TEST(ListenAddress, RefusesWhatIsNone) {
  for (const char* bad : {"", "8080", "localhost", "h:", "h:x", "h:65536", "h:-1", "::1:80", "h:80 "}) {
    EXPECT_EQ(ListenAddress::Parse(bad).status().code(), Code::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace catwalk::serve
