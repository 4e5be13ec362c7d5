#include "apps/opened_log.h"

#include <limits>

#include "apps/topic_plan.h"
#include "state/rocksdb_database.h"
#include "streams/embedded_log.h"
#include "streams/kafka_log.h"

namespace catwalk::apps {

Result<std::unique_ptr<OpenedLog>> OpenedLog::Open(const Settings& settings, Access access, const Clock& clock) {
  auto opened = std::make_unique<OpenedLog>();
  if (settings.on_kafka()) {
    ASSIGN_OR_RETURN(opened->log_, streams::OpenKafkaLog(nullptr, clock, settings.kafka));
  } else {
    RETURN_IF_ERROR(OpenEmbedded(settings, access, clock, opened.get()));
  }
  return opened;
}

Status OpenedLog::OpenEmbedded(const Settings& settings, Access access, const Clock& clock, OpenedLog* opened) {
  state::RocksDbOptions database;
  database.path = settings.state_dir;
  database.memory_bytes = settings.state_memory_bytes;
  database.only_copy = true;
  database.read_only = access == Access::kRead;
  ASSIGN_OR_RETURN(opened->database_, state::OpenRocksDb(database));
  // Nobody can process what we append as long as we hold the folder, so waiting for that would be for ever.
  streams::EmbeddedLogOptions options = settings.embedded;
  options.cleanup_interval_ms = 0;
  options.read_only = access == Access::kRead;
  options.location = settings.state_dir;
  options.max_backlog_bytes = std::numeric_limits<uint64_t>::max();
  ASSIGN_OR_RETURN(opened->log_, streams::OpenEmbeddedLog(*opened->database_, clock, options));
  if (access == Access::kRead) return Status::Ok();
  ASSIGN_OR_RETURN(const schemas::TopicNames names, settings.Names());
  return CreateMissingTopics(*opened->log_, names, settings.partitions);
}

Status CreateMissingTopics(streams::Log& log, const schemas::TopicNames& names, int partitions) {
  ASSIGN_OR_RETURN(const auto found, log.ListTopics());
  for (const PlannedTopic& topic : PlanTopics(names, found, partitions)) {
    if (topic.found == 0) RETURN_IF_ERROR(log.CreateTopic(names.Of(topic.spec->topic), *topic.spec, topic.wanted));
  }
  return Status::Ok();
}

}  // namespace catwalk::apps
