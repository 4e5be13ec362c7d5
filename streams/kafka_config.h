#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_log.h"

namespace catwalk::streams {

/// What librdkafka calls back, from within a poll of the thread that polls; `opaque` is handed to each.
struct KafkaCallbacks {
  void* opaque = nullptr;
  void (*rebalance)(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void*) = nullptr;
  void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr;
  /// The client is polled all the time, so it may report lost contact there; else it keeps quiet about it.
  bool polled = false;
};

/// Settings of one client, in librdkafka's words. The user's own (KafkaOptions::properties) come after `tuned` and
/// before `promised`, so speed can be set from outside and what exactly-once rests on cannot.
struct KafkaSettings {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  Pairs tuned;
  Pairs promised;
};

/// Looks things up and makes topics.
KafkaSettings AdminSettings(const KafkaOptions& options);
/// A member of `group`, known to the broker as `member` across restarts, that answers queries at `address` (may be empty).
KafkaSettings MemberSettings(const KafkaOptions& options, const std::string& group, const std::string& member,
                             const std::string& address);
/// Reads without a group.
KafkaSettings ReaderSettings(const KafkaOptions& options);
/// Appends outside transactions, each record once unless its partition's leader moves.
KafkaSettings WriterSettings(const KafkaOptions& options);
/// How long a transactional client waits for an answer before it gives the connection up. Nothing ends librdkafka's wait for an answer
/// to offsets that were sent but this, so it is what a revocation may take, at least a second.
std::chrono::milliseconds AnswerLimit(const KafkaOptions& options);
/// Produces in transactions of that id.
KafkaSettings TransactionSettings(const KafkaOptions& options, const std::string& transactional_id);

/// Makes a client. Its log goes to the logger "kafka". kInvalidConfig if librdkafka refuses a setting.
Result<ClientPtr> MakeClient(rd_kafka_type_t type, const KafkaOptions& options, const KafkaSettings& settings,
                             const KafkaCallbacks& callbacks);

}  // namespace catwalk::streams
