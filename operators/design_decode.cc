#include "operators/design_decode.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "models/cohort.h"
#include "models/fit.h"
#include "schemas/codec.h"

namespace catwalk::operators {
namespace {

using schemas::Violation;

std::optional<Violation> Check(const schemas::FitOutcome& outcome) {
  if (!std::isfinite(outcome.shift()) || !std::isfinite(outcome.width()))
    return Violation{schemas::kNotFinite, "a fit's shift or width is not finite: give numbers"};
  if (outcome.fit() < 0 || outcome.fit() >= models::kFits)
    return Violation{"bad_fit", "fit is " + std::to_string(outcome.fit()) + ": give 0 (small), 1 (true) or 2 (large)"};
  return std::nullopt;
}

bool AreMemberships(const google::protobuf::RepeatedField<float>& shares) {
  return shares.empty() || (shares.size() == models::kSegments &&
                            std::all_of(shares.begin(), shares.end(), [](float share) { return share >= 0 && share <= 1; }));
}

std::optional<Violation> Check(const schemas::DesignUpdate& update) {
  if (update.design_id().empty()) return Violation{schemas::kMissingDesignId, "design_id is empty: name the design"};
  if (update.occurred_at_ms() <= 0)
    return Violation{schemas::kTimeNotPositive, "occurred_at_ms is not positive: give milliseconds since 1970"};
  if (!std::isfinite(update.weight())) return Violation{schemas::kNotFinite, "weight is not finite: give a number"};
  if (update.weight() < 0) return Violation{schemas::kNegativeAmount, "weight is below 0: give 0 or more"};
  if (!AreMemberships(update.segments()))
    return Violation{"bad_segments", "segments are not " + std::to_string(models::kSegments) + " shares from 0 to 1, or none: run this "
                                     "version throughout"};
  if (update.has_fit()) return Check(update.fit());
  return std::nullopt;
}

std::optional<Violation> Decode(DesignWork* work) {
  work->update.Clear();
  if (auto violation = schemas::Decode(work->record->value, &work->update)) return violation;
  return Check(work->update);
}

}  // namespace

Status DesignDecode::Process(std::span<DesignWork> batch, OperatorContext& context) {
  for (DesignWork& work : batch) {
    if (const auto violation = Decode(&work)) {
      work.done = true;
      RETURN_IF_ERROR(context.Reject(*work.record, violation->rule, violation->message));
      continue;
    }
    work.key = models::KeyOf(work.update.design_id());
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
