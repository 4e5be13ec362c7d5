#include "streams/embedded_cache.h"

#include <algorithm>
#include <iterator>

namespace catwalk::streams {

void EmbeddedCache::Add(uint32_t topic_id, EmbeddedChunk::Ptr chunk) {
  if (max_bytes_ == 0) return;
  const Place place(topic_id, chunk->partition());
  const std::lock_guard lock(mutex_);
  order_.emplace_back(place, chunk->base_offset());
  bytes_ += chunk->bytes();
  chunks_[place].push_back(std::move(chunk));
  Evict();
}

bool EmbeddedCache::Find(uint32_t topic_id, int32_t partition, int64_t offset, size_t max_bytes,
                         std::deque<EmbeddedChunk::Ptr>* out) const {
  const std::lock_guard lock(mutex_);
  const auto found = chunks_.find({topic_id, partition});
  if (found == chunks_.end()) return false;
  const Chunks& chunks = found->second;
  const auto begins_behind = [](int64_t wanted, const EmbeddedChunk::Ptr& chunk) {
    return wanted < chunk->base_offset();
  };
  auto at = std::upper_bound(chunks.begin(), chunks.end(), offset, begins_behind);
  if (at == chunks.begin()) return false;
  at = std::prev(at);
  if ((*at)->end_offset() <= offset) return false;
  for (size_t bytes = 0; at != chunks.end() && bytes < max_bytes; ++at) {
    bytes += (*at)->bytes();
    out->push_back(*at);
  }
  return true;
}

void EmbeddedCache::Forget(uint32_t topic_id, int32_t partition, int64_t offset) {
  const std::lock_guard lock(mutex_);
  const auto found = chunks_.find({topic_id, partition});
  if (found == chunks_.end()) return;
  while (!found->second.empty() && found->second.front()->base_offset() < offset) DropFront(found->second);
  std::erase_if(order_, [&](const auto& entry) { return entry.first == found->first && entry.second < offset; });
}

void EmbeddedCache::Evict() {
  const auto most_bytes = static_cast<size_t>(database_.cache_share() * static_cast<double>(max_bytes_));
  while (bytes_ > most_bytes) {
    const auto [place, base_offset] = order_.front();
    order_.pop_front();
    Chunks& chunks = chunks_[place];
    if (!chunks.empty() && chunks.front()->base_offset() == base_offset) DropFront(chunks);
  }
}

void EmbeddedCache::DropFront(Chunks& chunks) {
  bytes_ -= chunks.front()->bytes();
  chunks.pop_front();
}

}  // namespace catwalk::streams
