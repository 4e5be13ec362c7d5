#include "apps/replay/http_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "schemas/events.pb.h"
#include "serve/event_routes.h"
#include "serve/http_server.h"
#include "serve/router.h"
#include "tests/serve/fakes.h"
#include "tests/testing/matchers.h"

namespace catwalk::apps {
namespace {

using ::testing::HasSubstr;
using tests::HasCode;
using tests::HasMessage;
using tests::IsOk;

schemas::OutgoingRecord ClickOf(const std::string& event_id, const std::string& design_id = "d1") {
  schemas::Click click;
  click.set_event_id(event_id);
  click.set_user_id("ann");
  click.set_design_id(design_id);
  click.set_occurred_at_ms(5);
  schemas::OutgoingRecord record;
  record.topic = "clicks";
  record.key = "ann";
  record.value = click.SerializeAsString();
  return record;
}

// Refuses the first appends as a busy log would, then hands on.
class BusyAtFirst final : public serve::EventSink {
 public:
  BusyAtFirst(int refusals, serve::EventSink& next) : refusals_(refusals), next_(next) {}
  Status Append(std::vector<schemas::OutgoingRecord> records) override {
    if (refusals_.fetch_sub(1) > 0) return {Code::kBackpressure, "too much in flight"};
    return next_.Append(std::move(records));
  }
  Status Sync(std::chrono::milliseconds timeout) override { return next_.Sync(timeout); }

 private:
  std::atomic<int> refusals_;
  serve::EventSink& next_;
};

// Against the real server, over a socket.
class HttpSenderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    StartServer(0, sink_);
    auto opened = HttpSender::Open("http://127.0.0.1:" + std::to_string(server_->address().port), {}, clock_, {});
    ASSERT_THAT(opened, IsOk());
    sender_ = std::move(*opened);
  }

  void StartServer(uint16_t port, serve::EventSink& sink) {
    serve::HttpServerOptions options;
    options.listen.port = port;
    serve::Router router;
    serve::AddEventRoutes(&router, sink, {}, clock_);
    auto started = serve::HttpServer::Start(options, std::move(router), &registry_, clock_);
    ASSERT_THAT(started, IsOk());
    server_ = std::move(*started);
  }

  const SystemClock clock_;
  serve::MemorySink sink_;
  prometheus::Registry registry_;
  std::unique_ptr<serve::HttpServer> server_;
  std::unique_ptr<RecordSender> sender_;
};

TEST_F(HttpSenderTest, EventsAreDurableWhenSendReturns) {
  schemas::OutgoingRecord design;
  schemas::Design message;
  message.set_event_id("e9/design");
  message.set_design_id("d1");
  message.set_occurred_at_ms(5);
  design.topic = "designs";
  design.value = message.SerializeAsString();
  ASSERT_THAT(sender_->Send({ClickOf("e1"), design, ClickOf("e2")}), IsOk());
  const auto records = sink_.records();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(sink_.durable(), 3U);
  EXPECT_EQ(records[0].topic, "clicks");
  EXPECT_EQ(records[0].key, "ann");
  EXPECT_EQ(records[1].topic, "clicks");
  EXPECT_EQ(records[2].topic, "designs");
  EXPECT_EQ(records[2].key, "d1");
}

TEST_F(HttpSenderTest, ManyEventsGoInSeveralRequestsInOrder) {
  std::vector<schemas::OutgoingRecord> records;
  for (int i = 0; i < 6000; ++i) records.push_back(ClickOf("e" + std::to_string(i), std::string(100, 'd')));
  ASSERT_THAT(sender_->Send(records), IsOk());
  EXPECT_GE(sink_.appends(), 2);
  const auto sent = sink_.records();
  ASSERT_EQ(sent.size(), records.size());
  for (size_t i = 0; i < sent.size(); ++i) EXPECT_THAT(sent[i].value, HasSubstr("e" + std::to_string(i)));
}

TEST_F(HttpSenderTest, WaitsWhileTheServerIsBusy) {
  BusyAtFirst busy(2, sink_);
  const uint16_t port = server_->address().port;
  server_.reset();
  StartServer(port, busy);
  EXPECT_THAT(sender_->Send({ClickOf("e1")}), IsOk());
  server_.reset();
  EXPECT_EQ(sink_.records().size(), 1U);
}

TEST_F(HttpSenderTest, ComesBackToAServerThatRestarted) {
  ASSERT_THAT(sender_->Send({ClickOf("e1")}), IsOk());
  const uint16_t port = server_->address().port;
  server_.reset();
  StartServer(port, sink_);
  EXPECT_THAT(sender_->Send({ClickOf("e2")}), IsOk());
  EXPECT_EQ(sink_.records().size(), 2U);
}

TEST_F(HttpSenderTest, TellsWhatTheServerRefuses) {
  const Status status = sender_->Send({ClickOf("")});
  EXPECT_THAT(status, HasCode(Code::kInvalidArgument));
  EXPECT_THAT(status, HasMessage(HasSubstr("missing_event_id")));
}

TEST_F(HttpSenderTest, SaysWhenNobodyAnswers) {
  const std::string url = "http://127.0.0.1:" + std::to_string(server_->address().port);
  server_.reset();
  const auto opened = HttpSender::Open(url, {}, clock_, {});
  EXPECT_THAT(opened, HasCode(Code::kUnavailable));
  EXPECT_THAT(opened, HasMessage(HasSubstr(url)));
}

TEST(HttpSender, RefusesOtherAddresses) {
  const SystemClock clock;
  for (const char* url : {"127.0.0.1:8080", "https://127.0.0.1:8080", "http://", "http://host:port", "http://host/path"})
    EXPECT_THAT(HttpSender::Open(url, {}, clock, {}), HasCode(Code::kInvalidArgument)) << url;
}

}  // namespace
}  // namespace catwalk::apps
