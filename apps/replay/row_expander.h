#pragma once

#include <google/protobuf/message.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/replay/field_map.h"
#include "apps/replay/last_known.h"
#include "schemas/record.h"
#include "schemas/topics.h"
#include "schemas/violation.h"

namespace catwalk::apps {

/// Makes of one row of a delimited file its records: the event, before it the user's profile and after it the design and
/// the feedback, as far as the map has fields for them. Profile and design are made when the row says something new of
/// them, feedback when one of its columns has a value. All of a row's records have the row's time; event ids are the
/// mapped one or "<source>:<line>", with "/profile", "/design" or "/feedback" for those that go with it. One thread.
class RowExpander {
 public:
  /// `map` is bound to the columns; `source` is the file's name for event ids.
  RowExpander(FieldMap map, schemas::TopicNames names, std::string source);

  /// Appends the records of a row, keyed and encoded as Protobuf. If one of them breaks a rule of the contract (`now_ms`
  /// stands for the record's timestamp) nothing is appended or remembered.
  std::optional<schemas::Violation> Expand(uint64_t line, std::span<const std::string_view> cells, int64_t now_ms,
                                           std::vector<schemas::OutgoingRecord>* out);

 private:
  /// One kind of record: its fields, and what the row under hand has for them.
  struct Builder {
    std::vector<Mapping> mappings;
    bool has_columns = false;
    std::unique_ptr<google::protobuf::Message> message;
    std::vector<std::string_view> values;
    LastKnown known;
    std::string event_id_suffix;
    bool due = false;
  };
  struct RowIdentity {
    std::string event_id, user_id, design_id;
    int64_t occurred_at_ms = 0;
  };

  Builder& At(Part part) { return builders_[static_cast<size_t>(part)]; }
  static bool TakeValues(Builder* builder, std::span<const std::string_view> cells);
  static std::optional<schemas::Violation> Fill(Builder* builder);
  std::optional<schemas::Violation> BuildEvent(uint64_t line, std::span<const std::string_view> cells, RowIdentity* row);
  std::optional<schemas::Violation> BuildCompanion(Part part, const RowIdentity& row,
                                                   std::span<const std::string_view> cells, int64_t now_ms);
  void Emit(Part part, const RowIdentity& row, std::vector<schemas::OutgoingRecord>* out);

  FieldMap map_;
  schemas::TopicNames names_;
  std::string source_;
  std::array<Builder, kParts> builders_;
};

}  // namespace catwalk::apps
