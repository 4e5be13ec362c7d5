#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "schemas/record.h"
#include "schemas/topics.h"
#include "state/database.h"
#include "state/memory_database.h"
#include "state/write_batch.h"
#include "streams/checkpoint.h"
#include "streams/embedded_log.h"
#include "tests/streams/log_contract.h"

namespace catwalk::streams {

inline constexpr std::chrono::milliseconds kPatience(30'000);
inline constexpr int64_t kHourMs = 3'600'000;
inline constexpr auto kDelete = schemas::Cleanup::kDelete;
inline constexpr auto kCompact = schemas::Cleanup::kCompact;

class ManualClock final : public Clock {
 public:
  int64_t NowMs() const override { return now_ms_; }
  int64_t SteadyUs() const override { return now_ms_ * 1000; }
  void Advance(int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<int64_t> now_ms_ = 1'700'000'000'000;
};

/// A database whose disk can be full, and that counts its synced writes.
class LimitedDatabase final : public state::Database {
 public:
  Result<uint32_t> OpenStore(std::string_view name) override { return database_->OpenStore(name); }
  const state::KeyValueStore& Store(uint32_t store) const override { return database_->Store(store); }
  Status Write(const state::WriteBatch& batch, bool sync) override {
    if (full) return {Code::kNoSpace, "the disk is full", Recovery::kRetryable};
    if (sync) ++syncs;
    return database_->Write(batch, sync);
  }
  Stats GetStats() const override { return database_->GetStats(); }

  std::atomic<bool> full = false;
  std::atomic<int> syncs = 0;

 private:
  std::unique_ptr<state::Database> database_ = state::MakeMemoryDatabase();
};

/// Without clean-up but when it is called for.
inline EmbeddedLogOptions Quiet() {
  EmbeddedLogOptions options;
  options.cleanup_interval_ms = 0;
  return options;
}

/// An embedded log in memory, with topics of one partition.
class EmbeddedLogTest : public testing::Test {
 protected:
  void SetUp() override { Open(Quiet()); }

  void Open(const EmbeddedLogOptions& options) {
    log_.reset();
    auto log = EmbeddedLog::Open(database_, clock_, options);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = std::move(log).value();
  }

  void MakeTopic(const std::string& name, schemas::Cleanup cleanup, int64_t ms) {
    schemas::TopicSpec spec{};
    spec.cleanup = cleanup;
    spec.retention_ms = cleanup == schemas::Cleanup::kDelete ? ms : -1;
    spec.min_compaction_lag_ms = cleanup == schemas::Cleanup::kCompact ? ms : 0;
    ASSERT_TRUE(log_->CreateTopic(name, spec, 1).ok());
  }

  /// In one chunk.
  Status Append(const std::string& topic, const std::vector<std::pair<std::string, std::string>>& records) {
    auto writer = log_->OpenWriter();
    std::vector<schemas::OutgoingRecord> outgoing;
    for (const auto& [key, value] : records) outgoing.push_back(Outgoing(topic, 0, key, value));
    return (*writer)->Append(std::move(outgoing));
  }

  Status Delete(const std::string& topic, const std::string& key) {
    schemas::OutgoingRecord record = Outgoing(topic, 0, key, "");
    record.tombstone = true;
    return (*log_->OpenWriter())->Append({record});
  }

  /// What is there from `offset` on, as "offset:value".
  std::vector<std::string> Read(const std::string& topic, int64_t offset = 0) {
    auto reader = std::move(log_->OpenReader()).value();
    EXPECT_TRUE(reader->Assign({{{topic, 0}, offset}}).ok());
    std::vector<schemas::Record> records;
    const int64_t end = End(topic);
    for (Status status; status.ok() && reader->Position({topic, 0}) < end;) {
      status = reader->Poll(std::chrono::milliseconds(0), 1 << 20, &records);
      EXPECT_TRUE(status.ok()) << status;
    }
    std::vector<std::string> found;
    for (const schemas::Record& record : records) {
      found.push_back(std::to_string(record.offset) + ":" + (record.tombstone ? "-" : std::string(record.value)));
    }
    return found;
  }

  int64_t Begin(const std::string& topic) { return log_->BeginOffsets({topic})->at({topic, 0}); }
  int64_t End(const std::string& topic) {
    return log_->EndOffsets({topic}, Isolation::kReadCommitted)->at({topic, 0});
  }

  TransportOptions GroupOptions(const std::string& group, const std::string& topic) {
    TransportOptions options;
    options.group = group;
    options.topics = {topic};
    options.checkpoint_store = *database_.OpenStore(kCheckpointStore);
    return options;
  }

  /// Makes `group` commit `offset` of the topic.
  void Commit(const std::string& group, const std::string& topic, int64_t offset) {
    auto transport = log_->OpenTransport(GroupOptions(group, topic));
    ASSERT_TRUE(transport.ok()) << transport.status();
    TaskCommit task;
    auto* source = task.checkpoint.add_sources();
    source->set_topic(topic);
    source->set_offset(offset);
    ASSERT_TRUE((*transport)->Commit({.tasks = {task}, .state = nullptr}).ok());
  }

  LimitedDatabase database_;
  ManualClock clock_;
  std::unique_ptr<EmbeddedLog> log_;
};

}  // namespace catwalk::streams
