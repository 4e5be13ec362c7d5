#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/design_table.h"
#include "schemas/outputs.pb.h"
#include "schemas/topics.h"

namespace catwalk::streams {

/// Takes down which records a task took since its last commit, in which order, and with which versions of the global
/// tables: enough to compute again what it did. One thread.
class LineageRecorder {
 public:
  /// `sources`: the topics the task reads.
  LineageRecorder(const schemas::TopicNames& names, std::string sub_topology, int32_t partition,
                  std::vector<std::string> sources);

  /// What is taken from here on sees `tables`.
  void See(const models::DesignTable& tables);
  /// The next record taken is the one of `source` in offsets [from, to): the last of them, the others hold none.
  void Take(size_t source, int64_t from, int64_t to);

  bool empty() const { return lineage_.batches_size() == 0; }
  const schemas::Lineage& lineage() const { return lineage_; }
  void Clear();

 private:
  void BeginBatch();
  void Name(size_t source, int64_t from);

  const schemas::TopicNames& names_;
  const std::string sub_topology_;
  const int32_t partition_;
  const std::vector<std::string> sources_;
  schemas::Lineage lineage_;
  std::vector<int> index_;                     // in lineage_.sources, by source; -1: not yet taken from
  schemas::Lineage::Batch* batch_ = nullptr;   // the last of lineage_; null: the next record begins one
  int64_t factors_offset_ = 0, model_offset_ = 0, designs_offset_ = 0;  // seen now
};

}  // namespace catwalk::streams
