#include "streams/kafka_sources.h"

#include <algorithm>
#include <utility>

namespace catwalk::streams {

size_t KafkaSources::TopicIndex(std::string_view topic) const {
  return static_cast<size_t>(std::find(topics_->begin(), topics_->end(), topic) - topics_->begin());
}

const KafkaSource* KafkaSources::Find(size_t topic, int32_t partition) const {
  if (topic >= sources_.size() || partition < 0) return nullptr;
  const auto& sources = sources_[topic];
  return static_cast<size_t>(partition) < sources.size() ? &sources[static_cast<size_t>(partition)] : nullptr;
}

KafkaSource* KafkaSources::Find(size_t topic, int32_t partition) {
  return const_cast<KafkaSource*>(std::as_const(*this).Find(topic, partition));
}

KafkaSource& KafkaSources::Make(size_t topic, int32_t partition) {
  auto& sources = sources_[topic];
  const auto index = static_cast<size_t>(partition);
  if (index >= sources.size()) sources.resize(index + 1);
  return sources[index];
}

}  // namespace catwalk::streams
