#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "serve/build_info.h"
#include "serve/event_body.h"
#include "serve/event_routes.h"
#include "serve/operation_routes.h"
#include "serve/query_routes.h"
#include "tests/serve/fakes.h"

namespace catwalk::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

constexpr const char* kClick =
    R"({"event_id":"e1","user_id":"ann","design_id":"d1","occurred_at_ms":1699999999000,"action":"cart"})";

/// The routes of a whole server, asked without one.
class RoutesTest : public testing::Test {
 protected:
  RoutesTest() {
    EXPECT_TRUE(names.Rename(schemas::Topic::kPurchases, "shop.sales").ok());
    AddEventRoutes(&router, sink, names, clock, {.max_pending_bytes = 1000});
    AddQueryRoutes(&router, queries);
    AddOperationRoutes(&router, health, registry);
  }

  std::future<Response> Begin(Method method, const std::string& target, const std::string& body = "") {
    Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    const auto match = router.Find(&request);
    auto promise = std::make_shared<std::promise<Response>>();
    auto response = promise->get_future();
    if (match.route == nullptr) {
      promise->set_value(match.refusal);
    } else {
      match.route->handler(request, [promise](Response answer) { promise->set_value(std::move(answer)); });
    }
    return response;
  }
  Response Get(const std::string& target) { return Begin(Method::kGet, target).get(); }
  Response Post(const std::string& topic, const std::string& body) {
    return Begin(Method::kPost, "/v1/events/" + topic, body).get();
  }

  MemorySink sink;
  MapQueries queries;
  SetHealth health;
  ManualClock clock;
  prometheus::Registry registry;
  schemas::TopicNames names;
  Router router;
};

TEST_F(RoutesTest, TakesOneEventKeyedByItsUser) {
  const Response response = Post("clicks", kClick);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{\"accepted\":1}\n");
  ASSERT_EQ(sink.records().size(), 1u);
  const auto record = sink.records()[0];
  EXPECT_EQ(record.topic, "clicks");
  EXPECT_EQ(record.key, "ann");
  EXPECT_EQ(record.value, kClick);
  EXPECT_EQ(record.partition, -1);
  EXPECT_EQ(record.timestamp_ms, clock.now_ms);
  EXPECT_EQ(sink.durable(), 1u);
}

TEST_F(RoutesTest, TakesJsonLinesInTheirOrderWithOneSync) {
  const std::string body = std::string(kClick) + "\r\n\n" +
                           R"({"event_id":"e2","user_id":"b\"}b","design_id":"d1","occurred_at_ms":1})" + "\n";
  EXPECT_EQ(Post("clicks", body).body, "{\"accepted\":2}\n");
  ASSERT_EQ(sink.records().size(), 2u);
  EXPECT_EQ(sink.records()[0].key, "ann");
  EXPECT_EQ(sink.records()[1].key, "b\"}b");
  EXPECT_EQ(sink.syncs(), 1);
}

TEST_F(RoutesTest, TakesAnEventOverSeveralLines) {
  const char* body =
      "{\n \"event_id\": \"e1\", \"user_id\": \"ann\",\n \"design_id\": \"d\", \"occurred_at_ms\": 1\n}\n";
  EXPECT_EQ(Post("clicks", body).status, 202);
}

TEST_F(RoutesTest, KeysDesignsByDesignAndWritesToTheConfiguredTopic) {
  EXPECT_EQ(Post("designs", R"({"event_id":"e","design_id":"d7","occurred_at_ms":1,"title":"Coat"})").status, 202);
  EXPECT_EQ(Post("purchases", R"({"event_id":"e","user_id":"u","design_id":"d","occurred_at_ms":1})").status, 202);
  EXPECT_EQ(Post("shop.sales", R"({"event_id":"f","user_id":"u","design_id":"d","occurred_at_ms":1})").status, 202);
  ASSERT_EQ(sink.records().size(), 3u);
  EXPECT_EQ(sink.records()[0].key, "d7");
  EXPECT_EQ(sink.records()[1].topic, "shop.sales");
  EXPECT_EQ(sink.records()[2].topic, "shop.sales");
}

TEST_F(RoutesTest, TakesNothingIfOneEventIsBadAndSaysWhereAndWhy) {
  const auto expect = [&](const std::string& line, const std::string& rule) {
    const Response response = Post("clicks", std::string(kClick) + "\n\n" + line + "\n" + kClick);
    EXPECT_EQ(response.status, 400) << line;
    EXPECT_THAT(response.body, HasSubstr("\"rule\":\"" + rule + "\",\"line\":3}")) << line;
    EXPECT_THAT(response.body, StartsWith("{\"error\":\"")) << line;
  };
  expect(R"({"user_id":"u","design_id":"d","occurred_at_ms":1})", "missing_event_id");
  expect(R"({"event_id":"e","design_id":"d","occurred_at_ms":1})", "missing_user_id");
  expect(R"({"event_id":"e","user_id":"u","design_id":"d","occurred_at_ms":1,"action":"sniff"})", "unknown_enum");
  expect(R"({"event_id":"e","user_id":"u","design_id":"d","occurred_at_ms":1700086400001})", "time_in_future");
  expect(R"([{"event_id":"e"}])", "undecodable");
  expect("e1,u,d,1", "undecodable");
  expect(R"({"event_id":"e",)", "undecodable");
  expect(std::string("\n\x02" "e1\x12\x01u", 6).substr(1), "undecodable");
  EXPECT_EQ(sink.appends(), 0);
}

