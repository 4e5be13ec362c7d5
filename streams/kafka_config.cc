#include "streams/kafka_config.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/logging.h"
#include "streams/member_address.h"
#include "streams/mutation.h"

namespace catwalk::streams {
namespace {

constexpr size_t kErrorBytes = 512;

spdlog::level::level_enum LevelOf(int severity, const char* facility) {
  // A broker that cannot be reached is reported by whoever asked; librdkafka repeats it at every attempt.
  const bool repeats = std::strcmp(facility, "FAIL") == 0 || std::strcmp(facility, "ERROR") == 0;
  if (repeats || severity >= 7) return spdlog::level::debug;
  if (severity <= 3) return spdlog::level::err;
  return severity <= 4 ? spdlog::level::warn : spdlog::level::info;
}

void OnLog(const rd_kafka_t* client, int severity, const char* facility, const char* message) {
  catwalk::Log("kafka")->log(LevelOf(severity, facility), "{} {}: {}", rd_kafka_name(client), facility, message);
}

void OnError(rd_kafka_t* client, int error, const char* reason, void* /*opaque*/) {
  const bool lost_contact = error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  catwalk::Log("kafka")->log(lost_contact ? spdlog::level::warn : spdlog::level::debug, "{}: {}",
                             rd_kafka_name(client), reason);
}

Status Set(rd_kafka_conf_t* config, const std::string& name, const std::string& value) {
  std::array<char, kErrorBytes> reason{};
  if (rd_kafka_conf_set(config, name.c_str(), value.c_str(), reason.data(), reason.size()) == RD_KAFKA_CONF_OK)
    return Status::Ok();
  return {Code::kInvalidConfig, "kafka.properties: " + std::string(reason.data()) + "; correct or remove " + name};
}

template <class Pairs>
Status SetAll(rd_kafka_conf_t* config, const Pairs& pairs) {
  for (const auto& [name, value] : pairs) RETURN_IF_ERROR(Set(config, name, value));
  return Status::Ok();
}

void SetCallbacks(rd_kafka_conf_t* config, const KafkaCallbacks& callbacks) {
  rd_kafka_conf_set_log_cb(config, OnLog);
  if (callbacks.polled) rd_kafka_conf_set_error_cb(config, OnError);
  rd_kafka_conf_set_opaque(config, callbacks.opaque);
  if (callbacks.rebalance != nullptr) rd_kafka_conf_set_rebalance_cb(config, callbacks.rebalance);
  if (callbacks.delivered != nullptr) rd_kafka_conf_set_dr_msg_cb(config, callbacks.delivered);
}

/// A connection that has gone silent (a broker that lost power, a firewall that forgot it) holds up all that is asked on it until
/// librdkafka gives it up: by its own default after a minute.
std::pair<std::string, std::string> SilenceLimit(const KafkaOptions& options) {
  constexpr int kLeastMs = 1'010;   // librdkafka wants a second beside fetch.wait.max.ms
  constexpr int kMostMs = 300'000;  // and takes no more
  return {"socket.timeout.ms", std::to_string(std::clamp(options.request_timeout_ms, kLeastMs, kMostMs))};
}

/// Fetching as a stream needs it: answers at once when there is something.
KafkaSettings FetchSettings(const KafkaOptions& options) {
  const int64_t buffer_kib = std::max<int64_t>(options.fetch_buffer_bytes >> 10, 64);
  return {
      .tuned = {SilenceLimit(options),
                {"fetch.wait.max.ms", "10"},
                {"fetch.error.backoff.ms", "20"},
                {"queued.max.messages.kbytes", std::to_string(std::min<int64_t>(buffer_kib, 2'097'151))},
                {"check.crcs", "false"}},
      .promised = {{"isolation.level", "read_committed"},
                   {"enable.auto.commit", "false"},
                   {"enable.auto.offset.store", "false"},
                   {"auto.offset.reset", "earliest"},
                   {"enable.partition.eof", "true"},
                   {"allow.auto.create.topics", "false"}},
  };
}

/// For how long a member may be away without being given up: for a few questions and a transaction that nobody answers. As long, and three
/// seconds, librdkafka waits for the answer to a JoinGroup: by its own default five minutes, also of a coordinator that is gone.
std::pair<std::string, std::string> AbsenceLimit(const KafkaOptions& options) {
  constexpr int kMostMs = 86'400'000;  // librdkafka takes no more
  const int64_t wanted_ms = 3 * (int64_t{options.request_timeout_ms} + options.transaction_timeout_ms);
  return {"max.poll.interval.ms", std::to_string(std::clamp<int64_t>(wanted_ms, options.session_timeout_ms, kMostMs))};
}

void AddClassicGroup(const KafkaOptions& options, KafkaSettings* settings) {
  auto& promised = settings->promised;
  promised.emplace_back("group.protocol", "classic");
  promised.emplace_back("partition.assignment.strategy", "range");
  promised.emplace_back("session.timeout.ms", std::to_string(options.session_timeout_ms));
  promised.emplace_back("heartbeat.interval.ms", std::to_string(options.heartbeat_interval_ms));
}

void AddConsumerGroup(KafkaSettings* settings) {
  settings->promised.emplace_back("group.protocol", "consumer");
  settings->promised.emplace_back("group.remote.assignor", "range");
}

KafkaSettings::Pairs ProducerPromises() {
  return {{"enable.idempotence", "true"}, {"acks", "all"}, {"partitioner", "murmur2_random"}};
}

}  // namespace

KafkaSettings AdminSettings(const KafkaOptions& options) {
  return {.tuned = {SilenceLimit(options)}, .promised = {{"group.id", options.app + "-admin"}, {"enable.auto.commit", "false"}}};
}

KafkaSettings MemberSettings(const KafkaOptions& options, const std::string& group, const std::string& member,
                             const std::string& address) {
  KafkaSettings settings = FetchSettings(options);
  // A worker that is behind keeps at hand, in a near cache, what it takes next. What is asked for long before comes back from memory.
  settings.tuned.emplace_back("queued.min.messages", "4000");
  settings.tuned.emplace_back("fetch.message.max.bytes", "262144");
  settings.tuned.emplace_back("fetch.queue.backoff.ms", "10");
  settings.tuned.push_back(AbsenceLimit(options));
  settings.promised.emplace_back("group.id", group);
  settings.promised.emplace_back("group.instance.id", member);
  settings.promised.emplace_back("client.id", WithAddress(member, address));
  if (Mutated(Mutation::kReadUncommitted)) settings.promised.emplace_back("isolation.level", "read_uncommitted");
  if (options.group_protocol == "consumer") AddConsumerGroup(&settings);
  else AddClassicGroup(options, &settings);
  return settings;
}

KafkaSettings ReaderSettings(const KafkaOptions& options) {
  KafkaSettings settings = FetchSettings(options);
  settings.tuned.emplace_back("queued.min.messages", "100000");
  settings.tuned.emplace_back("fetch.message.max.bytes", "2097152");
  settings.tuned.emplace_back("fetch.queue.backoff.ms", "1");
  // librdkafka wants the name of a group to assign partitions by hand; nothing is ever joined or committed.
  settings.promised.emplace_back("group.id", options.app + "-reader");
  return settings;
}

KafkaSettings WriterSettings(const KafkaOptions& options) {
  return {.tuned = {SilenceLimit(options),
                    {"linger.ms", "1"},
                    {"batch.num.messages", "100000"},
                    {"queue.buffering.max.messages", "2000000"},
                    {"queue.buffering.max.kbytes", "262144"},
                    {"message.timeout.ms", "60000"}},
          .promised = ProducerPromises()};
}

std::chrono::milliseconds AnswerLimit(const KafkaOptions& options) {
  const int wanted_ms = std::max(std::min(options.request_timeout_ms, options.revocation_timeout_ms), 1'000);
  return std::chrono::milliseconds(std::min(wanted_ms, options.transaction_timeout_ms));  // librdkafka takes no more than that
}

KafkaSettings TransactionSettings(const KafkaOptions& options, const std::string& transactional_id) {
  // A commit flushes, which does not wait for linger.ms; until then records gather into full batches.
  // librdkafka 2.15.1 may wait for good for a group's coordinator that has left the cluster, as long as no other connection comes or
  // goes (rd_kafka_coord_rkb_monitor_cb): one that is idle goes.
  KafkaSettings settings{.tuned = {{"linger.ms", "1000"},
                                   {"socket.timeout.ms", std::to_string(AnswerLimit(options).count())},
                                   {"connections.max.idle.ms", std::to_string(options.request_timeout_ms)},
                                   {"batch.num.messages", "100000"},
                                   {"queue.buffering.max.messages", "1000000"},
                                   {"queue.buffering.max.kbytes", "131072"}},
                         .promised = ProducerPromises()};
  settings.promised.emplace_back("transactional.id", transactional_id);
  settings.promised.emplace_back("transaction.timeout.ms", std::to_string(options.transaction_timeout_ms));
  settings.promised.emplace_back("client.id", transactional_id);
  return settings;
}

Result<ClientPtr> MakeClient(rd_kafka_type_t type, const KafkaOptions& options, const KafkaSettings& settings,
                             const KafkaCallbacks& callbacks) {
  ConfigPtr config(rd_kafka_conf_new());
  RETURN_IF_ERROR(SetAll(config.get(), KafkaSettings::Pairs{{"client.id", options.app},
                                                            {"reconnect.backoff.max.ms", "1000"},
                                                            {"log.connection.close", "false"}}));
  RETURN_IF_ERROR(SetAll(config.get(), settings.tuned));
  RETURN_IF_ERROR(SetAll(config.get(), options.properties));
  RETURN_IF_ERROR(SetAll(config.get(), settings.promised));
  RETURN_IF_ERROR(Set(config.get(), "bootstrap.servers", options.bootstrap));
  SetCallbacks(config.get(), callbacks);
  std::array<char, kErrorBytes> reason{};
  ClientPtr client(rd_kafka_new(type, config.get(), reason.data(), reason.size()));
  if (!client)
    return Status(Code::kInvalidConfig, "kafka: " + std::string(reason.data()) + "; check the kafka section");
  (void)config.release();  // the client has taken it over
  return client;
}

}  // namespace catwalk::streams
