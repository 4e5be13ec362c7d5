#include "tests/operators/user_events.h"

#include <gtest/gtest.h>

#include "apps/pipeline_settings.h"

namespace catwalk::operators {
namespace {

template <class Event>
Event MakeEvent(const std::string& event_id, const std::string& user, const std::string& design, int64_t at_ms) {
  Event event;
  event.set_event_id(event_id);
  event.set_user_id(user);
  event.set_design_id(design);
  event.set_occurred_at_ms(at_ms);
  return event;
}

}  // namespace

schemas::Click MakeClick(const std::string& event_id, const std::string& user, const std::string& design, int64_t at_ms) {
  return MakeEvent<schemas::Click>(event_id, user, design, at_ms);
}

schemas::Purchase MakePurchase(const std::string& event_id, const std::string& user, const std::string& design,
                               int64_t at_ms) {
  return MakeEvent<schemas::Purchase>(event_id, user, design, at_ms);
}

schemas::Activity MakeActivity(const std::string& event_id, const std::string& user, schemas::Activity::Kind kind,
                               double duration_s, int64_t at_ms) {
  auto activity = MakeEvent<schemas::Activity>(event_id, user, "", at_ms);
  activity.set_kind(kind);
  activity.set_duration_s(duration_s);
  return activity;
}

schemas::Design MakeDesign(const std::string& design, int64_t expires_at_ms) {
  auto entry = MakeEvent<schemas::Design>("catalogue-" + design, "", design, kEventTime);
  entry.set_title("title of " + design);
  entry.set_expires_at_ms(expires_at_ms);
  return entry;
}

streams::Topology SmallTopology() {
  apps::PipelineSettings settings;
  settings.k = 8;
  return apps::MakeTopology("test", schemas::TopicNames(), settings);
}

UserState StateOf(const tests::TopologyTestDriver& driver, const std::string& user) {
  UserState state;
  for (const auto& [key, value] : driver.Rows("users", "users")) {
    if (key.substr(4) != user) continue;
    EXPECT_TRUE(UserStateSerde().Decode(value, &state).ok());
  }
  return state;
}

std::vector<std::string> DesignsOf(const schemas::Recommendation& list) {
  std::vector<std::string> designs;
  for (const auto& item : list.items()) designs.push_back(item.design_id());
  return designs;
}

std::vector<std::string> EventsOf(const std::vector<schemas::Recommendation>& lists) {
  std::vector<std::string> events;
  for (const auto& list : lists) events.push_back(list.event_id());
  return events;
}

}  // namespace catwalk::operators
