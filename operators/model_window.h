#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/serde.h"
#include "schemas/internal.pb.h"
#include "schemas/outputs.pb.h"

namespace catwalk::operators {

/// Which window: an hour or a day from its start on. Ordered hours first, then by start.
struct WindowName {
  schemas::Trend::Granularity granularity = schemas::Trend::GRANULARITY_HOUR;
  int64_t start_ms = 0;
  auto operator<=>(const WindowName&) const = default;

  int64_t end_ms() const;
  /// "hour/<start in ms>" or "day/<start in ms>": its key in the store and on trends.
  std::string Key() const;
  /// None if the key is not one of the above.
  static std::optional<WindowName> FromKey(std::string_view key);
};

/// What a window has counted. Weights are in millionths; sums stay at the ends of the range instead of wrapping.
struct WindowState {
  struct Counts {
    int64_t events = 0;
    int64_t weight_micros = 0;
    bool operator==(const Counts&) const = default;
  };
  Counts total;
  std::map<std::string, Counts, std::less<>> designs;
  bool operator==(const WindowState&) const = default;

  void Add(const schemas::PartialWindow& partial);
};

/// Compact form with a format version in its first byte, designs by id.
class WindowStateSerde final : public Serde<WindowState> {
 public:
  void Encode(const WindowState& value, std::string* out) const override;
  Status Decode(std::string_view bytes, WindowState* value) const override;
};

/// The window as others see it, with its `top` heaviest designs.
schemas::Trend ToTrend(const WindowName& name, const WindowState& window, size_t top, bool closed);

}  // namespace catwalk::operators
