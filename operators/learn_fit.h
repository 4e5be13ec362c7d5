#pragma once

#include "operators/fit_state.h"
#include "operators/learned_entry.h"
#include "operators/model_options.h"
#include "operators/model_work.h"
#include "operators/operator.h"
#include "operators/table_records.h"

namespace catwalk::operators {

/// Learns what belongs to no design and no user in how sizes fit (models/fit.h) from what wearers said, and publishes it to the
/// global table at each commit that changed it.
///
///   what was said of a size, with the score as it was before, at offset 17
///   -> store "fit", key "fit": weights, AdaGrad's sums, moments of sizes, next_offset 18
///   -> on model, partition 0, key "fit": the weights and what sizes measures suggest, source_offset 18
class LearnFit final : public Operator<ModelWork> {
 public:
  explicit LearnFit(const ModelOptions& options) : options_(options) {}
  std::string_view Name() const override { return "fit"; }
  std::vector<state::StoreSpec> Stores() const override { return {{std::string(kFitKey)}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<ModelWork> batch, OperatorContext& context) override;
  Status OnTimer(bool idle, OperatorContext& context) override;
  void OnAbort() override { learned_.Forget(); }

 private:
  ModelOptions options_;
  LearnedEntry<LearnedFit> learned_{kFitKey};
};

}  // namespace catwalk::operators
