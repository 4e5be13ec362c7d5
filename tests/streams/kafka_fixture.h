#pragma once

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"
#include "state/database.h"
#include "streams/kafka_handles.h"
#include "streams/kafka_log.h"
#include "streams/log.h"
#include "streams/transport.h"

namespace catwalk::streams {

/// The broker of this test binary, "HOST:PORT"; fails the test if there is none.
std::string TestBroker();

/// librdkafka's simulation of a broker, to be old or slow at will.
class SimulatedBroker {
 public:
  /// The first of the brokers is the one that all is asked of and done to.
  explicit SimulatedBroker(const std::string& topic, int brokers = 1);
  std::string bootstrap() const {
    const std::string all = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    return all.substr(0, all.find(','));
  }
  /// Does not know this kind of request, from now on.
  void Refuse(int16_t request) { rd_kafka_mock_set_apiversion(cluster_.get(), request, -1, -1); }
  /// Does what is asked with the next request of this kind, and says so after that long.
  void AnswerLate(int16_t request, std::chrono::milliseconds by) {
    RefuseLate(request, RD_KAFKA_RESP_ERR_NO_ERROR, by);
  }
  /// Does not do what is asked with the next request of this kind, and says so, with `error`, after that long.
  void RefuseLate(int16_t request, rd_kafka_resp_err_t error, std::chrono::milliseconds by) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster_.get(), 1, request, 1, error, static_cast<int>(by.count()));
  }
  /// Names the second broker, which never answers from now on, as the group's coordinator.
  void MoveCoordinatorToTheSilent(const std::string& group);
  /// Knows no group's coordinator any more.
  void LoseCoordinators();
  void GoAway() { rd_kafka_mock_broker_set_down(cluster_.get(), 1); }
  void ComeBack() { rd_kafka_mock_broker_set_up(cluster_.get(), 1); }
  /// Answers after so long, from now on.
  void Delay(std::chrono::milliseconds by) {
    rd_kafka_mock_broker_set_rtt(cluster_.get(), 1, static_cast<int>(by.count()));
  }

 private:
  ClientPtr client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, Destroyer<rd_kafka_mock_cluster_destroy>> cluster_;
};

/// One worker and what a task would do about its partitions: starts those it gets from where it was told to.
class KafkaTestWorker final : public TransportListener {
 public:
  KafkaTestWorker(Log& log, const TransportOptions& options);

  Status Start() { return transport_->Start(*this); }
  /// Polls until `done` or 20 s have passed; true if `done`.
  bool PollUntil(const std::function<bool()>& done);
  bool PollUntilOwned(size_t partitions) {
    return PollUntil([&] { return owned_.size() == partitions; });
  }
  bool PollUntilRead(size_t records) {
    return PollUntil([&] { return read_.size() >= records; });
  }

  void OnAssigned(std::span<const int32_t> partitions) override;
  void OnRevoked(std::span<const int32_t> partitions) override;
  void OnLost(std::span<const int32_t> partitions) override;

  Transport& transport() { return *transport_; }
  std::unique_ptr<Transport>& owner() { return transport_; }
  std::vector<schemas::Record>& read() { return read_; }
  const std::set<int32_t>& owned() const { return owned_; }
  size_t revocations() const { return revocations_; }
  /// Where partitions start when they are assigned; the beginning if not set.
  std::map<int32_t, schemas::Checkpoint>& starts() { return starts_; }
  /// Called from OnRevoked, before the partitions go.
  std::function<void()> on_revoked;

 private:
  std::unique_ptr<Transport> transport_;
  std::vector<schemas::Record> read_;
  std::set<int32_t> owned_;
  std::map<int32_t, schemas::Checkpoint> starts_;
  size_t revocations_ = 0;
};

/// A log on the real broker, over a database in memory. Topics and groups get names that no other run has.
class KafkaTest : public ::testing::Test {
 protected:
  void SetUp() override;

  std::string Name(const std::string& name) const { return name + "-" + unique_; }
  /// Makes a topic of such a name.
  std::string MakeTopic(const std::string& name, int32_t partitions);
  TransportOptions Options(const std::vector<std::string>& topics, int worker = 0) const;
  KafkaTestWorker MakeWorker(const std::vector<std::string>& topics, int worker = 0) {
    return {*log_, Options(topics, worker)};
  }
  /// Appends `count` records with values "0", "1", … to one partition.
  void Fill(const std::string& topic, int32_t partition, int count);
  /// What a reader sees up to the end, which it reaches when the last transaction there has ended, and its values.
  std::vector<schemas::Record> ReadRecords(const std::string& topic, int32_t partition);
  std::vector<std::string> ReadAll(const std::string& topic, int32_t partition);
  int64_t End(const std::string& topic, Isolation isolation);
  schemas::Checkpoint StoredCheckpoint(int32_t partition) const;

  static schemas::Checkpoint At(const std::string& topic, int64_t offset);
  static schemas::OutgoingRecord Record(const std::string& topic, const std::string& value, int32_t partition = 0);

  SystemClock clock_;
  std::unique_ptr<state::Database> database_;
  uint32_t checkpoints_ = 0;
  std::string changelog_;
  std::string unique_;
  std::unique_ptr<Log> log_;
};

}  // namespace catwalk::streams
