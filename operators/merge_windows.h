#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "operators/model_options.h"
#include "operators/model_window.h"
#include "operators/model_work.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// Adds up what the design tasks have counted, by hour and by day, and says which designs are wanted most.
///
///   partial windows of 10:00 from two design tasks: d1 2 events, d1 1 event and d2 1 event
///   -> store "windows": "hour/<10:00>" and "day/<0:00>", d1 3 events, d2 1 event
///   -> on trends, partition 0, with the same keys: the totals and the heaviest designs
///
/// A window that has changed is sent at each commit. Once the latest hour seen is past a window's end by the grace, the
/// window is sent a last time, closed, and forgotten; a partial window that comes for a closed hour is dropped
/// ("late_window"). What the latest hour is is judged record by record from the records alone, so it does not matter where
/// batches or commits fall. It needs no state of its own: the latest hour is always among the windows kept.
class MergeWindows final : public Operator<ModelWork> {
 public:
  explicit MergeWindows(const ModelOptions& options) : options_(options) {}
  std::string_view Name() const override { return "windows"; }
  std::vector<state::StoreSpec> Stores() const override { return {{"windows"}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<ModelWork> batch, OperatorContext& context) override;
  Status OnTimer(bool idle, OperatorContext& context) override;
  void OnAbort() override;

 private:
  Status FindOpenWindows();
  Status Merge(const schemas::PartialWindow& partial, OperatorContext& context);
  Status Add(const WindowName& name, const schemas::PartialWindow& partial);
  Status Send(const WindowName& name, bool closed, OperatorContext& context);
  bool IsOver(const WindowName& name) const { return name.end_ms() + options_.grace_ms <= latest_ms_; }

  ModelOptions options_;
  state::Table<WindowState>* windows_ = nullptr;
  bool found_ = false;             // whether what follows is known; read from the store at the start and after an abort
  int64_t latest_ms_ = 0;          // start of the latest hour seen
  std::set<WindowName> open_;      // all windows in the store
  std::set<WindowName> changed_;   // since they were last sent
};

}  // namespace catwalk::operators
