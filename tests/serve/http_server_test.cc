#include "serve/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "serve/event_routes.h"
#include "serve/operation_routes.h"
#include "serve/query_routes.h"
#include "tests/serve/client.h"
#include "tests/serve/fakes.h"

namespace catwalk::serve {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

using std::chrono::milliseconds;

constexpr const char* kClick = R"({"event_id":"e1","user_id":"ann","design_id":"d1","occurred_at_ms":1})";

std::string PostOf(const std::string& body, const std::string& more_headers = "") {
  return "POST /v1/events/clicks HTTP/1.1\r\nHost: test\r\n" + more_headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    options.listen.port = 0;
    options.max_body_bytes = 1000;
  }
  /// Starts the server; returns its port.
  uint16_t Start() {
    Router router;
    AddEventRoutes(&router, sink, schemas::TopicNames(), clock);
    AddQueryRoutes(&router, queries);
    AddOperationRoutes(&router, health, registry);
    router.Add(Method::kGet, "/drop", Runs::kOnWorker, [](const Request&, const Answer&) {});
    router.Add(Method::kGet, "/throw", Runs::kOnWorker,
               [](const Request&, const Answer&) { throw std::runtime_error("boom"); });
    auto started = HttpServer::Start(options, std::move(router), &registry, clock);
    EXPECT_TRUE(started.ok()) << started.status();
    server = std::move(*started);
    return server->address().port;
  }

  HttpServerOptions options;
  MemorySink sink;
  MapQueries queries;
  SetHealth health;
  SystemClock clock;
  prometheus::Registry registry;
  std::unique_ptr<HttpServer> server;
};

TEST_F(HttpServerTest, PicksAFreePortAndServesOnIt) {
  const uint16_t port = Start();
  EXPECT_NE(port, 0);
  EXPECT_EQ(server->address().ToString(), "127.0.0.1:" + std::to_string(port));
  const std::string response = Client(port).Get("/live");
  EXPECT_EQ(StatusOf(response), 200);
  EXPECT_THAT(response, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\n{\"live\":true}\n"));
}

