#include "schemas/topics.h"

#include <algorithm>
#include <utility>

#include "schemas/events.pb.h"
#include "schemas/internal.pb.h"
#include "schemas/outputs.pb.h"

namespace catwalk::schemas {
namespace {

constexpr int64_t kDayMs = 24LL * 60 * 60 * 1000;
constexpr int64_t kForEver = -1;
constexpr size_t kMaxTopicName = 249;  // Kafka's limit

constexpr std::string_view kUserId = "user_id";
constexpr std::string_view kDesignId = "design_id";
constexpr std::string_view kStoreAndKey = "store and key";

constexpr auto kByUser = Partitioning::kByUser;
constexpr auto kByDesign = Partitioning::kByDesign;
constexpr auto kSingle = Partitioning::kSingle;
constexpr auto kDelete = Cleanup::kDelete;
constexpr auto kCompact = Cleanup::kCompact;

/// The row of a topic that holds messages of type M.
template <class M>
TopicSpec Row(Topic topic, std::string_view name, std::string_view key, Partitioning partitioning, Cleanup cleanup,
              int64_t retention_ms, int64_t lag_ms, bool personal, std::string_view purpose) {
  return {topic, name, key, M::descriptor(), partitioning, cleanup, retention_ms, lag_ms, personal, purpose};
}

void AppendInputs(std::vector<TopicSpec>* rows) {
  rows->push_back(Row<Click>(Topic::kClicks, "clicks", kUserId, kByUser, kDelete, 90 * kDayMs, 0, true,
                             "what people do with designs on a screen"));
  rows->push_back(Row<Purchase>(Topic::kPurchases, "purchases", kUserId, kByUser, kDelete, 90 * kDayMs, 0, true,
                                "what people buy, rent and return"));
  rows->push_back(Row<Activity>(Topic::kActivity, "activity", kUserId, kByUser, kDelete, 90 * kDayMs, 0, true,
                                "what wearers do, and in what"));
  rows->push_back(Row<Feedback>(Topic::kFeedback, "feedback", kUserId, kByUser, kDelete, 90 * kDayMs, 0, true,
                                "ratings, likes and fit"));
  rows->push_back(Row<Profile>(Topic::kProfiles, "profiles", kUserId, kByUser, kCompact, kForEver, kDayMs, true,
                               "what is known of a person, until a tombstone erases it"));
  rows->push_back(Row<Design>(Topic::kDesigns, "designs", kDesignId, kSingle, kCompact, kForEver, kDayMs, false,
                              "the catalogue"));
}

/// Between the sub-topologies. What is read once stays for three days, so that a weekend's standstill loses nothing.
void AppendInternals(std::vector<TopicSpec>* rows) {
  rows->push_back(Row<DesignUpdate>(Topic::kDesignUpdates, "design-updates", kDesignId, kByDesign, kDelete, 3 * kDayMs,
                                    0, true, "interactions on their way to the design's task, without the user's id"));
  rows->push_back(Row<ModelUpdate>(Topic::kModelUpdates, "model-updates", "none", kSingle, kDelete, 3 * kDayMs, 0,
                                   false, "what the model task counts and learns from"));
  rows->push_back(Row<DesignTableRecord>(Topic::kDesignFactors, "design-factors", "design_id, or neighbours/design_id",
                                         kSingle, kCompact, kForEver, kDayMs, false,
                                         "factor, popularity and neighbours of every design"));
  rows->push_back(Row<ModelRecord>(Topic::kModel, "model", "part of the model", kSingle, kCompact, kForEver, kDayMs, false,
                                   "what belongs to no single user or design"));
}

void AppendOutputs(std::vector<TopicSpec>* rows) {
  rows->push_back(Row<Recommendation>(Topic::kRecommendations, "recommendations", kUserId, kByUser, kDelete, 7 * kDayMs,
                                      0, true, "the list a user should see after each of their events"));
  rows->push_back(Row<Trend>(Topic::kTrends, "trends", "granularity and start of the window", kSingle, kDelete,
                             90 * kDayMs, 0, false, "the most wanted designs by hour and by day"));
  rows->push_back(Row<Lineage>(Topic::kLineage, "lineage", "none", kByUser, kDelete, 7 * kDayMs, 0, false,
                               "per task and commit: which inputs, in which order, against which tables"));
  rows->push_back({Topic::kDeadLetters, "dead-letters", "as the input's", nullptr, kByUser, kDelete, 14 * kDayMs, 0,
                   true, "rejected records with their original bytes; headers say where from and why"});
}

/// A changelog lives as long as what is in it: a user's rows go when the user is erased.
void AppendChangelogs(std::vector<TopicSpec>* rows) {
  rows->push_back({Topic::kUsersChangelog, "users-changelog", kStoreAndKey, nullptr, kByUser, kCompact, kForEver, 0,
                   true, "state of the user tasks, to restore a lost disk"});
  rows->push_back({Topic::kDesignsChangelog, "designs-changelog", kStoreAndKey, nullptr, kByDesign, kCompact, kForEver,
                   0, false, "state of the design tasks, to restore a lost disk"});
  rows->push_back({Topic::kModelChangelog, "model-changelog", kStoreAndKey, nullptr, kSingle, kCompact, kForEver, 0,
                   false, "state of the model task, to restore a lost disk"});
}

std::vector<TopicSpec> MakeTopics() {
  std::vector<TopicSpec> rows;
  AppendInputs(&rows);
  AppendInternals(&rows);
  AppendOutputs(&rows);
  AppendChangelogs(&rows);
  return rows;
}

bool IsLegalCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool IsLegalName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTopicName && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), IsLegalCharacter);
}

}  // namespace

const std::vector<TopicSpec>& AllTopics() {
  static const std::vector<TopicSpec> topics = MakeTopics();
  return topics;
}

const TopicSpec& SpecOf(Topic topic) { return AllTopics()[static_cast<size_t>(topic)]; }

TopicNames::TopicNames() {
  for (const TopicSpec& spec : AllTopics()) names_.emplace_back(spec.default_name);
}

Status TopicNames::Rename(Topic topic, std::string name) {
  const std::string role(SpecOf(topic).default_name);
  if (!IsLegalName(name)) {
    return {Code::kInvalidConfig, "topic " + role + " cannot be called \"" + name +
                                      "\": use 1 to 249 letters, digits, dots, dashes or underscores"};
  }
  const auto taken = std::find(names_.begin(), names_.end(), name);
  if (taken != names_.end() && taken - names_.begin() != static_cast<ptrdiff_t>(topic)) {
    const std::string_view other = AllTopics()[static_cast<size_t>(taken - names_.begin())].default_name;
    return {Code::kInvalidConfig, "topics " + role + " and " + std::string(other) + " would both be called \"" + name +
                                      "\": give each a name of its own"};
  }
  names_[static_cast<size_t>(topic)] = std::move(name);
  return Status::Ok();
}

const TopicSpec* TopicNames::Find(std::string_view name) const {
  // A name in use wins over a default name, which may by now belong to another role.
  const auto used = std::find(names_.begin(), names_.end(), name);
  if (used != names_.end()) return &AllTopics()[static_cast<size_t>(used - names_.begin())];
  for (const TopicSpec& spec : AllTopics()) {
    if (spec.default_name == name) return &spec;
  }
  return nullptr;
}

}  // namespace catwalk::schemas
