#include "streams/embedded_writer.h"

#include <string>

#include "state/write_batch.h"
#include "streams/embedded_batch.h"

namespace catwalk::streams {

Status EmbeddedWriter::Append(std::vector<schemas::OutgoingRecord> records) {
  EmbeddedBatch batch(journal_.topics(), journal_.clock());
  for (const schemas::OutgoingRecord& record : records) RETURN_IF_ERROR(batch.Add(record));
  RETURN_IF_ERROR(CheckBacklog(batch));
  state::WriteBatch rows;
  return journal_.Write(batch, rows);
}

Status EmbeddedWriter::Sync(std::chrono::milliseconds timeout) { return journal_.Sync(timeout); }

Status EmbeddedWriter::CheckBacklog(const EmbeddedBatch& batch) const {
  const EmbeddedTopic* checked = nullptr;  // partitions of a topic mostly come in a row
  for (const EmbeddedBatch::Partition* partition : batch.touched()) {
    if (partition->topic == checked) continue;
    checked = partition->topic;
    const uint64_t backlog = journal_.BacklogOf(*partition->topic);
    if (backlog <= max_backlog_bytes_) continue;
    return {Code::kBackpressure,
            "topic \"" + *checked->name + "\" has " + std::to_string(backlog >> 20) +
                " MiB waiting to be processed; let `catwalk run` catch up, then send again",
            Recovery::kRetryable};
  }
  return Status::Ok();
}

}  // namespace catwalk::streams
