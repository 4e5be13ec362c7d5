#pragma once

#include <string>

#include "operators/design_options.h"
#include "operators/design_pace.h"
#include "operators/design_state.h"
#include "operators/design_work.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// Counts which designs the same user touched before this one, and publishes the strongest at a slow pace.
///
///   {"design_id": "d1", "weight": 1, "recent": [key of d2, key of d3]} at offset 17
///   -> store "neighbours", d1: d2 1.0, d3 0.8, next_offset 18
///   -> on design-factors, partition 0, key "neighbours/d1": d2, d3, their weights, source_offset 18
///
/// What is published is a function of the state alone. An update without recent designs changes nothing. What a restart
/// keeps from being published waits for the design's next update.
class UpdateNeighbours final : public Operator<DesignWork> {
 public:
  explicit UpdateNeighbours(const DesignOptions& options) : options_(options), pace_(options.neighbour_pace) {}
  std::string_view Name() const override { return "neighbours"; }
  std::vector<state::StoreSpec> Stores() const override { return {{"neighbours"}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<DesignWork> batch, OperatorContext& context) override;
  Status OnTimer(bool idle, OperatorContext& context) override;
  void OnAbort() override { pace_.OnAbort(); }

 private:
  Status Apply(const DesignWork& work);
  Status Publish(const std::string& design_id, OperatorContext& context);
  void SettleIfCommitted();

  DesignOptions options_;
  DesignPace pace_;
  state::Table<NeighbourState>* neighbours_ = nullptr;
};

}  // namespace catwalk::operators
