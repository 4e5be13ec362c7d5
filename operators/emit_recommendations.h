#pragma once

#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"
#include "schemas/internal.pb.h"
#include "schemas/outputs.pb.h"

namespace catwalk::operators {

/// Fills in the entries of a list, and the versions of the tables it was made with.
void FillList(const models::DesignTable& table, std::span<const models::Scored> list,
              std::span<const std::vector<std::string>> reasons, std::span<const GivenSize> sizes,
              schemas::Recommendation* recommendation);
/// Adds to each of its entries what every feature contributed to the score, but for what contributed nothing.
void FillContributions(std::span<const models::FeatureVector> contributions, schemas::Recommendation* recommendation);

/// Last step: the list to `recommendations` (key: user); the interaction or what was said of a fit, without its user, to
/// `design-updates` (key: design), and the latter to `model-updates` too.
class EmitRecommendations final : public Operator<UserWork> {
 public:
  explicit EmitRecommendations(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "emit"; }
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  Status EmitList(const UserWork& work, OperatorContext& context);
  Status EncodeList(const UserWork& work, const OperatorContext& context, std::string* out);
  Status EmitUpdate(const UserWork& work, OperatorContext& context);
  Status EmitLesson(const models::FitLesson& lesson, OperatorContext& context);

  UserOptions options_;
  schemas::Recommendation recommendation_;  // reused: keeps its memory
  schemas::DesignUpdate update_;
  schemas::ModelUpdate lesson_;
};

}  // namespace catwalk::operators
