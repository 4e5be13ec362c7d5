#pragma once

#include <vector>

#include "models/ranking.h"
#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Ranks the designs for the users of a batch by the blend (models/ranking.h), from what is known of them after the event.
class Rank final : public Operator<UserWork> {
 public:
  explicit Rank(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "rank"; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  UserOptions options_;
  std::unique_ptr<models::Ranking> ranking_;
  std::vector<UserWork*> wanting_;
  std::vector<models::RankingQuery> queries_;
  std::vector<models::RankedList> results_;
};

}  // namespace catwalk::operators
