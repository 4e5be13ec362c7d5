#include "operators/learn_fit.h"

#include <algorithm>
#include <utility>

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

Status LearnFit::Open(OperatorContext& context) { return learned_.Open(context, std::make_unique<LearnedFitSerde>()); }

Status LearnFit::Process(std::span<ModelWork> batch, OperatorContext&) {
  for (const ModelWork& work : batch) {
    if (work.done || !work.update.has_fit()) continue;
    ASSIGN_OR_RETURN(LearnedFit* const fit, learned_.Change(work.record->offset));
    models::Learn(options_.fit, LessonOf(work.update.fit()), &fit->state);
  }
  return Status::Ok();
}

Status LearnFit::OnTimer(bool, OperatorContext& context) {
  return learned_.Publish(context, [](const LearnedFit& fit, schemas::ModelRecord* record) {
    auto& published = *record->mutable_fit();
    FillFitModel(fit.state.model, &published);
    published.set_lessons(fit.state.lessons);
    published.set_source_offset(fit.next_offset);
  });
}

}  // namespace catwalk::operators
