#pragma once

#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Finds the best designs for the users of a batch at once (models/retrieval.h): by user vector, or by popularity for a user
/// of whom nothing is known.
class Retrieve final : public Operator<UserWork> {
 public:
  explicit Retrieve(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "retrieve"; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  UserOptions options_;
  std::unique_ptr<models::Retrieval> retrieval_;
  std::vector<UserWork*> wanting_;
  std::vector<models::RetrievalQuery> queries_;
  std::vector<std::vector<models::Scored>> results_;
};

}  // namespace catwalk::operators
