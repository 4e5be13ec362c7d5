#include "serve/group_sync.h"

#include <exception>
#include <string>
#include <utility>

namespace catwalk::serve {
namespace {

/// A sync is waited for in slices, so that a stop need not wait for all of it.
constexpr std::chrono::milliseconds kSlice{100};

Status ShuttingDown() {
  return {Code::kUnavailable, "shutting down before the events were durable; send them again with the same event_ids",
          Recovery::kRetryable};
}

/// Runs `call`, which goes into code that is not ours: an exception must not cross the thread.
template <class Call>
Status Guarded(const Call& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    return {Code::kInternal, std::string("cannot write events: ") + error.what()};
  }
}

}  // namespace

GroupSync::GroupSync(EventSink& sink, const GroupSyncOptions& options)
    : sink_(sink), options_(options), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

GroupSync::~GroupSync() = default;  // the thread, declared last, ends first

void GroupSync::Submit(std::vector<schemas::OutgoingRecord> records, Done done) {
  uint64_t bytes = 0;
  for (const auto& record : records) bytes += record.key.size() + record.value.size();
  {
    const std::lock_guard lock(mutex_);
    if (pending_bytes_ == 0 || pending_bytes_ + bytes <= options_.max_pending_bytes) {
      pending_bytes_ += bytes;
      waiting_.push_back({std::move(records), bytes, std::move(done)});
      changed_.notify_one();
      return;
    }
  }
  done({Code::kBackpressure, "too many events are in flight; none was taken, send them again in a second",
        Recovery::kRetryable});
}

void GroupSync::Run(const std::stop_token& stop) {
  while (true) {
    std::vector<Submission> group;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
      group.swap(waiting_);
    }
    if (group.empty()) return;
    Process(std::move(group), stop);
  }
}

void GroupSync::Process(std::vector<Submission> group, const std::stop_token& stop) {
  std::vector<Submission> appended;
  for (auto& submission : group) {
    const Status status = stop.stop_requested()
                              ? ShuttingDown()
                              : Guarded([&] { return sink_.Append(std::move(submission.records)); });
    if (status.ok()) {
      appended.push_back(std::move(submission));
    } else {
      Finish(submission, status);
    }
  }
  if (appended.empty()) return;
  const Status synced = Guarded([&] { return Sync(stop); });
  for (const auto& submission : appended) Finish(submission, synced);
}

Status GroupSync::Sync(const std::stop_token& stop) {
  for (auto left = options_.sync_timeout; left.count() > 0; left -= kSlice) {
    const Status status = sink_.Sync(std::min(left, kSlice));
    if (status.code() != Code::kTimeout) return status;
    if (stop.stop_requested()) return ShuttingDown();
  }
  return {Code::kTimeout, "the events are not known to be durable yet; send them again with the same event_ids",
          Recovery::kRetryable};
}

void GroupSync::Finish(const Submission& submission, const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    pending_bytes_ -= submission.bytes;
  }
  submission.done(status);
}

}  // namespace catwalk::serve
