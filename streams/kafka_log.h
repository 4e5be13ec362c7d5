#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "state/database.h"
#include "streams/log.h"

namespace catwalk::streams {

struct KafkaOptions {
  /// Brokers to start from, "HOST:PORT[,HOST:PORT…]".
  std::string bootstrap;
  /// Prefix of transactional ids.
  std::string app = "catwalk";
  /// Milliseconds after which the broker aborts a transaction left open. Default: 10,000.
  int transaction_timeout_ms = 10'000;
  /// Milliseconds without a heartbeat after which a member is given up. Default: 10,000.
  int session_timeout_ms = 10'000;
  /// Milliseconds between heartbeats. Default: 500.
  int heartbeat_interval_ms = 500;
  /// Milliseconds in which what is pending must be committed when partitions are taken away, before it is aborted instead. Default: 3,000.
  int revocation_timeout_ms = 3'000;
  /// "classic" (range assignment, static members) or "consumer" (KIP-848, remote assignor range). Default: classic.
  std::string group_protocol = "classic";
  /// Milliseconds to wait for the broker before a call fails, and a connection that says nothing is given up. Default: 10,000.
  int request_timeout_ms = 10'000;
  /// Bytes librdkafka may hold per worker before it stops fetching. Default: 16 MiB.
  int64_t fetch_buffer_bytes = 16LL << 20;
  /// Replicas of topics it creates. Default: -1, the broker's default.
  int replication_factor = -1;
  /// Anything else, handed to librdkafka as it is ("security.protocol", "sasl.*", "ssl.*", "debug", …).
  std::map<std::string, std::string> properties;
};

/// Topics in a Kafka cluster; transactions as design demands (KIP-447). `database` holds the state and may be null
/// where no Transport is opened (tail, replay). Connects at once: kUnavailable if no broker answers. A broker too old
/// for what is asked shows when it is asked: kUnsupported from Log::FenceIdentities (transactions) or Transport::Start
/// (transactions, the group protocol "consumer").
Result<std::unique_ptr<Log>> OpenKafkaLog(state::Database* database, const Clock& clock, const KafkaOptions& options);

/// librdkafka's version, e.g. "2.15.1".
std::string KafkaClientVersion();

}  // namespace catwalk::streams