TEST_F(RoutesTest, RefusesABodyWithoutEvents) {
  EXPECT_EQ(Post("clicks", "").status, 400);
  EXPECT_EQ(Post("clicks", " \n").status, 400);
}

TEST_F(RoutesTest, RefusesTopicsThatAreNoInputs) {
  for (const char* topic : {"nosuch", "recommendations", "design-factors", "lineage"}) {
    const Response response = Post(topic, kClick);
    EXPECT_EQ(response.status, 404) << topic;
    EXPECT_THAT(response.body, HasSubstr("clicks, shop.sales, activity, feedback, profiles, designs"));
  }
  EXPECT_EQ(Get("/v1/events/clicks").status, 405);
}

TEST_F(RoutesTest, AnswersOnlyWhenTheEventIsDurable) {
  sink.HoldSyncs(true);
  auto response = Begin(Method::kPost, "/v1/events/clicks", kClick);
  sink.AwaitSyncs(1);
  EXPECT_EQ(response.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  sink.HoldSyncs(false);
  EXPECT_EQ(response.get().status, 202);
}

TEST_F(RoutesTest, GroupsWhatComesDuringASyncIntoTheNext) {
  sink.HoldSyncs(true);
  std::vector<std::future<Response>> responses;
  responses.push_back(Begin(Method::kPost, "/v1/events/clicks", kClick));
  sink.AwaitSyncs(1);
  for (int i = 0; i < 4; ++i) responses.push_back(Begin(Method::kPost, "/v1/events/clicks", kClick));
  EXPECT_EQ(sink.appends(), 1);
  sink.HoldSyncs(false);
  for (auto& response : responses) EXPECT_EQ(response.get().status, 202);
  EXPECT_EQ(sink.records().size(), 5u);
  EXPECT_EQ(sink.durable(), 5u);
}

TEST_F(RoutesTest, Answers429WhenTheSinkOrTheQueueIsFull) {
  sink.FailAppends({Code::kBackpressure, "in flight", Recovery::kRetryable});
  const Response full = Post("clicks", kClick);
  EXPECT_EQ(full.status, 429);
  EXPECT_THAT(full.headers, ElementsAre(Pair("Retry-After", "1")));
  sink.FailAppends({});

  sink.HoldSyncs(true);
  std::vector<std::future<Response>> pending;
  const size_t fits = 1000 / (std::string_view(kClick).size() + 3);  // with its key "ann"
  for (size_t i = 0; i < fits; ++i) pending.push_back(Begin(Method::kPost, "/v1/events/clicks", kClick));
  EXPECT_EQ(Post("clicks", kClick).status, 429);
  sink.HoldSyncs(false);
  for (auto& response : pending) EXPECT_EQ(response.get().status, 202);
  EXPECT_EQ(Post("clicks", kClick).status, 202);
  EXPECT_EQ(sink.records().size(), fits + 1);
}

TEST_F(RoutesTest, Answers503WhenTheWriteFails) {
  sink.FailSyncs({Code::kNoSpace, "the disk is full; free some"});
  const Response response = Post("clicks", kClick);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "{\"error\":\"the disk is full; free some\"}\n");
}

TEST(GroupSync, AnswersWhatIsPendingWhenItEnds) {
  MemorySink sink;
  sink.HoldSyncs(true);
  std::vector<Code> codes;
  {
    GroupSync group_sync(sink, {});
    group_sync.Submit({{}}, [&](const Status& status) { codes.push_back(status.code()); });
    sink.AwaitSyncs(1);
    group_sync.Submit({{}}, [&](const Status& status) { codes.push_back(status.code()); });
  }
  EXPECT_THAT(codes, ElementsAre(Code::kUnavailable, Code::kUnavailable));
  EXPECT_EQ(sink.appends(), 1);
}

TEST(GroupSync, GivesUpASyncThatTakesTooLong) {
  MemorySink sink;
  sink.HoldSyncs(true);
  std::promise<Code> code;
  GroupSync group_sync(sink, {.sync_timeout = std::chrono::milliseconds(1)});
  group_sync.Submit({{}}, [&](const Status& status) { code.set_value(status.code()); });
  EXPECT_EQ(code.get_future().get(), Code::kTimeout);
}