TEST_F(HttpServerTest, KeepsAConnectionForManyRequests) {
  Client client(Start());
  for (int i = 0; i < 100; ++i) {
    client.Send(PostOf(kClick));
    ASSERT_EQ(StatusOf(client.Receive()), 202);
    ASSERT_EQ(StatusOf(client.Get("/v1/users/ann/recommendations")), 200);
  }
  EXPECT_EQ(sink.durable(), 100u);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  Client client(Start());
  client.Send("GET /live HTTP/1.1\r\nHost: t\r\n\r\n" + PostOf(kClick) +
              "GET /v1/designs/none HTTP/1.1\r\nHost: t\r\n\r\nHEAD /ready HTTP/1.1\r\nHost: t\r\n\r\n"
              "GET /live HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.Receive(), EndsWith("{\"live\":true}\n"));
  EXPECT_THAT(client.Receive(), EndsWith("{\"accepted\":1}\n"));
  EXPECT_EQ(StatusOf(client.Receive()), 404);
  const std::string head = client.Receive(true);
  EXPECT_THAT(head, HasSubstr("Content-Length: 15\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  EXPECT_THAT(client.Receive(), EndsWith("{\"live\":true}\n"));
  EXPECT_TRUE(client.AwaitClose());
}

TEST_F(HttpServerTest, AnswersHttp10AndCloses) {
  Client client(Start());
  client.Send("GET /live HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.Receive(), testing::StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_TRUE(client.AwaitClose());
}

TEST_F(HttpServerTest, RefusesLargeBodiesBeforeTheyCome) {
  Client client(Start());
  client.Send("POST /v1/events/clicks HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\n\r\n");
  const std::string response = client.Receive();
  EXPECT_EQ(StatusOf(response), 413);
  EXPECT_THAT(response, HasSubstr("larger than 1000 bytes"));
  EXPECT_TRUE(client.AwaitClose());
}

TEST_F(HttpServerTest, RefusesLargeChunkedBodiesThatAreStillComing) {
  Client client(Start());
  client.Send("POST /v1/events/clicks HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.Send("800\r\n" + std::string(0x800, 'x') + "\r\n");
  EXPECT_EQ(StatusOf(client.Receive()), 413);
  client.Send("800\r\n" + std::string(0x800, 'x') + "\r\n");
  EXPECT_TRUE(client.AwaitClose());
}

TEST_F(HttpServerTest, TakesABodyOfExactlyTheLimit) {
  Client client(Start());
  std::string body = kClick;
  body.resize(1000, ' ');
  client.Send(PostOf(body));
  EXPECT_EQ(StatusOf(client.Receive()), 202);
}

TEST_F(HttpServerTest, RefusesLargeHeads) {
  options.max_header_bytes = 1000;
  Client client(Start());
  client.Send("GET /live HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n");
  EXPECT_EQ(StatusOf(client.Receive()), 431);
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  Client client(Start());
  client.Send("\x16\x03\x01 hello\r\n\r\n");
  EXPECT_EQ(StatusOf(client.Receive()), 400);
}

TEST_F(HttpServerTest, InvitesABodyThatWaitsForIt) {
  Client client(Start());
  client.Send("POST /v1/events/clicks HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: " +
              std::to_string(std::string_view(kClick).size()) + "\r\n\r\n");
  EXPECT_EQ(StatusOf(client.Receive(true)), 100);
  client.Send(kClick);
  EXPECT_EQ(StatusOf(client.Receive()), 202);
}

TEST_F(HttpServerTest, ServesOthersWhileAClientIsSlow) {
  const uint16_t port = Start();
  Client slow_head(port), slow_body(port);
  slow_head.Send("GET /li");
  slow_body.Send("POST /v1/events/clicks HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n{");
  EXPECT_EQ(StatusOf(Client(port).Get("/live")), 200);
  slow_head.Send("ve HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_EQ(StatusOf(slow_head.Receive()), 200);
}

TEST_F(HttpServerTest, StaysLiveWhileAllWorkersAreBusy) {
  const uint16_t port = Start();
  queries.Hold(true);
  Client first(port), second(port);
  for (Client* client : {&first, &second}) client->Send("GET /v1/users/u/recommendations HTTP/1.1\r\nHost: t\r\n\r\n");
  queries.AwaitRunning(2);
  EXPECT_EQ(StatusOf(Client(port).Get("/live")), 200);
  queries.Hold(false);
  EXPECT_EQ(StatusOf(first.Receive()), 200);
  EXPECT_EQ(StatusOf(second.Receive()), 200);
}

TEST_F(HttpServerTest, ClosesConnectionsThatStandStill) {
  options.idle_timeout = milliseconds(20);
  options.read_timeout = milliseconds(20);
  const uint16_t port = Start();
  Client silent(port), slow_head(port), slow_body(port);
  slow_head.Send("GET /li");
  slow_body.Send("POST /v1/events/clicks HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n{");
  EXPECT_TRUE(silent.AwaitClose());
  EXPECT_TRUE(slow_head.AwaitClose());
  EXPECT_TRUE(slow_body.AwaitClose());
}

TEST_F(HttpServerTest, TurnsConnectionsAwayPastTheirNumber) {
  options.max_connections = 1;
  const uint16_t port = Start();
  Client first(port);
  EXPECT_EQ(StatusOf(first.Get("/live")), 200);
  Client second(port);
  const std::string response = second.Receive();
  EXPECT_EQ(StatusOf(response), 503);
  EXPECT_THAT(response, EndsWith("try again later\"}\n"));
  EXPECT_TRUE(second.AwaitClose());
  EXPECT_THAT(first.Get("/metrics"), HasSubstr("catwalk_http_connections_refused_total 1\n"));
}

TEST_F(HttpServerTest, Answers500ForHandlersThatThrowOrForget) {
  Client client(Start());
  EXPECT_EQ(StatusOf(client.Get("/throw")), 500);
  EXPECT_EQ(StatusOf(client.Get("/drop")), 500);
  EXPECT_EQ(StatusOf(client.Get("/live")), 200);
}

TEST_F(HttpServerTest, RefusesAPortThatIsTaken) {
  options.listen.port = Start();
  const auto second = HttpServer::Start(options, Router(), &registry, clock);
  EXPECT_EQ(second.status().code(), Code::kAddressInUse);
  EXPECT_EQ(second.status().message(),
            server->address().ToString() +
                " is taken; stop the other process or choose another port, 0 picks a free one");
}

TEST_F(HttpServerTest, RefusesAddressesOfOtherMachines) {
  options.listen.host = "192.0.2.1";  // reserved for documentation (RFC 5737)
  EXPECT_EQ(HttpServer::Start(options, Router(), &registry, clock).status().code(), Code::kInvalidArgument);
}

TEST_F(HttpServerTest, StopsTwiceAndClosesIdleConnections) {
  Client client(Start());
  EXPECT_EQ(StatusOf(client.Get("/live")), 200);
  server->Stop();
  EXPECT_TRUE(client.AwaitClose());
  server->Stop();
}

TEST_F(HttpServerTest, LetsARunningRequestFinishWhenItStops) {
  options.stop_grace = std::chrono::seconds(10);
  Client client(Start());
  sink.HoldSyncs(true);
  client.Send(PostOf(kClick));
  sink.AwaitSyncs(1);
  std::jthread stopping([this] { server->Stop(); });
  while (StatusOf(Client(server->address().port).Get("/live")) != 0) {  // until the stop has begun
  }
  sink.HoldSyncs(false);
  const std::string response = client.Receive();
  EXPECT_EQ(StatusOf(response), 202);
  EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServerTest, StopsWithinASecondThoughASyncHangs) {
  options.stop_grace = milliseconds(1);
  Client client(Start());
  sink.HoldSyncs(true);
  client.Send(PostOf(kClick));
  sink.AwaitSyncs(1);
  const int64_t begin_us = clock.SteadyUs();
  server->Stop();
  EXPECT_LT(clock.SteadyUs() - begin_us, 1'000'000);
  EXPECT_TRUE(client.AwaitClose());
}

TEST_F(HttpServerTest, StopsWhileManyClientsAsk) {
  const uint16_t port = Start();
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([port] {
      Client client(port);
      while (client.Send(PostOf(kClick)) && StatusOf(client.Receive()) == 202) {
      }
    });
  }
  sink.AwaitAppends(50);
  server->Stop();
  clients.clear();
  EXPECT_EQ(sink.durable(), sink.records().size());
}

TEST_F(HttpServerTest, CountsRequestsByRouteAndStatus) {
  Client client(Start());
  client.Get("/live");
  client.Get("/live");
  client.Get("/nothing");
  client.Send(PostOf("{}"));
  client.Receive();
  const std::string metrics = client.Get("/metrics");
  EXPECT_THAT(metrics, HasSubstr("catwalk_http_requests_total{route=\"/live\",status=\"200\"} 2\n"));
  EXPECT_THAT(metrics, HasSubstr("catwalk_http_requests_total{route=\"none\",status=\"404\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("catwalk_http_requests_total{route=\"/v1/events/{topic}\",status=\"400\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("catwalk_http_request_duration_seconds_count{route=\"/live\"} 2\n"));
  EXPECT_THAT(metrics, HasSubstr("catwalk_http_connections 1\n"));
}

TEST_F(HttpServerTest, ServesMetricsThatPromtoolAccepts) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << "promtool is missing; install the package prometheus";
    GTEST_SKIP() << "promtool is not installed (package prometheus)";
  }
  Client client(Start());
  client.Get("/live");
  const std::string response = client.Get("/metrics");
  const std::string path = testing::TempDir() + "catwalk-metrics-" + std::to_string(server->address().port);
  std::ofstream(path) << response.substr(response.find("\r\n\r\n") + 4);
  EXPECT_EQ(std::system(("promtool check metrics <" + path).c_str()), 0);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace catwalk::serve
