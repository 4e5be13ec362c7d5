#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "operators/design_work.h"
#include "operators/operator.h"

namespace catwalk::operators {

/// Counts, by hour of the event and by design, what has come since the last commit, and sends it to the model task with that
/// commit. So it needs no store: a count and the records it counts take effect together or not at all.
///
///   d1 with weight 4 at 10:15 and again at 10:40, d2 with weight 0.3 at 10:20
///   -> on model-updates, partition 0, key "<10:00 in ms>": d1 2 events 8,000,000 micros; d2 1 event 300,000 micros
class CountWindows final : public Operator<DesignWork> {
 public:
  std::string_view Name() const override { return "partial-windows"; }
  Status Process(std::span<DesignWork> batch, OperatorContext& context) override;
  Status OnTimer(bool idle, OperatorContext& context) override;
  void OnAbort() override { windows_.clear(); }

 private:
  struct Counts {
    int64_t events = 0;
    int64_t weight_micros = 0;
  };
  using Window = std::map<std::string, Counts>;  // by design id: what is sent is in this order

  std::map<int64_t, Window> windows_;  // by start
};

}  // namespace catwalk::operators
