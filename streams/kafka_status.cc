#include "streams/kafka_status.h"

#include <array>

namespace catwalk::streams {
namespace {

/// What a person can do about an error of that code.
std::string_view Advice(Code code) {
  switch (code) {
    case Code::kFenced:
      return "; another process runs with this identity: stop it, or give this one its own state folder";
    case Code::kUnavailable:
    case Code::kTimeout: return "; check that the brokers are up and reachable";
    case Code::kNotFound:
      return "; check the topics with `catwalk topics`, or make them with `catwalk topics --create`";
    case Code::kUnsupported: return "; use a newer broker, or the group protocol \"classic\"";
    case Code::kInvalidConfig: return "; check the credentials and rights under kafka.properties";
    default: return "";
  }
}

/// The same of an error that its code does not tell enough of.
std::string_view Advice(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return "; the clock of this machine is further ahead of the broker's than its message.timestamp.after.max.ms allows: set the clocks";
    case RD_KAFKA_RESP_ERR_UNRELEASED_INSTANCE_ID:
      return "; the process that had this identity has died less than a session ago, which is waited for, or runs: then give this one its "
             "own state folder";
    default: return Advice(CodeOf(error));
  }
}

/// RD_KAFKA_RESP_ERR__DESTROY_BROKER, which older versions do not name: a request was under way to a broker that is gone.
constexpr int kBrokerGone = -137;

}  // namespace

Code CodeOf(rd_kafka_resp_err_t error) {
  if (static_cast<int>(error) == kBrokerGone) return Code::kUnavailable;
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return Code::kOk;
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH: return Code::kFenced;
    case RD_KAFKA_RESP_ERR_UNRELEASED_INSTANCE_ID: return Code::kIdentityHeld;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:  // of a broker that has just started
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE: return Code::kUnavailable;
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT: return Code::kTimeout;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return Code::kNotFound;
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT: return Code::kUnsupported;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: return Code::kBackpressure;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED: return Code::kInvalidConfig;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR: return Code::kInvalidArgument;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG: return Code::kCorruption;
    default: return Code::kInternal;
  }
}

Status KafkaError(rd_kafka_resp_err_t error, std::string_view what, std::string_view detail, Recovery recovery) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return Status::Ok();
  const Code code = CodeOf(error);
  std::string message(what);
  message += ": ";
  message += detail.empty() ? std::string_view(rd_kafka_err2str(error)) : detail;
  message += Advice(error);
  return {code, std::move(message), recovery};
}

Status RequestError(rd_kafka_resp_err_t error, std::string_view what, std::string_view detail) {
  const Code code = CodeOf(error);
  const bool passing = code == Code::kUnavailable || code == Code::kTimeout;
  return KafkaError(error, what, detail, passing ? Recovery::kRetryable : Recovery::kFatal);
}

Status KafkaError(const rd_kafka_error_t* error, std::string_view what) {
  if (error == nullptr) return Status::Ok();
  Recovery recovery = Recovery::kFatal;
  if (rd_kafka_error_txn_requires_abort(error)) recovery = Recovery::kAbortable;
  else if (rd_kafka_error_is_retriable(error)) recovery = Recovery::kRetryable;
  return KafkaError(rd_kafka_error_code(error), what, rd_kafka_error_string(error), recovery);
}

Status FatalError(rd_kafka_t* client, std::string_view what) {
  std::array<char, 512> detail{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(client, detail.data(), detail.size());
  return KafkaError(error, what, detail.data());
}

}  // namespace catwalk::streams
