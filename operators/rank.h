#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "models/ranking.h"
#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Ranks the designs for the users of a batch by the blend (models/ranking.h), from what is known of them after the event.
class Rank final : public Operator<UserWork> {
 public:
  Rank(const UserOptions& options, std::shared_ptr<models::DesignFeatures> designs) : options_(options), designs_(std::move(designs)) {}
  std::string_view Name() const override { return "rank"; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  UserOptions options_;
  std::shared_ptr<models::DesignFeatures> designs_;   // looked at by all who rank in a task
  std::unique_ptr<models::Ranking> ranking_;
  std::vector<UserWork*> wanting_;
  std::vector<models::RankingQuery> queries_;
  std::vector<models::RankedList> results_;
};

}  // namespace catwalk::operators
