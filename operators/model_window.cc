#include "operators/model_window.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "operators/byte_coding.h"
#include "operators/model_work.h"

namespace catwalk::operators {
namespace {

constexpr uint8_t kVersion = 1;
constexpr std::string_view kHourPrefix = "hour/", kDayPrefix = "day/";

void AddTo(int64_t* sum, int64_t more) {
  using Limits = std::numeric_limits<int64_t>;
  if (__builtin_add_overflow(*sum, more, sum)) *sum = more > 0 ? Limits::max() : Limits::min();
}

void AddTo(WindowState::Counts* counts, const schemas::PartialWindow::Entry& entry) {
  AddTo(&counts->events, entry.events());
  AddTo(&counts->weight_micros, entry.weight_micros());
}

void EncodeCounts(const WindowState::Counts& counts, ByteWriter* writer) {
  writer->Zigzag(counts.events);
  writer->Zigzag(counts.weight_micros);
}

WindowState::Counts DecodeCounts(ByteReader* reader) {
  WindowState::Counts counts;
  counts.events = reader->Zigzag();
  counts.weight_micros = reader->Zigzag();
  return counts;
}

using DesignCounts = std::pair<std::string_view, WindowState::Counts>;

bool Heavier(const DesignCounts& a, const DesignCounts& b) {
  return a.second.weight_micros != b.second.weight_micros ? a.second.weight_micros > b.second.weight_micros
                                                          : a.first < b.first;
}

double Units(int64_t micros) { return static_cast<double>(micros) / 1e6; }

}  // namespace

int64_t WindowName::end_ms() const {
  return start_ms + (granularity == schemas::Trend::GRANULARITY_DAY ? kDayMs : kHourMs);
}

std::string WindowName::Key() const {
  const std::string_view prefix = granularity == schemas::Trend::GRANULARITY_DAY ? kDayPrefix : kHourPrefix;
  return std::string(prefix) + std::to_string(start_ms);
}

std::optional<WindowName> WindowName::FromKey(std::string_view key) {
  WindowName name;
  if (key.starts_with(kDayPrefix)) name.granularity = schemas::Trend::GRANULARITY_DAY;
  const std::string_view prefix = key.starts_with(kDayPrefix) ? kDayPrefix : kHourPrefix;
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), name.start_ms);
  if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return name;
}

void WindowState::Add(const schemas::PartialWindow& partial) {
  for (const auto& entry : partial.entries()) {
    AddTo(&designs[entry.design_id()], entry);
    AddTo(&total, entry);
  }
}

void WindowStateSerde::Encode(const WindowState& window, std::string* out) const {
  ByteWriter writer(out);
  writer.Fixed(kVersion);
  EncodeCounts(window.total, &writer);
  writer.Varint(window.designs.size());
  for (const auto& [design_id, counts] : window.designs) {
    writer.Bytes(design_id);
    EncodeCounts(counts, &writer);
  }
}

Status WindowStateSerde::Decode(std::string_view bytes, WindowState* window) const {
  ByteReader reader(bytes);
  *window = {};
  if (const auto version = reader.Fixed<uint8_t>(); version != kVersion) {
    return {Code::kIncompatible, "a window has format " + std::to_string(version) + ", this program reads " +
                                     std::to_string(kVersion) + "; use the version that wrote it"};
  }
  window->total = DecodeCounts(&reader);
  for (size_t left = reader.Count(3); left > 0 && reader.ok(); --left) {
    const std::string_view design_id = reader.Bytes();
    window->designs.emplace_hint(window->designs.end(), design_id, DecodeCounts(&reader));
  }
  if (reader.ok() && reader.AtEnd()) return Status::Ok();
  return {Code::kCorruption, "a window is cut short or too long; delete the state folder to restore it"};
}

schemas::Trend ToTrend(const WindowName& name, const WindowState& window, size_t top, bool closed) {
  // Not partial_sort_copy: it copies the strings on their way, and the views would outlive the copies.
  std::vector<DesignCounts> heaviest(window.designs.begin(), window.designs.end());
  const auto shown = heaviest.begin() + static_cast<ptrdiff_t>(std::min(top, heaviest.size()));
  std::partial_sort(heaviest.begin(), shown, heaviest.end(), Heavier);
  heaviest.erase(shown, heaviest.end());
  schemas::Trend trend;
  trend.set_granularity(name.granularity);
  trend.set_window_start_ms(name.start_ms);
  trend.set_window_end_ms(name.end_ms());
  trend.set_events(window.total.events);
  trend.set_weight(Units(window.total.weight_micros));
  trend.set_designs(static_cast<int64_t>(window.designs.size()));
  for (const auto& [design_id, counts] : heaviest) {
    auto* entry = trend.add_top();
    entry->set_design_id(std::string(design_id));
    entry->set_events(counts.events);
    entry->set_weight(Units(counts.weight_micros));
  }
  trend.set_closed(closed);
  return trend;
}

}  // namespace catwalk::operators
