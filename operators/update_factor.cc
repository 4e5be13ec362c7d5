#include "operators/update_factor.h"

#include <algorithm>
#include <utility>

#include "operators/drift.h"
#include "operators/table_records.h"

namespace catwalk::operators {
namespace {

/// What is said of a fit counts as much as a click, so that it is published as soon.
double WeightOf(const DesignState& design) { return design.statistics.weight + static_cast<double>(design.fit.outcomes); }

/// The same of what was published; 0 for a design that never was.
double PublishedWeight(const models::DesignTable& table, models::DesignKey key) {
  const int row = table.RowOf(key);
  if (row < 0) return 0;
  const auto& fit = table.Signals(row).fit;
  return table.Weight(row) + (fit == nullptr ? 0.0 : static_cast<double>(fit->outcomes));
}

models::Wanter WanterOf(const schemas::DesignUpdate& update) {
  models::Wanter wanter{{update.groups().data(), static_cast<size_t>(update.groups().size())}};
  std::copy(update.segments().begin(), update.segments().end(), wanter.segments.begin());
  return wanter;
}

/// The design's part learns beside what the others said before the event (DesignDecode has checked it).
void LearnOutcome(const schemas::FitOutcome& outcome, models::DesignFit* fit) {
  models::FitScore score{static_cast<double>(outcome.shift()), static_cast<double>(outcome.width())};
  score += fit->part.score();
  models::Learn(models::kDesignFitPrior, score, static_cast<models::Fit>(outcome.fit()), &fit->part);
  ++fit->outcomes;
}

}  // namespace

Status UpdateFactor::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(designs_, OpenTable<DesignState>(context, "design-statistics", std::make_unique<DesignStateSerde>(),
                                                    {options_.cache_entries, options_.cache_bytes}));
  return Status::Ok();
}

Status UpdateFactor::Process(std::span<DesignWork> batch, OperatorContext& context) {
  SettleIfCommitted();
  for (const DesignWork& work : batch)
    if (!work.done) RETURN_IF_ERROR(Apply(work, context));
  return Status::Ok();
}

Status UpdateFactor::Apply(const DesignWork& work, OperatorContext& context) {
  const schemas::DesignUpdate& update = work.update;
  ASSIGN_OR_RETURN(DesignState* const design, designs_->GetOrCreate(update.design_id()));
  designs_->MarkDirty(update.design_id());
  const auto& vector = update.user_vector();
  if (!work.IsOnlyOfFit())
    models::Update(options_.solve, update.occurred_at_ms(), update.weight(),
                   {vector.data(), static_cast<size_t>(vector.size())}, &design->statistics);
  design->fit.Note(update.size());
  if (update.has_fit()) LearnOutcome(update.fit(), &design->fit);
  if (update.clock() > 0) {
    models::Count(update.clock(), update.weight(), WanterOf(update), &design->demand);
  }
  design->next_offset = work.record->offset + 1;
  pace_.CountRecord();
  pace_.Touch(update.design_id(), work.key, WeightOf(*design), PublishedWeight(context.tables(), work.key));
  return Status::Ok();
}

Status UpdateFactor::OnTimer(bool idle, OperatorContext& context) {
  SettleIfCommitted();
  if (idle && compare_) RETURN_IF_ERROR(FindUnpublished(context));
  for (const std::string& design_id : pace_.TakeDue(idle)) RETURN_IF_ERROR(Publish(design_id, context));
  return Status::Ok();
}

Status UpdateFactor::FindUnpublished(const OperatorContext& context) {
  compare_ = false;
  return designs_->Scan([&](std::string_view design_id, const DesignState& design) {
    const models::DesignKey key = models::KeyOf(design_id);
    const double published = PublishedWeight(context.tables(), key);
    if (WeightOf(design) != published) pace_.Touch(design_id, key, WeightOf(design), published);
    return true;
  });
}

Status UpdateFactor::Publish(const std::string& design_id, OperatorContext& context) {
  ASSIGN_OR_RETURN(const DesignState* const design, designs_->Get(design_id));
  if (design == nullptr) return Status::Ok();  // its first update was aborted and has not come again yet
  const models::DesignKey key = models::KeyOf(design_id);
  const models::DesignStatistics& statistics = design->statistics;
  bool reset = false;
  const std::vector<float> factor = models::SolveFactor(options_.solve, statistics, key, &reset);
  if (reset) context.CountReset(ModelPart::kFactor);
  ObserveDrift(key, factor, context);
  schemas::DesignTableRecord table_record;
  schemas::DesignFactor& published = *table_record.mutable_factor();
  published.set_design_id(design_id);
  published.mutable_factor()->Add(factor.begin(), factor.end());
  published.set_popularity(statistics.popularity);
  published.set_popularity_at_ms(statistics.at_ms);
  published.set_weight(statistics.weight);
  if (design->demand.last > 0) FillDemand(design->demand, published.mutable_demand());
  if (design->fit != models::DesignFit{}) FillFit(design->fit, published.mutable_fit());
  published.set_source_partition(context.partition());
  published.set_source_offset(design->next_offset);
  pace_.Emitted(design_id, key, WeightOf(*design));
  schemas::OutgoingRecord record;
  record.partition = 0;
  record.key = design_id;
  table_record.SerializeToString(&record.value);
  return context.Emit(schemas::Topic::kDesignFactors, std::move(record));
}

/// Beside what the tables hold of the design, if they do.
void UpdateFactor::ObserveDrift(models::DesignKey key, std::span<const float> factor, OperatorContext& context) {
  const int row = context.tables().RowOf(key);
  if (row >= 0 && context.tables().HasFactor(row))
    context.ObserveDrift(ModelPart::kFactor, Drift({context.tables().Factor(row), factor.size()}, factor));
}

/// Without uncommitted changes, what was emitted has been committed: an abort would have been told.
void UpdateFactor::SettleIfCommitted() {
  if (designs_->dirty_bytes() == 0) pace_.Committed();
}

void UpdateFactor::OnAbort() {
  pace_.OnAbort();
  compare_ = true;
}

}  // namespace catwalk::operators
