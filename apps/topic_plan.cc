#include "apps/topic_plan.h"

#include <google/protobuf/descriptor.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace catwalk::apps {
namespace {

using schemas::Partitioning;
using schemas::TopicSpec;

constexpr int64_t kHourMs = 3'600'000;
constexpr size_t kColumns = 8;
using TableRow = std::array<std::string, kColumns>;

int32_t WantedPartitions(Partitioning kind, const schemas::TopicNames& names,
                         const std::map<std::string, streams::TopicState>& found, int32_t default_partitions) {
  if (kind == Partitioning::kSingle) return 1;
  for (const TopicSpec& spec : schemas::AllTopics()) {
    const auto there = found.find(names.Of(spec.topic));
    if (spec.partitioning == kind && there != found.end()) return there->second.partitions;
  }
  return default_partitions;
}

std::string Retention(const TopicSpec& spec) {
  if (spec.retention_ms < 0) return "for ever";
  const int64_t hours = spec.retention_ms / kHourMs;
  return hours % 24 == 0 ? std::to_string(hours / 24) + " d" : std::to_string(hours) + " h";
}

std::string Found(const PlannedTopic& topic, bool looked) {
  if (!looked) return "?";
  if (topic.found == 0) return "missing";
  return std::to_string(topic.found) + (topic.mismatch() ? " MISMATCH" : "");
}

std::string ValueName(const TopicSpec& spec) { return spec.value == nullptr ? "bytes" : spec.value->name(); }

std::string_view CleanupName(const TopicSpec& spec) {
  return spec.cleanup == schemas::Cleanup::kCompact ? "compact" : "delete";
}

TableRow MakeRow(const PlannedTopic& topic, bool looked) {
  const TopicSpec& spec = *topic.spec;
  return {topic.name,
          std::string(spec.key),
          ValueName(spec),
          std::to_string(topic.wanted),
          Retention(spec),
          std::string(CleanupName(spec)),
          spec.personal ? "yes" : "no",
          Found(topic, looked)};
}

}  // namespace

std::vector<PlannedTopic> PlanTopics(const schemas::TopicNames& names,
                                     const std::map<std::string, streams::TopicState>& found, int32_t default_partitions) {
  std::vector<PlannedTopic> plan;
  for (const TopicSpec& spec : schemas::AllTopics()) {
    const auto there = found.find(names.Of(spec.topic));
    plan.push_back({&spec, names.Of(spec.topic), WantedPartitions(spec.partitioning, names, found, default_partitions),
                    there == found.end() ? 0 : there->second.partitions});
  }
  return plan;
}

std::string DescribePlan(const std::vector<PlannedTopic>& plan, bool looked) {
  std::vector<TableRow> rows{{"TOPIC", "KEY", "VALUE", "PARTITIONS", "RETENTION", "CLEANUP", "PERSONAL", "FOUND"}};
  for (const PlannedTopic& topic : plan) rows.push_back(MakeRow(topic, looked));
  std::array<size_t, kColumns> widths{};
  for (const TableRow& row : rows)
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const TableRow& row : rows) {
    for (size_t i = 0; i + 1 < kColumns; ++i) text += row[i] + std::string(widths[i] + 2 - row[i].size(), ' ');
    text += row.back() + "\n";
  }
  return text;
}

std::string PlanJson(const std::vector<PlannedTopic>& plan, bool looked) {
  std::string text;
  for (const PlannedTopic& topic : plan) {
    const TopicSpec& spec = *topic.spec;
    boost::json::object object{{"name", topic.name},
                               {"key", spec.key},
                               {"value", ValueName(spec)},
                               {"partitions", topic.wanted},
                               {"retention_ms", spec.retention_ms},
                               {"cleanup", CleanupName(spec)},
                               {"personal", spec.personal},
                               {"purpose", spec.purpose}};
    if (looked) object["found"] = topic.found;
    text += boost::json::serialize(object) + "\n";
  }
  return text;
}

Status CheckPlan(const std::vector<PlannedTopic>& plan) {
  const auto wrong = std::ranges::find_if(plan, &PlannedTopic::mismatch);
  if (wrong == plan.end()) return Status::Ok();
  return {Code::kTopicMismatch, wrong->name + " has " + std::to_string(wrong->found) + " partitions where " +
                                    std::to_string(wrong->wanted) +
                                    " are needed, as many as the other topics keyed alike; delete it or give it as many"};
}

}  // namespace catwalk::apps
