#pragma once

#include "operators/blend_state.h"
#include "operators/learned_entry.h"
#include "operators/model_options.h"
#include "operators/model_work.h"
#include "operators/operator.h"
#include "operators/table_records.h"

namespace catwalk::operators {

/// Learns the weights of the blend from comparisons (models/blend.h) and publishes them to the global table at each commit that
/// changed them.
///
///   a comparison at offset 17
///   -> store "blend", key "blend": weights, AdaGrad's sums, next_offset 18
///   -> on model, partition 0, key "blend": the weights, source_offset 18
class LearnBlend final : public Operator<ModelWork> {
 public:
  explicit LearnBlend(const ModelOptions& options) : options_(options) {}
  std::string_view Name() const override { return "blend"; }
  std::vector<state::StoreSpec> Stores() const override { return {{std::string(kBlendKey)}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<ModelWork> batch, OperatorContext& context) override;
  Status OnTimer(bool idle, OperatorContext& context) override;
  void OnAbort() override { learned_.Forget(); }

 private:
  ModelOptions options_;
  LearnedEntry<LearnedBlend> learned_{kBlendKey};
};

}  // namespace catwalk::operators
