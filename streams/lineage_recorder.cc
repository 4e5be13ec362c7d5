#include "streams/lineage_recorder.h"

#include <utility>

namespace catwalk::streams {

LineageRecorder::LineageRecorder(const schemas::TopicNames& names, std::string sub_topology, int32_t partition,
                                 std::vector<std::string> sources)
    : names_(names), sub_topology_(std::move(sub_topology)), partition_(partition), sources_(std::move(sources)) {
  Clear();
}

void LineageRecorder::See(const models::DesignTable& tables) {
  if (factors_offset_ == tables.factors_offset() && model_offset_ == tables.model_offset() &&
      designs_offset_ == tables.designs_offset()) {
    return;
  }
  factors_offset_ = tables.factors_offset();
  model_offset_ = tables.model_offset();
  designs_offset_ = tables.designs_offset();
  batch_ = nullptr;
}

void LineageRecorder::Take(size_t source, int64_t from, int64_t to) {
  if (batch_ == nullptr) BeginBatch();
  if (index_[source] < 0) Name(source, from);
  const auto index = static_cast<uint32_t>(index_[source]);
  const auto length = static_cast<uint64_t>(to - from);
  const int runs = batch_->run_source_size();
  if (runs > 0 && batch_->run_source(runs - 1) == index) {
    batch_->set_run_length(runs - 1, batch_->run_length(runs - 1) + length);
    return;
  }
  batch_->add_run_source(index);
  batch_->add_run_length(length);
}

void LineageRecorder::BeginBatch() {
  batch_ = lineage_.add_batches();
  const auto add = [this](schemas::Topic topic, int64_t offset) {
    auto* table = batch_->add_tables();
    table->set_topic(names_.Of(topic));
    table->set_offset(offset);
  };
  add(schemas::Topic::kDesignFactors, factors_offset_);
  add(schemas::Topic::kModel, model_offset_);
  add(schemas::Topic::kDesigns, designs_offset_);
}

void LineageRecorder::Name(size_t source, int64_t from) {
  index_[source] = lineage_.sources_size();
  auto* named = lineage_.add_sources();
  named->set_topic(sources_[source]);
  named->set_from(from);
}

void LineageRecorder::Clear() {
  lineage_.Clear();
  lineage_.set_sub_topology(sub_topology_);
  lineage_.set_partition(partition_);
  index_.assign(sources_.size(), -1);
  batch_ = nullptr;
}

}  // namespace catwalk::streams
