#include "operators/list_bytes.h"

#include "schemas/outputs.pb.h"
#include "schemas/wire_writer.h"

namespace catwalk::operators {
namespace {

using schemas::Recommendation;
using Item = schemas::Recommendation::Item;
using schemas::WireWriter;

/// More than the list takes.
size_t RoomFor(const models::DesignTable& table, const UserWork& work) {
  constexpr size_t kFieldsOfList = 5, kFieldsOfItem = 5;  // but for reasons
  size_t bytes = kFieldsOfList * WireWriter::kMostOverhead + work.user_id.size() + work.event_id.size();
  for (const auto& scored : work.list) bytes += kFieldsOfItem * WireWriter::kMostOverhead + table.IdOf(scored.row).size();
  for (const auto& size : work.sizes) bytes += size.text.size();
  for (const auto& reasons : work.reasons) {
    for (const auto& reason : reasons) bytes += WireWriter::kMostOverhead + reason.size();
  }
  return bytes;
}

void WriteItem(const models::DesignTable& table, const UserWork& work, size_t i, WireWriter* writer) {
  char* const begun = writer->Begin(Recommendation::kItemsFieldNumber);
  writer->Bytes(Item::kDesignIdFieldNumber, table.IdOf(work.list[i].row));
  writer->Float(Item::kScoreFieldNumber, work.list[i].score);
  if (i < work.reasons.size()) {
    for (const auto& reason : work.reasons[i]) writer->Element(Item::kReasonsFieldNumber, reason);
  }
  if (i < work.sizes.size() && !work.sizes[i].text.empty()) {
    writer->Bytes(Item::kSizeFieldNumber, work.sizes[i].text);
    writer->Float(Item::kFitProbabilityFieldNumber, work.sizes[i].probability);
  }
  writer->End(begun);
}

}  // namespace

void AppendListBytes(const models::DesignTable& table, const UserWork& work, int64_t generated_at_ms, std::string* out) {
  const size_t start = out->size();
  out->resize(start + RoomFor(table, work));
  WireWriter writer(out->data() + start);
  writer.Bytes(Recommendation::kUserIdFieldNumber, work.user_id);
  writer.Bytes(Recommendation::kEventIdFieldNumber, work.event_id);
  writer.Integer(Recommendation::kGeneratedAtMsFieldNumber, generated_at_ms);
  for (size_t i = 0; i < work.list.size(); ++i) WriteItem(table, work, i, &writer);
  writer.Integer(Recommendation::kFactorsOffsetFieldNumber, table.factors_offset());
  writer.Integer(Recommendation::kModelOffsetFieldNumber, table.model_offset());
  out->resize(static_cast<size_t>(writer.end() - out->data()));
}

}  // namespace catwalk::operators
