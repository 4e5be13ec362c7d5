#include "streams/metrics.h"

#include <algorithm>
#include <vector>

namespace catwalk::streams {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const char* NameOf(operators::ModelPart part) { return part == operators::ModelPart::kFactor ? "factor" : "blend"; }

prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help, const std::string& sub) {
  return BuildCounter().Name(name).Help(help).Register(registry).Add({{"sub_topology", sub}});
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help, const std::string& sub) {
  return BuildGauge().Name(name).Help(help).Register(registry).Add({{"sub_topology", sub}});
}

const std::vector<double>& LatencyBounds() {
  static const std::vector<double> kBounds = {0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.06, 0.1,
                                              0.25,  0.5,   1,     2.5,  5,     10,   30,   60};
  return kBounds;
}

prometheus::Histogram& Latency(prometheus::Registry& registry, const char* name, const char* help, const std::string& sub) {
  return BuildHistogram().Name(name).Help(help).Register(registry).Add({{"sub_topology", sub}}, LatencyBounds());
}

}  // namespace

WorkerMetrics::WorkerMetrics(prometheus::Registry& r, const std::string& sub)
    : records_in(Counter(r, "catwalk_records_in_total", "Records processed.", sub)),
      records_out(Counter(r, "catwalk_records_out_total", "Records produced in committed transactions.", sub)),
      commits(Counter(r, "catwalk_commits_total", "Transactions committed.", sub)),
      aborts(Counter(r, "catwalk_aborts_total", "Transactions aborted and tried anew.", sub)),
      restarts(Counter(r, "catwalk_worker_restarts_total", "Workers given up and started anew.", sub)),
      rebalances(Counter(r, "catwalk_rebalances_total", "Changes of the partitions a worker owns.", sub)),
      restored_records(Counter(r, "catwalk_restored_records_total", "Changelog records replayed into local state.", sub)),
      restore_remaining(Gauge(r, "catwalk_restore_remaining_records", "Changelog offsets still to be replayed.", sub)),
      standby_tasks(Gauge(r, "catwalk_standby_tasks", "Tasks of other processes whose state is kept at hand here.", sub)),
      standby_lag_records(Gauge(r, "catwalk_standby_lag_records", "Changelog offsets that state kept at hand is behind.", sub)),
      tasks(Gauge(r, "catwalk_tasks", "Tasks running in this process.", sub)),
      lag_records(Gauge(r, "catwalk_lag_records", "Records known to be there and not yet processed.", sub)),
      lag_seconds(Gauge(r, "catwalk_lag_seconds", "Age of the record last processed, 0 when caught up.", sub)),
      dirty_bytes(Gauge(r, "catwalk_uncommitted_state_bytes", "State changed and not yet committed.", sub)),
      breakers_open(Gauge(r, "catwalk_breakers_open", "Workers that take nothing for a while because too much was rejected.", sub)),
      commit_seconds(Latency(r, "catwalk_commit_seconds", "Time a commit takes.", sub)),
      end_to_end_seconds(Latency(r, "catwalk_end_to_end_seconds",
                                 "From a record's timestamp to the commit of what it caused.", sub)),
      rejected_(BuildCounter().Name("catwalk_rejected_records_total").Help("Records sent to dead-letters, by rule.").Register(r)),
      dropped_(BuildCounter().Name("catwalk_dropped_records_total").Help("Records dropped on purpose, by rule.").Register(r)),
      resets_(BuildCounter()
                  .Name("catwalk_model_resets_total")
                  .Help("Parts of the model that were drawn back towards their prior, by part.")
                  .Register(r)),
      drift_(BuildHistogram()
                 .Name("catwalk_model_drift")
                 .Help("How far a part of the model moves when it is published, over its length, by part.")
                 .Register(r)),
      sub_topology_(sub) {}

prometheus::Counter& WorkerMetrics::Rejected(std::string_view rule) {
  return rejected_.Add({{"sub_topology", sub_topology_}, {"rule", std::string(rule)}});
}

prometheus::Counter& WorkerMetrics::Dropped(std::string_view rule) {
  return dropped_.Add({{"sub_topology", sub_topology_}, {"rule", std::string(rule)}});
}

prometheus::Counter& WorkerMetrics::Resets(operators::ModelPart part) {
  return resets_.Add({{"sub_topology", sub_topology_}, {"part", NameOf(part)}});
}

prometheus::Histogram& WorkerMetrics::Drift(operators::ModelPart part) {
  static const std::vector<double> kBounds = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};
  return drift_.Add({{"sub_topology", sub_topology_}, {"part", NameOf(part)}}, kBounds);
}

void WorkerMetrics::ObserveLatency(std::span<const int64_t> timestamps_ms, int64_t now_ms) {
  const auto& bounds = LatencyBounds();
  std::vector<double> counts(bounds.size() + 1);
  double sum = 0;
  for (const int64_t timestamp_ms : timestamps_ms) {
    const double seconds = static_cast<double>(std::max<int64_t>(0, now_ms - timestamp_ms)) / 1000;
    sum += seconds;
    ++counts[static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin())];
  }
  end_to_end_seconds.ObserveMultiple(counts, sum);
}

}  // namespace catwalk::streams
