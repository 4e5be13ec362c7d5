#pragma once

#include <span>
#include <string>

#include "operators/design_options.h"
#include "operators/design_pace.h"
#include "operators/design_state.h"
#include "operators/design_work.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// Adds each update to its design's statistics and to its part in how it fits, and publishes the factor solved from the former,
/// with the design's popularity, fit and sizes, to the global table when it is due (DesignPaceOptions) or the input idles.
///
///   {"design_id": "d1", "occurred_at_ms": 5, "weight": 4, "user_vector": [...]} at offset 17
///   -> store "design-statistics", d1: sums, next_offset 18
///   -> on design-factors, partition 0, key "d1": factor, popularity as of 5, weight 4, source_offset 18
///
/// What is published is a function of the state alone. What a restart or an abort may have kept from being published is
/// found the first time the input idles after it, by comparing the store with the global table.
class UpdateFactor final : public Operator<DesignWork> {
 public:
  explicit UpdateFactor(const DesignOptions& options) : options_(options), pace_(options.factor_pace) {}
  std::string_view Name() const override { return "factor"; }
  std::vector<state::StoreSpec> Stores() const override { return {{"design-statistics"}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<DesignWork> batch, OperatorContext& context) override;
  Status OnTimer(bool idle, OperatorContext& context) override;
  void OnAbort() override;

 private:
  Status Apply(const DesignWork& work, OperatorContext& context);
  Status FindUnpublished(const OperatorContext& context);
  static void ObserveDrift(models::DesignKey key, std::span<const float> factor, OperatorContext& context);
  Status Publish(const std::string& design_id, OperatorContext& context);
  void SettleIfCommitted();

  DesignOptions options_;
  DesignPace pace_;
  bool compare_ = true;  // with the global table, when the input idles
  state::Table<DesignState>* designs_ = nullptr;
};

}  // namespace catwalk::operators
