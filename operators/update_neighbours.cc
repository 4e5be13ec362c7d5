#include "operators/update_neighbours.h"

#include <utility>

#include "operators/table_records.h"

namespace catwalk::operators {

Status UpdateNeighbours::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(neighbours_, OpenTable<NeighbourState>(context, "neighbours", std::make_unique<NeighbourStateSerde>(),
                                                          {options_.cache_entries, options_.cache_bytes}));
  return Status::Ok();
}

Status UpdateNeighbours::Process(std::span<DesignWork> batch, OperatorContext&) {
  SettleIfCommitted();
  for (const DesignWork& work : batch) {
    if (work.done) continue;
    pace_.CountRecord();
    if (work.update.recent_size() > 0) RETURN_IF_ERROR(Apply(work));
  }
  return Status::Ok();
}

Status UpdateNeighbours::Apply(const DesignWork& work) {
  const schemas::DesignUpdate& update = work.update;
  ASSIGN_OR_RETURN(NeighbourState* const state, neighbours_->GetOrCreate(update.design_id()));
  neighbours_->MarkDirty(update.design_id());
  models::Visit(options_.neighbours, update.occurred_at_ms(), update.weight(), work.key,
                {update.recent().data(), static_cast<size_t>(update.recent_size())}, &state->row);
  state->weight += static_cast<double>(update.weight());
  state->next_offset = work.record->offset + 1;
  pace_.Touch(update.design_id(), work.key, state->weight, 0);
  return Status::Ok();
}

Status UpdateNeighbours::OnTimer(bool idle, OperatorContext& context) {
  SettleIfCommitted();
  for (const std::string& design_id : pace_.TakeDue(idle)) RETURN_IF_ERROR(Publish(design_id, context));
  return Status::Ok();
}

Status UpdateNeighbours::Publish(const std::string& design_id, OperatorContext& context) {
  ASSIGN_OR_RETURN(const NeighbourState* const state, neighbours_->Get(design_id));
  if (state == nullptr) return Status::Ok();  // its first update was aborted and has not come again yet
  schemas::DesignTableRecord table_record;
  schemas::DesignNeighbours& published = *table_record.mutable_neighbours();
  published.set_design_id(design_id);
  for (const models::Neighbour& neighbour : models::Strongest(options_.neighbours, state->row)) {
    published.add_neighbours(neighbour.design);
    published.add_weights(neighbour.weight);
    published.add_ages_ms(state->row.at_ms - neighbour.at_ms);
  }
  published.set_at_ms(state->row.at_ms);
  published.set_source_partition(context.partition());
  published.set_source_offset(state->next_offset);
  pace_.Emitted(design_id, models::KeyOf(design_id), state->weight);
  schemas::OutgoingRecord record;
  record.partition = 0;
  record.key = std::string(kNeighboursPrefix) + design_id;
  table_record.SerializeToString(&record.value);
  return context.Emit(schemas::Topic::kDesignFactors, std::move(record));
}

/// Without uncommitted changes, what was emitted has been committed: an abort would have been told.
void UpdateNeighbours::SettleIfCommitted() {
  if (neighbours_->dirty_bytes() == 0) pace_.Committed();
}

}  // namespace catwalk::operators
