#include "operators/validate_events.h"

#include "base/hash.h"
#include "schemas/rules.h"

namespace catwalk::operators {
namespace {

std::optional<schemas::Violation> CheckContract(const UserWork& work) {
  const int64_t recorded_at = work.record->timestamp_ms;
  switch (work.topic) {
    case schemas::Topic::kClicks: return Check(static_cast<const schemas::Click&>(*work.message), recorded_at);
    case schemas::Topic::kPurchases: return Check(static_cast<const schemas::Purchase&>(*work.message), recorded_at);
    case schemas::Topic::kActivity: return Check(static_cast<const schemas::Activity&>(*work.message), recorded_at);
    case schemas::Topic::kFeedback: return Check(static_cast<const schemas::Feedback&>(*work.message), recorded_at);
    default: return Check(static_cast<const schemas::Profile&>(*work.message), recorded_at);
  }
}

std::optional<schemas::Violation> CheckPartition(const UserWork& work, const OperatorContext& context) {
  const int32_t home = PartitionForKey(work.user_id, context.partitions());
  if (home == context.partition()) return std::nullopt;
  return schemas::Violation{"wrong_partition",
                            "user_id hashes (murmur2) to partition " + std::to_string(home) + ", the record is in " +
                                std::to_string(context.partition()) +
                                "; key records by user_id and use the murmur2 partitioner"};
}

}  // namespace

Status ValidateEvents::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (auto& work : batch) {
    if (work.done) continue;
    auto violation = CheckContract(work);
    if (!violation) violation = CheckPartition(work, context);
    if (!violation) continue;
    work.done = true;
    RETURN_IF_ERROR(context.Reject(*work.record, violation->rule, violation->message));
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
