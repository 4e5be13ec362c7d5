#pragma once

#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// In place of ranking: the list is the latest designs of the history, latest first, with their weights as scores. Outputs
/// of the usual size without a model, so that a benchmark can tell what the rest costs.
class EchoHistory final : public Operator<UserWork> {
 public:
  explicit EchoHistory(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "echo"; }
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  UserOptions options_;
};

}  // namespace catwalk::operators
