#include "operators/design_state.h"

#include <vector>

#include "operators/byte_coding.h"

namespace catwalk::operators {
namespace {

constexpr uint8_t kDesignVersion = 4;
constexpr uint8_t kNeighbourVersion = 2;

Status CheckVersion(std::string_view what, uint8_t found, uint8_t known) {
  if (found == known) return Status::Ok();
  return {Code::kIncompatible, std::string(what) + " has format " + std::to_string(found) + ", this program reads " +
                                   std::to_string(known) + "; use the version that wrote it"};
}

Status CheckEnd(std::string_view what, const ByteReader& reader) {
  if (reader.ok() && reader.AtEnd()) return Status::Ok();
  return {Code::kCorruption, std::string(what) + " is cut short or too long; delete the state folder to restore it"};
}

void EncodeFloats(const std::vector<float>& values, ByteWriter* writer) {
  writer->Varint(values.size());
  writer->Array(values.data(), values.size());
}

void DecodeFloats(ByteReader* reader, std::vector<float>* values) {
  values->resize(reader->Count(sizeof(float)));
  reader->Array(values->data(), values->size());
}

void EncodeDemand(const models::Demand& demand, ByteWriter* writer) {
  writer->Zigzag(demand.first);
  writer->Zigzag(demand.last);
  writer->Array(demand.recent.data(), demand.recent.size());
  writer->Array(demand.segments.data(), demand.segments.size());
  writer->Varint(demand.groups.size());
  for (const models::GroupWeight& group : demand.groups) {
    writer->Fixed(group.group);
    writer->Fixed(group.weight);
  }
}

void DecodeDemand(ByteReader* reader, models::Demand* demand) {
  demand->first = reader->Zigzag();
  demand->last = reader->Zigzag();
  reader->Array(demand->recent.data(), demand->recent.size());
  reader->Array(demand->segments.data(), demand->segments.size());
  demand->groups.resize(reader->Count(sizeof(uint64_t) + sizeof(float)));
  for (models::GroupWeight& group : demand->groups) {
    group.group = reader->Fixed<uint64_t>();
    group.weight = reader->Fixed<float>();
  }
}

void EncodeFit(const models::DesignFit& fit, ByteWriter* writer) {
  writer->Fixed(fit.part);
  writer->Zigzag(fit.outcomes);
  writer->Varint(fit.seen.size());
  for (const models::OfferedSize& seen : fit.seen) writer->Bytes(seen.text);
}

void DecodeFit(ByteReader* reader, models::DesignFit* fit) {
  fit->part = reader->Fixed<models::FitPart>();
  fit->outcomes = reader->Zigzag();
  for (size_t left = reader->Count(1); left > 0; --left) fit->Note(reader->Bytes());
}

}  // namespace

void DesignStateSerde::Encode(const DesignState& value, std::string* out) const {
  const models::DesignStatistics& statistics = value.statistics;
  out->reserve(out->size() + 64 + 4 * (statistics.a.size() + statistics.b.size()));
  ByteWriter writer(out);
  writer.Fixed(kDesignVersion);
  writer.Zigzag(value.next_offset);
  writer.Zigzag(statistics.at_ms);
  writer.Fixed(statistics.popularity);
  writer.Fixed(statistics.weight);
  writer.Zigzag(statistics.updates);
  EncodeDemand(value.demand, &writer);
  EncodeFit(value.fit, &writer);
  EncodeFloats(statistics.b, &writer);
  EncodeFloats(statistics.a, &writer);
}

Status DesignStateSerde::Decode(std::string_view bytes, DesignState* value) const {
  ByteReader reader(bytes);
  RETURN_IF_ERROR(CheckVersion("the state of a design", reader.Fixed<uint8_t>(), kDesignVersion));
  value->next_offset = reader.Zigzag();
  value->statistics.at_ms = reader.Zigzag();
  value->statistics.popularity = reader.Fixed<float>();
  value->statistics.weight = reader.Fixed<double>();
  value->statistics.updates = reader.Zigzag();
  DecodeDemand(&reader, &value->demand);
  DecodeFit(&reader, &value->fit);
  DecodeFloats(&reader, &value->statistics.b);
  DecodeFloats(&reader, &value->statistics.a);
  return CheckEnd("the state of a design", reader);
}

void NeighbourStateSerde::Encode(const NeighbourState& value, std::string* out) const {
  ByteWriter writer(out);
  writer.Fixed(kNeighbourVersion);
  writer.Zigzag(value.next_offset);
  writer.Fixed(value.weight);
  writer.Zigzag(value.row.at_ms);
  writer.Varint(value.row.entries.size());
  for (const models::Neighbour& entry : value.row.entries) {
    writer.Fixed(entry.design);
    writer.Fixed(entry.weight);
    writer.Zigzag(entry.at_ms);
  }
}

Status NeighbourStateSerde::Decode(std::string_view bytes, NeighbourState* value) const {
  ByteReader reader(bytes);
  RETURN_IF_ERROR(CheckVersion("a row of neighbours", reader.Fixed<uint8_t>(), kNeighbourVersion));
  value->next_offset = reader.Zigzag();
  value->weight = reader.Fixed<double>();
  value->row.at_ms = reader.Zigzag();
  value->row.entries.resize(reader.Count(sizeof(models::DesignKey) + sizeof(float) + 1));
  for (models::Neighbour& entry : value->row.entries) {
    entry.design = reader.Fixed<models::DesignKey>();
    entry.weight = reader.Fixed<float>();
    entry.at_ms = reader.Zigzag();
  }
  return CheckEnd("a row of neighbours", reader);
}

}  // namespace catwalk::operators
