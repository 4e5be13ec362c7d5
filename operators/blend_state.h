#pragma once

#include <cstdint>

#include "base/serde.h"
#include "models/blend.h"

namespace catwalk::operators {

/// What the model task has learned of the blend.
struct LearnedBlend {
  models::BlendState state;
  int64_t next_offset = 0;   // of model-updates; the state is a function of the records below it
  bool operator==(const LearnedBlend&) const = default;
};

/// Little endian with a format version and the number of features in front. Another version, or a number that this program does not
/// have, is kIncompatible; anything else that does not fit kCorruption.
class LearnedBlendSerde final : public Serde<LearnedBlend> {
 public:
  void Encode(const LearnedBlend& value, std::string* out) const override;
  Status Decode(std::string_view bytes, LearnedBlend* value) const override;
};

}  // namespace catwalk::operators
