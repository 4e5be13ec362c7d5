#include "operators/learn_segments.h"

namespace catwalk::operators {

Status LearnSegments::Open(OperatorContext& context) { return learned_.Open(context, std::make_unique<LearnedSegmentsSerde>()); }

Status LearnSegments::Process(std::span<ModelWork> batch, OperatorContext&) {
  for (const ModelWork& work : batch) {
    const auto& vector = work.update.comparison().user_vector();
    if (work.done || vector.empty()) continue;
    ASSIGN_OR_RETURN(LearnedSegments* const segments, learned_.Change(work.record->offset));
    models::Learn(options_.segments, {vector.data(), static_cast<size_t>(vector.size())}, &segments->state);
  }
  return Status::Ok();
}

Status LearnSegments::OnTimer(bool, OperatorContext& context) {
  return learned_.Publish(context, [](const LearnedSegments& learned, schemas::ModelRecord* record) {
    auto& published = *record->mutable_segments();
    FillSegments(learned.state.segments, &published);
    published.set_lessons(learned.state.lessons);
    published.set_source_offset(learned.next_offset);
  });
}

}  // namespace catwalk::operators
