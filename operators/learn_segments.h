#pragma once

#include "operators/learned_entry.h"
#include "operators/model_options.h"
#include "operators/model_work.h"
#include "operators/operator.h"
#include "operators/segment_state.h"
#include "operators/table_records.h"

namespace catwalk::operators {

/// Learns the segments of users from the vectors that come with comparisons (models/segments.h), and publishes them to the global table
/// at each commit that changed them.
///
///   a comparison by a user with a vector, at offset 17
///   -> store "segments", key "segments": centres, counts, next_offset 18
///   -> on model, partition 0, key "segments": centres and shares, source_offset 18
class LearnSegments final : public Operator<ModelWork> {
 public:
  explicit LearnSegments(const ModelOptions& options) : options_(options) {}
  std::string_view Name() const override { return "segments"; }
  std::vector<state::StoreSpec> Stores() const override { return {{std::string(kSegmentsKey)}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<ModelWork> batch, OperatorContext& context) override;
  Status OnTimer(bool idle, OperatorContext& context) override;
  void OnAbort() override { learned_.Forget(); }

 private:
  ModelOptions options_;
  LearnedEntry<LearnedSegments> learned_{kSegmentsKey};
};

}  // namespace catwalk::operators
