#include "operators/emit_recommendations.h"

#include "operators/list_bytes.h"
#include "operators/table_records.h"
#include "schemas/codec.h"

namespace catwalk::operators {

void FillList(const models::DesignTable& table, std::span<const models::Scored> list,
              std::span<const std::vector<std::string>> reasons, std::span<const GivenSize> sizes,
              schemas::Recommendation* recommendation) {
  recommendation->set_factors_offset(table.factors_offset());
  recommendation->set_model_offset(table.model_offset());
  for (size_t i = 0; i < list.size(); ++i) {
    auto* item = recommendation->add_items();
    item->set_design_id(table.IdOf(list[i].row));
    item->set_score(list[i].score);
    if (i < sizes.size() && !sizes[i].text.empty()) {
      item->set_size(sizes[i].text);
      item->set_fit_probability(sizes[i].probability);
    }
    if (i >= reasons.size()) continue;
    for (const auto& reason : reasons[i]) item->add_reasons(reason);
  }
}

void FillContributions(std::span<const models::FeatureVector> contributions, schemas::Recommendation* recommendation) {
  for (size_t i = 0; i < contributions.size(); ++i) {
    for (int f = 0; f < models::kFeatures; ++f) {
      const float value = contributions[i][static_cast<size_t>(f)];
      if (value == 0) continue;
      auto* contribution = recommendation->mutable_items(static_cast<int>(i))->add_contributions();
      contribution->set_feature(std::string(models::NameOf(static_cast<models::Feature>(f))));
      contribution->set_value(value);
    }
  }
}

Status EmitRecommendations::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (const auto& work : batch) {
    if (work.done) continue;
    if (work.wants_list) RETURN_IF_ERROR(EmitList(work, context));
    if (!options_.design_updates) continue;
    if (work.weight > 0 || work.fit_lesson) RETURN_IF_ERROR(EmitUpdate(work, context));
    if (work.fit_lesson) RETURN_IF_ERROR(EmitLesson(*work.fit_lesson, context));
  }
  return Status::Ok();
}

Status EmitRecommendations::EmitList(const UserWork& work, OperatorContext& context) {
  schemas::OutgoingRecord record;
  record.partition = context.partition();
  record.key = work.user_id;
  if (options_.encoding == schemas::Encoding::kProtobuf) {
    AppendListBytes(context.tables(), work, context.now_ms(), &record.value);
  } else {
    RETURN_IF_ERROR(EncodeList(work, context, &record.value));
  }
  return context.Emit(schemas::Topic::kRecommendations, std::move(record));
}

Status EmitRecommendations::EncodeList(const UserWork& work, const OperatorContext& context, std::string* out) {
  recommendation_.Clear();
  recommendation_.set_user_id(work.user_id.data(), work.user_id.size());
  recommendation_.set_event_id(work.event_id.data(), work.event_id.size());
  recommendation_.set_generated_at_ms(context.now_ms());
  FillList(context.tables(), work.list, work.reasons, work.sizes, &recommendation_);
  return schemas::Encode(recommendation_, options_.encoding, options_.schema_id, out);
}

Status EmitRecommendations::EmitUpdate(const UserWork& work, OperatorContext& context) {
  update_.Clear();
  update_.set_design_id(work.design_id.data(), work.design_id.size());
  update_.set_occurred_at_ms(work.at_ms);
  update_.set_kind(static_cast<int>(work.interaction.kind));
  update_.set_weight(work.weight);
  if (work.known_before) {
    const auto k = static_cast<ptrdiff_t>(context.tables().k());
    update_.mutable_user_vector()->Add(work.vector_before.begin(), work.vector_before.begin() + k);
    const auto segments = models::MembershipsOf(context.tables().segments(), work.vector_before);
    if (models::LikeliestSegment(segments) != models::kNoSegment) update_.mutable_segments()->Add(segments.begin(), segments.end());
  }
  update_.mutable_recent()->Add(work.recent.begin(), work.recent.end());
  if (work.clock > 0) {
    update_.set_clock(work.clock);
    update_.mutable_groups()->Add(work.user->groups.begin(), work.user->groups.end());
  }
  update_.set_size(work.size_taken.data(), work.size_taken.size());
  if (work.fit_lesson) {
    auto& fit = *update_.mutable_fit();
    fit.set_fit(static_cast<int>(work.fit_lesson->fit));
    fit.set_shift(static_cast<float>(work.fit_before.shift));
    fit.set_width(static_cast<float>(work.fit_before.width));
  }
  schemas::OutgoingRecord record;
  record.key = work.design_id;
  update_.SerializeToString(&record.value);
  return context.Emit(schemas::Topic::kDesignUpdates, std::move(record));
}

Status EmitRecommendations::EmitLesson(const models::FitLesson& lesson, OperatorContext& context) {
  lesson_.Clear();
  FillLesson(lesson, lesson_.mutable_fit());
  schemas::OutgoingRecord record;
  record.partition = 0;
  lesson_.SerializeToString(&record.value);
  return context.Emit(schemas::Topic::kModelUpdates, std::move(record));
}

}  // namespace catwalk::operators