TEST(SplitEvents, FindsTheEndOfEachObject) {
  std::vector<std::pair<int64_t, std::string>> found;
  for (const auto& event : SplitEvents("\n{\"a\":{\"b\":\"}\\\"}\\\\\"}}{\"c\":1} x y\n\n  {\n")) {
    found.emplace_back(event.line, event.text);
  }
  EXPECT_THAT(found, ElementsAre(Pair(2, R"({"a":{"b":"}\"}\\"}})"), Pair(2, R"({"c":1})"), Pair(2, "x y"),
                                 Pair(4, "{\n")));
}

TEST_F(RoutesTest, GivesAListOfTheLengthAskedFor) {
  const Response response = Get("/v1/users/ann%20b/recommendations?k=2");
  EXPECT_EQ(response.status, 200);
  const char* begin = R"({"user_id":"ann b","event_id":"e1","generated_at_ms":5,"items":[{"design_id":"d0")";
  EXPECT_THAT(response.body, StartsWith(begin));
  EXPECT_THAT(response.body, HasSubstr(R"("d1")"));
  EXPECT_THAT(response.body, testing::Not(HasSubstr(R"("d2")")));
  EXPECT_THAT(Get("/v1/users/ann/recommendations").body, HasSubstr(R"("d9")"));
}

TEST_F(RoutesTest, RefusesLengthsThatAreNone) {
  for (const char* k : {"0", "-1", "101", "ten", "", "1.5", "99999999999"}) {
    EXPECT_EQ(Get("/v1/users/ann/recommendations?k=" + std::string(k)).status, 400) << k;
  }
}

TEST_F(RoutesTest, GivesContributionsToWhoAsksForThem) {
  EXPECT_THAT(Get("/v1/users/ann/recommendations?explain=true").body, HasSubstr(R"("contributions":[{"feature":"quiet")"));
  EXPECT_THAT(Get("/v1/users/ann/recommendations?explain=false").body, testing::Not(HasSubstr("quiet")));
  const Response response = Get("/v1/users/ann/recommendations?explain=maybe");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("explain must be true or false"));
}

TEST_F(RoutesTest, RedirectsToTheOwnerOfAUser) {
  queries.owners["a b"] = "10.0.0.2:8080";
  const Response response = Get("/v1/users/a%20b/recommendations?k=3");
  EXPECT_EQ(response.status, 307);
  EXPECT_THAT(response.headers,
              ElementsAre(Pair("Location", "http://10.0.0.2:8080/v1/users/a%20b/recommendations?k=3")));
  EXPECT_THAT(response.body, HasSubstr(R"("owner":"10.0.0.2:8080")"));
}

TEST_F(RoutesTest, Answers503WhileTheTablesAreNotThere) {
  queries.status = {Code::kUnavailable, "restoring; ask again later"};
  EXPECT_EQ(Get("/v1/users/ann/recommendations").status, 503);
}

TEST_F(RoutesTest, ShowsWhatIsKnownOfADesign) {
  models::CatalogueEntry entry;
  entry.title = "Coat";
  entry.category = "outer";
  queries.designs["d1"] = {"d1", entry, 2.5, 7.0, true, 0.5};
  queries.designs["d/2"].id = "d/2";
  EXPECT_EQ(Get("/v1/designs/d1").body,
            R"({"design_id":"d1","catalogue":{"title":"Coat","category":"outer","silhouette":"","colour":"",)"
            R"("material":"","designer":"","collection":"","released_at_ms":0,"expires_at_ms":0},)"
            R"("log_popularity":2.5E0,"weight":7E0,"has_factor":true,"factor_norm":5E-1})"
            "\n");
  EXPECT_THAT(Get("/v1/designs/d%2F2").body, HasSubstr(R"("catalogue":null,"log_popularity":null,"weight":null)"));
  EXPECT_EQ(Get("/v1/designs/d3").status, 404);
}

TEST_F(RoutesTest, IsLiveEvenIfNotReady) {
  EXPECT_EQ(Get("/ready").status, 200);
  health.readiness = {false, "restoring 2 of 4 tasks"};
  EXPECT_EQ(Get("/ready").status, 503);
  EXPECT_EQ(Get("/ready").body, "{\"ready\":false,\"error\":\"restoring 2 of 4 tasks\"}\n");
  EXPECT_EQ(Get("/live").status, 200);
}

TEST_F(RoutesTest, ServesMetricsInTheTextFormat) {
  ExportBuildInfo({"0.1.0", "gcc 12", "release", "2.15.1"}, &registry);
  const Response response = Get("/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr(R"(catwalk_build_info{)"));
  EXPECT_THAT(response.body, HasSubstr(R"(version="0.1.0")"));
}

}  // namespace
}  // namespace catwalk::serve
