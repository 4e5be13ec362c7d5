#pragma once

#include "operators/model_work.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// First step of the model sub-topology: a record's bytes become a ModelUpdate. Rejects what does not decode ("undecodable")
/// and a window that does not start at a full hour between 1970 and 9999 ("bad_window"); drops an update of a kind this
/// program does not know ("unknown_update"). Deduplication is upstream: the same update twice counts twice.
class ModelDecode final : public Operator<ModelWork> {
 public:
  std::string_view Name() const override { return "decode"; }
  Status Process(std::span<ModelWork> batch, OperatorContext& context) override;
};

}  // namespace catwalk::operators
