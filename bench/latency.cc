#include "bench/latency.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <iomanip>
#include <memory>
#include <optional>
#include <ostream>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "schemas/event_time.h"
#include "schemas/record.h"

namespace catwalk::bench {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr uint32_t kEventIdField = 2;  // of a Recommendation
constexpr size_t kPollBytes = 4U << 20;
constexpr milliseconds kPollWait{20};
constexpr milliseconds kSyncTimeout{30'000};

Result<std::unique_ptr<streams::LogReader>> ReadFromEnd(streams::Log& log, const std::string& topic) {
  ASSIGN_OR_RETURN(const streams::Offsets ends, log.EndOffsets({topic}, streams::Isolation::kReadCommitted));
  ASSIGN_OR_RETURN(auto reader, log.OpenReader());
  RETURN_IF_ERROR(reader->Assign(ends));
  return reader;
}

/// The number in an event id of this run; none of any other list.
std::optional<size_t> NumberOf(const schemas::Record& record, const std::string& prefix) {
  std::string_view id;
  if (!schemas::PeekString(record.value, kEventIdField, &id) || !id.starts_with(prefix)) return std::nullopt;
  id.remove_prefix(prefix.size());
  size_t number = 0;
  const auto parsed = std::from_chars(id.data(), id.data() + id.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != id.data() + id.size()) return std::nullopt;
  return number;
}

/// Notes when the list of each event is first seen, on a thread of its own from Start on. Others than Stop and
/// arrivals() may be called before Start and after Stop only.
class Arrivals {
 public:
  Arrivals(std::unique_ptr<streams::LogReader> reader, std::string prefix, size_t events)
      : reader_(std::move(reader)), prefix_(std::move(prefix)), seen_at_(events) {}

  void Start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { status_ = Read(stop); });
  }
  Status Stop() {
    thread_.request_stop();
    thread_.join();
    return status_;
  }
  size_t arrivals() const { return arrivals_.load(); }
  int64_t repeated() const { return repeated_; }
  const std::vector<Steady::time_point>& seen_at() const { return seen_at_; }

 private:
  Status Read(const std::stop_token& stop) {
    std::vector<schemas::Record> records;
    while (!stop.stop_requested()) {
      records.clear();
      RETURN_IF_ERROR(reader_->Poll(kPollWait, kPollBytes, &records));
      const auto now = Steady::now();
      for (const auto& record : records) Note(record, now);
    }
    return Status::Ok();
  }

  void Note(const schemas::Record& record, Steady::time_point now) {
    const auto number = NumberOf(record, prefix_);
    if (!number || *number >= seen_at_.size()) return;
    auto& seen = seen_at_[*number];
    if (seen != Steady::time_point()) {
      ++repeated_;
      return;
    }
    seen = now;
    ++arrivals_;
  }

  const std::unique_ptr<streams::LogReader> reader_;
  const std::string prefix_;
  std::vector<Steady::time_point> seen_at_;  // the epoch: not yet
  std::atomic<size_t> arrivals_{0};
  int64_t repeated_ = 0;
  Status status_;
  std::jthread thread_;
};

/// When events are due.
struct Schedule {
  Steady::time_point start;
  double rate;
  Steady::time_point Due(size_t event) const {
    return start + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(static_cast<double>(event) / rate));
  }
};

Status SendAll(const Schedule& schedule, size_t events, const LatencyOptions& options, streams::LogWriter* writer) {
  Traffic traffic(options.traffic);
  const SystemClock clock;
  for (size_t i = 0; i < events; ++i) {
    std::this_thread::sleep_until(schedule.Due(i));
    RETURN_IF_ERROR(writer->Append({traffic.Next(options.clicks, clock.NowMs())}));
  }
  return writer->Sync(kSyncTimeout);
}

