#include "operators/profile_groups.h"

#include <algorithm>
#include <cmath>

namespace catwalk::operators {
namespace {

constexpr double kBandWidth = 1.05;
constexpr int kFirstAttribute = 5;  // the fields before are those that all events have

void AddNumber(const std::string& name, double value, std::vector<std::string>* groups) {
  if (!(value > 0) || !std::isfinite(value)) return;
  groups->push_back(name + "=" + std::to_string(static_cast<int>(std::floor(std::log(value) / std::log(kBandWidth)))));
}

void AddText(const std::string& name, const std::string& value, std::vector<std::string>* groups) {
  if (!value.empty()) groups->push_back(name + "=" + value);
}

void AddField(const schemas::Profile& profile, const google::protobuf::FieldDescriptor& field,
              std::vector<std::string>* groups) {
  if (field.number() < kFirstAttribute || field.is_repeated()) return;
  const auto* reflection = schemas::Profile::GetReflection();
  if (field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE) {
    if (reflection->HasField(profile, &field)) AddNumber(field.name(), reflection->GetDouble(profile, &field), groups);
  } else if (field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    AddText(field.name(), reflection->GetString(profile, &field), groups);
  }
}

}  // namespace

std::vector<std::string> GroupsOf(const schemas::Profile& profile) {
  std::vector<std::string> groups;
  const auto* type = schemas::Profile::descriptor();
  for (int i = 0; i < type->field_count(); ++i) AddField(profile, *type->field(i), &groups);
  const auto fields = static_cast<ptrdiff_t>(groups.size());
  for (const auto& [name, value] : profile.attributes()) AddText("attributes." + name, value, &groups);
  std::sort(groups.begin() + fields, groups.end());  // a map has no order
  return groups;
}

}  // namespace catwalk::operators
