#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace catwalk::streams {

/// One partition of one topic, as far as its reader has come.
struct KafkaSource {
  bool assigned = false;   // the broker says it is ours
  bool started = false;    // its records are wanted
  bool seek_due = false;   // the client has not yet taken over `position`
  bool held = false;       // the client fetches nothing of it
  bool paused = false;     // by the task
  bool end_known = false;
  int64_t position = 0;    // the next offset to deliver
  int64_t known_end = 0;   // at least the end when it was started; grows with what is seen
};

/// The sources of one reader, by topic and partition number: the topics are few and fixed, the numbers dense. One
/// thread.
class KafkaSources {
 public:
  explicit KafkaSources(std::vector<std::string> topics)
      : topics_(std::make_shared<const std::vector<std::string>>(std::move(topics))), sources_(topics_->size()) {}

  const std::vector<std::string>& topics() const { return *topics_; }
  /// Keeps the names alive for the records that point to them (hence shared_ptr).
  const std::shared_ptr<const std::vector<std::string>>& shared_topics() const { return topics_; }

  /// The number of a topic; topics().size() if it is none of these.
  size_t TopicIndex(std::string_view topic) const;
  /// Null if there is none yet. Valid until the next Make.
  KafkaSource* Find(size_t topic, int32_t partition);
  const KafkaSource* Find(size_t topic, int32_t partition) const;
  KafkaSource& Make(size_t topic, int32_t partition);

 private:
  std::shared_ptr<const std::vector<std::string>> topics_;
  std::vector<std::vector<KafkaSource>> sources_;
};

}  // namespace catwalk::streams
