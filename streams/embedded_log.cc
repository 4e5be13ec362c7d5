#include "streams/embedded_log.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <utility>

#include "base/logging.h"
#include "streams/checkpoint.h"
#include "streams/embedded_cleaner.h"
#include "streams/embedded_journal.h"
#include "streams/embedded_reader.h"
#include "streams/embedded_transport.h"
#include "streams/embedded_writer.h"

namespace catwalk::streams {
namespace {

Result<Offsets> OffsetsOf(const EmbeddedTopics& known, const std::vector<std::string>& topics,
                          const std::function<int64_t(const EmbeddedPartition&)>& offset_of) {
  Offsets offsets;
  for (const std::string& name : topics) {
    ASSIGN_OR_RETURN(EmbeddedTopic* const topic, known.Find(name));
    for (int32_t partition = 0; partition < topic->count(); ++partition) {
      offsets[{name, partition}] = offset_of(topic->at(partition));
    }
  }
  return offsets;
}

}  // namespace

Result<std::unique_ptr<EmbeddedLog>> EmbeddedLog::Open(state::Database& database, const Clock& clock,
                                                       const EmbeddedLogOptions& options) {
  ASSIGN_OR_RETURN(auto journal, EmbeddedJournal::Open(database, clock, options.cache_bytes));
  return std::unique_ptr<EmbeddedLog>(new EmbeddedLog(options, std::move(journal)));
}

EmbeddedLog::EmbeddedLog(const EmbeddedLogOptions& options, std::unique_ptr<EmbeddedJournal> journal)
    : options_(options),
      journal_(std::move(journal)),
      cleaner_(std::make_unique<EmbeddedCleaner>(*journal_, options.max_partition_bytes)) {
  if (options_.read_only || options_.cleanup_interval_ms <= 0) return;
  cleanup_ = std::jthread([this](const std::stop_token& stop) { CleanUpAtIntervals(stop); });
}

EmbeddedLog::~EmbeddedLog() = default;

void EmbeddedLog::CleanUpAtIntervals(const std::stop_token& stop) {
  const std::chrono::milliseconds interval(options_.cleanup_interval_ms);
  std::mutex mutex;
  std::condition_variable_any never;  // woken by the stop alone
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    never.wait_for(lock, stop, interval, [] { return false; });
    if (stop.stop_requested()) return;
    const Status status = CleanUp();
    if (!status.ok()) catwalk::Log("streams")->warn("clean-up of the embedded log: {}", status.message());
  }
}

Status EmbeddedLog::CleanUp() {
  RETURN_IF_ERROR(RefuseIfReadOnly());
  const std::lock_guard lock(cleanup_mutex_);
  return cleaner_->Run();
}

Status EmbeddedLog::RefuseIfReadOnly() const {
  if (!options_.read_only) return Status::Ok();
  return {Code::kInvalidArgument, Describe() + " is open for reading only; open it for writing to change it"};
}

std::string EmbeddedLog::Describe() const { return "embedded log in " + options_.location; }

Result<std::unique_ptr<Transport>> EmbeddedLog::OpenTransport(const TransportOptions& options) {
  RETURN_IF_ERROR(RefuseIfReadOnly());
  ASSIGN_OR_RETURN(auto transport, EmbeddedTransport::Open(*journal_, options));
  return std::unique_ptr<Transport>(std::move(transport));
}

Result<std::unique_ptr<LogReader>> EmbeddedLog::OpenReader() {
  return std::unique_ptr<LogReader>(std::make_unique<EmbeddedReader>(*journal_));
}

Result<std::unique_ptr<LogWriter>> EmbeddedLog::OpenWriter() {
  RETURN_IF_ERROR(RefuseIfReadOnly());
  return std::unique_ptr<LogWriter>(std::make_unique<EmbeddedWriter>(*journal_, options_.max_backlog_bytes));
}

Result<std::map<std::string, TopicState>> EmbeddedLog::ListTopics() {
  std::map<std::string, TopicState> topics;
  for (const EmbeddedTopic* topic : journal_->topics().All()) topics[*topic->name] = {topic->count()};
  return topics;
}

Status EmbeddedLog::CreateTopic(const std::string& name, const schemas::TopicSpec& spec, int32_t partitions) {
  RETURN_IF_ERROR(RefuseIfReadOnly());
  return journal_->topics().Create(name, spec, partitions);
}

Result<Offsets> EmbeddedLog::EndOffsets(const std::vector<std::string>& topics, Isolation /*isolation*/) {
  return OffsetsOf(journal_->topics(), topics, [](const EmbeddedPartition& at) { return at.end.load(); });
}

Result<Offsets> EmbeddedLog::BeginOffsets(const std::vector<std::string>& topics) {
  return OffsetsOf(journal_->topics(), topics, [](const EmbeddedPartition& at) { return at.begin.load(); });
}

Result<Offsets> EmbeddedLog::CommittedOffsets(const std::string& group, const std::vector<std::string>& topics) {
  ASSIGN_OR_RETURN(const auto checkpoints,
                   ReadCheckpoints(journal_->database().Store(journal_->checkpoint_store()), group));
  Offsets offsets;
  for (const auto& [partition, checkpoint] : checkpoints) {
    for (const auto& source : checkpoint.sources()) {
      const bool asked = std::find(topics.begin(), topics.end(), source.topic()) != topics.end();
      if (asked) offsets[{source.topic(), partition}] = source.offset();
    }
  }
  return offsets;
}

Result<std::unique_ptr<Log>> OpenEmbeddedLog(state::Database& database, const Clock& clock,
                                             const EmbeddedLogOptions& options) {
  ASSIGN_OR_RETURN(auto log, EmbeddedLog::Open(database, clock, options));
  return std::unique_ptr<Log>(std::move(log));
}

}  // namespace catwalk::streams
