#pragma once

#include <cstdint>

#include "models/interaction.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"

namespace catwalk::operators {

/// One record on its way through the design sub-topology. Items are reused from batch to batch.
struct DesignWork {
  const schemas::Record* record = nullptr;
  bool done = false;

  // Decoded.
  schemas::DesignUpdate update;
  models::DesignKey key = 0;  // of update.design_id()

  void Reset(const schemas::Record& from) {
    record = &from;
    done = false;
    key = 0;
  }

  /// It tells of no interaction.
  bool IsOnlyOfFit() const { return update.has_fit() && update.weight() == 0; }

  /// Every operator takes its items one after the other, so a design may come twice in a batch.
  uint64_t ConflictKey() const { return 0; }
};

}  // namespace catwalk::operators
