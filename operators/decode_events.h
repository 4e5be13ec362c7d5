#pragma once

#include <google/protobuf/arena.h>

#include <memory>

#include "operators/operator.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// First step: a record's bytes become its topic's message and the fields all events share.
///
///   record on "purchases", value {"event_id":"e1","user_id":"u1","design_id":"d1","occurred_at_ms":1}
///   -> message Purchase, event_id e1, user_id u1, design_id d1, at_ms 1
///
/// What does not decode is rejected ("undecodable", "unknown_enum").
class DecodeEvents final : public Operator<UserWork> {
 public:
  explicit DecodeEvents(const schemas::TopicNames& names);
  std::string_view Name() const override { return "decode"; }
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  Status Decode(UserWork* work, OperatorContext& context);

  schemas::TopicNames names_;
  google::protobuf::Arena arena_;  // the messages of the batch at hand
};

}  // namespace catwalk::operators
