#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/design_table.h"
#include "models/ranking.h"
#include "models/retrieval.h"
#include "operators/explain.h"
#include "operators/user_options.h"
#include "operators/user_state.h"
#include "state/key_value_store.h"

namespace catwalk::operators {

/// The committed state of a user, from the users store; an empty one for a user never seen.
Result<UserState> ReadUser(const state::KeyValueStore& users, int32_t partition, std::string_view user_id);

/// What a user would be shown now, from a state and the tables at hand; changes nothing. Makes lists as the pipeline does, bit for bit.
/// Scratch is inside: one thread.
class UserQuery {
 public:
  UserQuery(const UserOptions& options, int k)
      : options_(options), fold_in_(options.fold_in, k), retrieval_(k), ranking_(k, options.ranking), reasoning_(options, k) {}

  struct Question {
    const models::DesignTable& tables;
    const UserState& user;      // an empty one for a user never seen
    int64_t at_ms = 0;
    int count = 10;
    /// Leaves out every design of the history, not only what was bought.
    bool exclude_seen = false;
  };

  /// The best designs, best first.
  struct Answer {
    std::vector<models::Scored> list;
    std::vector<models::FeatureVector> features;  // of each, if the blend ranked them
    bool known = false;                           // whether the user has a vector
    models::Cohort cohort;                        // of the user
  };
  Answer Ask(const Question& question);

  /// Why each entry of the last answer is there.
  std::vector<std::vector<std::string>> Reasons(const Question& question, const Answer& answer);

  /// What each feature contributed to the scores of the last answer (weight times value); none if the blend did not make the list.
  static std::vector<models::FeatureVector> Contributions(const Question& question, const Answer& answer);

  /// What rows score for the user of the last question, to compare them; -infinity for a design that only fills a list up.
  std::vector<float> Scores(const Question& question, std::span<const int32_t> rows);

 private:
  void Prepare(const Question& question);
  models::RankingQuery RankingQueryOf(const Question& question);
  float PlainScore(const Question& question, int row) const;

  UserOptions options_;
  models::FoldIn fold_in_;
  models::Retrieval retrieval_;
  models::Ranking ranking_;
  Reasoning reasoning_;
  // Of the last question.
  std::vector<float> vector_;
  bool known_ = false;
  models::Uncertainty uncertainty_;             // of a user who is known
  std::vector<int32_t> excluded_;
};

}  // namespace catwalk::operators
