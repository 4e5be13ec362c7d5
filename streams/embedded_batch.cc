#include "streams/embedded_batch.h"

#include <utility>

#include "base/hash.h"

namespace catwalk::streams {

Status EmbeddedBatch::Add(const schemas::OutgoingRecord& record) {
  ASSIGN_OR_RETURN(std::vector<Partition>* const partitions, PartitionsOf(record.topic));
  const auto count = static_cast<int32_t>(partitions->size());
  const int32_t number = record.partition < 0 ? PartitionForKey(record.key, count) : record.partition;
  if (number >= count) {
    return {Code::kInvalidArgument, "topic \"" + record.topic + "\" has no partition " + std::to_string(number) +
                                        "; it has " + std::to_string(count)};
  }
  Partition& partition = (*partitions)[static_cast<size_t>(number)];
  if (partition.chunks.empty()) touched_.push_back(&partition);
  if (partition.chunks.empty() || partition.chunks.back().bytes() >= kChunkBytes) partition.chunks.emplace_back();
  partition.chunks.back().Add(record, record.timestamp_ms == 0 ? clock_.NowMs() : record.timestamp_ms);
  return Status::Ok();
}

void EmbeddedBatch::Clear() {
  for (Partition* partition : touched_) partition->chunks.clear();
  touched_.clear();
}

Result<std::vector<EmbeddedBatch::Partition>*> EmbeddedBatch::PartitionsOf(const std::string& topic) {
  const auto known = partitions_.find(topic);
  if (known != partitions_.end()) return &known->second;
  ASSIGN_OR_RETURN(EmbeddedTopic* const found, topics_.Find(topic));
  std::vector<Partition> partitions(found->partitions.size());
  for (size_t i = 0; i < partitions.size(); ++i) {
    partitions[i].topic = found;
    partitions[i].number = static_cast<int32_t>(i);
  }
  return &partitions_.emplace(topic, std::move(partitions)).first->second;
}

}  // namespace catwalk::streams
