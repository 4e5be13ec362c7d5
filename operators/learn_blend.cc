#include "operators/learn_blend.h"

#include <algorithm>
#include <utility>

#include "operators/drift.h"

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
  comparison.cohort = {record.experience(), record.segment() - 1};
  return comparison;
}

}  // namespace

Status LearnBlend::Open(OperatorContext& context) { return learned_.Open(context, std::make_unique<LearnedBlendSerde>()); }

Status LearnBlend::Process(std::span<ModelWork> batch, OperatorContext&) {
  for (const ModelWork& work : batch) {
    if (work.done || !work.update.has_comparison()) continue;
    ASSIGN_OR_RETURN(LearnedBlend* const blend, learned_.Change(work.record->offset));
    models::Learn(options_.blend, ComparisonOf(work.update.comparison()), &blend->state);
  }
  return Status::Ok();
}

Status LearnBlend::OnTimer(bool, OperatorContext& context) {
  return learned_.Publish(context, [&context](const LearnedBlend& blend, schemas::ModelRecord* record) {
    context.ObserveDrift(ModelPart::kBlend, Drift(context.tables().blend().shared, blend.state.weights.shared));
    auto& published = *record->mutable_blend();
    FillBlend(blend.state.weights, &published);
    FillRanker(blend.state.ranker.weights, published.mutable_ranker());
    published.set_comparisons(blend.state.comparisons);
    published.set_source_offset(blend.next_offset);
  });
}

}  // namespace catwalk::operators
