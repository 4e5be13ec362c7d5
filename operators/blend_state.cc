#include "operators/blend_state.h"

#include "operators/byte_coding.h"

namespace catwalk::operators {
namespace {

constexpr uint8_t kVersion = 3, kWithoutSegments = 2, kWithoutRanker = 1;

void EncodeWeights(const models::BlendWeights& weights, ByteWriter* writer) {
  writer->Array(weights.shared.data(), weights.shared.size());
  for (const auto& offset : weights.offsets) writer->Array(offset.data(), offset.size());
  for (const auto& offset : weights.segments) writer->Array(offset.data(), offset.size());
}

/// Of `features` features; the rest stay as they are.
void DecodeWeights(ByteReader* reader, uint8_t version, size_t features, models::BlendWeights* weights) {
  reader->Array(weights->shared.data(), features);
  for (auto& offset : weights->offsets) reader->Array(offset.data(), features);
  if (version <= kWithoutSegments) return;
  for (auto& offset : weights->segments) reader->Array(offset.data(), features);
}

template <class Coder, class Weights>
void CodeRankerWeights(Coder* coder, size_t features, Weights* weights) {
  for (auto& unit : weights->input) coder->Array(unit.data(), features);
  for (auto& bias : weights->bias) coder->Array(bias.data(), bias.size());
  coder->Array(weights->output.data(), weights->output.size());
}

/// Writes a ranker or reads one of `features` features, as `coder` does; the rest stay as they are.
template <class Coder, class State>
void CodeRanker(Coder* coder, size_t features, State* ranker) {
  coder->Array(ranker->weights.mean.data(), features);
  coder->Array(ranker->weights.per_deviation.data(), features);
  coder->Array(ranker->variance.data(), features);
  CodeRankerWeights(coder, features, &ranker->weights);
  CodeRankerWeights(coder, features, &ranker->squares);
  coder->Array(&ranker->comparisons, 1);
  coder->Array(&ranker->gain, 1);
  coder->Array(&ranker->gain_variance, 1);
}

}  // namespace

void LearnedBlendSerde::Encode(const LearnedBlend& value, std::string* out) const {
  ByteWriter writer(out);
  writer.Fixed(kVersion);
  writer.Varint(models::kFeatures);
  writer.Zigzag(value.next_offset);
  writer.Zigzag(value.state.comparisons);
  EncodeWeights(value.state.weights, &writer);
  EncodeWeights(value.state.squares, &writer);
  CodeRanker(&writer, models::kFeatures, &value.state.ranker);
  writer.Fixed(static_cast<uint8_t>(value.state.ranker.in_use ? 1 : 0));
}

Status LearnedBlendSerde::Decode(std::string_view bytes, LearnedBlend* value) const {
  ByteReader reader(bytes);
  const auto version = reader.Fixed<uint8_t>();
  const uint64_t features = reader.Varint();
  if (version < kWithoutRanker || version > kVersion || features > models::kFeatures) {
    return {Code::kIncompatible, "the blend has format " + std::to_string(version) + " with " + std::to_string(features) +
                                     " features, this program reads " + std::to_string(kVersion) + " with " +
                                     std::to_string(models::kFeatures) + "; use the version that wrote it"};
  }
  value->next_offset = reader.Zigzag();
  value->state.comparisons = reader.Zigzag();
  value->state.weights = models::PriorBlend();  // where features start that an earlier program did not know
  value->state.squares = {};
  DecodeWeights(&reader, version, features, &value->state.weights);
  DecodeWeights(&reader, version, features, &value->state.squares);
  value->state.ranker = {};
  if (version > kWithoutRanker) {
    CodeRanker(&reader, features, &value->state.ranker);
    value->state.ranker.in_use = reader.Fixed<uint8_t>() != 0;
  }
  if (reader.ok() && reader.AtEnd()) return Status::Ok();
  return {Code::kCorruption, "the blend is cut short or too long; delete the state folder to restore it"};
}

}  // namespace catwalk::operators
