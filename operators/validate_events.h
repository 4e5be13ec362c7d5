#pragma once

#include "operators/operator.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Applies the rules of the public contract (schemas/rules.h), and one that only a task can check: a user's records must be
/// in the partition the user's id hashes to, or the user would live twice ("wrong_partition"). What breaks a rule goes to
/// dead-letters.
class ValidateEvents final : public Operator<UserWork> {
 public:
  std::string_view Name() const override { return "validate"; }
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;
};

}  // namespace catwalk::operators
