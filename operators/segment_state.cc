#include "operators/segment_state.h"

#include "operators/byte_coding.h"

namespace catwalk::operators {
namespace {

constexpr uint8_t kVersion = 1;   // goes up with the number of segments too

}  // namespace

void LearnedSegmentsSerde::Encode(const LearnedSegments& value, std::string* out) const {
  const models::SegmentState& state = value.state;
  ByteWriter writer(out);
  writer.Fixed(kVersion);
  writer.Zigzag(value.next_offset);
  writer.Zigzag(state.lessons);
  writer.Array(state.seen.data(), state.seen.size());
  writer.Array(state.segments.shares.data(), state.segments.shares.size());
  writer.Varint(state.segments.centres.size());
  writer.Array(state.segments.centres.data(), state.segments.centres.size());
}

Status LearnedSegmentsSerde::Decode(std::string_view bytes, LearnedSegments* value) const {
  ByteReader reader(bytes);
  if (const auto version = reader.Fixed<uint8_t>(); version != kVersion) {
    return {Code::kIncompatible, "the segments have format " + std::to_string(version) + ", this program reads " +
                                     std::to_string(kVersion) + "; use the version that wrote it"};
  }
  models::SegmentState& state = value->state;
  value->next_offset = reader.Zigzag();
  state.lessons = reader.Zigzag();
  reader.Array(state.seen.data(), state.seen.size());
  reader.Array(state.segments.shares.data(), state.segments.shares.size());
  state.segments.centres.resize(reader.Count(sizeof(float)));
  reader.Array(state.segments.centres.data(), state.segments.centres.size());
  if (reader.ok() && reader.AtEnd()) return Status::Ok();
  return {Code::kCorruption, "the segments are cut short or too long; delete the state folder to restore it"};
}

}  // namespace catwalk::operators
