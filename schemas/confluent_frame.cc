#include "schemas/confluent_frame.h"

#include <vector>

#include <google/protobuf/descriptor.h>

#include "schemas/wire_reader.h"

namespace catwalk::schemas {
namespace {

constexpr size_t kMagicAndId = 5;
constexpr uint64_t kDeepest = 64;  // of messages within messages; Protobuf's own default is 100 at run time

/// From the file down to the type.
std::vector<int> IndexPath(const google::protobuf::Descriptor& type) {
  std::vector<int> path;
  for (const auto* at = &type; at != nullptr; at = at->containing_type()) path.insert(path.begin(), at->index());
  return path;
}

/// Indexes and counts are not negative, so zigzag is a doubling.
void AppendZigzag(int value, std::string* out) {
  auto rest = static_cast<uint64_t>(value) * 2;
  for (; rest >= 128; rest >>= 7) *out += static_cast<char>(rest | 128U);
  *out += static_cast<char>(rest);
}

}  // namespace

bool StripConfluentFrame(std::string_view* bytes) {
  if (bytes->size() <= kMagicAndId || bytes->front() != '\0') return false;
  WireReader reader(bytes->substr(kMagicAndId));
  uint64_t zigzag = 0;
  if (!reader.ReadVarint(&zigzag) || zigzag % 2 != 0 || zigzag / 2 > kDeepest) return false;
  uint64_t index = 0;
  for (uint64_t left = zigzag / 2; left > 0; --left) {
    if (!reader.ReadVarint(&index)) return false;
  }
  *bytes = reader.left();
  return true;
}

void AppendConfluentFrame(int32_t schema_id, const google::protobuf::Descriptor& type, std::string* out) {
  *out += '\0';
  const auto id = static_cast<uint32_t>(schema_id);
  for (const int shift : {24, 16, 8, 0}) *out += static_cast<char>(id >> shift & 255U);
  const std::vector<int> path = IndexPath(type);
  if (path.size() == 1 && path[0] == 0) {
    *out += '\0';
    return;
  }
  AppendZigzag(static_cast<int>(path.size()), out);
  for (const int index : path) AppendZigzag(index, out);
}

}  // namespace catwalk::schemas
