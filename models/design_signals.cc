#include "models/design_signals.h"

#include <new>
#include <vector>

namespace catwalk::models {

GroupWeights::GroupWeights(std::span<const Entry> entries) {
  using Block = GroupLookup::Block;
  std::vector<Block> blocks;
  for (const Entry& entry : entries) {
    const GroupNumber number = entry.group / GroupLookup::kGroups;
    if (blocks.empty() || blocks.back().number != number) blocks.emplace_back().number = number;
    blocks.back().present[entry.group % GroupLookup::kGroups / 64] |= uint64_t{1} << (entry.group % 64);
  }
  if (blocks.empty()) return;
  uint32_t first = 0;
  for (Block& block : blocks)
    for (size_t word = 0; word < block.present.size(); first += static_cast<uint32_t>(std::popcount(block.present[word++]))) block.first[word] = first;
  const size_t block_bytes = blocks.size() * sizeof(Block);
  memory_ = std::make_shared<std::byte[]>(block_bytes + entries.size() * sizeof(float));
  auto* const held = new (memory_.get()) Block[blocks.size()];
  std::copy(blocks.begin(), blocks.end(), held);
  auto* const weights = new (memory_.get() + block_bytes) float[entries.size()];
  for (size_t i = 0; i < entries.size(); ++i) weights[i] = entries[i].weight;
  lookup_.blocks_ = {held, blocks.size()};
  lookup_.weights_ = weights;
}

}  // namespace catwalk::models
