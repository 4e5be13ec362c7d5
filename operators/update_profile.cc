#include "operators/update_profile.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

#include "base/hash.h"
#include "operators/interpret.h"
#include "operators/profile_groups.h"

namespace catwalk::operators {
namespace {

using models::InteractionKind;

void AddActivity(const schemas::Activity& activity, UserState* user) {
  user->activity_seconds[static_cast<size_t>(activity.kind())] +=
      static_cast<uint64_t>(std::llround(activity.duration_s()));
}

/// Drops the oldest interaction, keeping in mind what was bought.
void ForgetOldest(size_t bought_limit, UserState* user) {
  const auto& oldest = user->history.front();
  auto& bought = user->bought;
  if (models::IsAcquisition(oldest.kind) && std::find(bought.begin(), bought.end(), oldest.design) == bought.end()) {
    bought.push_back(oldest.design);
    if (bought.size() > bought_limit) bought.erase(bought.begin());
  }
  user->history.erase(user->history.begin());
}

/// Of models::Measures, in its order.
constexpr std::string_view kMeasureNames[models::kMeasures] = {"age",   "height", "weight",      "bust_band",
                                                               "waist", "hips",   "foot_length", "foot_width"};

void NoteMeasures(const schemas::StoredProfile& profile, models::UserFit* fit) {
  for (const auto& feature : profile.features()) {
    if (feature.imputed()) continue;
    const auto at = std::find(std::begin(kMeasureNames), std::end(kMeasureNames), feature.name());
    if (at == std::end(kMeasureNames)) continue;
    fit->measures[static_cast<size_t>(at - std::begin(kMeasureNames))] = feature.value();
    fit->measured = true;
  }
}

}  // namespace

void StoredProfileSerde::Encode(const schemas::StoredProfile& value, std::string* out) const {
  google::protobuf::io::StringOutputStream bytes(out);
  google::protobuf::io::CodedOutputStream coded(&bytes);
  coded.SetSerializationDeterministic(true);
  value.SerializeToCodedStream(&coded);
}

Status StoredProfileSerde::Decode(std::string_view bytes, schemas::StoredProfile* value) const {
  if (value->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Status::Ok();
  return {Code::kCorruption, "a stored profile is damaged"};
}

Status UpdateProfile::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(profiles_,
                   OpenTable<schemas::StoredProfile>(context, "profiles", std::make_unique<StoredProfileSerde>(),
                                                     {.cache_entries = 10'000, .cache_bytes = 8 << 20}));
  return Status::Ok();
}

Status UpdateProfile::Process(std::span<UserWork> batch, OperatorContext&) {
  for (auto& work : batch) {
    if (work.done) continue;
    if (work.topic == schemas::Topic::kProfiles) {
      RETURN_IF_ERROR(MergeProfile(work));
      work.done = true;
      continue;
    }
    work.interaction = InteractionOf(work.topic, *work.message);
    if (work.topic == schemas::Topic::kActivity)
      AddActivity(static_cast<const schemas::Activity&>(*work.message), work.user);
    work.wants_list = options_.sends_lists && work.topic != schemas::Topic::kFeedback;
    AddInteraction(&work);
  }
  return Status::Ok();
}

Status UpdateProfile::MergeProfile(const UserWork& work) {
  const auto& profile = static_cast<const schemas::Profile&>(*work.message);
  ASSIGN_OR_RETURN(schemas::StoredProfile * stored, profiles_->GetOrCreate(work.user_id));
  if (profile.consents_size() > 0) stored->mutable_profile()->clear_consents();
  stored->mutable_profile()->MergeFrom(profile);
  for (const auto& feature : work.features) {
    auto* features = stored->mutable_features();
    const auto same = std::find_if(features->begin(), features->end(),
                                   [&](const auto& known) { return known.name() == feature.name(); });
    if (same == features->end()) {
      *features->Add() = feature;
    } else if (!feature.imputed()) {
      *same = feature;
    }
  }
  profiles_->MarkDirty(work.user_id);
  work.user->groups.clear();
  for (const std::string& group : GroupsOf(stored->profile())) work.user->groups.push_back(Hash64(group));
  work.user->groups.resize(std::min(work.user->groups.size(), kMaxProfileGroups));
  NoteMeasures(*stored, &work.user->fit);
  return Status::Ok();
}

void UpdateProfile::AddInteraction(UserWork* work) const {
  if (work->design_id.empty()) return;
  const auto& interaction = work->interaction;
  work->weight = models::InteractionWeight(interaction.kind, interaction.magnitude);
  if (interaction.kind == InteractionKind::kFeedback && interaction.magnitude == 0) return;
  if (options_.design_updates) LatestDesigns(work->user->history, static_cast<size_t>(options_.recent_limit), &work->recent);
  work->user->history.push_back(interaction);
  work->added = true;
  if (work->user->history.size() > static_cast<size_t>(options_.history_limit)) {
    ForgetOldest(static_cast<size_t>(options_.bought_limit), work->user);
  }
}

}  // namespace catwalk::operators
