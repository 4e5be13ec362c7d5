#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/design_table.h"
#include "models/retrieval.h"
#include "operators/user_options.h"
#include "operators/user_state.h"
#include "state/key_value_store.h"

namespace catwalk::operators {

/// The committed state of a user, from the users store; an empty one for a user never seen.
Result<UserState> ReadUser(const state::KeyValueStore& users, int32_t partition, std::string_view user_id);

/// What a user would be shown now, from a state and the tables at hand; changes nothing. Ranks as the pipeline does. Scratch is
/// inside: one thread.
class UserQuery {
 public:
  UserQuery(const UserOptions& options, int k) : options_(options), fold_in_(options.fold_in, k), retrieval_(k) {}

  struct Question {
    const models::DesignTable& tables;
    const UserState& user;      // an empty one for a user never seen
    int64_t at_ms = 0;
    int count = 10;
    /// Leaves out every design of the history, not only what was bought.
    bool exclude_seen = false;
  };

  /// The best designs, best first. `known` tells whether the user's vector is (else the list goes by popularity).
  struct Answer {
    std::vector<models::Scored> list;
    bool known = false;
  };
  Answer Ask(const Question& question);

  /// Why each entry of the last answer is there.
  std::vector<std::vector<std::string>> Reasons(const Question& question, const Answer& answer);

  /// What `row` scores for the user of the last question, to compare with other rows; -infinity for a design that only fills a
  /// list up.
  float Score(const Question& question, int row) const;

 private:
  UserOptions options_;
  models::FoldIn fold_in_;
  models::Retrieval retrieval_;
  std::vector<float> vector_;
  bool known_ = false;
};

}  // namespace catwalk::operators
