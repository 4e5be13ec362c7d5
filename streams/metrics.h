#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "operators/operator.h"

namespace catwalk::streams {

/// Everything a sub-topology's workers report, made once and injected; no label is looked up per record: what has
/// more labels is looked up for what is rejected, dropped or published. Counters are bumped per batch or commit. Safe from any thread.
class WorkerMetrics {
 public:
  WorkerMetrics(prometheus::Registry& registry, const std::string& sub_topology);

  prometheus::Counter& records_in;
  prometheus::Counter& records_out;
  prometheus::Counter& commits;
  prometheus::Counter& aborts;
  prometheus::Counter& restarts;
  prometheus::Counter& rebalances;
  prometheus::Counter& restored_records;
  prometheus::Gauge& restore_remaining;
  prometheus::Gauge& standby_tasks;
  prometheus::Gauge& standby_lag_records;
  prometheus::Gauge& tasks;
  prometheus::Gauge& lag_records;
  prometheus::Gauge& lag_seconds;
  prometheus::Gauge& dirty_bytes;
  prometheus::Gauge& breakers_open;
  prometheus::Histogram& commit_seconds;
  /// From a record's timestamp to the commit of what it caused.
  prometheus::Histogram& end_to_end_seconds;

  prometheus::Counter& Rejected(std::string_view rule);
  prometheus::Counter& Dropped(std::string_view rule);
  prometheus::Counter& Resets(operators::ModelPart part);
  prometheus::Histogram& Drift(operators::ModelPart part);

  /// To end_to_end_seconds, for records with these timestamps that are committed now.
  void ObserveLatency(std::span<const int64_t> timestamps_ms, int64_t now_ms);

 private:
  prometheus::Family<prometheus::Counter>& rejected_;
  prometheus::Family<prometheus::Counter>& dropped_;
  prometheus::Family<prometheus::Counter>& resets_;
  prometheus::Family<prometheus::Histogram>& drift_;
  std::string sub_topology_;
};

}  // namespace catwalk::streams
