#include "operators/model_decode.h"

#include <optional>
#include <string>

#include "models/blend.h"
#include "models/fit.h"
#include "schemas/codec.h"

namespace catwalk::operators {
namespace {

constexpr int64_t kYear10000Ms = 253'402'300'800'000;

bool IsHour(int64_t start_ms) { return start_ms >= 0 && start_ms < kYear10000Ms && start_ms % kHourMs == 0; }

std::optional<schemas::Violation> Check(const schemas::PartialWindow& window) {
  if (IsHour(window.window_start_ms())) return std::nullopt;
  return schemas::Violation{"bad_window", "window_start_ms is not a full hour: give one between 1970 and 9999"};
}

std::optional<schemas::Violation> Check(const schemas::Comparison& comparison) {
  const int features = comparison.chosen_size();  // of an earlier program fewer
  const bool whole = features > 0 && features <= models::kFeatures && comparison.others_size() % features == 0;
  if (whole && comparison.others_size() > 0 && comparison.drawn_from() > 0 &&
      models::IsUsable(models::Cohort{comparison.experience(), comparison.segment() - 1}))
    return std::nullopt;
  return schemas::Violation{"bad_comparison", "a comparison has " + std::to_string(comparison.chosen_size()) +
                                                  " features of the " + std::to_string(models::kFeatures) +
                                                  " known here, no other design, none drawn from, or an unknown cohort: run this version throughout"};
}

/// Numbers are judged where they are learned from (models/fit.h).
std::optional<schemas::Violation> Check(const schemas::FitLesson& lesson) {
  const bool whole = lesson.features_size() == models::kFitFeatures &&
                     (lesson.measures_size() == 0 || lesson.measures_size() == models::kMeasures);
  if (whole && lesson.fit() >= 0 && lesson.fit() < models::kFits && lesson.scale() >= 0 && lesson.scale() < models::kSizeScales)
    return std::nullopt;
  return schemas::Violation{"bad_fit", "what was said of a fit has " + std::to_string(lesson.features_size()) + " features and not " +
                                           std::to_string(models::kFitFeatures) +
                                           ", other measures, or an unknown word or scale: run one version throughout"};
}

std::optional<schemas::Violation> Check(const schemas::ModelUpdate& update) {
  switch (update.update_case()) {
    case schemas::ModelUpdate::kWindow: return Check(update.window());
    case schemas::ModelUpdate::kFit: return Check(update.fit());
    default: return Check(update.comparison());
  }
}

Status DecodeOne(ModelWork* work, OperatorContext& context) {
  work->update.Clear();
  work->done = true;
  if (const auto violation = schemas::Decode(work->record->value, &work->update))
    return context.Reject(*work->record, violation->rule, violation->message);
  if (work->update.update_case() == schemas::ModelUpdate::UPDATE_NOT_SET) {
    context.CountDropped("unknown_update");
    return Status::Ok();
  }
  if (const auto violation = Check(work->update))
    return context.Reject(*work->record, violation->rule, violation->message);
  work->done = false;
  return Status::Ok();
}

}  // namespace

Status ModelDecode::Process(std::span<ModelWork> batch, OperatorContext& context) {
  for (ModelWork& work : batch) RETURN_IF_ERROR(DecodeOne(&work, context));
  return Status::Ok();
}

}  // namespace catwalk::operators
