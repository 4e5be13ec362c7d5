#include "state/rocksdb_status.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "state/damaged_state.h"

namespace catwalk::state {
namespace {

std::string OneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

bool SaysAny(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != text.npos; });
}

// RocksDB has no code for these; the words are its own (env/fs_posix.cc) or strerror's.
bool IsLock(std::string_view text) { return SaysAny(text, {"lock hold by current process", "While lock file"}); }
bool IsPermission(std::string_view text) { return SaysAny(text, {"Permission denied", "Read-only file system"}); }
bool IsQuota(std::string_view text) { return SaysAny(text, {"Disk quota exceeded", "File too large"}); }

}  // namespace

Status FromRocksDb(const rocksdb::Status& status, const std::string& folder) {
  if (status.ok()) return Status::Ok();
  const std::string text = OneLine(status.ToString());
  const std::string because = " (" + text + ")";
  if (status.IsNoSpace()) {
    return {Code::kNoSpace, "the disk of " + folder + " is full; free some space, then start again" + because};
  }
  if (status.IsCorruption()) return DamagedState("the state in " + folder, text);
  if (IsLock(text)) return {Code::kLocked, "another catwalk uses " + folder + "; stop it, or give another --state-dir"};
  if (IsQuota(text)) {
    return {Code::kNoSpace, "no more may be written to " + folder +
                                "; raise the quota or the limit of file sizes, then start again" + because};
  }
  if (IsPermission(text)) {
    return {Code::kInvalidArgument,
            folder + " may not be used; change its permissions, or give another --state-dir" + because};
  }
  if (status.IsInvalidArgument() || status.IsNotSupported()) {
    return {Code::kIncompatible, "the state in " + folder +
                                     " is not as this catwalk writes it; run the version that wrote it, or give "
                                     "another --state-dir" + because};
  }
  return {Code::kInternal, "the state in " + folder + " cannot be used; check the disk, then start again" + because};
}

}  // namespace catwalk::state
