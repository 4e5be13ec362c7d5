#include "apps/replay/row_expander.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <utility>

#include "apps/replay/cell.h"
#include "apps/replay/contract.h"

namespace catwalk::apps {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schemas::Violation;

constexpr std::string_view kSuffixes[kParts] = {"", "/profile", "/design", "/feedback"};

// The key of what is known of a part: profiles by user, designs by design.
std::string_view KnownKey(Part part, std::string_view user_id, std::string_view design_id) {
  return part == Part::kProfile ? user_id : design_id;
}

}  // namespace

RowExpander::RowExpander(FieldMap map, schemas::TopicNames names, std::string source)
    : map_(std::move(map)), names_(std::move(names)), source_(std::move(source)) {
  for (const Mapping& mapping : map_.mappings()) {
    Builder& builder = At(mapping.part);
    builder.mappings.push_back(mapping);
    builder.has_columns |= !mapping.constant;
  }
  for (int i = 0; i < kParts; ++i) {
    const Part part = static_cast<Part>(i);
    At(part).message = NewMessage(TopicOf(part, map_.event_topic()));
    At(part).values.resize(At(part).mappings.size());
    At(part).event_id_suffix = kSuffixes[i];
  }
}

std::optional<Violation> RowExpander::Expand(uint64_t line, std::span<const std::string_view> cells, int64_t now_ms,
                                             std::vector<schemas::OutgoingRecord>* out) {
  RowIdentity row;
  if (auto violation = BuildEvent(line, cells, &row)) return violation;
  if (auto violation = CheckContract(map_.event_topic(), *At(Part::kEvent).message, now_ms)) return violation;
  for (const Part part : {Part::kProfile, Part::kDesign, Part::kFeedback})
    if (auto violation = BuildCompanion(part, row, cells, now_ms)) return violation;
  for (const Part part : {Part::kProfile, Part::kEvent, Part::kDesign, Part::kFeedback}) Emit(part, row, out);
  return std::nullopt;
}

// True if a column of the record has a value (or, where all is constant, always).
bool RowExpander::TakeValues(Builder* builder, std::span<const std::string_view> cells) {
  bool any = !builder->has_columns;
  for (size_t i = 0; i < builder->mappings.size(); ++i) {
    const Mapping& mapping = builder->mappings[i];
    builder->values[i] = mapping.constant ? std::string_view(mapping.source) : cells[mapping.column];
    any |= !mapping.constant && !builder->values[i].empty();
  }
  return any;
}

std::optional<Violation> RowExpander::Fill(Builder* builder) {
  builder->message->Clear();
  for (size_t i = 0; i < builder->mappings.size(); ++i) {
    const Mapping& mapping = builder->mappings[i];
    const std::string_view value = builder->values[i];
    if (value.empty()) continue;
    if (!mapping.attribute.empty()) {
      SetMapEntry(builder->message.get(), *mapping.field, mapping.attribute, value);
    } else if (auto violation = SetCell(builder->message.get(), *mapping.field, value)) {
      return violation;
    }
  }
  return std::nullopt;
}

std::optional<Violation> RowExpander::BuildEvent(uint64_t line, std::span<const std::string_view> cells,
                                                 RowIdentity* row) {
  Builder& event = At(Part::kEvent);
  event.due = true;
  TakeValues(&event, cells);
  if (auto violation = Fill(&event)) return violation;
  Message* message = event.message.get();
  row->event_id = CommonText(*message, CommonField::kEventId);
  if (row->event_id.empty()) {
    row->event_id = source_ + ":" + std::to_string(line);
    SetCommonText(message, CommonField::kEventId, row->event_id);
  }
  row->user_id = CommonText(*message, CommonField::kUserId);
  row->design_id = CommonText(*message, CommonField::kDesignId);
  row->occurred_at_ms = OccurredAtMs(*message);
  return std::nullopt;
}

std::optional<Violation> RowExpander::BuildCompanion(Part part, const RowIdentity& row,
                                                     std::span<const std::string_view> cells, int64_t now_ms) {
  Builder& builder = At(part);
  builder.due = !builder.mappings.empty() && TakeValues(&builder, cells);
  const std::string_view known_key = KnownKey(part, row.user_id, row.design_id);
  if (part != Part::kFeedback && builder.due)
    builder.due = !known_key.empty() && builder.known.Merge(known_key, builder.values);
  if (!builder.due) return std::nullopt;
  if (auto violation = Fill(&builder)) return violation;
  Message* message = builder.message.get();
  SetCommonText(message, CommonField::kEventId, row.event_id + builder.event_id_suffix);
  if (part != Part::kDesign) SetCommonText(message, CommonField::kUserId, row.user_id);
  if (part != Part::kProfile) SetCommonText(message, CommonField::kDesignId, row.design_id);
  SetOccurredAtMs(message, row.occurred_at_ms);
  if (part == Part::kFeedback) SetAboutEventId(message, row.event_id);
  return CheckContract(TopicOf(part, map_.event_topic()), *message, now_ms);
}

void RowExpander::Emit(Part part, const RowIdentity& row, std::vector<schemas::OutgoingRecord>* out) {
  Builder& builder = At(part);
  if (!builder.due) return;
  if (part == Part::kProfile || part == Part::kDesign)
    builder.known.Remember(KnownKey(part, row.user_id, row.design_id), builder.values);
  out->push_back(MakeRecord(names_, TopicOf(part, map_.event_topic()), *builder.message));
}

}  // namespace catwalk::apps
