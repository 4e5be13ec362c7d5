#include "streams/topology.h"

#include <algorithm>
#include <set>

namespace catwalk::streams {
namespace {

constexpr schemas::Topic kGlobalTables[] = {schemas::Topic::kDesigns, schemas::Topic::kDesignFactors,
                                            schemas::Topic::kModel};

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const auto& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

}  // namespace

std::vector<std::string> Topology::SourceNames(const SubTopology& sub) const {
  std::vector<std::string> names;
  for (const auto topic : sub.sources) names.push_back(names_.Of(topic));
  return names;
}

Result<std::map<std::string, TopicState>> Topology::Validate(Log& log) const {
  RETURN_IF_ERROR(CheckStructure());
  ASSIGN_OR_RETURN(auto topics, log.ListTopics());
  RETURN_IF_ERROR(CheckTopics(topics, log.Describe()));
  for (const auto& sub : sub_topologies_) RETURN_IF_ERROR(CheckCoPartitioned(sub, topics));
  return topics;
}

Status Topology::CheckStructure() const {
  std::set<schemas::Topic> read;
  std::set<std::string> stores;
  for (const auto& sub : sub_topologies_) {
    if (sub.sources.empty()) return {Code::kInternal, "sub-topology " + sub.name + " reads nothing"};
    for (const auto topic : sub.sources) {
      if (!read.insert(topic).second) {
        return {Code::kInternal, "topic " + names_.Of(topic) + " is read by two sub-topologies"};
      }
    }
    for (const auto& store : sub.make_pipeline()->Stores()) {
      if (!stores.insert(sub.name + "-" + store.name).second) {
        return {Code::kInternal, "store " + store.name + " is declared twice in sub-topology " + sub.name};
      }
    }
  }
  return Status::Ok();
}

Status Topology::CheckTopics(const std::map<std::string, TopicState>& topics, const std::string& where) const {
  std::set<schemas::Topic> needed(std::begin(kGlobalTables), std::end(kGlobalTables));
  needed.insert(schemas::Topic::kLineage);
  needed.insert(schemas::Topic::kDeadLetters);
  for (const auto& sub : sub_topologies_) {
    needed.insert(sub.sources.begin(), sub.sources.end());
    needed.insert(sub.sinks.begin(), sub.sinks.end());
    needed.insert(sub.changelog);
  }
  std::vector<std::string> missing;
  for (const auto topic : needed) {
    if (!topics.contains(names_.Of(topic))) missing.push_back(names_.Of(topic));
  }
  if (!missing.empty()) {
    return {Code::kNotFound, "topics missing on " + where + ": " + Joined(missing) + "; create them with: catwalk topics --create"};
  }
  for (const auto topic : kGlobalTables) {
    const int32_t count = topics.at(names_.Of(topic)).partitions;
    if (count != 1) {
      return {Code::kTopicMismatch, "topic " + names_.Of(topic) + " has " + std::to_string(count) +
                                        " partitions, a global table needs 1; delete it and run: catwalk topics --create"};
    }
  }
  return Status::Ok();
}

Status Topology::CheckCoPartitioned(const SubTopology& sub, const std::map<std::string, TopicState>& topics) const {
  auto together = sub.sources;
  together.push_back(sub.changelog);
  const std::string& first = names_.Of(together.front());
  const int32_t expected = topics.at(first).partitions;
  for (const auto topic : together) {
    const std::string& name = names_.Of(topic);
    if (const int32_t count = topics.at(name).partitions; count != expected) {
      return {Code::kTopicMismatch, "topics of sub-topology " + sub.name + " must have equal partition counts, but " + first +
                                        " has " + std::to_string(expected) + " and " + name + " has " +
                                        std::to_string(count) + "; recreate one of them with the count of the other"};
    }
  }
  return Status::Ok();
}

void Topology::Describe(std::ostream& out) const {
  for (const auto& sub : sub_topologies_) {
    const auto pipeline = sub.make_pipeline();
    out << "sub-topology " << sub.name << " (group " << GroupOf(sub) << ")\n";
    out << "  sources:   " << Joined(SourceNames(sub)) << "\n  operators: ";
    std::vector<std::string> steps;
    for (const auto name : pipeline->OperatorNames()) steps.emplace_back(name);
    for (size_t i = 0; i < steps.size(); ++i) out << (i == 0 ? "" : " > ") << steps[i];
    out << "\n  stores:   ";
    for (const auto& store : pipeline->Stores()) out << ' ' << store.name;
    out << " (changelog " << names_.Of(sub.changelog) << ")\n  sinks:    ";
    for (const auto topic : sub.sinks) out << ' ' << names_.Of(topic);
    out << '\n';
  }
}

}  // namespace catwalk::streams
