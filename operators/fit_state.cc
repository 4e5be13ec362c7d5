#include "operators/fit_state.h"

#include "operators/byte_coding.h"

namespace catwalk::operators {
namespace {

constexpr uint8_t kVersion = 1;   // goes up with the numbers of features, measures and scales too

}  // namespace

void LearnedFitSerde::Encode(const LearnedFit& value, std::string* out) const {
  const models::FitModelState& state = value.state;
  ByteWriter writer(out);
  writer.Fixed(kVersion);
  writer.Zigzag(value.next_offset);
  writer.Zigzag(state.lessons);
  writer.Array(state.model.weights.data(), state.model.weights.size());
  writer.Array(state.squares.data(), state.squares.size());
  writer.Fixed(state.model.width);
  writer.Fixed(state.width_square);
  writer.Array(state.model.spreads.data(), state.model.spreads.size());
  writer.Array(state.moments.data(), state.moments.size());
  writer.Array(state.model.size_weights.data(), state.model.size_weights.size());
  writer.Array(state.size_squares.data(), state.size_squares.size());
}

Status LearnedFitSerde::Decode(std::string_view bytes, LearnedFit* value) const {
  ByteReader reader(bytes);
  if (const auto version = reader.Fixed<uint8_t>(); version != kVersion) {
    return {Code::kIncompatible, "the model of fit has format " + std::to_string(version) + ", this program reads " +
                                     std::to_string(kVersion) + "; use the version that wrote it"};
  }
  models::FitModelState& state = value->state;
  value->next_offset = reader.Zigzag();
  state.lessons = reader.Zigzag();
  reader.Array(state.model.weights.data(), state.model.weights.size());
  reader.Array(state.squares.data(), state.squares.size());
  state.model.width = reader.Fixed<float>();
  state.width_square = reader.Fixed<float>();
  reader.Array(state.model.spreads.data(), state.model.spreads.size());
  reader.Array(state.moments.data(), state.moments.size());
  reader.Array(state.model.size_weights.data(), state.model.size_weights.size());
  reader.Array(state.size_squares.data(), state.size_squares.size());
  if (reader.ok() && reader.AtEnd()) return Status::Ok();
  return {Code::kCorruption, "the model of fit is cut short or too long; delete the state folder to restore it"};
}

}  // namespace catwalk::operators
