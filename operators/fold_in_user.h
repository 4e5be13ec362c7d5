#pragma once

#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Computes the user vector after the event, and for designs and the blend before it, in closed form (models/fold_in.h), from the history and
/// the global tables at hand. Keeps nothing.
class FoldInUser final : public Operator<UserWork> {
 public:
  explicit FoldInUser(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "fold-in"; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  UserOptions options_;
  std::unique_ptr<models::FoldIn> fold_in_;
};

}  // namespace catwalk::operators
