#include "tests/chaos/lineage_replay.h"

#include <algorithm>
#include <utility>

#include "schemas/outputs.pb.h"
#include "tests/chaos/table_history.h"

namespace catwalk::chaos {
namespace {

/// The records of one source that are still to be taken.
class Source {
 public:
  Source(std::string topic, int32_t partition, const Partition& records)
      : topic_(std::move(topic)), partition_(partition), records_(&records) {}

  /// Continues at `offset`; what is wrong with that, or nothing.
  std::string Begin(int64_t offset) {
    const int64_t before = position_;
    position_ = offset;
    if (offset < before) return "takes offset " + std::to_string(offset) + " again, it was at " + std::to_string(before);
    if (next_ == records_->size() || (*records_)[next_].offset >= offset) return "";
    return "leaves out offset " + std::to_string((*records_)[next_].offset);
  }
  /// The records of the next `length` offsets.
  std::vector<const StoredRecord*> Run(int64_t length) {
    std::vector<const StoredRecord*> run;
    position_ += length;
    for (; next_ < records_->size() && (*records_)[next_].offset < position_; ++next_) run.push_back(&(*records_)[next_]);
    return run;
  }
  int64_t position() const { return position_; }
  size_t left() const { return records_->size() - next_; }
  schemas::Record AsRecord(const StoredRecord& stored) const {
    schemas::Record record;
    record.topic = topic_;
    record.partition = partition_;
    record.offset = stored.offset;
    record.timestamp_ms = stored.timestamp_ms;
    record.key = stored.key;
    record.value = stored.value;
    record.tombstone = stored.tombstone;
    record.headers = stored.headers;
    return record;
  }
  const std::string& topic() const { return topic_; }

 private:
  std::string topic_;
  int32_t partition_;
  const Partition* records_;
  size_t next_ = 0;
  int64_t position_ = 0;
};

class Replayer {
 public:
  Replayer(const Evidence& evidence, const SubTopology& sub, int32_t partition, MapDatabase& database,
           std::vector<std::string>* differences)
      : evidence_(evidence), sub_(sub), partition_(partition), task_(sub, partition, database), tables_(evidence.topics),
        differences_(differences) {
    for (const auto topic : sub.sources) {
      const auto& name = evidence.names.Of(topic);
      sources_.emplace(name, Source(name, partition, evidence.topics.at(topic)[static_cast<size_t>(partition)]));
    }
  }

  ReplayedTask Run() {
    const auto& lineages = evidence_.topics.at(schemas::Topic::kLineage);
    for (const auto& record : lineages[static_cast<size_t>(partition_)]) {
      schemas::Lineage lineage;
      if (!lineage.ParseFromString(record.value)) Note("has a lineage that does not decode at offset " + std::to_string(record.offset));
      if (lineage.sub_topology() == sub_.name && lineage.partition() == partition_) Take(lineage);
    }
    ReplayedTask done;
    for (const auto& [topic, source] : sources_) {
      if (source.left() > 0) Note("has not taken the last " + std::to_string(source.left()) + " records of " + topic);
      done.positions[topic] = source.position();
    }
    done.stream_time_ms = task_.stream_time_ms();
    done.inputs = inputs_;
    done.outputs = task_.outputs();
    return done;
  }

 private:
  void Note(const std::string& what) { differences_->push_back(sub_.name + "/" + std::to_string(partition_) + " " + what); }

  void Take(const schemas::Lineage& lineage) {
    for (const auto& named : lineage.sources()) {
      const auto found = sources_.find(named.topic());
      if (found == sources_.end()) return Note("takes from " + named.topic() + ", which is none of its sources");
      if (const std::string wrong = found->second.Begin(named.from()); !wrong.empty()) Note(wrong + " of " + named.topic());
    }
    for (const auto& batch : lineage.batches()) Take(lineage, batch);
    task_.EndCommit();
  }

  void Take(const schemas::Lineage& lineage, const schemas::Lineage::Batch& batch) {
    // The others look at the tables for their pace alone.
    const auto tables = sub_.name == "users" ? tables_.At(OffsetsOf(batch)) : tables_.At({});
    for (int run = 0; run < batch.run_source_size(); ++run) {
      Source& source = sources_.at(lineage.sources(static_cast<int>(batch.run_source(run))).topic());
      for (const StoredRecord* record : source.Run(static_cast<int64_t>(batch.run_length(run)))) {
        task_.Take(source.AsRecord(*record), tables);
        ++inputs_;
      }
    }
  }

  TableOffsets OffsetsOf(const schemas::Lineage::Batch& batch) const {
    TableOffsets offsets;
    for (const auto& table : batch.tables()) {
      if (table.topic() == evidence_.names.Of(schemas::Topic::kDesignFactors)) offsets.factors = table.offset();
      if (table.topic() == evidence_.names.Of(schemas::Topic::kModel)) offsets.model = table.offset();
      if (table.topic() == evidence_.names.Of(schemas::Topic::kDesigns)) offsets.designs = table.offset();
    }
    return offsets;
  }

  const Evidence& evidence_;
  const SubTopology& sub_;
  const int32_t partition_;
  TaskReplay task_;
  TableHistory tables_;
  std::vector<std::string>* differences_;
  std::map<std::string, Source> sources_;
  int64_t inputs_ = 0;
};

}  // namespace

ReplayedTask Replay(const Evidence& evidence, const SubTopology& sub, int32_t partition, MapDatabase& database,
                    std::vector<std::string>* differences) {
  return Replayer(evidence, sub, partition, database, differences).Run();
}

}  // namespace catwalk::chaos
