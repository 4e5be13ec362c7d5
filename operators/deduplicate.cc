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

/// The ends of what an event reads and adds to. The rest follows by itself, as it is read in order.
void PrefetchEnds(const UserState& user) {
  __builtin_prefetch(user.seen.data());
  __builtin_prefetch(user.seen.data() + user.seen.size());
  __builtin_prefetch(user.history.data());
  __builtin_prefetch(user.history.data() + user.history.size());
}

}  // namespace

Status Deduplicate::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(users_, OpenTable<UserState>(context, std::string(kUsersStore), std::make_unique<UserStateSerde>(),
                                                {static_cast<size_t>(options_.cache_entries),
                                                 static_cast<uint64_t>(options_.cache_bytes)}));
  return Status::Ok();
}

/// States are spread over hundreds of megabytes: those of a batch are asked for together, so that one wait is for all.
void Deduplicate::BringNear(std::span<const UserWork> batch) const {
  for (const auto& work : batch) users_->Prefetch(work.user_id);
  for (const auto& work : batch) {
    if (const UserState* user = users_->Peek(work.user_id); user != nullptr) PrefetchEnds(*user);
  }
}

Status Deduplicate::Process(std::span<UserWork> batch, OperatorContext& context) {
  BringNear(batch);
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
