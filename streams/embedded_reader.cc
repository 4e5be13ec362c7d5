#include "streams/embedded_reader.h"

namespace catwalk::streams {

Status EmbeddedReader::Assign(const Offsets& from) {
  fetcher_.Clear();
  for (const auto& [partition, offset] : from) {
    ASSIGN_OR_RETURN(EmbeddedTopic* const topic, journal_.topics().Find(partition.topic));
    if (partition.partition < 0 || partition.partition >= topic->count()) {
      fetcher_.Clear();
      return {Code::kInvalidArgument, "topic \"" + partition.topic + "\" has " + std::to_string(topic->count()) +
                                          " partitions, no number " + std::to_string(partition.partition)};
    }
    fetcher_.Start(*topic, partition.partition, offset);
  }
  return Status::Ok();
}

Status EmbeddedReader::Poll(std::chrono::milliseconds max_wait, size_t max_bytes, std::vector<schemas::Record>* out) {
  return fetcher_.Poll(max_wait, max_bytes, out);
}

int64_t EmbeddedReader::Position(const schemas::TopicPartition& partition) const {
  return fetcher_.Position(partition);
}

}  // namespace catwalk::streams
