#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "models/ranking.h"
#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"
#include "schemas/internal.pb.h"

namespace catwalk::operators {

/// What the blend is to learn from: for events that teach, ranks the designs for the user as of before the event, and if the design
/// chosen is among the first kCompared, sends its features and those of some others of these to model-updates.
///
///   u1, who has rented d1 and d2, rents d3, which the blend had ranked 17th of 100
///   -> on model-updates, partition 0: the features of d3, those of 16 (an option) of the other 99, drawn by the event's id
///
/// Learning from what competes for a place in a list, and from choices among it alone, is what makes the list good: over all designs
/// the softmax mostly learns to tell the wanted from the never wanted (docs/quality.md has the figures). A design that nobody has touched
/// teaches only beside another such: where the catalogue learns of a design with its first event, that it is there gives the choice away.
class Compare final : public Operator<UserWork> {
 public:
  static constexpr int kCompared = 100;

  Compare(const UserOptions& options, std::shared_ptr<models::DesignFeatures> designs) : options_(options), designs_(std::move(designs)) {}
  std::string_view Name() const override { return "compare"; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  void AddQuery(const UserWork& work, int row);
  Status EmitComparison(const UserWork& work, int row, const models::RankedList& ranked, OperatorContext& context);

  UserOptions options_;
  std::shared_ptr<models::DesignFeatures> designs_;   // looked at by all who rank in a task
  std::unique_ptr<models::Ranking> ranking_;
  std::vector<const UserWork*> choices_;
  std::vector<models::RankingQuery> queries_;
  std::vector<models::RankedList> results_;
  schemas::ModelUpdate update_;                 // reused: keeps its memory
};

}  // namespace catwalk::operators
