#include "streams/mutation.h"

#ifdef CATWALK_MUTATIONS

#include <array>
#include <cstdlib>
#include <string_view>

namespace catwalk::streams {
namespace {

constexpr std::array<std::string_view, 18> kNames{
    "state-before-commit", "offsets-outside", "outputs-apart", "keep-overlay",     "skip-changelog-record", "forget-deletions",
    "stop-restore-early",  "restore-to-stable-offset",         "reuse-unasked",    "double-replay",         "skip-input",
    "ignore-revoke",       "read-uncommitted", "no-fencing",   "lineage-leaves-out", "lineage-of-other-tables",
    "lose-output",         "lose-aborted"};

}  // namespace

bool Mutated(Mutation mutation) {
  static const char* const chosen = std::getenv("CATWALK_MUTATION");
  return chosen != nullptr && kNames[static_cast<size_t>(mutation)] == chosen;
}

}  // namespace catwalk::streams

#endif
