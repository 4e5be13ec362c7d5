#include "apps/replay/http_sender.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/replay/contract.h"
#include "apps/replay/patience.h"
#include "schemas/codec.h"

namespace catwalk::apps {
namespace {

constexpr std::chrono::milliseconds kPatience{60'000};
// Half of what the server takes by default.
constexpr size_t kBodyBytes = 512 << 10;

// The lines for one topic, cut into bodies that the server takes.
struct TopicLines {
  std::string topic;
  std::vector<std::string> bodies;
};

void AddLine(const schemas::OutgoingRecord& record, const schemas::TopicNames& names, std::vector<TopicLines>* topics) {
  auto found = std::ranges::find(*topics, record.topic, &TopicLines::topic);
  if (found == topics->end()) found = topics->insert(topics->end(), {record.topic, {}});
  const auto event = NewMessage(names.Find(record.topic)->topic);
  event->ParseFromString(record.value);
  std::string line;
  schemas::AppendJson(*event, &line);
  auto& bodies = found->bodies;
  if (bodies.empty() || bodies.back().size() + line.size() > kBodyBytes) bodies.emplace_back();
  bodies.back().append(line).append("\n");
}

bool Busy(int status) { return status == 429 || status == 503; }

}  // namespace

Result<std::unique_ptr<RecordSender>> HttpSender::Open(const std::string& url, const schemas::TopicNames& names,
                                                       const Clock& clock, std::stop_token stop) {
  ASSIGN_OR_RETURN(auto client, serve::HttpClient::Connect(url));
  return std::unique_ptr<RecordSender>(new HttpSender(std::move(client), names, clock, std::move(stop)));
}

HttpSender::HttpSender(std::unique_ptr<serve::HttpClient> client, const schemas::TopicNames& names, const Clock& clock,
                       std::stop_token stop)
    : client_(std::move(client)), names_(names), clock_(clock), stop_(std::move(stop)) {}

Status HttpSender::Send(std::vector<schemas::OutgoingRecord> records) {
  std::vector<TopicLines> topics;
  for (const auto& record : records) AddLine(record, names_, &topics);
  for (const auto& [topic, bodies] : topics)
    for (const std::string& body : bodies)
      RETURN_IF_ERROR(RetryWhileBusy([&] { return Post(topic, body); }, kPatience, stop_, clock_));
  return Status::Ok();
}

Status HttpSender::Post(const std::string& topic, const std::string& lines) {
  ASSIGN_OR_RETURN(const auto response, client_->Post("/v1/events/" + topic, "application/x-ndjson", lines));
  if (response.status / 100 == 2) return Status::Ok();
  const std::string answer = "the server answers " + std::to_string(response.status) + " to events for " + topic +
                             ": " + response.body;
  return {Busy(response.status) ? Code::kBackpressure : Code::kInvalidArgument, answer};
}

}  // namespace catwalk::apps
