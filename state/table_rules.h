#pragma once

#include <string_view>

namespace catwalk::state {

/// Says which rule of Table its user broke, and ends the process.
[[noreturn]] void TableRuleBroken(std::string_view table, std::string_view rule);

/// Checks a rule of Table in every build: whoever breaks one would lose or invent state, and no commit may follow.
inline void Require(bool kept, std::string_view table, std::string_view rule) {
  if (!kept) [[unlikely]] TableRuleBroken(table, rule);
}

}  // namespace catwalk::state
