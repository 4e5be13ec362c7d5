#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schemas/topics.h"

namespace catwalk::apps {

/// The record of a row that a field belongs to: the event itself or one of the records that go with it.
enum class Part { kEvent, kProfile, kDesign, kFeedback };
inline constexpr int kParts = 4;

/// One field of a record and where its value comes from.
struct Mapping {
  Part part = Part::kEvent;
  const google::protobuf::FieldDescriptor* field = nullptr;  // or the map `attributes`, then with `attribute`
  std::string attribute;
  bool constant = false;
  std::string source;  // the column's name, or the constant
  size_t column = 0;   // set by Bind
};

/// Which columns of a delimited file fill which fields of which records: `--map field=column,…` and
/// `--set field=value,…`. Fields of the event bear their own names; those of the records that go with it are
/// `profile.x`, `design.x` and `feedback.x`. A field that a profile or design does not have becomes an attribute.
class FieldMap {
 public:
  /// Each element of `maps` and `sets` may hold several assignments with commas between them. kInvalidArgument: no "=",
  /// an unknown field (names the nearest), a field given twice, an event that is no input.
  static Result<FieldMap> Parse(const std::vector<std::string>& maps, const std::vector<std::string>& sets,
                                schemas::Topic event_topic);

  /// Finds the columns in the header of a file. kInvalidArgument names a missing one and those there are.
  Status Bind(const std::vector<std::string>& columns);

  schemas::Topic event_topic() const { return event_topic_; }
  const std::vector<Mapping>& mappings() const { return mappings_; }

 private:
  Status Add(std::string_view assignment, bool constant);
  Status Resolve(std::string_view name, Mapping* mapping) const;

  schemas::Topic event_topic_ = schemas::Topic::kPurchases;
  std::vector<Mapping> mappings_;
};

/// The topic of a part's records.
schemas::Topic TopicOf(Part part, schemas::Topic event_topic);

}  // namespace catwalk::apps
