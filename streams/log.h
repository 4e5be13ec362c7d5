#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"
#include "schemas/topics.h"
#include "streams/transport.h"

namespace catwalk::streams {

using Offsets = std::map<schemas::TopicPartition, int64_t>;
/// In place of an offset: a transaction that is still open is about to commit one.
inline constexpr int64_t kUndecided = -1;

/// Reads topics by offset, without a group: replicas, restores, tail. One thread. Sees only what is committed.
class LogReader {
 public:
  virtual ~LogReader() = default;
  /// Starts over, reading each partition from the offset given; an offset below the first one there is moves up to it.
  virtual Status Assign(const Offsets& from) = 0;
  /// Waits up to `max_wait` for records and appends what there is, at most about `max_bytes`.
  virtual Status Poll(std::chrono::milliseconds max_wait, size_t max_bytes, std::vector<schemas::Record>* out) = 0;
  /// The offset Poll goes on from. Past control records and aborted ones as soon as Poll has seen them.
  virtual int64_t Position(const schemas::TopicPartition& partition) const = 0;
};

/// Appends records outside any transaction: replay, HTTP. Safe to call from any thread.
class LogWriter {
 public:
  virtual ~LogWriter() = default;
  /// Takes the records over; kBackpressure (nothing taken) when too much is in flight.
  virtual Status Append(std::vector<schemas::OutgoingRecord> records) = 0;
  /// Returns when everything appended before is durable (an error if something will not be).
  virtual Status Sync(std::chrono::milliseconds timeout) = 0;
};

struct TopicState {
  int32_t partitions = 0;
};

/// A worker as others see it that are not in its group.
struct Member {
  std::string id;                    // group, instance and number of the worker
  std::string instance;              // see TransportOptions
  std::string address;               // see TransportOptions; empty: it has none
  std::vector<int32_t> partitions;   // that it reads
};

/// Which end of a partition: with what is committed only, or with what open transactions have written.
enum class Isolation { kReadCommitted, kReadUncommitted };

/// Where the topics live: a Kafka cluster or the embedded log. Makes the ends that everything else works with.
/// Safe to call from any thread; what it makes must go before it does.
class Log {
 public:
  virtual ~Log() = default;

  /// "kafka at 127.0.0.1:9092" or "embedded log in DIR".
  virtual std::string Describe() const = 0;
  /// True if state must be written to a changelog to survive the loss of the state folder.
  virtual bool needs_changelog() const = 0;

  virtual Result<std::unique_ptr<Transport>> OpenTransport(const TransportOptions& options) = 0;
  virtual Result<std::unique_ptr<LogReader>> OpenReader() = 0;
  virtual Result<std::unique_ptr<LogWriter>> OpenWriter() = 0;
  /// Ends what workers 0 to `count` - 1 of an earlier process of this instance may have left open, so that it blocks no
  /// reader. Once per group, before any restore, with the most workers the instance ever had.
  virtual Status FenceIdentities(const std::string& /*group*/, const std::string& /*instance*/, int /*count*/) {
    return Status::Ok();
  }

  /// Partition counts of the topics that exist.
  virtual Result<std::map<std::string, TopicState>> ListTopics() = 0;
  /// Makes a topic as its spec says. It is no error if it exists.
  virtual Status CreateTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions) = 0;
  /// The offsets after the last record, for all partitions of `topics`.
  virtual Result<Offsets> EndOffsets(const std::vector<std::string>& topics, Isolation isolation) = 0;
  virtual Result<Offsets> BeginOffsets(const std::vector<std::string>& topics) = 0;
  /// What a group has committed, or kUndecided; partitions without a commit are absent.
  virtual Result<Offsets> CommittedOffsets(const std::string& group, const std::vector<std::string>& topics) = 0;
  /// The members of a group, each with the partitions of `topic` that it reads; with none while partitions are dealt out
  /// anew. Nobody on a log of one process.
  virtual Result<std::vector<Member>> Members(const std::string& /*group*/, const std::string& /*topic*/) {
    return std::vector<Member>();
  }
};

}  // namespace catwalk::streams
