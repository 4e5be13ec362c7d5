#include "tests/chaos/state_checks.h"

#include <algorithm>
#include <optional>

#include "schemas/internal.pb.h"

namespace catwalk::chaos {
namespace {

std::string BigEndian(int32_t number) {
  const auto bits = static_cast<uint32_t>(number);
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((bits >> shift) & 0xff));
  return bytes;
}

void Compare(const std::string& what, const Rows& actual, const Rows& expected, std::vector<std::string>* differences) {
  const auto note = [&](const std::string& key, const char* how) {
    differences->push_back(what + ": row " + key.substr(std::min<size_t>(4, key.size())) + " is " + how);
  };
  for (const auto& [key, value] : expected) {
    const auto found = actual.find(key);
    if (found == actual.end()) note(key, "missing");
    else if (found->second != value) note(key, "different");
  }
  for (const auto& [key, value] : actual) {
    if (!expected.contains(key)) note(key, "too many");
  }
}

/// What the changelog of a sub-topology comes to, by store as in a state folder. The rows of the empty store are the checkpoints.
Stores Folded(const Evidence& evidence, const SubTopology& sub) {
  Stores stores;
  const auto& partitions = evidence.topics.at(sub.changelog);
  for (size_t partition = 0; partition < partitions.size(); ++partition) {
    for (const auto& record : partitions[partition]) {
      const auto zero = record.key.find('\0');
      Rows& rows = stores[record.key.substr(0, zero)];
      const std::string key = BigEndian(static_cast<int32_t>(partition)) + record.key.substr(zero + 1);
      if (record.tombstone) rows.erase(key);
      else rows[key] = record.value;
    }
  }
  return stores;
}

const Rows& Of(const Stores& stores, const std::string& name) {
  static const Rows none;
  const auto found = stores.find(name);
  return found == stores.end() ? none : found->second;
}

std::optional<schemas::Checkpoint> CheckpointIn(const Rows& rows, const std::string& key) {
  const auto found = rows.find(key);
  schemas::Checkpoint checkpoint;
  if (found == rows.end() || !checkpoint.ParseFromString(found->second)) return std::nullopt;
  return checkpoint;
}

/// Without those at 0: never having read and having read nothing are the same.
std::map<std::string, int64_t> PositionsOf(const schemas::Checkpoint& checkpoint) {
  std::map<std::string, int64_t> positions;
  for (const auto& source : checkpoint.sources()) {
    if (source.offset() > 0) positions[source.topic()] = source.offset();
  }
  return positions;
}

class PositionCheck {
 public:
  PositionCheck(const Evidence& evidence, const JudgedTask& task, std::vector<std::string>* differences)
      : evidence_(evidence), task_(task), differences_(differences) {}

  void Run() {
    const std::string group = evidence_.app + "-" + task_.sub.name;
    const auto stored = CheckpointIn(Of(evidence_.state, "checkpoints"), group + '\0' + BigEndian(task_.partition));
    if (!stored) {
      if (task_.replayed.inputs > 0) Note("has no checkpoint");
      return;
    }
    AgreeWithReplay(*stored);
    if (!evidence_.on_kafka) return;
    if (PositionsOf(*stored) != GroupPositions()) Note("stands elsewhere than its group has committed");
    AgreeWithChangelog(*stored);
  }

 private:
  void Note(const std::string& what) {
    differences_->push_back(task_.sub.name + "/" + std::to_string(task_.partition) + " " + what);
  }

  /// A position may be past the last record taken where no more records are (markers of transactions).
  void AgreeWithReplay(const schemas::Checkpoint& stored) {
    if (stored.stream_time_ms() != task_.replayed.stream_time_ms) Note("has another stream time than its input gives");
    for (const auto& source : stored.sources()) {
      const int64_t replayed = task_.replayed.positions.at(source.topic());
      if (source.offset() < replayed) Note("stands before what it has taken of " + source.topic());
      const auto topic = evidence_.names.Find(source.topic())->topic;
      for (const auto& record : evidence_.topics.at(topic)[static_cast<size_t>(task_.partition)])
        if (record.offset >= replayed && record.offset < source.offset()) return Note("has passed records of " + source.topic());
    }
  }

  std::map<std::string, int64_t> GroupPositions() const {
    std::map<std::string, int64_t> positions;
    for (const auto topic : task_.sub.sources) {
      const auto found = evidence_.committed.find({evidence_.names.Of(topic), task_.partition});
      if (found != evidence_.committed.end() && found->second > 0) positions[found->first.topic] = found->second;
    }
    return positions;
  }

  void AgreeWithChangelog(const schemas::Checkpoint& stored) {
    const auto logged = CheckpointIn(Of(Folded(evidence_, task_.sub), ""), BigEndian(task_.partition));
    if (!logged) return Note("has no checkpoint in the changelog");
    if (PositionsOf(*logged) != PositionsOf(stored) || logged->stream_time_ms() != stored.stream_time_ms())
      Note("stands elsewhere than its changelog says");
    const auto& records = evidence_.topics.at(task_.sub.changelog)[static_cast<size_t>(task_.partition)];
    if (!records.empty() && stored.changelog_offset() <= records.back().offset)
      Note("has applied its changelog up to " + std::to_string(stored.changelog_offset()) + " only");
  }

  const Evidence& evidence_;
  const JudgedTask& task_;
  std::vector<std::string>* differences_;
};

}  // namespace

int64_t CheckRows(const Evidence& evidence, const SubTopology& sub, MapDatabase& replayed, std::vector<std::string>* differences) {
  int64_t count = 0;
  const Stores folded = evidence.on_kafka ? Folded(evidence, sub) : Stores();
  for (const auto& store : sub.make_pipeline()->Stores()) {
    const std::string name = sub.name + "-" + store.name;
    const Rows& rows = Of(evidence.state, name);
    count += static_cast<int64_t>(rows.size());
    Compare("state " + name + " against the replay", rows, replayed.RowsOf(name), differences);
    if (evidence.on_kafka) Compare("state " + name + " against the changelog", rows, Of(folded, store.name), differences);
  }
  return count;
}

void CheckPositions(const Evidence& evidence, const JudgedTask& task, std::vector<std::string>* differences) {
  PositionCheck(evidence, task, differences).Run();
}

}  // namespace catwalk::chaos
