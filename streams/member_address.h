#pragma once

#include <string>
#include <string_view>

namespace catwalk::streams {

/// A member of a group tells the others where its process answers queries in its client id, "MEMBER@HOST:PORT": the
/// one thing a classic group lets everyone read of its members.
inline std::string WithAddress(const std::string& member, const std::string& address) {
  return address.empty() ? member : member + "@" + address;
}

/// Empty if the client id has none.
inline std::string_view AddressIn(std::string_view client_id) {
  const size_t at = client_id.rfind('@');
  return at == std::string_view::npos ? std::string_view() : client_id.substr(at + 1);
}

/// The instance of a member "GROUP-INSTANCE-WORKER"; all of the name if it is not made so.
inline std::string InstanceIn(std::string_view member, std::string_view group) {
  const size_t begin = group.size() + 1, end = member.rfind('-');
  if (!member.starts_with(group) || end == std::string_view::npos || end <= begin) return std::string(member);
  return std::string(member.substr(begin, end - begin));
}

}  // namespace catwalk::streams