void AwaitAll(const Arrivals& arrivals, size_t events, double patience_s) {
  const auto deadline = Steady::now() + std::chrono::duration<double>(patience_s);
  while (arrivals.arrivals() < events && Steady::now() < deadline) std::this_thread::sleep_for(kPollWait);
}

LatencyReport Summarise(const Arrivals& arrivals, const Schedule& schedule, size_t warmup) {
  const auto& seen_at = arrivals.seen_at();
  LatencyReport report;
  report.events = static_cast<int64_t>(seen_at.size());
  report.missing = report.events - static_cast<int64_t>(arrivals.arrivals());
  report.repeated = arrivals.repeated();
  for (size_t i = warmup; i < seen_at.size(); ++i) {
    if (seen_at[i] == Steady::time_point()) continue;
    report.sorted_ms.push_back(std::chrono::duration<double, std::milli>(seen_at[i] - schedule.Due(i)).count());
  }
  std::ranges::sort(report.sorted_ms);
  return report;
}

}  // namespace

double LatencyReport::At(double quantile) const {
  if (sorted_ms.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(sorted_ms.size())));
  return sorted_ms[std::clamp<size_t>(rank, 1, sorted_ms.size()) - 1];
}

void LatencyReport::Print(std::ostream& out) const {
  out << std::fixed << std::setprecision(2) << "{\"events\":" << events << ",\"measured\":" << sorted_ms.size()
      << ",\"missing\":" << missing << ",\"repeated\":" << repeated << ",\"sent_per_s\":" << sent_per_s
      << ",\"p50_ms\":" << At(0.5) << ",\"p90_ms\":" << At(0.9) << ",\"p99_ms\":" << At(0.99) << ",\"max_ms\":" << At(1)
      << "}" << std::endl;
}

Result<LatencyReport> MeasureLatency(streams::Log& log, const LatencyOptions& options) {
  const auto warmup = static_cast<size_t>(options.rate * options.warmup_s);
  const size_t events = warmup + static_cast<size_t>(options.rate * options.measured_s);
  ASSIGN_OR_RETURN(auto reader, ReadFromEnd(log, options.recommendations));
  ASSIGN_OR_RETURN(const auto writer, log.OpenWriter());
  Arrivals arrivals(std::move(reader), options.traffic.prefix, events);
  arrivals.Start();
  const Schedule schedule{Steady::now() + milliseconds(500), options.rate};  // clients connect meanwhile
  const Status sent = SendAll(schedule, events, options, writer.get());
  const std::chrono::duration<double> sending = Steady::now() - schedule.start;
  if (sent.ok()) AwaitAll(arrivals, events, options.patience_s);
  RETURN_IF_ERROR(arrivals.Stop());
  RETURN_IF_ERROR(sent);
  LatencyReport report = Summarise(arrivals, schedule, warmup);
  report.sent_per_s = static_cast<double>(events) / sending.count();
  return report;
}

Result<int64_t> TimeOfFirstList(streams::Log& log, const LatencyOptions& options, std::chrono::seconds timeout,
                                std::ostream& out) {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const auto reader, ReadFromEnd(log, options.recommendations));
  ASSIGN_OR_RETURN(const auto writer, log.OpenWriter());
  Traffic traffic(options.traffic);
  RETURN_IF_ERROR(writer->Append({traffic.Next(options.clicks, clock.NowMs())}));
  RETURN_IF_ERROR(writer->Sync(kSyncTimeout));
  out << "sent" << std::endl;
  std::vector<schemas::Record> records;
  for (const auto deadline = Steady::now() + timeout; Steady::now() < deadline; records.clear()) {
    RETURN_IF_ERROR(reader->Poll(kPollWait, kPollBytes, &records));
    for (const auto& record : records) {
      if (NumberOf(record, options.traffic.prefix)) return clock.NowMs();
    }
  }
  return Status(Code::kTimeout, "no list came within " + std::to_string(timeout.count()) + " s; see that catwalk runs");
}

}  // namespace catwalk::bench
