#include "apps/topic_range.h"

#include <algorithm>
#include <utility>

namespace catwalk::apps {
namespace {

constexpr size_t kPollBytes = 1 << 20;

Status CheckExists(streams::Log& log, const std::string& topic) {
  ASSIGN_OR_RETURN(const auto topics, log.ListTopics());
  if (topics.contains(topic)) return Status::Ok();
  return {Code::kNotFound, "no topic \"" + topic + "\" in " + log.Describe() +
                               "; see the names with catwalk topics, make what is missing with catwalk topics --create"};
}

}  // namespace

Result<std::unique_ptr<TopicRange>> TopicRange::Open(streams::Log& log, const std::string& topic, From from) {
  RETURN_IF_ERROR(CheckExists(log, topic));
  auto positions = from == From::kBeginning ? log.BeginOffsets({topic})
                                            : log.EndOffsets({topic}, streams::Isolation::kReadCommitted);
  if (!positions.ok()) return positions.status();
  return Resume(log, topic, *positions);
}

Result<std::unique_ptr<TopicRange>> TopicRange::Resume(streams::Log& log, const std::string& topic,
                                                       const streams::Offsets& positions) {
  auto range = std::make_unique<TopicRange>();
  range->begin_ = positions;
  ASSIGN_OR_RETURN(range->ends_, log.EndOffsets({topic}, streams::Isolation::kReadCommitted));
  ASSIGN_OR_RETURN(range->reader_, log.OpenReader());
  RETURN_IF_ERROR(range->reader_->Assign(positions));
  return range;
}

Status TopicRange::Poll(std::chrono::milliseconds max_wait, std::vector<schemas::Record>* records) {
  records->clear();
  return reader_->Poll(max_wait, kPollBytes, records);
}

bool TopicRange::AtEnd() const {
  return std::ranges::all_of(ends_, [&](const auto& end) { return reader_->Position(end.first) >= end.second; });
}

streams::Offsets TopicRange::Positions() const {
  streams::Offsets positions;
  for (const auto& [partition, begin] : begin_) positions[partition] = reader_->Position(partition);
  return positions;
}

uint64_t TopicRange::total() const {
  int64_t sum = 0;
  for (const auto& [partition, begin] : begin_)
    if (const auto end = ends_.find(partition); end != ends_.end()) sum += std::max<int64_t>(0, end->second - begin);
  return static_cast<uint64_t>(sum);
}

uint64_t TopicRange::done() const {
  int64_t sum = 0;
  for (const auto& [partition, begin] : begin_) sum += std::max<int64_t>(0, reader_->Position(partition) - begin);
  return static_cast<uint64_t>(sum);
}

}  // namespace catwalk::apps
