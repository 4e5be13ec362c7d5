#include "apps/demo/demo.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include "apps/replay/progress.h"

namespace catwalk::apps {
namespace {

using std::chrono::milliseconds;

constexpr int64_t kChunk = 500;
constexpr int kListSize = 10;
constexpr milliseconds kPatience{10'000};
constexpr const char* kGuest = "you";

std::string Rounded(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(q * static_cast<double>(values.size())))];
}

}  // namespace

Demo::Demo(const DemoOptions& options, Pipeline& pipeline, const Clock& clock, Screen& screen)
    : options_(options),
      pipeline_(pipeline),
      clock_(clock),
      screen_(screen),
      week_({.seed = options.seed, .end_ms = clock.NowMs() - 60'000}) {}

Status Demo::Send(std::vector<schemas::OutgoingRecord> records) { return writer_->Append(std::move(records)); }

Status Demo::PlayWeek(const std::stop_token& stop) {
  const auto& names = pipeline_.names();
  ASSIGN_OR_RETURN(writer_, pipeline_.log().OpenWriter());
  ASSIGN_OR_RETURN(watcher_, ListWatcher::Open(pipeline_.log(), names.Of(schemas::Topic::kRecommendations)));
  RETURN_IF_ERROR(Send(week_.Catalogue(names)));
  screen_.Title("A fashion week goes by");
  screen_.Line(WithCommas(week_.designs().size()) + " designs of 12 designers, 2,000 visitors, a show every three hours");
  const int64_t began_us = clock_.SteadyUs();
  for (int64_t at = 0; at < options_.events && !stop.stop_requested(); at += kChunk) {
    std::vector<schemas::OutgoingRecord> records;
    for (int64_t i = at; i < std::min(at + kChunk, options_.events); ++i) records.push_back(week_.Event(names, i, options_.events));
    RETURN_IF_ERROR(Send(std::move(records)));
  }
  RETURN_IF_ERROR(WaitForLists(options_.events, stop));
  const double seconds = static_cast<double>(clock_.SteadyUs() - began_us) / 1e6;
  screen_.Figure("events, each with a fresh list", WithCommas(static_cast<uint64_t>(options_.events)));
  screen_.Figure("events a second, exactly once", WithCommas(static_cast<uint64_t>(static_cast<double>(options_.events) / seconds)));
  return Status::Ok();
}

Status Demo::WaitForLists(int64_t count, const std::stop_token& stop) {
  int64_t seen = 0;
  int64_t moved_us = clock_.SteadyUs();
  while (seen < count && !stop.stop_requested()) {
    const int64_t before = seen;
    RETURN_IF_ERROR(watcher_->Poll(milliseconds(100), [&](const schemas::Recommendation&) { ++seen; }));
    const int64_t now_us = clock_.SteadyUs();
    if (seen != before) moved_us = now_us;
    if (now_us - moved_us > kPatience.count() * 1000) {
      return {Code::kTimeout, "no list has come for 10 s, " + std::to_string(seen) + " of " + std::to_string(count) + " are there"};
    }
    screen_.Progress("lists", seen, count);
  }
  return Status::Ok();
}

Status Demo::PlayLive(const std::stop_token& stop) {
  screen_.Title("Live: " + std::to_string(options_.live_rate) + " events a second");
  std::map<std::string, int64_t> sent_us;
  std::vector<double> latencies_ms;
  const auto take = [&](const schemas::Recommendation& list) {
    const auto found = sent_us.find(list.event_id());
    if (found != sent_us.end()) latencies_ms.push_back(static_cast<double>(clock_.SteadyUs() - found->second) / 1000);
  };
  const int64_t began_us = clock_.SteadyUs();
  for (int64_t i = 0; i < options_.live_events && !stop.stop_requested(); ++i) {
    const int64_t due_us = began_us + i * 1'000'000 / options_.live_rate;
    while (clock_.SteadyUs() < due_us) RETURN_IF_ERROR(watcher_->Poll(milliseconds(1), take));
    const std::string event_id = "live-" + std::to_string(i);
    const auto& design = week_.designs()[static_cast<size_t>(i * 7) % week_.designs().size()];
    sent_us[event_id] = clock_.SteadyUs();
    RETURN_IF_ERROR(Send({FashionWeek::Click(pipeline_.names(), "visitor-" + std::to_string(1000 + i % 500), event_id,
                                             design.design_id(), clock_.NowMs())}));
  }
  const auto live = static_cast<size_t>(options_.live_events);
  for (int waits = 0; latencies_ms.size() < live && waits < 100 && !stop.stop_requested(); ++waits) {
    RETURN_IF_ERROR(watcher_->Poll(milliseconds(20), take));
  }
  screen_.Figure("event to readable list, median", Rounded(Quantile(latencies_ms, 0.5), 1) + " ms");
  screen_.Figure("event to readable list, 99 %", Rounded(Quantile(latencies_ms, 0.99), 1) + " ms");
  return Status::Ok();
}

Status Demo::PlayGuest() {
  const auto clicks = week_.OneStyle(5);
  screen_.Title("A guest nobody knows clicks five times");
  ASSIGN_OR_RETURN(const auto before, pipeline_.queries().Recommend(kGuest, kListSize, false));
  schemas::Recommendation after;
  for (size_t i = 0; i < clicks.size(); ++i) {
    double latency_ms = 0;
    ASSIGN_OR_RETURN(after, ClickAndWait("guest-" + std::to_string(i), clicks[i], &latency_ms));
    const std::string first = after.items_size() > 0 ? TitleOf(after.items(0).design_id()) : "nothing";
    screen_.Line("click " + std::to_string(i + 1) + " on " + TitleOf(clicks[i]) + "  ->  " + Rounded(latency_ms, 1) +
                 " ms later the list begins with " + first);
  }
  Compare(before, after);
  return Status::Ok();
}

Result<schemas::Recommendation> Demo::ClickAndWait(const std::string& event_id, const std::string& design_id, double* latency_ms) {
  const int64_t sent_us = clock_.SteadyUs();
  RETURN_IF_ERROR(Send({FashionWeek::Click(pipeline_.names(), kGuest, event_id, design_id, clock_.NowMs())}));
  schemas::Recommendation found;
  while (found.event_id().empty()) {
    RETURN_IF_ERROR(watcher_->Poll(milliseconds(50), [&](const schemas::Recommendation& list) {
      if (list.event_id() == event_id) found = list;
    }));
    if (clock_.SteadyUs() - sent_us > kPatience.count() * 1000) {
      return Status(Code::kTimeout, "no list for the guest's click within 10 s");
    }
  }
  *latency_ms = static_cast<double>(clock_.SteadyUs() - sent_us) / 1000;
  return found;
}

std::string Demo::TitleOf(const std::string& design_id) const {
  const auto found = std::find_if(week_.designs().begin(), week_.designs().end(),
                                  [&](const auto& design) { return design.design_id() == design_id; });
  return found == week_.designs().end() ? design_id : found->title();
}

void Demo::Compare(const schemas::Recommendation& before, const schemas::Recommendation& after) {
  std::map<std::string, int> places;
  for (int i = 0; i < before.items_size(); ++i) places[before.items(i).design_id()] = i;
  std::vector<Screen::Row> rows;
  for (int i = 0; i < std::max(before.items_size(), after.items_size()); ++i) {
    auto& row = rows.emplace_back();
    if (i < before.items_size()) row.before = TitleOf(before.items(i).design_id());
    if (i >= after.items_size()) continue;
    const auto& item = after.items(i);
    row.after = TitleOf(item.design_id());
    if (item.reasons_size() > 0) row.why = item.reasons(0);
    const auto place = places.find(item.design_id());
    row.is_new = place == places.end();
    if (row.is_new) {
      row.moved = "new";
    } else {
      const int up = place->second - i;
      row.moved = up == 0 ? "=" : (up > 0 ? "+" : "") + std::to_string(up);
    }
  }
  screen_.Comparison(rows);
}

}  // namespace catwalk::apps
