#include "apps/replay/replay.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>

#include "apps/replay/patience.h"
#include "schemas/json_writer.h"

namespace catwalk::apps {
namespace {

constexpr size_t kBatchRecords = 2'000;
constexpr uint64_t kLinesPerLook = 256;  // how often progress looks at the clock
constexpr std::chrono::microseconds kLongestWait{100'000};

std::string Fixed(double number, int digits) {
  char text[64];
  const int size = std::snprintf(text, sizeof(text), "%.*f", digits, number);
  return {text, static_cast<size_t>(size)};
}

uint64_t LinesPerSecond(const ReplaySummary& summary) {
  if (summary.seconds <= 0) return 0;
  return static_cast<uint64_t>(std::llround(static_cast<double>(summary.lines) / summary.seconds));
}

void AppendCounts(std::string_view indent, const std::map<std::string, uint64_t>& counts, std::string* out) {
  for (const auto& [name, count] : counts) {
    std::string label = std::string(indent) + name;
    label.resize(std::max<size_t>(label.size() + 1, 24), ' ');
    std::string number = WithCommas(count);
    number.insert(0, number.size() < 12 ? 12 - number.size() : 0, ' ');
    *out += label + number + "\n";
  }
}

void AppendJsonCounts(std::string_view name, const std::map<std::string, uint64_t>& counts, std::string* out) {
  out->append("\"").append(name).append("\":{");
  bool first = true;
  for (const auto& [key, count] : counts) {
    if (!std::exchange(first, false)) *out += ',';
    schemas::AppendJsonString(key, out);
    *out += ":" + std::to_string(count);
  }
  *out += '}';
}

}  // namespace

std::string DescribeSummary(const ReplaySummary& summary) {
  std::string text = summary.interrupted ? "interrupted after " : "replayed ";
  text += WithCommas(summary.lines) + " lines in " + Fixed(summary.seconds, 2) + " s (" +
          WithCommas(LinesPerSecond(summary)) + "/s)\n";
  AppendCounts("  ", summary.sent, &text);
  AppendCounts("  ", {{"bad lines", summary.bad_lines}}, &text);
  AppendCounts("    ", summary.broken, &text);
  return text;
}

std::string SummaryJson(const ReplaySummary& summary) {
  std::string json = "{\"lines\":" + std::to_string(summary.lines) + ",";
  AppendJsonCounts("sent", summary.sent, &json);
  json += ",\"bad_lines\":" + std::to_string(summary.bad_lines) + ",";
  AppendJsonCounts("bad_by_rule", summary.broken, &json);
  json += ",\"seconds\":" + Fixed(summary.seconds, 3) + ",\"lines_per_second\":" +
          std::to_string(LinesPerSecond(summary)) + ",\"interrupted\":" + (summary.interrupted ? "true" : "false") + "}\n";
  return json;
}

Replay::Replay(const ReplayOptions& options, EventInput& input, RecordSender& sender, BadLines& bad_lines,
               ProgressPrinter& progress, const Clock& clock)
    : options_(options),
      input_(input),
      sender_(sender),
      bad_lines_(bad_lines),
      progress_(progress),
      clock_(clock),
      start_us_(clock.SteadyUs()),
      pacer_(options.rate, start_us_) {}

Result<ReplaySummary> Replay::Run(std::stop_token stop) {
  InputLine line;
  while (!stop.stop_requested() && first_bad_.empty()) {
    if (pacer_.limited()) RETURN_IF_ERROR(WaitUntilDue(stop));
    if (!batch_.empty() && input_.MayBlock()) RETURN_IF_ERROR(Flush());
    ASSIGN_OR_RETURN(const bool more, input_.Next(&line));
    if (!more) break;
    RETURN_IF_ERROR(Take(&line));
    if (summary_.lines % kLinesPerLook == 0) ShowProgress();
  }
  RETURN_IF_ERROR(Flush());
  RETURN_IF_ERROR(sender_.Finish());
  progress_.Clear();
  if (!first_bad_.empty())
    return Status(Code::kInvalidArgument, first_bad_ + " (--strict: stopped, what came before is sent)");
  summary_.interrupted = stop.stop_requested();
  summary_.bad_lines = bad_lines_.count();
  summary_.broken = bad_lines_.by_rule();
  summary_.seconds = Seconds();
  return summary_;
}

Status Replay::Take(InputLine* line) {
  ++summary_.lines;
  if (line->violation) {
    progress_.Clear();
    if (options_.strict) {
      first_bad_ = bad_lines_.Describe(line->number, *line->violation);
    } else {
      bad_lines_.Report(line->number, *line->violation);
    }
    return Status::Ok();
  }
  for (const auto& record : line->records) ++summary_.sent[record.topic];
  std::ranges::move(line->records, std::back_inserter(batch_));
  return batch_.size() < kBatchRecords ? Status::Ok() : Flush();
}

// What is due by now gathers in the batch; it goes out before we wait for the next.
Status Replay::WaitUntilDue(const std::stop_token& stop) {
  const int64_t due_us = pacer_.DueUs(summary_.lines);
  int64_t now_us = clock_.SteadyUs();
  if (now_us >= due_us) return Status::Ok();
  RETURN_IF_ERROR(Flush());
  for (; now_us < due_us && !stop.stop_requested(); now_us = clock_.SteadyUs()) {
    WaitFor(std::min(kLongestWait, std::chrono::microseconds(due_us - now_us)), stop);
    ShowProgress();
  }
  return Status::Ok();
}

Status Replay::Flush() {
  if (batch_.empty()) return Status::Ok();
  return sender_.Send(std::exchange(batch_, {}));
}

double Replay::Seconds() const { return static_cast<double>(clock_.SteadyUs() - start_us_) / 1e6; }

void Replay::ShowProgress() {
  const double seconds = Seconds();
  if (progress_.Due(seconds)) progress_.Show({input_.Progress(), summary_.lines, bad_lines_.count(), seconds});
}

}  // namespace catwalk::apps
