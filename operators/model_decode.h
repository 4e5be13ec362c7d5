#pragma once

#include "operators/model_work.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// First step of the model sub-topology: a record's bytes become a ModelUpdate. Rejects what does not decode ("undecodable")
/// a window that does not start at a full hour between 1970 and 9999 ("bad_window") and a comparison without others or with another
/// number of features ("bad_comparison"), likewise what is said of a fit ("bad_fit"); drops an update of a kind this
/// program does not know ("unknown_update"). Deduplication is upstream: the same update twice counts twice.
class ModelDecode final : public Operator<ModelWork> {
 public:
  std::string_view Name() const override { return "decode"; }
  Status Process(std::span<ModelWork> batch, OperatorContext& context) override;
};

}  // namespace catwalk::operators
