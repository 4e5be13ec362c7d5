#include "operators/learn_fit.h"

#include <algorithm>
#include <utility>

#include "operators/table_records.h"

namespace catwalk::operators {
namespace {

/// ModelDecode has checked the numbers of features and measures.
models::FitLesson LessonOf(const schemas::FitLesson& record) {
  models::FitLesson lesson;
  lesson.fit = static_cast<models::Fit>(record.fit());
  lesson.size = {static_cast<models::SizeScale>(record.scale()), record.size()};
  std::copy(record.features().begin(), record.features().end(), lesson.features.begin());
  lesson.parts = {static_cast<double>(record.shift()), static_cast<double>(record.width())};
  lesson.measured = record.measures_size() > 0;
  std::copy(record.measures().begin(), record.measures().end(), lesson.measures.begin());
  return lesson;
}

}  // namespace

Status LearnFit::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(fits_, OpenTable<LearnedFit>(context, "fit", std::make_unique<LearnedFitSerde>()));
  return Status::Ok();
}

Status LearnFit::Process(std::span<ModelWork> batch, OperatorContext&) {
  for (const ModelWork& work : batch) {
    if (work.done || !work.update.has_fit()) continue;
    ASSIGN_OR_RETURN(LearnedFit* const fit, fits_->GetOrCreate(kFitKey));
    fits_->MarkDirty(kFitKey);
    models::Learn(options_.fit, LessonOf(work.update.fit()), &fit->state);
    fit->next_offset = work.record->offset + 1;
  }
  return Status::Ok();
}

Status LearnFit::OnTimer(bool, OperatorContext& context) {
  ASSIGN_OR_RETURN(const LearnedFit* const fit, fits_->Get(kFitKey));
  if (fit == nullptr || fit->next_offset == published_offset_) return Status::Ok();
  schemas::ModelRecord model_record;
  auto& published = *model_record.mutable_fit();
  FillFitModel(fit->state.model, &published);
  published.set_lessons(fit->state.lessons);
  published.set_source_offset(fit->next_offset);
  published_offset_ = fit->next_offset;
  schemas::OutgoingRecord record;
  record.partition = 0;
  record.key = kFitKey;
  model_record.SerializeToString(&record.value);
  return context.Emit(schemas::Topic::kModel, std::move(record));
}

}  // namespace catwalk::operators
