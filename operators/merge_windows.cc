#include "operators/merge_windows.h"

#include <algorithm>
#include <utility>

#include "schemas/codec.h"

namespace catwalk::operators {

using schemas::Trend;

Status MergeWindows::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(windows_, OpenTable<WindowState>(context, "windows", std::make_unique<WindowStateSerde>()));
  return Status::Ok();
}

Status MergeWindows::Process(std::span<ModelWork> batch, OperatorContext& context) {
  RETURN_IF_ERROR(FindOpenWindows());
  for (const ModelWork& work : batch)
    if (!work.done && work.update.has_window()) RETURN_IF_ERROR(Merge(work.update.window(), context));
  return Status::Ok();
}

Status MergeWindows::FindOpenWindows() {
  if (found_) return Status::Ok();
  open_.clear();
  latest_ms_ = 0;
  RETURN_IF_ERROR(windows_->Scan([this](std::string_view key, const WindowState&) {
    const auto name = WindowName::FromKey(key);
    if (!name) return true;
    open_.insert(*name);
    if (name->granularity == Trend::GRANULARITY_HOUR) latest_ms_ = std::max(latest_ms_, name->start_ms);
    return true;
  }));
  found_ = true;
  return Status::Ok();
}

Status MergeWindows::Merge(const schemas::PartialWindow& partial, OperatorContext& context) {
  const WindowName hour{Trend::GRANULARITY_HOUR, partial.window_start_ms()};
  latest_ms_ = std::max(latest_ms_, hour.start_ms);
  if (IsOver(hour)) {
    context.CountDropped("late_window");
    return Status::Ok();
  }
  RETURN_IF_ERROR(Add(hour, partial));
  return Add({Trend::GRANULARITY_DAY, hour.start_ms - hour.start_ms % kDayMs}, partial);
}

Status MergeWindows::Add(const WindowName& name, const schemas::PartialWindow& partial) {
  const std::string key = name.Key();
  ASSIGN_OR_RETURN(WindowState* const window, windows_->GetOrCreate(key));
  windows_->MarkDirty(key);
  window->Add(partial);
  open_.insert(name);
  changed_.insert(name);
  return Status::Ok();
}

Status MergeWindows::OnTimer(bool, OperatorContext& context) {
  RETURN_IF_ERROR(FindOpenWindows());
  for (auto name = open_.begin(); name != open_.end();) {
    if (const bool over = IsOver(*name); over || changed_.contains(*name)) {
      RETURN_IF_ERROR(Send(*name, over, context));
      if (over) windows_->Delete(name->Key());
    }
    name = IsOver(*name) ? open_.erase(name) : std::next(name);
  }
  changed_.clear();
  return Status::Ok();
}

Status MergeWindows::Send(const WindowName& name, bool closed, OperatorContext& context) {
  schemas::OutgoingRecord record;
  record.partition = 0;
  record.key = name.Key();
  ASSIGN_OR_RETURN(const WindowState* const window, windows_->Get(record.key));
  if (window == nullptr) return {Code::kInternal, "window " + record.key + " is gone from the store; restart the process"};
  const Trend trend = ToTrend(name, *window, options_.top, closed);
  RETURN_IF_ERROR(schemas::Encode(trend, options_.encoding, options_.schema_id, &record.value));
  return context.Emit(schemas::Topic::kTrends, std::move(record));
}

void MergeWindows::OnAbort() {
  found_ = false;
  changed_.clear();
}

}  // namespace catwalk::operators
