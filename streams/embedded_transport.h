#pragma once

#include <memory>
#include <string>
#include <vector>

#include "state/write_batch.h"
#include "streams/embedded_batch.h"
#include "streams/embedded_fetcher.h"
#include "streams/embedded_journal.h"
#include "streams/transport.h"

namespace catwalk::streams {

/// A worker's way in and out of an embedded log. Partition p belongs to worker p modulo workers, from the first Poll to
/// Stop. A commit is one write of outputs, checkpoint rows and state; what the group has committed is those rows.
/// See Transport.
class EmbeddedTransport final : public Transport {
 public:
  /// kNotFound if a topic does not exist, kTopicMismatch if their partitions differ in number, kInvalidArgument.
  static Result<std::unique_ptr<EmbeddedTransport>> Open(EmbeddedJournal& journal, const TransportOptions& options);

  Status Start(TransportListener& listener) override;
  Status Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* out) override;
  Status StartPartition(int32_t partition, const schemas::Checkpoint& from) override;
  Status Pause(const schemas::TopicPartition& source) override;
  Status Resume(const schemas::TopicPartition& source) override;
  /// The end is as of now, whatever has been read.
  SourceProgress Progress(const schemas::TopicPartition& source) const override;
  Status Produce(schemas::OutgoingRecord record) override;
  /// kNoSpace is abortable: nothing has been written.
  Status Commit(const CommitRequest& request) override;
  Status Abort() override;
  Status Stop(bool keep_membership) override;

 private:
  EmbeddedTransport(EmbeddedJournal& journal, const TransportOptions& options);
  Status CheckOptions();
  Status SetPaused(const schemas::TopicPartition& source, bool paused);
  bool Owns(int32_t partition) const;

  EmbeddedJournal& journal_;
  const TransportOptions options_;
  std::vector<EmbeddedTopic*> topics_;
  std::vector<int32_t> partitions_;        // this worker's share
  TransportListener* listener_ = nullptr;  // from Start to Stop
  bool assigned_ = false;
  EmbeddedFetcher fetcher_;
  EmbeddedBatch outputs_;
  state::WriteBatch rows_;                 // of one commit; kept for its buffer
};

}  // namespace catwalk::streams
