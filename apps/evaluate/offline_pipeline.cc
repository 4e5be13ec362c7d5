#include "apps/evaluate/offline_pipeline.h"

#include <limits>
#include <utility>

#include "apps/opened_log.h"
#include "base/hash.h"
#include "operators/deduplicate.h"
#include "state/memory_database.h"

namespace catwalk::apps {
namespace {

/// What is read once and never again is dropped so often, and so much of it is kept.
constexpr int64_t kEventsBetweenCleanings = 20'000;
constexpr uint64_t kKeptBytes = 1 << 20;

/// The pace at which designs are published, commits at once, and no lists but those asked for; all else as it serves.
PipelineSettings Offline(PipelineSettings settings, int64_t publish_every) {
  for (auto* commit : {&settings.user_commit, &settings.design_commit, &settings.model_commit})
    commit->interval_ms = commit->backlog_interval_ms = 0;
  if (publish_every > 1) {
    const operators::DesignPaceOptions pace{std::numeric_limits<double>::infinity(), publish_every, false};
    settings.designs.factor_pace = settings.designs.neighbour_pace = pace;
  }
  settings.users.sends_lists = false;
  settings.replica_publish_interval_ms = 0;
  return settings;
}

}  // namespace

Result<std::unique_ptr<OfflinePipeline>> OfflinePipeline::Open(const Settings& settings, int64_t publish_every) {
  std::unique_ptr<OfflinePipeline> pipeline(new OfflinePipeline());
  const PipelineSettings offline = Offline(settings.pipeline, publish_every);
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  pipeline->database_ = state::MakeMemoryDatabase();
  ASSIGN_OR_RETURN(pipeline->log_, streams::EmbeddedLog::Open(*pipeline->database_, pipeline->clock_,
                                                              {.cleanup_interval_ms = 0,
                                                               .max_partition_bytes = kKeptBytes,
                                                               .cache_bytes = 4 << 20}));
  RETURN_IF_ERROR(CreateMissingTopics(*pipeline->log_, names, 1));
  ASSIGN_OR_RETURN(pipeline->writer_, pipeline->log_->OpenWriter());
  pipeline->topology_ = std::make_unique<streams::Topology>(MakeTopology("evaluate", names, offline));
  ASSIGN_OR_RETURN(pipeline->stepper_,
                   streams::Stepper::Open(ReplicaOptions(offline), *pipeline->topology_, *pipeline->log_,
                                          *pipeline->database_, pipeline->clock_, pipeline->registry_));
  ASSIGN_OR_RETURN(pipeline->users_, pipeline->stepper_->StoreNumber("users", std::string(operators::kUsersStore)));
  pipeline->query_ = std::make_unique<operators::UserQuery>(UserOptionsOf(offline), offline.k);
  RETURN_IF_ERROR(pipeline->stepper_->Settle());
  return pipeline;
}

Status OfflinePipeline::Take(std::vector<schemas::OutgoingRecord> records, int64_t now_ms) {
  if (records.empty()) return Status::Ok();
  clock_.Set(now_ms);
  RETURN_IF_ERROR(writer_->Append(std::move(records)));
  RETURN_IF_ERROR(stepper_->Settle());
  return ++taken_ % kEventsBetweenCleanings == 0 ? log_->CleanUp() : Status::Ok();
}

Result<operators::UserState> OfflinePipeline::FindUser(std::string_view user_id) const {
  return operators::ReadUser(database_->Store(users_), 0, user_id);
}

}  // namespace catwalk::apps
