#include "apps/owner_directory.h"

#include <utility>

namespace catwalk::apps {
namespace {

constexpr int64_t kFreshUs = 1'000'000;

}  // namespace

std::optional<std::string> OwnerDirectory::AddressOf(int32_t partition) {
  const Owners owners = Current();
  const auto found = owners.find(partition);
  return found == owners.end() ? std::nullopt : std::optional(found->second);
}

OwnerDirectory::Owners OwnerDirectory::Current() {
  {
    const std::scoped_lock lock(mutex_);
    if (clock_.SteadyUs() < fresh_until_us_) return owners_;
    fresh_until_us_ = clock_.SteadyUs() + kFreshUs;  // one asks, the others go on with what is known
  }
  const auto members = log_.Members(group_, topic_);
  const std::scoped_lock lock(mutex_);
  if (!members.ok()) return owners_;
  owners_.clear();
  for (const auto& member : *members) {
    if (member.address.empty()) continue;
    for (const int32_t partition : member.partitions) owners_[partition] = member.address;
  }
  return owners_;
}

}  // namespace catwalk::apps
