// One commit of the embedded log: a batch of outputs, the state behind them and the positions, in one write.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "schemas/topics.h"
#include "state/partition_key.h"
#include "state/rocksdb_database.h"
#include "streams/checkpoint.h"
#include "streams/embedded_log.h"
#include "streams/transport.h"

namespace catwalk::streams {
namespace {

constexpr int kBatch = 500;  // events a commit
constexpr size_t kStateBytes = 360;
constexpr size_t kListBytes = 240;
constexpr int kUsers = 100'000;

void Check(const Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::exit(1);
}

template <class T>
T Take(Result<T> result) {
  Check(result.status());
  return std::move(result).value();
}

class IgnoreOwnership final : public TransportListener {
 public:
  void OnAssigned(std::span<const int32_t> /*partitions*/) override {}
  void OnRevoked(std::span<const int32_t> /*partitions*/) override {}
  void OnLost(std::span<const int32_t> /*partitions*/) override {}
};

/// Bytes that do not compress better than real ones.
std::string RandomBytes(size_t size, std::mt19937& random) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// An embedded log in a new folder, and a worker's transport that owns its one partition.
class Installation {
 public:
  Installation() {
    std::filesystem::remove_all(folder_);
    database_ = Take(state::OpenRocksDb({.path = folder_, .memory_bytes = 256ULL << 20, .only_copy = true}));
    users_ = Take(database_->OpenStore("users"));
    log_ = Take(EmbeddedLog::Open(*database_, clock_, {.cleanup_interval_ms = 0}));
    Check(log_->CreateTopic("clicks", schemas::SpecOf(schemas::Topic::kClicks), 1));
    Check(log_->CreateTopic("recommendations", schemas::SpecOf(schemas::Topic::kRecommendations), 1));
    StartTransport();
  }
  ~Installation() {
    transport_.reset();
    log_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  Transport& transport() { return *transport_; }
  uint32_t users() const { return users_; }

 private:
  void StartTransport() {
    TransportOptions options;
    options.group = "bench-users";
    options.topics = {"clicks"};
    options.instance = "bench";
    options.checkpoint_store = Take(database_->OpenStore(kCheckpointStore));
    transport_ = Take(log_->OpenTransport(options));
    Check(transport_->Start(listener_));
    std::vector<schemas::Record> none;
    Check(transport_->Poll(std::chrono::milliseconds(0), &none));
    Check(transport_->StartPartition(0, {}));
  }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "catwalk-commit-bench";
  SystemClock clock_;
  IgnoreOwnership listener_;
  std::unique_ptr<state::Database> database_;
  uint32_t users_ = 0;
  std::unique_ptr<EmbeddedLog> log_;
  std::unique_ptr<Transport> transport_;
};

std::string NameOf(int user) { return "u" + std::to_string(1'000'000 + user); }

void ProduceOne(const std::string& user, const std::string& list, Transport& transport) {
  schemas::OutgoingRecord record;
  record.topic = "recommendations";
  record.partition = 0;
  record.key = user;
  record.value = list;
  record.timestamp_ms = 1'700'000'000'000;
  Check(transport.Produce(std::move(record)));
}

CommitRequest RequestUpTo(int64_t offset, state::WriteBatch* batch) {
  TaskCommit task;
  auto* source = task.checkpoint.add_sources();
  source->set_topic("clicks");
  source->set_offset(offset);
  return {{std::move(task)}, batch};
}

void Commit(benchmark::State& state) {
  Installation installation;
  std::mt19937 random(1);
  const std::string list = RandomBytes(kListBytes, random);
  const std::string value = RandomBytes(kStateBytes, random);
  state::WriteBatch batch;
  int64_t offset = 0;
  for (auto _ : state) {
    for (int i = 0; i < kBatch; ++i) {
      const std::string user = NameOf(static_cast<int>(offset++ * 7919 % kUsers));
      batch.Put(installation.users(), state::PartitionKey(0, user), value);
      ProduceOne(user, list, installation.transport());
    }
    Check(installation.transport().Commit(RequestUpTo(offset, &batch)));
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
// Bounded, because the log of each commit stays on the disk until the end: about 300 kB.
BENCHMARK(Commit)->Iterations(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace catwalk::streams
