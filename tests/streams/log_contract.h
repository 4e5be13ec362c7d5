#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"
#include "state/database.h"
#include "streams/log.h"
#include "streams/transport.h"

namespace catwalk::streams {

/// A kind of log that has to keep the contract. One per test.
class LogBackend {
 public:
  virtual ~LogBackend() = default;
  /// A log on this backend's storage. Called again when the one before is gone, it finds what that one left.
  virtual Result<std::unique_ptr<Log>> OpenLog() = 0;
  /// Where transports write state; outlives the logs.
  virtual state::Database& database() = 0;
};

struct LogBackendFactory {
  std::string name;
  std::function<std::unique_ptr<LogBackend>()> make;
};
inline void PrintTo(const LogBackendFactory& factory, std::ostream* out) { *out << factory.name; }

/// One worker of a group, as the tests play it: starts what it is assigned from its checkpoint rows, keeps what it
/// reads.
class GroupMember final : public TransportListener {
 public:
  GroupMember(state::Database& database, TransportOptions options, std::unique_ptr<Transport> transport);

  Transport& transport() { return *transport_; }
  /// Polls once for a short while and starts what was assigned in it.
  void Poll();
  /// Polls until `done` says so; false if it does not within half a minute.
  [[nodiscard]] bool PollUntil(const std::function<bool()>& done);
  [[nodiscard]] bool PollUntilItHas(size_t records);
  [[nodiscard]] bool PollUntilItOwns(size_t partitions);
  /// Commits where it stands in `partition` of all its topics, with `state`.
  Status Commit(int32_t partition, state::WriteBatch* state);
  /// Forgets what it has read, and starts all it owns from the last commit.
  void StartOver();

  std::vector<schemas::Record> records;
  std::set<int32_t> owned;
  std::vector<int32_t> revoked;                 // all ever
  std::function<void(int32_t)> on_revoked;      // called for each, if set

 private:
  void OnAssigned(std::span<const int32_t> partitions) override;
  void OnRevoked(std::span<const int32_t> partitions) override;
  void OnLost(std::span<const int32_t> partitions) override;
  void StartOwned();

  state::Database& database_;
  const TransportOptions options_;
  std::unique_ptr<Transport> transport_;
  std::set<int32_t> started_;
};

/// The contract of Log, LogReader, LogWriter and Transport; instantiated by each implementation's own test.
class LogContract : public testing::TestWithParam<LogBackendFactory> {
 protected:
  void SetUp() override;

  Log& log() { return *log_; }
  state::Database& database() { return backend_->database(); }
  /// Everything opened must be gone.
  void Reopen();
  /// `stem`, made unique to this test and process.
  std::string Unique(std::string_view stem) const;
  /// A topic of that stem.
  std::string MakeTopic(std::string_view stem, int32_t partitions);

  /// Appends and syncs; waits out backpressure.
  void Append(std::vector<schemas::OutgoingRecord> records);
  /// All that is committed in the topics, in the order read, once everything written so far has been decided on (Kafka
  /// answers a commit before readers see it); fails the test if that does not come. While a transaction is open, `end` is
  /// to be kReadCommitted.
  std::vector<schemas::Record> ReadAll(const std::vector<std::string>& topics,
                                       Isolation end = Isolation::kReadUncommitted);
  /// A member of a group, started.
  std::unique_ptr<GroupMember> Join(const std::string& group, const std::vector<std::string>& topics, int worker = 0,
                                    int workers = 1);
  uint32_t OpenStore(std::string_view name);
  std::optional<std::string> StateAt(std::string_view key);

 private:
  std::unique_ptr<LogBackend> backend_;
  std::unique_ptr<Log> log_;
};

/// What a group has committed in a topic, when it is decided on; fails the test if that does not come.
Offsets DecidedOffsets(Log& log, const std::string& group, const std::string& topic);

/// A record for a partition; -1: by its key.
schemas::OutgoingRecord Outgoing(const std::string& topic, int32_t partition, std::string key, std::string value);
/// The values of the records, those of one topic and partition if given.
std::vector<std::string> ValuesOf(const std::vector<schemas::Record>& records);
std::vector<std::string> ValuesOf(const std::vector<schemas::Record>& records, const schemas::TopicPartition& from);

}  // namespace catwalk::streams
