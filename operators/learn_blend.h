#pragma once

#include <cstdint>

#include "operators/blend_state.h"
#include "operators/model_options.h"
#include "operators/model_work.h"
#include "operators/operator.h"

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
  std::vector<state::StoreSpec> Stores() const override { return {{"blend"}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<ModelWork> batch, OperatorContext& context) override;
  Status OnTimer(bool idle, OperatorContext& context) override;
  void OnAbort() override { published_offset_ = kNothing; }

 private:
  static constexpr int64_t kNothing = -1;

  ModelOptions options_;
  state::Table<LearnedBlend>* blends_ = nullptr;
  int64_t published_offset_ = kNothing;   // next_offset of what was published last, as far as this task knows
};

}  // namespace catwalk::operators
