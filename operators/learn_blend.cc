#include "operators/learn_blend.h"

#include <algorithm>
#include <utility>

#include "operators/table_records.h"

namespace catwalk::operators {
namespace {

/// ModelDecode has checked the numbers of features. Those that the sender did not know are 0.
models::Comparison ComparisonOf(const schemas::Comparison& record) {
  models::Comparison comparison;
  std::copy(record.chosen().begin(), record.chosen().end(), comparison.chosen.begin());
  const int features = record.chosen_size();
  comparison.others.resize(static_cast<size_t>(record.others_size() / features));
  auto from = record.others().begin();
  for (auto& other : comparison.others) {
    std::copy_n(from, features, other.begin());
    from += features;
  }
  comparison.drawn_from = record.drawn_from();
  comparison.experience = record.experience();
  return comparison;
}

}  // namespace

Status LearnBlend::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(blends_, OpenTable<LearnedBlend>(context, "blend", std::make_unique<LearnedBlendSerde>()));
  return Status::Ok();
}

Status LearnBlend::Process(std::span<ModelWork> batch, OperatorContext&) {
  for (const ModelWork& work : batch) {
    if (work.done || !work.update.has_comparison()) continue;
    ASSIGN_OR_RETURN(LearnedBlend* const blend, blends_->GetOrCreate(kBlendKey));
    blends_->MarkDirty(kBlendKey);
    models::Learn(options_.blend, ComparisonOf(work.update.comparison()), &blend->state);
    blend->next_offset = work.record->offset + 1;
  }
  return Status::Ok();
}

Status LearnBlend::OnTimer(bool, OperatorContext& context) {
  ASSIGN_OR_RETURN(const LearnedBlend* const blend, blends_->Get(kBlendKey));
  if (blend == nullptr || blend->next_offset == published_offset_) return Status::Ok();
  schemas::ModelRecord model_record;
  auto& published = *model_record.mutable_blend();
  FillBlend(blend->state.weights, &published);
  FillRanker(blend->state.ranker.weights, published.mutable_ranker());
  published.set_comparisons(blend->state.comparisons);
  published.set_source_offset(blend->next_offset);
  published_offset_ = blend->next_offset;
  schemas::OutgoingRecord record;
  record.partition = 0;
  record.key = kBlendKey;
  model_record.SerializeToString(&record.value);
  return context.Emit(schemas::Topic::kModel, std::move(record));
}

}  // namespace catwalk::operators
