#include "tests/chaos/output_checks.h"

#include <algorithm>
#include <map>
#include <set>

#include "operators/table_records.h"
#include "schemas/outputs.pb.h"

namespace catwalk::chaos {
namespace {

using schemas::Topic;

/// Keys that only the workload's poison has.
constexpr std::string_view kPoison = "poison";

struct Place {
  Topic topic;
  int32_t partition;
  auto operator<=>(const Place&) const = default;
};

/// Everything of a record but its times: those are the wall clock's.
std::string Canonical(Topic topic, const std::string& key, std::string value, bool tombstone, const std::vector<schemas::Header>& headers) {
  schemas::Recommendation list;
  if (topic == Topic::kRecommendations && list.ParseFromString(value)) {
    list.clear_generated_at_ms();
    value = list.SerializeAsString();
  }
  std::string all = key + '\0' + (tombstone ? "tombstone" : "value") + '\0' + value;
  for (const auto& [name, text] : headers) all += '\0' + name + '\0' + text;
  return all;
}

std::string Canonical(Topic topic, const StoredRecord& record) {
  return Canonical(topic, record.key, record.value, record.tombstone, record.headers);
}

std::string Canonical(const Output& output) {
  return Canonical(output.topic, output.record.key, output.record.value, output.record.tombstone, output.record.headers);
}

std::string Printable(const std::string& canonical) {
  std::string text = canonical.substr(0, 60);
  for (char& c : text)
    if (c < 32 || c > 126) c = '.';
  return text;
}

class OutputCheck {
 public:
  OutputCheck(const Evidence& evidence, std::vector<std::string>* differences) : evidence_(evidence), differences_(differences) {}

  int64_t Run(const std::vector<std::vector<Output>>& expected_by_task) {
    for (const auto& outputs : expected_by_task) {
      for (const auto& output : outputs) expected_[{output.topic, output.record.partition}].push_back(Canonical(output));
    }
    // One task writes a partition of these, so they stand in the order of its work.
    for (const auto topic : {Topic::kRecommendations, Topic::kTrends}) CheckEach(topic, true);
    for (const auto topic : {Topic::kDesignUpdates, Topic::kModelUpdates, Topic::kDeadLetters}) CheckEach(topic, false);
    for (const auto topic : {Topic::kDesignFactors, Topic::kModel}) CheckPublished(topic);
    return compared_;
  }

 private:
  void Note(Place place, const std::string& what) {
    differences_->push_back(std::string(schemas::SpecOf(place.topic).default_name) + "/" + std::to_string(place.partition) + " " + what);
  }

  /// Records that no task has sent: the workload's poison in topics that are both read and written.
  static bool IsPoison(Topic topic, const StoredRecord& record) {
    return (topic == Topic::kDesignUpdates && record.value == "{}") || (topic == Topic::kModelUpdates && record.value == "\x08 neither") ||
           record.key == kPoison;
  }

  std::vector<std::string> Actual(Place place) {
    std::vector<std::string> actual;
    for (const auto& record : evidence_.topics.at(place.topic)[static_cast<size_t>(place.partition)])
      if (!IsPoison(place.topic, record)) actual.push_back(Canonical(place.topic, record));
    compared_ += static_cast<int64_t>(actual.size());
    return actual;
  }

  void CheckEach(Topic topic, bool in_order) {
    for (int32_t partition = 0; partition < PartitionsOf(topic, evidence_.partitions); ++partition) {
      const Place place{topic, partition};
      std::vector<std::string> actual = Actual(place), expected = expected_[place];
      const bool same = actual == expected;
      std::ranges::sort(actual);
      std::ranges::sort(expected);
      NoteMissing(place, "misses ", expected, actual);
      NoteMissing(place, "has too many of ", actual, expected);
      if (in_order && !same && actual == expected) Note(place, "has the right records in the wrong order");
    }
  }

  void NoteMissing(Place place, const char* how, const std::vector<std::string>& of, const std::vector<std::string>& in) {
    std::vector<std::string> rest;
    std::ranges::set_difference(of, in, std::back_inserter(rest));
    for (const auto& record : rest) Note(place, how + Printable(record));
  }

  /// What is published at a pace is among what could be, and the last of each key is the last that could be, but for neighbours, which
  /// may wait for their next visit.
  void CheckPublished(Topic topic) {
    const Place place{topic, 0};
    const std::vector<std::string>& possible = expected_[place];
    const std::set<std::string> allowed(possible.begin(), possible.end());
    std::map<std::string, std::string> last, last_possible;
    for (const auto& record : possible) last_possible[KeyOf(record)] = record;
    for (const auto& record : Actual(place)) {
      if (!allowed.contains(record)) Note(place, "has what is no function of the input it names: " + Printable(record));
      last[KeyOf(record)] = record;
    }
    for (const auto& [key, record] : last_possible) {
      if (!key.starts_with(operators::kNeighboursPrefix) && last[key] != record) Note(place, "lacks the last state of " + Printable(key));
    }
  }

  static std::string KeyOf(const std::string& canonical) { return canonical.substr(0, canonical.find('\0')); }

  const Evidence& evidence_;
  std::vector<std::string>* differences_;
  std::map<Place, std::vector<std::string>> expected_;
  int64_t compared_ = 0;
};

}  // namespace

int64_t CheckOutputs(const Evidence& evidence, const std::vector<std::vector<Output>>& expected_by_task,
                     std::vector<std::string>* differences) {
  return OutputCheck(evidence, differences).Run(expected_by_task);
}

void CheckLists(const Evidence& evidence, std::vector<std::string>* differences) {
  std::map<std::string, int> lists;
  for (const auto& partition : evidence.topics.at(Topic::kRecommendations)) {
    for (const auto& record : partition) {
      schemas::Recommendation list;
      if (!list.ParseFromString(record.value)) differences->push_back("a list does not decode");
      ++lists[list.event_id()];
    }
  }
  for (const auto& [event, count] : lists) {
    if (!evidence.wanted.contains(event)) differences->push_back("a list for " + event + ", which wants none");
    if (count > 1) differences->push_back(std::to_string(count) + " lists for " + event);
  }
  for (const auto& event : evidence.wanted)
    if (!lists.contains(event)) differences->push_back("no list for " + event);
}

}  // namespace catwalk::chaos
