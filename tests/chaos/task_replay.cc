#include "tests/chaos/task_replay.h"

#include <algorithm>
#include <stdexcept>

#include "base/hash.h"
#include "operators/design_pipeline.h"
#include "operators/model_pipeline.h"
#include "operators/user_pipeline.h"
#include "schemas/event_time.h"
#include "tests/chaos/topic_contents.h"

namespace catwalk::chaos {
namespace {

using schemas::Topic;

void Require(const Status& status) {
  if (!status.ok()) throw std::runtime_error("the replay failed: " + status.message());
}

}  // namespace

std::vector<SubTopology> SubTopologies(const schemas::TopicNames& names, int32_t partitions) {
  return {{"users",
           {Topic::kProfiles, Topic::kClicks, Topic::kPurchases, Topic::kActivity, Topic::kFeedback},
           Topic::kUsersChangelog, 4, partitions, [names] { return operators::MakeUserPipeline(names, {}); }},
          {"designs", {Topic::kDesignUpdates}, Topic::kDesignsChangelog, 2, partitions,
           [] { return operators::MakeDesignPipeline({}); }},
          {"model", {Topic::kModelUpdates}, Topic::kModelChangelog, 0, 1, [] { return operators::MakeModelPipeline({}); }}};
}

TaskReplay::TaskReplay(const SubTopology& sub, int32_t partition, MapDatabase& database)
    : sub_(sub),
      partition_(partition),
      database_(database),
      pipeline_(sub.make_pipeline()),
      tables_(models::DesignTableBuilder(models::DesignTableOptions()).Publish()) {
  for (const auto& store : pipeline_->Stores()) Require(database.OpenStore(sub.name + "-" + store.name).status());
  Require(pipeline_->Open(*this));
}

void TaskReplay::Take(const schemas::Record& record, std::shared_ptr<const models::DesignTable> tables) {
  tables_ = std::move(tables);
  const int field = sub_.event_time_field;
  const int64_t event_time =
      field == 0 ? record.timestamp_ms : schemas::PeekEventTime(record.value, field).value_or(record.timestamp_ms);
  stream_time_ms_ = std::max(stream_time_ms_, event_time);
  Require(pipeline_->Process({&record, 1}, *this));
}

void TaskReplay::EndCommit() {
  Require(pipeline_->OnTimer(true, *this));
  state::WriteBatch batch;
  for (auto& table : adopted_) table->Flush(&batch, nullptr);
  Require(database_.Write(batch, false));
  for (auto& table : adopted_) table->Committed();
}

Status TaskReplay::Emit(Topic topic, schemas::OutgoingRecord record) {
  const int32_t count = PartitionsOf(topic, sub_.partitions);
  if (record.partition < 0)
    record.partition = schemas::SpecOf(topic).partitioning == schemas::Partitioning::kByUser ? partition_
                                                                                             : PartitionForKey(record.key, count);
  outputs_.push_back({topic, std::move(record)});
  return Status::Ok();
}

Status TaskReplay::Reject(const schemas::Record& record, std::string_view rule, std::string_view message) {
  schemas::OutgoingRecord letter;
  letter.key = record.key;
  letter.value = record.value;
  letter.tombstone = record.tombstone;
  letter.headers = {{"source_topic", std::string(record.topic)},
                    {"source_partition", std::to_string(record.partition)},
                    {"source_offset", std::to_string(record.offset)},
                    {"rule", std::string(rule)},
                    {"message", std::string(message)}};
  return Emit(Topic::kDeadLetters, std::move(letter));
}

Status TaskReplay::Adopt(std::unique_ptr<state::CommittableTable> table) {
  adopted_.push_back(std::move(table));
  return Status::Ok();
}

Result<uint32_t> TaskReplay::StoreNumber(std::string_view store) const {
  return database_.OpenStore(sub_.name + "-" + std::string(store));
}

}  // namespace catwalk::chaos
