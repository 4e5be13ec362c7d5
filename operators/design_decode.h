#pragma once

#include "operators/design_work.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// First step of the design sub-topology: a record's bytes become a DesignUpdate. Rejects what does not decode
/// ("undecodable"), names no design ("missing_design_id"), has no time ("time_not_positive") or a weight that is not finite
/// ("not_finite") or below 0 ("negative_amount"). Deduplication is upstream: the same update twice counts twice.
class DesignDecode final : public Operator<DesignWork> {
 public:
  std::string_view Name() const override { return "decode"; }
  Status Process(std::span<DesignWork> batch, OperatorContext& context) override;
};

}  // namespace catwalk::operators
