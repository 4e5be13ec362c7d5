#include "operators/count_windows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "operators/model_work.h"

namespace catwalk::operators {
namespace {

/// Millionths, so that sums do not depend on their order. No kind of interaction weighs nearly as much as the bound.
int64_t Micros(float weight) { return std::llround(std::clamp(static_cast<double>(weight), 0.0, 1e3) * 1e6); }

schemas::OutgoingRecord ToRecord(int64_t start_ms, const schemas::ModelUpdate& update) {
  schemas::OutgoingRecord record;
  record.partition = 0;
  record.key = std::to_string(start_ms);
  update.SerializeToString(&record.value);
  return record;
}

}  // namespace

Status CountWindows::Process(std::span<DesignWork> batch, OperatorContext&) {
  for (const DesignWork& work : batch) {
    if (work.done || work.IsOnlyOfFit()) continue;
    const int64_t at_ms = work.update.occurred_at_ms();
    Counts& counts = windows_[at_ms - at_ms % kHourMs][work.update.design_id()];
    ++counts.events;
    counts.weight_micros += Micros(work.update.weight());
  }
  return Status::Ok();
}

Status CountWindows::OnTimer(bool, OperatorContext& context) {
  for (const auto& [start_ms, window] : windows_) {
    schemas::ModelUpdate update;
    update.mutable_window()->set_window_start_ms(start_ms);
    for (const auto& [design_id, counts] : window) {
      auto* entry = update.mutable_window()->add_entries();
      entry->set_design_id(design_id);
      entry->set_events(counts.events);
      entry->set_weight_micros(counts.weight_micros);
    }
    RETURN_IF_ERROR(context.Emit(schemas::Topic::kModelUpdates, ToRecord(start_ms, update)));
  }
  windows_.clear();
  return Status::Ok();
}

}  // namespace catwalk::operators
