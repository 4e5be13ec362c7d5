#include "base/crash_plan.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace catwalk {
namespace {

constexpr std::array<std::string_view, 12> kNames{
    "during-assignment", "during-restore", "after-poll",      "mid-batch",         "after-produce",     "after-delivery",
    "after-offsets",     "after-commit",   "mid-local-write", "after-local-write", "during-revocation", "during-stop"};

Status Unusable(std::string_view text) {
  std::string message = "\"" + std::string(text) + "\" is no POINT:HIT; a hit is counted from 1, the points are";
  for (const auto name : kNames) message.append(" ").append(name);
  return {Code::kInvalidArgument, std::move(message)};
}

}  // namespace

std::string_view NameOf(CrashPoint point) { return kNames[static_cast<size_t>(point)]; }

Result<std::unique_ptr<CrashPlan>> CrashPlan::Parse(std::string_view text, Fate fate) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return Unusable(text);
  const auto name = std::find(kNames.begin(), kNames.end(), text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  int64_t hit = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), hit);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
  if (name == kNames.end() || !whole || hit < 1) return Unusable(text);
  const auto point = static_cast<CrashPoint>(name - kNames.begin());
  if (fate == Fate::kSleep && point == CrashPoint::kMidLocalWrite) return Status(Code::kInvalidArgument, "nobody sleeps in mid-local-write; use --crash-at there");
  return std::make_unique<CrashPlan>(point, hit, fate);
}

}  // namespace catwalk
