#include "tests/chaos/oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>

#include "schemas/internal.pb.h"
#include "schemas/outputs.pb.h"
#include "tests/chaos/judged_installation.h"

namespace catwalk::chaos {
namespace {

using schemas::Topic;

/// The partition of a topic that has most.
Partition& Fullest(Evidence& evidence, Topic topic) {
  auto& partitions = evidence.topics.at(topic);
  return *std::ranges::max_element(partitions, {}, &Partition::size);
}

StoredRecord& Middle(Evidence& evidence, Topic topic) {
  Partition& records = Fullest(evidence, topic);
  return records[records.size() / 2];
}

void Leave(Evidence& evidence, Topic topic) {
  Partition& records = Fullest(evidence, topic);
  records.erase(records.begin() + static_cast<ptrdiff_t>(records.size() / 2));
}

void Double(Evidence& evidence, Topic topic) {
  Partition& records = Fullest(evidence, topic);
  StoredRecord again = records[records.size() / 2];
  again.offset = records.back().offset + 1;
  records.push_back(again);
}

void Bend(Evidence& evidence, Topic topic) { Middle(evidence, topic).value.back() ^= 1; }

Rows& StoreOf(Evidence& evidence, const std::string& name) { return evidence.state.at(name); }

/// A lineage that says one record less was taken.
void ShortenLineage(Evidence& evidence) {
  for (auto& partition : evidence.topics.at(Topic::kLineage)) {
    for (auto& record : partition) {
      schemas::Lineage lineage;
      lineage.ParseFromString(record.value);
      if (lineage.sub_topology() != "users") continue;
      auto& length = *lineage.mutable_batches(0)->mutable_run_length()->begin();
      length -= 1;
      record.value = lineage.SerializeAsString();
      return;
    }
  }
}

/// A lineage that names earlier tables than were seen.
void AgeTables(Evidence& evidence) {
  for (auto& partition : evidence.topics.at(Topic::kLineage)) {
    for (auto& record : partition) {
      schemas::Lineage lineage;
      lineage.ParseFromString(record.value);
      for (auto& batch : *lineage.mutable_batches())
        for (auto& table : *batch.mutable_tables()) table.set_offset(0);
      record.value = lineage.SerializeAsString();
    }
  }
}

void SwapLists(Evidence& evidence) {
  Partition& records = Fullest(evidence, Topic::kRecommendations);
  std::swap(records[0].value, records[1].value);
  std::swap(records[0].key, records[1].key);
}

void MoveCheckpoint(Evidence& evidence) {
  std::string& row = StoreOf(evidence, "checkpoints").begin()->second;
  schemas::Checkpoint checkpoint;
  checkpoint.ParseFromString(row);
  checkpoint.mutable_sources(0)->set_offset(checkpoint.sources(0).offset() + 1);
  row = checkpoint.SerializeAsString();
}

struct Tampering {
  const char* what;
  std::function<void(Evidence&)> with;
};

std::vector<Tampering> Tamperings() {
  std::vector<Tampering> all = {
      {"a lineage record lost", [](Evidence& e) { Leave(e, Topic::kLineage); }},
      {"a lineage without its last record", ShortenLineage},
      {"a lineage of earlier tables", AgeTables},
      {"two lists swapped", SwapLists},
      {"an event without a list", [](Evidence& e) { e.wanted.insert("e-never"); }},
      {"an input lost", [](Evidence& e) { Leave(e, Topic::kClicks); }},
      {"a row lost", [](Evidence& e) { StoreOf(e, "users-users").erase(StoreOf(e, "users-users").begin()); }},
      {"a row too many", [](Evidence& e) { StoreOf(e, "designs-neighbours")[std::string(4, '\0') + "d-never"] = "x"; }},
      {"a row bent", [](Evidence& e) { StoreOf(e, "designs-design-statistics").begin()->second.back() ^= 1; }},
      {"a changelog record lost", [](Evidence& e) { Leave(e, Topic::kUsersChangelog); Fullest(e, Topic::kUsersChangelog).clear(); }},
      {"a checkpoint moved", MoveCheckpoint},
      {"a group's position moved", [](Evidence& e) { ++e.committed.begin()->second; }},
  };
  for (const auto topic : {Topic::kRecommendations, Topic::kDesignUpdates, Topic::kModelUpdates, Topic::kTrends, Topic::kDeadLetters}) {
    all.push_back({"an output lost", [topic](Evidence& e) { Leave(e, topic); }});
    all.push_back({"an output doubled", [topic](Evidence& e) { Double(e, topic); }});
  }
  for (const auto topic : {Topic::kRecommendations, Topic::kDesignFactors, Topic::kModel})
    all.push_back({"an output bent", [topic](Evidence& e) { Bend(e, topic); }});
  return all;
}

TEST(Oracle, FindsNothingInWhatIsRightAndEverythingThatIsTamperedWith) {
  JudgedInstallation judged(7, tests::SharedKafka());
  for (int i = 0; i < 2; ++i) {
    judged.Append(150);
    judged.RunToEnd();
  }
  const Evidence evidence = judged.Collect();
  const Verdict right = Judge(evidence);
  for (const auto& difference : right.differences) ADD_FAILURE() << difference;
  EXPECT_GT(right.inputs, 100);
  for (const auto& tampering : Tamperings()) {
    Evidence tampered = evidence;
    tampering.with(tampered);
    const Verdict verdict = Judge(tampered);
    EXPECT_FALSE(verdict.differences.empty()) << tampering.what << " is not noticed";
    if (!verdict.differences.empty()) std::cout << tampering.what << ": " << verdict.differences.front() << "\n";
  }
}

}  // namespace
}  // namespace catwalk::chaos
