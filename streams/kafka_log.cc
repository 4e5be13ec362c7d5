#include "streams/kafka_log.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "streams/kafka_admin.h"
#include "streams/kafka_reader.h"
#include "streams/kafka_transaction.h"
#include "streams/kafka_transport.h"
#include "streams/kafka_writer.h"

namespace catwalk::streams {
namespace {

class KafkaLog final : public Log {
 public:
  KafkaLog(state::Database* database, const Clock& clock, const KafkaOptions& options,
           std::unique_ptr<KafkaAdmin> admin)
      : database_(database), clock_(clock), options_(options), admin_(std::move(admin)) {}

  std::string Describe() const override { return "kafka at " + options_.bootstrap; }
  bool needs_changelog() const override { return true; }

  Result<std::unique_ptr<Transport>> OpenTransport(const TransportOptions& options) override {
    if (database_ == nullptr)
      return Status(Code::kInvalidArgument, "a worker needs a database for its state; open the log with one");
    return std::unique_ptr<Transport>(
        std::make_unique<KafkaTransport>(options_, options, *database_, clock_, *admin_));
  }
  Result<std::unique_ptr<LogReader>> OpenReader() override { return KafkaReader::Open(options_, *admin_); }
  Result<std::unique_ptr<LogWriter>> OpenWriter() override { return KafkaWriter::Open(options_, clock_); }
  Status FenceIdentities(const std::string& group, const std::string& instance, int count) override;

  Result<std::map<std::string, TopicState>> ListTopics() override { return admin_->ListTopics(); }
  Status CreateTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions) override {
    return admin_->CreateTopic(name, spec, partitions);
  }
  Result<Offsets> EndOffsets(const std::vector<std::string>& topics, Isolation isolation) override {
    return OffsetsOf(topics, OffsetKind::kEnd, isolation);
  }
  Result<Offsets> BeginOffsets(const std::vector<std::string>& topics) override {
    return OffsetsOf(topics, OffsetKind::kFirst, Isolation::kReadCommitted);
  }
  Result<Offsets> CommittedOffsets(const std::string& group, const std::vector<std::string>& topics) override {
    ASSIGN_OR_RETURN(const auto partitions, admin_->PartitionsOf(topics));
    return admin_->CommittedOffsets(group, partitions);
  }

  Result<std::vector<Member>> Members(const std::string& group, const std::string& topic) override {
    return admin_->Members(group, topic);
  }

 private:
  Status Fence(const std::string& identity);
  Result<Offsets> OffsetsOf(const std::vector<std::string>& topics, OffsetKind kind, Isolation isolation) {
    ASSIGN_OR_RETURN(const auto partitions, admin_->PartitionsOf(topics));
    return admin_->ListOffsets(partitions, kind, isolation);
  }

  state::Database* const database_;
  const Clock& clock_;
  const KafkaOptions options_;
  const std::unique_ptr<KafkaAdmin> admin_;
};

Status KafkaLog::FenceIdentities(const std::string& group, const std::string& instance, int count) {
  std::vector<Status> outcomes(static_cast<size_t>(std::max(count, 0)));
  {
    // At once, as each that finds a transaction open waits half a second for its end.
    std::vector<std::jthread> threads;
    for (size_t worker = 0; worker < outcomes.size(); ++worker) {
      threads.emplace_back([&, worker] {
        outcomes[worker] = Fence(KafkaTransport::Identity(group, instance, static_cast<int>(worker)));
      });
    }
  }
  for (const Status& outcome : outcomes) RETURN_IF_ERROR(outcome);
  return Status::Ok();
}

Status KafkaLog::Fence(const std::string& identity) {
  ASSIGN_OR_RETURN(const auto transaction, KafkaTransaction::Open(options_, identity, clock_));
  return transaction->Init();
}

Status CheckOptions(const KafkaOptions& options) {
  if (options.bootstrap.empty())
    return {Code::kInvalidConfig, "no broker is named; give --kafka HOST:PORT, or leave it out for the embedded log"};
  if (options.group_protocol != "classic" && options.group_protocol != "consumer")
    return {Code::kInvalidConfig,
            "kafka.group_protocol is \"" + options.group_protocol + "\"; use \"classic\" or \"consumer\""};
  return Status::Ok();
}

}  // namespace

Result<std::unique_ptr<Log>> OpenKafkaLog(state::Database* database, const Clock& clock, const KafkaOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(auto admin, KafkaAdmin::Connect(options));
  return std::unique_ptr<Log>(std::make_unique<KafkaLog>(database, clock, options, std::move(admin)));
}

std::string KafkaClientVersion() { return rd_kafka_version_str(); }

}  // namespace catwalk::streams
