#include "serve/event_routes.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "serve/event_body.h"

namespace catwalk::serve {
namespace {

bool IsInput(const schemas::TopicSpec& spec) { return spec.topic <= schemas::Topic::kDesigns; }

Response NoSuchTopic(const schemas::TopicNames& names) {
  std::string inputs;
  for (const auto& spec : schemas::AllTopics()) {
    if (IsInput(spec)) inputs += (inputs.empty() ? "" : ", ") + names.Of(spec.topic);
  }
  return ErrorResponse(404, "events are not taken for this topic; post them to one of " + inputs);
}

Response BadRequest(const BadEvent& bad) {
  const std::string what = bad.message + "; nothing was taken";
  const boost::json::object body{{"error", what}, {"rule", bad.rule}, {"line", bad.line}};
  return {.status = 400, .body = boost::json::serialize(body) + "\n", .headers = {}};
}

Response Accepted(size_t count) {
  return {.status = 202, .body = R"({"accepted":)" + std::to_string(count) + "}\n", .headers = {}};
}

/// What the route needs, shared by its calls and gone with the router (hence shared_ptr).
class EventRoute {
 public:
  EventRoute(EventSink& sink, const schemas::TopicNames& names, const Clock& clock, const GroupSyncOptions& options)
      : names_(names), clock_(clock), group_sync_(sink, options) {}

  void Post(const Request& request, const Answer& answer) {
    const auto* spec = names_.Find(request.path.at("topic"));
    if (spec == nullptr || !IsInput(*spec)) return answer(NoSuchTopic(names_));
    auto events = ReadEvents(spec->topic, names_.Of(spec->topic), request.body, clock_.NowMs());
    if (const auto* bad = std::get_if<BadEvent>(&events)) return answer(BadRequest(*bad));
    auto records = std::get<std::vector<schemas::OutgoingRecord>>(std::move(events));
    if (records.empty()) return answer(ErrorResponse(400, "the body is empty; send one JSON event, or one a line"));
    const size_t count = records.size();
    group_sync_.Submit(std::move(records), [answer, count](const Status& status) {
      answer(status.ok() ? Accepted(count) : ErrorResponse(status));
    });
  }

 private:
  const schemas::TopicNames names_;
  const Clock& clock_;
  GroupSync group_sync_;
};

}  // namespace

void AddEventRoutes(Router* router, EventSink& sink, const schemas::TopicNames& names, const Clock& clock,
                    const GroupSyncOptions& options) {
  auto route = std::make_shared<EventRoute>(sink, names, clock, options);
  router->Add(Method::kPost, "/v1/events/{topic}", Runs::kOnWorker,
              [route](const Request& request, const Answer& answer) { route->Post(request, answer); });
}

}  // namespace catwalk::serve
