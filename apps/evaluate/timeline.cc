#include "apps/evaluate/timeline.h"

#include <algorithm>
#include <utility>

#include "apps/replay/contract.h"
#include "operators/interpret.h"
#include "operators/profile_groups.h"
#include "schemas/codec.h"

namespace catwalk::apps {
namespace {

using schemas::Topic;

bool IsEvent(Topic topic) { return topic == Topic::kClicks || topic == Topic::kPurchases || topic == Topic::kActivity; }

std::unique_ptr<google::protobuf::Message> Decoded(Topic topic, const schemas::OutgoingRecord& record) {
  auto message = NewMessage(topic);
  return schemas::Decode(record.value, message.get()) ? nullptr : std::move(message);
}

void TakeFit(Topic topic, const google::protobuf::Message& message, TimelineEntry* entry) {
  if (topic == Topic::kPurchases) {
    const auto& purchase = static_cast<const schemas::Purchase&>(message);
    if (purchase.kind() != schemas::Purchase::KIND_RETURN) entry->size_taken = models::ParseSize(purchase.size());
  } else if (topic == Topic::kFeedback) {
    const auto& feedback = static_cast<const schemas::Feedback&>(message);
    if (const auto fit = operators::FitOf(feedback); fit && !feedback.design_id().empty())
      entry->said_fit = {feedback.user_id(), feedback.design_id(), feedback.about_event_id(), 0, 0, *fit};
  }
}

void TakeRecord(const schemas::TopicNames& names, schemas::OutgoingRecord record, TimelineEntry* entry) {
  const auto* spec = names.Find(record.topic);
  const auto message = spec == nullptr ? nullptr : Decoded(spec->topic, record);
  if (message == nullptr) return;
  TakeFit(spec->topic, *message, entry);
  if (entry->at_ms == 0 || IsEvent(spec->topic)) entry->at_ms = OccurredAtMs(*message);
  auto& where = spec->topic == Topic::kProfiles ? entry->before : entry->rest;
  where.push_back(std::move(record));
  if (!IsEvent(spec->topic)) return;
  const auto interaction = operators::InteractionOf(spec->topic, *message);
  entry->kind = interaction.kind;
  entry->is_choice =
      interaction.design != 0 && models::InteractionWeight(interaction.kind, interaction.magnitude) > 0;
  entry->user_id = CommonText(*message, CommonField::kUserId);
  entry->design_id = CommonText(*message, CommonField::kDesignId);
}

/// Follows what is known of each user, and numbers everything in the order of time.
class Numberer {
 public:
  explicit Numberer(Timeline* timeline) : timeline_(*timeline) {}

  void Take(TimelineEntry* entry) {
    for (const auto& record : entry->before) {
      schemas::Profile profile;
      if (schemas::Decode(record.value, &profile)) continue;
      profiles_[profile.user_id()].MergeFrom(profile);
    }
    if (entry->said_fit) {
      entry->said_fit->user = timeline_.fit_users.Of(entry->said_fit->user_id);
      entry->said_fit->design = timeline_.fit_designs.Of(entry->said_fit->design_id);
    }
    if (!entry->is_choice) return;
    ++timeline_.choices;
    entry->user = timeline_.users.Of(entry->user_id);
    entry->design = timeline_.designs.Of(entry->design_id);
    const auto profile = profiles_.find(entry->user_id);
    if (profile == profiles_.end()) return;
    for (const auto& group : operators::GroupsOf(profile->second)) entry->segments.push_back(timeline_.segments.Of(group));
  }

 private:
  Timeline& timeline_;
  std::unordered_map<std::string, schemas::Profile> profiles_;
};

}  // namespace

Result<Timeline> ReadTimeline(EventInput& input, const schemas::TopicNames& names, BadLines& bad_lines,
                              const std::stop_token& stop) {
  Timeline timeline;
  InputLine line;
  while (!stop.stop_requested()) {
    ASSIGN_OR_RETURN(const bool more, input.Next(&line));
    if (!more) break;
    if (line.violation) {
      bad_lines.Report(line.number, *line.violation);
      continue;
    }
    auto& entry = timeline.entries.emplace_back();
    for (auto& record : line.records) TakeRecord(names, std::move(record), &entry);
  }
  std::stable_sort(timeline.entries.begin(), timeline.entries.end(),
                   [](const auto& a, const auto& b) { return a.at_ms < b.at_ms; });
  Numberer numberer(&timeline);
  for (auto& entry : timeline.entries) numberer.Take(&entry);
  return timeline;
}

}  // namespace catwalk::apps
