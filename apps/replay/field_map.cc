#include "apps/replay/field_map.h"

#include <algorithm>
#include <utility>

#include "apps/replay/cell.h"
#include "apps/replay/contract.h"

namespace catwalk::apps {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using schemas::Topic;

constexpr std::string_view kAttributes = "attributes";

constexpr std::pair<std::string_view, Part> kPrefixes[] = {
    {"profile.", Part::kProfile}, {"design.", Part::kDesign}, {"feedback.", Part::kFeedback}};

bool IsInput(Topic topic) { return topic <= Topic::kDesigns; }

std::string ListFields(const Descriptor& type) {
  std::string list;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->is_map()) continue;
    if (!list.empty()) list += ", ";
    list += type.field(i)->name();
  }
  return list;
}

std::string Join(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

bool SameField(const Mapping& a, const Mapping& b) {
  return a.part == b.part && a.field == b.field && a.attribute == b.attribute;
}

Status Error(std::string message) { return {Code::kInvalidArgument, std::move(message)}; }

// A wrong constant would make every row a bad one.
Status CheckConstant(const Mapping& mapping, const std::string& flag) {
  if (!mapping.attribute.empty()) return Status::Ok();
  const auto message = NewMessage(mapping.field->containing_type());
  const auto violation = SetCell(message.get(), *mapping.field, mapping.source);
  return violation ? Error(flag + ": " + violation->message) : Status::Ok();
}

}  // namespace

Topic TopicOf(Part part, Topic event_topic) {
  switch (part) {
    case Part::kProfile: return Topic::kProfiles;
    case Part::kDesign: return Topic::kDesigns;
    case Part::kFeedback: return Topic::kFeedback;
    case Part::kEvent: break;
  }
  return event_topic;
}

Result<FieldMap> FieldMap::Parse(const std::vector<std::string>& maps, const std::vector<std::string>& sets,
                                 Topic event_topic) {
  if (!IsInput(event_topic))
    return Error("--to " + std::string(schemas::SpecOf(event_topic).default_name) +
                 ": not a topic events go to; use clicks, purchases, activity, feedback, profiles or designs");
  FieldMap map;
  map.event_topic_ = event_topic;
  for (const auto* list : {&maps, &sets}) {
    for (std::string_view rest : *list) {
      while (!rest.empty()) {
        const std::string_view assignment = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), assignment.size() + 1));
        RETURN_IF_ERROR(map.Add(assignment, list == &sets));
      }
    }
  }
  return map;
}

Status FieldMap::Add(std::string_view assignment, bool constant) {
  const std::string flag = constant ? "--set " : "--map ";
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == assignment.size())
    return Error(flag + std::string(assignment) + ": write " + (constant ? "field=value" : "field=column"));
  Mapping mapping;
  mapping.constant = constant;
  mapping.source = assignment.substr(equals + 1);
  const std::string_view name = assignment.substr(0, equals);
  const std::string given = flag + std::string(assignment);
  if (const Status status = Resolve(name, &mapping); !status.ok()) return status.WithPrefix(given);
  if (constant) RETURN_IF_ERROR(CheckConstant(mapping, given));
  if (std::ranges::any_of(mappings_, [&](const Mapping& other) { return SameField(mapping, other); }))
    return Error(given + ": " + std::string(name) + " is given twice; leave one out");
  mappings_.push_back(std::move(mapping));
  return Status::Ok();
}

Status FieldMap::Resolve(std::string_view name, Mapping* mapping) const {
  for (const auto& [prefix, part] : kPrefixes) {
    if (!name.starts_with(prefix)) continue;
    mapping->part = part;
    name.remove_prefix(prefix.size());
  }
  const Descriptor& type = *schemas::SpecOf(TopicOf(mapping->part, event_topic_)).value;
  const FieldDescriptor* attributes = type.FindFieldByName(std::string(kAttributes));
  mapping->field = type.FindFieldByName(std::string(name));
  if (mapping->field != nullptr && !mapping->field->is_map()) return Status::Ok();
  if (attributes == nullptr || name.empty())
    return Error("no field \"" + std::string(name) + "\" in " + type.name() + "; there are " + ListFields(type));
  mapping->field = attributes;
  mapping->attribute = name;
  return Status::Ok();
}

Status FieldMap::Bind(const std::vector<std::string>& columns) {
  for (Mapping& mapping : mappings_) {
    if (mapping.constant) continue;
    const auto found = std::ranges::find(columns, mapping.source);
    if (found == columns.end())
      return Error("--map: no column \"" + mapping.source + "\" in the header; there are " + Join(columns));
    mapping.column = static_cast<size_t>(found - columns.begin());
  }
  return Status::Ok();
}

}  // namespace catwalk::apps
