#include "streams/standby_share.h"

#include <algorithm>
#include <map>

namespace catwalk::streams {
namespace {

/// The instances of members by their ids, the order in which they are dealt partitions.
using Order = std::map<std::string, std::string>;

/// What is dealt to the members of `instance`: the first ones get one more if it does not come out even.
void AddDealt(const Order& members, int32_t partitions, const std::string& instance, std::set<int32_t>* dealt) {
  const auto count = static_cast<int32_t>(members.size());
  int32_t place = 0, next = 0;
  for (const auto& [id, of] : members) {
    const int32_t end = next + partitions / count + (place++ < partitions % count ? 1 : 0);
    for (; next < end; ++next) {
      if (of == instance) dealt->insert(next);
    }
  }
}

void AddDealtAfterDeaths(const Order& members, int32_t partitions, const std::string& instance, int deaths, std::set<int32_t>* dealt) {
  AddDealt(members, partitions, instance, dealt);
  if (deaths == 0) return;
  std::set<std::string> others;
  for (const auto& [id, of] : members) {
    if (of != instance) others.insert(of);
  }
  for (const auto& dead : others) {
    Order left = members;
    std::erase_if(left, [&](const auto& member) { return member.second == dead; });
    AddDealtAfterDeaths(left, partitions, instance, deaths - 1, dealt);
  }
}

}  // namespace

std::set<int32_t> StandbyShare(std::span<const Member> members, int32_t partitions, const std::string& instance, int deaths) {
  Order order;
  for (const auto& member : members) order[member.id] = member.instance;
  std::set<int32_t> share;
  AddDealtAfterDeaths(order, partitions, instance, deaths, &share);
  for (const auto& member : members) {
    if (member.instance != instance) continue;
    for (const int32_t own : member.partitions) share.erase(own);
  }
  return share;
}

}  // namespace catwalk::streams
