#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "serve/interfaces.h"

namespace catwalk::serve {

/// A clock that tests move.
class ManualClock final : public Clock {
 public:
  int64_t NowMs() const override { return now_ms; }
  int64_t SteadyUs() const override { return now_ms * 1000; }
  int64_t now_ms = 1'700'000'000'000;
};

/// Keeps events in memory; Sync can be held back or made to fail.
class MemorySink final : public EventSink {
 public:
  Status Append(std::vector<schemas::OutgoingRecord> records) override {
    const std::lock_guard lock(mutex_);
    if (!append_status_.ok()) return append_status_;
    for (auto& record : records) records_.push_back(std::move(record));
    ++appends_;
    changed_.notify_all();
    return Status::Ok();
  }
  Status Sync(std::chrono::milliseconds timeout) override {
    std::unique_lock lock(mutex_);
    ++syncs_;
    changed_.notify_all();
    if (!changed_.wait_for(lock, timeout, [this] { return !held_; })) return {Code::kTimeout, "not yet"};
    durable_ = records_.size();
    return sync_status_;
  }

  void FailAppends(Status status) { Set([&] { append_status_ = std::move(status); }); }
  void FailSyncs(Status status) { Set([&] { sync_status_ = std::move(status); }); }
  void HoldSyncs(bool held) { Set([&] { held_ = held; }); }
  void AwaitAppends(int count) { Await([&] { return appends_ >= count; }); }
  void AwaitSyncs(int count) { Await([&] { return syncs_ >= count; }); }
  int appends() const { return Get(appends_); }
  int syncs() const { return Get(syncs_); }
  size_t durable() const { return Get(durable_); }
  std::vector<schemas::OutgoingRecord> records() const { return Get(records_); }

 private:
  template <class T>
  T Get(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }
  void Set(const std::function<void()>& set) {
    const std::lock_guard lock(mutex_);
    set();
    changed_.notify_all();
  }
  void Await(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, condition);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<schemas::OutgoingRecord> records_;
  Status append_status_, sync_status_;
  bool held_ = false;
  int appends_ = 0, syncs_ = 0;
  size_t durable_ = 0;
};

/// Answers from maps. Recommend can be held back.
class MapQueries final : public Queries {
 public:
  Result<schemas::Recommendation> Recommend(std::string_view user_id, int count, bool contributions) override {
    std::unique_lock lock(mutex_);
    ++running_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    if (!status.ok()) return status;
    schemas::Recommendation recommendation;
    recommendation.set_user_id(std::string(user_id));
    recommendation.set_event_id("e1");
    recommendation.set_generated_at_ms(5);
    for (int i = 0; i < count; ++i) recommendation.add_items()->set_design_id("d" + std::to_string(i));
    if (contributions && count > 0) recommendation.mutable_items(0)->add_contributions()->set_feature("quiet");
    return recommendation;
  }
  Result<DesignView> Design(std::string_view design_id) override {
    const auto found = designs.find(design_id);
    if (found == designs.end()) return Status(Code::kNotFound, "no such design");
    return found->second;
  }
  std::optional<std::string> OwnerOf(std::string_view user_id) override {
    const auto found = owners.find(user_id);
    return found == owners.end() ? std::nullopt : std::optional(found->second);
  }

  void Hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  void AwaitRunning(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ >= count; });
  }

  std::map<std::string, DesignView, std::less<>> designs;
  std::map<std::string, std::string, std::less<>> owners;
  Status status;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int running_ = 0;
};

class SetHealth final : public Health {
 public:
  Readiness Ready() override { return readiness; }
  Readiness readiness{true, ""};
};

}  // namespace catwalk::serve
