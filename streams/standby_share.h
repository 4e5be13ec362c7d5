#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "streams/log.h"

namespace catwalk::streams {

/// The partitions that would come to `instance`, and are not its own now, if up to `deaths` other processes of its group died at
/// once. Nobody has to agree on it: it is a function of who the members are, by the rule that deals partitions out among them (range,
/// in the order of their ids). Ranges only move to neighbours, so a task has as many copies as there are deaths to be prepared for.
std::set<int32_t> StandbyShare(std::span<const Member> members, int32_t partitions, const std::string& instance, int deaths);

}  // namespace catwalk::streams
