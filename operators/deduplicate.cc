#include "operators/deduplicate.h"

#include <algorithm>

#include "base/hash.h"

namespace catwalk::operators {
namespace {

/// Appends, dropping from the front what exceeds `limit`.
void Remember(uint64_t id, size_t limit, std::vector<uint64_t>* seen) {
  seen->push_back(id);
  if (seen->size() > limit) seen->erase(seen->begin(), seen->end() - static_cast<ptrdiff_t>(limit));
}

}  // namespace

Status Deduplicate::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(users_, OpenTable<UserState>(context, std::string(kUsersStore), std::make_unique<UserStateSerde>(),
                                                {static_cast<size_t>(options_.cache_entries),
                                                 static_cast<uint64_t>(options_.cache_bytes)}));
  return Status::Ok();
}

Status Deduplicate::Process(std::span<UserWork> batch, OperatorContext& context) {
  for (auto& work : batch) {
    if (work.done) continue;
    ASSIGN_OR_RETURN(work.user, users_->GetOrCreate(work.user_id));
    const uint64_t id = Hash64(work.event_id);
    auto& seen = work.user->seen;
    if (std::find(seen.rbegin(), seen.rend(), id) != seen.rend()) {
      work.done = true;
      context.CountDropped("duplicate");
      continue;
    }
    users_->MarkDirty(work.user_id);
    Remember(id, static_cast<size_t>(options_.seen_limit), &seen);
  }
  return Status::Ok();
}

}  // namespace catwalk::operators
