#include "apps/replay/bad_lines.h"

namespace catwalk::apps {

std::string BadLines::Describe(uint64_t line, const schemas::Violation& violation) const {
  return source_ + ":" + std::to_string(line) + ": " + std::string(violation.rule) + ": " + violation.message;
}

void BadLines::Report(uint64_t line, const schemas::Violation& violation) {
  ++by_rule_[std::string(violation.rule)];
  if (++count_ <= shown_) out_ << Describe(line, violation) << '\n';
  if (count_ == shown_ + 1) out_ << "more bad lines are only counted\n";
}

}  // namespace catwalk::apps
