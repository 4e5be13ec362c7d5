#include "state/table_rules.h"

#include <cstdio>
#include <cstdlib>

namespace catwalk::state {

void TableRuleBroken(std::string_view table, std::string_view rule) {
  std::fprintf(stderr, "catwalk: bug: table %.*s: %.*s; please report it\n", static_cast<int>(table.size()),
               table.data(), static_cast<int>(rule.size()), rule.data());
  std::abort();
}

}  // namespace catwalk::state
