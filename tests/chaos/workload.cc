#include "tests/chaos/workload.h"

#include <utility>

#include "base/hash.h"

namespace catwalk::chaos {
namespace {

constexpr int64_t kStartMs = 1'690'000'000'000;
/// Two hours an event, so that windows and days close while a round lasts.
constexpr int64_t kBetweenMs = 7'200'000;
constexpr int64_t kMostLateMs = 40'000'000;

std::string Member(const char* name, const std::string& text) { return std::string(",\"") + name + "\":\"" + text + '"'; }

}  // namespace

std::vector<schemas::OutgoingRecord> Workload::Next(int count) {
  records_.clear();
  for (int i = 0; i < count; ++i) AddEvent();
  return std::move(records_);
}

void Workload::AddEvent() {
  event_ = "e" + std::to_string(events_++);
  const auto dice = Below(100);
  if (dice < 40) AddClick();
  else if (dice < 62) AddPurchase();
  else if (dice < 70) AddActivity();
  else if (dice < 84) AddFeedback();
  else if (dice < 90) AddProfile();
  else if (dice < 96) AddDesign();
  else AddPoison();
  if (Below(50) == 0) records_.push_back(records_[Below(records_.size())]);  // sent twice
}

void Workload::Add(std::string topic, std::string key, std::string value) {
  auto& record = records_.emplace_back();
  record.topic = std::move(topic);
  record.key = std::move(key);
  record.value = std::move(value);
}

std::string Workload::Common(const std::string& user) {
  const int64_t at_ms = kStartMs + events_ * kBetweenMs - static_cast<int64_t>(Below(kMostLateMs));
  return R"({"event_id":")" + event_ + R"(","user_id":")" + user + R"(","occurred_at_ms":)" + std::to_string(at_ms);
}

void Workload::AddWanted(std::string topic, const std::string& user, const std::string& more) {
  wanted_.insert(event_);
  Add(std::move(topic), user, Common(user) + more + "}");
}

void Workload::AddClick() {
  const char* actions[] = {"click", "view", "wishlist", "cart"};
  AddWanted("clicks", User(), Member("design_id", Design()) + Member("action", actions[Below(4)]));
}

void Workload::AddPurchase() {
  const Purchase purchase{User(), Design(), event_};
  purchases_.push_back(purchase);
  AddWanted("purchases", purchase.user,
            Member("design_id", purchase.design) + Member("kind", Below(8) == 0 ? "return" : "rental") +
                Member("size", std::to_string(2 * Below(10))));
}

void Workload::AddActivity() {
  AddWanted("activity", User(), Member("design_id", Design()) + Member("kind", "party") + ",\"duration_s\":600");
}

void Workload::AddFeedback() {
  const char* fits[] = {"small", "true", "large"};
  if (purchases_.empty() || Below(4) == 0) {
    const std::string user = User();
    return Add("feedback", user, Common(user) + Member("design_id", Design()) + ",\"rating\":4}");
  }
  const Purchase about = purchases_[Below(purchases_.size())];
  Add("feedback", about.user,
      Common(about.user) + Member("design_id", about.design) + Member("about_event_id", about.event) +
          Member("fit", fits[Below(3)]) + "}");
}

void Workload::AddProfile() {
  const char* bodies[] = {"athletic", "petite", "hourglass"};
  const std::string user = User();
  Add("profiles", user,
      Common(user) + Member("body_type", bodies[Below(3)]) + ",\"age\":" + std::to_string(20 + Below(40)) +
          ",\"height\":" + std::to_string(60 + Below(15)) + "}");
}

void Workload::AddDesign() {
  const char* categories[] = {"gown", "top", "dress"};
  const char* colours[] = {"red", "blue"};
  const std::string design = Design();
  if (Below(12) == 0) {
    Add("designs", design, "");
    records_.back().tombstone = true;
    return;
  }
  Add("designs", design,
      R"({"design_id":")" + design + '"' + Member("title", design) + Member("category", categories[Below(3)]) +
          Member("colour", colours[Below(2)]) + R"(,"sizes":["2","4","8"]})");
}

void Workload::AddPoison() {
  const std::string user = User();
  switch (Below(7)) {
    case 0: return Add("clicks", user, "\x01 no message of anything");
    case 1: return Add("purchases", user, R"({"event_id":")" + event_ + R"(","user_id":")" + user + R"(","occurred_at_ms":-1})");
    case 2: return Add("design-updates", Design(), "{}");
    case 3: return Add("model-updates", "", "\x08 neither");
    case 4: return Add("design-factors", "poison", "\xff\xff");
    case 5:
      Add("profiles", user, "");
      records_.back().tombstone = true;
      return;
    default:
      Add("clicks", user, Common(user) + Member("design_id", Design()) + "}");
      records_.back().partition = (PartitionForKey(user, partitions_) + 1) % partitions_;
  }
}

}  // namespace catwalk::chaos
