#pragma once

#include <cstdint>

#include "base/serde.h"
#include "models/fit.h"

namespace catwalk::operators {

/// What the model task has learned of how sizes fit.
struct LearnedFit {
  models::FitModelState state;
  int64_t next_offset = 0;   // of model-updates; the state is a function of the records below it
  bool operator==(const LearnedFit&) const = default;
};

/// Little endian with a format version in front. Another version is kIncompatible; anything else that does not fit kCorruption.
class LearnedFitSerde final : public Serde<LearnedFit> {
 public:
  void Encode(const LearnedFit& value, std::string* out) const override;
  Status Decode(std::string_view bytes, LearnedFit* value) const override;
};

}  // namespace catwalk::operators
